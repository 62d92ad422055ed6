import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { formatCount, formatTime } from '../../host/format.ts';
import { askOne } from '../../host/prompts.ts';
import { confirm } from '../prompts/confirm.ts';
import { missing, readInvocation, textOf, type Invocation } from '../framework/invocation.ts';
import { runFromButton } from '../framework/showError.ts';
import { notify } from '../../host/notifications.ts';
import { allowedToSend, outsideFact } from '../framework/unattended.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { type BulkServices, titleOf, processedOf, resumeOperation } from './runBulk.ts';

/** Resumes a paused operation, or discards it if the person chooses so. */
export async function resumeBulk(wanted: Invocation, services: BulkServices): Promise<BulkRecord> {
  const record = await chooseUnfinished(wanted, services);
  const call = await allowedToSend(wanted, [record.source]);
  const connection = await requireConnection(services, call);
  if (call.isInteractive && (await askWhatToDo(record)) === 'discard') {
    await services.bulk.forget(record.id);
    return record;
  }
  return resumeOperation(call, record, connection, services);
}

async function askWhatToDo(record: BulkRecord): Promise<'resume' | 'discard'> {
  const { account, region, endpointUrl, projectName, projectId, total, trouble } = record;
  const discard = vscode.l10n.t('Discard');
  const choice = await confirm(
    titleOf(record),
    [
      [vscode.l10n.t('Account'), account],
      [vscode.l10n.t('Region'), region],
      [vscode.l10n.t('Service URL'), endpointUrl],
      [vscode.l10n.t('Project'), `${projectName ?? ''} (${projectId})`],
      [
        vscode.l10n.t('Done'),
        vscode.l10n.t('{0} of {1}', formatCount(processedOf(record)), formatCount(total)),
      ],
      [vscode.l10n.t('Paused by'), trouble?.message],
      await outsideFact([record.source]),
    ],
    [vscode.l10n.t('Resume'), discard],
    'warning',
  );
  return choice === discard ? 'discard' : 'resume';
}

async function chooseUnfinished(call: Invocation, { bulk }: BulkServices): Promise<BulkRecord> {
  const id = textOf(call);
  const unfinished = (await bulk.list()).filter(({ state }) => state === 'paused');
  const found = id === undefined ? undefined : unfinished.find((record) => record.id === id);
  if (found) return found;
  if (unfinished.length === 0 || id !== undefined) {
    throw new AudienceError('not-found', 'No paused bulk operation', {
      help: 'Only operations that were paused can be resumed.',
    });
  }
  if (!call.isInteractive) throw missing('an operation', 'Pass its ID.');
  return askOne(vscode.l10n.t('Resume Bulk Operation'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select an operation'),
      choices: unfinished.map((record) => ({
        label: titleOf(record),
        description: vscode.l10n.t('{0} of {1}', formatCount(processedOf(record)), formatCount(record.total)),
        detail: [formatTime(record.created), record.trouble?.message].filter(Boolean).join(' · '),
        value: record,
      })),
    }),
  );
}

/** Notifies, once and in one window, of operations that a closed window or a crash interrupted. */
export async function notifyOrphanedOperations(services: BulkServices): Promise<void> {
  const resume = vscode.l10n.t('Resume…');
  for (const record of await services.bulk.adoptOrphans()) {
    const { total } = record;
    const choice = await notify(
      'warning',
      vscode.l10n.t(
        '{0}: interrupted at {1} of {2}.',
        titleOf(record),
        formatCount(processedOf(record)),
        formatCount(total),
      ),
      resume,
    );
    if (choice !== resume) continue;
    const call = { ...readInvocation([record.id]), isProgrammatic: false };
    await runFromButton(() => resumeBulk(call, services), services.log);
  }
}
