import * as vscode from 'vscode';
import { AudienceError, isCancelled } from '../../errors.ts';
import type { Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { changeOf, parseDocument } from '../../endpoints/editing/endpointChange.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { BulkKind, BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { commandIds } from '../../host/commandIds.ts';
import { localFile, type LocalFile } from '../../host/files.ts';
import { baseName, formatCount, formatDuration, formatTime, plural } from '../../host/format.ts';
import { withCancellableProgress, type Work } from '../../host/progress.ts';
import { askOne } from '../../host/prompts.ts';
import { chooseUris, saveBeforeSending } from '../prompts/chooseFiles.ts';
import { confirm } from '../prompts/confirm.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import { type CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { allowedToSend } from '../framework/unattended.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { showError } from '../framework/showError.ts';

export type BulkServices = Pick<CommandServices, 'session' | 'memory' | 'bulk' | 'log'>;
type Services = BulkServices;
type Ids = Pick<typeof commandIds, 'updateEndpoints' | 'deleteEndpoints' | 'resumeBulk'>;

export function bulkCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.updateEndpoints]: (call) => updateEndpoints(call, services),
    [commandIds.deleteEndpoints]: (call) => deleteEndpoints(call, services),
    [commandIds.resumeBulk]: (call) => resume(call, services),
  };
}

const idFiles = ['csv', 'ndjson', 'jsonl', 'txt'];

/**
 * Sends the endpoints of a file to the service, 100 per request and two requests per second, without a bucket or an import job.
 * Resolves with the record of the operation when it is done or paused.
 */
async function updateEndpoints(wanted: Invocation, services: Services): Promise<BulkRecord> {
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
async function deleteEndpoints(wanted: Invocation, services: Services): Promise<BulkRecord> {
  const options = readOptions(wanted, { what: 'string' });
  const { call, file } = await chooseIdFile(wanted, vscode.l10n.t('Delete Endpoints'));
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, vscode.l10n.t('Delete Endpoints'), connection, services);
  const kind = await chooseKind(call, options.what);
  return confirmAndRun(call, { connection, project, file, kind }, services);
}

interface BulkRequest {
  readonly connection: Connection;
  readonly project: Project;
  readonly file: LocalFile;
  readonly kind: BulkKind;
  readonly change?: EndpointDefinition | undefined;
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

/** How many records the file has, how many of them can't be sent, and why the first of those can't. */
async function countItems({ file, kind, change }: BulkRequest): Promise<{
  readonly total: number;
  readonly problems: number;
  readonly problem: string;
}> {
  const { bulkItems } = await import('../../jobs/bulk/bulkItems.ts');
  let total = 0;
  let problems = 0;
  let first = '';
  for await (const { problem, line } of bulkItems(file.path, kind, change)) {
    total++;
    if (problem === undefined) continue;
    if (problems++ === 0) first = vscode.l10n.t('{0} (line {1})', problem, line);
  }
  return { total, problems, problem: first };
}

function describe(
  kind: BulkKind,
  total: number,
): { readonly question: string; readonly action: string; readonly seconds: number } {
  switch (kind) {
    case 'update-endpoints':
      return {
        question: plural(total, 'Update 1 endpoint?', 'Update {0} endpoints?'),
        action: vscode.l10n.t('Update'),
        seconds: Math.ceil(total / 100) / 2,
      };
    case 'delete-endpoints':
      return {
        question: plural(total, 'Permanently delete 1 endpoint?', 'Permanently delete {0} endpoints?'),
        action: vscode.l10n.t('Delete'),
        seconds: total / 5,
      };
    case 'delete-users':
      return {
        question: plural(
          total,
          'Permanently delete 1 user and all their endpoints?',
          'Permanently delete {0} users and all their endpoints?',
        ),
        action: vscode.l10n.t('Delete'),
        seconds: total / 5,
      };
  }
}

/** Resumes a paused operation, or discards it if the person chooses so. */
async function resume(wanted: Invocation, services: Services): Promise<BulkRecord> {
  const record = await chooseUnfinished(wanted, services);
  const call = await allowedToSend(wanted, [record.source]);
  const connection = await requireConnection(services, call);
  if (call.isInteractive) {
    const go = vscode.l10n.t('Resume');
    const discard = vscode.l10n.t('Discard');
    const { account, region, endpointUrl, projectName, projectId, total } = record;
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
        [vscode.l10n.t('Paused by'), record.trouble?.message],
      ],
      [go, discard],
      'warning',
    );
    if (choice === discard) {
      await services.bulk.forget(record.id);
      return record;
    }
  }
  return resumeOperation(call, record, connection, services);
}

function resumeOperation(
  call: Invocation,
  record: BulkRecord,
  connection: Connection,
  services: Services,
): Promise<BulkRecord> {
  return run(call, titleOf(record), { connection, services }, (signal, report) =>
    services.bulk.resume(connection, record.id, { signal, onProgress: report }),
  );
}

async function chooseUnfinished(call: Invocation, { bulk }: Services): Promise<BulkRecord> {
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

/** The cancel button pauses. */
async function run(
  call: Invocation,
  title: string,
  { connection, services }: { readonly connection: Connection; readonly services: Services },
  start: Work<BulkRecord>,
): Promise<BulkRecord> {
  const record = await withCancellableProgress(vscode.l10n.t('{0} (Cancel pauses it)', title), start);
  const again = async (): Promise<void> => {
    try {
      await resumeOperation(call, record, connection, services);
    } catch (error) {
      if (!isCancelled(error)) showError(error, services.log, again);
    }
  };
  if (!call.isProgrammatic) void notifyOutcome(record, again);
  return record;
}

/** Notifies, once and in one window, of operations that a closed window or a crash interrupted. */
export async function notifyOrphanedOperations({ bulk }: Pick<CommandServices, 'bulk'>): Promise<void> {
  const resume = vscode.l10n.t('Resume…');
  for (const record of await bulk.adoptOrphans()) {
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
    if (choice === resume) await vscode.commands.executeCommand(commandIds.resumeBulk, record.id);
  }
}

async function notifyOutcome(record: BulkRecord, resumed: () => Promise<void>): Promise<void> {
  const { counts, trouble, results } = record;
  const said = [
    vscode.l10n.t('{0} done', formatCount(counts.done)),
    counts.absent > 0 && vscode.l10n.t('{0} not found', formatCount(counts.absent)),
    counts.failed > 0 && vscode.l10n.t('{0} failed', formatCount(counts.failed)),
  ]
    .filter(Boolean)
    .join(', ');
  if (record.state === 'completed') {
    const show = vscode.l10n.t('Show Results');
    const message = `${titleOf(record)}: ${said}.`;
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
  if (choice === again) await resumed();
}

function processedOf({ counts }: BulkRecord): number {
  return counts.done + counts.absent + counts.failed;
}

function titleOf({ kind, source }: BulkRecord): string {
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

async function chooseIdFile(
  call: Invocation,
  title: string,
): Promise<{ readonly call: Invocation; readonly file: LocalFile }> {
  const uris = await chooseUris(call, title, idFiles);
  if (uris.length > 1) {
    throw new AudienceError('bad-input', 'Only one file at a time', {
      help: 'Select one file.',
    });
  }
  const allowed = await saveBeforeSending(call, [await localFile(uris[0]!)]);
  return { call: allowed.call, file: allowed.files[0]! };
}

/** The change to make to each endpoint, if the file only has their Ids. */
async function askForChange(call: Invocation, file: LocalFile): Promise<EndpointDefinition | undefined> {
  if (!(await hasOnlyIds(file))) return undefined;
  if (!call.isInteractive)
    throw missing('a change', 'The file only has Ids: pass the option change, as JSON.');
  const text = await askOne(vscode.l10n.t('Update Endpoints'), (asker) =>
    asker.input({
      prompt: vscode.l10n.t('The file only has Ids. Change to make to each endpoint, as JSON'),
      placeholder: '{"OptOut":"ALL"}',
      check: (json) => {
        try {
          readChange(json);
          return undefined;
        } catch (error) {
          return error instanceof AudienceError ? error.message : String(error);
        }
      },
    }),
  );
  return readChange(text);
}

async function hasOnlyIds(file: LocalFile): Promise<boolean> {
  if (/\.txt$/i.test(file.path)) return true;
  const { bulkItems } = await import('../../jobs/bulk/bulkItems.ts');
  for await (const { item } of bulkItems(file.path, 'update-endpoints')) {
    return item !== undefined && Object.keys(item).length === 1;
  }
  return false;
}

function readChange(text: string): EndpointDefinition {
  const change = changeOf({ Id: '' }, { Id: '', ...(parseDocument(text) as object) });
  if (change) return change.request;
  throw new AudienceError('bad-input', 'The change is empty', { help: 'Write it like {"OptOut":"ALL"}.' });
}

async function chooseKind(call: Invocation, given: string | undefined): Promise<BulkKind> {
  if (given === 'endpoints' || given === 'users') return `delete-${given}`;
  if (given !== undefined || !call.isInteractive) {
    throw new AudienceError('bad-input', 'Not specified whether the file lists endpoints or users', {
      help: 'Pass the option what: "endpoints" or "users".',
    });
  }
  return askOne(vscode.l10n.t('Delete Endpoints'), (asker) =>
    asker.pick<BulkKind>({
      placeholder: vscode.l10n.t('What does the file list?'),
      choices: [
        {
          label: vscode.l10n.t('Endpoints'),
          description: vscode.l10n.t('by column Id'),
          value: 'delete-endpoints',
        },
        {
          label: vscode.l10n.t('Users'),
          description: vscode.l10n.t('by column User.UserId, with all endpoints of each'),
          value: 'delete-users',
        },
      ],
    }),
  );
}
