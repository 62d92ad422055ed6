import { sendOnlyAfter } from '../../aws/connection/lastLook.ts';
import { AudienceError } from '../../errors.ts';
import { Stopwatch, systemClock } from './clock.ts';
import type { Lease } from './lease.ts';

/** The longest that a look at the disk may take and still say how things are now, in milliseconds; a lease lasts longer. */
const lookMs = 3000;

/** What a guard protects: how often it changed hands stands in it. */
export interface Guarded {
  /** Raised by each takeover; nothing is written or sent under an older one. */
  readonly epoch: number;
}

/** Records of which each new version fails where somebody has written a newer one; see `VersionedFiles`. */
export interface GuardedRecords<T extends Guarded> {
  /**
   * Writes what `change` makes of the newest version, of whomever it is; nothing where it gives nothing or there is no record.
   *
   * @param epoch throws `conflict` where the newest version is of another
   */
  update(id: string, change: (record: T) => T | undefined, epoch?: number): Promise<T | undefined>;
  /** The epoch of the newest version on disk. */
  epochOf(id: string): Promise<number | undefined>;
}

/** What has to be asked right before something is done outside. */
export interface Permit {
  /** Throws `conflict` where another process has taken over. */
  check(): Promise<void>;
}

/**
 * The right of this process to act for one record: everything that writes it or sends something outside for it goes through here.
 *
 * A lease tells who is alive, and may be lost to whoever believes that this process is gone, as after it stood still. What
 * decides is the epoch in the record: the write of an older owner fails in whichever moment it comes.
 */
export class Guard<T extends Guarded> implements Permit {
  readonly id: string;
  readonly epoch: number;
  readonly #records: GuardedRecords<T>;
  readonly #lease: Lease;

  /** Of a record that this process has just created with this epoch. */
  constructor(records: GuardedRecords<T>, lease: Lease, id: string, epoch: number) {
    this.#records = records;
    this.#lease = lease;
    this.id = id;
    this.epoch = epoch;
  }

  /**
   * Takes over a record whose lease this process has got. `undefined` where the record is gone or `isWanted` says no to its newest
   * version; then, and where it throws, the lease is given back.
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

  /** Looked at again where the look took so long that somebody may have taken over meanwhile. */
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
   * Does `work`, of which every request that changes something leaves only where the guard still holds.
   *
   * @param lastly called after that, right before a request leaves; where it throws, nothing is sent
   */
  send<T>(work: () => Promise<T>, lastly?: () => void): Promise<T> {
    return sendOnlyAfter(async () => {
      await this.check();
      lastly?.();
    }, work);
  }

  /** Writes what `change` makes of the record. Throws `conflict` where another process has taken it over, `not-found` where it is gone. */
  async update(change: (record: T) => T): Promise<T> {
    const record = await this.#records.update(this.id, change, this.epoch);
    if (record === undefined) throw new AudienceError('not-found', 'The record of the job is gone');
    return record;
  }

  release(): Promise<void> {
    return this.#lease.release();
  }
}

/** An older owner is stopped: somebody else has taken over. */
export class TakenOver extends AudienceError {}

export function takenOver(): TakenOver {
  return new TakenOver('conflict', 'Another window or command has taken over', {
    help: 'This one stood still for long, as while the machine slept. The other continues; see the Jobs view.',
  });
}
