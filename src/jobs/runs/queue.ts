import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AudienceError } from '../../errors.ts';
import type { Clock } from './clock.ts';
import type { Lease, Leases } from './lease.ts';
import type { QueueState } from './queueState.ts';
import { queueStateOf } from './queueState.ts';
import type { PartIndex } from './parts.ts';
import { connectionKeyOfRecord } from './connectionKey.ts';
import { leftOf } from '../drive/polling.ts';
import type { RunStore } from './runStore.ts';
import { WakeSignal } from '../drive/wakeSignal.ts';

/** From the older of AWS's pages (Developer guide, audience-define-import); the quotas page says 10. */
export const defaultMaxRunningImports = 2;

export interface QueueOptions {
  readonly store: RunStore;
  readonly leases: Leases;
  readonly clock: Clock;
  /** Maximum number of running imports per account. */
  readonly maxRunning: () => number;
}

/** Starts imports in order of arrival, across all processes that share the records. */
export class Queue {
  readonly #options: QueueOptions;
  readonly #waker = new WakeSignal();

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Aborted with the next change after which an import may start. */
  get changed(): AbortSignal {
    return this.#waker.signal;
  }

  wake(): void {
    this.#waker.wake();
  }

  stateOf(key: string): QueueState {
    return queueStateOf(this.#options.store.list().filter((record) => connectionKeyOfRecord(record) === key));
  }

  /**
   * Calls `take`, which records that the job is being started, if it is the job's turn. A lock keeps two processes from taking
   * the same turn.
   *
   * @returns whether it was the job's turn
   */
  async takeTurn(key: string, id: string, part: PartIndex, take: () => Promise<void>): Promise<boolean> {
    if (!this.#isTurnOf(key, id, part)) return false;
    const lock = await this.#lock(key);
    if (lock === undefined) return false;
    try {
      await this.#options.store.refresh();
      if (!this.#isTurnOf(key, id, part)) return false;
      // If this process was suspended, another one may hold the lock now; the run itself is still ours.
      if (!(await isHeld(lock))) return false;
      await take();
      return true;
    } finally {
      await lock.release();
    }
  }

  #isTurnOf(key: string, id: string, part: PartIndex): boolean {
    const { clock, maxRunning } = this.#options;
    const { running, waiting, pause: refused } = this.stateOf(key);
    const [next] = waiting;
    return (
      next?.id === id &&
      next.part === part &&
      running < Math.max(1, maxRunning()) &&
      leftOf(refused, clock.now()) === 0
    );
  }

  async #lock(key: string): Promise<Lease | undefined> {
    const name = `line-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const lock = await this.#options.leases.acquire(name);
      if (lock !== undefined) return lock;
      await pause(25);
    }
    return undefined;
  }
}

async function isHeld(lock: Lease): Promise<boolean> {
  try {
    await lock.check();
    return true;
  } catch (error) {
    if (error instanceof AudienceError && error.code === 'conflict') return false;
    throw error;
  }
}
