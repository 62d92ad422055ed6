import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { appendFile, cp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateImportJobCommand } from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import type { Runs } from '../../../src/jobs/runs/runs.ts';
import { noLog } from '../../../src/log.ts';
import type { FaultRule } from '../../../src/sandbox/http/faults.ts';
import { Workplace } from './workplace.ts';

const importer = fileURLToPath(new URL('importer.ts', import.meta.url));

describe('runs in several windows', () => {
  let place: Workplace;

  beforeEach(async () => {
    place = await Workplace.open();
  });
  afterEach(() => place.close());

  async function seen(runs: Runs, id: string, state: string): Promise<RunRecord> {
    for (;;) {
      const record = runs.get(id);
      if (record?.state === state) return record;
      await sleep(5);
    }
  }

  async function start(runs: Runs, name: string): Promise<RunRecord> {
    const plan = place.importPlan([await place.csv(`${name}.csv`, 5)], { segmentName: name });
    return runs.startImport(place.connection, plan, {});
  }

  /** A process that takes leases as if their owners were suspended, but no run. */
  async function other(): Promise<{ take: (id: string) => void; end: () => void }> {
    const folder = join(place.folder, 'runs');
    const leases = new Leases(folder, { log: noLog, ttlMs: 1000 });
    assert.ok(await leases.acquire('other'));
    return {
      take: (id) => renameSync(join(folder, 'other.lease'), join(folder, `${id}.lease`)),
      end: () => leases.dispose(),
    };
  }

  async function logged(line: RegExp): Promise<void> {
    while (!place.log.some((each) => line.test(each))) await sleep(5);
  }

  it('show the same state, and only the one that started a job polls it', async () => {
    place.sandbox.faults.set({ paceMs: 100 });
    const [mine, theirs] = [place.window(), place.window()];
    const me = place.counted();
    const they = place.counted();
    await theirs.resume(they.connection);
    const plan = place.importPlan([await place.csv('x.csv', 5)]);
    const started = mine.startImport(me.connection, plan, {});
    while (theirs.list().length === 0) await sleep(1);
    await theirs.resume(they.connection);
    const { id } = await started;
    await theirs.resume(they.connection);
    await Promise.all([mine.waitFor(id), theirs.waitFor(id)]);
    assert.deepEqual(theirs.get(id), mine.get(id));
    assert.equal(mine.get(id)!.state, 'completed');
    assert.ok((me.counts.get('getJob') ?? 0) > 1);
    assert.equal(they.counts.get('getJob'), undefined);
    assert.equal((await place.importJobs()).length, 1);
  });

  it('show the same state if the system reports no file changes', async () => {
    const mine = place.window();
    await mine.resume(place.connection);
    // What is looked out for is another folder by now.
    const folder = join(place.folder, 'runs');
    await cp(folder, `${folder}-copy`, { recursive: true });
    await rename(folder, `${folder}-old`);
    await rename(`${folder}-copy`, folder);
    const theirs = place.window();
    const plan = place.importPlan([await place.csv('x.csv', 5)]);
    const { id } = await theirs.startImport(place.connection, plan, {});
    assert.equal((await seen(mine, id, 'completed')).job!.totalProcessed, 5);
  });

  it('continue in another window when the one that started them is closed', async () => {
    place.sandbox.faults.set({ paceMs: 200 });
    const [mine, theirs] = [place.window(), place.window()];
    await theirs.resume(place.connection);
    const { id } = await mine.startImport(
      place.connection,
      place.importPlan([await place.csv('x.csv', 5)]),
      {},
    );
    mine.dispose();
    const record = await theirs.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.equal((await place.importJobs()).length, 1);
  });

  it('continue in the next window if there was no other, even with another sandbox port', async () => {
    place.sandbox.faults.set({ paceMs: 100 });
    const mine = place.window();
    const { id } = await mine.startImport(
      place.connection,
      place.importPlan([await place.csv('x.csv', 5)]),
      {},
    );
    mine.dispose();
    const next = place.window();
    const { settings } = place.connection;
    const endpointUrl = settings.endpointUrl!.replace('127.0.0.1', 'localhost');
    await next.resume({ ...place.connection, settings: { ...settings, endpointUrl } });
    assert.equal((await next.waitFor(id)).state, 'completed');
  });

  it('continue if another process took the lease of a queued import and ended before it took the run', async () => {
    const mine = place.window({ maxRunningImports: () => 1 });
    place.sandbox.faults.set({ paceMs: 60_000 });
    await start(mine, 'first');
    const queued = await start(mine, 'second');
    assert.equal(queued.state, 'queued');
    const theirs = await other();
    theirs.take(queued.id);

    place.sandbox.faults.set({ paceMs: 5 });
    mine.poke();
    // Their lease keeps this window from doing anything for the run, also from deleting its files.
    await logged(/continues elsewhere: queued/);
    const kept = mine.get(queued.id)!;
    assert.deepEqual([kept.state, kept.epoch, kept.import!.leftovers], ['queued', queued.epoch, undefined]);
    theirs.end();
    assert.equal((await mine.waitFor(queued.id)).state, 'completed');
    assert.equal((await place.importJobs()).length, 2);
  });

  it('continue if another process took the lease during the upload and ended before it took the run', async () => {
    const mine = place.window();
    place.sandbox.faults.set({
      rules: [{ service: 's3', method: 'PUT', count: 2, fault: { kind: 'server-error' } }],
    });
    const theirs = await other();
    let taken: string | undefined;
    mine.onDidChange((run) => {
      if (run?.state !== 'staging' || taken !== undefined) return;
      taken = run.id;
      theirs.take(run.id);
    });
    await assert.rejects(start(mine, 'x'), { code: 'conflict' });
    const [kept] = mine.list();
    assert.deepEqual([kept!.state, kept!.error], ['staging', undefined]);
    theirs.end();
    assert.equal((await mine.waitFor(kept!.id)).state, 'completed');
    assert.equal((await place.importJobs()).length, 1);
  });

  it('are let go by a window that waited in the queue while another completed them', async () => {
    let isAsleep = false;
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const clock = {
      now: () => place.clock.now(),
      elapsed: () => place.clock.elapsed(),
      sleep: async (ms: number, ...signals: AbortSignal[]) => {
        await place.clock.sleep(ms, ...signals);
        if (isAsleep) await woken;
      },
    };
    place.sandbox.faults.set({ paceMs: 60_000 });
    const others = place.window({ maxRunningImports: () => 1 });
    const first = await start(others, 'first');
    const mine = place.window({ maxRunningImports: () => 1, clock });
    const queued = await start(mine, 'second');
    assert.equal(queued.state, 'queued');
    isAsleep = true;
    await rm(join(place.folder, 'runs', `${queued.id}.lease`));
    await others.resume(place.connection);
    place.sandbox.faults.set({ paceMs: 5 });
    others.poke();
    await others.waitFor(first.id);
    await others.waitFor(queued.id);

    isAsleep = false;
    wake();
    mine.poke();
    // Refused with "Another window or command works on this job" while this window drives it.
    assert.equal(await mine.deleteStaged(place.connection, queued.id), 1);
    assert.equal((await place.importJobs()).length, 2);
  });

  it('can be started again if the folder of records is removed while a window is open', async () => {
    const [mine, theirs] = [place.window(), place.window()];
    await theirs.resume(place.connection);
    const first = await start(mine, 'first');
    await mine.waitFor(first.id);
    const folder = join(place.folder, 'runs');
    for (const [round, gone] of [folder, join(folder, 'owners')].entries()) {
      await rm(gone, { recursive: true, force: true });
      const { id } = await start(mine, `again${round}`);
      assert.equal((await mine.waitFor(id)).state, 'completed');
      await seen(theirs, id, 'completed');
      assert.equal(mine.get(first.id), undefined);
    }
  });

  it('are ignored by other connections', async () => {
    place.sandbox.faults.set({ paceMs: 100 });
    const mine = place.window();
    const { id } = await mine.startImport(
      place.connection,
      place.importPlan([await place.csv('x.csv', 5)]),
      {},
    );
    mine.dispose();
    const next = place.window();
    const { connection, counts } = place.counted();
    const { identity, settings } = connection;
    await next.resume({ ...connection, identity: { ...identity, account: '999999999999' } });
    await next.resume({ ...connection, identity: { ...identity, region: 'eu-west-1' } });
    await next.resume({ ...connection, settings: { ...settings, endpointUrl: 'https://example.com' } });
    assert.equal(next.get(id)?.state, 'running');
    // What somebody works on cannot be forgotten.
    await place.window().forget(id);
    assert.equal(counts.size, 0);
  });

  /** A window that is closed when some parts of a large file are there; resolves with the next window. */
  async function brokenOff(name: string): Promise<{ next: Runs; id: string; path: string }> {
    place.sandbox.faults.set({
      rules: [
        { service: 's3', method: 'PUT', skip: 1, count: null, fault: { kind: 'slow', delayMs: 60_000 } },
      ],
    });
    const mine = place.window();
    const file = await place.largeCsv(name);
    const started = mine.startImport(place.connection, place.importPlan([file]), {});
    const rejected = assert.rejects(started, { code: 'cancelled' });
    while ((await place.partsOfUnfinished()) === 0) await sleep(5);
    mine.dispose();
    await rejected;
    place.sandbox.faults.set({ paceMs: 5 });
    const next = place.window();
    await next.ready;
    const [{ id, state, import: run }] = next.list() as [RunRecord];
    assert.equal(state, 'staging');
    assert.deepEqual(Object.keys(run!.uploads ?? {}), ['0'], 'the upload was written down');
    return { next, id, path: file.path };
  }

  it('resume an interrupted upload, and send only what is missing', async () => {
    const { next, id, path } = await brokenOff('x.csv');
    // One of the two parts is there: a second request would never succeed.
    place.sandbox.faults.set({
      rules: [{ service: 's3', method: 'PUT', skip: 1, count: null, fault: { kind: 'server-error' } }],
    });
    await next.resume(place.connection);
    const record = await next.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.equal(record.import!.uploads, undefined);
    const [key] = await place.keys();
    assert.ok((await place.object(key!)).equals(await readFile(path)), 'the object is the file');
    assert.equal(await place.unfinishedUploads(), 0);
    assert.equal((await place.importJobs()).length, 1);
  });

  const changes: readonly (readonly [string, (path: string) => Promise<void>, string])[] = [
    ['has changed', (path) => appendFile(path, 'x'), 'changed'],
    ['is gone', (path) => rm(path), 'not-found'],
  ];
  for (const [what, change, code] of changes) {
    it(`fail and leave nothing if the file of an interrupted upload ${what}`, async () => {
      const { next, id, path } = await brokenOff('x.csv');
      await change(path);
      await next.resume(place.connection);
      const record = await seen(next, id, 'interrupted');
      assert.equal(record.error!.code, code);
      assert.match(record.error!.message, /Nothing was imported/);
      while (next.get(id)!.import!.leftovers === true) await sleep(5);
      assert.deepEqual([await place.keys(), await place.unfinishedUploads()], [[], 0]);
    });
  }

  it('report a second job that appears after the end of an import that changed owners', async () => {
    const first = place.window();
    place.sandbox.faults.set({
      rules: [
        {
          ...{ service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/import' },
          fault: { kind: 'cut-answer' },
        },
      ],
    });
    const plan = place.importPlan([await place.csv('x.csv', 5)]);
    const { id } = await first.startImport(place.connection, plan, {});
    const record = await first.waitFor(id);
    assert.deepEqual([record.state, record.adopted, record.doubles], ['completed', true, undefined]);
    assert.equal(await first.markNotified(id), true);

    // As a process does that was suspended right before its request, and ends before the answer.
    const { ImportJobResponse: late } = await place.sandbox.pinpoint.send(
      new CreateImportJobCommand({
        ApplicationId: place.projectId,
        ImportJobRequest: {
          Format: 'CSV',
          S3Url: `s3://staging/${record.import!.folder}`,
          RoleArn: place.roleArn,
          DefineSegment: true,
          SegmentName: 'People',
        },
      }),
    );
    const next = place.window();
    await next.resume(place.connection);
    assert.deepEqual(
      next.get(id)?.doubles?.map(({ id: double }) => double),
      [late!.Id],
    );
    assert.equal(await next.markNotified(id), true, 'the user is notified again');
    await next.resume(place.connection);
    assert.equal(await next.markNotified(id), false, 'but once');
  });

  describe('that are killed', () => {
    interface Death {
      readonly what: string;
      readonly kind: 'import' | 'export';
      readonly rules?: readonly FaultRule[];
      /** The line of the window after which it is killed. */
      readonly after: RegExp;
      readonly delayMs?: number;
    }
    const creating = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/*' };
    const deaths: readonly Death[] = [
      { what: 'an import while it uploads', kind: 'import', after: /^staging/, rules: [{ service: 's3', method: 'PUT', fault: { kind: 'slow', delayMs: 2000 } }], delayMs: 100 },
      { what: 'an import before it is asked for', kind: 'import', after: /^starting $/, rules: [{ ...creating, fault: { kind: 'cut-request' } }] },
      { what: 'an import after the request was lost', kind: 'import', after: /^starting asked/, rules: [{ ...creating, fault: { kind: 'cut-request' } }], delayMs: 100 },
      { what: 'an import while the service makes the job', kind: 'import', after: /^starting asked/, rules: [{ ...creating, fault: { kind: 'slow', delayMs: 300 } }], delayMs: 100 },
      { what: 'an import before the answer is written down', kind: 'import', after: /^starting asked/, rules: [{ ...creating, fault: { kind: 'cut-answer' } }], delayMs: 150 },
      { what: 'an import while it runs', kind: 'import', after: /^running/ },
      { what: 'an export after the request was lost', kind: 'export', after: /^starting asked/, rules: [{ ...creating, fault: { kind: 'cut-request' } }], delayMs: 100 },
      { what: 'an export while the service makes the job', kind: 'export', after: /^starting asked/, rules: [{ ...creating, fault: { kind: 'slow', delayMs: 300 } }], delayMs: 100 },
      { what: 'an export while it runs', kind: 'export', after: /^running/ },
    ]; // prettier-ignore

    for (const { what, kind, rules = [], after, delayMs = 0 } of deaths) {
      it(`start exactly one job: ${what}`, async () => {
        const { path } = await place.csv('x.csv', 5);
        place.sandbox.faults.set({ paceMs: 50, rules });
        const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
        const folder = join(place.folder, 'runs');
        const { projectId, roleArn, start } = place;
        const of = { endpoint, region, accessKeyId, secretAccessKey, projectId, roleArn, start };
        const told = { ...of, folder, file: path, kind };
        const child = spawn(process.execPath, [importer, JSON.stringify(told)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
          for await (const line of createInterface(child.stdout)) if (after.test(line)) break;
          await sleep(delayMs);
        } finally {
          child.kill('SIGKILL');
        }
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');

        const next = place.window();
        await next.resume(place.connection);
        const [run] = next.list();
        const record = await next.waitFor(run!.id);
        assert.equal(record.state, 'completed');
        const jobs = kind === 'import' ? await place.importJobs() : await place.exportJobs();
        assert.deepEqual(
          jobs.map(({ Id }) => Id),
          [record.job!.id],
        );
      });
    }
  });
});
