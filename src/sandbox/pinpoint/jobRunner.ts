import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../http/faults.ts';
import type { State } from './pinpointState.ts';
import type { Job, JobCounts, JobStatus, JobType, Segment } from './types.ts';

/** Developer guide, quotas: active import jobs of an account. What happens beyond is not documented; here they wait as PENDING_JOB. */
const defaultImportConcurrency = 10;

/** With a pace, the records of a job take as long as this many states. */
const processingSteps = 4;

/** How many failures a job reports (API reference, ImportJobResponse.Failures). */
export const maxReportedFailures = 100;

/** What a running job reports and obeys. */
export interface JobControl {
  readonly signal: AbortSignal;
  /** True where the job was asked to fail half-way. */
  readonly failHalfway: boolean;
  report(counts: JobCounts): void;
  /** Waits as the pace wants it. `done` is the part of the records that is done, 0 to 1. */
  pace(done: number): Promise<void>;
}

/** What came of a job: its counts, and what is saved together with its last state. */
export interface JobOutcome {
  readonly counts: JobCounts;
  readonly segment?: Segment | undefined;
}

interface JobRunnerOptions {
  readonly state: State;
  readonly faults: Faults | undefined;
  /** Milliseconds between two states of a job. */
  readonly paceMs: number;
  readonly run: (job: Job, control: JobControl) => Promise<JobOutcome>;
  /** Receives defects; the job fails, too. */
  readonly onDefect: (error: unknown) => void;
}

interface Running {
  readonly type: JobType;
  readonly appId: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Takes jobs through their states. Each state is on disk before it can be seen; counts are not, they are only seen growing.
 * A job that was running when the process ended is done again from its beginning.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** Imports that wait for their turn. */
  #waiting: Job[] = [];
  /** Counts of running jobs. */
  readonly #counts = new Map<string, JobCounts>();
  #closed = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left. */
  resume(): void {
    const { state } = this.#options;
    const left = state
      .apps()
      .flatMap((app) => state.jobs(app.Id))
      .filter((job) => !isOver(job));
    for (const job of left.sort((one, other) => one.Seq - other.Seq)) this.start(job);
  }

  /** Begins a job that has been saved, or lets it wait. */
  start(job: Job): void {
    const limit = this.#options.faults?.settings.importConcurrency ?? defaultImportConcurrency;
    const imports = [...this.#running.values()].filter(({ type }) => type === 'IMPORT').length;
    if (job.Type === 'IMPORT' && imports >= limit) {
      this.#waiting.push(job);
      // The caller sees CREATED first.
      setImmediate(() => {
        if (this.#waiting.includes(job)) this.#advance(job, 'PENDING_JOB');
      });
      return;
    }
    const abort = new AbortController();
    const ended = this.#carryOut(job, abort.signal).finally(() => {
      this.#running.delete(job.Id);
      this.#counts.delete(job.Id);
      this.#startWaiting();
    });
    this.#running.set(job.Id, { type: job.Type, appId: job.ApplicationId, abort, ended });
  }

  /** A job as it is to be seen now. */
  current<J extends Job>(job: J): J {
    return { ...job, ...this.#counts.get(job.Id) };
  }

  /** Stops the jobs of an app, or all; resolves when they have stopped. They stay unfinished. */
  async stop(appId?: string): Promise<void> {
    const isMeant = (job: { readonly appId: string }): boolean => appId === undefined || job.appId === appId;
    this.#closed ||= appId === undefined;
    this.#waiting = this.#waiting.filter((job) => !isMeant({ appId: job.ApplicationId }));
    const meant = [...this.#running.values()].filter(isMeant);
    for (const { abort } of meant) abort.abort();
    await Promise.all(meant.map(({ ended }) => ended));
  }

  #startWaiting(): void {
    const next = this.#closed ? undefined : this.#waiting.shift();
    if (next !== undefined) this.start(next);
  }

  async #carryOut(job: Job, signal: AbortSignal): Promise<void> {
    try {
      await this.#pause(signal);
      this.#advance(job, 'PREPARING_FOR_INITIALIZATION');
      await this.#pause(signal);
      this.#advance(job, 'INITIALIZING');
      await this.#pause(signal);
      this.#advance(job, 'PROCESSING');
      const { counts, segment } = await this.#process(job, signal);
      const failed = counts.FailedPieces > 0;
      this.#advance(job, failed ? 'FAILING' : 'COMPLETING', counts);
      await this.#pause(signal);
      this.#advance(job, failed ? 'FAILED' : 'COMPLETED', counts, failed ? undefined : segment);
    } catch (error) {
      // A job that was stopped is taken up at the next start.
      if (!signal.aborted) this.#options.onDefect(error);
    }
  }

  async #process(job: Job, signal: AbortSignal): Promise<JobOutcome> {
    const { run, faults, onDefect } = this.#options;
    const started = performance.now();
    try {
      return await run(job, {
        signal,
        failHalfway: faults?.takeJobFailure(job.Type) === true,
        report: (counts) => void this.#counts.set(job.Id, counts),
        pace: async (done) => {
          signal.throwIfAborted();
          const due = started + done * processingSteps * this.#paceMs();
          const left = due - performance.now();
          if (left > 0) await delay(left, undefined, { signal });
        },
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const known = error instanceof JobFailure;
      if (!known) onDefect(error);
      const counts = this.#counts.get(job.Id);
      const message = known ? error.message : 'Internal error';
      return {
        counts: {
          TotalPieces: counts?.TotalPieces ?? 1,
          CompletedPieces: counts?.CompletedPieces ?? 0,
          FailedPieces: Math.max(1, (counts?.TotalPieces ?? 1) - (counts?.CompletedPieces ?? 0)),
          TotalProcessed: counts?.TotalProcessed ?? 0,
          TotalFailures: counts?.TotalFailures ?? 0,
          Failures: [...(counts?.Failures ?? []).slice(0, maxReportedFailures - 1), message],
        },
      };
    }
  }

  #advance(job: Job, status: JobStatus, counts?: JobCounts, segment?: Segment): void {
    const { state } = this.#options;
    const latest = state.job(job.ApplicationId, job.Id);
    const over = status === 'COMPLETED' || status === 'FAILED';
    const changed: Job = {
      ...latest,
      ...counts,
      JobStatus: status,
      ...(over ? { CompletionDate: state.timestamp() } : {}),
    };
    state.save(changed, ...(segment === undefined ? [] : [segment]));
  }

  #paceMs(): number {
    return this.#options.faults?.settings.paceMs ?? this.#options.paceMs;
  }

  /** Also without a pace other requests get their turn between two states. */
  async #pause(signal: AbortSignal): Promise<void> {
    await delay(this.#paceMs(), undefined, { signal });
  }
}

/** Why a job can't run; the message is among its failures. */
export class JobFailure extends Error {}

function isOver({ JobStatus }: Job): boolean {
  return JobStatus === 'COMPLETED' || JobStatus === 'FAILED';
}
