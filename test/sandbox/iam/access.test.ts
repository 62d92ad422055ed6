import assert from 'node:assert/strict';
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateAppCommand,
  CreateExportJobCommand,
  CreateImportJobCommand,
  GetAppCommand,
  GetAppsCommand,
  GetExportJobCommand,
  GetExportJobsCommand,
  GetImportJobCommand,
  GetImportJobsCommand,
  GetSegmentExportJobsCommand,
  GetSegmentsCommand,
  GetUserEndpointsCommand,
  ListTagsForResourceCommand,
  RemoveAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEndpointCommand,
  type PinpointClient,
} from '@aws-sdk/client-pinpoint';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import {
  clientConfig,
  createKey,
  pinpointClient,
  s3Client,
  startTestSandbox,
} from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

const Bucket = 'access-bucket';
const csv = 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n';

describe('Policies of the sandbox, for jobs and callers', () => {
  let sandbox: TestSandbox;
  let iam: IAMClient;
  let kms: KMSClient;
  let app = '';
  let number = 0;

  before(async () => {
    sandbox = await startTestSandbox();
    iam = new IAMClient(clientConfig(sandbox));
    kms = new KMSClient(clientConfig(sandbox));
    const made = await sandbox.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'access' } }),
    );
    app = made.ApplicationResponse!.Id!;
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of ['in/a.csv', 'in/b.csv', 'other/c.csv'])
      await sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body: csv }));
  });
  after(async () => {
    iam.destroy();
    kms.destroy();
    await sandbox.close();
  });

  /** A role that Pinpoint may assume for the project, with these statements. */
  const roleWith = async (...Statement: object[]): Promise<string> => {
    const RoleName = `Least-${(number += 1)}`;
    const trust = {
      Effect: 'Allow',
      Principal: { Service: 'pinpoint.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': sandbox.account },
        ArnLike: { 'aws:SourceArn': `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${app}` },
      },
    };
    const policy = (statement: unknown): string =>
      JSON.stringify({ Version: '2012-10-17', Statement: statement });
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust]) }),
    );
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy(Statement) }),
    );
    return Role!.Arn!;
  };
  const list = (condition?: object): object => ({
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${Bucket}`,
    ...(condition && { Condition: condition }),
  });
  const get = (...keys: string[]): object => ({
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: keys.map((key) => `arn:aws:s3:::${Bucket}/${key}`),
  });
  const put = (key: string): object => ({
    Effect: 'Allow',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/${key}`,
  });

  const imported = async (
    RoleArn: string,
    prefix = 'in/',
    pinpoint: PinpointClient = sandbox.pinpoint,
    ApplicationId = app,
    bucket = Bucket,
  ): Promise<string> => {
    const { ImportJobResponse: job } = await pinpoint.send(
      new CreateImportJobCommand({
        ApplicationId,
        ImportJobRequest: { Format: 'CSV', RoleArn, S3Url: `s3://${bucket}/${prefix}` },
      }),
    );
    for (;;) {
      const { ImportJobResponse: now } = await pinpoint.send(
        new GetImportJobCommand({ ApplicationId, JobId: job!.Id }),
      );
      if (now!.JobStatus === 'COMPLETED' || now!.JobStatus === 'FAILED') return now!.JobStatus;
    }
  };
  const exported = async (RoleArn: string, prefix = 'out/'): Promise<string> => {
    const { pinpoint } = sandbox;
    const { ExportJobResponse: job } = await pinpoint.send(
      new CreateExportJobCommand({
        ApplicationId: app,
        ExportJobRequest: { RoleArn, S3UrlPrefix: `s3://${Bucket}/${prefix}` },
      }),
    );
    for (;;) {
      const { ExportJobResponse: now } = await pinpoint.send(
        new GetExportJobCommand({ ApplicationId: app, JobId: job!.Id }),
      );
      if (now!.JobStatus === 'COMPLETED' || now!.JobStatus === 'FAILED') return now!.JobStatus;
    }
  };
  const denied = (work: Promise<unknown>): Promise<void> => assert.rejects(work, /Access Denied/);
  const setBucketPolicy = (...Statement: object[]): Promise<unknown> =>
    sandbox.s3.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
  const clearBucketPolicy = (): Promise<unknown> =>
    sandbox.s3.send(new DeleteBucketPolicyCommand({ Bucket }));

  describe('a job needs permission for its requests', () => {
    const prefixes = { StringLike: { 's3:prefix': ['in', 'in/*'] } };

    it('ListBucket under a prefix, GetObject below it', async () => {
      assert.equal(await imported(await roleWith(list(prefixes), get('in/*'))), 'COMPLETED');
      await denied(imported(await roleWith(list(prefixes), get('*')), 'other/'));
      await denied(imported(await roleWith(list({ StringEquals: { 's3:prefix': 'elsewhere/' } }), get('*'))));
    });

    it('GetObject on each existing key', async () => {
      assert.equal(await imported(await roleWith(list(), get('in/a.csv', 'in/b.csv'))), 'COMPLETED');
      await denied(imported(await roleWith(list(), get('in/a.csv'))));
      await denied(imported(await roleWith(get('in/*'))));
    });

    it('in buckets of one account', async () => {
      const of = (account: string): object => ({ StringEquals: { 's3:ResourceAccount': account } });
      const role = (account: string): Promise<string> =>
        roleWith(list(of(account)), { ...get('in/*'), Condition: of(account) });
      assert.equal(await imported(await role(sandbox.account)), 'COMPLETED');
      await denied(imported(await role('999999999999')));
    });

    it('PutObject on the exact key that an export writes', async () => {
      assert.equal(await exported(await roleWith(put('out/*'))), 'COMPLETED');
      assert.equal(
        await exported(await roleWith(put('out/????????????????????????????????-0001.gz'))),
        'COMPLETED',
      );
      await denied(exported(await roleWith(put('out/*')), 'elsewhere/'));
    });

    it('as the export role of the developer guide', async () => {
      const all = {
        Effect: 'Allow',
        Action: ['s3:ListAllMyBuckets', 's3:GetBucketLocation'],
        Resource: 'arn:aws:s3:::*',
      };
      const roots = list({ StringEquals: { 's3:delimiter': ['/'], 's3:prefix': ['', 'Exports/'] } });
      const below = list({ StringLike: { 's3:prefix': ['Exports/*'] } });
      const everything = {
        Effect: 'Allow',
        Action: ['s3:*'],
        Resource: [`arn:aws:s3:::${Bucket}/Exports/*`],
      };
      const role = await roleWith(all, roots, below, everything);
      assert.equal(await exported(role, 'Exports/'), 'COMPLETED');
      await denied(exported(role, 'Other/'));
    });
  });

  describe('conditions', () => {
    const now = new Date();
    const hour = 3_600_000;
    const holds: readonly (readonly [string, object])[] = [
      ['a number', { NumericLessThanEquals: { 's3:max-keys': '1000' } }],
      ['a date', { DateGreaterThan: { 'aws:CurrentTime': new Date(now.getTime() - hour).toISOString() } }],
      ['seconds', { DateLessThan: { 'aws:EpochTime': String(now.getTime() / 1000 + 3600) } }],
      ['an ARN', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/Least-*' } }],
      ['any case', { StringEqualsIgnoreCase: { 'aws:RequestedRegion': 'US-EAST-1' } }],
      ['what is absent, negated', { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }],
      ['what is absent', { Null: { 'aws:SourceVpce': 'true' } }],
      ['what may be absent', { NumericEqualsIfExists: { 's3:nothing': '1' } }],
      ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }],
      ['one of a set', { 'ForAnyValue:StringEquals': { 's3:prefix': ['x', 'in/'] } }],
    ];
    for (const [name, condition] of holds) {
      it(`hold for ${name}`, async () => {
        assert.equal(await imported(await roleWith(list(condition), get('in/*'))), 'COMPLETED');
      });
    }
    const fails: readonly (readonly [string, object])[] = [
      ['a number', { NumericGreaterThan: { 's3:max-keys': '1000' } }],
      ['a date', { DateLessThan: { 'aws:CurrentTime': new Date(now.getTime() - hour).toISOString() } }],
      ['an ARN', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/Least-*' } }],
      ['an address that a job has not', { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }],
      ['all of a set', { 'ForAllValues:StringEquals': { 's3:prefix': ['x'] } }],
    ];
    for (const [name, condition] of fails) {
      it(`do not hold for ${name}`, async () => {
        await denied(imported(await roleWith(list(condition), get('in/*'))));
      });
    }

    it('hold for the address of a caller', async () => {
      const read = (): Promise<unknown> => sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'in/a.csv' }));
      const unless = (range: string): object => ({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
        Condition: { NotIpAddress: { 'aws:SourceIp': range } },
      });
      await setBucketPolicy(unless('127.0.0.0/8'));
      await read();
      await setBucketPolicy(unless('10.0.0.0/8'));
      await assert.rejects(read(), { name: 'AccessDenied' });
      await clearBucketPolicy();
    });
  });

  describe('bucket policies', () => {
    const to = (AWS: string, Effect: string, Action: string, Resource: string): object => ({
      Effect,
      Principal: { AWS },
      Action,
      Resource,
    });
    const own = `arn:aws:s3:::${Bucket}`;

    it('allow what the role itself does not', async () => {
      const role = await roleWith({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
      await denied(imported(role));
      await setBucketPolicy(
        to(role, 'Allow', 's3:ListBucket', own),
        to(role, 'Allow', 's3:GetObject', `${own}/in/*`),
      );
      assert.equal(await imported(role), 'COMPLETED');
      await clearBucketPolicy();
    });

    it('deny what the role is allowed, and roles unknown to IAM', async () => {
      const role = await roleWith(list(), get('*'));
      const unknown = `arn:aws:iam::${sandbox.account}:role/NobodyKnows`;
      await setBucketPolicy(to('*', 'Deny', 's3:GetObject', `${own}/in/b.csv`));
      await denied(imported(role));
      await denied(imported(unknown));
      await clearBucketPolicy();
      assert.equal(await imported(unknown), 'COMPLETED');
    });

    it('defer to the account if they name it', async () => {
      const role = await roleWith({ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
      await setBucketPolicy(to(sandbox.account, 'Allow', 's3:ListBucket', own));
      await denied(imported(role));
      await clearBucketPolicy();
    });

    it('apply to callers, who can always remove them', async () => {
      const { s3 } = sandbox;
      const me = `arn:aws:iam::${sandbox.account}:user/sandbox`;
      await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'x' }));
      await setBucketPolicy(to(me, 'Deny', '*', `${own}/*`), to(me, 'Deny', 's3:*', own));
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: 'kept' })), { name: 'AccessDenied' });
      await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket })), { name: 'AccessDenied' });
      await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'y' })), {
        name: 'AccessDenied',
      });
      const { Errors, Deleted } = await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'kept' }] } }),
      );
      assert.deepEqual(
        [Errors?.map(({ Key, Code }) => [Key, Code]), Deleted],
        [[['kept', 'AccessDenied']], undefined],
      );
      await clearBucketPolicy();
      await s3.send(new GetObjectCommand({ Bucket, Key: 'kept' }));
    });

    it('hide from callers without list permission whether an object exists', async () => {
      const { s3 } = sandbox;
      await setBucketPolicy(to(`arn:aws:iam::${sandbox.account}:user/sandbox`, 'Deny', 's3:ListBucket', own));
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: 'missing' })), {
        name: 'AccessDenied',
      });
      await clearBucketPolicy();
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: 'missing' })), { name: 'NoSuchKey' });
    });

    it('are rejected if they could never apply', async () => {
      await sandbox.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
      const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${own}/*` };
      const wrong: readonly object[] = [
        { ...statement, Resource: 'arn:aws:s3:::another-bucket/*' },
        { ...statement, Principal: { AWS: 'nobody' } },
        { ...statement, Condition: { StringIs: { 's3:prefix': 'x' } } },
        { ...statement, Action: 'GetObject' },
        { ...statement, Extra: 1 },
      ];
      for (const document of wrong)
        await assert.rejects(
          setBucketPolicy(document),
          { name: 'MalformedPolicy' },
          JSON.stringify(document),
        );
    });
  });

  describe('keys of KMS', () => {
    it('must exist, be enabled, and allow readers and writers', async () => {
      const { s3 } = sandbox;
      const key = await createKey(sandbox);
      const KeyId = key.slice(key.lastIndexOf('/') + 1);
      const write = (SSEKMSKeyId: string, Key = 'kms/a.csv'): Promise<unknown> =>
        s3.send(
          new PutObjectCommand({ Bucket, Key, Body: csv, ServerSideEncryption: 'aws:kms', SSEKMSKeyId }),
        );
      const read = (): Promise<unknown> => s3.send(new GetObjectCommand({ Bucket, Key: 'kms/a.csv' }));
      await assert.rejects(write(key.replace(KeyId, 'nothing')), { name: 'KMS.NotFoundException' });
      await write(key);
      await read();
      const use = (Action: string): object => ({ Effect: 'Allow', Action, Resource: key });
      const reader = await roleWith(list(), get('*'), use('kms:Decrypt'));
      const stranger = await roleWith(list(), get('*'));
      assert.equal(await imported(reader, 'kms/'), 'COMPLETED');
      await denied(imported(stranger, 'kms/'));

      await kms.send(new DisableKeyCommand({ KeyId }));
      await assert.rejects(read(), { name: 'KMS.DisabledException' });
      await assert.rejects(imported(reader, 'kms/'), /KMS.DisabledException/);
      await s3.send(new HeadObjectCommand({ Bucket, Key: 'kms/a.csv' }));
      await kms.send(new EnableKeyCommand({ KeyId }));

      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: stranger }, Action: 'kms:*', Resource: '*' },
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${sandbox.account}:root` },
            Action: ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
            Resource: '*',
          },
        ],
      });
      await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
      assert.equal(await imported(stranger, 'kms/'), 'COMPLETED');
      await denied(imported(reader, 'kms/'));
      await assert.rejects(write(key), { name: 'AccessDenied' });

      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      await assert.rejects(write(key), { name: 'KMS.KMSInvalidStateException' });
    });

    it("are managed only by those whom their policy allows, who can't lock themselves out by mistake", async () => {
      const KeyId = await createKey(sandbox);
      const policy = (...Action: string[]): string =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${sandbox.account}:root` },
            Action,
            Resource: '*',
          },
        });
      const put = (Policy: string, BypassPolicyLockoutSafetyCheck = false): Promise<unknown> =>
        kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }));
      await assert.rejects(put(policy('kms:DescribeKey')), {
        name: 'MalformedPolicyDocumentException',
        message: /will not allow you to update the key policy/,
      });
      await put(policy('kms:PutKeyPolicy', 'kms:DescribeKey'));
      await kms.send(new DescribeKeyCommand({ KeyId }));
      for (const refused of [
        () => kms.send(new DisableKeyCommand({ KeyId })),
        () => kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
        () => kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
        () => kms.send(new CreateAliasCommand({ TargetKeyId: KeyId, AliasName: 'alias/mine' })),
      ])
        await assert.rejects(refused(), { name: 'AccessDeniedException' });
      await put(policy('kms:DescribeKey'), true);
      await assert.rejects(put(policy('kms:*')), { name: 'AccessDeniedException' });
    });

    it('of a bucket are used by exports', async () => {
      const KMSMasterKeyID = await createKey(sandbox);
      const encrypt = (Rule: object): Promise<unknown> =>
        sandbox.s3.send(
          new PutBucketEncryptionCommand({
            Bucket,
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: Rule as never }],
            },
          }),
        );
      await encrypt({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID });
      await denied(exported(await roleWith(put('out/*'))));
      const use = { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: KMSMasterKeyID };
      assert.equal(await exported(await roleWith(put('out/*'), use)), 'COMPLETED');
      await encrypt({ SSEAlgorithm: 'AES256' });
    });
  });

  it("storage classes: archived objects can't be read, by callers or jobs", async () => {
    const { s3 } = sandbox;
    const Key = 'archive/a.csv';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: csv, StorageClass: 'GLACIER' }));
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key })), { name: 'InvalidObjectState' });
    await assert.rejects(imported(await roleWith(list(), get('*')), 'archive/'), /InvalidObjectState/);
    await assert.rejects(
      s3.send(new PutObjectCommand({ Bucket, Key, Body: csv, StorageClass: 'COLD' as never })),
      { name: 'InvalidStorageClass' },
    );
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: csv, StorageClass: 'STANDARD_IA' }));
    assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key }))).StorageClass, 'STANDARD_IA');
  });

  it('user policies apply to S3', async () => {
    const policy = (Action: string): Promise<unknown> =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'sandbox',
          PolicyName: 'no',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: { Effect: 'Deny', Action, Resource: '*' },
          }),
        }),
      );
    await policy('s3:ListBucket');
    await assert.rejects(sandbox.s3.send(new ListObjectsV2Command({ Bucket })), { name: 'AccessDenied' });
    await policy('nothing:AtAll');
    await sandbox.s3.send(new ListObjectsV2Command({ Bucket }));
  });

  describe('user policies apply to Pinpoint', () => {
    const deny = (statement: object): Promise<unknown> =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'sandbox',
          PolicyName: 'no',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: { Effect: 'Deny', ...statement },
          }),
        }),
      );
    after(() => deny({ Action: 'nothing:AtAll', Resource: '*' }));

    /** Developer guide, permissions-actions. */
    const operations: readonly (readonly [action: string, resource: string, call: () => Promise<unknown>])[] =
      [
        ['GetApps', 'apps', () => sandbox.pinpoint.send(new GetAppsCommand({}))],
        ['GetApp', 'apps/APP', () => sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: app }))],
        [
          'GetSegments',
          'apps/APP',
          () => sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: app })),
        ],
        [
          'GetSegmentExportJobs',
          'apps/APP/segments/s1/jobs/export',
          () =>
            sandbox.pinpoint.send(new GetSegmentExportJobsCommand({ ApplicationId: app, SegmentId: 's1' })),
        ],
        [
          'GetImportJobs',
          'apps/APP',
          () => sandbox.pinpoint.send(new GetImportJobsCommand({ ApplicationId: app })),
        ],
        [
          'GetImportJob',
          'apps/APP/jobs/import/j1',
          () => sandbox.pinpoint.send(new GetImportJobCommand({ ApplicationId: app, JobId: 'j1' })),
        ],
        [
          'GetExportJobs',
          'apps/APP/jobs/export',
          () => sandbox.pinpoint.send(new GetExportJobsCommand({ ApplicationId: app })),
        ],
        [
          'UpdateEndpoint',
          'apps/APP/endpoints/e/1',
          () =>
            sandbox.pinpoint.send(
              new UpdateEndpointCommand({ ApplicationId: app, EndpointId: 'e/1', EndpointRequest: {} }),
            ),
        ],
        [
          'GetUserEndpoints',
          'apps/APP/users/u1',
          () => sandbox.pinpoint.send(new GetUserEndpointsCommand({ ApplicationId: app, UserId: 'u1' })),
        ],
        [
          'RemoveAttributes',
          'apps/APP/attributes/endpoint-custom-attributes',
          () =>
            sandbox.pinpoint.send(
              new RemoveAttributesCommand({
                ApplicationId: app,
                AttributeType: 'endpoint-custom-attributes',
                UpdateAttributesRequest: { Blacklist: ['none'] },
              }),
            ),
        ],
        [
          'ListTagsForResource',
          'apps/APP',
          () =>
            sandbox.pinpoint.send(
              new ListTagsForResourceCommand({
                ResourceArn: `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${app}`,
              }),
            ),
        ],
      ];
    for (const [action, resource, call] of operations) {
      it(`${action} on ${resource}`, async () => {
        const arn = (path: string): string => `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:${path}`;
        const own = resource.replace('APP', app);
        await deny({ Action: `mobiletargeting:${action}`, Resource: arn(own) });
        await assert.rejects(call(), {
          name: 'AccessDeniedException',
          message: `User: arn:aws:iam::${sandbox.account}:user/sandbox is not authorized to perform: mobiletargeting:${action} on resource: ${arn(own)}`,
        });
        await deny({ Action: `mobiletargeting:${action}`, Resource: arn(`${own}x`) });
        await call().catch((error: unknown) =>
          assert.notEqual((error as Error).name, 'AccessDeniedException'),
        );
      });
    }

    it('by tags of a project', async () => {
      const call = (): Promise<unknown> => sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: app }));
      const ResourceArn = `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${app}`;
      await deny({
        Action: 'mobiletargeting:GetApp',
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/stage': 'live' } },
      });
      await call();
      await sandbox.pinpoint.send(
        new TagResourceCommand({ ResourceArn, TagsModel: { tags: { stage: 'live' } } }),
      );
      await assert.rejects(call(), { name: 'AccessDeniedException' });
      await sandbox.pinpoint.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['stage'] }));
    });
  });

  describe('regions', () => {
    const region = 'eu-central-1';
    let there: PinpointClient;
    let project = '';
    let projectArn = '';
    before(async () => {
      there = pinpointClient({ ...sandbox, region });
      const made = await there.send(new CreateAppCommand({ CreateApplicationRequest: { Name: 'there' } }));
      project = made.ApplicationResponse!.Id!;
      projectArn = made.ApplicationResponse!.Arn!;
      const s3 = s3Client({ ...sandbox, region });
      await s3.send(
        new CreateBucketCommand({
          Bucket: 'bucket-there',
          CreateBucketConfiguration: { LocationConstraint: region },
        }),
      );
      await s3.send(new PutObjectCommand({ Bucket: 'bucket-there', Key: 'in/a.csv', Body: csv }));
      s3.destroy();
    });
    after(() => {
      there.destroy();
    });

    it('have their own projects', async () => {
      assert.equal(projectArn, `arn:aws:mobiletargeting:${region}:${sandbox.account}:apps/${project}`);
      const ids = async (client: PinpointClient): Promise<unknown> =>
        (await client.send(new GetAppsCommand({}))).ApplicationsResponse?.Item?.map(({ Id }) => Id);
      assert.deepEqual(await ids(there), [project]);
      assert.deepEqual(await ids(sandbox.pinpoint), [app]);
      await assert.rejects(sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: project })), {
        name: 'NotFoundException',
      });
      await there.send(new ListTagsForResourceCommand({ ResourceArn: projectArn }));
    });

    it('have jobs with buckets and roles in the same region', async () => {
      const statements = [
        {
          Effect: 'Allow',
          Action: ['s3:ListBucket', 's3:GetObject'],
          Resource: 'arn:aws:s3:::bucket-there*',
        },
      ];
      const RoleName = 'There';
      const trust = {
        Effect: 'Allow',
        Principal: { Service: 'pinpoint.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { ArnLike: { 'aws:SourceArn': projectArn } },
      };
      const policy = (Statement: unknown): string => JSON.stringify({ Version: '2012-10-17', Statement });
      const { Role } = await iam.send(
        new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust]) }),
      );
      await iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy(statements) }),
      );
      assert.equal(await imported(Role!.Arn!, 'in/', there, project, 'bucket-there'), 'COMPLETED');
      await assert.rejects(imported(Role!.Arn!, 'in/', there, project), /another region: us-east-1/);
      await assert.rejects(imported(Role!.Arn!), /can't assume the role/);
    });
  });
});
