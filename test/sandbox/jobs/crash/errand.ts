import type { Connection } from '../../../../src/aws/connection.ts';
import { wantsDownload } from '../../../../src/jobs/record.ts';
import type { ExportPlan, ImportPlan, Runs } from '../../../../src/jobs/runs.ts';

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
  readonly killAt: number;
}

/** Takes up what is there, begins what is not begun, and sees everything to its end, with its download. */
export async function runErrand(errand: Errand, runs: Runs, connection: Connection): Promise<void> {
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
