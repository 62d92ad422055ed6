import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type {
  CopyObjectCommandInput,
  CopyObjectCommandOutput,
  GetObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

const Bucket = 'copies';
const key = 'päth with/strange+chars %?.csv';

describe('S3 copies', () => {
  let sandbox: TestSandbox;
  const content = randomBytes(100_000);
  const ETag = `"${createHash('md5').update(content).digest('hex')}"`;
  before(async () => {
    sandbox = await startTestSandbox();
    for (const name of [Bucket, 'elsewhere'])
      await sandbox.s3.send(new CreateBucketCommand({ Bucket: name }));
    await sandbox.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: key,
        Body: content,
        ContentType: 'text/csv',
        Metadata: { from: 'source' },
        Tagging: 'a=1',
        ChecksumAlgorithm: 'SHA256',
      }),
    );
  });
  after(() => sandbox.close());

  const copy = (more: Partial<CopyObjectCommandInput> = {}): Promise<CopyObjectCommandOutput> =>
    sandbox.s3.send(
      new CopyObjectCommand({
        Bucket: 'elsewhere',
        Key: 'copy',
        CopySource: `${Bucket}/${encodeURIComponent(key)}`,
        ...more,
      }),
    );
  const get = (): Promise<GetObjectCommandOutput> =>
    sandbox.s3.send(new GetObjectCommand({ Bucket: 'elsewhere', Key: 'copy', ChecksumMode: 'ENABLED' }));
  const tags = async (): Promise<unknown> =>
    (await sandbox.s3.send(new GetObjectTaggingCommand({ Bucket: 'elsewhere', Key: 'copy' }))).TagSet;

  it('have the same content, headers, metadata, tags and checksum', async () => {
    const { CopyObjectResult } = await copy();
    assert.equal(CopyObjectResult?.ETag, ETag);
    const found = await get();
    assert.equal(found.ContentType, 'text/csv');
    assert.deepEqual(found.Metadata, { from: 'source' });
    assert.equal(found.ChecksumSHA256, createHash('sha256').update(content).digest('base64'));
    assert.ok(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(content));
    assert.deepEqual(await tags(), [{ Key: 'a', Value: '1' }]);
  });

  it('differ on request', async () => {
    await copy({
      MetadataDirective: 'REPLACE',
      Metadata: { other: 'one' },
      ContentType: 'text/plain',
      TaggingDirective: 'REPLACE',
      Tagging: 'b=2',
      ServerSideEncryption: 'aws:kms',
      ChecksumAlgorithm: 'CRC32',
    });
    const found = await get();
    assert.deepEqual(
      [found.ContentType, found.Metadata, found.ServerSideEncryption],
      ['text/plain', { other: 'one' }, 'aws:kms'],
    );
    assert.equal(found.ChecksumSHA256, undefined);
    assert.ok(found.ChecksumCRC32);
    await found.Body?.transformToByteArray();
    assert.deepEqual(await tags(), [{ Key: 'b', Value: '2' }]);
  });

  it('onto itself need a change', async () => {
    const itself = { Bucket, Key: key };
    await assert.rejects(copy(itself), { name: 'InvalidRequest', message: /to itself without changing/ });
    await copy({
      ...itself,
      MetadataDirective: 'REPLACE',
      Metadata: { from: 'source' },
      ContentType: 'text/csv',
    });
    const { Body } = await sandbox.s3.send(new GetObjectCommand(itself));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(content));
  });

  it('support conditions', async () => {
    await copy({ CopySourceIfMatch: ETag });
    await assert.rejects(copy({ CopySourceIfMatch: '"other"' }), { name: 'PreconditionFailed' });
    await assert.rejects(copy({ CopySourceIfNoneMatch: ETag }), { name: 'PreconditionFailed' });
    await assert.rejects(copy({ IfNoneMatch: '*' }), { name: 'PreconditionFailed' });
  });

  it('need an existing source', async () => {
    await assert.rejects(copy({ CopySource: `${Bucket}/missing` }), { name: 'NoSuchKey' });
    await assert.rejects(copy({ CopySource: 'missing-bucket/a' }), { name: 'NoSuchBucket' });
    await assert.rejects(copy({ CopySource: Bucket }), { name: 'InvalidArgument' });
    await assert.rejects(copy({ Bucket: 'missing-bucket' }), { name: 'NoSuchBucket' });
  });
});
