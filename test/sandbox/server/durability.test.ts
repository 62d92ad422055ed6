import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { appendFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Journal } from '../../../src/sandbox/storage/stateJournal.ts';
import { Store } from '../../../src/sandbox/s3/s3Store.ts';
import { s3Client, temporaryFolder } from '../../support/sandbox.ts';
import { startSandboxProcess } from '../../support/sandboxProcess.ts';

const Bucket = 'durable';

/** Content that says itself whether it is whole: any size, and the same byte all over. */
const contentOf = (version: number, size: number): Buffer => Buffer.alloc(size, version % 256);

describe('A sandbox that is killed', () => {
  let folder: { path: string; remove(): Promise<void> };
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const restart = async (): Promise<{ s3: S3Client; kill: () => Promise<unknown> }> => {
    const sandbox = await startSandboxProcess('--data', folder.path);
    const s3 = s3Client(sandbox);
    return {
      s3,
      kill: () => {
        s3.destroy();
        return sandbox.end('SIGKILL');
      },
    };
  };

  it('keeps every acknowledged object, in its last acknowledged or sent version, and none partially', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    const sizes = [0, 10, 100_000, 3_000_000];
    /** Versions that a key may have: the last that was acknowledged, and those sent since. `undefined`: not there. */
    const possible = new Map<string, (number | undefined)[]>(keys.map((key) => [key, [undefined]]));
    let version = 0;
    for (let round = 0; round < 8; round += 1) {
      const { s3, kill } = await restart();
      if (round === 0) await s3.send(new CreateBucketCommand({ Bucket }));
      for (const key of keys) await checkOne(s3, key, possible);
      let stopped = false;
      const write = async (key: string): Promise<void> => {
        while (!stopped) {
          const next = (version += 1);
          const isDelete = randomInt(5) === 0;
          possible.get(key)!.push(isDelete ? undefined : next);
          const Body = contentOf(next, sizes[next % sizes.length]!);
          const Metadata = { version: String(next) };
          await (isDelete
            ? s3.send(new DeleteObjectCommand({ Bucket, Key: key }))
            : s3.send(new PutObjectCommand({ Bucket, Key: key, Body, Metadata })));
          possible.set(key, [isDelete ? undefined : next]);
        }
      };
      const writers = keys.map((key) => write(key).catch(() => undefined));
      await sleep(100 + randomInt(300));
      await kill();
      stopped = true;
      await Promise.all(writers);
    }
    assert.ok(version > 100, `only ${version} writes`);

    const { s3, kill } = await restart();
    for (const key of keys) await checkOne(s3, key, possible);
    // What was half written is gone from the disk too.
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.equal((await readdir(join(folder.path, 's3', 'blobs'))).length, KeyCount);
    await kill();
  });

  async function checkOne(
    s3: S3Client,
    key: string,
    possible: Map<string, (number | undefined)[]>,
  ): Promise<void> {
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: key })).catch((error: unknown) => {
      assert.equal((error as Error).name, 'NoSuchKey');
      return undefined;
    });
    const version = found === undefined ? undefined : Number(found.Metadata?.['version']);
    assert.ok(
      possible.get(key)!.includes(version),
      `${key}: ${version} is none of ${String(possible.get(key))}`,
    );
    if (found !== undefined && version !== undefined) {
      const bytes = Buffer.from((await found.Body?.transformToByteArray()) ?? []);
      assert.ok(bytes.equals(contentOf(version, bytes.length)));
      assert.equal(found.ETag, `"${createHash('md5').update(bytes).digest('hex')}"`);
    }
    possible.set(key, [version]);
  }

  it('resumes multipart uploads', async () => {
    const parts = [contentOf(1, 5 * 1024 * 1024), contentOf(2, 1000)];
    let { s3, kill } = await restart();
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'big', ContentType: 'text/csv' }),
    );
    const upload = { Bucket, Key: 'big', UploadId };
    await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: parts[0]! }));
    const interrupted = s3
      .send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: contentOf(3, 20_000_000) }))
      .catch(() => undefined);
    await sleep(20);
    await kill();
    await interrupted;

    ({ s3, kill } = await restart());
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.deepEqual(
      Uploads?.map((one) => one.UploadId),
      [UploadId],
    );
    await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: parts[1]! }));
    const { Parts = [] } = await s3.send(new ListPartsCommand(upload));
    assert.equal(Parts.length, 2);
    const list = Parts.map(({ PartNumber, ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ChecksumCRC32 }));
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: list } }));
    await kill();

    ({ s3, kill } = await restart());
    const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket, Key: 'big' }));
    assert.equal(ContentType, 'text/csv');
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(Buffer.concat(parts)));
    assert.deepEqual((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [], []);
    await kill();
  });
});

describe('The journal', () => {
  let folder: { path: string; remove(): Promise<void> };
  let file = '';
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'journal');
  });
  afterEach(() => folder.remove());

  const open = (): { changes: number[]; journal: Journal<number> } => {
    const changes: number[] = [];
    return { changes, journal: Journal.open<number>(file, (change) => changes.push(change)) };
  };

  it('drops a truncated last line, wherever it is cut, and continues', async () => {
    const whole = Buffer.from('1\n2\n');
    const cut = Buffer.from('345\n');
    for (let length = 0; length < cut.length; length += 1) {
      await writeFile(file, Buffer.concat([whole, cut.subarray(0, length)]));
      const { changes, journal } = open();
      assert.deepEqual(changes, [1, 2]);
      journal.append(9);
      journal.close();
      assert.equal(await readFile(file, 'utf8'), '1\n2\n9\n');
    }
  });

  it('reads lines across chunk boundaries', async () => {
    const long = 'x'.repeat(700_000);
    await writeFile(file, Array.from({ length: 5 }, () => `${JSON.stringify(long)}\n`).join(''));
    const lines: string[] = [];
    Journal.open<string>(file, (line) => lines.push(line)).close();
    assert.deepEqual(
      lines,
      Array.from({ length: 5 }, () => long),
    );
  });

  it('can be rewritten', async () => {
    const first = open().journal;
    for (const number of [1, 2, 3]) first.append(number);
    first.rewrite([3]);
    first.append(4);
    assert.equal(first.length, 2);
    first.close();
    const { changes, journal } = open();
    journal.close();
    assert.deepEqual(changes, [3, 4]);
    assert.deepEqual(await readdir(folder.path), ['journal']);
  });

  it("rejects a line in the middle that isn't valid JSON", async () => {
    await writeFile(file, '1\n');
    await appendFile(file, 'two\n3\n');
    assert.throws(open, { code: 'disk', message: /journal, line 2/ });
  });

  it('of objects is compacted at startup once most of it is obsolete', async () => {
    const dir = join(folder.path, 's3');
    const settings = {
      headers: {},
      metadata: {},
      encryption: { algorithm: 'AES256' },
      storageClass: 'STANDARD',
      tags: {},
    };
    const store = new Store(dir);
    store.createBucket({ name: 'bucket', region: 'us-east-1', created: 0 }, {});
    for (let number = 0; number < 3000; number += 1) {
      store.put('bucket', {
        key: `key-${number % 3}`,
        blobs: [],
        isMultipart: false,
        size: number,
        etag: 'x',
        modified: number,
        checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'x' },
        settings,
      });
    }
    store.close();
    const again = new Store(dir);
    assert.deepEqual(
      [0, 1, 2].map((number) => again.object('bucket', `key-${number}`).size),
      [2997, 2998, 2999],
    );
    again.close();
    assert.equal((await readFile(join(dir, 'journal.ndjson'), 'utf8')).split('\n').length, 5);
  });
});
