import type { PolicyDocument } from './policy.ts';

/** The port to the parts of a setup: IAM roles, KMS keys and settings of S3 buckets. */
export interface SetupServices {
  readonly roles: RoleService;
  readonly keys: KeyService;
  readonly buckets: BucketService;
  /** Sends one change. `conflict` if the resource to create exists, possibly in another account. */
  send(call: SetupCall, signal?: AbortSignal): Promise<void>;
}

export interface RoleService {
  /** `undefined` if it doesn't exist. */
  find(name: string, signal?: AbortSignal): Promise<Role | undefined>;
  /** All policies of the role: inline ones by name, managed ones by ARN, and its permissions boundary. */
  policies(role: Role, signal?: AbortSignal): Promise<RolePolicies>;
  /** IAM's decisions (IAM API reference, SimulatePrincipalPolicy); `access-denied` if the caller may not simulate. */
  simulate(question: Simulation, signal?: AbortSignal): Promise<readonly Simulated[]>;
}

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  /** ARN of the permissions boundary. */
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
  /** `not-found` if it doesn't exist. @param id an id, an ARN or an alias */
  describe(id: string, signal?: AbortSignal): Promise<Key>;
  policy(key: Key, signal?: AbortSignal): Promise<PolicyDocument>;
}

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** The service's name of the state, such as `PendingDeletion`. */
  readonly state: string;
  /** True for AWS's own key for S3, which the whole account may use through S3. */
  readonly isManagedByAws: boolean;
}

export interface BucketService {
  /** `undefined` if nothing is set. */
  publicAccess(bucket: string, signal?: AbortSignal): Promise<PublicAccess | undefined>;
  encryption(bucket: string, signal?: AbortSignal): Promise<Encryption | undefined>;
  lifecycle(bucket: string, signal?: AbortSignal): Promise<Lifecycle>;
  policy(bucket: string, signal?: AbortSignal): Promise<PolicyDocument | undefined>;
  /** `undefined` if versioning was never enabled. */
  versioning(bucket: string, signal?: AbortSignal): Promise<Versioning | undefined>;
}

/** Amazon S3 API reference, GetBucketVersioning: a suspended bucket creates no new versions, but keeps existing ones. */
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
  /** AWS's own key for S3 if absent. */
  readonly keyId?: string | undefined;
}

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  /** A setting of the whole configuration, which changes must send back. */
  readonly minimumSize?: string | undefined;
}

/** A complete S3 rule (Amazon S3 API reference, LifecycleRule): changes send back unchanged members. */
export interface LifecycleRule {
  readonly ID?: string | undefined;
  readonly Status: 'Enabled' | 'Disabled';
  /** The older form of `Filter`. */
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
  /** As in the API reference, but with policy documents as objects. */
  readonly input: Input;
}

/** One change of a setup: an AWS API operation with its input, to show, send, or write as a command. */
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
