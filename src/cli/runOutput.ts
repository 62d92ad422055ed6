import { basename } from 'node:path';
import type { ServiceJob } from '../aws/pinpoint/audienceService.ts';
import type { AudienceError } from '../errors.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { jobsOf } from '../jobs/runs/runRecord.ts';

/**
 * A run as programs read it: stable names, without what quotes rows, so that it can stand in the log of a pipeline.
 *
 * @param position its place in the queue, where it waits
 */
export function runJson(run: RunRecord, position?: number): object {
  const { id, kind, state, created, updated, ended, account, region, endpointUrl, error, trouble } = run;
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
    downloads: run.export?.downloads.map(({ folder, files }) => ({ folder, files })),
    error: error ?? trouble,
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

/** One run in one line. */
export function runText(run: RunRecord, position?: number): string {
  const jobs = jobsOf(run);
  const processed = sum(jobs, ({ totalProcessed }) => totalProcessed);
  const failed = sum(jobs, ({ totalFailures }) => totalFailures);
  const done = run.parts?.filter(({ state }) => state === 'completed').length;
  const parts = [
    `${run.id}  ${run.kind} ${run.state}`,
    position === undefined ? undefined : `number ${position} in the queue`,
    run.parts && `${done} of ${run.parts.length} parts`,
    titleOf(run),
    jobs.length > 0 ? jobs.map(({ id }) => `job ${id}`).join(' ') : undefined,
    processed === undefined ? undefined : `${processed} processed`,
    failed ? `${failed} failed` : undefined,
    jobs.map(({ segmentId }) => segmentId && `segment ${segmentId}`).find(Boolean),
    run.export?.downloads.at(-1)?.files.join(' '),
    errorText(run),
  ];
  return parts.filter(Boolean).join(', ');
}

function titleOf({ import: from, export: to, projectId }: RunRecord): string {
  const files = from?.files.map(({ path }) => basename(path));
  const what = files && (files.length === 1 ? files[0]! : `${files.length} files`);
  const segment = from?.segmentName ?? from?.segmentId ?? to?.segmentId;
  return [what, segment, `project ${projectId}`].filter(Boolean).join(', ');
}

function errorText({ error, trouble }: RunRecord): string | undefined {
  const told = error ?? trouble;
  return told && [told.message, told.help].filter(Boolean).join('. ');
}

function sum(jobs: readonly ServiceJob[], of: (job: ServiceJob) => number | undefined): number | undefined {
  const counts = jobs.flatMap((job) => of(job) ?? []);
  return counts.length === 0 ? undefined : counts.reduce((all, count) => all + count, 0);
}

/** What went wrong, to standard error, and for programs to standard output, too. */
export function writeError(error: AudienceError, format: 'text' | 'json'): void {
  const { code, message, help } = error;
  process.stderr.write(`${[message, help].filter(Boolean).join('. ')}\n`);
  if (format === 'json') writeJson({ error: { code, message, help } });
}

export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Tells how far things are, on standard error: in one line of a terminal, else in a line for each tenth. */
export class Progress {
  #last = '';
  #open = false;

  /** How much of something is done. */
  readonly report = (done: number, total: number | undefined, what: string): void => {
    const percent = total ? Math.floor((100 * done) / total) : undefined;
    if (process.stderr.isTTY) {
      this.#line(`${what}${percent === undefined ? '' : ` ${percent} %`}`, true);
    } else if (percent !== undefined) this.#line(`${what} ${percent - (percent % 10)} %`, false);
  };

  /** A step; said once. */
  say(text: string): void {
    this.#line(text, false);
  }

  end(): void {
    if (this.#open) process.stderr.write('\n');
    this.#open = false;
  }

  #line(text: string, isPassing: boolean): void {
    if (text === this.#last) return;
    this.#last = text;
    if (isPassing) process.stderr.write(`\r${text.slice(0, (process.stderr.columns || 80) - 1)}\u001B[K`);
    else {
      this.end();
      process.stderr.write(`${text}\n`);
    }
    this.#open = isPassing;
  }
}
