import type { PolicyDocument } from './policy.ts';

/** What a setup is made of, as the rest of the program sees it: roles in IAM, keys in KMS, settings of buckets in S3. */
export interface SetupServices {
  readonly roles: RoleService;
  readonly keys: KeyService;
  readonly buckets: BucketService;
  /** Sends one change. `conflict` if what is to be created exists, possibly owned by someone else. */
  send(call: SetupCall, signal?: AbortSignal): Promise<void>;
}

export interface RoleService {
  /** `undefined` if there is none of this name. */
  find(name: string, signal?: AbortSignal): Promise<Role | undefined>;
  /** Every policy of the role, inline ones by their names and managed ones by their ARNs, and its boundary if it has one. */
  policies(role: Role, signal?: AbortSignal): Promise<RolePolicies>;
  /** What IAM would decide (IAM API reference, SimulatePrincipalPolicy); `access-denied` where the caller may not ask. */
  simulate(question: Simulation, signal?: AbortSignal): Promise<readonly Simulated[]>;
}

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  /** ARN of the managed policy that bounds what the role may do. */
  readonly boundary?: string | undefined;
}

export interface RolePolicies {
  readonly inline: Readonly<Record<string, PolicyDocument>>;
  readonly managed: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument | undefined;
}

interface Simulation {
  /** ARN of the user or role. */
  readonly identity: string;
  readonly actions: readonly string[];
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>> | undefined;
}

export interface Simulated {
  readonly action: string;
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** Condition keys that policies require and that weren't supplied. */
  readonly missing: readonly string[];
}

export interface KeyService {
  /** `not-found` where there is none; takes an id, an ARN or an alias. */
  describe(id: string, signal?: AbortSignal): Promise<Key>;
  policy(key: Key, signal?: AbortSignal): Promise<PolicyDocument>;
}

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** As the service says it, such as `PendingDeletion`. */
  readonly state: string;
  /** AWS's own key for S3, which everybody in the account may use through S3. */
  readonly isManagedByAws: boolean;
}

export interface BucketService {
  /** `undefined` if nothing is set. */
  publicAccess(bucket: string, signal?: AbortSignal): Promise<PublicAccess | undefined>;
  encryption(bucket: string, signal?: AbortSignal): Promise<Encryption | undefined>;
  lifecycle(bucket: string, signal?: AbortSignal): Promise<Lifecycle>;
  policy(bucket: string, signal?: AbortSignal): Promise<PolicyDocument | undefined>;
  /** `undefined` of a bucket that never had versions. */
  versioning(bucket: string, signal?: AbortSignal): Promise<Versioning | undefined>;
}

/** Amazon S3 API reference, GetBucketVersioning: a suspended bucket makes no more versions, and keeps those that it has. */
export type Versioning = 'Enabled' | 'Suspended';

/** Amazon S3 API reference, PublicAccessBlockConfiguration. */
export interface PublicAccess {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

export interface Encryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly algorithm: string;
  /** AWS's own key for S3 where absent. */
  readonly keyId?: string | undefined;
}

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  /** A setting of the whole configuration, which a change has to send back as it is. */
  readonly minimumSize?: string | undefined;
}

/** A rule as S3 has it (Amazon S3 API reference, LifecycleRule), whole: a change sends back what it does not change. */
export interface LifecycleRule {
  readonly ID?: string | undefined;
  readonly Status: 'Enabled' | 'Disabled';
  /** An older form of `Filter`. */
  readonly Prefix?: string | undefined;
  readonly Filter?:
    | {
        readonly Prefix?: string | undefined;
        readonly Tag?: unknown;
        readonly ObjectSizeGreaterThan?: number | undefined;
        readonly ObjectSizeLessThan?: number | undefined;
        readonly And?: { readonly Prefix?: string | undefined } | undefined;
      }
    | undefined;
  readonly Expiration?: { readonly Days?: number | undefined } | undefined;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: number | undefined } | undefined;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation?: number | undefined } | undefined;
}

interface Call<Service extends string, Operation extends string, Input> {
  readonly service: Service;
  readonly operation: Operation;
  /** As the API reference has it; policy documents are not yet text. */
  readonly input: Input;
}

/** One change of a setup: an operation of AWS's API with its input, which can be shown, sent and written as a command. */
export type SetupCall =
  | Call<
      's3',
      'CreateBucket',
      {
        readonly Bucket: string;
        readonly CreateBucketConfiguration?: { readonly LocationConstraint: string };
      }
    >
  | Call<
      's3',
      'PutPublicAccessBlock',
      { readonly Bucket: string; readonly PublicAccessBlockConfiguration: PublicAccess }
    >
  | Call<
      's3',
      'PutBucketEncryption',
      { readonly Bucket: string; readonly ServerSideEncryptionConfiguration: EncryptionRules }
    >
  | Call<
      's3',
      'PutBucketLifecycleConfiguration',
      {
        readonly Bucket: string;
        readonly LifecycleConfiguration: { readonly Rules: readonly LifecycleRule[] };
        readonly TransitionDefaultMinimumObjectSize?: string | undefined;
      }
    >
  | Call<
      'iam',
      'CreateRole',
      {
        readonly RoleName: string;
        readonly Description: string;
        readonly AssumeRolePolicyDocument: PolicyDocument;
      }
    >
  | Call<
      'iam',
      'UpdateAssumeRolePolicy',
      { readonly RoleName: string; readonly PolicyDocument: PolicyDocument }
    >
  | Call<
      'iam',
      'PutRolePolicy',
      { readonly RoleName: string; readonly PolicyName: string; readonly PolicyDocument: PolicyDocument }
    >;

interface EncryptionRules {
  readonly Rules: readonly {
    readonly ApplyServerSideEncryptionByDefault: {
      readonly SSEAlgorithm: string;
      readonly KMSMasterKeyID?: string;
    };
    readonly BucketKeyEnabled?: boolean;
  }[];
}
