import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { checkBucketName, folderPrefix } from '../../aws/s3/s3Url.ts';
import { AudienceError, cancelled, throwIfCancelled } from '../../errors.ts';
import type { Event } from '../../events.ts';
import type { Log } from '../../log.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { downloadExport, removeUnfinished, type DownloadControl } from '../download/downloadExport.ts';
import type { Lease } from './lease.ts';
import { Leases } from './lease.ts';
import { Guard, TakenOver, takenOver } from './guard.ts';
import { positionIn } from './queueState.ts';
import { hasOldFailures, withoutFailures } from '../failures/failureExpiry.ts';
import type { JobLimits } from './parts.ts';
import { divide, jobLimits, partIndexes, runJob } from './parts.ts';
import { connectionKeyOf, connectionKeyOfRecord } from './connectionKey.ts';
import { defaultMaxRunningImports, Queue } from './queue.ts';
import type { ExportRun, Placing, RunPart, RunRecord } from './runRecord.ts';
import { hasEnded, jobsOf, newRunId } from './runRecord.ts';
import { restart, checkRetry, isCancellable } from '../drive/retry.ts';
import { RunDriver } from '../drive/runDriver.ts';
import type { ExportPlan, ImportPlan, Runs } from './runs.ts';
import type { RunControl } from './runControl.ts';
import { checkUnchanged } from '../drive/stageFiles.ts';
import { deleteStaged } from '../drive/stagedFolders.ts';
import { RunStore } from './runStore.ts';
import { WakeSignal } from '../drive/wakeSignal.ts';
import { Pace } from '../drive/watchJob.ts';

export interface RunsOptions {
  /** Where the records are kept; several processes may share it. */
  readonly folder: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** From 0 to 1, 1 excluded; spreads questions and pauses. */
  readonly random?: (() => number) | undefined;
  /** Told in plain words of records that could not be read and were set aside, all that were met at once. */
  readonly report?: ((messages: readonly string[]) => void) | undefined;
  /** How many imports of one account may run at a time; 2 where absent. Asked for each time. */
  readonly maxRunningImports?: (() => number) | undefined;
  /** What one import job takes, where it is not what AWS says. */
  readonly jobLimits?: JobLimits | undefined;
  /** Milliseconds without a sign of life after which another process's runs are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

/** Runs whose records are in a folder; see `Runs`. */
export function createRuns(options: RunsOptions): Runs {
  return new RunsService(options);
}

/** How often to look for runs that nobody works on any more. */
const supervisionMs = 10_000;
/** How often to look whether another window has finished a download, in milliseconds. */
const downloadPollMs = 200;
/** How long a short change waits for somebody else's, which are short as well. */
const editMs = 3000;

class RunsService implements Runs {
  readonly onDidChange: Event<RunRecord | undefined>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #store: RunStore;
  readonly #leases: Leases;
  readonly #queue: Queue;
  readonly #jobLimits: JobLimits;
  readonly #waker = new WakeSignal();
  readonly #stop = new AbortController();
  /** The runs that this process works on. */
  readonly #drivers = new Map<string, RunDriver>();
  /** The latest connection to each place. */
  readonly #connections = new Map<string, Connection>();
  readonly #paces = new Map<string, Pace>();
  #visible = true;
  #ready: Promise<void> | undefined;
  #supervision: Promise<void> | undefined;

  constructor(options: RunsOptions) {
    const { folder, log } = options;
    this.#log = log;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#store = new RunStore(folder, { log, report: options.report });
    this.#leases = new Leases(folder, { log, ttlMs: options.leaseTtlMs });
    this.#queue = new Queue({
      store: this.#store,
      leases: this.#leases,
      clock: this.#clock,
      maxRunning: options.maxRunningImports ?? (() => defaultMaxRunningImports),
    });
    this.#jobLimits = options.jobLimits ?? jobLimits;
    this.onDidChange = this.#store.onDidChange;
    this.onDidChange(() => this.#queue.wake());
    void this.ready.catch(() => undefined);
  }

  /** Tried again where it failed, so that a folder that was missing, read-only or full can be used once it is not. */
  get ready(): Promise<void> {
    this.#ready ??= this.#store.load().catch((error: unknown) => {
      this.#ready = undefined;
      this.#log.info(`The records of jobs cannot be used: ${String(error)}`);
      throw error;
    });
    return this.#ready;
  }

  list(): readonly RunRecord[] {
    return this.#store.list();
  }

  get(id: string): RunRecord | undefined {
    return this.#store.get(id) ?? this.#store.list().find((run) => jobsOf(run).some((job) => job.id === id));
  }

  async startImport(connection: Connection, plan: ImportPlan, control: RunControl): Promise<RunRecord> {
    await this.ready;
    const shares = divide(plan.files, this.#jobLimits);
    checkImport(plan, connection, shares.length);
    for (const file of plan.files) await checkUnchanged(file);
    await checkPlaces(connection, 'import', plan, control.signal);
    throwIfCancelled(control.signal);
    const { files, format, bucket, kmsKeyId, sourceNames, deleteAfterImport, roleArn } = plan;
    const { defineSegment, registerEndpoints, segmentId, segmentName } = plan;
    const isFromBucket = plan.from !== undefined;
    const folder = plan.from ?? this.#newFolder(plan.prefix);
    const record: RunRecord = {
      ...this.#newRecord(connection, plan),
      ...(plan.id !== undefined && { id: plan.id }),
      kind: 'import',
      ...(isFromBucket ? { state: 'queued', queued: this.#clock.now() } : { state: 'staging' }),
      import: {
        ...{ files, format, bucket, kmsKeyId, sourceNames, folder, staged: [], roleArn },
        ...(isFromBucket ? { isFromBucket } : { deleteAfterImport }),
        ...{ defineSegment, registerEndpoints, segmentId, segmentName },
      },
      ...(shares.length > 1 && { parts: partsOf(shares, folder, segmentName) }),
    };
    return this.#begin(connection, record, control);
  }

  async startExport(connection: Connection, plan: ExportPlan, control: RunControl): Promise<RunRecord> {
    await this.ready;
    checkBucketName(plan.bucket);
    checkRole(plan.roleArn, 'export role', connection);
    await checkPlaces(connection, 'export', plan, control.signal);
    throwIfCancelled(control.signal);
    const { bucket, roleArn, segmentId, segmentName, segmentVersion, downloadTo } = plan;
    const record: RunRecord = {
      ...this.#newRecord(connection, plan),
      kind: 'export',
      state: 'starting',
      export: {
        bucket,
        folder: this.#newFolder(plan.prefix),
        roleArn,
        segmentId,
        segmentName,
        segmentVersion,
        downloadTo,
        downloads: [],
      },
    };
    return this.#begin(connection, record, control);
  }

  async watch(connection: Connection, kind: JobKind, projectId: string, jobId: string): Promise<RunRecord> {
    await this.ready;
    await this.#store.refresh();
    const known = this.#watchedAlready(connection, jobId);
    if (known !== undefined) return known;
    const job = await connection.audience.getJob(kind, projectId, jobId);
    const name = createHash('sha256')
      .update(JSON.stringify([connectionKeyOf(connection), kind, projectId, jobId]))
      .digest('hex');
    const record: RunRecord = {
      ...this.#newRecord(connection, { projectId }),
      // Of the job alone, so that two windows do not put it on the list twice.
      id: `watch-${name.slice(0, 24)}`,
      kind,
      watched: true,
      state: 'running',
      job,
      created: job.created || this.#time(),
    };
    this.#connect(connection);
    for (;;) {
      const lease = await this.#leases.acquire(record.id);
      const created = lease && (await this.#store.create(record));
      if (created !== undefined) return this.#drive(this.#guardOf(created, lease!)).begun;
      await lease?.release();
      await this.#store.refresh();
      const other = this.#store.get(record.id);
      if (other !== undefined) return other;
      await pause(50);
    }
  }

  #watchedAlready(connection: Connection, jobId: string): RunRecord | undefined {
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
    const record = await this.#required(id);
    if (!partIndexes(record).some((part) => isCancellable(runJob(record, part)))) {
      throw new AudienceError(
        'bad-input',
        hasEnded(record) ? 'The run has ended' : 'Amazon Pinpoint cannot stop a job once it runs',
        { help: hasEnded(record) ? 'There is nothing to cancel.' : 'Forget the run to no longer watch it.' },
      );
    }
    const driver = this.#drivers.get(record.id);
    if (driver !== undefined) driver.cancel();
    else {
      await this.#store.askToCancel(record.id);
      // Of a process that is gone: nobody reads it unless we take the run up.
      await this.#resumeOrphaned((candidate) => candidate.id === record.id);
    }
  }

  async retry(connection: Connection, id: string, control: RunControl): Promise<RunRecord> {
    await this.ready;
    const { id: own } = await this.#required(id);
    checkRetry(this.#store.get(own)!);
    this.#connect(connection);
    const { guard, record } = await this.#take(own);
    try {
      checkRetry(record);
      if (connectionKeyOfRecord(record) !== connectionKeyOf(connection)) {
        throw new AudienceError('bad-input', 'The run is of another account, region or endpoint', {
          help: `Connect to ${record.account} in ${record.region} first.`,
        });
      }
      await this.#store.forgetCancel(own);
      const again = await restart(record, connection.staging, this.#clock.now(), control.signal);
      await guard.update((latest) => ({ ...again, epoch: latest.epoch, updated: this.#time() }));
      return await this.#drive(guard, { control }).begun;
    } catch (error) {
      if (!this.#drivers.has(own)) await guard.release();
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
    const record = await this.#required(id);
    const run = record.export;
    if (run === undefined) {
      throw new AudienceError('bad-input', 'An import has nothing to download', {
        help: 'Choose an export.',
      });
    }
    if (record.state !== 'completed') {
      throw new AudienceError('bad-input', 'The export is not completed', {
        help: hasEnded(record) ? 'Export again.' : 'Wait until it has ended.',
      });
    }
    const key = `download-${hashOf([record.id, folder])}`;
    const before = downloadsTo(run, folder).length;
    for (;;) {
      throwIfCancelled(control.signal);
      const lease = await this.#leases.acquire(key);
      try {
        await this.#store.refresh();
        const { export: latest } = await this.#required(record.id);
        const [done] = downloadsTo(latest!, folder).slice(before);
        // Another window, or this one, had it on its way and has finished it.
        if (done !== undefined) {
          // What this process fetched, having stood still while the other finished.
          if (lease !== undefined)
            await removeUnfinished(folder, { bucket: latest!.bucket, prefix: latest!.folder });
          return done.files;
        }
        if (lease !== undefined) return await this.#download(connection, record.id, folder, control);
      } catch (error) {
        if (!(error instanceof TakenOver) || lease === undefined) throw error;
      } finally {
        await lease?.release();
      }
      await pause(downloadPollMs);
    }
  }

  /** Nothing of it is written down or removed once another process has taken over. */
  async #download(
    connection: Connection,
    id: string,
    folder: string,
    control: DownloadControl,
  ): Promise<readonly string[]> {
    const record = this.#store.get(id)!;
    const { bucket, folder: prefix, segmentName, placings = [] } = record.export!;
    const name = segmentName ?? record.projectName ?? record.projectId;
    const { files: earlier = [], epoch: before = 0 } = placings.find((each) => each.folder === folder) ?? {};
    const epoch = before + 1;
    const downloads = downloadsTo(record.export!, folder).length;
    const edit = async (
      change: (run: ExportRun) => Partial<ExportRun>,
      from: number = epoch,
    ): Promise<void> => {
      const isEdited = await this.#edit(id, ({ export: run }) => {
        const current = run?.placings?.find((each) => each.folder === folder);
        // One that was finished meanwhile leaves no epoch behind, but its files.
        const isFinished = run !== undefined && downloadsTo(run, folder).length !== downloads;
        return run === undefined || isFinished || (current?.epoch ?? 0) !== from
          ? undefined
          : { export: { ...run, ...change(run) } };
      });
      if (!isEdited) throw takenOver();
    };
    const others = (run: ExportRun): readonly Placing[] =>
      (run.placings ?? []).filter((each) => each.folder !== folder);
    await edit((run) => ({ placings: [...others(run), { folder, files: earlier, epoch }] }), before);
    let records: number | undefined;
    const files = await downloadExport(
      connection.staging,
      { bucket, prefix, name },
      folder,
      { ...control, onRecords: (count) => (records = count) },
      {
        earlier,
        write: (paths) => edit((run) => ({ placings: [...others(run), { folder, files: paths, epoch }] })),
        check: async () => {
          await this.#store.refresh();
          const current = this.#store.get(id)?.export?.placings?.find((each) => each.folder === folder);
          if (current?.epoch !== epoch) throw takenOver();
        },
      },
    );
    await edit((run) => ({
      downloads: [...run.downloads, { folder, files, at: this.#time(), records }],
      placings: others(run),
    }));
    return files;
  }

  async deleteStaged(connection: Connection, id: string): Promise<number> {
    await this.ready;
    const { id: own } = await this.#required(id);
    const { guard, record } = await this.#take(own);
    try {
      const count = await guard.send(() => deleteStaged(record, connection));
      await guard.update((latest) => ({
        ...latest,
        import: { ...latest.import!, staged: [], leftovers: undefined, stagedDeleted: this.#time() },
        updated: this.#time(),
      }));
      return count;
    } finally {
      await guard.release();
    }
  }

  async waitFor(id: string, signal?: AbortSignal): Promise<RunRecord> {
    await this.ready;
    const { id: own } = await this.#required(id);
    let cleanUp = (): void => undefined;
    try {
      return await new Promise<RunRecord>((resolve, reject) => {
        const look = (): void => {
          const record = this.#store.get(own);
          if (record === undefined) reject(new AudienceError('not-found', 'The job was taken off the list'));
          else if (hasEnded(record)) resolve(record);
        };
        const stop = (): void => reject(cancelled());
        const subscription = this.onDidChange(look);
        signal?.addEventListener('abort', stop);
        cleanUp = () => {
          subscription.dispose();
          signal?.removeEventListener('abort', stop);
        };
        if (signal?.aborted === true) stop();
        else look();
      });
    } finally {
      cleanUp();
    }
  }

  async resume(connection: Connection): Promise<void> {
    await this.ready;
    this.#connect(connection);
    await this.#store.refresh();
    await this.#resumeOrphaned((record) => !hasEnded(record) || record.import?.leftovers === true);
    this.#waker.wake();
    await this.#sweep();
  }

  poke(): void {
    this.#waker.wake();
  }

  setVisible(visible: boolean): void {
    const appeared = visible && !this.#visible;
    this.#visible = visible;
    if (appeared) this.#waker.wake();
  }

  async markNotified(id: string): Promise<boolean> {
    await this.ready;
    const { id: own } = await this.#required(id);
    return this.#edit(own, ({ notified }) => (notified ? undefined : { notified: true }));
  }

  async forget(id: string): Promise<void> {
    await this.ready;
    const { id: own, state } = await this.#required(id);
    if (state === 'staging' || state === 'queued' || state === 'starting') {
      throw new AudienceError('bad-input', 'The job is still being started', { help: 'Cancel it, or wait.' });
    }
    const driver = this.#drivers.get(own);
    driver?.stop();
    await driver?.done;
    const { guard } = await this.#take(own);
    try {
      await guard.check();
      await this.#store.remove(own);
    } finally {
      await guard.release();
    }
  }

  dispose(): void {
    this.#stop.abort();
    for (const driver of this.#drivers.values()) driver.stop();
    this.#leases.dispose();
    this.#store.dispose();
  }

  #connect(connection: Connection): void {
    this.#connections.set(connectionKeyOf(connection), connection);
    this.#supervision ??= this.#supervise();
  }

  async #begin(connection: Connection, record: RunRecord, control: RunControl): Promise<RunRecord> {
    this.#connect(connection);
    const lease = await this.#lease(record.id);
    try {
      const created = await this.#store.create(record);
      if (created === undefined) {
        await lease.release();
        return await this.#required(record.id);
      }
      return await this.#drive(this.#guardOf(created, lease), { control, isNew: true }).begun;
    } catch (error) {
      if (!this.#drivers.has(record.id)) await lease.release();
      throw error;
    }
  }

  #guardOf({ id, epoch }: RunRecord, lease: Lease): Guard<RunRecord> {
    return new Guard(this.#store, lease, id, epoch);
  }

  #drive(
    guard: Guard<RunRecord>,
    how: { readonly control?: RunControl; readonly isNew?: boolean } = {},
  ): RunDriver {
    const { id } = guard;
    const place = connectionKeyOfRecord(this.#store.get(id)!);
    const driver = new RunDriver({
      ...how,
      id,
      guard,
      store: this.#store,
      queue: this.#queue,
      connection: () => this.#connections.get(place)!,
      pace: this.#pace(place),
      clock: this.#clock,
      random: this.#random,
      waker: this.#waker,
      isVisible: () => this.#visible,
      log: this.#log,
      onEnd: () => this.#drivers.delete(id),
    });
    this.#drivers.set(id, driver);
    return driver;
  }

  /** Takes up the runs that nobody works on, as far as there is a connection to where they are. */
  async #resumeOrphaned(needsWork: (record: RunRecord) => boolean): Promise<void> {
    for (const record of this.#store.list()) {
      const { id } = record;
      if (
        !needsWork(record) ||
        this.#drivers.has(id) ||
        !this.#connections.has(connectionKeyOfRecord(record))
      )
        continue;
      const lease = await this.#leases.acquire(id);
      if (lease === undefined) continue;
      const isWanted = (latest: RunRecord): boolean => needsWork(latest) && !this.#stop.signal.aborted;
      const taken = await Guard.take(this.#store, lease, id, isWanted);
      if (taken === undefined) continue;
      this.#log.info(`Resuming the ${taken.record.kind} ${id}: ${taken.record.state}`);
      this.#drive(taken.guard);
    }
  }

  /** Looks now and then whether another process left runs behind. */
  async #supervise(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#clock.sleep(supervisionMs, signal);
      if (signal.aborted) return;
      try {
        // Some file systems, of networks above all, tell of no change.
        await this.#store.refresh();
        await this.#resumeOrphaned((record) => !hasEnded(record));
        await this.#dropOldFailures();
        await this.#sweep();
      } catch (error) {
        this.#log.warn('The runs of other windows could not be looked at', error);
      }
    }
  }

  async #dropOldFailures(): Promise<void> {
    for (const record of this.#store.list()) {
      if (!hasOldFailures(record, this.#clock.now())) continue;
      await this.#edit(record.id, (latest) =>
        hasOldFailures(latest, this.#clock.now()) ? withoutFailures(latest) : undefined,
      );
    }
  }

  /**
   * Changes what is nobody's in particular, such as that a run's end was told; resolves with whether there was something to change.
   * Needs no guard: where somebody else writes meanwhile, `change` is asked again.
   */
  async #edit(id: string, change: (record: RunRecord) => Partial<RunRecord> | undefined): Promise<boolean> {
    // Earlier versions of the extension change their records under a lease alone.
    const lease = this.#store.isOld(id) ? await this.#lease(id) : undefined;
    try {
      const edited = await this.#store.update(id, (latest) => {
        const changes = change(latest);
        return changes && { ...latest, ...changes, updated: this.#time() };
      });
      return edited !== undefined;
    } finally {
      await lease?.release();
    }
  }

  async #take(id: string): Promise<{ readonly guard: Guard<RunRecord>; readonly record: RunRecord }> {
    const taken = await Guard.take(this.#store, await this.#lease(id), id);
    if (taken !== undefined) return taken;
    throw new AudienceError('not-found', 'The job was taken off the list');
  }

  /** Removes what processes left behind that ended half-way. */
  async #sweep(): Promise<void> {
    await this.#store.sweep();
    await this.#leases.sweep((id) => {
      const record = this.#store.get(id);
      return record !== undefined && !hasEnded(record);
    });
  }

  async #lease(id: string): Promise<Lease> {
    const start = performance.now();
    for (;;) {
      const lease = await this.#leases.acquire(id);
      if (lease !== undefined) return lease;
      if (performance.now() - start > editMs) {
        throw new AudienceError('conflict', 'The job is being worked on', {
          help: 'Wait until it has ended, or look into the other windows.',
        });
      }
      await pause(50);
    }
  }

  /** Also a run that another window began a moment ago. */
  async #required(id: string): Promise<RunRecord> {
    if (this.get(id) === undefined) await this.#store.refresh();
    const record = this.get(id);
    if (record !== undefined) return record;
    throw new AudienceError('not-found', `There is no such job in the list: ${id}`, {
      help: 'The list holds the jobs that were started here; others are below their project.',
    });
  }

  #pace(place: string): Pace {
    const pace = this.#paces.get(place) ?? new Pace();
    this.#paces.set(place, pace);
    return pace;
  }

  #newRecord(
    { identity, settings }: Connection,
    { projectId, projectName }: Pick<ImportPlan | ExportPlan, 'projectId' | 'projectName'>,
  ): Omit<RunRecord, 'kind' | 'state'> {
    const now = this.#time();
    return {
      schema: 3,
      epoch: 1,
      id: newRunId(this.#clock.now()),
      created: now,
      updated: now,
      account: identity.account,
      region: identity.region,
      endpointUrl: settings.endpointUrl,
      projectId,
      projectName,
      notified: false,
    };
  }

  /** A folder that nobody can guess: 128 random bits. */
  #newFolder(prefix: string): string {
    return `${folderPrefix(prefix)}${this.#time().slice(0, 10)}/${randomBytes(16).toString('hex')}/`;
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function downloadsTo({ downloads }: ExportRun, folder: string): ExportRun['downloads'] {
  return downloads.filter((download) => download.folder === folder);
}

function hashOf(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 24);
}

function checkImport(plan: ImportPlan, connection: Connection, jobs: number): void {
  checkBucketName(plan.bucket);
  checkRole(plan.roleArn, 'import role', connection);
  const { files, defineSegment, registerEndpoints, segmentId } = plan;
  if (files.length > 0 && plan.from !== undefined) {
    throw new AudienceError('bad-input', 'An import takes either files or what is in the bucket', {
      help: 'Import them one after the other.',
    });
  }
  if (files.length === 0 && plan.from === undefined) {
    throw new AudienceError('bad-input', 'There is no file to import', { help: 'Choose at least one file.' });
  }
  if (jobs > 1 && segmentId !== undefined) {
    // Whether a second job would replace what the first has added is in none of AWS's pages (ImportJobRequest, SegmentId).
    throw new AudienceError(
      'bad-input',
      `The files are too much for one job, and several cannot update one segment`,
      {
        help: 'AWS does not say whether a second import adds to a segment or replaces it: import into new segments, or endpoints only.',
      },
    );
  }
  if (!defineSegment && !registerEndpoints) {
    // The service rejects it, too (Developer guide, audience-define-import).
    throw new AudienceError('bad-input', 'The import would neither make a segment nor save endpoints', {
      help: 'Choose at least one of the two.',
    });
  }
}

/** Each part has a folder and, where there are segments, a segment of its own. */
function partsOf(
  shares: readonly { readonly first: number; readonly count: number }[],
  folder: string,
  segmentName: string | undefined,
): readonly RunPart[] {
  return shares.map((share, index) => ({
    ...share,
    state: 'staging',
    folder: `${folder}${index + 1}/`,
    segmentName: segmentName && `${segmentName} (${index + 1} of ${shares.length})`,
  }));
}

function checkRole(arn: string, what: string, { identity }: Connection): void {
  const role = parseRoleArn(arn, what);
  const partition = identity.arn.split(':')[1];
  if (role.account === identity.account && role.partition === partition) return;
  // A role can be passed to a service only within its account (IAM user guide, id_roles_use_passrole).
  throw new AudienceError('bad-input', `The ${what} belongs to another account: ${arn}`, {
    help: `Choose a role of the account ${identity.account}, or connect to the role's account.`,
  });
}

/** Notices before anything is written that the bucket or the project is not there, or no longer served. */
async function checkPlaces(
  { identity, audience, staging }: Connection,
  kind: JobKind,
  { bucket, prefix, projectId }: ImportPlan | ExportPlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Whoever may write need not have the right to look.
  const unlessDenied = (error: unknown): undefined => {
    if (error instanceof AudienceError && error.code === 'access-denied') return undefined;
    throw error;
  };
  const [region] = await Promise.all([
    staging.bucketRegion(bucket, { folder: folderPrefix(prefix), signal }).catch(unlessDenied),
    audience.listJobs(kind, projectId, { pageSize: 1, signal }).catch(unlessDenied),
  ]);
  if (region === undefined || region === identity.region) return;
  throw new AudienceError('bad-input', `The bucket ${bucket} is in another region: ${region}`, {
    help: `Choose a bucket in ${identity.region}, the region of the project.`,
  });
}
