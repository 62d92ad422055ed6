import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { LifecycleRule, S3Client } from '@aws-sdk/client-s3';
import { after, before, beforeEach, describe, it } from 'mocha';
import { createKey, s3Client, startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { errorCode, sendSigned } from '../../support/signedRequest.ts';

describe('S3 bucket configurations', () => {
  let sandbox: TestSandbox;
  let s3: S3Client;
  let Bucket = '';
  let count = 0;
  before(async () => {
    sandbox = await startTestSandbox();
    s3 = sandbox.s3;
  });
  beforeEach(async () => {
    count += 1;
    Bucket = `documents-${count}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => sandbox.close());

  it('lifecycle: objects expire or move, and incomplete uploads are aborted, at the midnight after their time', async () => {
    const dayMs = 24 * 60 * 60 * 1000;
    const start = Date.parse('2026-01-01T15:00:00Z');
    let elapsed = 0;
    const aged = await startTestSandbox({ now: () => start + elapsed });
    const at = (days: number, hours = 0): S3Client => {
      elapsed = days * dayMs + hours * 60 * 60 * 1000;
      return s3Client(aged, { systemClockOffset: start + elapsed - Date.now() });
    };
    const put = async (Key: string, size = 1, Tagging?: string): Promise<void> => {
      await at(0).send(
        new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(size), ...(Tagging && { Tagging }) }),
      );
    };
    const keys = async (client: S3Client): Promise<unknown> =>
      (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key);
    await at(0).send(new CreateBucketCommand({ Bucket }));
    await put('staged/a');
    await put('staged/large', 2000);
    await put('staged/tagged', 1, 'keep=no');
    await put('cold/b');
    await put('other');
    await at(0).send(new CreateMultipartUploadCommand({ Bucket, Key: 'staged/part' }));
    const rule = (ID: string, rest: Partial<LifecycleRule>): LifecycleRule => ({
      ID,
      Status: 'Enabled',
      Filter: {},
      ...rest,
    });
    const Rules: LifecycleRule[] = [
      rule('1', {
        Filter: { And: { Prefix: 'staged/', ObjectSizeGreaterThan: 1000 } },
        Expiration: { Days: 1 },
      }),
      rule('2', {
        Filter: { Prefix: 'staged/' },
        Expiration: { Days: 7 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      }),
      rule('3', {
        Filter: { Tag: { Key: 'keep', Value: 'no' } },
        Expiration: { Date: new Date('2026-01-04T00:00:00Z') },
      }),
      rule('4', { Filter: { Prefix: 'cold/' }, Transitions: [{ Days: 3, StorageClass: 'GLACIER' }] }),
      rule('5', { Status: 'Disabled', Expiration: { Days: 1 } }),
    ];
    await at(0).send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
    );
    const all = ['cold/b', 'other', 'staged/a', 'staged/large', 'staged/tagged'];
    assert.deepEqual(await keys(at(1, 8)), all);
    assert.deepEqual(await keys(at(1, 9)), ['cold/b', 'other', 'staged/a', 'staged/tagged']);
    assert.deepEqual(await keys(at(2, 9)), ['cold/b', 'other', 'staged/a']);
    await at(3, 8).send(new GetObjectCommand({ Bucket, Key: 'cold/b' }));
    await assert.rejects(at(3, 9).send(new GetObjectCommand({ Bucket, Key: 'cold/b' })), {
      name: 'InvalidObjectState',
    });
    const uploads = async (client: S3Client): Promise<unknown> =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length;
    assert.equal(await uploads(at(7, 8)), 1);
    assert.equal(await uploads(at(7, 9)), undefined);
    assert.deepEqual(await keys(at(7, 10)), ['cold/b', 'other']);
    await assert.rejects(at(7, 10).send(new HeadObjectCommand({ Bucket, Key: 'staged/a' })), {
      name: 'NotFound',
    });
    await aged.close();
  });

  it('lifecycle: none at first; kept, returned and deleted', async () => {
    const get = new GetBucketLifecycleConfigurationCommand({ Bucket });
    await assert.rejects(s3.send(get), { name: 'NoSuchLifecycleConfiguration' });
    const Rules: LifecycleRule[] = [
      {
        ID: 'staged files',
        Status: 'Enabled',
        Filter: { Prefix: 'pinpoint-audience/ & <more>/' },
        Expiration: { Days: 7 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
      { ID: 'second', Status: 'Disabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } },
    ];
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    assert.deepEqual((await s3.send(get)).Rules, Rules);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    await assert.rejects(s3.send(get), { name: 'NoSuchLifecycleConfiguration' });
  });

  for (const [what, rule, name] of [
    ['an unknown status', { Status: 'On', Filter: { Prefix: '' }, Expiration: { Days: 1 } }, 'MalformedXML'],
    ['nothing to do', { Status: 'Enabled', Filter: { Prefix: '' } }, 'InvalidRequest'],
    ['no days', { Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 0 } }, 'InvalidArgument'],
  ] as const) {
    it(`lifecycle: a rule with ${what} is rejected`, async () => {
      const Rules = [rule] as unknown as LifecycleRule[];
      await assert.rejects(
        s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } })),
        { name },
      );
    });
  }

  it('encryption: SSE-S3 at first; applied to new objects', async () => {
    await createKey(sandbox, 'alias/audience');
    const get = new GetBucketEncryptionCommand({ Bucket });
    const first = (await s3.send(get)).ServerSideEncryptionConfiguration?.Rules?.[0];
    assert.equal(first?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
    const rule = {
      ApplyServerSideEncryptionByDefault: {
        SSEAlgorithm: 'aws:kms',
        KMSMasterKeyID: 'alias/audience',
      } as const,
      BucketKeyEnabled: true,
    };
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
    );
    assert.deepEqual((await s3.send(get)).ServerSideEncryptionConfiguration?.Rules, [rule]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'a' }),
    );
    assert.deepEqual(
      [ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled],
      ['aws:kms', 'alias/audience', true],
    );
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    await assert.rejects(s3.send(get), { name: 'ServerSideEncryptionConfigurationNotFoundError' });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x' }));
  });

  it('public access block: all on at first; changed and deleted', async () => {
    const get = new GetPublicAccessBlockCommand({ Bucket });
    const all = (value: boolean): Record<string, boolean> => ({
      BlockPublicAcls: value,
      IgnorePublicAcls: value,
      BlockPublicPolicy: value,
      RestrictPublicBuckets: value,
    });
    assert.deepEqual((await s3.send(get)).PublicAccessBlockConfiguration, all(true));
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all(false) }));
    assert.deepEqual((await s3.send(get)).PublicAccessBlockConfiguration, all(false));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await assert.rejects(s3.send(get), { name: 'NoSuchPublicAccessBlockConfiguration' });
  });

  it('policy: none at first; kept verbatim, and no public one while those are blocked', async () => {
    const get = new GetBucketPolicyCommand({ Bucket });
    const status = new GetBucketPolicyStatusCommand({ Bucket });
    for (const command of [() => s3.send(get), () => s3.send(status)]) {
      await assert.rejects(command, { name: 'NoSuchBucketPolicy' });
    }
    const policy = (statement: object): string =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Action: 's3:*', Resource: '*', ...statement }] });
    const put = (Policy: string): Promise<unknown> => s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));

    const deny = policy({
      Effect: 'Deny',
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    await put(deny);
    assert.equal((await s3.send(get)).Policy, deny);
    assert.equal((await s3.send(status)).PolicyStatus?.IsPublic, false);

    const open = policy({ Effect: 'Allow', Principal: { AWS: '*' } });
    await assert.rejects(put(open), { name: 'AccessDenied' });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await put(open);
    assert.equal((await s3.send(status)).PolicyStatus?.IsPublic, true);

    for (const text of [
      '',
      'x',
      '[]',
      '{}',
      '{"Statement":[]}',
      policy({ Effect: 'Maybe', Principal: '*' }),
    ]) {
      const request = { method: 'PUT', path: `/${Bucket}`, query: { policy: '' }, body: text };
      const answer = await sendSigned(sandbox.endpoint, sandbox, request);
      assert.deepEqual([answer.status, errorCode(answer)], [400, 'MalformedPolicy']);
    }
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await assert.rejects(s3.send(get), { name: 'NoSuchBucketPolicy' });
  });

  it('tags: none at first; kept, returned and deleted', async () => {
    const get = new GetBucketTaggingCommand({ Bucket });
    await assert.rejects(s3.send(get), { name: 'NoSuchTagSet' });
    const TagSet = [{ Key: 'team', Value: 'audience + more' }];
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    assert.deepEqual((await s3.send(get)).TagSet, TagSet);
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    await assert.rejects(s3.send(get), { name: 'NoSuchTagSet' });
  });

  it('ownership: the owner has full control', async () => {
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    assert.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const other = new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    });
    await assert.rejects(s3.send(other), { name: 'NotImplemented' });
    const acl = await s3.send(new GetBucketAclCommand({ Bucket }));
    assert.deepEqual(acl.Grants, [
      { Grantee: { ID: sandbox.account, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
    ]);
  });

  it("don't exist for a missing bucket", async () => {
    const missing = { Bucket: 'missing-bucket' };
    await assert.rejects(s3.send(new GetBucketEncryptionCommand(missing)), { name: 'NoSuchBucket' });
    await assert.rejects(s3.send(new DeleteBucketPolicyCommand(missing)), { name: 'NoSuchBucket' });
  });
});
