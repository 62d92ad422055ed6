import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../../../../src/aws/connection/connection.ts';
import { AudienceError } from '../../../../src/errors.ts';
import { Bulk, type BulkPlan } from '../../../../src/jobs/bulk/bulkService.ts';
import { Erasure, type ErasureRequest } from '../../../../src/jobs/erasure.ts';
import type { MirrorRequest, MirrorResources } from '../../../../src/jobs/mirror/mirrorPlan.ts';
import { Mirrors } from '../../../../src/jobs/mirror/mirrors.ts';
import type { Clock } from '../../../../src/jobs/runs/clock.ts';
import { wantsDownload } from '../../../../src/jobs/runs/runRecord.ts';
import type { ExportPlan, ImportPlan, Runs } from '../../../../src/jobs/runs/runs.ts';
import { noLog } from '../../../../src/log.ts';

/** What a process does, which may be killed or suspended meanwhile. */
export interface Errand {
  readonly sandbox: Readonly<Record<'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey', string>>;
  readonly folder: string;
  readonly imports: readonly ImportPlan[];
  readonly exports: readonly ExportPlan[];
  readonly maxRunning: number;
  readonly jobLimits: { readonly bytes: number; readonly files: number };
  /** Retry failed imports. */
  readonly retries: boolean;
  readonly mirror?: { readonly request: MirrorRequest; readonly places: MirrorResources } | undefined;
  readonly bulk?: BulkPlan | undefined;
  readonly erasure?: ErasureRequest | undefined;
  /** The number of the moment in which it is killed, from 1; 0 for none. */
  readonly killAt: number;
  /** Suspended at `killAt` instead of killed. */
  readonly freezes?: boolean | undefined;
  /** How often faster than a clock its clock is; 20 by default. */
  readonly speed?: number | undefined;
  /** Milliseconds without a heartbeat after which it takes others over. */
  readonly leaseTtlMs?: number | undefined;
  /** Milliseconds by which the wall clock of the process is wrong; after 5 seconds, twice as many. */
  readonly skewMs?: number | undefined;
}

/** How an errand is run. */
export interface ErrandRun {
  readonly runs: Runs;
  readonly connection: Connection;
  readonly clock: Clock;
  /** Milliseconds without a heartbeat after which others are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

/** Continues what exists, starts what doesn't, and sees everything to its end, downloads included. */
export async function runErrand(errand: Errand, run: ErrandRun): Promise<void> {
  await runImportsAndExports(errand, run);
  if (errand.mirror) await mirror(errand, run);
  if (errand.bulk) await bulk(errand, run);
  if (errand.erasure) await erase(errand, run);
}

/** The folder of an errand's mirrors, bulk operations and erasures. */
export function memoryOf({ folder }: Pick<Errand, 'folder'>): string {
  return `${folder}-memory`;
}

async function runImportsAndExports(errand: Errand, { runs, connection }: ErrandRun): Promise<void> {
  await runs.ready;
  await runs.resume(connection);
  const begun = new Set(runs.list().map((run) => run.import?.segmentName ?? run.export?.segmentName));
  await Promise.all([
    ...errand.imports
      .filter(({ segmentName }) => !begun.has(segmentName))
      .map((plan) => runs.startImport(connection, plan, {})),
    ...errand.exports
      .filter(({ segmentName }) => !begun.has(segmentName))
      .map((plan) => runs.startExport(connection, plan, {})),
  ]);
  for (const { id } of runs.list()) {
    const run = await runs.waitFor(id);
    if (errand.retries && run.state === 'failed') {
      await runs.retry(connection, id, {});
      await runs.waitFor(id);
    }
    if (wantsDownload(run)) await runs.download(connection, id, run.export!.downloadTo!, {});
  }
}

/** Repeats `work` while a suspended process counts as alive: who watches it must be the same all the time. */
async function unlessBusy(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const isBusy = error instanceof AudienceError && error.code === 'conflict';
      if (!isBusy || attempt === 40) throw error;
      await pause(100);
    }
  }
}

/** As the other two, sweeps first, as the editor does at its start. */
async function mirror(errand: Errand, { runs, connection, clock, leaseTtlMs }: ErrandRun): Promise<void> {
  const { request, places } = errand.mirror!;
  const mirrors = new Mirrors({ folder: memoryOf(errand), runs, log: noLog, clock, leaseTtlMs });
  try {
    await mirrors.sweep();
    await unlessBusy(async () => {
      const last = await mirrors.last(request.declaredIn, request.declaration.name);
      if (last?.outcome === 'mirrored') return;
      await mirrors.run(connection, await mirrors.plan(connection, request, places, {}), places, {});
    });
  } finally {
    mirrors.dispose();
  }
}

async function bulk(errand: Errand, { connection, clock, leaseTtlMs }: ErrandRun): Promise<void> {
  const operations = new Bulk({ folder: memoryOf(errand), log: noLog, clock, leaseTtlMs });
  try {
    await operations.sweep();
    await unlessBusy(async () => {
      const [known] = await operations.list();
      if (known === undefined) await operations.start(connection, errand.bulk!, {});
      else if (known.state !== 'completed') await operations.resume(connection, known.id, {});
    });
  } finally {
    operations.dispose();
  }
}

async function erase(errand: Errand, { connection, clock, leaseTtlMs }: ErrandRun): Promise<void> {
  const erasure = new Erasure({ folder: memoryOf(errand), log: noLog, clock, leaseTtlMs });
  try {
    await erasure.sweep();
    await unlessBusy(async () => {
      const receipt = await erasure.erase(connection, errand.erasure!);
      if (!receipt.verified) throw new Error('The user still exists');
    });
  } catch (error) {
    // Erased before.
    if (!(error instanceof AudienceError) || error.code !== 'not-found') throw error;
  } finally {
    erasure.dispose();
  }
}
