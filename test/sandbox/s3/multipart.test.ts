import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type {
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
  CompletedPart,
  CreateMultipartUploadCommandInput,
  HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import { Digests } from '../../../src/sandbox/s3/checksums.ts';
import type { ChecksumAlgorithm } from '../../../src/sandbox/s3/checksums.ts';
import { s3Client, startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

const Bucket = 'multipart';
const mib = 1024 * 1024;

describe('S3 multipart uploads', () => {
  let sandbox: TestSandbox;
  let folder: { path: string; remove(): Promise<void> };
  before(async () => {
    folder = await temporaryFolder();
    sandbox = await startTestSandbox({ dataDir: folder.path });
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterEach(async () => {
    // Whatever a test left unfinished must not be seen by the next one.
    const { Uploads = [] } = await sandbox.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    for (const { Key, UploadId } of Uploads) {
      await sandbox.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
  });
  after(async () => {
    await sandbox.close();
    await folder.remove();
  });

  const content = [randomBytes(5 * mib), randomBytes(6 * mib), randomBytes(1000)];
  const whole = Buffer.concat(content);

  const begin = async (
    Key: string,
    more: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<string> => {
    const { UploadId } = await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
    assert.ok(UploadId);
    return UploadId;
  };
  const putPart = async (
    Key: string,
    UploadId: string,
    PartNumber: number,
    Body: Buffer,
    algorithm?: 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256',
  ): Promise<CompletedPart> => {
    const { $metadata, ...part } = await sandbox.s3.send(
      new UploadPartCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        Body,
        ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm }),
      }),
    );
    assert.equal($metadata.httpStatusCode, 200);
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } = part;
    return {
      PartNumber,
      ETag,
      ChecksumCRC32,
      ChecksumCRC32C,
      ChecksumCRC64NVME,
      ChecksumSHA1,
      ChecksumSHA256,
    };
  };
  const complete = (
    Key: string,
    UploadId: string,
    Parts: CompletedPart[],
    more: Partial<CompleteMultipartUploadCommandInput> = {},
  ): Promise<CompleteMultipartUploadCommandOutput> =>
    sandbox.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
    );
  const read = async (Key: string, PartNumber?: number): Promise<Buffer> => {
    const { Body } = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key, PartNumber }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const head = (Key: string, PartNumber?: number): Promise<HeadObjectCommandOutput> =>
    sandbox.s3.send(new HeadObjectCommand({ Bucket, Key, PartNumber, ChecksumMode: 'ENABLED' }));

  it('become one object, whatever the order of the parts', async () => {
    const id = await begin('whole', { ContentType: 'text/csv', Metadata: { run: '1' } });
    const parts: CompletedPart[] = [];
    for (const index of [2, 0, 1]) parts[index] = await putPart('whole', id, index * 3 + 1, content[index]!);
    await assert.rejects(head('whole'), { name: 'NotFound' });
    const { ETag, Location } = await complete('whole', id, parts);
    const md5s = content.map((part) => createHash('md5').update(part).digest());
    const expected = `"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-3"`;
    assert.equal(ETag, expected);
    assert.match(Location ?? '', /\/multipart\/whole$/);

    const found = await head('whole');
    assert.deepEqual(
      [found.ETag, found.ContentLength, found.ContentType, found.Metadata],
      [expected, whole.length, 'text/csv', { run: '1' }],
    );
    assert.ok((await read('whole')).equals(whole));
    assert.ok((await read('whole', 2)).equals(content[1]!));
    assert.equal((await head('whole', 3)).PartsCount, 3);
    await assert.rejects(read('whole', 4), { name: 'InvalidPartNumber' });
    const across = await sandbox.s3.send(
      new GetObjectCommand({ Bucket, Key: 'whole', Range: `bytes=${5 * mib - 10}-${5 * mib + 9}` }),
    );
    const slice = whole.subarray(5 * mib - 10, 5 * mib + 10);
    assert.ok(Buffer.from((await across.Body?.transformToByteArray()) ?? []).equals(slice));
  });

  it('are completed again with the same response, while their object exists', async () => {
    const id = await begin('again');
    const parts = [await putPart('again', id, 1, content[0]!)];
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => complete('again', id, parts)));
    for (const other of others)
      assert.deepEqual([other.ETag, other.Location], [first!.ETag, first!.Location]);
    const wrong = [{ ...parts[0]!, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' }];
    await assert.rejects(complete('again', id, wrong), { name: 'InvalidPart' });
    await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    await assert.rejects(complete('again', id, parts), { name: 'NoSuchUpload' });
  });

  for (const [algorithm, type] of [
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const) {
    it(`have a checksum of type ${type} with ${algorithm}`, async () => {
      const Key = `${algorithm}-${type}`;
      const id = await begin(Key, { ChecksumAlgorithm: algorithm, ChecksumType: type });
      const parts: CompletedPart[] = [];
      for (const [index, part] of content.entries()) {
        parts.push(await putPart(Key, id, index + 1, part, algorithm));
      }
      const name = `Checksum${algorithm}` as 'ChecksumCRC32';
      const expected = expectedChecksum(algorithm, type);
      const sent = await complete(Key, id, parts, { ChecksumType: type });
      const found = await head(Key);
      for (const answer of [sent, found]) {
        assert.equal(answer[name], expected);
        assert.equal(answer.ChecksumType, type);
      }
      assert.ok((await read(Key)).equals(whole));
    });
  }

  function expectedChecksum(algorithm: ChecksumAlgorithm, type: 'COMPOSITE' | 'FULL_OBJECT'): string {
    const of = (bytes: Buffer): string => {
      const digests = new Digests([algorithm]);
      digests.update(bytes);
      return digests.values().get(algorithm)!;
    };
    if (type === 'FULL_OBJECT') return of(whole);
    return `${of(Buffer.concat(content.map((part) => Buffer.from(of(part), 'base64'))))}-3`;
  }

  it("reject types that an algorithm doesn't support", async () => {
    await assert.rejects(begin('type', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }), {
      name: 'InvalidRequest',
    });
    await assert.rejects(begin('type', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }), {
      name: 'InvalidRequest',
    });
  });

  it('reject parts with another checksum', async () => {
    const id = await begin('other', { ChecksumAlgorithm: 'SHA256' });
    await assert.rejects(putPart('other', id, 1, content[2]!, 'CRC32'), {
      name: 'InvalidRequest',
      message: /Checksum Type mismatch/,
    });
  });

  it('reject completion with a wrong checksum, size or part checksum, and can be completed afterwards', async () => {
    const id = await begin('wrong', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const part = await putPart('wrong', id, 1, content[0]!, 'CRC32');
    await assert.rejects(complete('wrong', id, [part], { ChecksumCRC32: 'AAAAAA==' }), { name: 'BadDigest' });
    await assert.rejects(complete('wrong', id, [part], { MpuObjectSize: 1 }), { name: 'InvalidRequest' });
    await assert.rejects(complete('wrong', id, [part], { ChecksumType: 'COMPOSITE' }), {
      name: 'InvalidRequest',
    });
    await assert.rejects(complete('wrong', id, [{ ...part, ChecksumCRC32: 'AAAAAA==' }]), {
      name: 'InvalidPart',
    });
    await complete('wrong', id, [part], { ChecksumCRC32: part.ChecksumCRC32, MpuObjectSize: 5 * mib });
    assert.ok((await read('wrong')).equals(content[0]!));
  });

  it('with a composite checksum need the part checksums on completion', async () => {
    const id = await begin('composite', { ChecksumAlgorithm: 'SHA256' });
    const { PartNumber, ETag } = await putPart('composite', id, 1, content[0]!, 'SHA256');
    await assert.rejects(complete('composite', id, [{ PartNumber, ETag }]), {
      name: 'InvalidRequest',
      message: /must include the checksum for each part/,
    });
  });

  it('reject lists of foreign parts', async () => {
    const client = s3Client(sandbox, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'list' }));
    const parts: CompletedPart[] = [];
    for (const [index, bytes] of [content[2]!, content[0]!].entries())
      parts.push(await putPart('list', UploadId, index + 1, bytes));
    const [small, large] = parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) as [
      CompletedPart,
      CompletedPart,
    ];
    const attempts: readonly (readonly [CompletedPart[], string])[] = [
      [[large, small], 'InvalidPartOrder'],
      [[large, large], 'InvalidPartOrder'],
      [[small, large], 'EntityTooSmall'],
      [[large, { ...large, PartNumber: 3 }], 'InvalidPart'],
      [[{ ...large, ETag: small.ETag }], 'InvalidPart'],
      [[], 'MalformedXML'],
    ];
    for (const [Parts, name] of attempts) await assert.rejects(complete('list', UploadId, Parts), { name });
    await assert.rejects(head('list'), { name: 'NotFound' });
    await complete('list', UploadId, [large]);
    assert.ok((await read('list')).equals(content[0]!));
    client.destroy();
  });

  it('use the last of two parts with the same number', async () => {
    const id = await begin('twice');
    await putPart('twice', id, 1, content[0]!);
    const second = await putPart('twice', id, 1, content[2]!);
    await complete('twice', id, [second]);
    assert.ok((await read('twice')).equals(content[2]!));
  });

  it('have numbers from 1 to 10000', async () => {
    const id = await begin('numbers');
    for (const number of [0, 10_001, 1.5]) {
      await assert.rejects(putPart('numbers', id, number, content[2]!), { name: 'InvalidArgument' });
    }
    await putPart('numbers', id, 10_000, content[2]!);
  });

  it('are listed with their parts, by page', async () => {
    const ids = [await begin('listed/b'), await begin('listed/a'), await begin('listed/a')];
    const { Uploads } = await sandbox.s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/' }));
    assert.deepEqual(
      Uploads?.map(({ Key }) => Key),
      ['listed/a', 'listed/a', 'listed/b'],
    );
    const seen: (string | undefined)[] = [];
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (let page = 0; page < 3; page += 1) {
      const answer = await sandbox.s3.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: 'listed/', MaxUploads: 1, ...marker }),
      );
      seen.push(answer.Uploads?.[0]?.UploadId);
      assert.equal(answer.IsTruncated, page < 2);
      marker = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker };
    }
    assert.deepEqual([...seen].sort(), [...ids].sort());

    const [UploadId = ''] = ids;
    for (const number of [3, 1, 2]) await putPart('listed/b', UploadId, number, Buffer.alloc(number, 'x'));
    const first = await sandbox.s3.send(
      new ListPartsCommand({ Bucket, Key: 'listed/b', UploadId, MaxParts: 2 }),
    );
    assert.deepEqual(
      first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [1, 1],
        [2, 2],
      ],
    );
    assert.equal(first.IsTruncated, true);
    const second = await sandbox.s3.send(
      new ListPartsCommand({
        Bucket,
        Key: 'listed/b',
        UploadId,
        PartNumberMarker: first.NextPartNumberMarker,
      }),
    );
    assert.deepEqual(
      second.Parts?.map(({ PartNumber }) => PartNumber),
      [3],
    );
  });

  it('leave nothing behind when they are aborted', async () => {
    const blobs = join(folder.path, 's3', 'blobs');
    const before = (await readdir(blobs)).length;
    const id = await begin('aborted');
    await putPart('aborted', id, 1, content[0]!);
    assert.equal((await readdir(blobs)).length, before + 1);
    await sandbox.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id }));
    assert.equal((await readdir(blobs)).length, before);
    const upload = { Bucket, Key: 'aborted', UploadId: id };
    const attempts = [
      () => putPart('aborted', id, 2, content[2]!),
      () => complete('aborted', id, [{ PartNumber: 1, ETag: 'x' }]),
      () => sandbox.s3.send(new AbortMultipartUploadCommand(upload)),
      () => sandbox.s3.send(new ListPartsCommand({ ...upload, Key: 'other-key' })),
    ];
    for (const attempt of attempts) await assert.rejects(attempt, { name: 'NoSuchUpload' });
  });

  it('support conditional writes', async () => {
    await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'x' }));
    const id = await begin('there');
    const part = await putPart('there', id, 1, content[2]!);
    await assert.rejects(complete('there', id, [part], { IfNoneMatch: '*' }), { name: 'PreconditionFailed' });
    assert.equal((await read('there')).toString(), 'x');
    await complete('there', id, [part]);
    assert.ok((await read('there')).equals(content[2]!));
  });

  it('accept parts copied from other objects', async () => {
    await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: whole }));
    const id = await begin('copied');
    const parts: CompletedPart[] = [];
    for (const [index, range] of [
      `bytes=0-${6 * mib - 1}`,
      `bytes=${6 * mib}-${whole.length - 1}`,
    ].entries()) {
      const { CopyPartResult } = await sandbox.s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'copied',
          UploadId: id,
          PartNumber: index + 1,
          CopySource: `${Bucket}/source`,
          CopySourceRange: range,
        }),
      );
      parts.push({
        PartNumber: index + 1,
        ETag: CopyPartResult?.ETag,
        ChecksumCRC32: CopyPartResult?.ChecksumCRC32,
      });
    }
    await complete('copied', id, parts);
    assert.ok((await read('copied')).equals(whole));
    const beyond = new UploadPartCopyCommand({
      Bucket,
      Key: 'copied',
      UploadId: await begin('copied'),
      PartNumber: 1,
      CopySource: `${Bucket}/source`,
      CopySourceRange: `bytes=0-${whole.length}`,
    });
    await assert.rejects(sandbox.s3.send(beyond), { name: 'InvalidArgument' });
  });
});
