import type { Connection } from '../../aws/connection/connection.ts';
import type { Log } from '../../log.ts';
import { hasOldFailures, withoutFailures } from '../failures/failureExpiry.ts';
import type { Clock } from '../runs/clock.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../runs/connectionKey.ts';
import { Guard } from '../runs/guard.ts';
import type { Queue } from '../runs/queue.ts';
import { partIndexes, runJob, withJob } from '../runs/parts.ts';
import type { RunAccess } from '../runs/runAccess.ts';
import type { RunControl } from '../runs/runControl.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';
import { RunDriver } from './runDriver.ts';
import { kindOf, scopeOf } from './runKinds.ts';
import { WakeSignal } from './wakeSignal.ts';
import { Pace } from './watchJob.ts';

interface ActiveRunsOptions {
  readonly access: RunAccess;
  readonly queue: Queue;
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  readonly log: Log;
}

/** How often to look for orphaned runs, in milliseconds. */
const supervisionMs = 10_000;
/** How long after its end an import is searched for second jobs, in milliseconds. */
const lateDoublesMs = 24 * 60 * 60 * 1000;

/** The runs that this process drives. Adopts orphaned ones as far as it has a connection to their service. */
export class ActiveRuns {
  readonly #options: ActiveRunsOptions;
  readonly #waker = new WakeSignal();
  readonly #stop = new AbortController();
  readonly #drivers = new Map<string, RunDriver>();
  /** The latest connection for each connection key. */
  readonly #connections = new Map<string, Connection>();
  readonly #paces = new Map<string, Pace>();
  #visible = true;
  #supervision: Promise<void> | undefined;

  constructor(options: ActiveRunsOptions) {
    this.#options = options;
  }

  get(id: string): RunDriver | undefined {
    return this.#drivers.get(id);
  }

  /** From now on, runs of this connection's account, region and service can be driven. */
  connect(connection: Connection): void {
    this.#connections.set(connectionKeyOf(connection), connection);
    this.#supervision ??= this.#supervise();
  }

  /** Ends all pauses. */
  wake(): void {
    this.#waker.wake();
  }

  setVisible(visible: boolean): void {
    const appeared = visible && !this.#visible;
    this.#visible = visible;
    if (appeared) this.#waker.wake();
  }

  /** Writes a new record and drives it. If there is a record with its id, resolves with that one instead. */
  async begin(connection: Connection, record: RunRecord, control: RunControl): Promise<RunRecord> {
    this.connect(connection);
    const { access } = this.#options;
    const lease = await access.lease(record.id);
    try {
      await control.permit?.check();
      const created = await access.store.create(record);
      if (created === undefined) {
        await lease.release();
        return await access.require(record.id);
      }
      return await this.drive(access.guardOf(created, lease), { control, isNew: true }).begun;
    } catch (error) {
      if (!this.#drivers.has(record.id)) await lease.release();
      throw error;
    }
  }

  drive(
    guard: Guard<RunRecord>,
    how: { readonly control?: RunControl; readonly isNew?: boolean } = {},
  ): RunDriver {
    const { access, queue, clock, random, log } = this.#options;
    const { id } = guard;
    const place = connectionKeyOfRecord(access.store.get(id)!);
    const pace = this.#paces.get(place) ?? new Pace();
    this.#paces.set(place, pace);
    const driver = new RunDriver({
      ...how,
      ...{ id, guard, queue, pace, clock, random, log },
      store: access.store,
      connection: () => this.#connections.get(place)!,
      waker: this.#waker,
      isVisible: () => this.#visible,
      onEnd: () => this.#drivers.delete(id),
    });
    this.#drivers.set(id, driver);
    return driver;
  }

  /** Drives the runs that no living process drives, if they need it and there is a connection for them. */
  async adoptOrphans(needsWork: (record: RunRecord) => boolean): Promise<void> {
    const { access, log } = this.#options;
    const { store, leases } = access;
    for (const record of store.list()) {
      const { id } = record;
      const isConnected = this.#connections.has(connectionKeyOfRecord(record));
      if (!needsWork(record) || this.#drivers.has(id) || !isConnected) continue;
      const lease = await leases.acquire(id);
      if (lease === undefined) continue;
      const isWanted = (latest: RunRecord): boolean => needsWork(latest) && !this.#stop.signal.aborted;
      const taken = await Guard.take(store, lease, id, isWanted);
      if (taken === undefined) continue;
      log.info(`Resuming the ${taken.record.kind} ${id}: ${taken.record.state}`);
      this.drive(taken.guard);
    }
  }

  /**
   * Searches again for second jobs of imports that ended within a day, and notifies of those: a suspended process may have sent its
   * request after the first search, and ended before it could report its job.
   */
  async findLateDoubles(connection: Connection): Promise<void> {
    const { access, clock } = this.#options;
    const key = connectionKeyOf(connection);
    for (const record of access.store.list()) {
      const isRecent = clock.now() - Date.parse(record.ended ?? '') < lateDoublesMs;
      if (record.import === undefined || !isRecent || connectionKeyOfRecord(record) !== key) continue;
      for (const part of partIndexes(record)) {
        const { state, job, doubles: known = [] } = runJob(record, part);
        if (state !== 'completed' || job === undefined) continue;
        const scope = scopeOf(record, part, { connection, others: new Set(), stop: this.#stop.signal });
        const { doubles = [] } = (await kindOf(record).collect?.(scope, job)) ?? {};
        const ids = new Set(known.map(({ id }) => id));
        if (doubles.every(({ id }) => ids.has(id))) continue;
        await access.edit(record.id, (latest) => ({
          ...withJob(latest, part, { doubles }),
          notified: false,
        }));
      }
    }
  }

  /** Stops all drivers, except those that delete what ended runs left, and waits for these. */
  async settle(): Promise<void> {
    this.#stop.abort();
    const ending: Promise<void>[] = [];
    for (const [id, driver] of this.#drivers) {
      const record = this.#options.access.store.get(id);
      if (record === undefined || hasEnded(record)) ending.push(driver.done);
      else driver.stop();
    }
    await Promise.all(ending);
  }

  dispose(): void {
    this.#stop.abort();
    for (const driver of this.#drivers.values()) driver.stop();
  }

  async #supervise(): Promise<void> {
    const { access, clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(supervisionMs, signal);
      if (signal.aborted) return;
      try {
        // Some file systems, network drives above all, report no changes.
        await access.store.refresh();
        await this.adoptOrphans((record) => !hasEnded(record));
        await this.dropOldFailures();
        await access.sweep();
      } catch (error) {
        log.warn('The runs of other windows could not be looked at', error);
      }
    }
  }

  /** Removes the service's texts from runs that ended long ago: see `failureExpiry.ts`. */
  async dropOldFailures(): Promise<void> {
    const { access, clock } = this.#options;
    for (const record of access.store.list()) {
      if (!hasOldFailures(record, clock.now())) continue;
      await access.edit(record.id, (latest) =>
        hasOldFailures(latest, clock.now()) ? withoutFailures(latest) : undefined,
      );
    }
  }
}
