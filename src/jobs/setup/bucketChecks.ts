import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Requester, PolicyDocument, Statement } from '../../aws/iam/policy.ts';
import { decide } from '../../aws/iam/policy.ts';
import type { LifecycleRule } from '../../aws/iam/setupServices.ts';
import { listedPrefix, sampleKey } from './callerNeeds.ts';
import type { Check, Finding } from './checkFindings.ts';
import { failed, notSeen, ok, pages, unknown, warning } from './checkFindings.ts';
import type { BucketFacts, SetupFacts } from './setupFacts.ts';

/** Days after which staged objects should be deleted. */
export const stagingDays = 7;

type Inside = NonNullable<BucketFacts['inside']>;

/** A check of a setting of an existing bucket. */
const inside =
  <K extends keyof Inside>(
    part: K,
    permission: string,
    evaluate: (value: Extract<Inside[K], { value: unknown }>['value'], facts: SetupFacts) => Finding,
  ): Check['evaluate'] =>
  (facts) => {
    const seen = facts.bucket?.inside?.[part];
    if (seen === undefined) return undefined;
    if ('error' in seen) return notSeen(seen.error, permission);
    return evaluate(seen.value, facts);
  };

const group = 'Staging bucket';

export const bucketChecks: readonly Check[] = [
  {
    id: 'bucket',
    group,
    page: pages.buckets,
    evaluate: ({ scope, bucket }: SetupFacts): Finding | undefined => {
      if (!bucket) {
        return failed('No staging bucket is set', 'Run "Select Staging Bucket…", or create a setup.');
      }
      const { region } = bucket;
      if ('value' in region) return ok(`Bucket ${scope.bucket} found`);
      return failed(region.error.message, region.error.help);
    },
  },
  {
    id: 'bucket-region',
    group,
    page: pages.bucketRegion,
    evaluate: ({ scope, bucket }: SetupFacts): Finding | undefined => {
      if (!bucket || !('value' in bucket.region)) return undefined;
      const [here, there] = [scope.identity.region, bucket.region.value];
      if (here === there) return ok(`The bucket is in ${there}, like the project`);
      return warning(
        `The bucket is in ${there}, the project in ${here}. AWS doesn't document whether jobs work then`,
        'Use a bucket in the region of the project.',
      );
    },
  },
  {
    id: 'bucket-public-access',
    group,
    page: pages.publicAccess,
    evaluate: inside('publicAccess', 's3:GetBucketPublicAccessBlock', (set) => {
      const open = Object.entries(set ?? { 'all four settings': false }).filter(([, isOn]) => !isOn);
      if (open.length === 0) return ok('Public access is blocked');
      return failed(
        `Public access isn't fully blocked. Off: ${open.map(([name]) => name).join(', ')}`,
        'Turn on all four settings of Block Public Access: staged files are personal data. The settings of the account, which may also block it, were not checked.',
      );
    }),
  },
  {
    id: 'bucket-encryption',
    group,
    page: pages.encryption,
    evaluate: inside('encryption', 's3:GetEncryptionConfiguration', (set) => {
      if (!set) {
        return warning(
          "The bucket has no default encryption. Uploads request encryption, exports don't",
          'Set SSE-S3 or SSE-KMS as the default encryption of the bucket.',
        );
      }
      if (set.algorithm === 'AES256') return ok('Objects are encrypted by default, with keys of S3 (SSE-S3)');
      return ok(
        `Objects are encrypted by default, with ${set.keyId ?? "AWS's own KMS key for S3"} (SSE-KMS)`,
      );
    }),
  },
  {
    id: 'bucket-key',
    group,
    page: pages.kms,
    evaluate: ({ scope, bucket }: SetupFacts): Finding | undefined => {
      const used = bucket && [bucket.keys.import, bucket.keys.export].filter((key) => key !== undefined);
      for (const { id, key } of used ?? []) {
        if ('error' in key) {
          if (key.error.code !== 'not-found') return notSeen(key.error, 'kms:DescribeKey');
          return failed(
            `KMS key ${id} not found in ${scope.identity.region}`,
            'Choose a key in the region of the bucket: in pinpointAudience.staging.kmsKeyId, or as the default encryption of the bucket.',
          );
        }
        const { arn, enabled, state } = key.value;
        if (!enabled)
          return failed(
            `The KMS key ${arn} can't be used: it is ${state}`,
            'Enable the key, or choose another one.',
          );
        const region = arn.split(':')[3];
        if ('value' in bucket!.region && region !== bucket!.region.value) {
          return failed(
            `The KMS key ${arn} is in ${region ?? 'another region'}, the bucket in ${bucket!.region.value}`,
            'Choose a key in the region of the bucket.',
          );
        }
      }
      const [first] = used ?? [];
      return first && ok(`The KMS key ${first.id} is enabled`);
    },
  },
  {
    id: 'bucket-lifecycle',
    group,
    page: pages.lifecycle,
    evaluate: inside('lifecycle', 's3:GetLifecycleConfiguration', ({ rules }, { scope }) => {
      const days = minDays(rules, scope.prefix, ({ Expiration }) => Expiration?.Days);
      if (days !== undefined && days <= stagingDays)
        return ok(`Staged objects are deleted after ${inDays(days)}`);
      return warning(
        days === undefined
          ? `No rule deletes staged objects under ${scope.prefix || 'the bucket'}: personal data stays there`
          : `Staged objects under ${scope.prefix || 'the bucket'} stay for ${inDays(days)}`,
        `Add a lifecycle rule for ${scope.prefix || 'the whole bucket'} that expires objects after ${stagingDays} days.`,
      );
    }),
  },
  {
    id: 'bucket-uploads',
    group,
    page: pages.multipart,
    evaluate: inside('lifecycle', 's3:GetLifecycleConfiguration', ({ rules }, { scope }) => {
      const days = minDays(
        rules,
        scope.prefix,
        (rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
      );
      if (days !== undefined && days <= stagingDays)
        return ok(`Incomplete uploads are aborted after ${inDays(days)}`);
      return warning(
        days === undefined
          ? 'No rule aborts incomplete uploads: their hidden parts stay and cost money'
          : `Incomplete uploads are kept for ${inDays(days)}`,
        `Add AbortIncompleteMultipartUpload after ${stagingDays} days to the lifecycle rule.`,
      );
    }),
  },
  {
    id: 'bucket-versions',
    group,
    page: pages.versions,
    evaluate: inside('versioning', 's3:GetBucketVersioning', (versioning, { scope, bucket }) => {
      if (versioning === undefined) return ok('The bucket keeps no versions of deleted objects');
      const lifecycle = bucket?.inside?.lifecycle;
      const rules = lifecycle && 'value' in lifecycle ? lifecycle.value.rules : [];
      const days = minDays(rules, scope.prefix, (rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays);
      if (days !== undefined && days <= stagingDays)
        return ok(`The bucket deletes noncurrent versions after ${inDays(days)}`);
      const [what, kept] =
        versioning === 'Enabled'
          ? ['The bucket keeps versions', 'deleted and expired objects stay as noncurrent versions']
          : ['Versioning is suspended', 'existing versions stay'];
      return warning(
        `${what}: ${kept}${days === undefined ? '' : ` for ${inDays(days)}`}`,
        `Add NoncurrentVersionExpiration after ${stagingDays} days to the lifecycle rule: staged files are personal data.`,
      );
    }),
  },
  {
    id: 'bucket-policy',
    group,
    page: pages.bucketPolicy,
    evaluate: inside('policy', 's3:GetBucketPolicy', (policy, facts) =>
      policy ? checkPolicy(policy, facts) : ok('The bucket has no policy that could deny anything'),
    ),
  },
];

/** The minimum days of all enabled rules for everything under `prefix`. */
function minDays(
  rules: readonly LifecycleRule[],
  prefix: string,
  daysOf: (rule: LifecycleRule) => number | undefined,
): number | undefined {
  const days = rules.filter((rule) => covers(rule, prefix)).flatMap((rule) => daysOf(rule) ?? []);
  return days.length === 0 ? undefined : Math.min(...days);
}

/** True if a rule applies to every object under `prefix`, regardless of tags and size. */
export function covers({ Status, Prefix, Filter = {} }: LifecycleRule, prefix: string): boolean {
  const { And, Tag, ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = Filter;
  if (Status !== 'Enabled' || And || Tag || above || below !== undefined) return false;
  return prefix.startsWith(Filter.Prefix ?? Prefix ?? '');
}

/** The requests that use the bucket. */
function usersOfBucket({
  scope,
  principal,
  roles,
}: SetupFacts): readonly (readonly [
  who: string,
  requester: Requester,
  action: string,
  resource: string,
  context: Readonly<Record<string, readonly string[]>>,
])[] {
  const { identity, prefix, kmsKeyId } = scope;
  const { arn: me, account } = identity;
  const bucket = `arn:${partitionOf(scope.identity)}:s3:::${scope.bucket}`;
  const object = `${bucket}/${prefix}${sampleKey}`;
  const role = (kind: JobKind): Requester | undefined => {
    const { role } = roles[kind];
    return role && 'value' in role && role.value ? { arn: role.value.arn, account } : undefined;
  };
  const [importRole, exportRole] = [role('import'), role('export')];
  const sse = { 's3:x-amz-server-side-encryption': [kmsKeyId === '' ? 'AES256' : 'aws:kms'] };
  const user = { arn: 'value' in principal ? principal.value : me, account };
  return [
    ['you', user, 's3:PutObject', object, sse],
    ['you', user, 's3:GetObject', object, {}],
    ...(importRole
      ? ([
          ['the import role', importRole, 's3:GetObject', object, {}],
          ['the import role', importRole, 's3:ListBucket', bucket, { 's3:prefix': [listedPrefix(prefix)] }],
        ] as const)
      : []),
    ...(exportRole ? ([['the export role', exportRole, 's3:PutObject', object, {}]] as const) : []),
  ];
}

/** Checks denials only: within an account, the policy needn't allow anything. */
function checkPolicy(policy: PolicyDocument, facts: SetupFacts): Finding {
  const denials: PolicyDocument = {
    Statement: [
      ...policy.Statement.filter(({ Effect }) => Effect === 'Deny'),
      { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
    ],
  };
  let open: Finding | undefined;
  for (const [who, requester, action, resource, own] of usersOfBucket(facts)) {
    const account = facts.scope.identity.account;
    const context = {
      'aws:securetransport': ['true'],
      'aws:principalaccount': [account],
      's3:resourceaccount': [account],
      'aws:resourceaccount': [account],
      ...('arn' in requester && { 'aws:principalarn': [requester.arn] }),
      ...own,
    };
    const { effect, by } = decide([denials], { requester, action, resource, context });
    if (effect === 'deny') {
      return failed(
        `The bucket policy denies ${who} ${action}: ${nameOf(by)}`,
        'Exclude them from that statement, or use another bucket.',
      );
    }
    if (effect === 'unknown') {
      open ??= unknown(
        `Unknown: the bucket policy may deny ${who} ${action}, depending on conditions: ${nameOf(by)}`,
        'Check the conditions of that statement: requests of Amazon Pinpoint come neither from your network nor from your VPC.',
      );
    }
  }
  return open ?? ok('The bucket policy denies no required action');
}

function nameOf(statement: Statement | undefined): string {
  if (statement?.Sid) return `statement "${statement.Sid}"`;
  return `a statement on ${[statement?.Action ?? statement?.NotAction ?? 'everything'].flat().join(', ')}`;
}

function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
