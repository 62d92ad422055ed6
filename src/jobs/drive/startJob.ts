import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { mayHaveHappened, wasAnswered } from '../../aws/connection/serviceErrors.ts';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { Stopwatch } from '../runs/clock.ts';
import { atLeast, backoff } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

/** What a search for a job came to: `undecided` while something may still turn out to be it. */
export type Found = ServiceJob | 'undecided' | undefined;

export interface Start {
  /** Asks the service to create the job, once. Calls `lastly` right before the request leaves, and sends nothing where that throws. */
  create(lastly: () => void): Promise<ServiceJob>;
  /** Notes what a search for the job will need, before it is asked for. */
  prepare(): Promise<void>;
  /** Looks for the job among the service's. */
  find(): Promise<Found>;
  /** Remembers on disk that the job is being asked for, before it is; with `false` that it is certain that there is none. */
  remember(isAsked: boolean): Promise<void>;
  /** An earlier process asked, and did not live to remember the answer. */
  readonly isAsked: boolean;
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
/** After an answer that leaves it open (a 5xx) nothing is on its way any more; only the list may lag. */
const answeredMs = 10_000;
/** Requests that may have created the job; one more would help nobody. */
const maxUncertain = 3;
const defaultMaxThrottles = 8;
/** Between writing down that a job is asked for and asking: whoever takes longer stood still, and writes it down again. */
const maxAskedAgeMs = 5000;

/** The process stood still between writing down and sending: nothing was sent. */
class NotSent extends AudienceError {}

/**
 * Creates a job exactly once, although the service knows no idempotency token (API reference: no create operation has one).
 *
 * Where an answer is lost, the job is looked for, and adopted where it is there. The request is repeated only when it has been
 * decided: no job is listed although the lost request can no longer be on its way. All waiting is by a clock that cannot be set.
 * What remains is a service that begins a job later than that, or lists it later, and a process that stands still for longer while
 * its request leaves; then the job exists twice, which is looked for once the run's own has ended.
 *
 * @throws AudienceError the refusal, where the service refused; `cancelled`, and then there is no job
 */
export async function startJob(start: Start): Promise<{ job: ServiceJob; adopted: boolean }> {
  const { clock, stop, waker, cancel, maxThrottles = defaultMaxThrottles } = start;
  let uncertainUntil = start.isAsked ? clock.elapsed() + unansweredMs : undefined;
  let uncertainRequests = 0;
  let refusals = 0;
  let throttles = 0;
  for (;;) {
    if (uncertainUntil !== undefined) {
      const job = await pollUntil(start, uncertainUntil);
      if (job !== undefined) return { job, adopted: true };
      await start.remember(false);
      uncertainUntil = undefined;
    }
    if (stop.aborted) throw cancelled();
    throwIfCancelled(cancel);
    let isSent = false;
    try {
      await start.prepare();
      const stopwatch = new Stopwatch(clock);
      await start.remember(true);
      isSent = true;
      const job = await start.create(() => {
        if (stopwatch.ms > maxAskedAgeMs) throw new NotSent('conflict', 'This process stood still');
      });
      return { job, adopted: false };
    } catch (error) {
      if (!(error instanceof AudienceError)) throw error;
      if (error instanceof NotSent) {
        await start.remember(false);
        continue;
      }
      if (isSent && mayHaveHappened(error)) {
        await start.onTrouble(error);
        uncertainUntil = clock.elapsed() + (wasAnswered(error) ? answeredMs : unansweredMs);
        uncertainRequests += 1;
        if (uncertainRequests === maxUncertain) {
          const job = await pollUntil(start, uncertainUntil);
          if (job !== undefined) return { job, adopted: true };
          throw error;
        }
        continue;
      }
      if (isSent) await start.remember(false);
      refusals += 1;
      throttles += error.code === 'throttled' ? 1 : 0;
      const passes = isSent ? isRefusalForNow(error) : isPassing(error);
      if (!passes || throttles === maxThrottles) throw error;
      await start.onTrouble(error);
      const pause = atLeast(backoff(2000, refusals, start.random()), error, start.random());
      await clock.sleep(pause, stop, waker.signal, ...(cancel === undefined ? [] : [cancel]));
    }
  }
}

/** Polls until the job is there or it is certain that it is not; trouble with looking does not count as not being there. */
async function pollUntil(start: Start, until: number): Promise<ServiceJob | undefined> {
  const { clock, stop, waker } = start;
  let failures = 0;
  for (let look = 1; ; look += 1) {
    if (stop.aborted) throw cancelled();
    let pause = Math.min(1000 * look, 10_000);
    try {
      const isDecided = clock.elapsed() >= until;
      const found = await start.find();
      failures = 0;
      await start.onTrouble(undefined);
      if (found !== 'undecided' && (found !== undefined || isDecided)) return found;
      if (!isDecided) pause = Math.max(1, Math.min(pause, until - clock.elapsed()));
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures += 1;
      await start.onTrouble(error);
      pause = atLeast(backoff(1000, failures, start.random()), error, start.random());
    }
    await clock.sleep(pause, stop, waker.signal);
  }
}

/** Without a way to the service nothing is lost but time, as during the upload. */
function isRefusalForNow({ code }: AudienceError): boolean {
  return code === 'credentials' || code === 'network' || code === 'throttled';
}

function isPassing(error: unknown): error is AudienceError {
  return (
    error instanceof AudienceError && ['network', 'service', 'throttled', 'credentials'].includes(error.code)
  );
}
