import type { AudienceError } from '../../errors.ts';

/** What the time until the next question depends on. */
export interface Situation {
  /** Milliseconds since the job was asked for. */
  readonly ageMs: number;
  /** Questions in a row that had no answer. */
  readonly failures: number;
  /** How often in a row the service said that this identity asks too often, whichever job was meant. */
  readonly throttles: number;
  /** Whether the user can see the jobs. */
  readonly visible: boolean;
}

const second = 1000;
/** The first seconds, in which small jobs end. */
const opening = { untilMs: 2 * second, everyMs: second };
const shortest = 3 * second;
/** Of the age of the job. */
const share = 0.1;
const longest = 5 * 60 * second;
/** Questions come this much early, so that the way to the service fits in, and drift apart; more would cost the limits below. */
const early = { least: 0.01, spread: 0.02 };

/**
 * Milliseconds from the last question about a job to the next.
 *
 * Seen and without trouble, the end of a job is noticed within 3 s or a tenth of its age, whichever is more;
 * a job of 10 minutes costs at most 45 questions, one of an hour at most 65.
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

/** How long nobody asks after so many refusals for asking too often, in milliseconds. */
export function throttlePause(throttles: number, random: number): number {
  return backoff(5 * second, throttles, random);
}

/** What the service asked for where that is longer than a pause of ours, and a little spread. */
export function atLeast(pause: number, error: AudienceError, random: number): number {
  const wanted = error.service?.retryAfterMs ?? 0;
  return wanted > pause ? wanted * (1 + random / 10) : pause;
}

/** Doubles with each time and is spread over its upper half; 0 for none. */
export function backoff(first: number, times: number, random: number): number {
  if (times === 0) return 0;
  return Math.min(longest, first * 2 ** (times - 1)) * (0.5 + random / 2);
}

/**
 * Milliseconds until a moment that one of these pauses led to; 0 once it is there. What is further away than any of them was
 * set before the clock was put back: then the pause is over.
 */
export function leftUntil(moment: number, now: number): number {
  const left = moment - now;
  return left > longest ? 0 : Math.max(0, left);
}
