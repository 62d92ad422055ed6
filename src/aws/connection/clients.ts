import { PinpointClient } from '@aws-sdk/client-pinpoint';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GetCallerIdentityCommand,
  getDefaultRoleAssumer,
  getDefaultRoleAssumerWithWebIdentity,
  STSClient,
} from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { isClockSkewCorrectedError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import type { AudienceError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { boundedResponses, withBoundedResponses } from './boundedResponses.ts';
import { withCheckedResponses } from './checkedResponses.ts';
import { withWriteGuard } from './writeGuard.ts';
import type { TransportOptions } from './proxy.ts';
import { setRetryLists } from './retryLists.ts';
import type { RequestInfo } from './serviceErrors.ts';
import { serviceError } from './serviceErrors.ts';
import { isThisMachine } from './serviceUrl.ts';

setRetryLists({ isThrottlingError, isTransientError });

// The only file that creates the SDK's main clients. It is loaded with the first connection.
export {
  boundedResponses,
  GetCallerIdentityCommand,
  fromNodeProviderChain,
  getDefaultRoleAssumer,
  getDefaultRoleAssumerWithWebIdentity,
};

/** Milliseconds: to connect, to wait for a response, and for a transfer without progress. */
export const timeouts = { connection: 10_000, answer: 60_000, transfer: 60_000 };

type Credentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}>;

/** Absent ones are AWS's own. */
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
  /** Creates a credential provider without cached credentials. */
  readonly credentials: () => Credentials;
  readonly signIn: string | undefined;
  readonly transport: TransportOptions;
  readonly log: Log;
  /** Called when the service rejects the credentials, and with `undefined` when it accepts them again. */
  readonly onCredentials?: ((problem: AudienceError | undefined) => void) | undefined;
}

/** Settings of every client. */
export interface OtherSettings {
  readonly region: string;
  readonly credentials: Credentials;
  readonly ignoreConfiguredEndpointUrls: boolean;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** The SDK's clients of one identity in one region, each created on first use. */
export class Clients {
  readonly #settings: ClientSettings;
  readonly #calls;
  readonly #transfers;
  #built = new Map<string, unknown>();
  #credentials: Credentials;
  /** How far the services' clock is ahead of ours, in milliseconds, as the SDK derives it from each response. */
  #clockOffset = 0;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#calls = {
      ...settings.transport,
      connectionTimeout: timeouts.connection,
      requestTimeout: timeouts.answer,
      throwOnRequestTimeout: true,
    };
    this.#transfers = {
      ...settings.transport,
      connectionTimeout: timeouts.connection,
      socketTimeout: timeouts.transfer,
    };
    this.#credentials = settings.credentials();
  }

  /** Pinpoint, for requests that may be repeated. */
  get pinpoint(): PinpointClient {
    return this.#client(
      'pinpoint',
      () => new PinpointClient({ ...this.#common('pinpoint'), requestHandler: this.#calls }),
    );
  }

  /**
   * Pinpoint without retries: for requests that aren't idempotent, and for those that are repeated on a schedule. Each opens a new
   * connection: a kept-alive one may be closing, which makes the outcome of a write unknown.
   */
  get pinpointOnce(): PinpointClient {
    const { transport } = this.#settings;
    const httpAgent = { ...transport.httpAgent, keepAlive: false };
    const httpsAgent = { ...transport.httpsAgent, keepAlive: false };
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

  /** True if requests to S3 can't be tampered with: they use TLS or stay on this machine. */
  get isPrivate(): boolean {
    const { s3 } = this.#settings.endpoints;
    if (s3 === undefined) return true;
    const { protocol, hostname } = new URL(s3);
    return protocol === 'https:' || isThisMachine(hostname);
  }

  /** S3 for the parts of a transfer, with more retries, to survive short outages. */
  get s3Patient(): S3Client {
    return this.#client(
      's3Patient',
      () =>
        new S3Client({
          ...this.#commonS3(),
          maxAttempts: 8,
          // Waiting for "100 Continue" would cost more than an occasional rejected body.
          expectContinueHeader: false,
          requestHandler: this.#transfers,
        }),
    );
  }

  get sts(): STSClient {
    return this.#client('sts', () => new STSClient({ ...this.#common('sts'), requestHandler: this.#calls }));
  }

  /** A client of a rarely used service, created by code that is loaded with it. */
  other<T extends object>(service: keyof Endpoints, build: (settings: OtherSettings) => T): T {
    return this.#client(service, () => build({ ...this.#common(service), requestHandler: this.#calls }));
  }

  /**
   * Sends requests through the clients. Errors become user-facing `AudienceError`s. If the credentials are rejected, the next
   * request reads them again, so that it notices a sign-in elsewhere.
   * A request that was refused because of a wrong clock is repeated once with the corrected time.
   */
  async ask<T>(info: RequestInfo, send: (clients: this) => Promise<T>): Promise<T> {
    const start = performance.now();
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        const answer = await send(this);
        this.#settings.log.debug(`${info.doing}: ${Math.round(performance.now() - start)} ms`);
        this.#settings.onCredentials?.(undefined);
        return answer;
      } catch (error) {
        if (isRepeated || !isRefusedByClock(error)) throw this.failure(error, info);
      }
    }
  }

  /** The user-facing error; see `ask`. */
  failure(error: unknown, info: RequestInfo): AudienceError {
    const failure = serviceError(error, { signIn: this.#settings.signIn, ...info });
    if (failure.code === 'credentials') {
      this.#renew();
      this.#settings.onCredentials?.(failure);
    }
    this.#settings.log.debug(
      `${info.doing}: ${failure.code} ${failure.service?.name ?? ''} ${failure.service?.requestId ?? ''}`.trimEnd(),
    );
    return failure;
  }

  /** Requests in flight keep their old clients; idle connections close by themselves. */
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
      // Only AWS's own endpoint has a host name per bucket.
      forcePathStyle: this.#settings.endpoints.s3 !== undefined,
      followRegionRedirects: false,
    };
  }

  #client<T extends object>(name: string, build: () => T): T {
    const known = this.#built.get(name) as T | undefined;
    if (known !== undefined) return known;
    const client = withWriteGuard(withCheckedResponses(withBoundedResponses(build())));
    this.#shareClock(client);
    this.#built.set(name, client);
    return client;
  }

  /** The SDK corrects the time of each client alone. Shared, a correction holds for all clients, also for later ones. */
  #shareClock(client: object): void {
    const { config } = client as { readonly config: object };
    Object.defineProperty(config, 'systemClockOffset', {
      get: () => this.#clockOffset,
      set: (ms: number) => {
        this.#clockOffset = ms;
      },
    });
  }
}

/** True if a request wasn't carried out because of our clock, and the SDK has corrected it since. */
function isRefusedByClock(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const refused = error as Parameters<typeof isClockSkewCorrectedError>[0];
  const status = refused.$metadata?.httpStatusCode;
  return (status === 401 || status === 403) && isClockSkewCorrectedError(refused) === true;
}

/** The SDK's options for a cancellable request. */
export function sending(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
