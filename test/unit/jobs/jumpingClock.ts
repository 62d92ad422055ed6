import type { Clock } from '../../../src/jobs/runs/clock.ts';

/** A clock whose sleepers do not wait: time jumps to where they wanted to be. For one sleeper at a time. */
export class JumpingClock implements Clock {
  #now: number;
  /** By how much the clock was set. */
  #put = 0;
  /** How long each sleep was. */
  readonly slept: number[] = [];

  constructor(now = Date.parse('2026-11-22T12:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now - this.#put;
  }

  /** Somebody sets the clock. */
  put(ms: number): void {
    this.#now += ms;
    this.#put += ms;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
    if (!signals.some(({ aborted }) => aborted)) {
      this.#now += Math.max(0, ms);
      this.slept.push(ms);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
