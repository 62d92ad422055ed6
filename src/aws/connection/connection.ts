import type { AudienceError } from '../../errors.ts';
import type { Event } from '../../events.ts';
import type { AudienceService } from '../pinpoint/audienceService.ts';
import type { EndpointService } from '../pinpoint/endpointService.ts';
import type { SegmentService } from '../pinpoint/segmentService.ts';
import type { SetupServices } from '../iam/setupServices.ts';
import type { SignInPage } from './ssoSignIn.ts';
import type { StagingService } from '../s3/stagingService.ts';

/** The user's choices; absent ones come from the AWS SDK's default chain (environment, shared config files). */
export interface ConnectionSettings {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** One endpoint for every service, such as the sandbox. */
  readonly endpointUrl?: string | undefined;
  /** The keys of a sandbox, in memory only. They replace the SDK's default credential chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** The caller, as the service identifies it. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/** A connection: identity, region and services. */
export interface Connection {
  /** Identifies identity, region and endpoint; a cache key. */
  readonly id: string;
  /** The user's choices without keys: enough to connect to another region in the same way. */
  readonly chosen: ConnectionSettings;
  /** The effective settings: the region and, unless it is AWS's own, Pinpoint's endpoint. */
  readonly settings: ConnectionSettings;
  readonly identity: Identity;
  readonly audience: AudienceService;
  readonly endpoints: EndpointService;
  readonly segments: SegmentService;
  readonly staging: StagingService;
  /** Roles, keys and bucket settings. Their clients are loaded on first use. */
  setup(): Promise<SetupServices>;
}

export interface Connections {
  readonly current: Connection | undefined;
  readonly onDidChange: Event<Connection | undefined>;
  /** Connects and replaces the current connection, which stays if this fails. */
  connect(settings: ConnectionSettings, signal?: AbortSignal): Promise<Connection>;
  disconnect(): void;
  /** Profile names in the shared config and credentials files. */
  profiles(): Promise<readonly string[]>;
  /** The default region, from the environment or the profile. */
  regionOf(profile: string | undefined): Promise<string | undefined>;
  /** Why the service rejects the credentials of the current connection; `undefined` if it accepts them. */
  readonly signInNeeded: AudienceError | undefined;
  readonly onDidChangeSignIn: Event<AudienceError | undefined>;
  /**
   * Signs in with a browser if the profile supports that; resolves with whether it does. `show` receives the page to open. The
   * next request of the profile's connections uses the new token.
   */
  signIn(
    settings: ConnectionSettings,
    show: (page: SignInPage) => unknown,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Reads the credentials of the current connection again; resolves with whether the service accepts them. */
  check(): Promise<boolean>;
  /** Files that other programs update when they renew the credentials of the current connection. */
  credentialFiles(): Promise<readonly string[]>;
}
