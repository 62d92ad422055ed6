import { basename } from 'node:path';
import type { ServiceJob } from '../aws/pinpoint/audienceService.ts';
import { errorText, type AudienceError } from '../errors.ts';
import type { RunRecord, RunTrouble } from '../jobs/runs/runRecord.ts';
import { differenceOf, doublesOf, jobsOf } from '../jobs/runs/runRecord.ts';
import {
  endLine,
  isInteractive,
  printJson,
  printLine,
  replaceLine,
  warnError,
  warnLine,
} from '../terminal.ts';

/**
 * A run as JSON for programs: stable names, and nothing that quotes rows, so that a build log may contain it.
 *
 * @param position its position in the queue, if it is queued
 * @param failure why the command could not do its part
 */
export function runJson(run: RunRecord, position?: number, failure?: RunTrouble): object {
  const { id, kind, state, created, updated, ended, account, region, endpointUrl, error, trouble } = run;
  const shown = failure ?? error ?? trouble;
  const definition = run.import ?? run.export;
  return {
    ...{ id, kind, state, position, created, updated, ended, account, region, endpointUrl },
    project: run.projectId,
    bucket: definition?.bucket,
    folder: definition?.folder,
    files: run.import?.files.map(({ path, bytes, records, sha256 }) => ({ path, bytes, records, sha256 })),
    jobs: jobsOf(run).map(jobJson),
    parts: run.parts?.map(({ state: partState, segmentName, job }) => ({
      state: partState,
      segmentName,
      job: job?.id,
    })),
    downloads: run.export?.downloads.map(({ folder, files, records }) => ({ folder, files, records })),
    doubles: doublesOf(run),
    error: shown && { code: shown.code, message: shown.message, help: shown.help },
  };
}

function jobJson(job: ServiceJob): object {
  const { id, status, created, completed, totalProcessed, totalFailures, segmentId, segmentName } = job;
  return {
    ...{ id, status, created, completed },
    processed: totalProcessed,
    failed: totalFailures,
    ...{ segmentId, segmentName },
  };
}

/** A run in one line. */
export function runText(run: RunRecord, position?: number): string {
  const jobs = jobsOf(run);
  const processed = sum(jobs, ({ totalProcessed }) => totalProcessed);
  const failed = sum(jobs, ({ totalFailures }) => totalFailures);
  const done = run.parts?.filter(({ state }) => state === 'completed').length;
  const parts = [
    `${run.id}  ${run.kind} ${run.state}`,
    position === undefined ? undefined : `position ${position} in the queue`,
    run.parts && `${done} of ${run.parts.length} parts`,
    titleOf(run),
    jobs.length > 0 ? jobs.map(({ id }) => `job ${id}`).join(' ') : undefined,
    processed === undefined ? undefined : `${processed} processed`,
    failed ? `${failed} failed` : undefined,
    jobs.map(({ segmentId }) => segmentId && `segment ${segmentId}`).find(Boolean),
    run.export?.downloads.at(-1)?.files.join(' '),
    differenceText(run),
    doublesText(run),
    errorTextOf(run),
  ];
  return parts.filter(Boolean).join(', ');
}

function titleOf({ import: from, export: to, projectId }: RunRecord): string {
  const files = from?.files.map(({ path }) => basename(path));
  const what = files && (files.length === 1 ? files[0]! : `${files.length} files`);
  const segment = from?.segmentName ?? from?.segmentId ?? to?.segmentId;
  return [what, segment, `project ${projectId}`].filter(Boolean).join(', ');
}

function differenceText(run: RunRecord): string | undefined {
  const difference = differenceOf(run);
  return (
    difference &&
    `${difference.records} records were downloaded, but the job reports ${difference.exported}: export again`
  );
}

function doublesText(run: RunRecord): string | undefined {
  const doubles = doublesOf(run);
  if (doubles.length === 0) return undefined;
  const names = doubles.map(({ id, segmentId }) =>
    segmentId === undefined ? `job ${id}` : `job ${id}, segment ${segmentId}`,
  );
  return `The files were imported more than once, because a process was suspended: ${names.join('; ')}. Delete the segments that you don't need`;
}

function errorTextOf({ error, trouble }: RunRecord): string | undefined {
  const shown = error ?? trouble;
  return shown && errorText(shown);
}

function sum(jobs: readonly ServiceJob[], of: (job: ServiceJob) => number | undefined): number | undefined {
  const counts = jobs.flatMap((job) => of(job) ?? []);
  return counts.length === 0 ? undefined : counts.reduce((all, count) => all + count, 0);
}

/** Prints an error to standard error, and for programs to standard output as well. */
export function printError(error: AudienceError, format: 'text' | 'json'): void {
  const { code, message, help } = error;
  warnError(error);
  if (format === 'json') printJson({ error: { code, message, help } }, 2);
}

export function printRun(run: RunRecord, format: 'text' | 'json'): void {
  if (format === 'json') printJson(runJson(run), 2);
  else printLine(runText(run));
}

/** Shows progress on standard error: in one line of a terminal, otherwise one line per 10 %. */
export class Progress {
  #last = '';
  #open = false;

  /** Shows how much is done. */
  readonly report = (done: number, total: number | undefined, what: string): void => {
    const percent = total ? Math.floor((100 * done) / total) : undefined;
    if (isInteractive) {
      this.#line(`${what}${percent === undefined ? '' : ` ${percent} %`}`, true);
    } else if (percent !== undefined) this.#line(`${what} ${percent - (percent % 10)} %`, false);
  };

  /** Shows a step, once. */
  step(text: string): void {
    this.#line(text, false);
  }

  end(): void {
    if (this.#open) endLine();
    this.#open = false;
  }

  #line(text: string, isReplaced: boolean): void {
    if (text === this.#last) return;
    this.#last = text;
    if (isReplaced) replaceLine(text);
    else {
      this.end();
      warnLine(text);
    }
    this.#open = isReplaced;
  }
}
