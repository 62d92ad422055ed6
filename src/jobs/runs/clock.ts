/** Time, as an argument, so that tests own it. */
export interface Clock {
  /** Milliseconds since 1970. May jump, when somebody sets it: only for what people read. */
  now(): number;
  /** Milliseconds since some moment in the past. Never jumps; may stand still while the machine sleeps. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds, or as soon as one of the signals is aborted. Never rejects. */
  sleep(ms: number, ...signals: readonly AbortSignal[]): Promise<void>;
}

/** The machine's own. */
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
 * How long ago something was, by both clocks: the one shows that the machine slept, the other that the wall clock was set.
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

  /** The longer of the two; a wall clock that was put back shows nothing. */
  get ms(): number {
    return Math.max(this.#clock.now() - this.#wall, this.#clock.elapsed() - this.#steady);
  }
}
