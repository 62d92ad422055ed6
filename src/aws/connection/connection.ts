import type { AudienceError } from '../../errors.ts';
import type { Event } from '../../events.ts';
import type { AudienceService } from '../pinpoint/audienceService.ts';
import type { EndpointService } from '../pinpoint/endpointService.ts';
import type { SegmentService } from '../pinpoint/segmentService.ts';
import type { SetupServices } from '../iam/setupServices.ts';
import type { SignInPage } from './ssoSignIn.ts';
import type { StagingService } from '../s3/stagingService.ts';

/** What the user chose; what is absent comes from the AWS SDK's own chain (environment, shared config files). */
export interface ConnectionSettings {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** One endpoint for every service, such as the sandbox. */
  readonly endpointUrl?: string | undefined;
  /** The keys that a sandbox printed, held in memory only. Where given, the SDK's own chain is not asked. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** Who we are for the service. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/** A live connection: who, where, and the services behind it. Services are built, and the SDK loaded, on first use. */
export interface Connection {
  /** Changes with identity, region and endpoint; a key for what is cached. */
  readonly id: string;
  /** What was chosen, without keys: enough to connect alike to another region. */
  readonly chosen: ConnectionSettings;
  /** What holds: the region and, where it is not AWS's own, the endpoint of Pinpoint, whoever named them. */
  readonly settings: ConnectionSettings;
  readonly identity: Identity;
  readonly audience: AudienceService;
  readonly endpoints: EndpointService;
  readonly segments: SegmentService;
  readonly staging: StagingService;
  /** Roles, keys and the settings of buckets. What they need is loaded with the first call. */
  setup(): Promise<SetupServices>;
}

export interface Connections {
  readonly current: Connection | undefined;
  readonly onDidChange: Event<Connection | undefined>;
  /** Resolves identity and makes it the current connection; the old one stays where it fails. */
  connect(settings: ConnectionSettings, signal?: AbortSignal): Promise<Connection>;
  disconnect(): void;
  /** Names of the profiles in the shared config and credentials files. */
  profiles(): Promise<readonly string[]>;
  /** The region that the environment or a profile says, where none is chosen. */
  regionOf(profile: string | undefined): Promise<string | undefined>;
  /** Why the service no longer takes the credentials of the current connection; `undefined` while it does, and once it does again. */
  readonly signInNeeded: AudienceError | undefined;
  readonly onDidChangeSignIn: Event<AudienceError | undefined>;
  /**
   * Signs in with a browser, for profiles that do so; `show` tells where. Resolves with whether the profile is such a one.
   * The next request of its connections finds what came of it.
   */
  signIn(
    settings: ConnectionSettings,
    show: (page: SignInPage) => unknown,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Asks the service whether it takes the credentials of the current connection now, read again; resolves with whether it does. */
  check(): Promise<boolean>;
  /** Files in which other programs renew the credentials of the current connection. */
  credentialFiles(): Promise<readonly string[]>;
}
