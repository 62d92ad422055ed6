import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { mayHaveHappened, wasAnswered } from '../../aws/connection/serviceErrors.ts';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { Stopwatch } from '../runs/clock.ts';
import { atLeast, backoff } from './polling.ts';
import type { WakeSignal } from './wakeSignal.ts';

/** The result of a search for a job: `undecided` while a candidate may still turn out to be it. */
export type Found = ServiceJob | 'undecided' | undefined;

export interface Start {
  /** Requests the job, once. Calls `lastly` right before the request is sent; if that throws, nothing is sent. */
  create(lastly: () => void): Promise<ServiceJob>;
  /** Records what a search for the job will need, before the request. */
  prepare(): Promise<void>;
  /** Searches the jobs of the service for it. */
  find(): Promise<Found>;
  /** Records on disk that the job is about to be requested; with `false`, that it certainly doesn't exist. */
  remember(isAsked: boolean): Promise<void>;
  /** An earlier process requested the job and ended before recording the response. */
  readonly isAsked: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: WakeSignal;
  /** Leaves everything as it is. */
  readonly stop: AbortSignal;
  /** Takes effect whenever the job certainly doesn't exist. */
  readonly cancel: AbortSignal | undefined;
  /** Throttled requests after which to give up; none of them created a job. */
  readonly maxThrottles?: number | undefined;
  onTrouble(trouble: AudienceError | undefined): Promise<void>;
}

/**
 * After this time, the fate of a request without a response is certain: ours time out after 70 s (10 to connect, 60 to respond), and
 * a job that isn't listed some seconds later wasn't created.
 */
const unansweredMs = 90_000;
/** After a response that leaves it open (5xx), nothing is in flight; only the list may lag. */
const answeredMs = 10_000;
/** Maximum number of requests with an unknown outcome. */
const maxUncertain = 3;
const defaultMaxThrottles = 8;
/** Maximum time between recording the request and sending it. A process that takes longer was suspended, and records it again. */
const maxAskedAgeMs = 5000;

/** The process was suspended between recording and sending: nothing was sent. */
class NotSent extends AudienceError {}

/**
 * Creates a job exactly once, although the service has no idempotency token (API reference: no create operation has one).
 *
 * If a response is lost, searches for the job and adopts it. Repeats the request only once the outcome is certain: no job is listed
 * although the lost request can no longer be in flight. All waiting uses the monotonic clock. Two gaps remain: a service that creates
 * or lists a job later than that, and a process that is suspended for longer right before its request is sent. Then the job exists
 * twice; a search for such jobs follows when the run's own job has ended.
 *
 * @throws AudienceError the refusal of the service; `cancelled`, and then there is no job
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
        if (stopwatch.ms > maxAskedAgeMs) throw new NotSent('conflict', 'This process was suspended');
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

/** Polls until the job is found or certainly doesn't exist; a failed poll decides nothing. */
async function pollUntil(start: Start, until: number): Promise<ServiceJob | undefined> {
  const { clock, stop, waker } = start;
  let failures = 0;
  for (let poll = 1; ; poll += 1) {
    if (stop.aborted) throw cancelled();
    let pause = Math.min(1000 * poll, 10_000);
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

/** Refused, but a later attempt may succeed, as during the upload. */
function isRefusalForNow({ code }: AudienceError): boolean {
  return code === 'credentials' || code === 'network' || code === 'throttled';
}

function isPassing(error: unknown): error is AudienceError {
  return (
    error instanceof AudienceError && ['network', 'service', 'throttled', 'credentials'].includes(error.code)
  );
}
