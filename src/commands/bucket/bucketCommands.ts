import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { importableObjects } from '../../aws/s3/importableObjects.ts';
import { folderPrefix, formatS3Url } from '../../aws/s3/s3Url.ts';
import type { ObjectSummary, UnfinishedUpload } from '../../aws/s3/stagingService.ts';
import type { Finding } from '../../endpoints/rules/finding.ts';
import type { FileType } from '../../endpoints/model/fileType.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { hasEnded } from '../../jobs/runs/runRecord.ts';
import { hasStaged, listStaged } from '../../jobs/drive/stagedFolders.ts';
import { formatBytes, formatCount, formatTime, plural } from '../../host/format.ts';
import { withCancellableProgress, withQuietProgress } from '../../host/progress.ts';
import { askOne } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { commandIds } from '../../host/commandIds.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { bucketQuestion } from '../prompts/questions.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { flash, notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { chooseLocation } from '../prompts/chooseLocation.ts';
import { checkObjects } from './checkObjects.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'runs' | 'views' | 'documents' | 'validator'>;
type Ids = Pick<typeof commandIds, 'validateObject' | 'deleteStaged' | 'endUploads'>;

export function bucketCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.validateObject]: (call) => validateObject(call, services),
    [commandIds.deleteStaged]: (call) => deleteStaged(call, services),
    [commandIds.endUploads]: (call) => endUploads(call, services),
  };
}

/** What `validateObject` returns for an object. */
interface ObjectSummaryOfFindings {
  readonly url: string;
  readonly type: FileType;
  readonly records: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly truncated: boolean;
  readonly issues: readonly Finding[];
}

/** Shows findings of objects in S3 in a document of their own, since Problems needs a file. */
async function validateObject(
  call: Invocation,
  services: Services,
): Promise<readonly ObjectSummaryOfFindings[]> {
  const location = await chooseLocation(call, services);
  const connection = await requireConnection(services, call);
  const title = vscode.l10n.t('Validating {0}', formatS3Url(location));
  const checked = await withQuietProgress(title, async (signal, report) => {
    const { objects } = await importableObjects(connection.staging, location, signal);
    return checkObjects(connection, location.bucket, objects, services, signal, report);
  });
  if (!call.isProgrammatic) await services.documents.showObjectReport(checked);
  return checked.map(({ url, result }) => {
    const { type, records, errors, warnings, infos, truncated, issues } = result;
    return { url, type, records, errors, warnings, infos, truncated, issues };
  });
}

/** Deletes what an import staged, after listing it. Resolves with the URLs. */
async function deleteStaged(call: Invocation, services: Services): Promise<readonly string[]> {
  const { runs } = services;
  const run = await chooseStagedRun(call, services);
  const connection = await requireConnection(services, call);
  const staged = run.import!;
  const objects = await withQuietProgress(vscode.l10n.t('Listing objects'), async () => {
    const found: ObjectSummary[] = [];
    for await (const object of listStaged(connection.staging, staged)) found.push(object);
    return found;
  });
  const urls = objects.map(({ key }) => formatS3Url({ bucket: staged.bucket, key }));
  if (call.isInteractive) {
    const bytes = objects.reduce((sum, { size }) => sum + size, 0);
    await confirm(
      plural(
        objects.length,
        'Delete 1 object that this import staged?',
        'Delete {0} objects that this import staged?',
      ),
      [
        ...whoAndWhere(connection),
        [vscode.l10n.t('Folder'), formatS3Url({ bucket: staged.bucket, key: staged.folder })],
        [vscode.l10n.t('Objects'), listOf(objects.map(({ key }) => key.slice(staged.folder.length)))],
        [vscode.l10n.t('Size'), formatBytes(bytes)],
        [vscode.l10n.t('Kept'), vscode.l10n.t('local files, and imported endpoints and segments')],
      ],
      [vscode.l10n.t('Delete')],
      'warning',
    );
  }
  const count = await withCancellableProgress(vscode.l10n.t('Deleting staged objects'), () =>
    runs.deleteStaged(connection, run.id),
  );
  if (!call.isProgrammatic) {
    flash(plural(count, '1 object deleted', '{0} objects deleted'), 3000);
    services.views.refresh();
  }
  return urls;
}

async function chooseStagedRun(call: Invocation, { runs, views }: Services): Promise<RunRecord> {
  const id = textOf(call);
  if (id !== undefined) {
    const run = runs.get(id);
    if (run !== undefined) return checkStaged(run);
    throw new AudienceError('not-found', `No run or job has this ID: ${id}`, {
      help: 'Pass the ID of a run in the Jobs view.',
    });
  }
  const targets = call.hasNoArguments ? views.selection() : call.targets;
  const target = targets.find((candidate) => candidate.kind === 'run');
  if (target) return checkStaged(target.run);
  const choices = runs.list().filter(hasStaged);
  if (choices.length === 0) {
    throw new AudienceError('not-found', 'No finished import has staged objects', {
      help: 'Staged objects can be deleted once their import has finished.',
    });
  }
  if (!call.isInteractive) throw missing('a run', 'Pass its ID.');
  return askOne(vscode.l10n.t('Delete Staged Objects'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select an import'),
      choices: choices.map((run) => ({
        label: run.import?.segmentName ?? run.projectName ?? run.projectId,
        description: formatTime(run.created),
        detail: formatS3Url({ bucket: run.import!.bucket, key: run.import!.folder }),
        value: run,
      })),
    }),
  );
}

function checkStaged(run: RunRecord): RunRecord {
  if (hasStaged(run)) return run;
  throw new AudienceError('bad-input', 'This run has no staged objects to delete', {
    help: hasEnded(run) ? 'Select an import that staged its files.' : 'Wait until it has finished.',
  });
}

/** Aborts orphaned uploads below our prefix. Resolves with their URLs. */
async function endUploads(call: Invocation, services: Services): Promise<readonly string[]> {
  const options = readOptions(call, { bucket: 'string', prefix: 'string' });
  const connection = await requireConnection(services, call);
  const bucket = await bucketOf(call, options.bucket, connection, services);
  const prefix = folderPrefix(options.prefix ?? getSetting('staging.prefix'));
  const live = services.runs.list().filter((run) => !hasEnded(run));
  const isLive = ({ key }: UnfinishedUpload): boolean =>
    live.some(({ import: run }) => run?.bucket === bucket && key.startsWith(run.folder));
  const found = await withQuietProgress(vscode.l10n.t('Listing incomplete uploads'), async (signal) => {
    const uploads: UnfinishedUpload[] = [];
    for await (const upload of connection.staging.unfinishedUploads(bucket, prefix, signal)) {
      if (!isLive(upload)) uploads.push(upload);
    }
    return uploads;
  });
  const urls = found.map(({ key }) => formatS3Url({ bucket, key }));
  if (found.length === 0) {
    if (!call.isProgrammatic) {
      void notify(
        'info',
        vscode.l10n.t('No incomplete uploads in {0}.', formatS3Url({ bucket, key: prefix })),
      );
    }
    return urls;
  }
  if (call.isInteractive) {
    await confirm(
      plural(found.length, 'Abort 1 incomplete upload?', 'Abort {0} incomplete uploads?'),
      [
        ...whoAndWhere(connection),
        [vscode.l10n.t('Folder'), formatS3Url({ bucket, key: prefix })],
        [
          vscode.l10n.t('Uploads'),
          listOf(found.map(({ key, begun }) => `${key.slice(prefix.length)} (${formatTime(begun)})`)),
        ],
        [vscode.l10n.t('Caution'), vscode.l10n.t('other people may be uploading to this folder right now')],
      ],
      [vscode.l10n.t('Abort')],
      'warning',
    );
  }
  await withCancellableProgress(vscode.l10n.t('Aborting incomplete uploads'), () =>
    connection.staging.abortUploads(bucket, found),
  );
  return urls;
}

async function bucketOf(
  call: Invocation,
  given: string | undefined,
  connection: Connection,
  { memory }: Services,
): Promise<string> {
  const target = call.targets.find(({ kind }) => kind === 'folder');
  const known = given ?? (target?.kind === 'folder' ? target.bucket : getSetting('staging.bucket'));
  if (known !== '') return known;
  if (!call.isInteractive)
    throw missing('a bucket', 'Pass the option bucket, or set pinpointAudience.staging.bucket.');
  return askOne(vscode.l10n.t('Abort Incomplete Uploads'), (asker) =>
    asker.pick(bucketQuestion(connection, memory.get('bucket.last'))),
  );
}

/** The first names, as many as fit into a question. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  const more = names.length - 5;
  return more > 0 ? vscode.l10n.t('{0} and {1} more', shown, formatCount(more)) : shown;
}
