import type { Connection } from '../../../../src/aws/connection/connection.ts';
import { Bulk, type BulkPlan } from '../../../../src/jobs/bulk/bulkService.ts';
import type { Clock } from '../../../../src/jobs/runs/clock.ts';
import type { MirrorRequest, MirrorResources } from '../../../../src/jobs/mirror/mirrorPlan.ts';
import { Mirrors } from '../../../../src/jobs/mirror/mirrors.ts';
import { wantsDownload } from '../../../../src/jobs/runs/runRecord.ts';
import type { ExportPlan, ImportPlan, Runs } from '../../../../src/jobs/runs/runs.ts';
import { noLog } from '../../../../src/log.ts';

/** What a process that is to be killed does. */
export interface Errand {
  readonly sandbox: Readonly<Record<'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey', string>>;
  readonly folder: string;
  readonly imports: readonly ImportPlan[];
  readonly exports: readonly ExportPlan[];
  readonly maxRunning: number;
  readonly jobLimits: { readonly bytes: number; readonly files: number };
  /** Try failed imports again. */
  readonly retries: boolean;
  readonly mirror?: { readonly request: MirrorRequest; readonly places: MirrorResources } | undefined;
  readonly deletion?: BulkPlan | undefined;
  readonly killAt: number;
  /** Stands still at `killAt` instead of being killed. */
  readonly freezes?: boolean | undefined;
}

/** Takes up what is there, begins what is not begun, and sees everything to its end, with its download. */
export async function runErrand(
  errand: Errand,
  runs: Runs,
  connection: Connection,
  clock: Clock,
): Promise<void> {
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
  if (errand.mirror) await mirror(errand, runs, connection, clock);
  if (errand.deletion) await deletion(errand, connection, clock);
}

/** Where mirrors and work on endpoints of an errand are remembered. */
export function memoryOf({ folder }: Errand): string {
  return `${folder}-memory`;
}

async function mirror(errand: Errand, runs: Runs, connection: Connection, clock: Clock): Promise<void> {
  const { request, places } = errand.mirror!;
  const mirrors = new Mirrors({ folder: memoryOf(errand), runs, log: noLog, clock });
  const last = await mirrors.last(request.declaredIn, request.declaration.name);
  if (last?.outcome !== 'mirrored') {
    await mirrors.run(connection, await mirrors.plan(connection, request, places, {}), places, {});
  }
  mirrors.dispose();
}

async function deletion(errand: Errand, connection: Connection, clock: Clock): Promise<void> {
  const bulk = new Bulk({ folder: memoryOf(errand), log: noLog, clock });
  const [known] = await bulk.list();
  if (known === undefined) await bulk.start(connection, errand.deletion!, {});
  else if (known.state === 'paused') await bulk.resume(connection, known.id, {});
  bulk.dispose();
}
