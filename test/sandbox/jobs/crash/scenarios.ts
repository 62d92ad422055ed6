import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  CreateAppCommand,
  DeleteAppCommand,
  GetExportJobsCommand,
  GetImportJobsCommand,
  GetSegmentsCommand,
  GetUserEndpointsCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Bulk } from '../../../../src/jobs/bulk/bulkService.ts';
import { Mirrors } from '../../../../src/jobs/mirror/mirrors.ts';
import { jobLimits } from '../../../../src/jobs/runs/parts.ts';
import type { SourceFile } from '../../../../src/jobs/runs/runRecord.ts';
import { doublesOf, jobsOf } from '../../../../src/jobs/runs/runRecord.ts';
import type { Runs } from '../../../../src/jobs/runs/runs.ts';
import { noLog } from '../../../../src/log.ts';
import type { FaultSettings } from '../../../../src/sandbox/http/faults.ts';
import type { Workplace } from '../workplace.ts';
import type { Errand } from './errand.ts';
import { memoryOf } from './errand.ts';

/** What a process starts, and what must exist in the end. */
export interface Scenario {
  /** The files of each import. */
  readonly imports?: readonly (readonly SourceFile[])[];
  readonly exports?: number;
  readonly maxRunning?: number;
  readonly jobLimits?: Errand['jobLimits'];
  /** The first job fails and is retried. */
  readonly retries?: boolean;
  /** A file is mirrored into a new segment. */
  readonly mirror?: SourceFile;
  /** The endpoints of a project are deleted by a list. */
  readonly deletes?: boolean;
  /** A user with several endpoints is erased. */
  readonly erases?: boolean;
  /** Milliseconds by which the wall clock of the interrupted process is wrong; after 5 seconds, twice as many. */
  readonly skewMs?: number;
  /** Set again for each process. */
  readonly faults?: FaultSettings;
}

/** A scenario in its own project and folders. */
export interface Cell {
  readonly place: Workplace;
  readonly errand: Errand;
  readonly projectId: string;
  readonly prefix: string;
  readonly downloads: string;
}

/** Endpoints of each file and project. */
export const endpointCount = 6;
const userId = 'someone';
let cells = 0;

export async function newCell(scenario: Scenario, place: Workplace): Promise<Cell> {
  const number = (cells += 1);
  const { ApplicationResponse: app } = await place.sandbox.pinpoint.send(
    new CreateAppCommand({ CreateApplicationRequest: { Name: `cell ${number}` } }),
  );
  const projectId = app!.Id!;
  const prefix = `cell-${number}`;
  const folder = join(place.folder, prefix);
  const downloads = join(place.folder, `${prefix}-downloads`);
  await mkdir(folder);
  if (scenario.exports !== undefined || scenario.deletes === true || scenario.erases === true) {
    const Item = Array.from({ length: endpointCount }, (_, n) => ({
      Id: `e${n}`,
      ChannelType: 'EMAIL' as const,
      Address: `e${n}@example.com`,
      ...(scenario.erases === true && { User: { UserId: userId } }),
    }));
    await place.sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({ ApplicationId: projectId, EndpointBatchRequest: { Item } }),
    );
  }
  const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
  const { imports = [], exports = 0, maxRunning = 2, retries = false } = scenario;
  const errand: Errand = {
    sandbox: { endpoint, region, accessKeyId, secretAccessKey },
    folder,
    imports: imports.map((own, n) =>
      place.importPlan(own, {
        projectId,
        prefix,
        segmentName: `Segment ${n}`,
        // Exports don't depend on the progress of imports.
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
    bulk: scenario.deletes === true ? await deletionOf(place, projectId, prefix) : undefined,
    erasure: scenario.erases === true ? { projectId, userId } : undefined,
    killAt: 0,
    skewMs: scenario.skewMs,
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
): Promise<NonNullable<Errand['bulk']>> {
  const ids = Array.from({ length: endpointCount }, (_, n) => `e${n}\n`).join('');
  const { path } = await place.file(`${prefix}-list/gone.txt`, ids);
  return { kind: 'delete-endpoints', projectId, source: path };
}

/** A region has at most 100 projects. */
export async function closeCell({ projectId, place }: Cell): Promise<void> {
  await place.sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: projectId }));
}

/** Exactly one of everything: jobs, segments, objects, copies; or a recorded double. */
export async function checkCell(cell: Cell, scenario: Scenario, runs: Runs): Promise<void> {
  if (scenario.mirror !== undefined) await checkMirror(cell, runs);
  else if (scenario.deletes === true) await checkDeletion(cell);
  else if (scenario.erases === true) await checkErasure(cell);
  else await checkRuns(cell, scenario, runs);
}

async function checkRuns(cell: Cell, scenario: Scenario, runs: Runs): Promise<void> {
  const { imports = [], exports = 0, retries = false } = scenario;
  const { place } = cell;
  const records = runs.list();
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

  // The bucket has what was sent, and nothing else.
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
      Array.from({ length: endpointCount }, (_, n) => `e${n}`),
    );
    const inFolder = await readdir(cell.downloads);
    assert.deepEqual(inFolder.sort(), found.map((file) => basename(file)).sort(), 'one copy');
  }
  const left = (await readdir(cell.errand.folder)).filter((name) => /\.(bad|cancel)$/.test(name));
  assert.deepEqual(left, []);
}

/** One segment, created by one import, and verified. */
async function checkMirror({ errand, projectId, place }: Cell, runs: Runs): Promise<void> {
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
  const imports = runs.list().filter(({ kind }) => kind === 'import');
  const doubles = imports.flatMap(doublesOf);
  assert.equal(jobs?.Item?.length, 1 + doubles.length);
  assert.deepEqual(
    segments?.Item?.map(({ Id }) => Id).sort(),
    [last.segmentId, ...doubles.map(({ segmentId }) => segmentId)].sort(),
  );
  assert.deepEqual(
    (await readdir(folder)).filter((name) => /^export-\w+$/.test(name)),
    [],
    'no endpoints are left on the disk',
  );
  mirrors.dispose();
}

/** All are gone, and the results say so of each: what an interrupted process deleted isn't taken for absent. */
async function checkDeletion({ errand }: Cell): Promise<void> {
  const { source } = errand.bulk!;
  const bulk = new Bulk({ folder: memoryOf(errand), log: noLog });
  const [record, ...others] = await bulk.list();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [record?.state, record?.counts],
    ['completed', { done: endpointCount, absent: 0, failed: 0 }],
  );
  const rows = Array.from({ length: endpointCount }, (_, n) => `${n + 1},e${n},done,\n`);
  assert.equal(await readFile(record!.results!, 'utf8'), `Line,Id,Outcome,Message\n${rows.join('')}`);
  const names = (await readdir(join(source, '..'))).sort();
  assert.deepEqual(names, [basename(record!.results!), basename(source)].sort(), 'one file of results');
  assert.equal((await readFile(source, 'utf8')).length, 3 * endpointCount, 'the list is as it was');
  const left = (await readdir(memoryOf(errand))).filter((name) => /journal|\.bad$/.test(name));
  assert.deepEqual(left, [], 'no journal is left');
  bulk.dispose();
}

/** The user is gone, and so is the intent, which names it. */
async function checkErasure({ errand, projectId, place }: Cell): Promise<void> {
  await assert.rejects(
    place.sandbox.pinpoint.send(new GetUserEndpointsCommand({ ApplicationId: projectId, UserId: userId })),
    { name: 'NotFoundException' },
  );
  const left = (await readdir(memoryOf(errand))).filter((name) => name.endsWith('.erasure'));
  assert.deepEqual(left, []);
}
