import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { UploadFile } from '../../src/aws/s3/uploadSource.ts';
import { convertFile } from '../../src/endpoints/transform/convert.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { bulkItems } from '../../src/jobs/bulk/bulkItems.ts';
import { countLines } from '../../src/jobs/download/lineCount.ts';
import { findFailures } from '../../src/jobs/failures/findFailures.ts';
import type { ImportRun } from '../../src/jobs/runs/runRecord.ts';
import { openRegularFile, regularChunks } from '../../src/regularFile.ts';
import { withTemporaryFolder } from '../support/environment.ts';
import { workerFile } from './endpoints/validateContent.ts';

const validator = createValidator({ workerFile, threads: 1 });
after(() => validator.dispose());

const failure = '[Source: (String)"EMAIL,ada@example.com,1"; line: 1, column: 4]';

function importOf(path: string): ImportRun {
  return {
    files: [{ path, bytes: 10, modified: 1, records: 1, errors: 0 }],
    staged: [],
  } as unknown as ImportRun;
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** All that reads a file that a user named, or will read it again later. */
const readers: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'opening it': async (path) => (await openRegularFile(path)).close(),
  'reading it': (path) => allOf(regularChunks(path)),
  'validating it': (path) => validator.file(path),
  'converting it': (path) => convertFile({ source: path }),
  'reading it for a bulk operation': (path) => allOf(bulkItems(path, 'delete-endpoints')),
  'uploading it': async (path) => (await UploadFile.open(path)).close(),
  'counting its lines': (path) => countLines(path, undefined),
  'looking up failures in it': async (path) => {
    const { gone } = await findFailures(importOf(path), [failure]);
    if (gone.length > 0) throw Object.assign(new Error('gone'), { code: 'bad-input' });
  },
};

/** Lets everything that waits for a writer of the pipe go on. */
function release(pipe: string): void {
  closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
}

describe('Files that a user names', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  for (const [name, read] of Object.entries(readers))
    it(`are refused if they are pipes or devices by now, without waiting: ${name}`, async () => {
      await withTemporaryFolder(async (folder) => {
        const pipe = join(folder, 'a.csv');
        const device = join(folder, 'b.csv');
        execFileSync('mkfifo', [pipe]);
        await symlink('/dev/zero', device);
        // As many as Node.js has threads for files.
        const reads = Array.from({ length: 4 }, () => assert.rejects(read(pipe), { code: 'bad-input' }));
        const all = Promise.all([...reads, assert.rejects(read(device), { code: 'bad-input' })]);
        try {
          const late = sleep(5000, 'late', { ref: false });
          assert.notEqual(await Promise.race([all, late]), 'late');
          assert.notEqual(await Promise.race([readFile('/etc/hostname'), late]), 'late');
        } finally {
          release(pipe);
          await all.catch(() => undefined);
        }
      });
    });

  it('are read as far as their size goes, since some files of the system never end', async function () {
    if (process.platform !== 'linux') this.skip();
    await withTemporaryFolder(async (folder) => {
      const endless = join(folder, 'a.csv');
      await symlink('/proc/self/pagemap', endless);
      assert.deepEqual(await allOf(regularChunks(endless)), []);
      assert.equal(await countLines(endless, undefined), 0);
      await assert.rejects(allOf(bulkItems(endless, 'delete-endpoints')), { message: /is empty/ });
      await findFailures(importOf(endless), [failure]);
    });
  });

  it('are read in chunks, through links as well, and a folder is called one', async () => {
    await withTemporaryFolder(async (folder) => {
      const [file, link] = [join(folder, 'a.csv'), join(folder, 'b.csv')];
      await writeFile(file, 'Id\n1\n');
      await symlink(file, link);
      const sizes: number[] = [];
      const options = { chunkBytes: 2, onBytes: (bytes: number) => sizes.push(bytes) };
      const chunks = await allOf(regularChunks(link, options));
      assert.equal(Buffer.concat(chunks).toString(), 'Id\n1\n');
      assert.deepEqual(sizes, [2, 2, 1]);
      await assert.rejects(openRegularFile(folder), { code: 'bad-input', message: /it is a folder$/ });
      await assert.rejects(openRegularFile(join(folder, 'none')), { code: 'ENOENT' });
      const signal = AbortSignal.abort();
      await assert.rejects(allOf(regularChunks(file, { signal })), { code: 'cancelled' });
    });
  });
});
