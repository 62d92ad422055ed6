import type { Clock } from '../../../src/jobs/runs/clock.ts';

/** A clock for many sleepers: when nobody has anything to do, time jumps to where the next of them wanted to be. */
export class CrowdClock implements Clock {
  #now = Date.parse('2026-11-22T12:00:00Z');
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  sleep(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
    if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        for (const signal of signals) signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { until: this.#now + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      for (const signal of signals) signal.addEventListener('abort', wake);
    });
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    const done = new AbortController();
    const end = (): void => done.abort();
    work.then(end, end);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...this.#sleepers].sort((a, b) => a.until - b.until);
      if (done.signal.aborted) return work;
      if (next === undefined) continue;
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
  }
}
