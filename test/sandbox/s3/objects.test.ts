import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import type {
  GetObjectCommandInput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { createKey, startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { errorCode, sendSigned } from '../../support/signedRequest.ts';

const Bucket = 'objects';

describe('S3 objects', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => sandbox.close());

  const put = (
    Key: string,
    Body: string | Buffer,
    more: Partial<PutObjectCommandInput> = {},
  ): Promise<PutObjectCommandOutput> => sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const read = async (Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<Buffer> => {
    const { Body } = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  it('are returned as they were sent', async () => {
    const bytes = randomBytes(1_000_000);
    const { ETag } = await put('bytes', bytes);
    assert.equal(ETag, `"${createHash('md5').update(bytes).digest('hex')}"`);
    assert.ok((await read('bytes')).equals(bytes));
    await put('empty', '');
    assert.equal((await read('empty')).length, 0);
  });

  it('are streamed', async () => {
    const bytes = randomBytes(3_000_000);
    const pieces = Array.from({ length: 30 }, (_, index) =>
      bytes.subarray(index * 100_000, (index + 1) * 100_000),
    );
    const Body = Readable.from(pieces, { objectMode: false });
    await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: bytes.length }));
    assert.ok((await read('stream')).equals(bytes));
  });

  it('keep their headers and metadata', async () => {
    const Expires = new Date('2030-01-01T00:00:00Z');
    await put('said', 'x', {
      ContentType: 'text/csv',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.csv"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Expires,
      Metadata: { 'run-id': '42', note: 'two words' },
      Tagging: 'team=audience&stage=one%20two',
      StorageClass: 'STANDARD_IA',
    });
    for (const answer of [
      await sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'said' })),
      await sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'said' })),
    ]) {
      assert.equal(answer.ContentType, 'text/csv');
      assert.equal(answer.CacheControl, 'no-cache');
      assert.equal(answer.ContentDisposition, 'attachment; filename="a.csv"');
      assert.equal(answer.ContentEncoding, 'gzip');
      assert.equal(answer.ContentLanguage, 'de');
      assert.equal(answer.ExpiresString, Expires.toUTCString());
      assert.deepEqual(answer.Metadata, { 'run-id': '42', note: 'two words' });
      assert.equal(answer.StorageClass, 'STANDARD_IA');
      assert.equal(answer.TagCount, 2);
      assert.equal(answer.ContentLength, 1);
      assert.equal(answer.ServerSideEncryption, 'AES256');
      assert.ok(Math.abs(Date.now() - Number(answer.LastModified)) < 60_000);
    }
    const { Body, ContentType } = await sandbox.s3.send(
      new GetObjectCommand({ Bucket, Key: 'said', ResponseContentType: 'text/plain' }),
    );
    assert.equal(ContentType, 'text/plain');
    assert.equal(await Body?.transformToString(), 'x');
  });

  it('are encrypted as requested', async () => {
    const SSEKMSKeyId = await createKey(sandbox);
    const sent = await put('kms', 'x', {
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId,
      BucketKeyEnabled: true,
    });
    const head = await sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'kms' }));
    for (const answer of [sent, head]) {
      assert.equal(answer.ServerSideEncryption, 'aws:kms');
      assert.equal(answer.SSEKMSKeyId, SSEKMSKeyId);
      assert.equal(answer.BucketKeyEnabled, true);
      // With KMS the ETag is no MD5.
      assert.notEqual(answer.ETag, `"${createHash('md5').update('x').digest('hex')}"`);
    }
    assert.equal(head.ETag, sent.ETag);
    await assert.rejects(put('odd', 'x', { ServerSideEncryption: 'AES256', SSEKMSKeyId }), {
      name: 'InvalidArgument',
    });
    const SSECustomerKey = randomBytes(32).toString('base64');
    await assert.rejects(put('odd', 'x', { SSECustomerAlgorithm: 'AES256', SSECustomerKey }), {
      name: 'NotImplemented',
    });
  });

  describe('as ranges', () => {
    before(() => put('range', '0123456789'));
    for (const [Range, expected, contentRange] of [
      ['bytes=0-0', '0', 'bytes 0-0/10'],
      ['bytes=3-5', '345', 'bytes 3-5/10'],
      ['bytes=8-', '89', 'bytes 8-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=-100', '0123456789', 'bytes 0-9/10'],
      ['bytes=0-1,4-5', '0123456789', undefined],
      ['lines=1', '0123456789', undefined],
    ] as const) {
      it(`are read as ${Range}`, async () => {
        const answer = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'range', Range }));
        assert.equal(await answer.Body?.transformToString(), expected);
        assert.equal(answer.ContentRange, contentRange);
        assert.equal(answer.ContentLength, expected.length);
        assert.equal(answer.$metadata.httpStatusCode, contentRange === undefined ? 200 : 206);
      });
    }

    it("aren't read beyond the end", async () => {
      for (const Range of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) {
        await assert.rejects(sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'range', Range })), {
          name: 'InvalidRange',
        });
      }
    });
  });

  it('support conditional reads', async () => {
    const { ETag } = await put('condition', 'x');
    const { LastModified } = await sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'condition' }));
    const earlier = new Date(Number(LastModified) - 1000);
    const passes: Partial<GetObjectCommandInput>[] = [
      { IfMatch: ETag },
      { IfNoneMatch: '"other"' },
      { IfModifiedSince: earlier },
      { IfUnmodifiedSince: LastModified },
      { IfMatch: ETag, IfUnmodifiedSince: earlier },
    ];
    for (const condition of passes) assert.equal((await read('condition', condition)).toString(), 'x');
    for (const condition of [{ IfMatch: '"other"' }, { IfUnmodifiedSince: earlier }]) {
      await assert.rejects(read('condition', condition), { name: 'PreconditionFailed' });
    }
    for (const condition of [{ IfNoneMatch: ETag }, { IfModifiedSince: LastModified }]) {
      await assert.rejects(
        read('condition', condition),
        (error: { $metadata?: { httpStatusCode?: number } }) => {
          assert.equal(error.$metadata?.httpStatusCode, 304);
          return true;
        },
      );
    }
  });

  it('support conditional writes', async () => {
    const { ETag } = await put('once', 'first', { IfNoneMatch: '*' });
    await assert.rejects(put('once', 'second', { IfNoneMatch: '*' }), { name: 'PreconditionFailed' });
    await assert.rejects(put('once', 'second', { IfMatch: '"other"' }), { name: 'PreconditionFailed' });
    assert.equal((await read('once')).toString(), 'first');
    await put('once', 'second', { IfMatch: ETag });
    assert.equal((await read('once')).toString(), 'second');
    await assert.rejects(put('never', 'x', { IfMatch: ETag }), { name: 'NoSuchKey' });
  });

  it('are created by only one of two competing writes', async () => {
    const race = Array.from({ length: 8 }, (_, index) =>
      put('race', `${index}`.repeat(100_000), { IfNoneMatch: '*' }),
    );
    const results = await Promise.allSettled(race);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await read('race')).toString(), `${winner}`.repeat(100_000));
  });

  it('are deleted, even if they are missing', async () => {
    await put('gone', 'x');
    for (const _ of [1, 2]) await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    await assert.rejects(read('gone'), { name: 'NoSuchKey' });
    await assert.rejects(sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'gone' })), {
      name: 'NotFound',
    });
  });

  it('are deleted many at once', async () => {
    const keys = ['many/a&b', 'many/<c>', 'many/ d ', 'many/é\r\n', 'many/\u0001'];
    for (const key of keys) await put(key, 'x');
    const Objects = [...keys, 'many/never'].map((Key) => ({ Key }));
    const { Deleted, Errors } = await sandbox.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    assert.deepEqual(Deleted?.length, 6);
    assert.equal(Errors, undefined);
    const { KeyCount } = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }));
    assert.equal(KeyCount, 0);
    const quiet = await sandbox.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'x' }], Quiet: true } }),
    );
    assert.equal(quiet.Deleted, undefined);
  });

  it("aren't deleted many at once without a checksum", async () => {
    const body = '<Delete><Object><Key>bytes</Key></Object></Delete>';
    const request = { method: 'POST', path: `/${Bucket}`, query: { delete: '' }, body };
    const refused = await sendSigned(sandbox.endpoint, sandbox, request);
    assert.equal(errorCode(refused), 'InvalidRequest');
    assert.ok((await read('bytes')).length > 0);
  });

  for (const [what, body] of [
    ['no XML', 'hello'],
    ['unclosed', '<Delete><Object><Key>a</Key></Object>'],
    ['another root', '<Remove><Object><Key>a</Key></Object></Remove>'],
    ['no keys', '<Delete></Delete>'],
    ['an empty key', '<Delete><Object><Key></Key></Object></Delete>'],
    ['two keys in one object', '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>'],
    ['an unknown entity', '<Delete><Object><Key>&bytes;</Key></Object></Delete>'],
    [
      'entities of its own',
      '<!DOCTYPE Delete [<!ENTITY k "bytes">]><Delete><Object><Key>&k;</Key></Object></Delete>',
    ],
    ['1001 keys', `<Delete>${'<Object><Key>bytes</Key></Object>'.repeat(1001)}</Delete>`],
  ] as const) {
    it(`aren't deleted by a document with ${what}`, async () => {
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
      const request = { method: 'POST', path: `/${Bucket}`, query: { delete: '' }, headers, body };
      const refused = await sendSigned(sandbox.endpoint, sandbox, request);
      assert.deepEqual([refused.status, errorCode(refused)], [400, 'MalformedXML']);
      assert.ok((await read('bytes')).length > 0);
    });
  }

  it('have tags', async () => {
    const { s3 } = sandbox;
    await put('tags', 'content');
    const TagSet = [
      { Key: 'a', Value: '1 + 2' },
      { Key: 'b', Value: '' },
    ];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tags', Tagging: { TagSet } }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tags' }))).TagSet, TagSet);
    assert.equal((await read('tags')).toString(), 'content');
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tags' }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tags' }))).TagSet, []);
    const twice = { TagSet: [TagSet[0]!, TagSet[0]!] };
    await assert.rejects(s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tags', Tagging: twice })), {
      name: 'InvalidTag',
    });
  });

  const strangeKeys = [
    '../../../etc/passwd',
    '/absolute',
    'a//b',
    './.',
    '..',
    'C:\\windows\\aux',
    'con',
    'UPPER',
    'upper',
    'trailing/',
    ' blanks ',
    'new\nline',
    'plus+and%25percent%',
    'question?mark&amp;#hash',
    'ünïcödé/日本語/🎉',
    'x'.repeat(1024),
    'é'.repeat(512),
    '__proto__',
  ];
  it('can have any key', async () => {
    for (const key of strangeKeys) await put(key, `content of ${key}`);
    for (const key of strangeKeys) assert.equal((await read(key)).toString(), `content of ${key}`);
    const { Contents } = await sandbox.s3.send(new ListObjectsV2Command({ Bucket }));
    const listed = new Set(Contents?.map(({ Key }) => Key));
    assert.deepEqual(
      strangeKeys.filter((key) => !listed.has(key)),
      [],
    );
    for (const Key of strangeKeys) await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key }));
  });

  it('have keys of at most 1024 bytes', async () => {
    for (const key of ['x'.repeat(1025), 'é'.repeat(513)]) {
      await assert.rejects(put(key, 'x'), { name: 'KeyTooLongError' });
    }
  });

  it('have at most 2 KB of metadata', async () => {
    await assert.rejects(put('metadata', 'x', { Metadata: { a: 'x'.repeat(2048) } }), {
      name: 'MetadataTooLarge',
    });
  });

  it("don't exist in a missing bucket", async () => {
    const { s3 } = sandbox;
    const missing = { Bucket: 'missing-bucket', Key: 'a' };
    const attempts = [
      () => s3.send(new GetObjectCommand(missing)),
      () => s3.send(new PutObjectCommand({ ...missing, Body: 'x' })),
      () => s3.send(new DeleteObjectCommand(missing)),
    ];
    for (const attempt of attempts) await assert.rejects(attempt, { name: 'NoSuchBucket' });
  });

  it('can be read on while they are replaced and deleted', async () => {
    const first = randomBytes(4_000_000);
    await put('replaced', first);
    const { Body } = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'replaced' }));
    await put('replaced', 'second');
    await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'replaced' }));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(first));
  });
});
