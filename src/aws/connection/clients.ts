import { PinpointClient } from '@aws-sdk/client-pinpoint';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GetCallerIdentityCommand,
  getDefaultRoleAssumer,
  getDefaultRoleAssumerWithWebIdentity,
  STSClient,
} from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AudienceError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { withLastLook } from './lastLook.ts';
import type { RequestWay } from './proxy.ts';
import type { Asked } from './serviceErrors.ts';
import { serviceError } from './serviceErrors.ts';

// The only file that builds clients of the SDK. It is loaded when the first connection is made, not before.
export {
  GetCallerIdentityCommand,
  fromNodeProviderChain,
  getDefaultRoleAssumer,
  getDefaultRoleAssumerWithWebIdentity,
};

/** Milliseconds after which a connection that cannot be made, an answer that does not come, a transfer that stands still are given up. */
export const timeouts = { connection: 10_000, answer: 60_000, transfer: 60_000 };

type Credentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}>;

/** AWS's own where absent. */
export interface Endpoints {
  readonly pinpoint?: string | undefined;
  readonly s3?: string | undefined;
  readonly sts?: string | undefined;
  readonly iam?: string | undefined;
  readonly kms?: string | undefined;
}

export interface ClientSettings {
  readonly region: string;
  readonly endpoints: Endpoints;
  readonly profile: string | undefined;
  /** Makes a source of credentials that remembers nothing of an earlier one. */
  readonly credentials: () => Credentials;
  readonly signIn: string | undefined;
  readonly way: RequestWay;
  readonly log: Log;
  /** Told when the service refuses the credentials, and when it answers again: with `undefined`. */
  readonly onCredentials?: ((trouble: AudienceError | undefined) => void) | undefined;
}

/** What every client is built with. */
export interface OtherSettings {
  readonly region: string;
  readonly credentials: Credentials;
  readonly ignoreConfiguredEndpointUrls: boolean;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** The SDK's clients of one identity in one region, each built when it is first needed. */
export class Clients {
  readonly #settings: ClientSettings;
  readonly #calls;
  readonly #transfers;
  #built = new Map<string, unknown>();
  #credentials: Credentials;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#calls = {
      ...settings.way,
      connectionTimeout: timeouts.connection,
      requestTimeout: timeouts.answer,
      throwOnRequestTimeout: true,
    };
    this.#transfers = {
      ...settings.way,
      connectionTimeout: timeouts.connection,
      socketTimeout: timeouts.transfer,
    };
    this.#credentials = settings.credentials();
  }

  /** Pinpoint, for what may be repeated. */
  get pinpoint(): PinpointClient {
    return this.#client(
      'pinpoint',
      () => new PinpointClient({ ...this.#common('pinpoint'), requestHandler: this.#calls }),
    );
  }

  /**
   * Pinpoint, each request sent once: for what must not be repeated blindly, and for what is repeated by a schedule.
   * Each has a connection of its own, since the other side may just be closing one that was kept, and then nobody knows.
   */
  get pinpointOnce(): PinpointClient {
    const { way } = this.#settings;
    const httpAgent = { ...way.httpAgent, keepAlive: false };
    const httpsAgent = { ...way.httpsAgent, keepAlive: false };
    return this.#client(
      'pinpointOnce',
      () =>
        new PinpointClient({
          ...this.#common('pinpoint'),
          maxAttempts: 1,
          requestHandler: { ...this.#calls, httpAgent, httpsAgent },
        }),
    );
  }

  get s3(): S3Client {
    return this.#client('s3', () => new S3Client({ ...this.#commonS3(), requestHandler: this.#transfers }));
  }

  /** True if nobody on the way to S3 can change what is sent: by TLS, or on this machine. */
  get isPrivate(): boolean {
    const { s3 } = this.#settings.endpoints;
    if (s3 === undefined) return true;
    const { protocol, hostname } = new URL(s3);
    return protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  }

  /** S3 for the pieces of a transfer: many attempts, so that a short outage costs nothing but time. */
  get s3Patient(): S3Client {
    return this.#client(
      's3Patient',
      () =>
        new S3Client({
          ...this.#commonS3(),
          maxAttempts: 8,
          // A new connection for each part would cost more than a refusal after its body.
          expectContinueHeader: false,
          requestHandler: this.#transfers,
        }),
    );
  }

  get sts(): STSClient {
    return this.#client('sts', () => new STSClient({ ...this.#common('sts'), requestHandler: this.#calls }));
  }

  /** A client of a service that few commands need, built by the code that they load. */
  other<T extends object>(service: keyof Endpoints, build: (settings: OtherSettings) => T): T {
    return this.#client(service, () => build({ ...this.#common(service), requestHandler: this.#calls }));
  }

  /**
   * Sends through one of the clients; what goes wrong comes back as the error that reaches people.
   * After a refusal of the credentials the next request reads them again, so that a sign-in elsewhere is seen.
   */
  async ask<T>(asked: Asked, send: (clients: this) => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      const answer = await send(this);
      this.#settings.log.debug(`${asked.doing}: ${Math.round(performance.now() - start)} ms`);
      this.#settings.onCredentials?.(undefined);
      return answer;
    } catch (error) {
      throw this.failure(error, asked);
    }
  }

  /** The error that reaches people; see `ask`. */
  failure(error: unknown, asked: Asked): AudienceError {
    const failure = serviceError(error, { signIn: this.#settings.signIn, ...asked });
    if (failure.code === 'credentials') {
      this.#renew();
      this.#settings.onCredentials?.(failure);
    }
    this.#settings.log.debug(
      `${asked.doing}: ${failure.code} ${failure.service?.name ?? ''} ${failure.service?.requestId ?? ''}`.trimEnd(),
    );
    return failure;
  }

  /** Requests on their way keep their clients until they are done; idle connections end by themselves. */
  #renew(): void {
    this.#built = new Map();
    this.#credentials = this.#settings.credentials();
  }

  #common(service: keyof Endpoints) {
    const { region, endpoints, profile } = this.#settings;
    const endpoint = endpoints[service];
    return {
      region,
      credentials: this.#credentials,
      ignoreConfiguredEndpointUrls: true,
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
    };
  }

  #commonS3() {
    return {
      ...this.#common('s3'),
      // Buckets in the path: only AWS's own endpoint has a host name for each.
      forcePathStyle: this.#settings.endpoints.s3 !== undefined,
      followRegionRedirects: false,
    };
  }

  #client<T extends object>(name: string, build: () => T): T {
    const client = (this.#built.get(name) as T | undefined) ?? withLastLook(build());
    this.#built.set(name, client);
    return client;
  }
}

/** The SDK's options for a request that can be broken off. */
export function sending(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
