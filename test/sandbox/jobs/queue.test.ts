import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RunRecord, SourceFile } from '../../../src/jobs/runs/runRecord.ts';
import type { ImportPlan, Runs } from '../../../src/jobs/runs/runs.ts';
import { Workplace } from './workplace.ts';

const onRead = { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/import/*' };
const onCreate = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/import' };

describe('the queue of imports', function () {
  let place: Workplace;

  beforeEach(async () => {
    place = await Workplace.open();
  });
  afterEach(() => place.close());

  async function start(runs: Runs, name: string, change: Partial<ImportPlan> = {}): Promise<RunRecord> {
    const file = await place.csv(`${name}.csv`, 5);
    return runs.startImport(place.connection, place.importPlan([file], { segmentName: name, ...change }), {});
  }

  /** Keeps it from everybody that a job has ended, until what this returns is called. */
  function holdEnds(): (...windows: readonly Runs[]) => void {
    place.sandbox.faults.set({ rules: [{ ...onRead, count: null, fault: { kind: 'server-error' } }] });
    return (...windows) => {
      place.sandbox.faults.set({ paceMs: 20 });
      for (const runs of windows) runs.poke();
    };
  }

  /** The most jobs that were starting or running at a time, in any of the windows. */
  function watchCrowd(runs: Runs): () => number {
    let most = 0;
    runs.onDidChange(() => {
      const now = runs.list().filter(({ state }) => state === 'starting' || state === 'running').length;
      most = Math.max(most, now);
    });
    return () => most;
  }

  async function names(): Promise<(string | undefined)[]> {
    const jobs = [...(await place.importJobs())];
    jobs.sort((a, b) => a.CreationDate!.localeCompare(b.CreationDate!));
    return jobs.map(({ Definition }) => Definition!.SegmentName);
  }

  it('runs two at a time, while the others wait visibly in order', async () => {
    const letEnd = holdEnds();
    const runs = place.window();
    const crowd = watchCrowd(runs);
    // Not by the time of creation: the requests of two that start at once may arrive in any order.
    const turns = new Set<string | undefined>();
    runs.onDidChange((run) => run?.state === 'starting' && turns.add(run.import?.segmentName));
    const started: RunRecord[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) started.push(await start(runs, name));
    assert.deepEqual(
      started.map(({ state }) => state),
      ['running', 'running', 'queued', 'queued', 'queued'],
    );
    assert.deepEqual(
      started.map(({ id }) => runs.positionOf(id)),
      [undefined, undefined, 1, 2, 3],
    );
    letEnd(runs);
    const ended = await Promise.all(started.map(({ id }) => runs.waitFor(id)));
    assert.deepEqual(new Set(ended.map(({ state }) => state)), new Set(['completed']));
    assert.deepEqual([...turns], ['a', 'b', 'c', 'd', 'e']);
    assert.equal(crowd(), 2);
  });

  it('counts across windows, and applies the setting of the window whose turn it is', async () => {
    const letEnd = holdEnds();
    const [mine, theirs] = [
      place.window({ maxRunningImports: () => 1 }),
      place.window({ maxRunningImports: () => 1 }),
    ];
    const crowd = watchCrowd(mine);
    const a = await start(mine, 'a');
    const b = await start(theirs, 'b');
    const c = await start(mine, 'c');
    assert.deepEqual([a.state, b.state, c.state], ['running', 'queued', 'queued']);
    while (theirs.get(c.id)?.state !== 'queued') await sleep(5);
    assert.equal(theirs.positionOf(c.id), 2);
    letEnd(mine, theirs);
    await Promise.all([mine.waitFor(c.id), theirs.waitFor(b.id)]);
    assert.deepEqual(await names(), ['a', 'b', 'c']);
    assert.equal(crowd(), 1);
  });

  it('continues in another window if the one whose turn it was is closed', async () => {
    const letEnd = holdEnds();
    const [mine, theirs] = [
      place.window({ maxRunningImports: () => 1 }),
      place.window({ maxRunningImports: () => 1 }),
    ];
    await theirs.resume(place.connection);
    await start(mine, 'a');
    const b = await start(mine, 'b');
    const c = await start(theirs, 'c');
    mine.dispose();
    letEnd(theirs);
    const [endOfB] = await Promise.all([theirs.waitFor(b.id), theirs.waitFor(c.id)]);
    assert.equal(endOfB.state, 'completed');
    assert.deepEqual(await names(), ['a', 'b', 'c']);
  });

  it('never gives one turn to two processes', async () => {
    place.sandbox.faults.set({ paceMs: 20 });
    const windows = Array.from({ length: 4 }, () => place.window({ maxRunningImports: () => 1 }));
    const crowd = watchCrowd(place.window());
    const started = await Promise.all(
      windows.flatMap((runs, n) => ['x', 'y'].map((name) => start(runs, `${name}${n}`))),
    );
    await Promise.all(started.map(({ id }, n) => windows[n >> 1]!.waitFor(id)));
    assert.equal((await place.importJobs()).length, 8);
    assert.equal(crowd(), 1);
  });

  it('requeues a run that the service rejects for too many jobs, and starts it later', async () => {
    place.sandbox.faults.set({ rules: [{ ...onCreate, count: 4, fault: { kind: 'throttle' } }] });
    const runs = place.window();
    const states: string[] = [];
    const queued: RunRecord[] = [];
    runs.onDidChange((record) => record && states.at(-1) !== record.state && states.push(record.state));
    runs.onDidChange((record) => record?.retryAt !== undefined && queued.push(record));
    const { id, state } = await start(runs, 'a');
    assert.equal(state, 'queued');
    const [refused] = queued;
    assert.equal(refused?.trouble?.code, 'throttled');
    assert.ok(refused.retryAt! > Date.parse(refused.updated));
    const record = await runs.waitFor(id);
    assert.deepEqual([record.state, record.trouble, record.retryAt], ['completed', undefined, undefined]);
    assert.deepEqual(states, ['staging', 'queued', 'starting', 'queued', 'starting', 'running', 'completed']);
    assert.equal((await place.importJobs()).length, 1);
  });

  it('waits for others without polling every millisecond once requests are allowed again', async () => {
    place.sandbox.faults.set({
      paceMs: 60_000,
      rules: [{ ...onCreate, skip: 1, count: 3, fault: { kind: 'throttle' } }],
    });
    let short = 0;
    const runs = place.window({
      clock: {
        now: () => place.clock.now(),
        elapsed: () => place.clock.elapsed(),
        sleep: (ms, ...signals) => {
          if (ms < 100) short += 1;
          return place.clock.sleep(ms, ...signals);
        },
      },
    });
    await start(runs, 'a');
    const starting = new Promise((resolve) => {
      runs.onDidChange((run) => run?.import?.segmentName === 'b' && run.state === 'starting' && resolve(run));
    });
    const refused = start(runs, 'b');
    await starting;
    // In the line before the other is sent back to its end.
    const { id: other } = await start(runs, 'c');
    const { id } = await refused;
    while (runs.get(other)!.state !== 'running') await sleep(5);
    assert.equal(runs.get(id)!.state, 'queued');
    const before = short;
    const until = place.clock.now() + 5000;
    while (place.clock.now() < until) await sleep(5);
    assert.ok(short - before < 5, `${short - before} looks`);
  });

  it('drops a run cancelled while it waits, from any window, and leaves nothing', async () => {
    place.sandbox.faults.set({ paceMs: 60_000 });
    const [mine, theirs] = [place.window({ maxRunningImports: () => 1 }), place.window()];
    await theirs.ready;
    const a = await start(mine, 'a');
    const [b, c] = [await start(mine, 'b'), await start(mine, 'c')];
    await mine.cancel(b.id);
    while (theirs.get(c.id) === undefined) await sleep(5);
    await theirs.cancel(c.id);
    for (const { id } of [b, c]) {
      assert.equal((await mine.waitFor(id)).state, 'cancelled');
      while (mine.get(id)!.import!.leftovers === true) await sleep(5);
    }
    assert.equal((await place.keys()).length, 1);
    assert.equal((await place.importJobs()).length, 1);
    await assert.rejects(mine.cancel(a.id), { code: 'bad-input', message: /can't stop/ });
    await assert.rejects(mine.cancel(b.id), { code: 'bad-input', message: /has ended/ });
    const left = (await readdir(join(place.folder, 'runs'))).filter((name) => name.endsWith('.cancel'));
    assert.deepEqual(left, []);
  });

  it('drops a run of a closed window when the next window cancels it', async () => {
    place.sandbox.faults.set({ paceMs: 60_000 });
    const mine = place.window({ maxRunningImports: () => 1 });
    await start(mine, 'a');
    const b = await start(mine, 'b');
    mine.dispose();
    const next = place.window({ maxRunningImports: () => 1 });
    await next.ready;
    // Before there is a connection.
    await next.cancel(b.id);
    await next.resume(place.connection);
    assert.equal((await next.waitFor(b.id)).state, 'cancelled');
    assert.equal((await place.importJobs()).length, 1);
  });

  describe('with runs of several parts', () => {
    const limits = { bytes: 400, files: 3 };
    let files: SourceFile[];

    beforeEach(async () => {
      files = [];
      for (const name of ['a', 'b', 'c', 'd']) files.push(await place.csv(`${name}.csv`, 9));
      assert.ok(files.every(({ bytes }) => bytes > 200 && bytes < 400));
    });

    const parts = ({ parts = [] }: RunRecord): string[] => parts.map(({ state }) => state);

    it('imports each part with its own job, two at a time, as one run', async () => {
      // A fifth request would fail the run.
      place.sandbox.faults.set({
        paceMs: 30,
        rules: [{ ...onCreate, skip: 4, count: null, fault: { kind: 'access-denied' } }],
      });
      const runs = place.window({ jobLimits: limits });
      const started = await runs.startImport(place.connection, place.importPlan(files), {});
      assert.equal(started.parts!.length, 4);
      const record = await runs.waitFor(started.id);
      assert.deepEqual([record.state, parts(record)], ['completed', Array(4).fill('completed')]);
      assert.deepEqual(runs.list(), [record]);
      const jobs = await place.importJobs();
      assert.deepEqual(
        new Set(jobs.map(({ Definition }) => Definition!.S3Url)),
        new Set([1, 2, 3, 4].map((n) => `s3://staging/${record.import!.folder}${n}/`)),
      );
      assert.deepEqual(new Set(await names()), new Set([1, 2, 3, 4].map((n) => `People (${n} of 4)`)));
      assert.deepEqual(
        jobs.map(({ TotalProcessed }) => TotalProcessed),
        [9, 9, 9, 9],
      );
      for (const { Id } of jobs) assert.equal(runs.get(Id!)?.id, record.id);
    });

    it('rejects them if they would update one segment', async () => {
      const runs = place.window({ jobLimits: limits });
      const plan = place.importPlan(files, { segmentId: 'x' });
      await assert.rejects(runs.startImport(place.connection, plan, {}), {
        code: 'bad-input',
        message: /several jobs can't update one segment/,
      });
      assert.deepEqual([runs.list(), await place.keys()], [[], []]);
    });

    it('retries only what failed, without an upload', async () => {
      place.sandbox.faults.set({ jobs: [{ type: 'IMPORT', count: 2 }] });
      const runs = place.window({ jobLimits: limits });
      const { id } = await runs.startImport(place.connection, place.importPlan(files), {});
      const failed = await runs.waitFor(id);
      assert.equal(failed.state, 'failed');
      assert.deepEqual(parts(failed).sort(), ['completed', 'completed', 'failed', 'failed']);
      assert.match(failed.error!.message, /^2 of 4 parts failed/);
      assert.equal(failed.import!.leftovers, undefined);

      place.sandbox.faults.set({
        rules: [{ service: 's3', method: 'PUT', count: null, fault: { kind: 'server-error' } }],
      });
      await runs.retry(place.connection, id, {});
      const record = await runs.waitFor(id);
      assert.deepEqual(
        [record.state, record.error, parts(record)],
        ['completed', undefined, Array(4).fill('completed')],
      );
      assert.equal((await place.importJobs()).length, 6);
      await assert.rejects(runs.retry(place.connection, id, {}), {
        code: 'bad-input',
        message: /has completed/,
      });
    });

    it('retries with an upload if the objects are gone', async () => {
      place.sandbox.faults.set({ jobs: [{ type: 'IMPORT', count: 1 }] });
      const runs = place.window({ jobLimits: limits });
      const { id } = await runs.startImport(place.connection, place.importPlan(files), {});
      await runs.waitFor(id);
      const keys = await place.keys();
      await place.connection.staging.delete(keys.map((key) => ({ bucket: 'staging', key })));
      await runs.retry(place.connection, id, {});
      const record = await runs.waitFor(id);
      assert.equal(record.state, 'completed');
      assert.equal((await place.keys()).length, 1, 'only the part that failed');
      assert.equal((await place.importJobs()).length, 5);
    });

    it('never starts a part twice if responses were lost, not even on retry', async () => {
      // Each request is carried out, and none is answered; nor can anybody look for what came of it.
      place.sandbox.faults.set({
        rules: [
          { ...onCreate, count: 1, fault: { kind: 'cut-answer' } },
          {
            service: 'mobiletargeting',
            method: 'GET',
            path: '/v1/apps/*/jobs/import',
            skip: 1,
            count: 1,
            fault: { kind: 'expired-credentials' },
          },
        ],
      });
      const runs = place.window({ jobLimits: { bytes: 800, files: 2 } });
      const { id } = await runs
        .startImport(place.connection, place.importPlan(files), {})
        .catch(() => runs.list()[0]!);
      const record = await runs.waitFor(id);
      assert.equal(record.state, 'completed');
      assert.equal((await place.importJobs()).length, 2);
    });

    it('resumes them in the next window', async () => {
      place.sandbox.faults.set({ paceMs: 40 });
      const mine = place.window({ jobLimits: limits });
      const { id } = await mine.startImport(place.connection, place.importPlan(files), {});
      mine.dispose();
      const next = place.window();
      await next.resume(place.connection);
      const record = await next.waitFor(id);
      assert.deepEqual([record.state, parts(record)], ['completed', Array(4).fill('completed')]);
      assert.equal((await place.importJobs()).length, 4);
    });

    it('keeps running parts when they are cancelled', async () => {
      const letEnd = holdEnds();
      const runs = place.window({ jobLimits: limits });
      const { id } = await runs.startImport(place.connection, place.importPlan(files), {});
      while (parts(runs.get(id)!).filter((state) => state === 'running').length < 2) await sleep(5);
      await runs.cancel(id);
      while (parts(runs.get(id)!).filter((state) => state === 'cancelled').length < 2) await sleep(5);
      letEnd(runs);
      const record = await runs.waitFor(id);
      assert.equal(record.state, 'cancelled');
      assert.deepEqual(parts(record).sort(), ['cancelled', 'cancelled', 'completed', 'completed']);
      await runs.retry(place.connection, id, {});
      assert.deepEqual(parts(await runs.waitFor(id)), Array(4).fill('completed'));
      assert.equal((await place.importJobs()).length, 4);
    });
  });

  describe('with jobs that were started elsewhere', () => {
    const elsewhere = async (): Promise<string> => {
      const { path } = await place.csv('theirs.csv', 5);
      await place.connection.staging.upload(
        path,
        { bucket: 'staging', key: 'theirs/x.csv' },
        { contentType: 'text/csv' },
      );
      const { id } = await place.connection.audience.createImportJob(place.projectId, {
        format: 'CSV',
        s3Url: 's3://staging/theirs/',
        roleArn: place.roleArn,
        defineSegment: true,
        segmentName: 'Theirs',
      });
      return id;
    };

    it('watches them on request, once, to their end, and counts them', async () => {
      place.sandbox.faults.set({ paceMs: 250 });
      const [mine, theirs] = [place.window({ maxRunningImports: () => 1 }), place.window()];
      await Promise.all([mine.ready, theirs.ready]);
      const jobId = await elsewhere();
      const watched = await Promise.all(
        [mine, theirs, mine].map((runs) => runs.watch(place.connection, 'import', place.projectId, jobId)),
      );
      assert.equal(new Set(watched.map(({ id }) => id)).size, 1);
      const [{ id, watched: isWatched, state }] = watched as [RunRecord];
      assert.deepEqual([isWatched, state], [true, 'running']);
      const letEnd = holdEnds();
      const own = await start(mine, 'a');
      assert.equal(own.state, 'queued');
      letEnd(mine, theirs);
      const record = await mine.waitFor(id);
      assert.deepEqual(
        [record.state, record.job!.totalProcessed, record.job!.segmentName],
        ['completed', 5, 'Theirs'],
      );
      assert.equal((await mine.waitFor(own.id)).state, 'completed');
      assert.equal((await place.importJobs()).length, 2);
      await mine.forget(id);
      await assert.rejects(mine.retry(place.connection, own.id, {}), { code: 'bad-input' });
    });

    it('resumes the watch of a closed window', async () => {
      place.sandbox.faults.set({ paceMs: 60 });
      const mine = place.window();
      const { id } = await mine.watch(place.connection, 'import', place.projectId, await elsewhere());
      mine.dispose();
      const next = place.window();
      await next.resume(place.connection);
      assert.equal((await next.waitFor(id)).state, 'completed');
    });

    it('watches neither its own jobs twice nor missing ones', async () => {
      const runs = place.window();
      const own = await start(runs, 'a');
      const { id } = await runs.watch(place.connection, 'import', place.projectId, own.job!.id);
      assert.equal(id, own.id);
      await assert.rejects(runs.watch(place.connection, 'import', place.projectId, 'gone'), {
        code: 'not-found',
      });
      assert.equal(runs.list().length, 1);
    });
  });
});
