import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { mayHaveHappened, wasAnswered } from '../../aws/connection/serviceErrors.ts';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { backoff } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

export interface Start {
  /** Asks the service to create the job, once. */
  create(): Promise<ServiceJob>;
  /** Looks among the service's jobs for the one that was asked for at `asked` or later. */
  find(asked: number): Promise<ServiceJob | undefined>;
  /** Remembers on disk when the job is asked for, before it is; `undefined` once it is certain that there is none. */
  remember(asked: number | undefined): Promise<void>;
  /** When an earlier process asked, and did not live to remember the answer. */
  readonly asked: number | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: WakeSignal;
  /** Leaves everything as it is. */
  readonly stop: AbortSignal;
  /** Is heard wherever it is certain that there is no job. */
  readonly cancel: AbortSignal | undefined;
  /** Throttled requests after which to give up; each of them began nothing. */
  readonly maxThrottles?: number | undefined;
  onTrouble(trouble: AudienceError | undefined): Promise<void>;
}

/**
 * A request without an answer is decided by then: ours are given up after 70 s (a connection in 10, an answer in 60),
 * and what is not listed some seconds later was not begun.
 */
const unansweredMs = 90_000;
/** After an answer that leaves doubt (a 5xx) nothing is on its way any more; only the list may lag. */
const answeredMs = 10_000;
/** Requests that may have created the job; one more would help nobody. */
const maxUncertain = 3;
const defaultMaxThrottles = 8;

/**
 * Creates a job exactly once, although the service knows no idempotency token (API reference: no create operation has one).
 *
 * Where an answer is lost, the job is looked for, and adopted where it is there. The request is repeated only when it has been
 * decided: no job is listed although the lost request can no longer be on its way. What remains is a service that begins
 * a job later than that, or lists it later; then the job would exist twice, both reading the same files.
 *
 * @throws AudienceError the refusal, where the service refused; `cancelled`, and then there is no job
 */
export async function startJob(start: Start): Promise<{ job: ServiceJob; adopted: boolean }> {
  const { clock, stop, waker, cancel, maxThrottles = defaultMaxThrottles } = start;
  let doubt =
    start.asked === undefined ? undefined : { asked: start.asked, until: start.asked + unansweredMs };
  let uncertainRequests = 0;
  let refusals = 0;
  for (;;) {
    if (doubt !== undefined) {
      const job = await pollUntil(start, doubt.asked, doubt.until);
      if (job !== undefined) return { job, adopted: true };
      await start.remember(undefined);
    }
    if (stop.aborted) throw cancelled();
    throwIfCancelled(cancel);
    const asked = clock.now();
    await start.remember(asked);
    try {
      return { job: await start.create(), adopted: false };
    } catch (error) {
      if (!(error instanceof AudienceError)) throw error;
      if (mayHaveHappened(error)) {
        await start.onTrouble(error);
        const until = clock.now() + (wasAnswered(error) ? answeredMs : unansweredMs);
        uncertainRequests += 1;
        if (uncertainRequests === maxUncertain) {
          const job = await pollUntil(start, asked, until);
          if (job !== undefined) return { job, adopted: true };
          throw error;
        }
        doubt = { asked, until };
        continue;
      }
      await start.remember(undefined);
      doubt = undefined;
      refusals += 1;
      const isPassing =
        error.code === 'credentials' || (error.code === 'throttled' && refusals < maxThrottles);
      if (!isPassing) throw error;
      await start.onTrouble(error);
      const pause = backoff(2000, refusals, start.random());
      await clock.sleep(pause, stop, waker.signal, ...(cancel === undefined ? [] : [cancel]));
    }
  }
}

/** Looks until the job is there or `until` has passed; trouble with looking does not count as not being there. */
async function pollUntil(start: Start, asked: number, end: number): Promise<ServiceJob | undefined> {
  const { clock, stop, waker } = start;
  let until = end;
  let failures = 0;
  for (let look = 1; ; look += 1) {
    if (stop.aborted) throw cancelled();
    // Nothing takes longer; where it seems to, the clock was put back.
    until = Math.min(until, clock.now() + unansweredMs);
    let pause = Math.min(1000 * look, 10_000);
    try {
      const decided = clock.now() >= until;
      const job = await start.find(asked);
      failures = 0;
      if (job !== undefined || decided) {
        await start.onTrouble(undefined);
        return job;
      }
      pause = Math.max(1, Math.min(pause, until - clock.now()));
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures += 1;
      await start.onTrouble(error);
      pause = backoff(1000, failures, start.random());
    }
    await clock.sleep(pause, stop, waker.signal);
  }
}

function isPassing(error: unknown): error is AudienceError {
  return (
    error instanceof AudienceError && ['network', 'service', 'throttled', 'credentials'].includes(error.code)
  );
}
