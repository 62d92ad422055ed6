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
  /** What it is about, such as `Bucket my-bucket`. */
  readonly title: string;
  /** `change`: something that somebody else made would become another. */
  readonly action: 'none' | 'create' | 'change';
  /** How it stands, or what will be. */
  readonly says: string;
  readonly call?: SetupCall;
  /** What is there now, where it changes. */
  readonly now?: unknown;
  /** The checks that are well after it. */
  readonly fixes: readonly string[];
}

export interface SetupPlan {
  readonly wanted: WantedSetup;
  readonly steps: readonly PlanStep[];
  readonly roleArns: Readonly<Record<JobKind, string>>;
}

/** Where to look before planning. */
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

/** What an earlier run began to create, by step: it is finished, not changed. */
type Made = ReadonlySet<StepId>;

/**
 * Compares what is wanted with what is there. Whatever serves the purpose is left as it is; nothing is ever made weaker.
 *
 * @throws AudienceError where something cannot be looked at, or stands in the way, such as a bucket of somebody else
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
 * Everything here ends up in policies and scripts.
 *
 * @throws AudienceError `bad-input` for a name that AWS doesn't allow, or a prefix with characters that can't be seen
 */
function validateWanted({ bucket, prefix, kmsKeyId, projectId, roles }: WantedSetup): void {
  const help = 'Set pinpointAudience.staging.prefix, such as pinpoint-audience/.';
  if (prefix === '')
    throw new AudienceError('bad-input', 'A setup needs a folder in the bucket, whose files expire', {
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

/** The steps that do something: those that create, and where existing things may be changed those too. */
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
  const there = isBucketThere(wanted, facts);
  const own = there === undefined || made.has('bucket');
  const step = (
    id: StepId,
    title: string,
    fixes: readonly string[],
    found: { readonly fits: boolean; readonly kept: string; readonly says: string; readonly now?: unknown },
    call: SetupCall,
  ): PlanStep => {
    if (found.fits) return { id, title, action: 'none', says: found.kept, fixes };
    const { says, now } = found;
    const action = own ? 'create' : 'change';
    return { id, title, action, says, call, fixes, ...(!own && now !== undefined && { now }) };
  };

  const access = there && required(there.publicAccess);
  const encryption = there && required(there.encryption);
  const lifecycle = there ? required(there.lifecycle) : { rules: [] };
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
        fits: there !== undefined,
        kept: `is there, in ${identity.region}`,
        says: `is created in ${identity.region}`,
      },
      {
        service: 's3',
        operation: 'CreateBucket',
        input: {
          Bucket,
          // us-east-1 must not be named (Amazon S3 API reference, CreateBucket).
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
        kept: 'is blocked',
        says: 'is blocked, all four settings',
        now: access ?? 'nothing is blocked',
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
        // SSE-KMS is more than SSE-S3, and so it stays.
        fits:
          encryption !== undefined &&
          (key === undefined ? true : encryption.algorithm !== 'AES256' && isSameKey(encryption.keyId, key)),
        kept: `is ${nameOfEncryption(encryption)}`,
        says: key === undefined ? 'is SSE-S3 by default' : `is SSE-KMS by default, with ${key}`,
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
        kept: 'what is staged expires',
        says: `what lies below ${prefix} is deleted after ${stagingDays} days, unfinished uploads too${others.length > 0 ? '; the other rules stay' : ''}`,
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

/** What is known of a bucket that is there; throws where it is not one to be used. */
function isBucketThere({ bucket, identity }: WantedSetup, facts: SetupFacts) {
  const region = facts.bucket?.region;
  if (region === undefined) throw new AudienceError('internal', 'The bucket was not looked at');
  if ('error' in region) {
    if (region.error.code === 'not-found') return undefined;
    if (region.error.code !== 'access-denied') throw region.error;
    throw new AudienceError('conflict', `The bucket ${bucket} is there, but is not yours to use`, {
      help: 'Names of buckets are unique in all of AWS: choose another one.',
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
    ? { id: `${kind}-role`, title: `Role ${RoleName}`, action: 'none', says: 'is there', fixes: fixes('') }
    : {
        id: `${kind}-role`,
        title: `Role ${RoleName}`,
        action: 'create',
        says: `is created, and trusts Amazon Pinpoint for ${forWhom(wanted)}`,
        call: {
          service: 'iam',
          operation: 'CreateRole',
          input: {
            RoleName,
            Description: `Amazon Pinpoint takes it on to ${kind === 'import' ? 'read what is staged' : 'write exports'} in ${wanted.bucket}`,
            AssumeRolePolicyDocument: document(trustStatement(wanted)),
          },
        },
        fixes: fixes('', '-trust', '-account', '-source'),
      };
  const trust = role && trustStep(kind, role, wanted, change);
  const isAllowed = policies !== undefined && mayDoItsPart(kind, policies, wanted, facts, scope);
  const policy: PlanStep = {
    id: `${kind}-policy`,
    title: `Permissions of ${RoleName}`,
    fixes: fixes(
      ...['GetObject', 'ListBucket', 'PutObject', 'GetBucketLocation', 'ListAllMyBuckets', 'key'].map(
        (part) => `-${part}`,
      ),
    ),
    ...(isAllowed
      ? { action: 'none', says: `cover s3://${wanted.bucket}/${wanted.prefix}` }
      : {
          action: change,
          says: `the policy ${PolicyName} is ${before.length > 0 ? 'extended' : 'added'}: ${kind === 'import' ? 'reading' : 'writing'} below s3://${wanted.bucket}/${wanted.prefix}`,
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
    return { ...about, action: 'none', says: `admits Amazon Pinpoint for ${forWhom(wanted)}` };
  }
  return {
    ...about,
    action,
    says: `a statement is added that admits Amazon Pinpoint for ${forWhom(wanted)}`,
    now: trust,
    call: {
      service: 'iam',
      operation: 'UpdateAssumeRolePolicy',
      input: { RoleName, PolicyDocument: extended(trust, [trustStatement(wanted)]) },
    },
  };
}

/** Of each bucket its own policy, so that one setup does not take away what another gave. */
function policyName(bucket: string): string {
  return `PinpointAudience-${bucket}`;
}

function mayDoItsPart(
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
  // For all projects: then for one of any id.
  const source = apps + (projectId ?? 'f00d0000000000000000000000000000');
  return decide([trust], assumption(account, [source])).effect === 'allow';
}

/** The key that a role has to be able to use, as an ARN; AWS's own key needs no permission. */
function keyOfRole(kind: JobKind, wanted: WantedSetup, facts: SetupFacts): string | undefined {
  const used = facts.bucket?.keys[kind] ?? (wanted.kmsKeyId === '' ? undefined : facts.bucket?.keys.import);
  const key = used && required(used.key);
  return key && !key.isManagedByAws ? key.arn : undefined;
}

function wantedKey({ kmsKeyId }: WantedSetup, facts: SetupFacts): string | undefined {
  if (kmsKeyId === '') return undefined;
  const key = facts.bucket?.keys.import;
  if (key === undefined) throw new AudienceError('internal', 'The key was not looked at');
  const { arn, enabled, state } = required(key.key);
  if (enabled) return arn;
  throw new AudienceError('bad-input', `The KMS key ${arn} cannot be used: it is ${state}`, {
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
    : `SSE-KMS, with ${set.keyId ?? "AWS's own key"}`;
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

/** Without this nothing can be planned. */
function required<T>(seen: Seen<T> | undefined): T {
  if (seen === undefined) throw new AudienceError('internal', 'Something was not looked at');
  if ('error' in seen) throw seen.error;
  return seen.value;
}

function document(...Statement: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

/** The document with what it lacks; nothing is taken out of it. */
function extended(policy: PolicyDocument, statements: readonly Statement[]): PolicyDocument {
  const missing = statements.filter(
    (one) => !policy.Statement.some((other) => isDeepStrictEqual(one, other)),
  );
  // Ids of statements have to differ, as where the same setup is made for a second project.
  const taken = new Set(policy.Statement.map(({ Sid }) => Sid));
  const named = missing.map((one) => {
    let [Sid, count] = [one.Sid, 1];
    while (Sid !== undefined && taken.has(Sid)) Sid = `${one.Sid ?? ''}${++count}`;
    taken.add(Sid);
    return { ...one, ...(Sid !== undefined && { Sid }) };
  });
  return { ...policy, Statement: [...policy.Statement, ...named] };
}
