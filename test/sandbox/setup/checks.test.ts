import assert from 'node:assert/strict';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeletePublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import type { CheckResult } from '../../../src/jobs/setup/setupChecks.ts';
import { checkSetup } from '../../../src/jobs/setup/setupChecks.ts';
import type { SetupScope } from '../../../src/jobs/setup/setupFacts.ts';
import { inspectSetup } from '../../../src/jobs/setup/inspectSetup.ts';
import { clientConfig } from '../../support/sandbox.ts';
import type { Workshop } from './broken.ts';
import {
  attachAdministrator,
  document,
  openWorkshop,
  permissions,
  removePolicy,
  setLifecycle,
  trust,
} from './broken.ts';

type Statuses = Readonly<Record<string, string>>;

/** A way in which a setup is broken, and all that is then said otherwise than of one that is in order. */
interface Breakage {
  readonly name: string;
  readonly break: (shop: Workshop, scope: SetupScope) => Promise<unknown>;
  /** By id; `gone` where there is nothing left to judge. */
  readonly says: Statuses;
}

const roleName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
const projectArn = (scope: SetupScope): string =>
  `arn:aws:mobiletargeting:${scope.identity.region}:${scope.identity.account}:apps/${scope.projectId ?? ''}`;

const setTrust = (shop: Workshop, arn: string, PolicyDocument: string): Promise<unknown> =>
  shop.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: roleName(arn), PolicyDocument }));
const setPolicy = (shop: Workshop, arn: string, PolicyDocument: string): Promise<unknown> =>
  shop.iam.send(new PutRolePolicyCommand({ RoleName: roleName(arn), PolicyName: 'Staging', PolicyDocument }));
const setBucketPolicy = (shop: Workshop, { bucket }: SetupScope, statement: object): Promise<unknown> =>
  shop.sandbox.s3.send(
    new PutBucketPolicyCommand({
      Bucket: bucket,
      Policy: document({ Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`], ...statement }),
    }),
  );

const needed = [
  'mobiletargeting:GetApps',
  'mobiletargeting:GetApp',
  'mobiletargeting:GetSegments',
  'mobiletargeting:CreateImportJob',
  'mobiletargeting:GetImportJob',
  'mobiletargeting:GetImportJobs',
  'mobiletargeting:CreateExportJob',
  'mobiletargeting:GetExportJob',
  'mobiletargeting:GetExportJobs',
  's3:PutObject',
  's3:ListBucket',
  's3:GetObject',
];
const comforts = [
  'mobiletargeting:CreateSegment',
  'mobiletargeting:GetSegment',
  'mobiletargeting:GetSegmentVersion',
  'mobiletargeting:GetSegmentVersions',
  'mobiletargeting:GetSegmentImportJobs',
  'mobiletargeting:UpdateSegment',
  'mobiletargeting:DeleteSegment',
  'mobiletargeting:UpdateEndpointsBatch',
  'mobiletargeting:GetEndpoint',
  'mobiletargeting:UpdateEndpoint',
  'mobiletargeting:DeleteEndpoint',
  'mobiletargeting:GetUserEndpoints',
  'mobiletargeting:DeleteUserEndpoints',
  'mobiletargeting:RemoveAttributes',
  's3:ListAllMyBuckets',
  's3:ListMultipartUploadParts',
  's3:AbortMultipartUpload',
  's3:ListBucketMultipartUploads',
  's3:DeleteObject',
];
const callerActions = [...needed, ...comforts];
const inBucket = callerActions.filter((action) => /^s3:(?!ListAllMyBuckets)/.test(action));

/** What can't be read, either, without these permissions. */
const alsoBy: Readonly<Record<string, Breakage['says']>> = {
  'mobiletargeting:GetApp': {
    project: 'failed',
    audience: 'gone',
    'import-role-source': 'unknown',
    'export-role-source': 'unknown',
  },
  'mobiletargeting:GetSegments': { audience: 'failed' },
};

const breakages: readonly Breakage[] = [
  ...callerActions
    // Without it the bucket can't be found at all: see the bucket that is deleted.
    .filter((action) => action !== 's3:ListBucket')
    .map((action) => ({
      name: `the user may not do ${action}`,
      break: (shop: Workshop) => shop.deny(action),
      says: {
        [`caller-${action}`]: comforts.includes(action) ? 'warning' : 'failed',
        ...alsoBy[action],
      },
    })),
  ...[
    {
      name: 'the bucket is deleted',
      break: ({ sandbox }: Workshop, { bucket }: SetupScope) =>
        sandbox.s3.send(new DeleteBucketCommand({ Bucket: bucket })),
    },
    { name: 'the user may not do s3:ListBucket', break: (shop: Workshop) => shop.deny('s3:ListBucket') },
  ].map((breakage) => ({
    ...breakage,
    says: {
      bucket: 'failed',
      ...Object.fromEntries(
        [
          ...inBucket.map((action) => `caller-${action}`),
          ...['region', 'public-access', 'encryption', 'lifecycle', 'uploads', 'versions', 'policy'].map(
            (part) => `bucket-${part}`,
          ),
        ].map((id) => [id, 'gone']),
      ),
    },
  })),
  {
    name: 'the bucket is in another region',
    break: async ({ sandbox }, scope) => {
      const elsewhere = new S3Client({ ...clientConfig(sandbox), region: 'eu-west-1' });
      const { bucket } = scope;
      await sandbox.s3.send(new DeleteBucketCommand({ Bucket: bucket }));
      await elsewhere.send(
        new CreateBucketCommand({
          Bucket: bucket,
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      );
      await setLifecycle({ s3: elsewhere }, bucket, {});
      elsewhere.destroy();
    },
    // What a bucket has is answered in its own region only.
    says: {
      'bucket-region': 'warning',
      ...Object.fromEntries(
        ['public-access', 'encryption', 'lifecycle', 'uploads', 'versions', 'policy'].map((part) => [
          `bucket-${part}`,
          'unknown',
        ]),
      ),
    },
  },
  {
    name: 'public access is not blocked at all',
    break: ({ sandbox }, { bucket: Bucket }) =>
      sandbox.s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
    says: { 'bucket-public-access': 'failed' },
  },
  {
    name: 'one setting against public access is off',
    break: ({ sandbox }, { bucket: Bucket }) =>
      sandbox.s3.send(
        new PutPublicAccessBlockCommand({
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: false,
            RestrictPublicBuckets: true,
          },
        }),
      ),
    says: { 'bucket-public-access': 'failed' },
  },
  {
    name: 'there is no default encryption',
    break: ({ sandbox }, { bucket: Bucket }) =>
      sandbox.s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
    says: { 'bucket-encryption': 'warning' },
  },
  {
    name: 'there are no lifecycle rules',
    break: ({ sandbox }, { bucket: Bucket }) => sandbox.s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
    says: { 'bucket-lifecycle': 'warning', 'bucket-uploads': 'warning' },
  },
  ...Object.entries({
    'the rule is disabled': { Status: 'Disabled' },
    'the rule is for another prefix': { Filter: { Prefix: 'staged/2026/' } },
    // S3 takes no abort of uploads in a rule with tags.
    'the rule is for objects with a tag': {
      Filter: { Tag: { Key: 'a', Value: 'b' } },
      AbortIncompleteMultipartUpload: undefined,
    },
  }).map(([name, change]) => ({
    name,
    break: ({ sandbox }: Workshop, { bucket }: SetupScope) => setLifecycle(sandbox, bucket, change),
    says: { 'bucket-lifecycle': 'warning', 'bucket-uploads': 'warning' },
  })),
  {
    name: 'what is staged stays for a month',
    break: ({ sandbox }, { bucket }) => setLifecycle(sandbox, bucket, { Expiration: { Days: 30 } }),
    says: { 'bucket-lifecycle': 'warning' },
  },
  {
    name: 'nothing ends unfinished uploads',
    break: ({ sandbox }, { bucket }) =>
      setLifecycle(sandbox, bucket, { AbortIncompleteMultipartUpload: undefined }),
    says: { 'bucket-uploads': 'warning' },
  },
  {
    name: 'the bucket keeps versions that it had',
    break: ({ sandbox }, { bucket: Bucket }) =>
      sandbox.s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
      ),
    says: { 'bucket-versions': 'warning' },
  },
  {
    name: 'the bucket policy denies everybody reading',
    break: (shop, scope) =>
      setBucketPolicy(shop, scope, { Sid: 'No', Effect: 'Deny', Principal: '*', Action: 's3:GetObject' }),
    says: { 'bucket-policy': 'failed' },
  },
  {
    name: 'the bucket policy denies the export role',
    break: (shop, scope) =>
      setBucketPolicy(shop, scope, {
        Effect: 'Deny',
        Principal: { AWS: scope.roles.export },
        Action: 's3:Put*',
      }),
    says: { 'bucket-policy': 'failed' },
  },
  {
    name: 'the bucket policy denies what does not come from a network',
    break: (shop, scope) =>
      setBucketPolicy(shop, scope, {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      }),
    says: { 'bucket-policy': 'unknown' },
  },
  {
    name: 'the bucket policy denies uploads that are not encrypted with KMS',
    break: (shop, scope) =>
      setBucketPolicy(shop, scope, {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      }),
    says: { 'bucket-policy': 'failed' },
  },
  ...(['import', 'export'] as const).flatMap((kind): readonly Breakage[] => {
    const Kind = kind === 'import' ? 'Import' : 'Export';
    const arn = (scope: SetupScope): string => scope.roles[kind];
    const id = (part: string): string => `${kind}-role${part}`;
    const actions =
      kind === 'import'
        ? ['s3:GetObject', 's3:ListBucket']
        : ['s3:PutObject', 's3:GetBucketLocation', 's3:ListAllMyBuckets'];
    const conditional = ['-trust', '-account', '-source', '-pass', ...actions.map((a) => `-${a.slice(3)}`)];
    const gone = (...parts: string[]): Statuses =>
      Object.fromEntries(parts.map((part) => [id(part), 'gone']));
    const trusting = (name: string, change: (scope: SetupScope) => string, says: Statuses): Breakage => ({
      name: `the ${kind} role ${name}`,
      break: (shop, scope) => setTrust(shop, arn(scope), change(scope)),
      says,
    });
    const changed = (scope: SetupScope, change: object): string =>
      trust(scope.identity.account, projectArn(scope), change);
    const noTrust = { [id('-trust')]: 'failed', ...gone('-account', '-source') };
    return [
      {
        name: `the ${kind} role is deleted`,
        break: async (shop, scope) => {
          await removePolicy(shop.iam, roleName(arn(scope)));
          await shop.iam.send(new DeleteRoleCommand({ RoleName: roleName(arn(scope)) }));
        },
        says: { [id('')]: 'failed', ...gone(...conditional) },
      },
      {
        name: `the ${kind} role is not set`,
        break: (_shop, scope) => Promise.resolve({ ...scope, roles: { ...scope.roles, [kind]: '' } }),
        says: { [id('')]: 'warning', ...gone(...conditional) },
      },
      {
        name: `the ${kind} role is no role`,
        break: (_shop, scope) =>
          Promise.resolve({
            ...scope,
            roles: { ...scope.roles, [kind]: arn(scope).replace(':role/', ':user/') },
          }),
        says: { [id('')]: 'failed', ...gone(...conditional) },
      },
      {
        name: `the ${kind} role is of another account`,
        break: (_shop, scope) =>
          Promise.resolve({
            ...scope,
            roles: { ...scope.roles, [kind]: arn(scope).replace(/\d{12}/, '999999999999') },
          }),
        says: { [id('')]: 'failed', ...gone(...conditional) },
      },
      {
        name: `the ${kind} role has a path that the setting leaves out`,
        break: (_shop, scope) =>
          Promise.resolve({
            ...scope,
            roles: { ...scope.roles, [kind]: arn(scope).replace(':role/', ':role/team/') },
          }),
        says: { [id('')]: 'failed' },
      },
      trusting(
        'trusts EC2',
        (scope) => changed(scope, { Principal: { Service: 'ec2.amazonaws.com' } }),
        noTrust,
      ),
      trusting(
        'trusts the Pinpoint of old',
        (scope) => changed(scope, { Principal: { Service: 'pinpoint.us-east-1.amazonaws.com' } }),
        noTrust,
      ),
      trusting('may be tagged only', (scope) => changed(scope, { Action: 'sts:TagSession' }), noTrust),
      trusting(
        'denies what it allows',
        (scope) => {
          const allow = JSON.parse(changed(scope, {})) as { Statement: object[] };
          return document(...allow.Statement, { Effect: 'Deny', Principal: '*', Action: 'sts:*' });
        },
        noTrust,
      ),
      trusting('is for another account', (scope) => trust('999999999999', projectArn(scope)), {
        [id('-account')]: 'failed',
      }),
      trusting('is for everybody', (scope) => changed(scope, { Condition: {} }), {
        [id('-account')]: 'warning',
      }),
      trusting(
        'is for another project',
        (scope) => trust(scope.identity.account, projectArn(scope).replace(/[^/]+$/, 'f'.repeat(32))),
        { [id('-source')]: 'failed' },
      ),
      trusting(
        'is for another region',
        (scope) => trust(scope.identity.account, projectArn(scope).replace('us-east-1', 'eu-west-1')),
        { [id('-source')]: 'failed' },
      ),
      trusting(
        'is for a pattern that is no pattern to StringEquals',
        (scope) =>
          changed(scope, {
            Condition: {
              StringEquals: {
                'aws:SourceAccount': scope.identity.account,
                'aws:SourceArn': projectArn(scope).replace(/[^/]+$/, '*'),
              },
            },
          }),
        { [id('-source')]: 'failed' },
      ),
      ...actions.map((action, at): Breakage => ({
        name: `the ${kind} role may not do ${action}`,
        break: (shop, scope) => setPolicy(shop, arn(scope), permissions(Kind, scope.bucket, action)),
        says: { [id(`-${action.slice(3)}`)]: kind === 'export' && at > 0 ? 'warning' : 'failed' },
      })),
      {
        name: `the ${kind} role is for another folder of the bucket`,
        break: (shop, scope) =>
          setPolicy(shop, arn(scope), permissions(Kind, scope.bucket).replaceAll('/staged/', '/other/')),
        says: { [id(kind === 'import' ? '-GetObject' : '-PutObject')]: 'failed' },
      },
      {
        name: `the ${kind} role denies what an attached policy allows`,
        break: async (shop, scope) => {
          await attachAdministrator(shop.iam, roleName(arn(scope)));
          await setPolicy(
            shop,
            arn(scope),
            document({ Effect: 'Deny', NotAction: actions.slice(1), Resource: '*' }),
          );
        },
        says: { [id(`-${actions[0]!.slice(3)}`)]: 'failed' },
      },
      {
        name: `the user may not pass the ${kind} role`,
        break: (shop, scope) => shop.denyOn(arn(scope), 'iam:PassRole'),
        says: { [id('-pass')]: 'failed' },
      },
    ];
  }),
];

describe('Checking a setup', () => {
  let shop: Workshop;
  /** Of any setup that is in order. */
  let before_: Statuses;

  before(async () => {
    shop = await openWorkshop();
    before_ = statuses(await look(await shop.fresh()));
  });
  afterEach(() => shop.deny());
  after(() => shop.close());

  const look = async (scope: SetupScope): Promise<readonly CheckResult[]> =>
    checkSetup(await inspectSetup(shop.connection, scope));
  const statuses = (results: readonly CheckResult[]): Statuses =>
    Object.fromEntries(results.map(({ id, status }) => [id, status]));

  it('finds no problems in a valid setup, and reports the status of each part', async () => {
    const results = await look(await shop.fresh());
    assert.deepEqual(
      results.filter(({ status }) => status !== 'ok'),
      [],
    );
    assert.equal(new Set(results.map(({ id }) => id)).size, results.length, 'each id once');
    assert.equal(results.length, 1 + callerActions.length + 2 + 8 + 7 + 8);
    for (const { message, page } of results) {
      assert.match(message, /^[A-Z].{10,}/);
      assert.match(page, /^https:\/\/docs\./);
    }
  });

  it("accepts the sandbox's initial setup", async () => {
    const { identity } = shop.connection;
    const role = (name: string): string => `arn:aws:iam::${identity.account}:role/Pinpoint${name}`;
    const scope: SetupScope = {
      identity,
      projectId: undefined,
      bucket: 'pinpoint-audience-sample',
      prefix: 'pinpoint-audience/',
      kmsKeyId: '',
      roles: { import: role('Import'), export: role('Export') },
    };
    assert.deepEqual(
      (await look(scope)).filter(({ status }) => status !== 'ok'),
      [],
    );
  });

  const onlyBelow = (prefix: string): object => ({ StringLike: { 's3:prefix': `${prefix}*` } });

  it('accepts roles that list the bucket below the prefix only, and no other prefix', async () => {
    const scope = await shop.fresh();
    const resource = `arn:aws:s3:::${scope.bucket}`;
    const policy = (Condition: object): string =>
      document(
        { Effect: 'Allow', Action: 's3:GetObject', Resource: `${resource}/staged/*` },
        { Effect: 'Allow', Action: 's3:ListBucket', Resource: resource, Condition },
      );
    await setPolicy(shop, scope.roles.import, policy(onlyBelow(scope.prefix)));
    assert.deepEqual(statuses(await look(scope)), before_);
    await setPolicy(shop, scope.roles.import, policy(onlyBelow('other/')));
    assert.equal(statuses(await look(scope))['import-role-ListBucket'], 'failed');
  });

  it('accepts a bucket policy that denies listing anything else', async () => {
    const scope = await shop.fresh();
    await setBucketPolicy(shop, scope, {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:ListBucket',
      Condition: { StringNotLike: { 's3:prefix': `${scope.prefix}*` } },
    });
    assert.deepEqual(statuses(await look(scope)), before_);
  });

  for (const ask of ['by simulation', 'by trying'] as const) {
    it(`accepts a user who lists the bucket below the prefix only, ${ask}`, async () => {
      const scope = await shop.fresh();
      const denied = (prefix: string): Promise<unknown> =>
        shop.iam.send(
          new PutUserPolicyCommand({
            UserName: 'sandbox',
            PolicyName: 'Denied',
            PolicyDocument: document(
              {
                Effect: 'Deny',
                Action: 's3:ListBucket',
                Resource: '*',
                Condition: { StringNotLike: { 's3:prefix': `${prefix}*` } },
              },
              ...(ask === 'by trying'
                ? [{ Effect: 'Deny', Action: 'iam:SimulatePrincipalPolicy', Resource: '*' }]
                : []),
            ),
          }),
        );
      await denied(scope.prefix);
      const now = statuses(await look(scope));
      assert.equal(now['caller-s3:ListBucket'], 'ok');
      assert.equal(now['bucket'], 'ok');
      assert.equal(now['bucket-region'], 'ok');
      await denied('other/');
      assert.equal(statuses(await look(scope))['bucket'], 'failed');
    });
  }

  for (const { name, break: breakIt, says } of breakages) {
    it(`recognizes that ${name}, without other findings`, async () => {
      const scope = await shop.fresh();
      const changed = (await breakIt(shop, scope)) as Partial<SetupScope> | undefined;
      const results = await look(
        changed !== undefined && 'roles' in changed ? (changed as SetupScope) : scope,
      );
      const now = statuses(results);
      const all = new Set([...Object.keys(before_), ...Object.keys(now)]);
      const differences = [...all]
        .filter((id) => before_[id] !== now[id])
        .map((id) => [id, now[id] ?? 'gone']);
      assert.deepEqual(Object.fromEntries(differences), says);
      for (const { status, fix, message } of results) {
        if (status !== 'ok') assert.ok((fix ?? '').length > 10, message);
      }
    });
  }

  it('requires that a versioned bucket also deletes earlier versions', async () => {
    const facts = await inspectSetup(shop.connection, await shop.fresh());
    const { prefix } = facts.scope;
    const judged = (days: number | undefined, Filter = { Prefix: prefix }): CheckResult => {
      const rule = {
        Status: 'Enabled',
        Filter,
        NoncurrentVersionExpiration: { NoncurrentDays: days },
      } as const;
      const inside = {
        ...facts.bucket!.inside!,
        versioning: { value: 'Enabled' },
        lifecycle: { value: { rules: [rule] } },
      } as const;
      const results = checkSetup({ ...facts, bucket: { ...facts.bucket!, inside } });
      return results.find(({ id }) => id === 'bucket-versions')!;
    };
    assert.equal(judged(7).status, 'ok');
    assert.equal(judged(undefined).status, 'warning');
    assert.match(judged(undefined).message, /deleted and expired objects stay as noncurrent versions$/);
    assert.match(judged(30).message, /stay as noncurrent versions for 30 days$/);
    assert.equal(judged(1, { Prefix: 'elsewhere/' }).status, 'warning');
  });

  it("reports what it can't determine, without guessing", async () => {
    const scope = await shop.fresh();
    await shop.deny('iam:Get*', 'iam:List*', 'iam:Simulate*', 'kms:*');
    const now = statuses(await look(scope));
    // What only reads was tried instead of simulated.
    for (const action of ['mobiletargeting:GetApps', 'mobiletargeting:GetImportJobs', 's3:ListBucket']) {
      assert.equal(now[`caller-${action}`], 'ok', action);
    }
    for (const id of [
      'caller-mobiletargeting:CreateImportJob',
      'caller-s3:PutObject',
      'import-role',
      'export-role',
    ]) {
      assert.equal(now[id], 'unknown', id);
    }
    assert.equal(Object.values(now).includes('failed'), false);
  });

  it('queries IAM for the role of a session, whatever its path, and for nothing as the root user', async () => {
    const scope = await shop.fresh();
    const RoleName = `Operator-${scope.bucket}`;
    await shop.iam.send(
      new CreateRoleCommand({
        RoleName,
        Path: '/team/',
        AssumeRolePolicyDocument: trust(scope.identity.account, projectArn(scope)),
      }),
    );
    await attachAdministrator(shop.iam, RoleName);
    const PolicyDocument = document({ Effect: 'Deny', Action: 's3:PutObject', Resource: '*' });
    await shop.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'No', PolicyDocument }));
    const as = async (arn: string): Promise<Statuses> => {
      const { account } = scope.identity;
      const identity = { ...scope.identity, arn: arn.replace('ACCOUNT', account) };
      return statuses(await look({ ...scope, identity }));
    };
    const session = await as(`arn:aws:sts::ACCOUNT:assumed-role/${RoleName}/me`);
    assert.deepEqual(
      Object.entries(session).filter(([, status]) => status !== 'ok'),
      [['caller-s3:PutObject', 'failed']],
    );
    // As AWS's pages advise it: nobody but one role, by its whole ARN.
    const only = `arn:aws:iam::${scope.identity.account}:role/team/${RoleName}`;
    await setBucketPolicy(shop, scope, {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [only, scope.roles.export] } },
    });
    const listed = await as(`arn:aws:sts::ACCOUNT:assumed-role/${RoleName}/me`);
    assert.equal(listed['bucket-policy'], 'ok');
    const root = await as('arn:aws:iam::ACCOUNT:root');
    assert.equal(root['caller-s3:PutObject'], 'unknown');
    assert.equal(root['caller-s3:ListBucket'], 'ok');
  });

  describe('with a KMS key', () => {
    const withKey = async (): Promise<{ scope: SetupScope; key: string }> => {
      const { KeyMetadata } = await shop.kms.send(new CreateKeyCommand({}));
      const scope = await shop.fresh();
      const key = KeyMetadata!.Arn!;
      for (const [kind, action] of [
        ['import', 'kms:Decrypt'],
        ['export', 'kms:GenerateDataKey'],
      ] as const) {
        await shop.iam.send(
          new PutRolePolicyCommand({
            RoleName: roleName(scope.roles[kind]),
            PolicyName: 'Key',
            PolicyDocument: document({ Effect: 'Allow', Action: action, Resource: key }),
          }),
        );
      }
      await shop.sandbox.s3.send(
        new PutBucketEncryptionCommand({
          Bucket: scope.bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }],
          },
        }),
      );
      return { scope, key };
    };
    const differences = async (
      change: (scope: SetupScope, key: string) => Promise<unknown>,
    ): Promise<Statuses> => {
      const { scope, key } = await withKey();
      const before = statuses(await look(scope));
      assert.deepEqual(
        Object.values(before).filter((status) => status !== 'ok'),
        [],
      );
      for (const id of ['bucket-key', 'import-role-key', 'export-role-key', 'caller-kms:Decrypt']) {
        assert.equal(before[id], 'ok', id);
      }
      const changed = (await change(scope, key)) as SetupScope | undefined;
      const now = statuses(await look(changed && 'roles' in changed ? changed : scope));
      const all = new Set([...Object.keys(before), ...Object.keys(now)]);
      return Object.fromEntries(
        [...all].filter((id) => before[id] !== now[id]).map((id) => [id, now[id] ?? 'gone']),
      );
    };
    const removeKeyPolicy = (kind: 'import' | 'export') => (scope: SetupScope) =>
      shop.iam.send(
        new PutRolePolicyCommand({
          RoleName: roleName(scope.roles[kind]),
          PolicyName: 'Key',
          PolicyDocument: document({ Effect: 'Allow', Action: 'kms:DescribeKey', Resource: '*' }),
        }),
      );

    it('recognizes a key that is disabled, or about to be deleted', async () => {
      const id = 'bucket-key';
      assert.deepEqual(
        await differences((_scope, KeyId) => shop.kms.send(new DisableKeyCommand({ KeyId }))),
        { [id]: 'failed' },
      );
      assert.deepEqual(
        await differences((_scope, KeyId) => shop.kms.send(new ScheduleKeyDeletionCommand({ KeyId }))),
        { [id]: 'failed' },
      );
    });

    it('recognizes a missing key', async () => {
      const gone = ['import-role-key', 'caller-kms:GenerateDataKey', 'caller-kms:Decrypt'];
      assert.deepEqual(await differences((scope) => Promise.resolve({ ...scope, kmsKeyId: 'alias/none' })), {
        'bucket-key': 'failed',
        ...Object.fromEntries(gone.map((id) => [id, 'gone'])),
      });
    });

    it('recognizes roles that may not use it', async () => {
      assert.deepEqual(await differences(removeKeyPolicy('import')), { 'import-role-key': 'failed' });
      assert.deepEqual(await differences(removeKeyPolicy('export')), { 'export-role-key': 'failed' });
    });

    it("recognizes a key policy that doesn't defer to the account, and one that names the role", async () => {
      const user = `arn:aws:iam::${shop.sandbox.account}:user/sandbox`;
      const only = (...arns: string[]): string =>
        document(
          { Effect: 'Allow', Principal: { AWS: arns }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Allow',
            Principal: { AWS: user },
            Action: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy'],
            Resource: '*',
          },
        );
      assert.deepEqual(
        await differences((scope, KeyId) =>
          shop.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: only(scope.roles.import) })),
        ),
        { 'export-role-key': 'failed' },
      );
      assert.deepEqual(
        await differences(async (scope, KeyId) => {
          await removeKeyPolicy('import')(scope);
          await shop.kms.send(
            new PutKeyPolicyCommand({ KeyId, Policy: only(scope.roles.import, scope.roles.export) }),
          );
        }),
        {},
      );
    });

    it('recognizes that the user may not use it', async () => {
      assert.deepEqual(await differences(() => shop.deny('kms:GenerateDataKey')), {
        'caller-kms:GenerateDataKey': 'failed',
      });
    });

    it('reports unknown if the key policy may not be read', async () => {
      assert.deepEqual(await differences(() => shop.deny('kms:GetKeyPolicy')), {
        'import-role-key': 'unknown',
        'export-role-key': 'unknown',
      });
    });
  });

  it('stops when it is cancelled, and reports progress', async () => {
    const scope = await shop.fresh();
    await assert.rejects(inspectSetup(shop.connection, scope, { signal: AbortSignal.abort() }), {
      code: 'cancelled',
    });
    const steps: number[] = [];
    await inspectSetup(shop.connection, scope, { onProgress: (done) => steps.push(done) });
    assert.deepEqual(steps, [0, 1, 2, 3, 4]);
  });
});
