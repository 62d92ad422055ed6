import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  CreateAppCommand,
  DeleteAppCommand,
  GetExportJobsCommand,
  GetImportJobsCommand,
  GetSegmentsCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import * as esbuild from 'esbuild';
import { after, before, describe, it } from 'mocha';
import { Bulk } from '../../../../src/jobs/bulk/bulkService.ts';
import type { Clock } from '../../../../src/jobs/runs/clock.ts';
import { systemClock } from '../../../../src/jobs/runs/clock.ts';
import { Mirrors } from '../../../../src/jobs/mirror/mirrors.ts';
import { jobLimits } from '../../../../src/jobs/runs/parts.ts';
import type { SourceFile } from '../../../../src/jobs/runs/runRecord.ts';
import { doublesOf, jobsOf } from '../../../../src/jobs/runs/runRecord.ts';
import { createRuns } from '../../../../src/jobs/runs/runsService.ts';
import { noLog } from '../../../../src/log.ts';
import type { FaultSettings } from '../../../../src/sandbox/http/faults.ts';
import { temporaryFolder } from '../../../support/sandbox.ts';
import { Workplace } from '../workplace.ts';
import type { Errand } from './errand.ts';
import { memoryOf, runErrand } from './errand.ts';

/** What is begun, killed, and has to be there in the end. */
interface Scenario {
  /** Files of each import. */
  readonly imports?: readonly (readonly SourceFile[])[];
  readonly exports?: number;
  readonly maxRunning?: number;
  readonly jobLimits?: Errand['jobLimits'];
  /** The first job fails and is tried again. */
  readonly retries?: boolean;
  /** A file is mirrored into a segment that is there. */
  readonly mirror?: SourceFile;
  /** The endpoints of a project are deleted by a list of them. */
  readonly deletes?: boolean;
  /** Set anew for each killed process. */
  readonly faults?: FaultSettings;
  /** The most moments that are tried, evenly spread; all where there are fewer. */
  readonly most: number;
  /** The process that takes up what the killed one left is killed, too. */
  readonly isKilledTwice?: boolean;
}

/** A scenario in a project and folders of its own. */
interface Cell {
  readonly place: Workplace;
  readonly errand: Errand;
  readonly projectId: string;
  readonly prefix: string;
  readonly downloads: string;
}

const endpoints = 6;
/** Of the process that takes over: pauses of a minute and a half last half a second. */
const speed = 200;
const lanes = 5;
const creating = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/*' };
const reading = { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/*/*' };

describe('a process that is killed', function () {
  this.timeout(180_000);
  let shared: Workplace;
  let bundle: { path: string; remove(): Promise<void> };
  let cells = 0;
  let killed = 0;
  let frozenCount = 0;
  let doubled = 0;
  const files: Record<'a' | 'b' | 'c' | 'large', SourceFile> = {} as never;

  before(async () => {
    shared = await open();
    for (const name of ['a', 'b', 'c'] as const) files[name] = await shared.csv(`${name}.csv`, endpoints);
    files.large = await shared.largeCsv('large.csv');
    bundle = await temporaryFolder();
    // Loads in a fraction of the time that the sources take.
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL('victim.ts', import.meta.url))],
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      outdir: bundle.path,
      outExtension: { '.js': '.mjs' },
      banner: {
        js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
      },
    });
  });
  after(async () => {
    await shared.close();
    await bundle.remove();
  });

  const open = (): Promise<Workplace> => Workplace.open({ now: Date.now, paceMs: 4 });
  const openMany = (): Promise<Workplace[]> => Promise.all(Array.from({ length: lanes }, open));

  async function newCell(scenario: Scenario, place: Workplace): Promise<Cell> {
    const number = (cells += 1);
    const { ApplicationResponse: app } = await place.sandbox.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: `cell ${number}` } }),
    );
    const projectId = app!.Id!;
    const prefix = `cell-${number}`;
    const folder = join(place.folder, prefix);
    const downloads = join(place.folder, `${prefix}-downloads`);
    await mkdir(folder);
    if (scenario.exports !== undefined || scenario.deletes === true) {
      const Item = Array.from({ length: endpoints }, (_, n) => ({
        Id: `e${n}`,
        ChannelType: 'EMAIL' as const,
        Address: `e${n}@example.com`,
      }));
      await place.sandbox.pinpoint.send(
        new UpdateEndpointsBatchCommand({ ApplicationId: projectId, EndpointBatchRequest: { Item } }),
      );
    }
    const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
    const { imports = [], exports = 0, maxRunning = 2, retries = false } = scenario;
    const errand = {
      sandbox: { endpoint, region, accessKeyId, secretAccessKey },
      folder,
      imports: imports.map((own, n) =>
        place.importPlan(own, {
          projectId,
          prefix,
          segmentName: `Segment ${n}`,
          // What is exported meanwhile does not depend on how far the import is.
          registerEndpoints: scenario.exports === undefined,
        }),
      ),
      exports: Array.from({ length: exports }, (_, n) =>
        place.exportPlan({ projectId, prefix, segmentName: `Export ${n}`, downloadTo: downloads }),
      ),
      maxRunning,
      jobLimits: scenario.jobLimits ?? jobLimits,
      retries,
      mirror: scenario.mirror && mirrorOf(place, scenario.mirror, projectId, prefix),
      deletion: scenario.deletes === true ? await deletionOf(place, projectId, prefix) : undefined,
      killAt: 0,
    };
    return { place, errand, projectId, prefix, downloads };
  }

  function mirrorOf(
    place: Workplace,
    file: SourceFile,
    projectId: string,
    prefix: string,
  ): NonNullable<Errand['mirror']> {
    const { path } = file;
    return {
      request: {
        declaration: {
          name: 'People',
          source: basename(path),
          project: projectId,
          segment: 'People',
          identifier: 'Id',
        },
        declaredIn: join(place.folder, prefix, 'pinpoint-audience.json'),
        files: [file],
      },
      places: { bucket: place.bucket, prefix, importRoleArn: place.roleArn, exportRoleArn: place.roleArn },
    };
  }

  async function deletionOf(
    place: Workplace,
    projectId: string,
    prefix: string,
  ): Promise<NonNullable<Errand['deletion']>> {
    const ids = Array.from({ length: endpoints }, (_, n) => `e${n}\n`).join('');
    const { path } = await place.file(`${prefix}-list/gone.txt`, ids);
    return { kind: 'delete-endpoints', projectId, source: path };
  }

  /** Runs an errand in a process of its own; resolves with what it said last. */
  async function send(errand: Errand): Promise<string> {
    const child = spawn(process.execPath, [join(bundle.path, 'victim.mjs'), JSON.stringify(errand)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(bundle.path, 'cache') },
    });
    // Its output ends a moment before the process does; until then it has its leases.
    const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return said.trim();
  }

  /** What whoever comes next does: takes up what is left, and begins what was never begun. */
  async function takeOver({ errand, place }: Cell): Promise<ReturnType<typeof createRuns>> {
    const start = Date.now();
    const clock: Clock = {
      now: () => start + (Date.now() - start) * speed,
      elapsed: () => performance.now() * speed,
      sleep: (ms, ...signals) => systemClock.sleep(ms / speed, ...signals),
    };
    const runs = createRuns({
      folder: errand.folder,
      log: noLog,
      clock,
      leaseTtlMs: 500,
      maxRunningImports: () => errand.maxRunning,
      jobLimits: errand.jobLimits,
    });
    await runErrand(errand, runs, place.connection, clock);
    // Nobody who is gone keeps others from writing. A mirror tells of the runs that it sees to their end itself.
    for (const { id } of runs.list()) assert.ok((await runs.markNotified(id)) || errand.mirror !== undefined);
    runs.dispose();
    return runs;
  }

  async function check(cell: Cell, scenario: Scenario, runs: ReturnType<typeof createRuns>): Promise<void> {
    const { imports = [], exports = 0, retries = false } = scenario;
    const { place } = cell;
    const records = runs.list();
    if (scenario.mirror !== undefined) return checkMirror(cell, place, runs);
    if (scenario.deletes === true) return checkDeletion(cell);
    assert.deepEqual(
      records.map(({ state }) => state),
      Array(imports.length + exports).fill('completed'),
      JSON.stringify(records.map(({ error }) => error)),
    );
    const at = { ApplicationId: cell.projectId, PageSize: '100' };
    const [{ ImportJobsResponse: ofImports }, { ExportJobsResponse: ofExports }] = await Promise.all([
      place.sandbox.pinpoint.send(new GetImportJobsCommand(at)),
      place.sandbox.pinpoint.send(new GetExportJobsCommand(at)),
    ]);
    const jobs = [...ofImports!.Item!, ...ofExports!.Item!].filter(({ JobStatus }) => JobStatus !== 'FAILED');
    const doubles = records.flatMap(doublesOf).map(({ id }) => id);
    assert.deepEqual(
      jobs.map(({ Id }) => Id).sort(),
      [...records.flatMap(jobsOf).map(({ id }) => id), ...doubles].sort(),
      'each job is of a run, and each run has its own',
    );
    const perImport = scenario.jobLimits === undefined ? 1 : 3;
    assert.equal(jobs.length - doubles.length, imports.length * perImport + exports);
    if (doubles.length === 0) {
      assert.equal(ofImports!.Item!.length, imports.length * perImport + (retries ? 1 : 0));
    }

    // In the bucket there is what was sent, and nothing else.
    const s3 = place.sandbox.s3;
    const inBucket = { Bucket: place.bucket, Prefix: `${cell.prefix}/` };
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command(inBucket));
    const sizes = imports.flat().map(({ bytes }) => bytes);
    const staged = objects.filter(({ Key }) => !Key!.endsWith('.gz')).map(({ Size }) => Size!);
    assert.deepEqual(staged.sort(), sizes.sort());
    const { Uploads: unfinished = [] } = await s3.send(new ListMultipartUploadsCommand(inBucket));
    assert.deepEqual(unfinished, []);

    for (const { export: to } of records) {
      const found = to?.downloads.at(-1)?.files ?? [];
      if (to === undefined) continue;
      const lines = (await Promise.all(found.map((file) => readFile(file, 'utf8'))))
        .join('')
        .trim()
        .split('\n');
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { Id: string }).Id).sort(),
        Array.from({ length: endpoints }, (_, n) => `e${n}`),
      );
      const inFolder = await readdir(cell.downloads);
      assert.deepEqual(inFolder.sort(), found.map((file) => basename(file)).sort(), 'one copy');
    }
    const left = (await readdir(cell.errand.folder)).filter((name) => /\.(bad|cancel)$/.test(name));
    assert.deepEqual(left, []);
  }

  /** One segment, made by one import, and proved. */
  async function checkMirror(
    { errand, projectId }: Cell,
    place: Workplace,
    runs: ReturnType<typeof createRuns>,
  ): Promise<void> {
    const folder = memoryOf(errand);
    const { request } = errand.mirror!;
    const mirrors = new Mirrors({ folder, runs, log: noLog });
    const last = await mirrors.last(request.declaredIn, request.declaration.name);
    assert.equal(last?.outcome, 'mirrored', last?.trouble?.message);
    const at = { ApplicationId: projectId, PageSize: '100' };
    const [{ ImportJobsResponse: jobs }, { SegmentsResponse: segments }] = await Promise.all([
      place.sandbox.pinpoint.send(new GetImportJobsCommand(at)),
      place.sandbox.pinpoint.send(new GetSegmentsCommand(at)),
    ]);
    assert.equal(jobs?.Item?.length, 1);
    assert.deepEqual(
      segments?.Item?.map(({ Id }) => Id),
      [last.segmentId],
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => /^export-\w+$/.test(name)),
      [],
      'no endpoints are left on the disk',
    );
    mirrors.dispose();
  }

  /** All are gone, and the results say so of each: what a killed process deleted is not taken for absent. */
  async function checkDeletion({ errand }: Cell): Promise<void> {
    const { source } = errand.deletion!;
    const bulk = new Bulk({ folder: memoryOf(errand), log: noLog });
    const [record, ...others] = await bulk.list();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [record?.state, record?.counts],
      ['completed', { done: endpoints, absent: 0, failed: 0 }],
    );
    const rows = Array.from({ length: endpoints }, (_, n) => `${n + 1},e${n},done,\n`);
    assert.equal(await readFile(record!.results!, 'utf8'), `Line,Id,Outcome,Message\n${rows.join('')}`);
    assert.equal((await readFile(source, 'utf8')).length, 3 * endpoints, 'the list is as it was');
    bulk.dispose();
  }

  /** A region has at most 100 projects. */
  async function close({ projectId, place }: Cell): Promise<void> {
    await place.sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: projectId }));
  }

  async function killIn(scenario: Scenario, place: Workplace, killAt: number): Promise<void> {
    const cell = await newCell(scenario, place);
    if (scenario.faults !== undefined) place.sandbox.faults.set(scenario.faults);
    const said = [await send({ ...cell.errand, killAt })];
    if (said[0]!.startsWith('killed')) killed += 1;
    if (scenario.isKilledTwice === true) {
      said.push(await send({ ...cell.errand, killAt: 1 + ((killAt * 7) % 23) }));
      if (said[1]!.startsWith('killed')) killed += 1;
    }
    try {
      await check(cell, scenario, await takeOver(cell));
      await close(cell);
    } catch (error) {
      throw new Error(`Killed at ${killAt}: ${said.join('; ')}`, { cause: error });
    }
  }

  /** Another process takes over while this one stands still; then it wakes, and must neither send nor write anything more. */
  async function freezeIn(scenario: Scenario, place: Workplace, freezeAt: number): Promise<void> {
    const cell = await newCell(scenario, place);
    const errand = { ...cell.errand, killAt: freezeAt, freezes: true };
    const child = spawn(process.execPath, [join(bundle.path, 'victim.mjs'), JSON.stringify(errand)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(bundle.path, 'cache') },
    });
    let said = '';
    const ended = once(child, 'close');
    const frozen = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/^frozen .*\n/m.test(said)) resolve();
      });
    });
    try {
      await Promise.race([frozen, ended]);
      const before = said;
      if (before.startsWith('frozen')) frozenCount += 1;
      const runs = await takeOver(cell);
      const finished = runs.list().map(({ id, state, job }) => [id, state, job?.id]);
      child.kill('SIGCONT');
      await ended;
      const after = createRuns({ folder: cell.errand.folder, log: noLog });
      await after.ready;
      // One that had not begun anything yet begins it when it wakes, as another command would.
      if (after.list().length > finished.length) {
        after.dispose();
        await close(cell);
        return;
      }
      assert.deepEqual(
        after.list().map(({ id, state, job }) => [id, state, job?.id]),
        finished,
        'no record is set back',
      );
      const doubles = after.list().flatMap(doublesOf).length;
      // Whatever was asked right before or while a job was asked for may have left late.
      if (doubles > 0) {
        assert.match(before, /POST .*\/jobs\//);
        doubled += doubles;
      }
      await check(cell, scenario, after);
      after.dispose();
      await close(cell);
    } catch (error) {
      throw new Error(`Frozen at ${freezeAt}: ${said}`, { cause: error });
    } finally {
      child.kill('SIGKILL');
    }
  }

  async function everywhere(
    scenario: Scenario,
    most: number,
    use: (scenario: Scenario, place: Workplace, moment: number) => Promise<void>,
  ): Promise<void> {
    const whole = await newCell(scenario, shared);
    const survived = /survived (\d+)$/.exec(await send(whole.errand));
    const moments = Number(survived![1]);
    await close(whole);
    const tried = Math.min(most, moments);
    const waiting = Array.from({ length: tried }, (_, n) => 1 + Math.floor((n * moments) / tried));
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      while (failures.length === 0) {
        const next = waiting.shift();
        if (next === undefined) return;
        await use(scenario, shared, next).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
    if (failures.length > 0) throw failures[0];
  }

  async function killEverywhere(scenario: Scenario): Promise<void> {
    // Faults are for everybody at a sandbox: there only one process may be on its way.
    const places = scenario.faults === undefined ? Array<Workplace>(lanes).fill(shared) : await openMany();
    try {
      const [place] = places as [Workplace];
      if (scenario.faults !== undefined) place.sandbox.faults.set(scenario.faults);
      const whole = await newCell(scenario, place);
      const survived = /^survived (\d+)$/.exec(await send(whole.errand));
      assert.ok(survived, 'without being killed it comes to its end');
      await check(whole, scenario, await takeOver(whole));
      await close(whole);
      const moments = Number(survived[1]);
      const tried = Math.min(scenario.most, moments);
      const waiting = Array.from({ length: tried }, (_, n) => 1 + Math.floor((n * moments) / tried));
      const failures: unknown[] = [];
      const work = async (own: Workplace): Promise<void> => {
        while (failures.length === 0) {
          const next = waiting.shift();
          if (next === undefined) return;
          await killIn(scenario, own, next).catch((error: unknown) => failures.push(error));
        }
      };
      await Promise.all(places.map(work));
      if (failures.length > 0) throw failures[0];
    } finally {
      for (const own of places) if (own !== shared) await own.close();
    }
  }

  const scenarios: Readonly<Record<string, () => Scenario>> = {
    'importing a file': () => ({ imports: [[files.a]], most: 45 }),
    'importing several files': () => ({ imports: [[files.a, files.b, files.c]], most: 14 }),
    'uploading a large file': () => ({ imports: [[files.large]], most: 12 }),
    'importing in parts': () => ({
      imports: [[files.a, files.b, files.c]],
      jobLimits: { bytes: files.a.bytes, files: 1 },
      most: 28,
    }),
    'waiting in the queue': () => ({ imports: [[files.a], [files.b], [files.c]], maxRunning: 1, most: 20 }),
    'exporting and downloading': () => ({ exports: 1, most: 50 }),
    'trying again what failed': () => ({
      imports: [[files.a]],
      retries: true,
      faults: { jobs: [{ type: 'IMPORT' }] },
      most: 12,
    }),
    'importing over a bad connection': () => ({
      imports: [[files.a]],
      faults: {
        paceMs: 30,
        rules: [
          { ...creating, fault: { kind: 'cut-answer' } },
          { ...reading, fault: { kind: 'server-error' } },
          { service: 's3', method: 'PUT', fault: { kind: 'slow', delayMs: 50 } },
        ],
      },
      most: 14,
    }),
    'mirroring a file': () => ({ mirror: files.a, most: 10 }),
    'deleting the endpoints of a file': () => ({ deletes: true, most: 6 }),
    'taking up what was killed before': () => ({
      imports: [[files.a]],
      exports: 1,
      isKilledTwice: true,
      most: 14,
    }),
  };
  for (const [what, scenario] of Object.entries(scenarios)) {
    it(`leaves exactly one job and a complete result: ${what}`, () => killEverywhere(scenario()));
  }

  const freezing: Readonly<Record<string, readonly [scenario: () => Scenario, most: number]>> = {
    'importing a file': [() => ({ imports: [[files.a]], most: 0 }), 24],
    'exporting and downloading': [() => ({ exports: 1, most: 0 }), 24],
  };
  for (const [what, [scenario, most]] of Object.entries(freezing)) {
    it(`is fenced where it stands still and wakes after another took over: ${what}`, () =>
      everywhere(scenario(), most, freezeIn));
  }

  const minutes = Number(process.env['PINPOINT_AUDIENCE_CHAOS_MINUTES'] ?? 0);
  if (minutes > 0) {
    it('leaves everything in order whatever happens', async function () {
      this.timeout((minutes + 10) * 60_000);
      const end = performance.now() + minutes * 60_000;
      const failures: unknown[] = [];
      let rounds = 0;
      const work = async (): Promise<void> => {
        while (performance.now() < end && failures.length === 0) {
          const all = Object.values(freezing);
          const [scenario] = all[Math.floor(Math.random() * all.length)]!;
          const use = Math.random() < 0.5 ? killIn : freezeIn;
          rounds += 1;
          await use(scenario(), shared, 1 + Math.floor(Math.random() * 220)).catch((error: unknown) =>
            failures.push(error),
          );
        }
      };
      await Promise.all(Array.from({ length: lanes }, work));
      process.stderr.write(
        `${rounds} rounds, ${killed} killed, ${frozenCount} frozen, ${doubled} doubled and told\n`,
      );
      if (failures.length > 0) throw failures[0];
    });
  }

  it('was killed at some 200 moments', () => {
    assert.ok(killed >= 200, `${killed}`);
  });
});
