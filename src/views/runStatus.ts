import * as vscode from 'vscode';
import { isTerminal, type ServiceJob } from '../aws/pinpoint/audienceService.ts';
import { hasEnded, jobsOf, type RunRecord } from '../jobs/runs/runRecord.ts';
import { aggregateJob } from '../jobs/runs/aggregateJob.ts';
import { facts } from '../host/markdown.ts';
import { baseName, formatBytes, formatCount, formatDuration, formatTime } from '../host/format.ts';

/** The status of a job or a run, as all views show it. */
export type DisplayStatus = 'live' | 'done' | 'done-with-failures' | 'failed' | 'stopped';

const icons: Readonly<Record<DisplayStatus, readonly [icon: string, color?: string]>> = {
  live: ['sync~spin'],
  done: ['pass', 'testing.iconPassed'],
  'done-with-failures': ['warning', 'problemsWarningIcon.foreground'],
  failed: ['error', 'problemsErrorIcon.foreground'],
  stopped: ['circle-slash', 'disabledForeground'],
};

export function iconOf(status: DisplayStatus): vscode.ThemeIcon {
  const [icon, color] = icons[status];
  return new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
}

export function statusOfJob(job: ServiceJob): DisplayStatus {
  if (!isTerminal(job.status)) return 'live';
  if (job.status === 'COMPLETED') return hasFailures(job) ? 'done-with-failures' : 'done';
  return job.status === 'FAILED' ? 'failed' : 'stopped';
}

export function statusOfRun(run: RunRecord): DisplayStatus {
  if (!hasEnded(run)) return 'live';
  if (run.state === 'completed') {
    const job = aggregateJob(run);
    return job && hasFailures(job) ? 'done-with-failures' : 'done';
  }
  return run.state === 'failed' ? 'failed' : 'stopped';
}

/** COMPLETED with failed entries is possible by the wording of the API reference (ImportJobResponse). */
export function hasFailures(job: ServiceJob): boolean {
  return (job.totalFailures ?? 0) > 0 || job.failures.length > 0;
}

/** `3,500 processed, 2 failed`; empty if the service hasn't reported counts yet. */
export function countsOf(job: ServiceJob): string {
  const parts: string[] = [];
  if (job.totalProcessed !== undefined)
    parts.push(vscode.l10n.t('{0} processed', formatCount(job.totalProcessed)));
  if ((job.totalFailures ?? 0) > 0) parts.push(vscode.l10n.t('{0} failed', formatCount(job.totalFailures!)));
  if (parts.length === 0 && job.totalPieces !== undefined) {
    parts.push(
      vscode.l10n.t('{0} of {1} pieces', formatCount(job.completedPieces ?? 0), formatCount(job.totalPieces)),
    );
  }
  return parts.join(', ');
}

/** Average number of entries per second; empty if unknown. */
export function throughputOf({ totalProcessed, created, completed }: ServiceJob, now: Date): string {
  const seconds =
    ((completed === undefined ? now.getTime() : Date.parse(completed)) - Date.parse(created)) / 1000;
  if (totalProcessed === undefined || totalProcessed === 0 || !(seconds >= 1)) return '';
  return vscode.l10n.t('{0} per second', formatCount(Math.round(totalProcessed / seconds)));
}

/** The title of a run: its segment, else its file, else its project. */
export function titleOfRun(run: RunRecord): string {
  const file = run.import?.files[0]?.path;
  return (
    run.import?.segmentName ??
    run.export?.segmentName ??
    run.job?.segmentName ??
    (file === undefined ? undefined : baseName(file)) ??
    run.projectName ??
    run.projectId
  );
}

/** The state of a run in words. */
export function stateOfRun(run: RunRecord): string {
  switch (run.state) {
    case 'staging':
      return vscode.l10n.t('uploading');
    case 'queued':
      return vscode.l10n.t('queued');
    case 'starting':
      return vscode.l10n.t('starting');
    case 'running':
      return (run.job?.status ?? 'running').toLowerCase().replaceAll('_', ' ');
    case 'completed':
      return vscode.l10n.t('completed');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'cancelled':
      return vscode.l10n.t('cancelled');
    case 'interrupted':
      return vscode.l10n.t('interrupted');
  }
}

/** The elapsed time of a run. */
export function elapsedOf(run: RunRecord, now: Date): string {
  const end = run.ended === undefined ? now.getTime() : Date.parse(run.ended);
  return formatDuration(end - Date.parse(run.created));
}

/** The activity of a run in one or two words. */
function activityLabel(run: RunRecord): string {
  const isImport = run.kind === 'import';
  switch (run.state) {
    case 'running':
      return isImport ? vscode.l10n.t('importing') : vscode.l10n.t('exporting');
    case 'completed':
      return isImport ? vscode.l10n.t('imported') : vscode.l10n.t('exported');
    case 'failed':
      return isImport ? vscode.l10n.t('import failed') : vscode.l10n.t('export failed');
    default:
      return stateOfRun(run);
  }
}

/** The description of a run in the tree: activity, progress, and elapsed time or time of its end. */
export function describeRun(run: RunRecord, now: Date, position?: number): string {
  const job = aggregateJob(run);
  const records = run.import?.files.reduce((sum, file) => sum + (file.records ?? 0), 0) ?? 0;
  const processed = job?.totalProcessed;
  const counts =
    processed !== undefined && records > 0 && !hasEnded(run)
      ? vscode.l10n.t('{0} of {1}', formatCount(processed), formatCount(records))
      : job
        ? countsOf(job)
        : '';
  const time = hasEnded(run) ? formatTime(run.ended ?? run.updated, now) : elapsedOf(run, now);
  const place = run.state === 'queued' && position !== undefined ? vscode.l10n.t('number {0}', position) : '';
  return [activityLabel(run), place, counts, time].filter(Boolean).join(' · ');
}

/** The details of a run, for the hover. */
export function tooltipOfRun(run: RunRecord, now: Date): vscode.MarkdownString {
  const job = aggregateJob(run);
  const rows: [string, string | undefined][] = [
    [vscode.l10n.t('State'), `${stateOfRun(run)}, ${elapsedOf(run, now)}`],
    [vscode.l10n.t('Counts'), job && countsOf(job)],
    [vscode.l10n.t('Project'), `${run.projectName ?? ''} (${run.projectId})`],
    [
      vscode.l10n.t('Files'),
      run.import?.files.map((file) => `${baseName(file.path)} (${formatBytes(file.bytes)})`).join(', '),
    ],
    [
      vscode.l10n.t('Job'),
      jobsOf(run)
        .map(({ id }) => id)
        .join(', '),
    ],
    [vscode.l10n.t('Account'), `${run.account}, ${run.region}`],
    [vscode.l10n.t('Error'), (run.error ?? run.trouble)?.message],
    [vscode.l10n.t('What to do'), (run.error ?? run.trouble)?.help],
  ];
  return facts(titleOfRun(run), rows);
}
