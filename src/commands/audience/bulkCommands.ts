import * as vscode from 'vscode';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { commandIds } from '../../host/commandIds.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import { chooseProject } from '../prompts/chooseProject.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { runBulk, type BulkServices } from './runBulk.ts';
import { resumeBulk } from './resumeBulk.ts';
import { chooseIdFile, readChange, askForChange, chooseKind } from './bulkQuestions.ts';
import { confirmBulk, countItems, type BulkRequest } from './confirmBulk.ts';

type Ids = Pick<typeof commandIds, 'updateEndpoints' | 'deleteEndpoints' | 'resumeBulk'>;

export function bulkCommands(services: BulkServices): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.updateEndpoints]: (call) => updateEndpoints(call, services),
    [commandIds.deleteEndpoints]: (call) => deleteEndpoints(call, services),
    [commandIds.resumeBulk]: (call) => resumeBulk(call, services),
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
  request: BulkRequest,
  services: BulkServices,
): Promise<BulkRecord> {
  const items = await countItems(request);
  const action = await confirmBulk(call, request, items);
  const { connection, project, kind, change } = request;
  const { path, bytes, modified } = items.file;
  const confirmed = { bytes, modified };
  const plan = { kind, projectId: project.id, projectName: project.name, source: path, confirmed, change };
  return runBulk(call, action, services, (signal, report) =>
    services.bulk.start(connection, plan, { signal, onProgress: report }),
  );
}
