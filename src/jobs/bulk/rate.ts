import type { Clock } from '../runs/clock.ts';

/** Lets so many requests a second through, evenly spaced: the service's rates are its burst as well (Developer Guide, Quotas). */
export class Rate {
  readonly #clock: Clock;
  readonly #gapMs: number;
  #next = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#gapMs = 1000 / perSecond;
  }

  /** Resolves when it is this caller's turn, or once `signal` is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + this.#gapMs;
    if (turn > now) await this.#clock.sleep(turn - now, signal);
  }
}
