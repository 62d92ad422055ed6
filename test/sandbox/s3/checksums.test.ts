import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { Digests, checksumAlgorithms, combineChecksums } from '../../../src/sandbox/s3/checksums.ts';
import type { ChecksumAlgorithm } from '../../../src/sandbox/s3/checksums.ts';
import { s3Client, startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import {
  errorCode,
  frameChunks,
  send,
  sendSigned,
  signChunks,
  signHeaders,
} from '../../support/signedRequest.ts';
import type { RawRequest, RawResponse } from '../../support/signedRequest.ts';

const Bucket = 'checksums';

function digest(algorithm: ChecksumAlgorithm, ...pieces: readonly Buffer[]): string {
  const digests = new Digests([algorithm]);
  for (const piece of pieces) digests.update(piece);
  return digests.values().get(algorithm)!;
}

describe('Checksums', () => {
  /** Of the nine bytes "123456789": the check values of the CRC catalogue, and the hashes as Node has them. */
  const known: Record<ChecksumAlgorithm, string> = {
    CRC32: 'cbf43926',
    CRC32C: 'e3069283',
    CRC64NVME: 'ae8b14860a799888',
    SHA1: createHash('sha1').update('123456789').digest('hex'),
    SHA256: createHash('sha256').update('123456789').digest('hex'),
    SHA512: createHash('sha512').update('123456789').digest('hex'),
    MD5: createHash('md5').update('123456789').digest('hex'),
  };
  for (const algorithm of checksumAlgorithms) {
    it(`support ${algorithm}`, () => {
      const value = digest(algorithm, Buffer.from('1234'), Buffer.alloc(0), Buffer.from('56789'));
      assert.equal(Buffer.from(value, 'base64').toString('hex'), known[algorithm]);
    });
  }

  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
    it(`combine ${algorithm} of parts into that of the whole`, () => {
      const parts = [5, 100_000, 1, 0, 77, 4096].map((size) => randomBytes(size));
      const whole = combineChecksums(
        algorithm,
        'FULL_OBJECT',
        parts.map((part) => ({ value: digest(algorithm, part), size: part.length })),
      );
      assert.equal(whole, digest(algorithm, Buffer.concat(parts)));
    });
  }
});

describe('S3 checksums', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => sandbox.close());

  const content = randomBytes(150_000);
  const put = (request: Partial<RawRequest>): Promise<RawResponse> =>
    sendSigned(sandbox.endpoint, sandbox, {
      method: 'PUT',
      path: `/${Bucket}/raw`,
      body: content,
      ...request,
    });
  const exists = async (Key: string): Promise<boolean> => {
    const answer = await sandbox.s3
      .send(new HeadObjectCommand({ Bucket, Key }))
      .catch((error: unknown) => error);
    return !(answer instanceof Error);
  };
  const valueOf = (answer: GetObjectCommandOutput, algorithm: ChecksumAlgorithm): string | undefined =>
    (answer as unknown as Record<string, string | undefined>)[`Checksum${algorithm}`];

  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    for (const form of ['a header', 'a trailer'] as const) {
      it(`${algorithm} as ${form} of the SDK is verified, kept and returned`, async () => {
        const Key = `${algorithm} ${form}`;
        const Body = form === 'a header' ? content : Readable.from([content], { objectMode: false });
        await sandbox.s3.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body,
            ContentLength: content.length,
            ChecksumAlgorithm: algorithm,
          }),
        );
        const answer = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
        assert.equal(valueOf(answer, algorithm), digest(algorithm, content));
        assert.equal(answer.ChecksumType, 'FULL_OBJECT');
        // Reading to the end makes the SDK compare it too.
        assert.ok(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(content));
      });
    }
  }

  for (const algorithm of checksumAlgorithms) {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;

    it(`${algorithm} is verified however it is sent`, async () => {
      const right = digest(algorithm, content);
      const wrong = digest(algorithm, Buffer.from('other'));
      for (const [value, expected] of [
        [right, undefined],
        [wrong, 'BadDigest'],
        ['AA==', 'InvalidRequest'],
      ] as const) {
        const key = `${algorithm} ${expected ?? ''}`;
        const path = `/${Bucket}/${encodeURIComponent(key)}`;
        const answers = [
          await put({ path, headers: { [name]: value } }),
          await put({
            path,
            payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
            headers: trailerHeaders(name),
            body: frameChunks([content.subarray(0, 100_000), content.subarray(100_000)], { [name]: value }),
          }),
          await putSignedTrailer(path, name, value),
        ];
        for (const answer of answers) assert.equal(errorCode(answer), expected, answer.body);
        assert.equal(await exists(key), expected === undefined);
      }
    });
  }

  const trailerHeaders = (name: string): Record<string, string> => ({
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': String(content.length),
    'x-amz-trailer': name,
  });

  function putSignedTrailer(path: string, name: string, value: string): Promise<RawResponse> {
    const wire = signHeaders(sandbox.endpoint, sandbox, {
      method: 'PUT',
      path,
      payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      headers: trailerHeaders(name),
    });
    const body = signChunks(wire, [content.subarray(0, 65_536), content.subarray(65_536)], { [name]: value });
    return send(sandbox.endpoint, { ...wire, body });
  }

  it('leave no framing in the object', async () => {
    const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
    const headers = {
      'content-encoding': 'aws-chunked,gzip',
      'x-amz-decoded-content-length': String(content.length),
    };
    const request = { method: 'PUT', path: `/${Bucket}/framed`, payloadHash, headers };
    const wire = signHeaders(sandbox.endpoint, sandbox, request);
    const body = signChunks(wire, [content.subarray(0, 65_536), content.subarray(65_536)]);
    assert.equal((await send(sandbox.endpoint, { ...wire, body })).status, 200);
    const answer = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key: 'framed' }));
    assert.equal(answer.ContentEncoding, 'gzip');
    assert.ok(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(content));
  });

  for (const [what, change, expected] of [
    ['is shorter than announced', { 'x-amz-decoded-content-length': '150001' }, 'IncompleteBody'],
    ['is longer than announced', { 'x-amz-decoded-content-length': '149999' }, 'IncompleteBody'],
    ['does not say its length', { 'x-amz-decoded-content-length': '' }, 'MissingContentLength'],
    ['has another trailer', { 'x-amz-trailer': 'x-amz-checksum-sha1' }, 'MalformedTrailerError'],
  ] as const) {
    it(`a chunked body that ${what} is rejected`, async () => {
      const value = digest('CRC32', content);
      const headers: Record<string, string> = { ...trailerHeaders('x-amz-checksum-crc32'), ...change };
      if (headers['x-amz-decoded-content-length'] === '') delete headers['x-amz-decoded-content-length'];
      const answer = await put({
        path: `/${Bucket}/broken`,
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        headers,
        body: frameChunks([content], { 'x-amz-checksum-crc32': value }),
      });
      assert.equal(errorCode(answer), expected);
      assert.equal(await exists('broken'), false);
    });
  }

  for (const [what, headers, expected] of [
    ['a wrong MD5', { 'content-md5': digest('MD5', Buffer.from('other')) }, 'BadDigest'],
    ['no MD5', { 'content-md5': 'abc' }, 'InvalidDigest'],
    ['two checksums', { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'x' }, 'InvalidRequest'],
    ['an algorithm and no checksum', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
    ['a checksum that Node does not know', { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' }, 'NotImplemented'],
  ] as const) {
    it(`an object with ${what} is rejected`, async () => {
      assert.equal(errorCode(await put({ path: `/${Bucket}/refused`, headers: { ...headers } })), expected);
      assert.equal(await exists('refused'), false);
    });
  }

  it('an object whose body differs from the signed one is rejected', async () => {
    const payloadHash = createHash('sha256').update('other').digest('hex');
    assert.equal(
      errorCode(await put({ path: `/${Bucket}/refused`, payloadHash })),
      'XAmzContentSHA256Mismatch',
    );
    assert.equal(await exists('refused'), false);
  });

  it('an object without one gets CRC64NVME', async () => {
    const client = s3Client(sandbox, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    const sent = await client.send(new PutObjectCommand({ Bucket, Key: 'usual', Body: content }));
    assert.equal(sent.ChecksumCRC64NVME, digest('CRC64NVME', content));
    client.destroy();
  });

  it('are returned only on request, and only for the whole object', async () => {
    const client = s3Client(sandbox, { responseChecksumValidation: 'WHEN_REQUIRED' });
    await client.send(new PutObjectCommand({ Bucket, Key: 'asked', Body: content }));
    const plain = await client.send(new HeadObjectCommand({ Bucket, Key: 'asked' }));
    assert.equal(plain.ChecksumCRC32, undefined);
    const asked = await client.send(new HeadObjectCommand({ Bucket, Key: 'asked', ChecksumMode: 'ENABLED' }));
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32BE(crc32(content));
    assert.equal(asked.ChecksumCRC32, buffer.toString('base64'));
    const part = await client.send(
      new GetObjectCommand({ Bucket, Key: 'asked', ChecksumMode: 'ENABLED', Range: 'bytes=0-9' }),
    );
    assert.equal(part.ChecksumCRC32, undefined);
    part.Body?.transformToByteArray().catch(() => undefined);
    client.destroy();
  });
});
