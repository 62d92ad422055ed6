import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import { isDeepStrictEqual } from 'node:util';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { PolicyDocument, Statement } from '../../aws/iam/policy.ts';
import { decide } from '../../aws/iam/policy.ts';
import { checkBucketName } from '../../aws/s3/s3Url.ts';
import type { LifecycleRule, Role, RolePolicies, SetupCall } from '../../aws/iam/setupServices.ts';
import { AudienceError } from '../../errors.ts';
import { covers, stagingDays } from './bucketChecks.ts';
import type { Seen, SetupFacts, SetupScope } from './setupFacts.ts';
import { assumption, mayUseKey, roleMayUseBucket } from './roleChecks.ts';
import { exportStatements, importStatements, trustStatement } from './rolePolicies.ts';
import type { WantedSetup } from './wantedSetup.ts';
import { getOwn } from '../../ownMember.ts';

export type StepId =
  | 'bucket'
  | 'public-access'
  | 'encryption'
  | 'lifecycle'
  | `${JobKind}-role`
  | `${JobKind}-trust`
  | `${JobKind}-policy`;

export interface PlanStep {
  readonly id: StepId;
  /** Its subject, such as `Bucket my-bucket`. */
  readonly title: string;
  /** `change` modifies something that the plan didn't create. */
  readonly action: 'none' | 'create' | 'change';
  /** The present state, or the planned one. */
  readonly summary: string;
  readonly call?: SetupCall;
  /** The present value, if it changes. */
  readonly now?: unknown;
  /** Ids of the checks that it fixes. */
  readonly fixes: readonly string[];
}

export interface SetupPlan {
  readonly wanted: WantedSetup;
  readonly steps: readonly PlanStep[];
  readonly roleArns: Readonly<Record<JobKind, string>>;
}

/** What to inspect before planning. */
export function scopeOfWanted(wanted: WantedSetup): SetupScope {
  const { identity, projectId, bucket, prefix, kmsKeyId } = wanted;
  return {
    identity,
    projectId,
    bucket,
    prefix,
    kmsKeyId,
    roles: { import: roleArn(wanted, 'import'), export: roleArn(wanted, 'export') },
  };
}

/** Steps that an interrupted run started: their results are completed, not changed. */
type Made = ReadonlySet<StepId>;

/**
 * Compares the wanted setup with the existing one. What already works stays as it is; nothing is ever made less secure.
 *
 * @throws AudienceError if something can't be inspected, or conflicts, such as another account's bucket
 */
export function planSetup(wanted: WantedSetup, facts: SetupFacts, made: Made): SetupPlan {
  validateWanted(wanted);
  const bucket = bucketSteps(wanted, facts, made);
  const roles = (['import', 'export'] as const).flatMap((kind) => roleSteps(kind, wanted, facts, made));
  const arn = (kind: JobKind): string => foundRole(facts, kind)?.arn ?? roleArn(wanted, kind);
  return { wanted, steps: [...bucket, ...roles], roleArns: { import: arn('import'), export: arn('export') } };
}

const roleName = /^[\w+=,.@-]{1,64}$/;
/** Ids, aliases and ARNs of keys; ids of projects. */
const identifier = /^[\w:/-]{1,256}$/;
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * All of these end up in policies and scripts.
 *
 * @throws AudienceError `bad-input` for a name that AWS doesn't allow, or a prefix with invisible characters
 */
function validateWanted({ bucket, prefix, kmsKeyId, projectId, roles }: WantedSetup): void {
  const help = 'Set pinpointAudience.staging.prefix, such as pinpoint-audience/.';
  if (prefix === '')
    throw new AudienceError('bad-input', 'A setup needs a prefix in the bucket, whose objects expire', {
      help,
    });
  if (unseen.test(prefix) || Buffer.byteLength(prefix) > 900)
    throw new AudienceError('bad-input', 'Not a valid prefix: it has control characters or is too long', {
      help,
    });
  // Wildcards and variables in policies, and references in templates: they would be for more than this folder.
  if (/[*?${}]/.test(prefix))
    throw new AudienceError('bad-input', 'Not a valid prefix for a setup: it has * ? $ { or }', { help });
  checkBucketName(bucket);
  for (const name of Object.values(roles)) {
    if (!roleName.test(name))
      throw new AudienceError('bad-input', `Not a role name: ${JSON.stringify(name)}`);
  }
  if (kmsKeyId !== '' && !identifier.test(kmsKeyId))
    throw new AudienceError('bad-input', `Not a KMS key: ${JSON.stringify(kmsKeyId)}`);
  if (projectId !== undefined && !identifier.test(projectId))
    throw new AudienceError('bad-input', `Not a project ID: ${JSON.stringify(projectId)}`);
}

/** The steps with an effect: those that create and, if allowed, those that change existing resources. */
export function stepsToTake(
  { steps }: SetupPlan,
  changeExisting: boolean,
): readonly (PlanStep & { call: SetupCall })[] {
  return steps.filter(
    (step): step is PlanStep & { call: SetupCall } =>
      step.call !== undefined && (step.action === 'create' || (step.action === 'change' && changeExisting)),
  );
}

function bucketSteps(wanted: WantedSetup, facts: SetupFacts, made: Made): readonly PlanStep[] {
  const { bucket: Bucket, identity, prefix } = wanted;
  const existing = existingBucket(wanted, facts);
  const own = existing === undefined || made.has('bucket');
  const step = (
    id: StepId,
    title: string,
    fixes: readonly string[],
    found: {
      readonly fits: boolean;
      readonly kept: string;
      readonly summary: string;
      readonly now?: unknown;
    },
    call: SetupCall,
  ): PlanStep => {
    if (found.fits) return { id, title, action: 'none', summary: found.kept, fixes };
    const { summary, now } = found;
    const action = own ? 'create' : 'change';
    return { id, title, action, summary, call, fixes, ...(!own && now !== undefined && { now }) };
  };

  const access = existing && required(existing.publicAccess);
  const encryption = existing && required(existing.encryption);
  const lifecycle = existing ? required(existing.lifecycle) : { rules: [] };
  const key = wantedKey(wanted, facts);
  const rule: LifecycleRule = {
    ID: `pinpoint-audience-staging:${prefix}`.slice(0, 255),
    Status: 'Enabled',
    Filter: { Prefix: prefix },
    Expiration: { Days: stagingDays },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: stagingDays },
  };
  const others = lifecycle.rules.filter(({ ID }) => ID !== rule.ID);

  return [
    step(
      'bucket',
      `Bucket ${Bucket}`,
      ['bucket'],
      {
        fits: existing !== undefined,
        kept: `exists in ${identity.region}`,
        summary: `create in ${identity.region}`,
      },
      {
        service: 's3',
        operation: 'CreateBucket',
        input: {
          Bucket,
          // us-east-1 must be omitted (Amazon S3 API reference, CreateBucket).
          ...(identity.region !== 'us-east-1' && {
            CreateBucketConfiguration: { LocationConstraint: identity.region },
          }),
        },
      },
    ),
    step(
      'public-access',
      `Public access to ${Bucket}`,
      ['bucket-public-access'],
      {
        fits: access !== undefined && Object.values(access).every(Boolean),
        kept: 'blocked',
        summary: 'block, with all four settings',
        now: access ?? 'nothing blocked',
      },
      {
        service: 's3',
        operation: 'PutPublicAccessBlock',
        input: {
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        },
      },
    ),
    step(
      'encryption',
      `Encryption of ${Bucket}`,
      ['bucket-encryption'],
      {
        // SSE-KMS is stronger than SSE-S3, so it stays.
        fits:
          encryption !== undefined &&
          (key === undefined ? true : encryption.algorithm !== 'AES256' && isSameKey(encryption.keyId, key)),
        kept: nameOfEncryption(encryption),
        summary: key === undefined ? 'set to SSE-S3' : `set to SSE-KMS with ${key}`,
        now: encryption ?? 'no default encryption',
      },
      {
        service: 's3',
        operation: 'PutBucketEncryption',
        input: {
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [
              key === undefined
                ? { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
                : {
                    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
                    BucketKeyEnabled: true,
                  },
            ],
          },
        },
      },
    ),
    step(
      'lifecycle',
      `Lifecycle of ${Bucket}/${prefix}`,
      ['bucket-lifecycle', 'bucket-uploads'],
      {
        fits: isExpired(lifecycle.rules, prefix),
        kept: 'staged objects expire',
        summary: `delete objects under ${prefix} after ${stagingDays} days, incomplete uploads as well${others.length > 0 ? '; other rules stay' : ''}`,
        now: lifecycle.rules.length > 0 ? lifecycle.rules : 'no rules',
      },
      {
        service: 's3',
        operation: 'PutBucketLifecycleConfiguration',
        input: {
          Bucket,
          LifecycleConfiguration: { Rules: [...others, rule] },
          ...(lifecycle.minimumSize !== undefined && {
            TransitionDefaultMinimumObjectSize: lifecycle.minimumSize,
          }),
        },
      },
    ),
  ];
}

/** The settings of an existing bucket; throws if the bucket can't be used. */
function existingBucket({ bucket, identity }: WantedSetup, facts: SetupFacts) {
  const region = facts.bucket?.region;
  if (region === undefined) throw new AudienceError('internal', 'The bucket was not inspected');
  if ('error' in region) {
    if (region.error.code === 'not-found') return undefined;
    if (region.error.code !== 'access-denied') throw region.error;
    throw new AudienceError('conflict', `The bucket ${bucket} exists, but you can't access it`, {
      help: 'Bucket names are unique across AWS. Choose another one.',
      cause: region.error,
    });
  }
  if (region.value !== identity.region) {
    throw new AudienceError(
      'bad-input',
      `The bucket ${bucket} is in ${region.value}, not in ${identity.region}`,
      {
        help: 'Choose another name, or connect to the region of the bucket.',
      },
    );
  }
  return facts.bucket?.inside;
}

function isExpired(rules: readonly LifecycleRule[], prefix: string): boolean {
  const covering = rules.filter((rule) => covers(rule, prefix));
  const within = (days: number | undefined): boolean => days !== undefined && days <= stagingDays;
  return (
    covering.some(({ Expiration }) => within(Expiration?.Days)) &&
    covering.some((rule) => within(rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation))
  );
}

function roleSteps(kind: JobKind, wanted: WantedSetup, facts: SetupFacts, made: Made): readonly PlanStep[] {
  const RoleName = wanted.roles[kind];
  const role = foundRole(facts, kind);
  const policies = role && required(facts.roles[kind].policies);
  const own = role === undefined || made.has(`${kind}-role`);
  const change = own ? 'create' : 'change';
  const scope = scopeOfWanted(wanted);
  const PolicyName = policyName(wanted.bucket);
  const now = policies && getOwn(policies.inline, PolicyName);
  const before = now?.Statement ?? [];
  const needed = (kind === 'import' ? importStatements : exportStatements)({
    ...wanted,
    keyArn: keyOfRole(kind, wanted, facts),
  });
  const fixes = (...parts: string[]): readonly string[] => parts.map((part) => `${kind}-role${part}`);

  const exists: PlanStep = role
    ? { id: `${kind}-role`, title: `Role ${RoleName}`, action: 'none', summary: 'exists', fixes: fixes('') }
    : {
        id: `${kind}-role`,
        title: `Role ${RoleName}`,
        action: 'create',
        summary: `create, trusting Amazon Pinpoint for ${forWhom(wanted)}`,
        call: {
          service: 'iam',
          operation: 'CreateRole',
          input: {
            RoleName,
            Description: `Amazon Pinpoint assumes it to ${kind === 'import' ? 'read staged files' : 'write exports'} in ${wanted.bucket}`,
            AssumeRolePolicyDocument: document(trustStatement(wanted)),
          },
        },
        fixes: fixes('', '-trust', '-account', '-source'),
      };
  const trust = role && trustStep(kind, role, wanted, change);
  const isAllowed = policies !== undefined && hasItsPermissions(kind, policies, wanted, facts, scope);
  const policy: PlanStep = {
    id: `${kind}-policy`,
    title: `Permissions of ${RoleName}`,
    fixes: fixes(
      ...['GetObject', 'ListBucket', 'PutObject', 'GetBucketLocation', 'ListAllMyBuckets', 'key'].map(
        (part) => `-${part}`,
      ),
    ),
    ...(isAllowed
      ? { action: 'none', summary: `cover s3://${wanted.bucket}/${wanted.prefix}` }
      : {
          action: change,
          summary: `${before.length > 0 ? 'extend' : 'add'} the policy ${PolicyName}: ${kind === 'import' ? 'read' : 'write'} under s3://${wanted.bucket}/${wanted.prefix}`,
          ...(before.length > 0 && { now }),
          call: {
            service: 'iam',
            operation: 'PutRolePolicy',
            input: {
              RoleName,
              PolicyName,
              PolicyDocument: extended({ Version: '2012-10-17', Statement: before }, needed),
            },
          },
        }),
  };
  return [exists, ...(trust ? [trust] : []), policy];
}

function trustStep(
  kind: JobKind,
  { trust }: Role,
  wanted: WantedSetup,
  action: 'create' | 'change',
): PlanStep {
  const RoleName = wanted.roles[kind];
  const about = {
    id: `${kind}-trust`,
    title: `Trust of ${RoleName}`,
    fixes: [`${kind}-role-trust`, `${kind}-role-account`, `${kind}-role-source`],
  } as const;
  if (isTrusted(trust, wanted)) {
    return { ...about, action: 'none', summary: `allows Amazon Pinpoint for ${forWhom(wanted)}` };
  }
  return {
    ...about,
    action,
    summary: `add a statement that allows Amazon Pinpoint for ${forWhom(wanted)}`,
    now: trust,
    call: {
      service: 'iam',
      operation: 'UpdateAssumeRolePolicy',
      input: { RoleName, PolicyDocument: extended(trust, [trustStatement(wanted)]) },
    },
  };
}

/** One policy per bucket, so that a setup doesn't revoke permissions of another. */
function policyName(bucket: string): string {
  return `PinpointAudience-${bucket}`;
}

function hasItsPermissions(
  kind: JobKind,
  policies: RolePolicies,
  wanted: WantedSetup,
  facts: SetupFacts,
  scope: SetupScope,
): boolean {
  const actions =
    kind === 'import'
      ? ['s3:GetObject', 's3:ListBucket']
      : ['s3:PutObject', 's3:GetBucketLocation', 's3:ListAllMyBuckets'];
  if (!actions.every((action) => roleMayUseBucket(policies, action, scope, scope.roles[kind]) === 'allow'))
    return false;
  if (keyOfRole(kind, wanted, facts) === undefined) return true;
  const used = facts.bucket?.keys[kind] ?? facts.bucket?.keys.import;
  if (!used?.policy || 'error' in used.policy) return true;
  const action = kind === 'import' ? 'kms:Decrypt' : 'kms:GenerateDataKey';
  return mayUseKey(used, used.policy.value, policies, action, scope.roles[kind], scope) === 'allow';
}

function isTrusted(trust: PolicyDocument, { identity, projectId }: WantedSetup): boolean {
  const { account, region } = identity;
  const apps = `arn:${partitionOf(identity)}:mobiletargeting:${region}:${account}:apps/`;
  // For all projects: test with an arbitrary id.
  const source = apps + (projectId ?? 'f00d0000000000000000000000000000');
  return decide([trust], assumption(account, [source])).effect === 'allow';
}

/** The ARN of the key that a role must be able to use. AWS's own key needs no permission. */
function keyOfRole(kind: JobKind, wanted: WantedSetup, facts: SetupFacts): string | undefined {
  const used = facts.bucket?.keys[kind] ?? (wanted.kmsKeyId === '' ? undefined : facts.bucket?.keys.import);
  const key = used && required(used.key);
  return key && !key.isManagedByAws ? key.arn : undefined;
}

function wantedKey({ kmsKeyId }: WantedSetup, facts: SetupFacts): string | undefined {
  if (kmsKeyId === '') return undefined;
  const key = facts.bucket?.keys.import;
  if (key === undefined) throw new AudienceError('internal', 'The key was not inspected');
  const { arn, enabled, state } = required(key.key);
  if (enabled) return arn;
  throw new AudienceError('bad-input', `The KMS key ${arn} can't be used: it is ${state}`, {
    help: 'Enable the key, or choose another one.',
  });
}

function isSameKey(id: string | undefined, arn: string): boolean {
  return id !== undefined && (id === arn || arn.endsWith(`/${id}`));
}

function nameOfEncryption(
  set: { readonly algorithm: string; readonly keyId?: string | undefined } | undefined,
): string {
  return set === undefined || set.algorithm === 'AES256'
    ? 'SSE-S3'
    : `SSE-KMS with ${set.keyId ?? "AWS's own key"}`;
}

function forWhom({ identity, projectId }: WantedSetup): string {
  return projectId === undefined
    ? `every project of account ${identity.account} in ${identity.region}`
    : `the project ${projectId}`;
}

function roleArn({ identity, roles }: WantedSetup, kind: JobKind): string {
  return `arn:${partitionOf(identity)}:iam::${identity.account}:role/${roles[kind]}`;
}

function foundRole({ roles }: SetupFacts, kind: JobKind) {
  const { role } = roles[kind];
  return role && required(role);
}

/** The value of a fact that planning needs. */
function required<T>(seen: Seen<T> | undefined): T {
  if (seen === undefined) throw new AudienceError('internal', 'A part of the setup was not inspected');
  if ('error' in seen) throw seen.error;
  return seen.value;
}

function document(...Statement: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

/** The document with the missing statements added. */
function extended(policy: PolicyDocument, statements: readonly Statement[]): PolicyDocument {
  const missing = statements.filter(
    (one) => !policy.Statement.some((other) => isDeepStrictEqual(one, other)),
  );
  // Statement ids must be unique, for example for the same setup with a second project.
  const taken = new Set(policy.Statement.map(({ Sid }) => Sid));
  const named = missing.map((one) => {
    let [Sid, count] = [one.Sid, 1];
    while (Sid !== undefined && taken.has(Sid)) Sid = `${one.Sid ?? ''}${++count}`;
    taken.add(Sid);
    return { ...one, ...(Sid !== undefined && { Sid }) };
  });
  return { ...policy, Statement: [...policy.Statement, ...named] };
}
