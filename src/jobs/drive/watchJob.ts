import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { isTerminal } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { nextDelay, throttlePause } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

/** The longest distance between two questions that many jobs of one identity keep, in milliseconds. */
const maxGapMs = 4000;
/** The first distance after a refusal. */
const firstGapMs = 100;

/**
 * How fast the service lets one identity ask, shared by all its jobs: after refusals they pause, and then ask one after the other, at
 * a distance that grows with each round of refusals and shrinks with each answer. By a clock that cannot be set.
 */
export class Pace {
  #throttles = 0;
  #until = 0;
  #since = Number.NEGATIVE_INFINITY;
  #gapMs = 0;
  #next = 0;

  /** Rounds of refusals in a row. */
  get throttles(): number {
    return this.#throttles;
  }

  /** None of the jobs asks before then, not even when it is woken. */
  get until(): number {
    return this.#until;
  }

  /** When whoever wants to ask may do so; the next one later. */
  turn(now: number): number {
    const turn = Math.max(now, this.#until, this.#next);
    this.#next = turn + this.#gapMs;
    return turn;
  }

  /**
   * @param asked when the question was asked that was refused
   * @param retryAfterMs how long the service wants to be left alone
   */
  throttled(asked: number, now: number, random: number, retryAfterMs = 0): void {
    // Those that were on their way together are one round.
    if (asked >= this.#since) {
      this.#throttles += 1;
      this.#since = now;
      this.#gapMs = Math.min(maxGapMs, Math.max(firstGapMs, this.#gapMs * 2));
    }
    const pause = Math.max(throttlePause(this.#throttles, random), retryAfterMs);
    this.#until = Math.max(this.#until, asked + pause);
  }

  answered(): void {
    this.#throttles = Math.max(0, this.#throttles - 1);
    this.#gapMs = this.#gapMs < firstGapMs / 4 ? 0 : this.#gapMs * 0.95;
  }
}

export interface Watch {
  /** Asks the service for the job, once. */
  ask(): Promise<ServiceJob>;
  /** How old the job is, in milliseconds. */
  readonly ageMs: number;
  /** Ask without a pause first, as of a job that was not looked at for long. */
  readonly atOnce: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pace: Pace;
  readonly isVisible: () => boolean;
  readonly waker: WakeSignal;
  readonly stop: AbortSignal;
  /** Each answer. */
  onJob(job: ServiceJob): Promise<void>;
  /** What keeps the answers away, and `undefined` once they come again. */
  onTrouble(trouble: AudienceError | undefined): Promise<void>;
}

/** A single lost answer is not worth telling. */
const failuresToReport = 2;
/** Answers in a row that say that there is no such job, after which that is believed. */
const answersToBelieve = 3;

/** The user did not want to tell the code of the MFA device. */
const signInCancelled = new AudienceError('credentials', 'Could not sign in: the sign-in was cancelled', {
  help: 'Refresh to be asked again.',
});

/** Trouble with the record or the lease, or a defect: asking again would not help. */
function isOurs({ code }: AudienceError): boolean {
  return code === 'conflict' || code === 'disk' || code === 'internal';
}

/**
 * Asks for a job by the schedule until it has ended. Failed questions are repeated, statuses that are not known count as running.
 *
 * @returns the job in a terminal status
 * @throws AudienceError `cancelled` once `stop` is aborted; `not-found` or `retired` where the service keeps saying so
 */
export async function watchJob(watch: Watch): Promise<ServiceJob> {
  const { clock, pace, stop } = watch;
  let asked = clock.elapsed();
  const since = asked - Math.max(0, watch.ageMs);
  let failures = 0;
  let denials = 0;
  let atOnce = watch.atOnce;
  for (;;) {
    if (!atOnce) {
      const situation = { failures, throttles: pace.throttles, visible: watch.isVisible() };
      const delay = nextDelay({ ageMs: asked - since, ...situation }, watch.random());
      await clock.sleep(Math.max(0, asked + delay - clock.elapsed()), stop, watch.waker.signal);
    }
    for (let turn = pace.turn(clock.elapsed()); !stop.aborted;) {
      turn = Math.max(turn, pace.until);
      const wait = turn - clock.elapsed();
      if (wait <= 0) break;
      await clock.sleep(wait, stop);
    }
    throwIfCancelled(stop);
    atOnce = false;
    asked = clock.elapsed();
    try {
      const job = await watch.ask();
      failures = 0;
      denials = 0;
      pace.answered();
      await watch.onJob(job);
      await watch.onTrouble(undefined);
      if (isTerminal(job.status)) return job;
    } catch (error) {
      throwIfCancelled(stop);
      if (!(error instanceof AudienceError) || isOurs(error)) throw error;
      denials = error.code === 'not-found' || error.code === 'retired' ? denials + 1 : 0;
      if (denials === answersToBelieve) throw error;
      if (error.code === 'throttled') {
        pace.throttled(asked, clock.elapsed(), watch.random(), error.service?.retryAfterMs);
        continue;
      }
      failures += 1;
      if (isCancelled(error)) await watch.onTrouble(signInCancelled);
      else if (failures >= failuresToReport || error.code === 'credentials') await watch.onTrouble(error);
    }
  }
}
