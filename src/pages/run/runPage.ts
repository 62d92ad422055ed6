import * as vscode from 'vscode';
import { isTerminal, type ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { explainRun } from '../../jobs/failures/explain.ts';
import { kindOfFailure } from '../../jobs/failures/failureClues.ts';
import { failureTexts, type FoundFailure, type FoundFailures } from '../../jobs/failures/findFailures.ts';
import { differenceOf, doublesOf, hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { aggregateJob } from '../../jobs/runs/aggregateJob.ts';
import {
  baseName,
  formatBytes,
  formatCount,
  formatDuration,
  formatMoment,
  plural,
} from '../../host/format.ts';
import { commandIds } from '../../host/commandIds.ts';
import { CallNode, type Target } from '../../host/targets.ts';
import { actionOf, actionsOf } from '../../views/runActions.ts';
import { fileLink, PageWriter, webLink, type Page, type Part } from '../page.ts';
import {
  countsOf,
  elapsedOf,
  hasFailures,
  stateOfRun,
  throughputOf,
  titleOfRun,
} from '../../views/runStatus.ts';

type JobTarget = Extract<Target, { kind: 'job' }>;

/** Everything known about a run. `found`: the lines of its failures, `undefined` while they are searched. */
export function runPage(
  run: RunRecord,
  found: FoundFailures | undefined,
  position: number | undefined,
  now: Date,
): Page {
  const page = new PageWriter();
  const job = aggregateJob(run);
  const title = titleOfRun(run);
  page.heading(
    1,
    run.kind === 'import' ? vscode.l10n.t('Import: {0}', title) : vscode.l10n.t('Export: {0}', title),
  );
  writeActions(page, run);
  page.line(
    [
      stateOfRun(run),
      position === undefined ? '' : vscode.l10n.t('number {0} in the queue', position),
      job ? countsOf(job) : '',
      elapsedOf(run, now),
    ]
      .filter(Boolean)
      .join(' · '),
  );
  writeError(page, run);
  writeDoubles(page, run);
  writeExplanations(page, run);
  writeRunFailures(page, run, found);

  page.heading(2, vscode.l10n.t('Timeline'));
  page.table(timeline(run, job));

  page.heading(2, vscode.l10n.t('Definition'));
  page.table([
    [vscode.l10n.t('Project'), `${run.projectName ?? ''} (${run.projectId})`],
    [vscode.l10n.t('Account'), run.account],
    [vscode.l10n.t('Region'), run.region],
    [vscode.l10n.t('Service URL'), run.endpointUrl === undefined ? undefined : webLink(run.endpointUrl)],
    ...(run.import ? importRows(run.import) : []),
    ...(run.export ? exportRows(run.export) : []),
    ...(run.watched && run.job ? watchedRows(run.job) : []),
  ]);
  if (run.import) writeFiles(page, run.import);
  if (run.parts) writeParts(page, run.parts);
  if (run.job) writeJob(page, run.job, now);
  return page.page;
}

/** What the service reports about a job that was started elsewhere. */
export function jobPage(job: ServiceJob, projectName: string, target: JobTarget): Page {
  const page = new PageWriter();
  page.heading(1, job.kind === 'import' ? vscode.l10n.t('Import job') : vscode.l10n.t('Export job'));
  if (!isTerminal(job.status))
    page.action(vscode.l10n.t('Watch Job'), commandIds.watchJob, new CallNode(target));
  page.line([job.status, countsOf(job)].filter(Boolean).join(' · '));
  if (hasFailures(job)) {
    writeFailuresHeading(page, job);
    for (const failure of job.failures) page.line(`- ${failure}`);
  }
  page.heading(2, vscode.l10n.t('Definition'));
  page.table([
    [vscode.l10n.t('Project'), `${projectName} (${job.projectId})`],
    [vscode.l10n.t('Segment'), job.segmentName ?? job.segmentId],
    [vscode.l10n.t('Format'), job.format],
    [vscode.l10n.t('S3'), job.s3Url ?? vscode.l10n.t('not reported')],
  ]);
  writeJob(page, job, new Date());
  return page.page;
}

function writeActions(page: PageWriter, run: RunRecord): void {
  for (const { title, command, args } of actionsOf(run)) page.action(title, command, ...args);
}

function writeError(page: PageWriter, run: RunRecord): void {
  const trouble = run.error ?? run.trouble;
  if (!trouble) return;
  page.heading(2, run.error ? vscode.l10n.t('What went wrong') : vscode.l10n.t('Blocked by'));
  page.line(trouble.message);
  if (trouble.help !== undefined) page.line(trouble.help);
}

/** Jobs that a suspended process started twice, and what a download lacks. */
function writeDoubles(page: PageWriter, run: RunRecord): void {
  const doubles = doublesOf(run);
  if (doubles.length > 0) {
    page.heading(2, vscode.l10n.t('Started more than once'));
    page.line(
      vscode.l10n.t("A window or command didn't respond for a while, and started these jobs as well:"),
    );
    for (const { id, segmentId } of doubles) {
      page.line(`- ${[id, segmentId && vscode.l10n.t('segment {0}', segmentId)].filter(Boolean).join(', ')}`);
      if (segmentId === undefined) continue;
      const args = { projectId: run.projectId, segmentId };
      page.action(vscode.l10n.t('Delete Segment {0}…', segmentId), commandIds.deleteSegment, args);
    }
  }
  const difference = differenceOf(run);
  if (difference === undefined) return;
  page.heading(2, vscode.l10n.t('The download differs from the export'));
  page.line(
    vscode.l10n.t(
      'It holds {0} records, but the job reports {1}. Export again.',
      formatCount(difference.records),
      formatCount(difference.exported),
    ),
  );
}

/** Explanations of failures like these, with AWS's page. */
function writeExplanations(page: PageWriter, run: RunRecord): void {
  const explanations = explainRun(run);
  if (explanations.length === 0) return;
  page.heading(2, vscode.l10n.t('What it means'));
  for (const { what, next, step, page: source } of explanations) {
    const action = step && actionOf(step, run);
    if (action) page.action(action.title, action.command, ...action.args);
    page.line(`- ${what}`);
    page.line(`  ${next}`);
    if (source !== undefined) page.line('  ', webLink(source));
  }
}

function writeFailuresHeading(page: PageWriter, job: ServiceJob): void {
  page.heading(2, failuresHeading());
  const reported = job.failures.length;
  const total = job.totalFailures ?? reported;
  page.line(
    total > reported
      ? vscode.l10n.t(
          '{0} entries failed; the service reports {1}:',
          formatCount(total),
          formatCount(reported),
        )
      : vscode.l10n.t('The service reports {0}:', formatCount(reported)),
  );
  page.line();
}

/** The texts are the service's, in an undocumented format (API Reference, ImportJobResponse): each with its line, if it was found. */
function writeRunFailures(page: PageWriter, run: RunRecord, found: FoundFailures | undefined): void {
  const texts = failureTexts(run);
  const job = aggregateJob(run);
  if (job && hasFailures(job)) writeFailuresHeading(page, job);
  else if (texts.length > 0) {
    page.heading(2, failuresHeading());
    page.line(vscode.l10n.t('The service rejected the file at:'));
    page.line();
  }
  if (!found) {
    for (const text of texts) page.line(`- ${text}`);
    if (run.import && texts.length > 0) {
      page.line();
      page.line(vscode.l10n.t('Finding the lines…'));
    }
    return;
  }
  const failures = run.import ? found.failures : (job?.failures ?? []).map((text) => ({ text }));
  for (const failure of failures) page.line('- ', ...failureParts(failure));
  const isOld = job !== undefined && (job.totalFailures ?? 0) > 0 && failures.length === 0;
  const notes = [
    ...(isOld && hasEnded(run)
      ? [vscode.l10n.t('Reasons are deleted after a week, since they quote the file.')]
      : []),
    ...found.changed.map((path) =>
      vscode.l10n.t('{0} has changed since it was sent: lines may have moved.', baseName(path)),
    ),
    ...found.gone.map((path) => vscode.l10n.t('{0} no longer exists.', baseName(path))),
    ...(failures.some(({ place }: FoundFailure) => place === undefined) && run.import
      ? [vscode.l10n.t('Entries without a line are shown as the service reports them.')]
      : []),
  ];
  if (notes.length > 0) page.line();
  for (const note of notes) page.line(note);
}

function failureParts({ text, place }: FoundFailure): readonly Part[] {
  if (!place) return [text];
  const { path, line, column, candidates } = place;
  const where =
    column === undefined
      ? vscode.l10n.t('{0}, line {1}', baseName(path), line)
      : vscode.l10n.t('{0}, line {1}, column {2}', baseName(path), line, column);
  const uncertainty =
    candidates > 1 ? ` ${vscode.l10n.t('(one of {0} matching lines)', formatCount(candidates))}` : '';
  return [fileLink(where, vscode.Uri.file(path), line, column), `${uncertainty}  ${kindOfFailure(text)}`];
}

/** The heading that "Show Failures" scrolls to. */
export function failuresHeading(): string {
  return vscode.l10n.t('Failures');
}

function timeline(
  run: RunRecord,
  job: ServiceJob | undefined,
): readonly (readonly [string, string | undefined])[] {
  const took =
    job?.completed === undefined
      ? ''
      : ` (${formatDuration(Date.parse(job.completed) - Date.parse(job.created))})`;
  return [
    [vscode.l10n.t('Started'), formatMoment(run.created)],
    [
      vscode.l10n.t('Queued'),
      run.queued === undefined ? undefined : formatMoment(new Date(run.queued).toISOString()),
    ],
    [
      vscode.l10n.t('Job requested'),
      run.asked === undefined ? undefined : formatMoment(new Date(run.asked).toISOString()),
    ],
    [vscode.l10n.t('Job created'), job && formatMoment(job.created)],
    [vscode.l10n.t('Last update'), hasEnded(run) ? undefined : formatMoment(run.updated)],
    [
      vscode.l10n.t('Job completed'),
      job?.completed === undefined ? undefined : formatMoment(job.completed) + took,
    ],
    [vscode.l10n.t('Finished'), run.ended === undefined ? undefined : formatMoment(run.ended)],
    ...(run.export?.downloads ?? []).map(
      (download) =>
        [vscode.l10n.t('Downloaded'), `${formatMoment(download.at)} → ${download.folder}`] as const,
    ),
  ];
}

function importRows(
  run: NonNullable<RunRecord['import']>,
): readonly (readonly [string, string | undefined])[] {
  return [
    [
      vscode.l10n.t('Segment'),
      run.defineSegment ? (run.segmentName ?? run.segmentId) : vscode.l10n.t('none, endpoints only'),
    ],
    [
      vscode.l10n.t('Endpoints'),
      run.registerEndpoints ? vscode.l10n.t('saved in the project') : vscode.l10n.t('not saved'),
    ],
    [vscode.l10n.t('Format'), run.format],
    [vscode.l10n.t('Staged in'), `s3://${run.bucket}/${run.folder}`],
    [vscode.l10n.t('Role'), run.roleArn],
  ];
}

function exportRows(
  run: NonNullable<RunRecord['export']>,
): readonly (readonly [string, string | undefined])[] {
  return [
    [
      vscode.l10n.t('Segment'),
      run.segmentName ?? run.segmentId ?? vscode.l10n.t('all endpoints of the project'),
    ],
    [vscode.l10n.t('Version'), run.segmentVersion?.toString()],
    [vscode.l10n.t('Written to'), `s3://${run.bucket}/${run.folder}`],
    [vscode.l10n.t('Role'), run.roleArn],
  ];
}

/** What the service reports about a job that was started elsewhere. */
function watchedRows(job: ServiceJob): readonly (readonly [string, string | undefined])[] {
  return [
    [vscode.l10n.t('Started'), vscode.l10n.t('elsewhere, only watched here')],
    [vscode.l10n.t('Segment'), job.segmentName ?? job.segmentId],
    [vscode.l10n.t('Format'), job.format],
    [vscode.l10n.t('S3'), job.s3Url],
  ];
}

/** The jobs of an import that was too large for one. */
function writeParts(page: PageWriter, parts: NonNullable<RunRecord['parts']>): void {
  page.heading(2, vscode.l10n.t('Parts'));
  parts.forEach(({ state, first, count, job, segmentName, error }, index) => {
    const files =
      count === 1
        ? vscode.l10n.t('file {0}', formatCount(first + 1))
        : vscode.l10n.t('files {0} to {1}', formatCount(first + 1), formatCount(first + count));
    const facts = [state, files, segmentName, job?.id, job && countsOf(job), error?.message];
    page.line(`- ${formatCount(index + 1)}  ${facts.filter(Boolean).join(' · ')}`);
  });
}

function writeFiles(page: PageWriter, run: NonNullable<RunRecord['import']>): void {
  page.heading(2, vscode.l10n.t('Files'));
  for (const file of run.files) {
    const facts = [
      formatBytes(file.bytes),
      file.records === undefined ? '' : plural(file.records, '1 record', '{0} records'),
      file.errors === undefined ? '' : plural(file.errors, '1 error', '{0} errors'),
      file.sha256 === undefined ? '' : `SHA-256 ${file.sha256}`,
    ];
    page.line(
      '- ',
      fileLink(baseName(file.path), vscode.Uri.file(file.path)),
      `  ${facts.filter(Boolean).join(' · ')}`,
    );
  }
}

function writeJob(page: PageWriter, job: ServiceJob, now: Date): void {
  page.heading(2, vscode.l10n.t('Reported by the service'));
  page.table([
    [vscode.l10n.t('Job'), job.id],
    [vscode.l10n.t('Status'), job.status],
    [vscode.l10n.t('Created'), formatMoment(job.created)],
    [vscode.l10n.t('Completed'), job.completed === undefined ? undefined : formatMoment(job.completed)],
    [
      vscode.l10n.t('Processed'),
      job.totalProcessed === undefined ? undefined : formatCount(job.totalProcessed),
    ],
    [vscode.l10n.t('Throughput'), throughputOf(job, now)],
    [vscode.l10n.t('Failed'), job.totalFailures === undefined ? undefined : formatCount(job.totalFailures)],
    [
      vscode.l10n.t('Pieces'),
      job.totalPieces === undefined
        ? undefined
        : vscode.l10n.t(
            '{0} of {1}, {2} failed',
            job.completedPieces ?? 0,
            job.totalPieces,
            job.failedPieces ?? 0,
          ),
    ],
    [vscode.l10n.t('Segment ID'), job.segmentId],
  ]);
}
