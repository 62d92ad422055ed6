import { setTimeout as pause } from 'node:timers/promises';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { AudienceError, cancelled, throwIfCancelled, reasonOf } from '../../errors.ts';
import type { Event } from '../../events.ts';
import type { Log } from '../../log.ts';
import type { DownloadControl } from '../download/downloadExport.ts';
import { downloadRun } from '../download/runDownload.ts';
import { ActiveRuns } from '../drive/activeRuns.ts';
import { restart, checkRetry, isCancellable } from '../drive/retry.ts';
import { checkUnchanged } from '../drive/stageFiles.ts';
import { deleteStaged } from '../drive/stagedFolders.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { connectionKeyOf, connectionKeyOfRecord } from './connectionKey.ts';
import { Leases } from './lease.ts';
import { exportRecord, importRecord, watchedRecord } from './newRun.ts';
import type { JobLimits } from './parts.ts';
import { divide, jobLimits, partIndexes, runJob } from './parts.ts';
import { checkExport, checkImport, checkPlaces } from './planChecks.ts';
import { defaultMaxRunningImports, Queue } from './queue.ts';
import { positionIn } from './queueState.ts';
import { RunAccess } from './runAccess.ts';
import type { RunControl } from './runControl.ts';
import type { RunRecord } from './runRecord.ts';
import { hasEnded, jobsOf } from './runRecord.ts';
import type { ExportPlan, ImportPlan, Runs } from './runs.ts';
import { RunStore } from './runStore.ts';

export interface RunsOptions {
  /** The folder of the records; several processes may share it. */
  readonly folder: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** From 0 to 1, 1 excluded; spreads requests and pauses. */
  readonly random?: (() => number) | undefined;
  /** Receives messages about unreadable records, batched. */
  readonly report?: ((messages: readonly string[]) => void) | undefined;
  /** Maximum number of running imports per account, called each time; 2 by default. */
  readonly maxRunningImports?: (() => number) | undefined;
  /** Limits of one import job, if other than AWS's. */
  readonly jobLimits?: JobLimits | undefined;
  /** Milliseconds without a heartbeat after which another process's runs are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

/** Runs whose records are in a folder; see `Runs`. */
export function createRuns(options: RunsOptions): Runs {
  return new RunsService(options);
}

class RunsService implements Runs {
  readonly onDidChange: Event<RunRecord | undefined>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #store: RunStore;
  readonly #leases: Leases;
  readonly #access: RunAccess;
  readonly #queue: Queue;
  readonly #active: ActiveRuns;
  readonly #jobLimits: JobLimits;
  #ready: Promise<void> | undefined;

  constructor(options: RunsOptions) {
    const { folder, log, clock = systemClock, random = Math.random } = options;
    this.#log = log;
    this.#clock = clock;
    this.#store = new RunStore(folder, { log, report: options.report });
    this.#leases = new Leases(folder, { log, ttlMs: options.leaseTtlMs });
    this.#access = new RunAccess(this.#store, this.#leases, clock);
    this.#queue = new Queue({
      store: this.#store,
      leases: this.#leases,
      clock,
      maxRunning: options.maxRunningImports ?? (() => defaultMaxRunningImports),
    });
    this.#active = new ActiveRuns({ access: this.#access, queue: this.#queue, clock, random, log });
    this.#jobLimits = options.jobLimits ?? jobLimits;
    this.onDidChange = this.#store.onDidChange;
    this.onDidChange(() => this.#queue.wake());
    void this.ready.catch(() => undefined);
  }

  /** Tries again after a failure: a folder that was missing, read-only or full may be usable by now. */
  get ready(): Promise<void> {
    this.#ready ??= this.#load().catch((error: unknown) => {
      this.#ready = undefined;
      this.#log.info(`The job records can't be used: ${reasonOf(error)}`);
      throw error;
    });
    return this.#ready;
  }

  /** Removes expired texts here as well: a command may end before supervision starts. */
  async #load(): Promise<void> {
    await this.#store.load();
    try {
      await this.#store.removeOld();
      await this.#active.dropOldFailures();
    } catch (error) {
      this.#log.warn('Old texts of the service could not be removed', error);
    }
  }

  list(): readonly RunRecord[] {
    return this.#store.list();
  }

  get(id: string): RunRecord | undefined {
    return this.#access.get(id);
  }

  async startImport(connection: Connection, plan: ImportPlan, control: RunControl): Promise<RunRecord> {
    await this.ready;
    const shares = divide(plan.files, this.#jobLimits);
    checkImport(plan, connection, shares.length);
    for (const file of plan.files) await checkUnchanged(file);
    await checkPlaces(connection, 'import', plan, control.signal);
    throwIfCancelled(control.signal);
    const record = importRecord(connection, plan, shares, this.#clock.now());
    return this.#active.begin(connection, record, control);
  }

  async startExport(connection: Connection, plan: ExportPlan, control: RunControl): Promise<RunRecord> {
    await this.ready;
    checkExport(plan, connection);
    await checkPlaces(connection, 'export', plan, control.signal);
    throwIfCancelled(control.signal);
    return this.#active.begin(connection, exportRecord(connection, plan, this.#clock.now()), control);
  }

  async watch(connection: Connection, kind: JobKind, projectId: string, jobId: string): Promise<RunRecord> {
    await this.ready;
    await this.#store.refresh();
    const known = this.#findWatched(connection, jobId);
    if (known !== undefined) return known;
    const job = await connection.audience.getJob(kind, projectId, jobId);
    const record = watchedRecord(connection, kind, projectId, job, this.#clock.now());
    this.#active.connect(connection);
    for (;;) {
      const lease = await this.#leases.acquire(record.id);
      const created = lease && (await this.#store.create(record));
      if (created !== undefined) return this.#active.drive(this.#access.guardOf(created, lease!)).begun;
      await lease?.release();
      await this.#store.refresh();
      const other = this.#store.get(record.id);
      if (other !== undefined) return other;
      await pause(50);
    }
  }

  #findWatched(connection: Connection, jobId: string): RunRecord | undefined {
    const place = connectionKeyOf(connection);
    return this.#store
      .list()
      .find((run) => connectionKeyOfRecord(run) === place && jobsOf(run).some(({ id }) => id === jobId));
  }

  positionOf(id: string): number | undefined {
    const record = this.get(id);
    return record && positionIn(this.#queue.stateOf(connectionKeyOfRecord(record)), record.id);
  }

  async cancel(id: string): Promise<void> {
    await this.ready;
    const record = await this.#access.require(id);
    if (!partIndexes(record).some((part) => isCancellable(runJob(record, part)))) {
      throw new AudienceError(
        'bad-input',
        hasEnded(record) ? 'The run has ended' : "Amazon Pinpoint can't stop a running job",
        {
          help: hasEnded(record)
            ? 'There is nothing to cancel.'
            : 'Remove the run from the list to stop watching it.',
        },
      );
    }
    const driver = this.#active.get(record.id);
    if (driver !== undefined) driver.cancel();
    else {
      await this.#store.askToCancel(record.id);
      // If its process is gone, only a new owner reads the request.
      await this.#active.adoptOrphans((candidate) => candidate.id === record.id);
    }
  }

  async retry(connection: Connection, id: string, control: RunControl): Promise<RunRecord> {
    await this.ready;
    const { id: own } = await this.#access.require(id);
    checkRetry(this.#store.get(own)!);
    this.#active.connect(connection);
    const { guard, record } = await this.#access.take(own);
    try {
      checkRetry(record);
      if (connectionKeyOfRecord(record) !== connectionKeyOf(connection)) {
        throw new AudienceError('bad-input', 'The run belongs to another account, region or service URL', {
          help: `Connect to ${record.account} in ${record.region} first.`,
        });
      }
      await this.#store.forgetCancel(own);
      const again = await restart(record, connection.staging, this.#clock.now(), control.signal);
      await guard.update((latest) => ({ ...again, epoch: latest.epoch, updated: this.#access.time() }));
      return await this.#active.drive(guard, { control }).begun;
    } catch (error) {
      if (this.#active.get(own) === undefined) await guard.release();
      throw error;
    }
  }

  async download(
    connection: Connection,
    id: string,
    folder: string,
    control: DownloadControl,
  ): Promise<readonly string[]> {
    await this.ready;
    return downloadRun(this.#access, connection, id, folder, control);
  }

  async deleteStaged(connection: Connection, id: string): Promise<number> {
    await this.ready;
    const { id: own } = await this.#access.require(id);
    const { guard, record } = await this.#access.take(own);
    try {
      const count = await guard.send(() => deleteStaged(record, connection));
      await guard.update((latest) => ({
        ...latest,
        import: { ...latest.import!, staged: [], leftovers: undefined, stagedDeleted: this.#access.time() },
        updated: this.#access.time(),
      }));
      return count;
    } finally {
      await guard.release();
    }
  }

  async waitFor(id: string, signal?: AbortSignal): Promise<RunRecord> {
    await this.ready;
    const { id: own } = await this.#access.require(id);
    let cleanUp = (): void => undefined;
    try {
      return await new Promise<RunRecord>((resolve, reject) => {
        const check = (): void => {
          const record = this.#store.get(own);
          if (record === undefined)
            reject(new AudienceError('not-found', 'The job was removed from the list'));
          else if (hasEnded(record)) resolve(record);
        };
        const stop = (): void => reject(cancelled());
        const subscription = this.onDidChange(check);
        signal?.addEventListener('abort', stop);
        cleanUp = () => {
          subscription.dispose();
          signal?.removeEventListener('abort', stop);
        };
        if (signal?.aborted === true) stop();
        else check();
      });
    } finally {
      cleanUp();
    }
  }

  async resume(connection: Connection): Promise<void> {
    await this.ready;
    this.#active.connect(connection);
    await this.#store.refresh();
    await this.#active.adoptOrphans((record) => !hasEnded(record) || record.import?.leftovers === true);
    this.#active.wake();
    await this.#active.findLateDoubles(connection).catch((error: unknown) => {
      this.#log.warn('Second jobs of finished imports could not be searched for', error);
    });
    await this.#access.sweep();
  }

  poke(): void {
    this.#active.wake();
  }

  setVisible(visible: boolean): void {
    this.#active.setVisible(visible);
  }

  async markNotified(id: string): Promise<boolean> {
    await this.ready;
    const { id: own } = await this.#access.require(id);
    return this.#access.edit(own, ({ notified }) => (notified ? undefined : { notified: true }));
  }

  async forget(id: string): Promise<void> {
    await this.ready;
    const { id: own, state } = await this.#access.require(id);
    if (state === 'staging' || state === 'queued' || state === 'starting') {
      throw new AudienceError('bad-input', 'The job is still being started', { help: 'Cancel it, or wait.' });
    }
    const driver = this.#active.get(own);
    driver?.stop();
    await driver?.done;
    const { guard } = await this.#access.take(own);
    try {
      await guard.check();
      await this.#store.remove(own);
    } finally {
      await guard.release();
    }
  }

  async settle(): Promise<void> {
    await this.#active.settle();
  }

  dispose(): void {
    this.#active.dispose();
    this.#leases.dispose();
    this.#store.dispose();
  }
}
