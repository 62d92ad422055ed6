import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { isTerminal } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { leftUntil, nextDelay, throttlePause } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

/** How often in a row the service said that one identity asks too often; shared by all its jobs. */
export class Pace {
  #throttles = 0;
  #until = 0;

  get throttles(): number {
    return this.#throttles;
  }

  /** None of the jobs asks before then, not even when it is woken: milliseconds since 1970. */
  get until(): number {
    return this.#until;
  }

  /** @param asked when the question was asked that was refused */
  throttled(asked: number, random: number): void {
    this.#throttles += 1;
    this.#until = Math.max(this.#until, asked + throttlePause(this.#throttles, random));
  }

  answered(): void {
    this.#throttles = Math.max(0, this.#throttles - 1);
  }
}

export interface Watch {
  /** Asks the service for the job, once. */
  ask(): Promise<ServiceJob>;
  /** When the job was asked for: milliseconds since 1970 by `clock`. */
  readonly since: number;
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
  let asked = clock.now();
  let since = Math.min(watch.since, asked);
  let failures = 0;
  let denials = 0;
  let atOnce = watch.atOnce;
  for (;;) {
    if (!atOnce) {
      const situation = { failures, throttles: pace.throttles, visible: watch.isVisible() };
      const delay = nextDelay({ ageMs: asked - since, ...situation }, watch.random());
      await clock.sleep(leftUntil(asked + delay, clock.now()), stop, watch.waker.signal);
    }
    for (;;) {
      const wait = leftUntil(pace.until, clock.now());
      if (wait === 0 || stop.aborted) break;
      await clock.sleep(wait, stop);
    }
    throwIfCancelled(stop);
    atOnce = false;
    asked = clock.now();
    // A clock that was put back would make it younger than new, and asked for each second.
    since = Math.min(since, asked);
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
        pace.throttled(asked, watch.random());
        continue;
      }
      failures += 1;
      if (isCancelled(error)) await watch.onTrouble(signInCancelled);
      else if (failures >= failuresToReport || error.code === 'credentials') await watch.onTrouble(error);
    }
  }
}
