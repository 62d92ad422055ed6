import { guardWrites } from '../../aws/connection/writeGuard.ts';
import { AudienceError } from '../../errors.ts';
import { Stopwatch, systemClock } from './clock.ts';
import type { Lease } from './lease.ts';

/** How long a check may take and still be current, in milliseconds; less than the lifetime of a lease. */
const lookMs = 3000;

/** A record that a guard protects. */
export interface Guarded {
  /** Incremented by each takeover; nothing is written or sent under an older epoch. */
  readonly epoch: number;
}

/** Records whose writes fail if another process has written a newer version; see `VersionedFiles`. */
export interface GuardedRecords<T extends Guarded> {
  /**
   * Applies `change` to the newest version, no matter who wrote it. Writes nothing if `change` returns `undefined` or there is no record.
   *
   * @param epoch throws `conflict` if the newest version has another one
   */
  update(id: string, change: (record: T) => T | undefined, epoch?: number): Promise<T | undefined>;
  /** The epoch of the newest version on disk. */
  epochOf(id: string): Promise<number | undefined>;
}

/** Permission for an effect outside of this process, checked right before it. */
export interface Permit {
  /** Throws `conflict` if another process has taken over. */
  check(): Promise<void>;
}

/**
 * The right of this process to act for one record: every write of the record and every request for it goes through here.
 *
 * A lease only shows who is alive; a process that was suspended loses it to another one. The epoch in the record decides:
 * a write by an older owner fails whenever it comes.
 */
export class Guard<T extends Guarded> implements Permit {
  readonly id: string;
  readonly epoch: number;
  readonly #records: GuardedRecords<T>;
  readonly #lease: Lease;

  /** For a record that this process has just created with this epoch. */
  constructor(records: GuardedRecords<T>, lease: Lease, id: string, epoch: number) {
    this.#records = records;
    this.#lease = lease;
    this.id = id;
    this.epoch = epoch;
  }

  /**
   * Takes over a record whose lease this process holds. `undefined` if the record is gone or `isWanted` is false for its newest
   * version; then, and if this throws, the lease is released.
   */
  static async take<T extends Guarded>(
    records: GuardedRecords<T>,
    lease: Lease,
    id: string,
    isWanted: (record: T) => boolean = () => true,
  ): Promise<{ readonly guard: Guard<T>; readonly record: T } | undefined> {
    let record: T | undefined;
    try {
      record = await records.update(id, (latest) =>
        isWanted(latest) ? { ...latest, epoch: latest.epoch + 1 } : undefined,
      );
    } finally {
      if (record === undefined) await lease.release();
    }
    return record && { guard: new Guard(records, lease, id, record.epoch), record };
  }

  /** Checks again if the check took so long that another process may have taken over meanwhile. */
  async check(): Promise<void> {
    for (;;) {
      const stopwatch = new Stopwatch(systemClock);
      await this.#lease.check().catch((error: unknown) => {
        throw error instanceof AudienceError && error.code === 'conflict' ? takenOver() : error;
      });
      if ((await this.#records.epochOf(this.id)) !== this.epoch) throw takenOver();
      if (stopwatch.ms < lookMs) return;
    }
  }

  /**
   * Runs `work`. Each of its modifying requests is sent only if the guard still holds.
   *
   * @param lastly called after the check, right before a request is sent; if it throws, nothing is sent
   */
  send<T>(work: () => Promise<T>, lastly?: () => void): Promise<T> {
    return guardWrites(async () => {
      await this.check();
      lastly?.();
    }, work);
  }

  /** Applies `change` to the record. Throws `conflict` if another process has taken it over, `not-found` if it is gone. */
  async update(change: (record: T) => T): Promise<T> {
    const record = await this.#records.update(this.id, change, this.epoch);
    if (record === undefined) throw new AudienceError('not-found', 'The record of the job is gone');
    return record;
  }

  release(): Promise<void> {
    return this.#lease.release();
  }
}

/** Stops an older owner: another process has taken over. */
export class TakenOver extends AudienceError {}

export function takenOver(): TakenOver {
  return new TakenOver('conflict', 'Another window or command has taken over', {
    help: 'This one was suspended for long, for example while the machine slept. The other continues; see the Jobs view.',
  });
}
