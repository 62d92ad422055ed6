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

/** What is to be looked at: the settings, and the project that it is for. */
export interface SetupScope {
  readonly identity: Identity;
  readonly projectId: string | undefined;
  /** Empty where none is set, as the others. */
  readonly bucket: string;
  /** As keys begin: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly kmsKeyId: string;
  readonly roles: Readonly<Record<JobKind, string>>;
}

/** What was found, or why it could not be looked at. */
export type Seen<T> = { readonly value: T } | { readonly error: AudienceError };

/** Everything that the checks look at. What is absent was not there to be looked at. */
export interface SetupFacts {
  readonly scope: SetupScope;
  /** Whose policies decide for the caller: a user, or the role of a session with its path. */
  readonly principal: Seen<string>;
  /** The project of the scope, else the first of the region; `undefined` where there is none. */
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
  /** Only of a bucket that is there. */
  readonly inside?: {
    readonly publicAccess: Seen<PublicAccess | undefined>;
    readonly encryption: Seen<Encryption | undefined>;
    readonly lifecycle: Seen<Lifecycle>;
    readonly policy: Seen<PolicyDocument | undefined>;
    readonly versioning: Seen<Versioning | undefined>;
  };
  /** The key that uploads are encrypted with, where there is one, and that with which exports are. */
  readonly keys: Readonly<Record<JobKind, KeyFacts | undefined>>;
}

export interface KeyFacts {
  readonly id: string;
  readonly key: Seen<Key>;
  readonly policy?: Seen<PolicyDocument>;
}

export interface RoleFacts {
  readonly arn: string;
  /** Absent where the ARN is none of a role of this account. */
  readonly role?: Seen<Role | undefined>;
  readonly policies?: Seen<RolePolicies>;
}

export interface Permission {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny' | 'unknown';
  /** How it is known. */
  readonly by: 'simulation' | 'probe';
  /** Condition keys that would have to be known. */
  readonly missing: readonly string[];
}
