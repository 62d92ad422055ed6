import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetAppsCommand } from '@aws-sdk/client-pinpoint';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { sendSigned } from '../../support/signedRequest.ts';

const Bucket = 'faults';

describe('Network faults', () => {
  let sandbox: TestSandbox;
  let folder: { path: string; remove(): Promise<void> };
  const content = randomBytes(2_000_000);
  before(async () => {
    folder = await temporaryFolder();
    sandbox = await startTestSandbox({ dataDir: folder.path });
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
    await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: 'there', Body: content }));
  });
  afterEach(() => {
    sandbox.faults.set({});
  });
  after(async () => {
    await sandbox.close();
    await folder.remove();
  });

  const put = (Key: string): Promise<unknown> =>
    sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body: content }));
  const read = async (Key: string): Promise<Buffer> => {
    const { Body } = await sandbox.s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const blobs = async (): Promise<number> => (await readdir(join(folder.path, 's3', 'blobs'))).length;
  /** The client hears of a broken connection before the sandbox has cleaned up. */
  const comesBackTo = async (count: number): Promise<void> => {
    for (let tries = 0; tries < 100 && (await blobs()) !== count; tries += 1) await sleep(20);
    assert.equal(await blobs(), count);
  };

  for (const [kind, name] of [
    ['throttle', 'SlowDown'],
    ['server-error', 'InternalError'],
    ['expired-credentials', 'ExpiredToken'],
    ['access-denied', 'AccessDenied'],
  ] as const) {
    it(`${kind}: an upload is rejected as S3 does, and succeeds the next time`, async () => {
      sandbox.faults.set({ rules: [{ service: 's3', method: 'PUT', fault: { kind } }] });
      await assert.rejects(put(kind), { name });
      await assert.rejects(sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: kind })), {
        name: 'NotFound',
      });
      await put(kind);
      assert.ok((await read(kind)).equals(content));
    });
  }

  it('an interrupted upload leaves nothing', async () => {
    const before = await blobs();
    sandbox.faults.set({ rules: [{ method: 'PUT', fault: { kind: 'cut-request', afterBytes: 1_000_000 } }] });
    await assert.rejects(put('cut'), { code: /ECONNRESET|EPIPE/ });
    await assert.rejects(sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'cut' })), {
      name: 'NotFound',
    });
    await comesBackTo(before);
  });

  it('the second part of a multipart upload can be interrupted and sent again', async () => {
    const { UploadId } = await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const part = (PartNumber: number): Promise<unknown> =>
      sandbox.s3.send(new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber, Body: content }));
    sandbox.faults.set({
      rules: [
        { method: 'PUT', path: `/${Bucket}/parts`, skip: 1, fault: { kind: 'cut-request', afterBytes: 1 } },
      ],
    });
    await part(1);
    await assert.rejects(part(2), { code: /ECONNRESET|EPIPE/ });
    const { Parts } = await sandbox.s3.send(new ListPartsCommand({ Bucket, Key: 'parts', UploadId }));
    assert.deepEqual(
      Parts?.map(({ PartNumber }) => PartNumber),
      [1],
    );
    await part(2);
  });

  it('a response can be lost after the object was stored', async () => {
    sandbox.faults.set({ rules: [{ method: 'PUT', fault: { kind: 'cut-answer' } }] });
    await assert.rejects(put('lost'), { code: 'ECONNRESET' });
    assert.ok((await read('lost')).equals(content));
  });

  it('a download can be interrupted', async () => {
    sandbox.faults.set({ rules: [{ method: 'GET', fault: { kind: 'cut-answer', afterBytes: 1_000_000 } }] });
    await assert.rejects(read('there'), { code: /ECONNRESET|ERR_STREAM_PREMATURE_CLOSE/ });
    assert.ok((await read('there')).equals(content));
  });

  it('uploads and downloads can be slow', async () => {
    const rule = {
      path: `/${Bucket}/**`,
      count: 2,
      fault: { kind: 'slow', bytesPerSecond: 4_000_000 },
    } as const;
    sandbox.faults.set({ rules: [rule] });
    const begun = performance.now();
    await put('slow');
    const uploaded = performance.now();
    assert.ok((await read('slow')).equals(content));
    const downloaded = performance.now();
    assert.ok(uploaded - begun >= 450, `${uploaded - begun} ms`);
    assert.ok(downloaded - uploaded >= 450, `${downloaded - uploaded} ms`);
  });

  it('a client that disconnects during its upload leaves nothing', async () => {
    const before = await blobs();
    const abort = new AbortController();
    const Body = Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        yield content;
        abort.abort();
        yield await Promise.resolve(content);
      })(),
      { objectMode: false },
    );
    const input = { Bucket, Key: 'aborted', Body, ContentLength: 2 * content.length };
    await assert.rejects(sandbox.s3.send(new PutObjectCommand(input), { abortSignal: abort.signal }), {
      name: 'AbortError',
    });
    await assert.rejects(sandbox.s3.send(new HeadObjectCommand({ Bucket, Key: 'aborted' })), {
      name: 'NotFound',
    });
    await comesBackTo(before);
  });

  it('can be requested over HTTP, with a signature', async () => {
    const { endpoint, faults } = sandbox;
    const settings = { rules: [{ service: 'mobiletargeting', fault: { kind: 'throttle' } }] };
    const control = { service: 'mobiletargeting', path: '/_sandbox/faults' } as const;
    const body = JSON.stringify(settings);
    assert.equal((await sendSigned(endpoint, sandbox, { ...control, method: 'PUT', body })).status, 200);
    assert.deepEqual(faults.settings, settings);
    const got = await sendSigned(endpoint, sandbox, { ...control, service: 's3' });
    assert.deepEqual(JSON.parse(got.body), settings);
    await assert.rejects(sandbox.pinpoint.send(new GetAppsCommand({})), { name: 'TooManyRequestsException' });

    assert.equal((await sendSigned(endpoint, sandbox, { ...control, method: 'DELETE' })).status, 200);
    assert.deepEqual(faults.settings, {});
    for (const odd of ['x', '[]', '{"unknown":1}']) {
      assert.equal(
        (await sendSigned(endpoint, sandbox, { ...control, method: 'PUT', body: odd })).status,
        400,
      );
    }
    assert.equal((await sendSigned(endpoint, sandbox, { ...control, method: 'POST' })).status, 405);
    assert.equal((await sendSigned(endpoint, sandbox, { ...control, path: '/_sandbox/other' })).status, 404);
    const wrong = { ...sandbox, secretAccessKey: 'wrong' };
    assert.equal((await sendSigned(endpoint, wrong, { ...control, method: 'PUT', body })).status, 403);
    assert.deepEqual(faults.settings, {});
  });
});
