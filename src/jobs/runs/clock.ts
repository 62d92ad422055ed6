/** Time, as an argument, so that tests control it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump when it is set: only for display. */
  now(): number;
  /** Monotonic clock, milliseconds. Never jumps; may stop while the machine sleeps. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds, or as soon as one of the signals is aborted. Never rejects. */
  sleep(ms: number, ...signals: readonly AbortSignal[]): Promise<void>;
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, ...signals) =>
    new Promise((resolve) => {
      if (signals.some(({ aborted }) => aborted)) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      for (const signal of signals) signal.addEventListener('abort', end);
    }),
};

/**
 * Measures elapsed time by both clocks: the wall clock continues while the machine sleeps, the monotonic clock can't be set.
 */
export class Stopwatch {
  readonly #clock: Clock;
  #wall: number;
  #steady: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#steady = clock.elapsed();
  }

  restart(): void {
    this.#wall = this.#clock.now();
    this.#steady = this.#clock.elapsed();
  }

  /** The longer of the two. */
  get ms(): number {
    return Math.max(this.#clock.now() - this.#wall, this.#clock.elapsed() - this.#steady);
  }
}
