import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { failureTexts, type FoundFailures } from '../../jobs/failures/findFailures.ts';
import { partIndexes, runJob } from '../../jobs/runs/parts.ts';
import { hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { isCancellable } from '../../jobs/drive/retry.ts';
import type { Runs } from '../../jobs/runs/runs.ts';
import { commandIds } from '../../host/commandIds.ts';
import { baseName, formatBytes, formatTime, plural } from '../../host/format.ts';
import { withCancellableProgress, withQuietProgress } from '../../host/progress.ts';
import { askOne, type Choice } from '../../host/prompts.ts';
import { fits, runStates, type FilteredState, type RunFilter } from '../../host/runFilter.ts';
import type { Target } from '../../host/targets.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { readOptions, textOf, type Invocation, missing, withArguments } from '../framework/invocation.ts';
import { importFile, type ImportServices } from '../import/importFile.ts';
import { importFromS3 } from '../import/importFromS3.ts';
import { startExport } from '../export/exports.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { allowedToSend } from '../framework/unattended.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = ImportServices &
  Pick<CommandServices, 'runs' | 'views' | 'documents' | 'failures' | 'session' | 'memory'>;
type Ids = Pick<
  typeof commandIds,
  | 'showJob'
  | 'showFailures'
  | 'markFailures'
  | 'runAgain'
  | 'retryRun'
  | 'cancelRun'
  | 'watchJob'
  | 'filterJobs'
  | 'clearJobsFilter'
  | 'forgetRun'
>;

export function jobCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { documents, views } = services;
  return {
    [commandIds.showJob]: async (call) => documents.showJob(await chooseJob(call, services)),
    [commandIds.showFailures]: async (call) => documents.showJob(await chooseJob(call, services), 'failures'),
    [commandIds.markFailures]: (call) => markFailures(call, services),
    [commandIds.runAgain]: (call) => runAgain(call, services),
    [commandIds.retryRun]: (call) => retryRun(call, services),
    [commandIds.cancelRun]: (call) => cancelRun(call, services),
    [commandIds.watchJob]: (call) => watchJobs(call, services),
    [commandIds.filterJobs]: (call) => filterJobs(call, services),
    [commandIds.clearJobsFilter]: () => {
      views.jobsFilter = undefined;
    },
    [commandIds.forgetRun]: (call) => forgetRuns(call, services),
  };
}

type JobTarget = Extract<Target, { kind: 'run' | 'job' }>;

async function chooseJob(call: Invocation, services: Services): Promise<JobTarget> {
  const node = call.targets.find(isJob);
  return node ?? { kind: 'run', run: await chooseRun(call, services, vscode.l10n.t('Show Job')) };
}

/** The run that is named, clicked or selected, else the one that is picked among those that `isMeant`. */
async function chooseRun(
  call: Invocation,
  { runs, views }: Services,
  title: string,
  isMeant: (run: RunRecord) => boolean = () => true,
): Promise<RunRecord> {
  const id = textOf(call);
  if (id !== undefined) return known(runs, id);
  const selected = call.hasNoArguments ? views.selection() : call.targets;
  const target = selected.find((candidate) => candidate.kind === 'run');
  // From the palette, a selection of several is ambiguous.
  if (target && (!call.hasNoArguments || selected.length === 1)) return known(runs, target.run.id);
  const all = runs.list().filter(isMeant);
  if (all.length === 0) {
    throw new AudienceError('not-found', 'No matching job', {
      help: 'Import a file, or export a project.',
    });
  }
  if (!call.isInteractive) throw missing('a job', 'Pass its ID.');
  return askOne(title, (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select a job'),
      choices: all.map((record) => ({
        label: titleOf(record),
        description: `${record.kind} · ${record.state}`,
        detail: formatTime(record.created),
        value: record,
      })),
    }),
  );
}

/** Shows in Problems and in the file which lines the service rejected. Resolves with what was found. */
async function markFailures(call: Invocation, services: Services): Promise<FoundFailures> {
  const { failures } = services;
  const hasTexts = (run: RunRecord): boolean => failureTexts(run).length > 0;
  const run = await chooseRun(call, services, vscode.l10n.t('Show Import Failures in Problems'), hasTexts);
  if (!hasTexts(run)) {
    throw new AudienceError('not-found', 'The service reported no failed entries for this job', {
      help: 'Show the job for details.',
    });
  }
  const found = await withQuietProgress(vscode.l10n.t('Finding the failed lines'), (signal) =>
    failures.find(run, signal),
  );
  failures.mark(run, found);
  const first = found.failures.find(({ place }) => place !== undefined)?.place;
  if (call.isProgrammatic) return found;
  if (!first) {
    const reason =
      found.gone.length > 0
        ? vscode.l10n.t('{0} no longer exists.', found.gone.map(baseName).join(', '))
        : vscode.l10n.t('No failure could be matched to a line of the file.');
    void notify('info', reason);
    return found;
  }
  await openAt(first.path, first.line, first.column);
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  if (found.changed.length > 0) {
    void notify(
      'warning',
      vscode.l10n.t(
        '{0} has changed since it was sent: lines may have moved.',
        found.changed.map(baseName).join(', '),
      ),
    );
  }
  return found;
}

/** Opens a line, unless the file is too large for the editor. */
async function openAt(path: string, line: number, column = 1): Promise<void> {
  const { size } = await stat(path);
  if (size > largestDocument) return;
  const at = new vscode.Position(line - 1, column - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(at, at) });
}

/** VS Code doesn't sync larger documents to extensions. */
const largestDocument = 50 * 1024 * 1024;

/** Starts a finished run again with the same settings, after a confirmation. Resolves with the new run. */
async function runAgain(call: Invocation, services: Services): Promise<RunRecord | BulkRecord> {
  const run = await chooseRun(call, services, vscode.l10n.t('Run Again'), hasEnded);
  const { account, region } = (await requireConnection(services, call)).identity;
  if (account !== run.account || region !== run.region) {
    throw new AudienceError(
      'bad-input',
      `This run used account ${run.account} in ${run.region}, but you are connected to ${account} in ${region}`,
      { help: 'Connect to that account, or start a new job here.' },
    );
  }
  const place = run.import ?? run.export;
  if (!place) {
    throw new AudienceError('bad-input', 'This job was started elsewhere', {
      help: 'Start the import or export here.',
    });
  }
  const common = {
    projectId: run.projectId,
    bucket: place.bucket,
    prefix: prefixOf(place.folder),
    roleArn: place.roleArn,
  };
  if (run.import) {
    const { files, format, segmentId, segmentName, defineSegment, registerEndpoints } = run.import;
    const settings = {
      ...common,
      registerEndpoints,
      defineSegment,
      ...(segmentId === undefined ? { segmentName } : { segmentId }),
      importAnyway: call.options['importAnyway'] === true,
    };
    const { bucket, folder, isFromBucket = false } = run.import;
    if (isFromBucket) {
      const args = [`s3://${bucket}/${folder}`];
      return importFromS3(withArguments(call, args, { ...settings, prefix: undefined, format }), services);
    }
    const uris = files.map(({ path }) => vscode.Uri.file(path));
    return importFile(withArguments(call, [uris], settings), services);
  }
  const { segmentId, segmentVersion } = run.export!;
  const options = { ...common, segmentId, version: segmentVersion };
  const what = segmentId === undefined ? 'project' : 'segment';
  return startExport(withArguments(call, [], options), what, services);
}

/** Resumes a failed import: staged files and imported parts are kept. Resolves with its record. */
async function retryRun(wanted: Invocation, services: Services): Promise<RunRecord> {
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

/** Cancels an import whose job isn't created yet; its staged files are deleted. */
async function cancelRun(call: Invocation, services: Services): Promise<void> {
  const isLive = (run: RunRecord): boolean => run.import !== undefined && !hasEnded(run);
  const run = await chooseRun(call, services, vscode.l10n.t('Cancel Import'), isLive);
  await services.runs.cancel(run.id);
}

/** Adds jobs that were started elsewhere to the list. Resolves with their records; with one if one is named. */
async function watchJobs(call: Invocation, services: Services): Promise<RunRecord | readonly RunRecord[]> {
  const { runs } = services;
  const connection = await requireConnection(services, call);
  const id = textOf(call);
  const { projectId, kind } = readOptions(call, { projectId: 'string', kind: 'string' });
  if (id !== undefined) {
    if (projectId === undefined) throw missing('a project', 'Pass the option projectId.');
    if (kind !== 'import' && kind !== 'export') {
      throw new AudienceError('bad-input', 'Option kind must be import or export', {
        help: 'Pass the kind of the job.',
      });
    }
    return runs.watch(connection, kind, projectId, id);
  }
  const jobs = (call.hasNoArguments ? services.views.selection() : call.targets).filter(
    ({ kind: of }) => of === 'job',
  );
  if (jobs.length === 0) throw missing('a job', 'Select it in the Audience view.');
  const watched: RunRecord[] = [];
  for (const target of jobs) {
    if (target.kind !== 'job') continue;
    watched.push(await runs.watch(connection, target.job.kind, target.project.id, target.job.id));
  }
  if (!call.isProgrammatic) await vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  return watched.length === 1 ? watched[0]! : watched;
}

/** The prefix in which a run created its folder, without the day and the random name. */
function prefixOf(folder: string): string {
  return folder
    .split('/')
    .slice(0, -3)
    .map((name) => `${name}/`)
    .join('');
}

/** Shows only some of the runs. Options: `state`, `projectId`, `text`; without any, a person is asked. */
async function filterJobs(call: Invocation, { runs, views }: Services): Promise<RunFilter | undefined> {
  const { state, projectId, text } = readOptions(call, {
    state: 'string',
    projectId: 'string',
    text: 'string',
  });
  if (state !== undefined && !isState(state)) {
    throw new AudienceError('bad-input', `Unknown state: ${state}`, {
      help: `Pass one of ${runStates.join(', ')}.`,
    });
  }
  views.jobsFilter = call.isProgrammatic
    ? { state, projectId, text }
    : await askForFilter(runs, views.jobsFilter);
  if (!call.isProgrammatic) await vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  return views.jobsFilter;
}

function isState(state: string): state is FilteredState {
  return (runStates as readonly string[]).includes(state);
}

async function askForFilter(runs: Runs, current: RunFilter | undefined): Promise<RunFilter | undefined> {
  const projects = new Map(runs.list().map((run) => [run.projectId, run.projectName ?? run.projectId]));
  const states: Readonly<Record<FilteredState, readonly [icon: string, label: string]>> = {
    running: ['sync', vscode.l10n.t('Running')],
    completed: ['pass', vscode.l10n.t('Completed')],
    'with-failures': ['warning', vscode.l10n.t('Completed with failures')],
    failed: ['error', vscode.l10n.t('Failed')],
    stopped: ['circle-slash', vscode.l10n.t('Cancelled or interrupted')],
  };
  const countOf = (count: number): string => plural(count, '1 job', '{0} jobs');
  const choice = (icon: string, label: string, filter: RunFilter): Choice<RunFilter | undefined> => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    description: countOf(runs.list().filter((run) => fits(run, filter)).length),
    value: filter,
  });
  return askOne<RunFilter | undefined>(vscode.l10n.t('Filter Jobs'), (asker) =>
    asker.pick<RunFilter | undefined>({
      placeholder: vscode.l10n.t('Select a filter, or type part of a name or ID'),
      choices: [
        { label: vscode.l10n.t('All'), iconPath: new vscode.ThemeIcon('list-flat'), value: undefined },
        ...runStates.map((state) => choice(...states[state], { state })),
        ...[...projects].map(([projectId, name]) => choice('project', name, { projectId })),
      ],
      isActive: (filter) => JSON.stringify(filter) === JSON.stringify(current),
      typed: (text) => (text === '' ? undefined : choice('search', text, { text })),
    }),
  );
}

/** Removes runs from the list. Running jobs continue unwatched; what they wrote is kept. */
async function forgetRuns(call: Invocation, { runs, views }: Services): Promise<void> {
  const id = textOf(call);
  const targets = call.hasNoArguments ? views.selection() : call.targets;
  const chosen =
    id !== undefined
      ? [known(runs, id)]
      : targets.flatMap((target) => (target.kind === 'run' ? [known(runs, target.run.id)] : []));
  if (chosen.length === 0) throw missing('a run', 'Select it in the Jobs view, or pass its ID.');
  if (chosen.some((run) => partIndexes(run).some((part) => isCancellable(runJob(run, part))))) {
    throw new AudienceError('conflict', "Can't forget a run whose job isn't created yet", {
      help: 'Cancel it, or wait until the job is running.',
    });
  }
  const live = chosen.filter((run) => !hasEnded(run));
  if (call.isInteractive) {
    await confirm(
      plural(chosen.length, 'Forget 1 run?', 'Forget {0} runs?'),
      [
        [vscode.l10n.t('Kept'), vscode.l10n.t('everything in Pinpoint, in the bucket and on disk')],
        [vscode.l10n.t('No longer watched'), live.length > 0 ? live.map(titleOf).join(', ') : undefined],
      ],
      [vscode.l10n.t('Forget')],
      'warning',
    );
  }
  for (const run of chosen) await runs.forget(run.id);
}

function titleOf({ import: into, export: from, projectName, projectId }: RunRecord): string {
  return into?.segmentName ?? from?.segmentName ?? projectName ?? projectId;
}

function known(runs: Runs, id: string): RunRecord {
  const run = runs.get(id);
  if (run) return run;
  throw new AudienceError('not-found', `No run has this ID: ${id}`, {
    help: 'Pass the ID of a run or of its job, as copied from the Jobs view.',
  });
}

function isJob(target: Target): target is JobTarget {
  return target.kind === 'run' || target.kind === 'job';
}
