/**
 * Milliseconds that this process ran, for deciding whether another process on this machine had time to do something.
 *
 * While the machine sleeps, the clock of Linux stops, but those of Windows and macOS continue. So one step counts only up to
 * `maxStepMs`, and the clock must be read more often than that.
 */
export class AwakeClock {
  readonly #maxStepMs: number;
  readonly #now: () => number;
  #last: number;
  #elapsed = 0;

  constructor(maxStepMs: number, now: () => number = () => performance.now()) {
    this.#maxStepMs = maxStepMs;
    this.#now = now;
    this.#last = now();
  }

  read(): number {
    const now = this.#now();
    this.#elapsed += Math.min(now - this.#last, this.#maxStepMs);
    this.#last = now;
    return this.#elapsed;
  }
}
