import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { noLog } from '../../../src/log.ts';
import { queueStateOf } from '../../../src/jobs/runs/queueState.ts';
import { hasOldFailures } from '../../../src/jobs/failures/failureExpiry.ts';
import { partIndexes, runJob, withJob } from '../../../src/jobs/runs/parts.ts';
import { connectionKeyOfRecord } from '../../../src/jobs/runs/connectionKey.ts';
import { readRecord } from '../../../src/jobs/runs/readRecord.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import { hasUnknownJob, jobsOf, wantsDownload } from '../../../src/jobs/runs/runRecord.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import { RunStore } from '../../../src/jobs/runs/runStore.ts';
import { aggregateJob } from '../../../src/jobs/runs/aggregateJob.ts';
import { temporaryFolder } from '../../support/sandbox.ts';
import { importRecord, partedRecord } from './records.ts';

describe('the run store', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const open: RunStore[] = [];
  const reports: string[] = [];

  beforeEach(async () => {
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
    reports.length = 0;
  });
  afterEach(async () => {
    for (const store of open.splice(0)) store.dispose();
    await remove();
  });

  /** Writes a record, whatever there is of its id. */
  async function put(store: RunStore, record: RunRecord): Promise<void> {
    if ((await store.create(record)) === undefined) await store.update(record.id, () => record);
  }

  async function load(): Promise<RunStore> {
    const store = new RunStore(folder, { log: noLog, report: (messages) => reports.push(...messages) });
    open.push(store);
    await store.load();
    return store;
  }

  it('returns what was written, even by another process', async () => {
    const record = importRecord('a', { error: { code: 'network', message: 'm' } });
    await put(await load(), record);
    assert.deepEqual((await load()).get('a'), record);
  });

  it('writes no record that it would quarantine as damaged', async () => {
    const store = await load();
    await put(store, importRecord('run'));
    const odd = { ...importRecord('run').job!, totalProcessed: '<b>x' } as unknown as RunRecord['job'];
    await assert.rejects(
      store.update('run', (record) => ({ ...record, job: odd })),
      { code: 'internal' },
    );
    await assert.rejects(store.create(importRecord('other', { job: odd })), { code: 'internal' });
    assert.deepEqual(
      (await load()).list().map(({ id, job }) => [id, job?.totalProcessed]),
      [['run', undefined]],
    );
  });

  it('creates its folder, even in a missing one', async () => {
    const store = new RunStore(join(folder, 'x', 'y'), { log: noLog });
    open.push(store);
    await store.load();
    await put(store, importRecord('a'));
    assert.deepEqual(await readdir(join(folder, 'x', 'y')), ['a.1.run']);
  });

  it('writes even if a listener fails', async () => {
    const store = await load();
    store.onDidChange(() => {
      throw new Error('defect');
    });
    await put(store, importRecord('a'));
    assert.deepEqual((await load()).get('a'), importRecord('a'));
  });

  it('lists the newest first', async () => {
    const store = await load();
    for (const [id, day] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ] as const) {
      await put(store, importRecord(id, { created: `2026-11-0${day}T00:00:00.000Z` }));
    }
    assert.deepEqual(
      store.list().map(({ id }) => id),
      ['b', 'c', 'a'],
    );
  });

  it('leaves only records behind', async () => {
    const store = await load();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => put(store, importRecord('a', { updated: String(n) }))),
    );
    assert.deepEqual(await readdir(folder), ['a.20.run']);
    assert.equal(store.get('a')?.updated, '19');
  });

  it('notices what another process writes and removes', async () => {
    const mine = await load();
    const theirs = await load();
    const next = (): Promise<RunRecord | undefined> =>
      new Promise((resolve) => {
        const subscription = mine.onDidChange((record) => {
          subscription.dispose();
          resolve(record);
        });
      });
    let change = next();
    await put(theirs, importRecord('a'));
    assert.deepEqual(await change, importRecord('a'));
    change = next();
    await put(theirs, importRecord('a', { state: 'completed' }));
    assert.equal((await change)?.state, 'completed');
    change = next();
    await theirs.remove('a');
    assert.equal(await change, undefined);
    assert.deepEqual(mine.list(), []);
  });

  const broken: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['half of it', JSON.stringify(importRecord('a')).slice(0, 200)],
    ['another thing', '[1, 2, 3]'],
    ['no JSON', 'hello'],
    ['another run', JSON.stringify(importRecord('b'))],
    ['an unknown state', JSON.stringify({ ...importRecord('a'), state: 'dancing' })],
    ['an import without its part', JSON.stringify({ ...importRecord('a'), import: undefined })],
    ['a job without failures', JSON.stringify(importRecord('a', { job: { id: 'x' } as never }))],
    ['no schema', JSON.stringify({ ...importRecord('a'), schema: undefined })],
  ];
  for (const [what, text] of broken) {
    it(`quarantines and reports a file that contains ${what}`, async () => {
      await writeFile(join(folder, 'a.json'), text);
      await writeFile(join(folder, 'good.json'), JSON.stringify(importRecord('good')));
      const store = await load();
      assert.deepEqual(
        store.list().map(({ id }) => id),
        ['good'],
      );
      assert.deepEqual((await readdir(folder)).sort(), ['a.json.bad', 'good.json']);
      assert.equal(await readFile(join(folder, 'a.json.bad'), 'utf8'), text);
      assert.equal(reports.length, 1);
      assert.match(reports[0]!, /a\.json\.bad/);
    });
  }

  it("leaves a newer version's record unchanged, and reports it once", async () => {
    await writeFile(join(folder, 'a.1.run'), '{"schema": 4, "id": "a"}\n#0123456789abcdef\n');
    await writeFile(join(folder, 'b.json'), '{"schema": 4, "id": "b"}');
    const store = await load();
    await store.refresh();
    assert.deepEqual(store.list(), []);
    assert.deepEqual((await readdir(folder)).sort(), ['a.1.run', 'b.json']);
    assert.equal(reports.length, 2);
  });

  it('omits an unreadable record, reports it once, and returns the others', async () => {
    await mkdir(join(folder, 'a.json'));
    await writeFile(join(folder, 'good.json'), JSON.stringify(importRecord('good')));
    const store = await load();
    await store.refresh();
    assert.deepEqual(store.list(), [importRecord('good')]);
    assert.deepEqual(reports, [
      `Skipped the record of a job: ${join(folder, 'a.json')} isn't a regular file`,
    ]);
    // One that was read before stays as it was.
    await rm(join(folder, 'good.json'));
    await mkdir(join(folder, 'good.json'));
    await store.refresh();
    assert.deepEqual(store.list(), [importRecord('good')]);
  });

  it('keeps unknown members', async () => {
    await writeFile(join(folder, 'a.json'), JSON.stringify({ ...importRecord('a'), later: { x: 1 } }));
    const store = await load();
    await put(store, { ...store.get('a')!, notified: true });
    assert.deepEqual(JSON.parse((await readFile(join(folder, 'a.1.run'), 'utf8')).replace(/#.*/, '')), {
      ...importRecord('a', { notified: true }),
      later: { x: 1 },
    });
  });

  it('removes leftovers of processes that ended while writing, not files being written', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const gone = join(folder, `a.${child.pid}.01234567.tmp`);
    const ours = join(folder, `a.${process.pid}.01234567.tmp`);
    for (const path of [gone, ours]) {
      await writeFile(path, '{');
      await utimes(path, 1, 1);
    }
    for (const number of [5, 6, 7, 8, 9]) {
      await writeFile(
        join(folder, `b.${number}.run`),
        `${JSON.stringify(importRecord('b'))}\n#0123456789abcdef\n`,
      );
    }
    await writeFile(join(folder, 'c.cancel'), '');
    const store = await load();
    const leases = new Leases(folder, { log: noLog });
    await store.sweep();
    await leases.sweep(() => false);
    assert.deepEqual((await readdir(folder)).sort(), [basename(ours), 'b.7.run', 'b.8.run', 'b.9.run']);
  });

  it("explains why it can't write", async () => {
    const store = await load();
    await rm(folder, { recursive: true });
    await assert.rejects(put(store, importRecord('a')), { name: 'AudienceError', code: 'not-found' });
    assert.equal(store.get('a'), undefined);
  });

  it('reads records of version 1', async () => {
    const old = { ...importRecord('a'), schema: 1 };
    await writeFile(join(folder, 'a.json'), JSON.stringify(old));
    const store = await load();
    assert.deepEqual(store.get('a'), importRecord('a', { epoch: 0 }));
    await store.update('a', (record) => ({ ...record, notified: true }));
    assert.deepEqual((await load()).get('a'), importRecord('a', { epoch: 0, notified: true }));
  });

  it('loses no simultaneous change', async () => {
    const store = await load();
    await put(store, partedRecord('a', 20));
    await Promise.all(
      Array.from({ length: 20 }, (_, part) =>
        store.update('a', (record) =>
          withJob(record, part, { state: 'running', asked: part, job: importRecord('a').job }),
        ),
      ),
    );
    assert.deepEqual(
      (await load()).get('a')!.parts!.map(({ asked }) => asked),
      Array.from({ length: 20 }, (_, part) => part),
    );
    assert.equal(await store.update('none', (record) => record), undefined);
  });

  it('applies each change once, even if several processes change a record as fast as they can', async () => {
    const stores = await Promise.all([load(), load(), load(), load()]);
    await stores[0].create(importRecord('a', { epoch: 0 }));
    const gone: string[] = [];
    for (const store of stores) {
      await store.refresh();
      store.onDidChange(() => {
        if (store.get('a') === undefined) gone.push('gone');
      });
    }
    const each = 40;
    const change = async (store: RunStore): Promise<void> => {
      for (let n = 0; n < each; n += 1) {
        const written = await store.update('a', (record) => ({ ...record, epoch: record.epoch + 1 }));
        assert.ok(written);
        if (n % 3 === 0) await store.sweep();
      }
    };
    await Promise.all(stores.map(change));
    assert.equal((await load()).get('a')!.epoch, stores.length * each);
    assert.deepEqual(gone, []);
  });

  it('removes quarantined records after a week: they can quote rows', async () => {
    await writeFile(join(folder, 'a.json'), '{');
    const store = await load();
    await store.sweep();
    assert.deepEqual(await readdir(folder), ['a.json.bad']);
    const old = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000);
    await utimes(join(folder, 'a.json.bad'), old, old);
    await store.sweep();
    assert.deepEqual(await readdir(folder), []);
  });

  it("isn't opened in a folder where others can add records, which would be acted on", async function () {
    if (process.getuid === undefined) this.skip();
    await put(await load(), importRecord('a'));
    await chmod(folder, 0o777);
    await assert.rejects(load(), { code: 'disk', message: /^Other users can write to / });
  });

  it('reports simultaneous problems in one message', async () => {
    for (const id of ['a', 'b', 'c']) await writeFile(join(folder, `${id}.json`), '{');
    const told: (readonly string[])[] = [];
    const store = new RunStore(folder, { log: noLog, report: (messages) => told.push(messages) });
    open.push(store);
    await store.load();
    await store.refresh();
    assert.deepEqual(
      told.map(({ length }) => length),
      [3],
    );
  });

  const times = { queued: 1, retryAt: 2, asked: 3 };
  const whole: Readonly<Record<string, RunRecord>> = {
    'an import': importRecord('a', {
      ...times,
      import: {
        ...importRecord('a').import!,
        files: [{ path: '/x.csv', bytes: 1, modified: 1.5, sha256: 'f', records: 1, errors: 0 }],
      },
      job: {
        ...importRecord('a').job!,
        ...{ completed: '2026-11-22T12:00:09.000Z', totalPieces: 1, completedPieces: 1, failedPieces: 0 },
        ...{ totalProcessed: 3, totalFailures: 1, failures: ['line 2'] },
        ...{ s3Url: 's3://b/f/', segmentId: 's', segmentName: 'People', format: 'CSV' },
      },
    }),
    'an import in parts': withJob(partedRecord('a', 3), 1, { state: 'running', job: importRecord('a').job }),
    'a watched job': importRecord('a', { import: undefined, watched: true }),
    'an export': {
      ...importRecord('a', { import: undefined, kind: 'export' }),
      export: {
        bucket: 'b',
        folder: 'f/',
        roleArn: 'r',
        downloads: [{ folder: '/x', files: ['/x/y'], at: '2026-11-22T12:00:00.000Z' }],
      },
    },
  };
  for (const [what, record] of Object.entries(whole)) {
    it(`reads ${what}, and quarantines it if any part is truncated, missing or of another type`, () => {
      const written = JSON.stringify(record);
      assert.deepEqual(readRecord(written, 'a'), { record: JSON.parse(written) as unknown });
      for (let length = 0; length < written.length; length += 1) {
        assert.deepEqual(readRecord(written.slice(0, length), 'a'), { fault: 'broken' });
      }
      fc.assert(
        fc.property(
          fc.constantFrom(...pathsIn(record)),
          fc.jsonValue(),
          fc.boolean(),
          (path, value, isGone) => {
            const changed = JSON.parse(written) as Json;
            change(changed, path, isGone ? undefined : (value as Json));
            const reading = readRecord(JSON.stringify(changed), 'a');
            if ('record' in reading) useAll(reading.record);
            else assert.match(reading.fault, /^(broken|newer)$/);
          },
        ),
        { numRuns: 2000 },
      );
    });
  }

  it('never trusts or fails on malformed records', () => {
    const text = JSON.stringify(importRecord('a'));
    const json = fc.jsonValue();
    const member = fc.constantFrom(...Object.keys(importRecord('a')));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map((value) => JSON.stringify(value)),
        ),
        (any) => {
          assert.ok('fault' in readRecord(any, 'a'));
        },
      ),
    );
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        assert.deepEqual(readRecord(text.slice(0, length), 'a'), { fault: 'broken' });
      }),
    );
    fc.assert(
      fc.property(member, json, (name, value) => {
        const reading = readRecord(JSON.stringify({ ...importRecord('a'), [name]: value }), 'a');
        // What is taken for a record can be worked with.
        if ('record' in reading) {
          reading.record.import!.files.map(({ path }) => path.length);
          reading.record.job?.failures.map((failure) => failure.length);
          reading.record.created.slice(0, 10);
        }
      }),
    );
  });
});

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;

/** The ways to each member, however deep. */
function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([name, member]) => pathsIn(member, [...path, name]));
  return path.length === 0 ? below : [path, ...below];
}

function change(value: Json, path: readonly string[], to: Json | undefined): void {
  let at = value as Record<string, Json>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, Json>;
  const last = path.at(-1)!;
  if (to === undefined) Reflect.deleteProperty(at, last);
  else at[last] = to;
}

/** What is taken for a record can be worked with: all that looks at records before anything is asked of a service. */
function useAll(record: RunRecord): void {
  connectionKeyOfRecord(record);
  queueStateOf([record]);
  hasOldFailures(record, 0);
  wantsDownload(record);
  for (const job of jobsOf(record)) {
    job.failures.map((failure) => failure.length);
    for (const count of [job.totalPieces, job.totalProcessed, job.totalFailures]) count?.toFixed();
    for (const text of [job.completed, job.segmentName, job.segmentId, job.s3Url]) text?.trim();
  }
  aggregateJob(record);
  for (const part of partIndexes(record)) {
    const job = runJob(record, part);
    hasUnknownJob(job);
    for (const time of [job.queued, job.retryAt, job.asked])
      if (time !== undefined) new Date(time).toISOString();
    assert.ok(job.state !== 'running' || job.job !== undefined);
    withJob(record, part, { state: 'failed' });
  }
  for (const { path, modified, sha256, records, errors } of record.import?.files ?? []) {
    path.trim();
    sha256?.trim();
    for (const count of [records, errors]) count?.toFixed();
    new Date(modified).toISOString();
  }
  record.export?.downloads.flatMap(({ files }) => files.map((file) => file.length));
  record.created.localeCompare(record.updated);
}
