import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { baseName, formatCount } from '../../host/format.ts';
import { withCancellableProgress, type Work } from '../../host/progress.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { runFromButton } from '../framework/showError.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

export type BulkServices = Pick<CommandServices, 'session' | 'memory' | 'bulk' | 'log'>;

/** Continues a paused operation. */
export function resumeOperation(
  call: Invocation,
  record: BulkRecord,
  connection: Connection,
  services: BulkServices,
): Promise<BulkRecord> {
  return runBulk(call, titleOf(record), services, (signal, report) =>
    services.bulk.resume(connection, record.id, { signal, onProgress: report }),
  );
}

/** Runs an operation to its end, or until the cancel button pauses it. */
export async function runBulk(
  call: Invocation,
  title: string,
  services: BulkServices,
  start: Work<BulkRecord>,
): Promise<BulkRecord> {
  const record = await withCancellableProgress(vscode.l10n.t('{0} (Cancel pauses it)', title), start);
  if (!call.isProgrammatic) {
    const resume = async (): Promise<BulkRecord> =>
      resumeOperation(call, record, await requireConnection(services, call), services);
    void notifyOutcome(record, () => runFromButton(resume, services.log));
  }
  return record;
}

async function notifyOutcome(record: BulkRecord, resume: () => Promise<void>): Promise<void> {
  const { counts, trouble, results } = record;
  const summary = [
    vscode.l10n.t('{0} done', formatCount(counts.done)),
    counts.absent > 0 && vscode.l10n.t('{0} not found', formatCount(counts.absent)),
    counts.failed > 0 && vscode.l10n.t('{0} failed', formatCount(counts.failed)),
  ]
    .filter(Boolean)
    .join(', ');
  if (record.state === 'completed') {
    const show = vscode.l10n.t('Show Results');
    const message = `${titleOf(record)}: ${summary}.`;
    const choice = await (counts.failed > 0
      ? notify('warning', message, show)
      : notify('info', message, show));
    if (choice === show && results !== undefined) {
      await vscode.window.showTextDocument(vscode.Uri.file(results));
    }
    return;
  }
  const again = vscode.l10n.t('Resume');
  const paused = vscode.l10n.t(
    '{0}: paused at {1} of {2}.',
    titleOf(record),
    formatCount(processedOf(record)),
    formatCount(record.total),
  );
  const choice = trouble
    ? await notify('error', [paused, trouble.message, trouble.help].filter(Boolean).join(' '), again)
    : await notify('info', paused, again);
  if (choice === again) await resume();
}

export function processedOf({ counts }: BulkRecord): number {
  return counts.done + counts.absent + counts.failed;
}

export function titleOf({ kind, source }: BulkRecord): string {
  const file = baseName(source.path);
  switch (kind) {
    case 'update-endpoints':
      return vscode.l10n.t('Update endpoints of {0}', file);
    case 'delete-endpoints':
      return vscode.l10n.t('Delete endpoints listed in {0}', file);
    case 'delete-users':
      return vscode.l10n.t('Delete users listed in {0}', file);
  }
}
