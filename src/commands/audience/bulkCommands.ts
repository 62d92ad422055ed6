import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { commandIds } from '../../host/commandIds.ts';
import { baseName, formatCount, formatDuration, plural } from '../../host/format.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import { outsideFact } from '../framework/unattended.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { type BulkServices, run } from './runBulk.ts';
import { resume } from './resumeBulk.ts';
import { chooseIdFile, readChange, askForChange, chooseKind } from './bulkQuestions.ts';
import { type BulkRequest, countItems, describe } from './confirmBulk.ts';

type Ids = Pick<typeof commandIds, 'updateEndpoints' | 'deleteEndpoints' | 'resumeBulk'>;

export function bulkCommands(services: BulkServices): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.updateEndpoints]: (call) => updateEndpoints(call, services),
    [commandIds.deleteEndpoints]: (call) => deleteEndpoints(call, services),
    [commandIds.resumeBulk]: (call) => resume(call, services),
  };
}

/**
 * Sends the endpoints of a file to the service, 100 per request and two requests per second, without a bucket or an import job.
 * Resolves with the record of the operation when it is done or paused.
 */
async function updateEndpoints(wanted: Invocation, services: BulkServices): Promise<BulkRecord> {
  const { change: text } = readOptions(wanted, { change: 'string' });
  const { call, file } = await chooseIdFile(wanted, vscode.l10n.t('Update Endpoints'));
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, vscode.l10n.t('Update Endpoints'), connection, services);
  const given = text === undefined ? undefined : readChange(text);
  return updateFromFile(call, { connection, project, file, change: given }, services);
}

/** Updates the endpoints of a file, after a confirmation; prompts for the change if the file only has Ids. */
export async function updateFromFile(
  call: Invocation,
  { connection, project, file, change: given }: Omit<BulkRequest, 'kind'>,
  services: BulkServices,
): Promise<BulkRecord> {
  const change = given ?? (await askForChange(call, file));
  return confirmAndRun(call, { connection, project, file, kind: 'update-endpoints', change }, services);
}

/** Deletes the endpoints or users that a file lists, five per second. */
async function deleteEndpoints(wanted: Invocation, services: BulkServices): Promise<BulkRecord> {
  const options = readOptions(wanted, { what: 'string' });
  const { call, file } = await chooseIdFile(wanted, vscode.l10n.t('Delete Endpoints'));
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, vscode.l10n.t('Delete Endpoints'), connection, services);
  const kind = await chooseKind(call, options.what);
  return confirmAndRun(call, { connection, project, file, kind }, services);
}

async function confirmAndRun(
  call: Invocation,
  job: BulkRequest,
  services: BulkServices,
): Promise<BulkRecord> {
  const { connection, project, file, kind, change } = job;
  const { total, problems, problem } = await countItems(job);
  const sendable = total - problems;
  if (total > 0 && sendable === 0) {
    throw new AudienceError('bad-input', `No record of ${baseName(file.path)} can be sent: ${problem}`, {
      help: 'Select a file with a column Id or User.UserId, or a text file with one Id per line.',
    });
  }
  const { question, action, seconds } = describe(kind, sendable);
  await confirmIn(
    call,
    question,
    job,
    [
      [vscode.l10n.t('File'), baseName(file.path)],
      await outsideFact([file]),
      [vscode.l10n.t('Records'), formatCount(total)],
      [
        vscode.l10n.t('Caution'),
        problems > 0
          ? plural(
              problems,
              "1 record can't be sent: {1}",
              "{0} records can't be sent, the first: {1}",
              problem,
            )
          : undefined,
      ],
      [vscode.l10n.t('Change'), change && JSON.stringify(change)],
      [
        vscode.l10n.t('Duration'),
        vscode.l10n.t(
          '{0} at the rate that the service allows',
          formatDuration(Math.max(1, Math.round(seconds)) * 1000),
        ),
      ],
    ],
    action,
    'warning',
  );
  const plan = { kind, projectId: project.id, projectName: project.name, source: file.path, change };
  return run(call, action, { connection, services }, (signal, report) =>
    services.bulk.start(connection, plan, { signal, onProgress: report }),
  );
}
