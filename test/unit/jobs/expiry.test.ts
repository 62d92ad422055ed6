import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import { Erasure } from '../../../src/jobs/erasure.ts';
import { Mirrors } from '../../../src/jobs/mirror/mirrors.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import { RunStore } from '../../../src/jobs/runs/runStore.ts';
import { createRuns } from '../../../src/jobs/runs/runsService.ts';
import { noLog } from '../../../src/log.ts';
import { withTemporaryFolder } from '../../support/environment.ts';
import { importRecord } from './records.ts';

const day = 24 * 60 * 60 * 1000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();

/** Writes a file that was last changed so many days ago. */
async function left(folder: string, name: string, days: number, text = '{'): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, name), text);
  const then = new Date(Date.now() - days * day);
  await utimes(join(folder, name), then, then);
}

const files = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name !== 'owners').sort();

async function starting(folder: string): Promise<void> {
  const runs = createRuns({ folder, log: noLog });
  try {
    await runs.ready;
  } finally {
    runs.dispose();
  }
}

describe('Data that may quote or name people expires', () => {
  it('in damaged records: a week after quarantine, however old they are, with the next command', async () => {
    await withTemporaryFolder(async (folder) => {
      await left(folder, 'a.1.run', 60, '{\n#0123456789abcdef\n');
      await left(folder, 'b.json', 60);
      await left(folder, 'unfinished.1.run', 60);
      await left(folder, 'unfinished.2.run', 6);
      for (let times = 0; times < 2; times += 1) await starting(folder);
      assert.deepEqual(await files(folder), ['a.1.run.bad', 'b.json.bad', 'unfinished.2.run']);
      const names = ['a.1.run.bad', 'b.json.bad'];
      for (const name of names) await left(folder, name, 6);
      await starting(folder);
      assert.deepEqual(await files(folder), [...names, 'unfinished.2.run']);
      for (const name of [...names, 'unfinished.2.run']) await left(folder, name, 8);
      await starting(folder);
      assert.deepEqual(await files(folder), []);
    });
  });

  it('in runs: a week after they ended, with the next command, even a short one', async () => {
    await withTemporaryFolder(async (folder) => {
      const ended = (id: string, days: number): RunRecord =>
        importRecord(id, {
          state: 'completed',
          ended: ago(days),
          job: { ...importRecord(id).job!, failures: ['ada@example.com'] },
        });
      const store = new RunStore(folder, { log: noLog });
      await store.load();
      await store.create(ended('old', 8));
      await store.create(ended('new', 6));
      store.dispose();
      await starting(folder);
      const texts = await Promise.all(
        (await files(folder)).map((name) => readFile(join(folder, name), 'utf8')),
      );
      assert.deepEqual(
        texts.map((text) => /ada/.test(text)),
        [true, false],
      );
    });
  });

  it('in intents of deletions: after a month without an attempt, readable or not', async () => {
    await withTemporaryFolder(async (base) => {
      const folder = join(base, 'erasures');
      const erasure = new Erasure({ folder, log: noLog });
      try {
        await erasure.sweep();
        assert.deepEqual(await readdir(base), [], 'nothing is made');
        const intent = '{"userId":"u","endpoints":[]}\n#0123456789abcdef\n';
        for (const [name, days] of [
          ['recent', 29],
          ['old', 31],
        ] as const) {
          await left(folder, `${name}.1.erasure`, days, intent);
          await left(folder, `${name}-damaged.1.erasure`, days, '{\n#0123456789abcdef\n');
          await left(folder, `${name}-first.json`, days, intent);
          await left(folder, `${name}.lease`, days, '{"id":"gone","pid":999999999,"host":"here"}');
        }
        await erasure.sweep();
        const names = await files(folder);
        assert.deepEqual(
          names.filter((name) => !name.endsWith('.lease')),
          ['recent-damaged.1.erasure', 'recent-first.json', 'recent.1.erasure'],
        );
      } finally {
        erasure.dispose();
      }
    });
  });

  it('in copies of damaged journals and completed operations, at each start of a window', async () => {
    await withTemporaryFolder(async (base) => {
      const folder = join(base, 'bulk');
      const bulk = new Bulk({ folder, log: noLog });
      try {
        await bulk.sweep();
        assert.deepEqual(await readdir(base), []);
        const operation = (id: string, days: number): string =>
          `${JSON.stringify({ schema: 2, epoch: 1, id, state: 'completed', created: ago(days), ended: ago(days) })}\n#0123456789abcdef\n`;
        const [old, recent] = ['0'.repeat(16), '1'.repeat(16)];
        await left(folder, `${old}.1.bulk`, 31, operation(old, 31));
        await left(folder, `${recent}.1.bulk`, 29, operation(recent, 29));
        await left(folder, `${recent}.1.journal.bad`, 8);
        await left(folder, `${recent}.2.journal.bad`, 6);
        await bulk.sweep();
        assert.deepEqual(await files(folder), [`${recent}.1.bulk`, `${recent}.2.journal.bad`]);
      } finally {
        bulk.dispose();
      }
    });
  });

  it('in reasons of mirrors that failed and bulk operations that are paused: after a week, at each start of a window', async () => {
    await withTemporaryFolder(async (base) => {
      const [mirrorFolder, bulkFolder] = [join(base, 'mirrors'), join(base, 'bulk')];
      const mirrors = new Mirrors({ folder: mirrorFolder, runs: undefined as never, log: noLog });
      const bulk = new Bulk({ folder: bulkFolder, log: noLog });
      const trouble = { code: 'access-denied', message: 'Not for ada@example.com', help: 'Ask.' };
      const write = (folder: string, extension: string, id: string, record: object): Promise<void> =>
        left(
          folder,
          `${id}.1.${extension}`,
          0,
          `${JSON.stringify({ schema: 2, epoch: 1, id, trouble, ...record })}\n#0123456789abcdef\n`,
        );
      const [old, recent] = ['0'.repeat(16), '1'.repeat(16)];
      try {
        for (const [id, days] of [
          [old, 8],
          [recent, 6],
        ] as const) {
          const failed = { state: 'done', outcome: 'failed', started: ago(days), ended: ago(days) };
          await write(mirrorFolder, 'mirror', id, failed);
          await write(bulkFolder, 'bulk', id, { state: 'paused', created: ago(60), updated: ago(days) });
        }
        for (let times = 0; times < 2; times += 1) {
          await mirrors.sweep();
          await bulk.sweep();
        }
        for (const folder of [mirrorFolder, bulkFolder]) {
          const names = await files(folder);
          const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
          assert.deepEqual(
            texts.map((text) => /ada/.test(text)),
            [false, true],
            names.join(),
          );
          assert.match(texts[0]!, /access-denied[^]*deleted after a week[^]*Ask\./);
        }
      } finally {
        mirrors.dispose();
        bulk.dispose();
      }
    });
  });

  it('in exports that a killed mirror left, at each start of a window, but not those of a living one', async () => {
    await withTemporaryFolder(async (base) => {
      const folder = join(base, 'mirrors');
      const mirrors = new Mirrors({ folder, runs: undefined as never, log: noLog });
      const other = new Leases(folder, { log: noLog });
      try {
        await mirrors.sweep();
        assert.deepEqual(await readdir(base), []);
        const [killed, living] = [`export-${'0'.repeat(16)}`, `export-${'1'.repeat(16)}`];
        await left(join(folder, killed), 'endpoints.json', 0);
        await left(join(folder, living), 'endpoints.json', 0);
        const lease = await other.acquire(living);
        await mirrors.sweep();
        assert.deepEqual(await files(folder), [living, `${living}.lease`]);
        await lease?.release();
      } finally {
        other.dispose();
        mirrors.dispose();
      }
    });
  });
});
