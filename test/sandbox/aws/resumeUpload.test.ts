import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import type { BegunUpload, StagingService, UploadJournal } from '../../../src/aws/s3/stagingService.ts';
import type { Fault, FaultRule } from '../../../src/sandbox/http/faults.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { connectTo } from './connected.ts';

const mebibyte = 1024 * 1024;
const bucket = 'staging';

/** What a record on disk is to a run. */
class Notes implements UploadJournal {
  again = false;
  begun: BegunUpload | undefined;
  readonly #order: string[];

  constructor(order: string[] = []) {
    this.#order = order;
  }

  write(begun: BegunUpload): Promise<void> {
    this.begun = begun;
    this.#order.push('written');
    return Promise.resolve();
  }
}

describe('resuming an upload to S3', () => {
  let sandbox: TestSandbox;
  let staging: StagingService;
  let remove: () => Promise<void>;
  let file: string;
  const parts = 4;
  let keys = 0;

  before(async () => {
    sandbox = await startTestSandbox();
    ({ staging } = await connectTo(sandbox));
    const place = await temporaryFolder();
    remove = () => place.remove();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    file = join(place.path, 'large.csv');
    await writeFile(file, randomBytes((parts - 1) * 8 * mebibyte + 12_345));
  });
  afterEach(() => sandbox.faults.set({}));
  after(async () => {
    await sandbox.close();
    await remove();
  });

  const newKey = (): string => `imports/${(keys += 1)}/part-1.csv`;

  const upload = (key: string, journal: Notes, path = file, onProgress?: (done: number) => void) =>
    staging.upload(path, { bucket, key }, { contentType: 'text/csv', journal, onProgress });

  function faults(...rules: readonly FaultRule[]): void {
    sandbox.faults.set({ rules: rules.map((rule) => ({ service: 's3', path: `/${bucket}/**`, ...rule })) });
  }

  /** An attempt in which all after the first `passing` parts are refused or cut. */
  async function attempt(key: string, notes: Notes, passing: number, fault: Fault, path = file) {
    faults({ method: 'PUT', skip: passing, count: null, fault });
    await assert.rejects(upload(key, notes, path), { name: 'AudienceError' });
    faults();
    notes.again = true;
  }

  async function unfinished(): Promise<number> {
    const { Uploads: uploads = [] } = await sandbox.s3.send(
      new ListMultipartUploadsCommand({ Bucket: bucket }),
    );
    return uploads.length;
  }

  async function assertWhole(key: string, path = file): Promise<void> {
    const { Body: body } = await sandbox.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = await buffer(body as NodeJS.ReadableStream);
    assert.ok(bytes.equals(await readFile(path)), 'the object is byte for byte the file');
    assert.equal(await unfinished(), 0);
  }

  const kinds: readonly Fault[] = [
    { kind: 'cut-request', afterBytes: 10_000 },
    { kind: 'expired-credentials' },
  ];
  for (const fault of kinds) {
    for (let passing = 0; passing < parts; passing += 1) {
      it(`sends only what is missing after ${passing} parts and then: ${fault.kind}`, async () => {
        const key = newKey();
        const notes = new Notes();
        await attempt(key, notes, passing, fault);
        const { uploadId } = notes.begun!;
        // One request more than the missing parts would never succeed.
        faults({
          method: 'PUT',
          skip: parts - passing,
          count: null,
          fault: { kind: 'expired-credentials' },
        });
        const steps: number[] = [];
        const staged = await upload(key, notes, file, (done) => steps.push(done));
        assert.equal(notes.begun!.uploadId, uploadId, 'it is the same upload');
        assert.equal(staged.sha256, createHash('sha256').update(await readFile(file)).digest('hex')); // prettier-ignore
        assert.equal(steps.at(-1), staged.bytes);
        await assertWhole(key);
      });
    }
  }

  it("records the upload's Id before it sends the first part", async () => {
    const order: string[] = [];
    faults({ method: 'PUT', count: null, fault: { kind: 'expired-credentials' } });
    const notes = new Notes(order);
    await assert.rejects(
      upload(newKey(), notes).catch((error: unknown) => {
        order.push('refused');
        throw error;
      }),
    );
    assert.deepEqual(order, ['written', 'refused']);
    const { bytes, modified, sizes } = notes.begun!;
    const entry = await stat(file);
    assert.deepEqual([bytes, modified], [entry.size, Math.floor(entry.mtimeMs)]);
    assert.deepEqual(sizes, [{ first: 1, bytes: 8 * mebibyte }]);
    assert.equal(await staging.abortAllUploads(bucket, ''), 1);
  });

  const changes: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ['is longer', async (path) => writeFile(path, randomBytes(3 * 8 * mebibyte))],
    ['was touched', async (path) => utimes(path, 1, 1)],
    [
      'has another content, but the same size and time',
      async (path) => {
        const { mtime, size } = await stat(path);
        await writeFile(path, randomBytes(size));
        await utimes(path, mtime, mtime);
      },
    ],
  ];
  for (const [what, change] of changes) {
    it(`restarts if the file ${what}, and aborts the old upload`, async () => {
      const path = `${file}.${keys}`;
      await writeFile(path, randomBytes(2 * 8 * mebibyte + 1));
      const key = newKey();
      const notes = new Notes();
      await attempt(key, notes, 1, { kind: 'expired-credentials' }, path);
      const { uploadId } = notes.begun!;
      await change(path);
      await upload(key, notes, path);
      assert.notEqual(notes.begun!.uploadId, uploadId);
      await assertWhole(key, path);
    });
  }

  it('restarts if someone else aborted the upload', async () => {
    const key = newKey();
    const notes = new Notes();
    await attempt(key, notes, 2, { kind: 'expired-credentials' });
    assert.equal(await staging.abortAllUploads(bucket, key), 1);
    await upload(key, notes);
    await assertWhole(key);
  });

  it('restarts if parts may not be listed, and leaves nothing else behind', async () => {
    const key = newKey();
    const notes = new Notes();
    await attempt(key, notes, 2, { kind: 'expired-credentials' });
    const { uploadId } = notes.begun!;
    // Parts and uploads are listed with GET; the rest is what an upload in one go needs, too.
    faults({ method: 'GET', count: null, fault: { kind: 'access-denied' } });
    await upload(key, notes);
    faults();
    assert.notEqual(notes.begun!.uploadId, uploadId);
    await assertWhole(key);
  });

  it('leaves no upload behind whose Id was lost before it was recorded', async () => {
    const key = newKey();
    const notes = new Notes();
    await attempt(key, notes, 2, { kind: 'expired-credentials' });
    notes.begun = undefined;
    await upload(key, notes);
    await assertWhole(key);
  });

  for (const size of [1000, 2 * 8 * mebibyte]) {
    it(`finds an upload of ${size} bytes complete if only the response was lost`, async () => {
      const path = `${file}.${size}`;
      await writeFile(path, randomBytes(size));
      const key = newKey();
      const notes = new Notes();
      const first = await upload(key, notes, path);
      notes.again = true;
      faults(
        { method: 'PUT', count: null, fault: { kind: 'expired-credentials' } },
        { method: 'POST', count: null, fault: { kind: 'expired-credentials' } },
      );
      assert.deepEqual(await upload(key, notes, path), first);
      await assertWhole(key, path);
    });
  }

  it("doesn't mistake another object for its own", async () => {
    const key = newKey();
    const notes = new Notes();
    notes.again = true;
    const other = `${file}.other`;
    await writeFile(other, randomBytes(1000));
    await upload(key, new Notes(), other);
    await assert.rejects(upload(key, notes), { code: 'conflict' });
    const head = await sandbox.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    assert.equal(head.ContentLength, 1000);
    assert.equal(await staging.abortAllUploads(bucket, key), 1);
  });

  it('is complete with parts of different sizes', async () => {
    const key = newKey();
    const notes = new Notes();
    await attempt(key, notes, 1, { kind: 'expired-credentials' });
    // As an attempt writes it down that found the line slow.
    notes.begun = { ...notes.begun!, sizes: [...notes.begun!.sizes, { first: 2, bytes: 5 * mebibyte }] };
    await upload(key, notes);
    await assertWhole(key);
  });
});
