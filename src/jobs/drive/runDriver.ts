import type { Connection } from '../../aws/connection/connection.ts';
import { withoutWriteGuard } from '../../aws/connection/writeGuard.ts';
import { AudienceError, isCancelled, throwIfCancelled, errorKind, reasonOf } from '../../errors.ts';
import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import type { RunScope } from './jobDriver.ts';
import { asAudienceError, JobDriver, troubleOf } from './jobDriver.ts';
import { TakenOver, type Guard } from '../runs/guard.ts';
import type { PartIndex } from '../runs/parts.ts';
import { partIndexes, runJob, withJob, withJobsIn } from '../runs/parts.ts';
import type { Queue } from '../runs/queue.ts';
import { afterChange } from '../runs/transitions.ts';
import type { ImportRun, RunRecord } from '../runs/runRecord.ts';
import { isCancellable } from './retry.ts';
import type { RunControl } from '../runs/runControl.ts';
import { doubleOf, kindOf } from './runKinds.ts';
import { emptyFolder } from './stagedFolders.ts';
import type { RunStaging } from './stageRun.ts';
import { NotResumable } from './stageRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { WakeSignal } from './wakeSignal.ts';
import type { Pace } from './watchJob.ts';

/** How often to check whether another window cancelled the run, in milliseconds. */
const cancelPollMs = 2000;

export interface DriverOptions {
  readonly id: string;
  readonly guard: Guard<RunRecord>;
  readonly store: RunStore;
  readonly queue: Queue;
  /** The latest connection of the run's account, region and service. */
  readonly connection: () => Connection;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: WakeSignal;
  readonly isVisible: () => boolean;
  readonly log: Log;
  /** Only if a caller waits for the run to begin. */
  readonly control?: RunControl | undefined;
  /** The run was just created. */
  readonly isNew?: boolean | undefined;
  /** Called when the driver has released its lease and stopped. */
  readonly onEnd: () => void;
}

/** Drives one run from its current state to its end: uploads its files, then drives each of its jobs. */
export class RunDriver {
  readonly #options: DriverOptions;
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();
  readonly #ended = new AbortController();
  /** Resolves once a job exists or the run is queued; rejects if it ended before, or if the user must sign in first. */
  readonly begun: Promise<RunRecord>;
  #resolveBegun!: (record: RunRecord) => void;
  #rejectBegun!: (error: Error) => void;
  /** Settles when the driver has stopped; never rejects. */
  readonly done: Promise<void>;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.begun = new Promise((resolve, reject) => {
      this.#resolveBegun = resolve;
      this.#rejectBegun = reject;
    });
    // Only the caller that began the run handles a rejection.
    this.begun.catch(() => undefined);
    this.done = withoutWriteGuard(() => this.#drive());
  }

  /** Leaves the run as it is, for another or later process. */
  stop(): void {
    this.#stop.abort();
  }

  /** Cancels what hasn't started yet. */
  cancel(): void {
    this.#cancel.abort();
  }

  async #drive(): Promise<void> {
    const { id, guard, log, onEnd, store } = this.#options;
    let failure: Error | undefined;
    try {
      if (await store.wantsCancel(id)) this.cancel();
      else void this.#listenForCancel();
      failure = await this.#work();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(errorKind(error));
      log.error(`Run ${id} stopped unexpectedly`, failure);
    }
    this.#ended.abort();
    await this.#cleanUp();
    if (!this.#stop.signal.aborted) {
      await store.forgetCancel(id).catch((error: unknown) => log.warn(`Run ${id}: ${reasonOf(error)}`));
    }
    await guard
      .release()
      .catch((error: unknown) => log.warn(`The lease on run ${id} could not be released`, error));
    onEnd();
    // No effect if the run has begun.
    this.#rejectBegun(failure ?? new AudienceError('not-found', 'The record of the job is gone'));
  }

  async #work(): Promise<Error | undefined> {
    const scope = this.#scope();
    const record = scope.record();
    if (record.state === 'staging') {
      try {
        await this.#stage(record, scope);
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(errorKind(error));
        await this.#failStaging(failure);
        return failure;
      }
    }
    const drivers = partIndexes(record).map(
      (part) => new JobDriver(scope, part, this.#options.isNew === true),
    );
    // Waits for all: this process owns the run until the last one ends.
    const results = await Promise.allSettled(drivers.map((driver) => driver.drive()));
    const failures = results.map((result) =>
      result.status === 'fulfilled' ? result.value : asAudienceError(result.reason as Error),
    );
    return failures.find((failure) => failure !== undefined);
  }

  async #stage(record: RunRecord, scope: RunScope): Promise<void> {
    const { connection, control, clock, guard, isNew, random, waker } = this.#options;
    const about = {
      staging: () => connection().staging,
      run: () => scope.record().import!,
      write: async (uploads: ImportRun['uploads']) => {
        await this.#save((latest) => ({ ...latest, import: { ...latest.import!, uploads } }));
      },
      isResumed: isNew !== true,
      onProgress: control?.onProgress,
      onTrouble: async (trouble: AudienceError) => {
        await this.#reportTrouble(trouble);
        if (trouble.code === 'credentials') scope.waits(trouble);
      },
      clock,
      random,
      signal: AbortSignal.any([scope.cancel, scope.stop]),
      woken: () => waker.signal,
    } satisfies RunStaging;
    const run = await guard.send(() => kindOf(record).upload!(record, about));
    throwIfCancelled(scope.cancel);
    const queued = clock.now();
    await this.#save((latest) =>
      withJobsIn({ ...latest, import: run, trouble: undefined }, 'staging', { state: 'queued', queued }),
    );
  }

  async #failStaging(error: Error): Promise<void> {
    const { id, log } = this.#options;
    if (this.#stop.signal.aborted) return;
    if (isCancelled(error)) {
      await this.#save((latest) => withJobsIn(latest, 'staging', { state: 'cancelled' }));
      return;
    }
    if (error instanceof TakenOver) {
      log.info(`Run ${id} continues elsewhere: staging`);
      this.stop();
      return;
    }
    const failure = asAudienceError(error);
    const state = error instanceof NotResumable ? 'interrupted' : 'failed';
    await this.#save((latest) => withJobsIn(latest, 'staging', { state, error: troubleOf(failure) }));
    log.warn(`Run ${id} failed: staging: ${failure.code}`);
  }

  #scope(): RunScope {
    const { id, guard, store, control } = this.#options;
    const { connection, queue, pace, clock, random, waker, isVisible, log } = this.#options;
    const given = control?.signal;
    return {
      ...{ id, connection, queue, pace, clock, random, waker, isVisible, log },
      list: () => store.list(),
      stop: this.#stop.signal,
      cancel: given === undefined ? this.#cancel.signal : AbortSignal.any([given, this.#cancel.signal]),
      record: () => {
        const record = store.get(id);
        if (record === undefined) throw new AudienceError('not-found', 'The record of the job is gone');
        return record;
      },
      guard,
      save: (part, change) => this.#save((record) => withJob(record, part, change)),
      update: (change) => this.#save(change),
      reportDouble: (part, job) => this.#reportDouble(part, job),
      reportTrouble: (trouble) => this.#reportTrouble(trouble),
      leave: () => this.stop(),
      begun: (record) => this.#resolveBegun(record),
      waits: (trouble) => this.#rejectBegun(trouble),
    };
  }

  async #listenForCancel(): Promise<void> {
    const { id, store, clock, log } = this.#options;
    const over = AbortSignal.any([this.#stop.signal, this.#ended.signal]);
    try {
      const mayBeCancelled = (): boolean => {
        const record = store.get(id);
        return (
          record !== undefined && partIndexes(record).some((part) => isCancellable(runJob(record, part)))
        );
      };
      while (!over.aborted && !this.#cancel.signal.aborted && mayBeCancelled()) {
        await clock.sleep(cancelPollMs, over, store.cancelAsked);
        if (await store.wantsCancel(id)) this.cancel();
      }
    } catch (error) {
      log.warn(`Cancellation of run ${id} could not be checked`, error);
    }
  }

  /** Deletes what was staged for a job that won't be created; after a failure, tries again with the next connection. */
  async #cleanUp(): Promise<void> {
    const { connection, guard, id, log, store } = this.#options;
    const run = store.get(id)?.import;
    if (run?.leftovers !== true || this.#stop.signal.aborted) return;
    try {
      await guard.send(() => emptyFolder(connection().staging, run));
      await this.#save((record) => ({ ...record, import: { ...run, staged: [], leftovers: undefined } }));
    } catch (error) {
      log.warn(`The staged objects of run ${id} could not be deleted yet`, error);
    }
  }

  /** Recorded without the guard, which no longer holds. The new owner may have adopted the job. */
  async #reportDouble(part: PartIndex, job: ServiceJob): Promise<void> {
    const { id, log, store } = this.#options;
    log.warn(`A second job was started for run ${id}, because this process was suspended: ${job.id}`);
    await store.update(id, (record) => {
      const { job: own, doubles = [] } = runJob(record, part);
      if (own?.id === job.id || doubles.some((double) => double.id === job.id)) return undefined;
      return { ...withJob(record, part, { doubles: [...doubles, doubleOf(job)] }), notified: false };
    });
  }

  async #reportTrouble(trouble: AudienceError | undefined): Promise<void> {
    const known = this.#options.store.get(this.#options.id)?.trouble;
    if (trouble?.code === known?.code) return;
    await this.#save((record) => ({ ...record, trouble: trouble && troubleOf(trouble) }));
  }

  async #save(change: (record: RunRecord) => RunRecord): Promise<RunRecord> {
    const { clock, guard } = this.#options;
    throwIfCancelled(this.#stop.signal);
    return guard.update((latest) => afterChange(latest, change(latest), clock.now()));
  }
}
