import { setTimeout as pause } from 'node:timers/promises';
import { AudienceError } from '../../errors.ts';
import type { Clock } from './clock.ts';
import { Guard } from './guard.ts';
import type { Lease, Leases } from './lease.ts';
import type { RunRecord } from './runRecord.ts';
import { hasEnded, jobsOf } from './runRecord.ts';
import type { RunStore } from './runStore.ts';

/** Lock timeout for short edits, in milliseconds. */
const editMs = 3000;

/** Finds the records of runs, and takes or edits them for this process. */
export class RunAccess {
  readonly store: RunStore;
  readonly leases: Leases;
  readonly #clock: Clock;

  constructor(store: RunStore, leases: Leases, clock: Clock) {
    this.store = store;
    this.leases = leases;
    this.#clock = clock;
  }

  /** By our id or by the service's job id. */
  get(id: string): RunRecord | undefined {
    return this.store.get(id) ?? this.store.list().find((run) => jobsOf(run).some((job) => job.id === id));
  }

  /** As `get`, also if another window created the run a moment ago. Throws `not-found`. */
  async require(id: string): Promise<RunRecord> {
    if (this.get(id) === undefined) await this.store.refresh();
    const record = this.get(id);
    if (record !== undefined) return record;
    throw new AudienceError('not-found', `Job not found: ${id}`, {
      help: 'The list has only jobs that were started here. Look for others under their project.',
    });
  }

  /** Throws `conflict` if another window or command keeps the lease. */
  async lease(id: string): Promise<Lease> {
    const start = performance.now();
    for (;;) {
      const lease = await this.leases.acquire(id);
      if (lease !== undefined) return lease;
      if (performance.now() - start > editMs) {
        throw new AudienceError('conflict', 'Another window or command works on this job', {
          help: 'Wait until it has ended, or use the other window.',
        });
      }
      await pause(50);
    }
  }

  guardOf({ id, epoch }: RunRecord, lease: Lease): Guard<RunRecord> {
    return new Guard(this.store, lease, id, epoch);
  }

  /** Takes a run over. Throws `conflict` as `lease` does, `not-found` if its record is gone. */
  async take(id: string): Promise<{ readonly guard: Guard<RunRecord>; readonly record: RunRecord }> {
    const taken = await Guard.take(this.store, await this.lease(id), id);
    if (taken !== undefined) return taken;
    throw new AudienceError('not-found', 'The job was removed from the list');
  }

  /**
   * Changes members of a record that no owner decides alone, such as whether the user was notified. Resolves with whether anything
   * was changed. Needs no guard: after a concurrent write, `change` is called again with the newer record.
   */
  async edit(id: string, change: (record: RunRecord) => Partial<RunRecord> | undefined): Promise<boolean> {
    // Earlier versions of the extension protect their records by a lease alone.
    const lease = this.store.isOld(id) ? await this.lease(id) : undefined;
    try {
      const edited = await this.store.update(id, (latest) => {
        const changes = change(latest);
        return changes && { ...latest, ...changes, updated: this.time() };
      });
      return edited !== undefined;
    } finally {
      await lease?.release();
    }
  }

  /** Removes files that interrupted processes left. */
  async sweep(): Promise<void> {
    await this.store.sweep();
    await this.leases.sweep((id) => {
      const record = this.store.get(id);
      return record !== undefined && !hasEnded(record);
    });
  }

  /** The current time, ISO 8601. */
  time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
