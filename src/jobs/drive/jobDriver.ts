import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { AudienceError, isCancelled, throwIfCancelled, errorKind, reasonOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import { explain } from '../failures/explain.ts';
import { TakenOver, type Guard } from '../runs/guard.ts';
import type { PartIndex } from '../runs/parts.ts';
import { runJob } from '../runs/parts.ts';
import { connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { Queue } from '../runs/queue.ts';
import type { RunJob, RunRecord, RunTrouble } from '../runs/runRecord.ts';
import { hasUnknownJob, jobsOf } from '../runs/runRecord.ts';
import { atLeast, backoff, leftOf } from './polling.ts';
import type { JobScope, RunKind } from './runKind.ts';
import { kindOf, scopeOf } from './runKinds.ts';
import { isPassing } from './stageFiles.ts';
import { startJob } from './startJob.ts';
import type { WakeSignal } from './wakeSignal.ts';
import type { Pace } from './watchJob.ts';
import { watchJob } from './watchJob.ts';

/** How often to retry inspecting the results of a job. */
const maxCollectFailures = 5;
/** Fallback poll interval while queued, in milliseconds. */
const fallbackPollMs = 10_000;
/** Pause after the service refused a job, in milliseconds; doubles each time. */
const refusedMs = 15_000;
/** Throttled requests after which an import returns to the queue: AWS doesn't document how it refuses one too many. */
const throttlesOfImport = 3;

/** What the jobs of a run share. */
export interface RunScope {
  readonly id: string;
  /** The latest connection of the run's account, region and service. */
  readonly connection: () => Connection;
  /** All runs, to attribute jobs. */
  readonly list: () => readonly RunRecord[];
  readonly queue: Queue;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: WakeSignal;
  readonly isVisible: () => boolean;
  readonly log: Log;
  /** Leaves everything as it is. */
  readonly stop: AbortSignal;
  /** Takes effect while the job certainly doesn't exist. */
  readonly cancel: AbortSignal;
  /** Throws `not-found` if the record is gone. */
  readonly record: () => RunRecord;
  readonly guard: Guard<RunRecord>;
  readonly save: (part: PartIndex, change: Partial<RunJob>) => Promise<RunRecord>;
  readonly update: (change: (record: RunRecord) => RunRecord) => Promise<RunRecord>;
  /** Called if this process created a job although another process has taken the run over. */
  readonly reportDouble: (part: PartIndex, job: ServiceJob) => Promise<void>;
  readonly reportTrouble: (trouble: AudienceError | undefined) => Promise<void>;
  /** Stops driving all jobs of the run, and leaves its record to another process, or to a later attempt of this one. */
  readonly leave: () => void;
  /** The run has begun. */
  readonly begun: (record: RunRecord) => void;
  /** The user must do something before the run can begin. */
  readonly waits: (trouble: AudienceError) => void;
}

/** Drives one job of a run from its current state to its end. Each state is on disk before its step. */
export class JobDriver {
  readonly #run: RunScope;
  readonly #part: PartIndex;
  /** The job reached its state in this process. */
  #isFresh: boolean;
  #refusals = 0;

  constructor(run: RunScope, part: PartIndex, isFresh: boolean) {
    this.#run = run;
    this.#part = part;
    this.#isFresh = isFresh;
  }

  /** Resolves with the error, if the job ended by one of ours. */
  async drive(): Promise<Error | undefined> {
    try {
      for (;;) {
        const { state } = this.#job;
        if (state === 'queued') await this.#waitTurn();
        else if (state === 'starting') await this.#start();
        else if (state === 'running') await this.#watch();
        else return undefined;
        this.#isFresh = true;
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(errorKind(error));
      await this.#fail(failure);
      return failure;
    }
  }

  async #waitTurn(): Promise<void> {
    const { id, queue, clock, guard, stop, cancel, waker } = this.#run;
    const key = connectionKeyOfRecord(this.#run.record());
    for (;;) {
      throwIfCancelled(stop);
      throwIfCancelled(cancel);
      // Read before the check, so that no change is missed.
      const { changed } = queue;
      const isStarted = await queue.takeTurn(key, id, this.#part, async () => {
        await this.#save({ state: 'starting', queued: undefined, retryAt: undefined });
      });
      if (isStarted) return;
      this.#run.begun(this.#run.record());
      await clock.sleep(this.#pollMs(), stop, cancel, changed, waker.signal);
      // After a suspension, another process may have taken over and started the job: this turn would never come.
      if (!stop.aborted) await guard.check();
    }
  }

  #pollMs(): number {
    const { queued = 0, retryAt = 0 } = this.#job;
    const left = leftOf({ from: queued, until: retryAt }, this.#run.clock.now());
    // Later it waits for other runs, whose changes wake it.
    return left === 0 ? fallbackPollMs : Math.min(fallbackPollMs, left);
  }

  async #start(): Promise<void> {
    const { clock, random, waker, stop, cancel, guard, reportTrouble } = this.#run;
    const step = this.#kind.start!;
    const { isQueued } = step;
    const update = this.#run.update;
    let made: ServiceJob | undefined;
    try {
      const { job, adopted } = await startJob({
        prepare: async () => {
          const change = await step.prepare(this.#scope);
          await update(change);
        },
        create: async (lastly) => {
          made = await guard.send(() => step.create(this.#scope), lastly);
          return made;
        },
        find: () => step.find(this.#scope),
        remember: async (isAsked) => {
          await this.#save({ asked: isAsked ? clock.now() : undefined });
        },
        isAsked: this.#job.asked !== undefined,
        clock,
        random,
        waker,
        stop,
        cancel,
        maxThrottles: isQueued ? throttlesOfImport : undefined,
        onTrouble: async (trouble) => {
          await reportTrouble(trouble);
          // The run continues after the sign-in; until then the caller shouldn't wait.
          if (trouble?.code === 'credentials') this.#run.waits(trouble);
        },
      });
      await reportTrouble(undefined);
      // The adopted job may be one that a suspended process reported as a double.
      const doubles = this.#job.doubles?.filter(({ id }) => id !== job.id);
      const before = adopted ? this.#job.before : undefined;
      this.#run.begun(await this.#save({ state: 'running', job, adopted, before, doubles }));
    } catch (error) {
      if (made !== undefined && error instanceof TakenOver) {
        await this.#run.reportDouble(this.#part, made);
      }
      if (!isQueued || !(error instanceof AudienceError) || error.code !== 'throttled') throw error;
      await this.#queueAgain(error);
    }
  }

  /** A transient refusal: the run loses only its turn. */
  async #queueAgain(refusal: AudienceError): Promise<void> {
    const { clock, random, reportTrouble } = this.#run;
    this.#refusals += 1;
    const now = clock.now();
    const retryAt = now + atLeast(backoff(refusedMs, this.#refusals, random()), refusal, random());
    await reportTrouble(refusal);
    await this.#save({ state: 'queued', queued: now, retryAt });
  }

  async #watch(): Promise<void> {
    const { clock, random, pace, waker, isVisible, stop, reportTrouble } = this.#run;
    const kind = this.#kind;
    this.#run.begun(this.#run.record());
    const found = this.#job;
    let last = found.job!;
    // A job that wasn't just created may have ended long ago.
    const mayBeOld = !this.#isFresh || found.adopted === true;
    const job = await watchJob({
      ask: () => kind.watch(this.#scope),
      // The wall clock may have been set since a new job was requested.
      ageMs: mayBeOld ? clock.now() - (found.asked ?? sinceOf(last, clock.now())) : 0,
      atOnce: mayBeOld,
      clock,
      random,
      pace,
      waker,
      isVisible,
      stop,
      onJob: async (answer) => {
        // An export that is read back may not say where it writes.
        const next = { ...answer, s3Url: answer.s3Url ?? last.s3Url };
        if (JSON.stringify(next) === JSON.stringify(last)) return;
        last = next;
        await this.#save({ job: next });
      },
      onTrouble: reportTrouble,
    });
    if (job.status === 'COMPLETED') {
      await this.#save({ state: 'completed', before: undefined, ...(await this.#collected(job)) });
      return;
    }
    await this.#save({ state: job.status === 'CANCELLED' ? 'cancelled' : 'failed', error: failureOf(job) });
  }

  /** The job has completed. If its results can't be inspected, they are assumed to be fine. */
  async #collected(job: ServiceJob): Promise<Partial<RunJob>> {
    const { clock, random, stop, log, id } = this.#run;
    for (let failures = 1; ; failures += 1) {
      try {
        return (await this.#kind.collect?.(this.#scope, job)) ?? {};
      } catch (error) {
        throwIfCancelled(stop);
        if (!(error instanceof AudienceError)) throw error;
        if (!isPassing(error) || failures > maxCollectFailures) {
          log.warn(`The results of the job of run ${id} could not be inspected`, error);
          return {};
        }
        await clock.sleep(atLeast(backoff(1000, failures, random()), error, random()), stop);
      }
    }
  }

  get #kind(): RunKind {
    return kindOf(this.#run.record());
  }

  get #scope(): JobScope {
    const { id, connection, list, stop } = this.#run;
    const others = list().flatMap((other) => (other.id === id ? [] : jobsOf(other).map((job) => job.id)));
    const more = { connection: connection(), others: new Set(others), stop };
    return scopeOf(this.#run.record(), this.#part, more);
  }

  async #fail(error: Error): Promise<void> {
    const { id, log, stop, leave } = this.#run;
    if (stop.aborted) return;
    if (isCancelled(error)) {
      await this.#save({ state: 'cancelled' });
      return;
    }
    const failure = asAudienceError(error);
    if (isOfRecord(failure)) {
      if (failure instanceof TakenOver) log.info(`Run ${id} continues elsewhere: ${this.#job.state}`);
      else {
        log.warn(
          `Run ${id} waits until its record can be written; its job may exist: ${failure.message}. If this process ends before, "jobs resume" continues it.`,
        );
      }
      leave();
      return;
    }
    const { state } = this.#job;
    const trouble = troubleOf(failure);
    const help =
      "It's unknown whether the job exists. Retry: the import searches for it before it starts another.";
    await this.#save({
      state: 'failed',
      error: hasUnknownJob(this.#job) ? { ...trouble, help } : trouble,
    });
    log.warn(`Run ${id} failed: ${state}: ${failure.code}`);
  }

  get #job(): RunJob {
    return runJob(this.#run.record(), this.#part);
  }

  #save(change: Partial<RunJob>): Promise<RunRecord> {
    return this.#run.save(this.#part, change);
  }
}

/** When the job was created, if the service says so. Its clock may differ from ours. */
function sinceOf({ created }: ServiceJob, now: number): number {
  const since = Date.parse(created);
  return Number.isNaN(since) ? now : Math.min(since, now);
}

/** True if the error says nothing about the job: this process lost the run, or can't write its record at the moment. */
function isOfRecord(error: AudienceError): boolean {
  return error instanceof TakenOver || error.code === 'disk';
}

export function asAudienceError(error: Error): AudienceError {
  return error instanceof AudienceError
    ? error
    : new AudienceError('internal', reasonOf(error), { cause: error });
}

export function troubleOf({ code, message, help }: AudienceError): RunTrouble {
  return { code, message, help: explain(message, code)?.next ?? help };
}

/** Omits the service's texts, because they may quote the file. The page of the run shows them. */
function failureOf(job: ServiceJob): RunTrouble {
  const { kind, failedPieces = 0, totalPieces = 0, failures } = job;
  const pieces = failedPieces > 0 ? `: ${failedPieces} of ${totalPieces} pieces could not be processed` : '';
  const explanation = failures.map((failure) => explain(failure)).find((found) => found !== undefined);
  const what = explanation === undefined ? '' : ` ${explanation.what}`;
  return {
    code: 'service',
    message: `Amazon Pinpoint could not complete the ${kind}${pieces}.${what}`,
    help: explanation?.next ?? "Open the job to see the service's reasons.",
  };
}
