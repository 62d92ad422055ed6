import * as vscode from 'vscode';
import { hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { baseName, formatBytes } from '../../host/format.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { allowedToSend, outsideFact } from '../framework/unattended.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { chooseRun } from './chooseRun.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'runs' | 'views'>;

/** Resumes a failed import: staged files and imported parts are kept. Resolves with its record. */
export async function retryRun(wanted: Invocation, services: Services): Promise<RunRecord> {
  const { runs } = services;
  const isFailed = (run: RunRecord): boolean =>
    run.import !== undefined && hasEnded(run) && run.state !== 'completed';
  const run = await chooseRun(wanted, services, vscode.l10n.t('Retry'), isFailed);
  const call = await allowedToSend(wanted, run.import?.files ?? []);
  const connection = await requireConnection(services, call);
  if (call.isInteractive) {
    const { import: into, projectName, projectId } = run;
    await confirm(
      vscode.l10n.t('Retry this import?'),
      [
        ...whoAndWhere(connection),
        [vscode.l10n.t('Project'), `${projectName ?? ''} (${projectId})`],
        [vscode.l10n.t('Segment'), into?.segmentName ?? into?.segmentId],
        [vscode.l10n.t('Bucket'), into && `s3://${into.bucket}/${into.folder}`],
        [vscode.l10n.t('Files'), into?.files.map(({ path }) => baseName(path)).join(', ')],
        await outsideFact(into?.files ?? []),
      ],
      [vscode.l10n.t('Retry')],
    );
  }
  return withCancellableProgress(vscode.l10n.t('Retrying the import'), (signal, report) =>
    runs.retry(connection, run.id, {
      signal,
      onProgress: (done, total, what) =>
        report(done, total, total ? `${what} ${formatBytes(done)} / ${formatBytes(total)}` : what),
    }),
  );
}
