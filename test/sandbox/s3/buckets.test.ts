import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  CreateMultipartUploadCommand,
  GetBucketCorsCommand,
} from '@aws-sdk/client-s3';
import type { BucketLocationConstraint, S3ServiceException } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { s3Client, startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { errorCode, sendSigned } from '../../support/signedRequest.ts';

describe('S3 buckets', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());

  const create = (Bucket: string, region?: string): Promise<unknown> =>
    sandbox.s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(region === undefined
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      }),
    );

  it('are created, listed, found and deleted', async () => {
    const { s3 } = sandbox;
    const { Location } = await s3.send(new CreateBucketCommand({ Bucket: 'first-bucket' }));
    assert.equal(Location, '/first-bucket');
    await create('second-bucket', 'eu-west-1');
    const { Buckets, Owner } = await s3.send(new ListBucketsCommand({}));
    assert.deepEqual(
      Buckets?.map(({ Name, BucketRegion }) => [Name, BucketRegion]),
      [
        ['first-bucket', 'us-east-1'],
        ['second-bucket', 'eu-west-1'],
      ],
    );
    assert.ok(Math.abs(Date.now() - Number(Buckets[0]?.CreationDate)) < 60_000);
    assert.equal(Owner?.ID, sandbox.account);

    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: 'second-bucket' })), (error) => {
      const { $metadata, $response } = error as S3ServiceException;
      const region = ($response?.headers as Record<string, string>)['x-amz-bucket-region'];
      assert.deepEqual([$metadata.httpStatusCode, region], [301, 'eu-west-1']);
      return true;
    });
    const european = s3Client({ ...sandbox, region: 'eu-west-1' });
    assert.equal(
      (await european.send(new HeadBucketCommand({ Bucket: 'second-bucket' }))).BucketRegion,
      'eu-west-1',
    );
    await assert.rejects(european.send(new ListObjectsV2Command({ Bucket: 'first-bucket' })), {
      name: 'PermanentRedirect',
    });
    assert.equal(
      (await s3.send(new GetBucketLocationCommand({ Bucket: 'second-bucket' }))).LocationConstraint,
      'eu-west-1',
    );
    assert.equal(
      (await s3.send(new GetBucketLocationCommand({ Bucket: 'first-bucket' }))).LocationConstraint,
      undefined,
    );
    await s3.send(new DeleteBucketCommand({ Bucket: 'first-bucket' }));
    await european.send(new DeleteBucketCommand({ Bucket: 'second-bucket' }));
    european.destroy();
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets, []);
    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: 'first-bucket' })), { name: 'NotFound' });
  });

  it('are listed by page, prefix and region', async () => {
    const { s3 } = sandbox;
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name);
    await create('other', 'eu-west-1');
    const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'page-' }));
    assert.deepEqual(
      first.Buckets?.map(({ Name }) => Name),
      ['page-a', 'page-b'],
    );
    const second = await s3.send(
      new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'page-', ContinuationToken: first.ContinuationToken }),
    );
    assert.deepEqual(
      second.Buckets?.map(({ Name }) => Name),
      ['page-c'],
    );
    assert.equal(second.ContinuationToken, undefined);
    const european = await s3.send(new ListBucketsCommand({ BucketRegion: 'eu-west-1' }));
    assert.deepEqual(
      european.Buckets?.map(({ Name }) => Name),
      ['other'],
    );
  });

  it('can be created again in us-east-1 only', async () => {
    await create('again');
    await create('again');
    await create('again-europe', 'eu-west-1');
    await assert.rejects(create('again-europe', 'eu-west-1'), { name: 'BucketAlreadyOwnedByYou' });
  });

  it('need a location constraint in other regions', async () => {
    const request = { method: 'PUT', path: '/no-location', region: 'eu-central-1' };
    const refused = await sendSigned(sandbox.endpoint, sandbox, request);
    assert.equal(errorCode(refused), 'IllegalLocationConstraintException');
    await assert.rejects(create('odd-location', 'mars'), { name: 'InvalidLocationConstraint' });
  });

  for (const name of [
    'ab',
    'Upper',
    'under_score',
    '-dash',
    'dash-',
    'two..dots',
    '192.168.0.1',
    'a'.repeat(64),
  ]) {
    it(`can't be called ${name}`, async () => {
      await assert.rejects(create(name), { name: 'InvalidBucketName' });
    });
  }

  it("aren't deleted with objects in them, but with incomplete uploads", async () => {
    const { s3 } = sandbox;
    await create('full');
    await s3.send(new PutObjectCommand({ Bucket: 'full', Key: 'a', Body: 'x' }));
    await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket: 'full' })), { name: 'BucketNotEmpty' });
    await create('unfinished');
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'unfinished', Key: 'a' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'unfinished' }));
    await assert.rejects(s3.send(new ListMultipartUploadsCommand({ Bucket: 'unfinished' })), {
      name: 'NoSuchBucket',
    });
  });

  it('have no versions', async () => {
    const { s3 } = sandbox;
    await create('versions');
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: 'versions' }))).Status, undefined);
    const put = (Status: 'Enabled' | 'Suspended'): Promise<unknown> =>
      s3.send(new PutBucketVersioningCommand({ Bucket: 'versions', VersioningConfiguration: { Status } }));
    await put('Suspended');
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: 'versions' }))).Status, 'Suspended');
    await assert.rejects(put('Enabled'), { name: 'NotImplemented', message: /doesn't support versioning/ });
  });

  it('belong to one account', async () => {
    const { s3, account } = sandbox;
    await create('owned');
    await s3.send(new HeadBucketCommand({ Bucket: 'owned', ExpectedBucketOwner: account }));
    await assert.rejects(
      s3.send(new GetBucketLocationCommand({ Bucket: 'owned', ExpectedBucketOwner: '999999999999' })),
      { name: 'AccessDenied' },
    );
  });

  it('report what the sandbox lacks', async () => {
    await create('limits');
    await assert.rejects(sandbox.s3.send(new GetBucketCorsCommand({ Bucket: 'limits' })), {
      name: 'NotImplemented',
      message: "The sandbox's S3 doesn't support GET of '?cors'.",
    });
  });

  it('are found by host name too', async () => {
    await create('by-host');
    const { port } = new URL(sandbox.endpoint);
    const client = s3Client(sandbox, { endpoint: `http://localhost:${port}` });
    // Not every system resolves names under localhost; where it does not, there is nothing to see here.
    const result = await client
      .send(new HeadBucketCommand({ Bucket: 'by-host' }))
      .catch((error: unknown) => error);
    if (result instanceof Error) assert.equal((result as NodeJS.ErrnoException).code, 'ENOTFOUND');
    else assert.equal((result as { BucketRegion?: string }).BucketRegion, 'us-east-1');
    client.destroy();
  });
});
