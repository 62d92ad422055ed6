import type { AudienceError } from '../../errors.ts';

/** What the next polling delay depends on. */
export interface Situation {
  /** Milliseconds since the job was requested. */
  readonly ageMs: number;
  /** Consecutive failed requests. */
  readonly failures: number;
  /** Consecutive throttling errors of this identity, for any job. */
  readonly throttles: number;
  /** Whether the user can see the jobs. */
  readonly visible: boolean;
}

const second = 1000;
/** Small jobs end within the first seconds. */
const opening = { untilMs: 2 * second, everyMs: second };
const shortest = 3 * second;
/** Fraction of the age of the job. */
const share = 0.1;
const longest = 5 * 60 * second;
/** Requests come slightly early, to allow for latency, and drift apart; more would exceed the limits below. */
const early = { least: 0.01, spread: 0.02 };

/**
 * Milliseconds from the last poll of a job to the next.
 *
 * If the jobs are visible and requests succeed, the end of a job is noticed within 3 s or a tenth of its age, whichever is longer;
 * a job of 10 minutes costs at most 45 requests, one of an hour at most 65.
 *
 * @param random from 0 to 1, 1 excluded
 */
export function nextDelay({ ageMs, failures, throttles, visible }: Situation, random: number): number {
  const calm =
    ageMs < opening.untilMs
      ? opening.everyMs
      : Math.min(longest, Math.max(shortest, ageMs * share)) * (1 - early.least - early.spread * random);
  return Math.max(
    visible ? calm : Math.min(longest, calm * 2),
    backoff(2 * second, failures, random),
    throttlePause(throttles, random),
  );
}

/** Global pause after `throttles` consecutive throttling errors, in milliseconds. */
export function throttlePause(throttles: number, random: number): number {
  return backoff(5 * second, throttles, random);
}

/** The pause, or the longer one that the service asked for, slightly spread. */
export function atLeast(pause: number, error: AudienceError, random: number): number {
  const wanted = error.service?.retryAfterMs ?? 0;
  return wanted > pause ? wanted * (1 + random / 10) : pause;
}

/** A pause that doubles each time, spread over its upper half; 0 for the zeroth time. */
export function backoff(first: number, times: number, random: number): number {
  if (times === 0) return 0;
  return Math.min(longest, first * 2 ** (times - 1)) * (0.5 + random / 2);
}

/** Milliseconds until the end of a pause; 0 if it is over, also if the clock was set back to before its beginning. */
export function leftOf(pause: { readonly from: number; readonly until: number }, now: number): number {
  return now < pause.from ? 0 : Math.max(0, pause.until - now);
}
