import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { isTerminal } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { nextDelay, throttlePause } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

/** Maximum gap between two requests of one identity, in milliseconds. */
const maxGapMs = 4000;
/** The gap after the first throttling error, in milliseconds. */
const firstGapMs = 100;

/**
 * The request rate of one identity, shared by all its jobs: after throttling errors they pause, then poll one after the other, with a
 * gap that grows with each round of throttling errors and shrinks with each response. Uses the monotonic clock.
 */
export class Pace {
  #throttles = 0;
  #until = 0;
  #since = Number.NEGATIVE_INFINITY;
  #gapMs = 0;
  #next = 0;

  /** Consecutive rounds of throttling errors. */
  get throttles(): number {
    return this.#throttles;
  }

  /** No job polls before then, not even when it is woken. */
  get until(): number {
    return this.#until;
  }

  /** When the caller may poll; the next caller later. */
  turn(now: number): number {
    const turn = Math.max(now, this.#until, this.#next);
    this.#next = turn + this.#gapMs;
    return turn;
  }

  /**
   * @param asked when the throttled request was sent
   * @param retryAfterMs pause that the service asked for
   */
  throttled(asked: number, now: number, random: number, retryAfterMs = 0): void {
    // Requests in flight at the same time are one round.
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
  /** Requests the job, once. */
  ask(): Promise<ServiceJob>;
  /** Age of the job, in milliseconds. */
  readonly ageMs: number;
  /** Poll immediately, for example if the job wasn't polled for long. */
  readonly atOnce: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pace: Pace;
  readonly isVisible: () => boolean;
  readonly waker: WakeSignal;
  readonly stop: AbortSignal;
  /** Called with each response. */
  onJob(job: ServiceJob): Promise<void>;
  /** Called with the reason why there is no response; with `undefined` after the next response. */
  onTrouble(trouble: AudienceError | undefined): Promise<void>;
}

/** A single failed request isn't worth reporting. */
const failuresToReport = 2;
/** Consecutive "not found" responses after which the job counts as gone. */
const answersToBelieve = 3;

/** The user cancelled the prompt for the MFA code. */
const signInCancelled = new AudienceError('credentials', 'Could not sign in: the sign-in was cancelled', {
  help: 'Refresh to be asked again.',
});

/** An error of the record or the lease, or a defect: polling again wouldn't help. */
function isOurs({ code }: AudienceError): boolean {
  return code === 'conflict' || code === 'disk' || code === 'internal';
}

/**
 * Polls a job until it has ended. Failed requests are repeated, unknown statuses count as running.
 *
 * @returns the job in a terminal status
 * @throws AudienceError `cancelled` once `stop` is aborted; `not-found` or `retired` if the service repeats it
 */
export async function watchJob(watch: Watch): Promise<ServiceJob> {
  const { clock, pace, stop } = watch;
  let asked = clock.elapsed();
  const since = asked - Math.max(0, watch.ageMs);
  let failures = 0;
  let denials = 0;
  let atOnce = watch.atOnce;
  let notBefore = 0;
  for (;;) {
    if (!atOnce) {
      const situation = { failures, throttles: pace.throttles, visible: watch.isVisible() };
      const delay = nextDelay({ ageMs: asked - since, ...situation }, watch.random());
      await clock.sleep(Math.max(0, asked + delay - clock.elapsed()), stop, watch.waker.signal);
    }
    for (let turn = pace.turn(clock.elapsed()); !stop.aborted;) {
      turn = Math.max(turn, pace.until, notBefore);
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
      notBefore = asked + (error.service?.retryAfterMs ?? 0);
      if (isCancelled(error)) await watch.onTrouble(signInCancelled);
      else if (failures >= failuresToReport || error.code === 'credentials') await watch.onTrouble(error);
    }
  }
}
