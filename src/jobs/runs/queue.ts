import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { Lease, Leases } from './lease.ts';
import type { QueueState } from './queueState.ts';
import { queueStateOf } from './queueState.ts';
import type { PartIndex } from './parts.ts';
import { connectionKeyOfRecord } from './connectionKey.ts';
import { leftUntil } from '../drive/polling.ts';
import type { RunStore } from './runStore.ts';
import { WakeSignal } from '../drive/wakeSignal.ts';

/** As AWS's older page has it (Developer guide, audience-define-import); its quotas page says 10. */
export const defaultMaxRunningImports = 2;

export interface QueueOptions {
  readonly store: RunStore;
  readonly leases: Leases;
  readonly clock: Clock;
  /** How many imports of one account may run at a time. */
  readonly maxRunning: () => number;
}

/** The turns of imports, in the order in which they came, across all processes that share the records. */
export class Queue {
  readonly #options: QueueOptions;
  readonly #waker = new WakeSignal();

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Aborted with the next change that may make it somebody's turn. */
  get changed(): AbortSignal {
    return this.#waker.signal;
  }

  wake(): void {
    this.#waker.wake();
  }

  stateOf(place: string): QueueState {
    return queueStateOf(
      this.#options.store.list().filter((record) => connectionKeyOfRecord(record) === place),
    );
  }

  /**
   * Calls `take`, which writes down that the job is being started, if it is its turn. Only one process at a time decides
   * that, so that two do not take the same turn.
   *
   * @returns whether it was
   */
  async takeTurn(place: string, id: string, part: PartIndex, take: () => Promise<void>): Promise<boolean> {
    if (!this.#isTurnOf(place, id, part)) return false;
    const lock = await this.#lock(place);
    if (lock === undefined) return false;
    try {
      await this.#options.store.refresh();
      if (!this.#isTurnOf(place, id, part)) return false;
      // Whoever decides since this process stood still would take the same turn.
      await lock.check();
      await take();
      return true;
    } finally {
      await lock.release();
    }
  }

  #isTurnOf(place: string, id: string, part: PartIndex): boolean {
    const { clock, maxRunning } = this.#options;
    const { running, waiting, notBefore } = this.stateOf(place);
    const [next] = waiting;
    return (
      next?.id === id &&
      next.part === part &&
      running < Math.max(1, maxRunning()) &&
      leftUntil(notBefore, clock.now()) === 0
    );
  }

  async #lock(place: string): Promise<Lease | undefined> {
    const name = `line-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const lock = await this.#options.leases.acquire(name);
      if (lock !== undefined) return lock;
      await pause(25);
    }
    return undefined;
  }
}
