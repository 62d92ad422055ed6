import type { JobKind, Project } from '../../aws/pinpoint/audienceService.ts';
import type { Identity } from '../../aws/connection/connection.ts';
import type { PolicyDocument } from '../../aws/iam/policy.ts';
import type {
  Encryption,
  Key,
  Lifecycle,
  PublicAccess,
  Role,
  RolePolicies,
  Versioning,
} from '../../aws/iam/setupServices.ts';
import type { AudienceError } from '../../errors.ts';

/** What to inspect: the settings, and the project. */
export interface SetupScope {
  readonly identity: Identity;
  readonly projectId: string | undefined;
  /** Empty if not set, like the others. */
  readonly bucket: string;
  /** Prefix of keys: empty, or ends with a slash. */
  readonly prefix: string;
  readonly kmsKeyId: string;
  readonly roles: Readonly<Record<JobKind, string>>;
}

/** A value, or why it couldn't be read. */
export type Seen<T> = { readonly value: T } | { readonly error: AudienceError };

/** Everything that the checks evaluate. Members are absent if their subject doesn't exist. */
export interface SetupFacts {
  readonly scope: SetupScope;
  /** The user, or the role with its path, whose policies apply to the caller. */
  readonly principal: Seen<string>;
  /** The project of the scope, else the first of the region; `undefined` if there is none. */
  readonly project: Seen<Project | undefined>;
  /** Whether segments can be listed. */
  readonly audience?: Seen<true>;
  readonly bucket?: BucketFacts;
  readonly roles: Readonly<Record<JobKind, RoleFacts>>;
  /** By action, for those that `callerNeeds` names. */
  readonly caller: ReadonlyMap<string, Seen<Permission>>;
}

export interface BucketFacts {
  readonly region: Seen<string>;
  /** Only of an existing bucket. */
  readonly inside?: {
    readonly publicAccess: Seen<PublicAccess | undefined>;
    readonly encryption: Seen<Encryption | undefined>;
    readonly lifecycle: Seen<Lifecycle>;
    readonly policy: Seen<PolicyDocument | undefined>;
    readonly versioning: Seen<Versioning | undefined>;
  };
  /** The keys, if any, that encrypt uploads and exports. */
  readonly keys: Readonly<Record<JobKind, KeyFacts | undefined>>;
}

export interface KeyFacts {
  readonly id: string;
  readonly key: Seen<Key>;
  readonly policy?: Seen<PolicyDocument>;
}

export interface RoleFacts {
  readonly arn: string;
  /** Absent unless the ARN is of a role of this account. */
  readonly role?: Seen<Role | undefined>;
  readonly policies?: Seen<RolePolicies>;
}

export interface Permission {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny' | 'unknown';
  /** How it was determined. */
  readonly by: 'simulation' | 'probe';
  /** Condition keys with unknown values. */
  readonly missing: readonly string[];
}
