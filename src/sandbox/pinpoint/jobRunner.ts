import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../http/faults.ts';
import type { State } from './pinpointState.ts';
import { diskMessage, isDiskError } from '../storage/diskErrors.ts';
import type { Job, JobCounts, JobStatus, JobType, Segment } from './types.ts';

/** Developer guide, quotas: active import jobs per account. AWS doesn't document what happens to more; here, they wait as PENDING_JOB. */
const defaultImportConcurrency = 10;

/** With a pace, processing takes as long as this many states. */
const processingSteps = 4;

/** Milliseconds after which a job that waits looks at the pace again. */
const paceCheckMs = 50;

/** Milliseconds between attempts to save a job's state on a full disk. */
const diskRetryMs = 500;

/** API reference, ImportJobResponse.Failures. */
export const maxReportedFailures = 100;

/** Connects a running job to the runner. */
export interface JobControl {
  readonly signal: AbortSignal;
  /** True if a fault makes the job fail halfway. */
  readonly failHalfway: boolean;
  report(counts: JobCounts): void;
  /** Waits according to the pace. @param done the share of processed records, 0 to 1 */
  pace(done: number): Promise<void>;
}

/** The result of a job: its counts, and the segment to save with its final state. */
export interface JobOutcome {
  readonly counts: JobCounts;
  /** The segment as of now: others may change it until it is saved. @throws JobFailure if it no longer exists */
  readonly segment?: (() => Segment) | undefined;
}

interface JobRunnerOptions {
  readonly state: State;
  readonly faults: Faults | undefined;
  /** Milliseconds between two states of a job. */
  readonly paceMs: number;
  readonly run: (job: Job, control: JobControl) => Promise<JobOutcome>;
  /** Called with defects; the job fails, too. */
  readonly onDefect: (error: unknown) => void;
}

interface Running {
  readonly type: JobType;
  readonly appId: string;
  readonly segmentId: string | undefined;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Takes jobs through their states. A state is on disk before it is visible; counts of running jobs are in memory only. A job that
 * was running when the process ended starts over.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** Queued imports. */
  #waiting: Job[] = [];
  /** Counts of running jobs. */
  readonly #counts = new Map<string, JobCounts>();
  #closed = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Resumes the jobs of an earlier process. */
  resume(): void {
    const { state } = this.#options;
    const unfinished = state
      .apps()
      .flatMap((app) => state.jobs(app.Id))
      .filter((job) => !isOver(job));
    for (const job of unfinished.sort((one, other) => one.Seq - other.Seq)) this.start(job);
  }

  /** Starts or queues a saved job. */
  start(job: Job): void {
    if (this.#mustWait(job)) {
      this.#waiting.push(job);
      // Later, so that the caller sees CREATED first.
      setImmediate(() => {
        if (!this.#waiting.includes(job)) return;
        try {
          this.#save(job, 'PENDING_JOB');
        } catch (error) {
          if (!isDiskError(error)) throw error;
        }
      });
      return;
    }
    const abort = new AbortController();
    const ended = this.#run(job, abort.signal).finally(() => {
      this.#running.delete(job.Id);
      this.#counts.delete(job.Id);
      this.#startWaiting();
    });
    const { SegmentId } = job.Definition;
    this.#running.set(job.Id, {
      type: job.Type,
      appId: job.ApplicationId,
      segmentId: SegmentId,
      abort,
      ended,
    });
  }

  /** Imports into the same segment run one after the other, so that each adds its members and a version. */
  #mustWait({ Type, ApplicationId, Definition: { SegmentId } }: Job): boolean {
    if (Type !== 'IMPORT') return false;
    const limit = this.#options.faults?.settings.importConcurrency ?? defaultImportConcurrency;
    const imports = [...this.#running.values()].filter(({ type }) => type === 'IMPORT');
    const isSame = ({ appId, segmentId }: Running): boolean =>
      SegmentId !== undefined && appId === ApplicationId && segmentId === SegmentId;
    return imports.length >= limit || imports.some(isSame);
  }

  /** A job with its current counts. */
  current<J extends Job>(job: J): J {
    return { ...job, ...this.#counts.get(job.Id) };
  }

  /** Stops the jobs of an app, or all; resolves when they have stopped. They stay unfinished on disk. */
  async stop(appId?: string): Promise<void> {
    const isSelected = (job: { readonly appId: string }): boolean =>
      appId === undefined || job.appId === appId;
    this.#closed ||= appId === undefined;
    this.#waiting = this.#waiting.filter((job) => !isSelected({ appId: job.ApplicationId }));
    const selected = [...this.#running.values()].filter(isSelected);
    for (const { abort } of selected) abort.abort();
    await Promise.all(selected.map(({ ended }) => ended));
  }

  #startWaiting(): void {
    for (;;) {
      const next = this.#closed ? undefined : this.#waiting.find((job) => !this.#mustWait(job));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((job) => job !== next);
      this.start(next);
    }
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    try {
      await this.#pause(signal);
      await this.#advance(job, signal, 'PREPARING_FOR_INITIALIZATION');
      await this.#pause(signal);
      await this.#advance(job, signal, 'INITIALIZING');
      await this.#pause(signal);
      await this.#advance(job, signal, 'PROCESSING');
      const { counts, segment } = await this.#process(job, signal);
      const failed = counts.FailedPieces > 0;
      await this.#advance(job, signal, failed ? 'FAILING' : 'COMPLETING', counts);
      await this.#pause(signal);
      if (failed) await this.#advance(job, signal, 'FAILED', counts);
      else await this.#complete(job, signal, counts, segment);
    } catch (error) {
      // A stopped job resumes at the next start.
      if (!signal.aborted) this.#options.onDefect(error);
    }
  }

  async #complete(
    job: Job,
    signal: AbortSignal,
    counts: JobCounts,
    segment: JobOutcome['segment'],
  ): Promise<void> {
    try {
      await this.#advance(job, signal, 'COMPLETED', counts, segment);
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      await this.#advance(job, signal, 'FAILED', failedCounts(counts, error.message));
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
          await this.#until(started, done * processingSteps, signal);
        },
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const known = error instanceof JobFailure ? error.message : undefined;
      const reason = known ?? (isDiskError(error) ? diskMessage(error) : undefined);
      if (reason === undefined) onDefect(error);
      return { counts: failedCounts(this.#counts.get(job.Id), reason ?? 'Internal error') };
    }
  }

  /** Saves the next state of a job; waits while the disk is full. */
  async #advance(
    job: Job,
    signal: AbortSignal,
    status: JobStatus,
    counts?: JobCounts,
    segment?: JobOutcome['segment'],
  ): Promise<void> {
    for (;;) {
      try {
        this.#save(job, status, counts, segment);
        return;
      } catch (error) {
        if (!isDiskError(error)) throw error;
        await delay(diskRetryMs, undefined, { signal });
      }
    }
  }

  #save(job: Job, status: JobStatus, counts?: JobCounts, segment?: JobOutcome['segment']): void {
    const { state } = this.#options;
    const latest = state.job(job.ApplicationId, job.Id);
    const over = status === 'COMPLETED' || status === 'FAILED';
    const changed: Job = {
      ...latest,
      ...counts,
      JobStatus: status,
      ...(over ? { CompletionDate: state.timestamp() } : {}),
    };
    state.save(changed, ...(segment === undefined ? [] : [segment()]));
  }

  #paceMs(): number {
    return this.#options.faults?.settings.paceMs ?? this.#options.paceMs;
  }

  /** Lets other requests run between two states, even without a pace. */
  async #pause(signal: AbortSignal): Promise<void> {
    const started = performance.now();
    await delay(0, undefined, { signal });
    await this.#until(started, 1, signal);
  }

  /** Waits until `started` is as long ago as `states` states take. A changed pace takes effect at once. */
  async #until(started: number, states: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = started + states * this.#paceMs() - performance.now();
      if (left <= 0) return;
      await delay(Math.min(left, paceCheckMs), undefined, { signal });
    }
  }
}

/** Makes a job fail; the message is reported among its failures. */
export class JobFailure extends Error {}

function failedCounts(counts: JobCounts | undefined, message: string): JobCounts {
  const { TotalPieces = 1, CompletedPieces = 0 } = counts ?? {};
  return {
    TotalPieces,
    CompletedPieces,
    FailedPieces: Math.max(1, TotalPieces - CompletedPieces),
    TotalProcessed: counts?.TotalProcessed ?? 0,
    TotalFailures: counts?.TotalFailures ?? 0,
    Failures: [...(counts?.Failures ?? []).slice(0, maxReportedFailures - 1), message],
  };
}

function isOver({ JobStatus }: Job): boolean {
  return JobStatus === 'COMPLETED' || JobStatus === 'FAILED';
}
