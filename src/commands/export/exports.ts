import { statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../../errors.ts';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import type { ObjectSummary } from '../../aws/s3/stagingService.ts';
import { listEndpointIds, type EndpointIds } from '../../jobs/endpointIds.ts';
import { fileNameOf } from '../../jobs/download/publishFiles.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import type { ExportPlan } from '../../jobs/runs/runs.ts';
import { baseName, formatBytes, formatCount, formatTime, plural } from '../../host/format.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { askOne, askSteps, openDialog } from '../../host/prompts.ts';
import { unzipLimit } from '../../host/settings.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import {
  destinationOf,
  destinationSteps,
  rememberDestination,
  settled,
  type Destination,
  type Settled,
} from '../prompts/destination.ts';
import { commandIds } from '../../host/commandIds.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { segmentQuestion } from '../prompts/questions.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { openIfSmall } from '../framework/openIfSmall.ts';

type ExportServices = Pick<CommandServices, 'session' | 'runs' | 'memory'>;
type Services = ExportServices;
type Ids = Pick<
  typeof commandIds,
  'exportProject' | 'exportSegment' | 'downloadExport' | 'listEndpointIds' | 'deleteExport'
>;

export function exportCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.exportProject]: (call) => startExport(call, 'project', services),
    [commandIds.exportSegment]: (call) => startExport(call, 'segment', services),
    [commandIds.downloadExport]: (call) => downloadExport(call, services),
    [commandIds.listEndpointIds]: (call) => listIds(call, services),
    [commandIds.deleteExport]: (call) => deleteExport(call, services),
  };
}

interface Draft extends Destination {
  readonly segment: Segment | undefined;
}

/** Prompts for what is missing, confirms once, and creates the job. Resolves with the run's record once the service has created it. */
export async function startExport(
  call: Invocation,
  what: 'project' | 'segment',
  services: Services,
): Promise<RunRecord> {
  const { segmentId, version } = readOptions(call, { segmentId: 'string', version: 'number' });
  const connection = await requireConnection(services, call);
  const destination = await destinationOf(call, 'export', connection, services);
  const target = call.targets[0];
  const id = segmentId ?? (target?.kind === 'segment' ? target.segment.id : undefined);
  const given: Draft = {
    ...destination,
    segment:
      what === 'segment' && destination.project && id !== undefined
        ? await connection.audience.getSegment(destination.project.id, id)
        : undefined,
  };
  const draft = call.isInteractive ? await promptForMissing(given, what, connection, services) : given;
  const to = settled(draft, 'export');
  const { segment } = draft;
  if (what === 'segment' && !segment) throw missing('a segment', 'Pass the option segmentId.');
  await connection.staging.bucketRegion(to.bucket, { folder: to.prefix });
  if (call.isInteractive) await confirmExport(to, segment, version, connection);
  await rememberDestination(to, 'export', services);
  const plan: ExportPlan = {
    projectId: to.project.id,
    projectName: to.project.name,
    bucket: to.bucket,
    prefix: to.prefix,
    roleArn: to.roleArn,
    segmentId: segment?.id,
    segmentName: segment?.name,
    segmentVersion: version,
  };
  return withCancellableProgress(
    vscode.l10n.t('Starting the export'),
    (signal) => services.runs.startExport(connection, plan, { signal }),
    call.signal,
  );
}

async function promptForMissing(
  given: Draft,
  what: 'project' | 'segment',
  connection: Connection,
  services: Services,
): Promise<Draft> {
  const steps = destinationSteps(given, 'export', connection, services);
  const title = what === 'project' ? vscode.l10n.t('Export Project') : vscode.l10n.t('Export Segment');
  return askSteps(title, given, [
    steps.project,
    {
      skip: () => what === 'project' || given.segment !== undefined,
      ask: async (asker, draft) => ({
        ...draft,
        segment: await asker.pick(segmentQuestion(connection, draft.project!)),
      }),
    },
    steps.bucket,
    steps.role,
  ]);
}

async function confirmExport(
  { project, bucket, prefix, roleArn }: Settled,
  segment: Segment | undefined,
  version: number | undefined,
  connection: Connection,
): Promise<void> {
  await confirm(
    vscode.l10n.t('Export {0}?', segment ? (segment.name ?? segment.id) : project.name),
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), `${project.name} (${project.id})`],
      [vscode.l10n.t('Segment'), segment && (segment.name ?? segment.id)],
      [vscode.l10n.t('Version'), version?.toString()],
      [vscode.l10n.t('Bucket'), `s3://${bucket}/${prefix}`],
      [vscode.l10n.t('Role'), roleArn],
    ],
    [vscode.l10n.t('Export')],
  );
}

/** Downloads and unzips an export. Resolves with the paths of the NDJSON files. */
export async function downloadExport(call: Invocation, services: Services): Promise<readonly string[]> {
  const { folder: given } = readOptions(call, { folder: 'string' });
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const folder = given ?? (call.isInteractive ? await askForFolder(run) : defaultFolder(run));
  if (folder === undefined) throw missing('a folder', 'Pass the option folder.');
  const files = await withCancellableProgress(
    vscode.l10n.t('Downloading the export'),
    (signal, report) =>
      services.runs.download(connection, run.id, folder, {
        signal,
        onProgress: (done, total, what) => report(done, total, `${what} ${formatBytes(done)}`),
        limit: unzipLimit(),
        ...(call.isInteractive && { onLimit: (unzipped: number) => confirmLarge(run, folder, unzipped) }),
      }),
    call.signal,
  );
  if (!call.isProgrammatic) await showDownloads(files, folder);
  return files;
}

/** A small export can unzip to more than the disk holds. */
async function confirmLarge(run: RunRecord, folder: string, unzipped: number): Promise<boolean> {
  const { free } = await statfs(folder).then(
    ({ bavail, bsize }) => ({ free: bavail * bsize }),
    () => ({ free: undefined }),
  );
  const proceed = vscode.l10n.t('Continue');
  return confirm(
    vscode.l10n.t('The export is larger than expected. Continue?'),
    [
      [vscode.l10n.t('Export'), nameOfRun(run)],
      [vscode.l10n.t('Unzipped so far'), formatBytes(unzipped)],
      [vscode.l10n.t('Free disk space'), free === undefined ? undefined : formatBytes(free)],
    ],
    [proceed],
  ).then((answer) => answer === proceed);
}

function nameOfRun(run: RunRecord): string {
  return run.export?.segmentName ?? run.projectName ?? run.projectId;
}

/** Writes the IDs of the exported endpoints to a file, one per line, and opens it. Resolves with its path and their count. */
async function listIds(call: Invocation, services: Services): Promise<EndpointIds> {
  const { folder: given } = readOptions(call, { folder: 'string' });
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const folder = given ?? (call.isInteractive ? await askForFolder(run) : defaultFolder(run));
  if (folder === undefined) throw missing('a folder', 'Pass the option folder.');
  const { bucket, folder: prefix } = run.export!;
  const ids = await withCancellableProgress(vscode.l10n.t('Listing endpoint IDs'), (signal, report) =>
    listEndpointIds(connection.staging, { bucket, prefix, name: nameOfRun(run) }, folder, {
      signal,
      onProgress: (done, total, what) => report(done, total, `${what} ${formatBytes(done)}`),
      limit: unzipLimit(),
      ...(call.isInteractive && { onLimit: (unzipped: number) => confirmLarge(run, folder, unzipped) }),
    }),
  );
  if (!call.isProgrammatic) {
    await openIfSmall([ids.path]);
    void notify(
      'info',
      plural(ids.count, 'Wrote 1 endpoint ID to {1}', 'Wrote {0} endpoint IDs to {1}', baseName(ids.path)),
    );
  }
  return ids;
}

/** Deletes exported objects, which stay in the bucket otherwise (User Guide, segments-exporting). Resolves with their URLs. */
async function deleteExport(call: Invocation, services: Services): Promise<readonly string[]> {
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const { bucket, folder, downloads } = run.export!;
  const found: ObjectSummary[] = [];
  await withCancellableProgress(vscode.l10n.t('Listing exported objects'), async (signal) => {
    for await (const object of connection.staging.list(bucket, folder, signal)) found.push(object);
  });
  if (found.length === 0) {
    throw new AudienceError('not-found', `No objects in s3://${bucket}/${folder}`, {
      help: 'They were deleted or have expired.',
    });
  }
  if (call.isInteractive) {
    const bytes = found.reduce((sum, { size }) => sum + size, 0);
    const names = found.slice(0, 10).map(({ key }) => key.slice(folder.length));
    const more = found.length - names.length;
    await confirm(
      plural(found.length, 'Delete 1 exported object?', 'Delete {0} exported objects?'),
      [
        ...whoAndWhere(connection),
        [vscode.l10n.t('Export'), nameOfRun(run)],
        [vscode.l10n.t('Folder'), `s3://${bucket}/${folder}`],
        [vscode.l10n.t('Size'), formatBytes(bytes)],
        [
          vscode.l10n.t('Objects'),
          [...names, ...(more > 0 ? [vscode.l10n.t('and {0} more', formatCount(more))] : [])].join(', '),
        ],
        [
          vscode.l10n.t('Downloaded'),
          downloads.length === 0 ? vscode.l10n.t('not yet: deleting is permanent') : downloads.at(-1)?.folder,
        ],
      ],
      [vscode.l10n.t('Delete')],
      'warning',
    );
  }
  // Only the objects that were listed, not later ones.
  await connection.staging.delete(found.map(({ key }) => ({ bucket, key })));
  if (!call.isProgrammatic) {
    void notify(
      'info',
      plural(
        found.length,
        'Deleted 1 object from {1}',
        'Deleted {0} objects from {1}',
        `s3://${bucket}/${folder}`,
      ),
    );
  }
  return found.map(({ key }) => formatS3Url({ bucket, key }));
}

async function chooseExport(call: Invocation, { runs }: Services): Promise<RunRecord> {
  const target = call.targets[0];
  const id =
    textOf(call) ??
    (target?.kind === 'run' ? target.run.id : target?.kind === 'job' ? target.job.id : undefined);
  if (id !== undefined) {
    const run = runs.get(id);
    if (!run?.export) {
      throw new AudienceError('not-found', `No export has this ID: ${id}`, {
        help: "Only exports started here can be downloaded: the service doesn't report where others were written.",
      });
    }
    if (run.state === 'completed') return run;
    throw new AudienceError('bad-input', "The export hasn't completed", {
      help: 'Download it once the Jobs view shows it as completed.',
    });
  }
  const exports = runs.list().filter((run) => run.export && run.state === 'completed');
  if (exports.length === 0) {
    throw new AudienceError('not-found', 'No completed export to download', {
      help: 'Export a project or a segment first.',
    });
  }
  if (!call.isInteractive) throw missing('an export', 'Pass its job ID.');
  return askOne(vscode.l10n.t('Download Export'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select an export'),
      choices: exports.map((run) => ({
        label: nameOfRun(run),
        description: formatTime(run.created),
        detail: plural(run.job?.totalProcessed ?? 0, '1 endpoint', '{0} endpoints'),
        value: run,
      })),
    }),
  );
}

/** Below the first workspace folder; none without a workspace. */
function defaultFolder(run: RunRecord): string | undefined {
  const root = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  return root === undefined ? undefined : join(root, 'exports', folderName(run));
}

function folderName(run: RunRecord): string {
  return `${fileNameOf(nameOfRun(run)).replaceAll(' ', '-')}-${run.created.slice(0, 19).replace(/[:T]/g, '-')}`;
}

async function askForFolder(run: RunRecord): Promise<string> {
  const standard = defaultFolder(run);
  const browse = 'browse';
  const choice =
    standard === undefined
      ? browse
      : await askOne(vscode.l10n.t('Download Export'), (asker) =>
          asker.pick({
            placeholder: vscode.l10n.t('Folder to download to'),
            choices: [
              {
                label: vscode.workspace.asRelativePath(standard),
                iconPath: new vscode.ThemeIcon('folder'),
                description: standard,
                value: standard,
              },
              {
                label: vscode.l10n.t('Another folder…'),
                iconPath: new vscode.ThemeIcon('folder-opened'),
                value: browse,
              },
            ],
          }),
        );
  if (choice !== browse) return choice;
  const [chosen] = await openDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    defaultUri: vscode.Uri.file(homedir()),
    openLabel: vscode.l10n.t('Download Here'),
  });
  if (!chosen) throw cancelled();
  return join(chosen.fsPath, folderName(run));
}

/** Opens a single small file; a notification leads to the others. */
async function showDownloads(files: readonly string[], folder: string): Promise<void> {
  const [only] = files;
  await openIfSmall(files);
  const reveal = vscode.l10n.t('Show in Explorer');
  const text =
    files.length === 1
      ? vscode.l10n.t('Downloaded to {0}', vscode.workspace.asRelativePath(only ?? folder))
      : vscode.l10n.t(
          'Downloaded {0} files to {1}',
          formatCount(files.length),
          vscode.workspace.asRelativePath(folder),
        );
  void notify('info', text, reveal).then((choice) => {
    if (choice === reveal)
      void vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(only ?? folder));
  });
}
