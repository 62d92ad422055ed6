import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import type { StagingService, UploadOptions } from '../../../src/aws/s3/stagingService.ts';
import type { Fault, FaultRule } from '../../../src/sandbox/http/faults.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { replaceFile } from '../../support/platform.ts';
import { createKey, startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { connectTo } from './connected.ts';

const mebibyte = 1024 * 1024;
const bucket = 'staging';

describe('uploading to S3', () => {
  let sandbox: TestSandbox;
  let staging: StagingService;
  let folder: string;
  let remove: () => Promise<void>;
  const files: Record<'small' | 'large', string> = { small: '', large: '' };
  let keys = 0;

  before(async () => {
    sandbox = await startTestSandbox();
    ({ staging } = await connectTo(sandbox));
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    files.small = join(folder, 'small.csv');
    files.large = join(folder, 'large.csv');
    await writeFile(files.small, randomBytes(100_000));
    await writeFile(files.large, randomBytes(3 * 8 * mebibyte + 12_345));
  });
  afterEach(() => sandbox.faults.set({}));
  after(async () => {
    await sandbox.close();
    await remove();
  });

  const newKey = (): string => `imports/${(keys += 1)}/part-1.csv`;

  function upload(file: string, key: string, options: Partial<UploadOptions> = {}) {
    return staging.upload(file, { bucket, key }, { contentType: 'text/csv', ...options });
  }

  function faults(...rules: readonly FaultRule[]): void {
    sandbox.faults.set({ rules: rules.map((rule) => ({ service: 's3', path: `/${bucket}/**`, ...rule })) });
  }

  /** The object's bytes, or `undefined` where there is none; never an unfinished upload. */
  async function look(key: string): Promise<Buffer | undefined> {
    sandbox.faults.set({});
    const uploads = await sandbox.s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    assert.deepEqual(uploads.Uploads ?? [], [], 'no upload is left unfinished');
    const { Contents: found = [] } = await sandbox.s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: key }),
    );
    if (found.length === 0) return undefined;
    const { Body: body } = await sandbox.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return buffer(body as NodeJS.ReadableStream);
  }

  async function assertWhole(key: string, file: string): Promise<void> {
    const bytes = await look(key);
    assert.ok(bytes?.equals(await readFile(file)), 'the object is byte for byte the file');
  }

  for (const which of ['small', 'large'] as const) {
    it(`sends a ${which} file unchanged, and reports progress`, async () => {
      const key = newKey();
      const steps: number[] = [];
      const staged = await upload(files[which], key, { onProgress: (done) => steps.push(done) });
      const bytes = await readFile(files[which]);
      assert.equal(staged.url, `s3://${bucket}/${key}`);
      assert.equal(staged.bytes, bytes.length);
      assert.equal(staged.sha256, createHash('sha256').update(bytes).digest('hex'));
      assert.equal(steps.at(-1), bytes.length);
      assert.deepEqual(
        steps,
        [...steps].sort((a, b) => a - b),
      );
      await assertWhole(key, files[which]);
      const head = await sandbox.s3.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
      );
      assert.equal(head.ContentType, 'text/csv');
      assert.equal(head.ETag, staged.etag);
      assert.equal(head.ServerSideEncryption, 'AES256');
      assert.ok(head.ChecksumCRC32, 'S3 has verified a checksum');
    });

    it(`doesn't overwrite with a ${which} file`, async () => {
      const key = newKey();
      await upload(files.small, key);
      await assert.rejects(upload(files[which], key), { code: 'conflict' });
      await assertWhole(key, files.small);
    });

    it(`reports a missing bucket for a ${which} file`, async () => {
      const target = { bucket: 'not-there', key: 'x' };
      await assert.rejects(staging.upload(files[which], target, { contentType: 'text/csv' }), {
        code: 'not-found',
        message: /the bucket doesn't exist/,
      });
    });

    it(`leaves nothing of a ${which} file if the credentials expire midway`, async () => {
      const key = newKey();
      faults({ method: 'PUT', skip: which === 'small' ? 0 : 2, fault: { kind: 'expired-credentials' } });
      await assert.rejects(upload(files[which], key), { code: 'credentials' });
      assert.equal(await look(key), undefined);
    });
  }

  it('sends an empty file', async () => {
    const key = newKey();
    const file = join(folder, 'empty.csv');
    await writeFile(file, '');
    await upload(file, key);
    await assertWhole(key, file);
  });

  it("sends files that just fit one request, and just don't", async () => {
    for (const bytes of [8 * mebibyte, 8 * mebibyte + 1, 16 * mebibyte]) {
      const file = join(folder, 'edge.csv');
      await writeFile(file, randomBytes(bytes));
      const key = newKey();
      await upload(file, key);
      await assertWhole(key, file);
    }
  });

  it('encrypts with a KMS key if one is given', async () => {
    await createKey(sandbox, 'alias/audience');
    for (const which of ['small', 'large'] as const) {
      const key = newKey();
      await upload(files[which], key, { kmsKeyId: 'alias/audience' });
      const head = await sandbox.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], ['aws:kms', 'alias/audience']);
    }
  });

  const bad: readonly (readonly [string, () => string, string])[] = [
    ['a file that is not there', () => join(folder, 'nothing.csv'), 'not-found'],
    ['a folder', () => folder, 'bad-input'],
  ];
  for (const [what, path, code] of bad) {
    it(`rejects ${what} without a request`, async () => {
      faults({ count: null, fault: { kind: 'server-error' } });
      await assert.rejects(upload(path(), newKey()), { name: 'AudienceError', code });
    });
  }

  describe('of a file that changes meanwhile', () => {
    // At once, so that it is done before the upload goes on.
    const changes: readonly (readonly [string, (file: string) => unknown])[] = [
      ['grows', (file) => appendFileSync(file, 'more')],
      ['shrinks', (file) => truncateSync(file, 9 * mebibyte)],
      ['is touched', (file) => utimesSync(file, 1, 1)],
      [
        'is replaced',
        (file) => {
          writeFileSync(`${file}.new`, 'x');
          return replaceFile(`${file}.new`, file);
        },
      ],
    ];
    for (const [how, change] of changes) {
      it(`notices that it ${how}, and leaves nothing`, async () => {
        const file = join(folder, `${how.replaceAll(' ', '-')}.csv`);
        await writeFile(file, randomBytes(40 * mebibyte));
        const key = newKey();
        let isFirst = true;
        const attempt = { isPossible: true };
        const onProgress = (): void => {
          if (!isFirst) return;
          isFirst = false;
          attempt.isPossible = change(file) !== false;
        };
        const uploading = upload(file, key, { onProgress });
        await Promise.allSettled([uploading]);
        if (!attempt.isPossible) {
          await uploading;
          return;
        }
        await assert.rejects(uploading, { code: 'changed' });
        assert.equal(isFirst, false);
        assert.equal(await look(key), undefined);
      });
    }
  });

  describe('over a bad connection', () => {
    const large = ['POST', 'PUT', 'PUT', 'PUT', 'PUT', 'POST'] as const;
    const names = ['the beginning', 'part 1', 'part 2', 'part 3', 'part 4', 'the completion'];
    const kinds: readonly Fault[] = [
      { kind: 'cut-request' },
      { kind: 'cut-answer' },
      { kind: 'throttle' },
      { kind: 'server-error' },
    ];
    for (const fault of kinds) {
      it(`is complete if the one request of a small file meets: ${fault.kind}`, async () => {
        const key = newKey();
        faults({ method: 'PUT', fault });
        await upload(files.small, key);
        await assertWhole(key, files.small);
      });

      for (const [index, method] of large.entries()) {
        it(`is complete if ${names[index]} of a large file meets: ${fault.kind}`, async () => {
          const key = newKey();
          const skip = large.slice(0, index).filter((earlier) => earlier === method).length;
          faults({ method, skip, fault });
          await upload(files.large, key);
          await assertWhole(key, files.large);
        });
      }
    }

    it('is complete after many refusals', async () => {
      const key = newKey();
      faults({ method: 'PUT', count: 6, fault: { kind: 'throttle' } });
      await upload(files.large, key);
      await assertWhole(key, files.large);
    });

    it('leaves nothing if it stays bad', async () => {
      const [small, large] = [newKey(), newKey()];
      faults({ method: 'PUT', count: null, fault: { kind: 'cut-request' } });
      await Promise.all([
        assert.rejects(upload(files.small, small), { code: 'network' }),
        assert.rejects(upload(files.large, large), { code: 'network' }),
      ]);
      assert.equal(await look(small), undefined);
      assert.equal(await look(large), undefined);
    });

    it('reports a refused connection', async () => {
      const other = await startTestSandbox();
      const connection = await connectTo(other);
      await other.close();
      await assert.rejects(
        connection.staging.upload(files.small, { bucket, key: 'x' }, { contentType: 'text/csv' }),
        {
          code: 'network',
        },
      );
    });
  });

  describe('that is cancelled', () => {
    it('sends nothing if it is cancelled before the start', async () => {
      const key = newKey();
      await assert.rejects(upload(files.small, key, { signal: AbortSignal.abort() }), { code: 'cancelled' });
      assert.equal(await look(key), undefined);
    });

    for (const which of ['small', 'large'] as const) {
      it(`leaves nothing of a ${which} file, at any time`, async () => {
        let completed = 0;
        const rounds = which === 'small' ? 6 : 12;
        for (let round = 0; round < rounds; round += 1) {
          const key = newKey();
          const cancel = new AbortController();
          faults({ count: null, fault: { kind: 'slow', delayMs: 10 } });
          const run = upload(files[which], key, { signal: cancel.signal });
          const outcome = run.then(
            () => 'done',
            (error: unknown) => (error as { code: string }).code,
          );
          // The first before anything can be answered.
          await sleep(round === 0 ? 0 : Math.random() * (which === 'small' ? 25 : 160));
          cancel.abort();
          const end = await outcome;
          const bytes = await look(key);
          if (end === 'done') {
            completed += 1;
            assert.ok(bytes?.equals(await readFile(files[which])));
          } else {
            assert.equal(end, 'cancelled');
            assert.equal(bytes, undefined, `round ${round}: an object is left`);
          }
        }
        assert.ok(completed < rounds, 'some were cancelled on the way');
      });
    }

    for (const [which, method, skip] of [
      ['small', 'PUT', 0],
      ['large', 'POST', 1],
    ] as const) {
      it(`deletes a ${which} file whose object was created if the response is lost`, async () => {
        const key = newKey();
        const cancel = new AbortController();
        faults(
          { method, skip, fault: { kind: 'cut-answer' } },
          { method, count: null, skip, fault: { kind: 'slow', delayMs: 700 } },
        );
        const run = upload(files[which], key, { signal: cancel.signal });
        const rejected = assert.rejects(run, { code: 'cancelled' });
        for (;;) {
          const { Contents: found = [] } = await sandbox.s3.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: key }),
          );
          if (found.length > 0) break;
          await sleep(10);
        }
        cancel.abort();
        await rejected;
        assert.equal(await look(key), undefined);
      });
    }
  });

  it('aborts the incomplete uploads below a prefix, and only those', async () => {
    const { CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    for (const key of ['mine/1', 'mine/2', 'minetoo/1']) {
      await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    }
    assert.equal(await staging.abortAllUploads(bucket, 'mine/'), 2);
    assert.equal(await staging.abortAllUploads(bucket, 'mine'), 1);
  });
});

describe('buckets and objects', () => {
  let sandbox: TestSandbox;
  let staging: StagingService;
  let folder: string;
  let remove: () => Promise<void>;

  before(async () => {
    sandbox = await startTestSandbox();
    ({ staging } = await connectTo(sandbox));
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  after(async () => {
    await sandbox.close();
    await remove();
  });

  it('are listed, found in their region, and reported if missing', async () => {
    assert.deepEqual(await staging.listBuckets(), [bucket]);
    assert.equal(await staging.bucketRegion(bucket), sandbox.region);
    await assert.rejects(staging.bucketRegion('not-there'), {
      code: 'not-found',
      message: /the bucket doesn't exist/,
    });
    await assert.rejects(staging.bucketRegion('/'), { code: 'bad-input' });
  });

  it('are browsed folder by folder, page by page', async () => {
    const put = (key: string): Promise<unknown> =>
      sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    await Promise.all(['tree/', 'tree/a/1.csv', 'tree/a/2.csv', 'tree/b/1.csv', 'tree/c.csv'].map(put));
    const names: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await staging.browse(bucket, 'tree/', { token, pageSize: 2 });
      names.push(...page.items.map((entry) => ('folder' in entry ? entry.folder : entry.object.key)));
      token = page.nextToken;
      pages += 1;
    } while (token !== undefined);
    assert.deepEqual(names.sort(), ['tree/a/', 'tree/b/', 'tree/c.csv']);
    assert.equal(pages, 2);
  });

  it('continue to be read after the connection breaks, unless they changed', async () => {
    const bytes = randomBytes(3 * mebibyte);
    const key = 'read/x.csv';
    await sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    const [object] = await all(staging.list(bucket, key));
    const get = { service: 's3', method: 'GET', path: `/${bucket}/**` };
    sandbox.faults.set({
      rules: [
        { ...get, fault: { kind: 'cut-answer', afterBytes: mebibyte } },
        { ...get, fault: { kind: 'cut-request' } },
        { ...get, fault: { kind: 'cut-answer', afterBytes: mebibyte } },
      ],
    });
    assert.ok(Buffer.concat(await all(staging.read(bucket, object!))).equals(bytes));

    sandbox.faults.set({ rules: [{ ...get, fault: { kind: 'cut-answer', afterBytes: mebibyte } }] });
    const reading = staging.read(bucket, object!)[Symbol.asyncIterator]();
    await reading.next();
    await sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: randomBytes(100) }));
    await assert.rejects(
      async () => {
        while ((await reading.next()).done !== true);
      },
      { code: 'changed' },
    );
    sandbox.faults.set({});
  });

  it('have incomplete uploads, which are listed and aborted one by one', async () => {
    const { CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    for (const key of ['un/1', 'un/2', 'other/1']) {
      await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    }
    const uploads = await all(staging.unfinishedUploads(bucket, 'un/'));
    assert.deepEqual(
      uploads.map(({ key }) => key),
      ['un/1', 'un/2'],
    );
    assert.ok(Date.parse(uploads[0]!.begun) > 0);
    await staging.abortUploads(bucket, uploads.slice(0, 1));
    await staging.abortUploads(bucket, uploads);
    assert.equal((await all(staging.unfinishedUploads(bucket, ''))).length, 1);
    await staging.abortAllUploads(bucket, '');
  });

  it('are listed across pages, read, and deleted in thousands', async () => {
    const file = join(folder, 'x.csv');
    await writeFile(file, 'Id\n1\n');
    const keys = Array.from({ length: 1101 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
    for (let at = 0; at < keys.length; at += 20) {
      await Promise.all(
        keys
          .slice(at, at + 20)
          .map((key) => staging.upload(file, { bucket, key }, { contentType: 'text/csv' })),
      );
    }
    const listed = await all(staging.list(bucket, 'many/'));
    assert.deepEqual(
      listed.map(({ key }) => key),
      keys,
    );
    assert.equal(listed[0]!.size, 5);
    assert.ok(Date.parse(listed[0]!.modified) > 0);
    assert.equal((await buffer(await staging.open({ bucket, key: keys[7]! }))).toString(), 'Id\n1\n');
    await staging.delete(keys.map((key) => ({ bucket, key })));
    assert.deepEqual(await all(staging.list(bucket, 'many/')), []);
    await assert.rejects(staging.open({ bucket, key: keys[7]! }), { code: 'not-found' });
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
