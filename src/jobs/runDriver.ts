import type { ServiceJob } from '../aws/audience.ts';
import type { Connection } from '../aws/connection.ts';
import { formatS3Url } from '../aws/s3Url.ts';
import type { S3Location, StagedObject } from '../aws/staging.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from './clock.ts';
import { explain } from './explain.ts';
import type { Lease } from './lease.ts';
import type { ExportRun, ImportRun, RunRecord, RunState, RunTrouble } from './record.ts';
import type { RunControl } from './runs.ts';
import { isPassing, stageFiles } from './stage.ts';
import { backoff } from './schedule.ts';
import { startJob } from './start.ts';
import type { RunStore } from './store.ts';
import type { Waker } from './waker.ts';
import type { Pace } from './watch.ts';
import { watchJob } from './watch.ts';

/** How much the service's clock may be behind ours. */
const clockSkewMs = 60_000;

export interface DriverOptions {
  readonly id: string;
  readonly lease: Lease;
  readonly store: RunStore;
  /** The latest connection to where the run is. */
  readonly connection: () => Connection;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: Waker;
  readonly isVisible: () => boolean;
  readonly log: Log;
  /** Only in the process that began the run. */
  readonly control?: RunControl | undefined;
  /** The driver has given its lease back and does nothing more. */
  readonly onEnd: () => void;
}

/** Takes one run from the state it is in to its end. Each state is on disk before its step is taken. */
export class RunDriver {
  readonly #options: DriverOptions;
  readonly #stop = new AbortController();
  /** Resolves once the service has named the job; rejects where the run ended before, or the user has to sign in first. */
  readonly named: Promise<RunRecord>;
  #resolveNamed!: (record: RunRecord) => void;
  #rejectNamed!: (error: Error) => void;
  /** The run went on in this process from the beginning, or was found in this state. */
  #isFresh: boolean;
  /** Settles when the driver does nothing more; never rejects. */
  readonly done: Promise<void>;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#isFresh = options.control !== undefined;
    this.named = new Promise((resolve, reject) => {
      this.#resolveNamed = resolve;
      this.#rejectNamed = reject;
    });
    // Only who began the run waits for it.
    this.named.catch(() => undefined);
    this.done = this.#drive();
  }

  /** Leaves the run as it is, for another process or a later one. */
  stop(): void {
    this.#stop.abort();
  }

  async #drive(): Promise<void> {
    const { id, lease, log, onEnd } = this.#options;
    let failure: Error = new AudienceError('not-found', 'The record of the job is gone');
    try {
      for (let record = this.#record; record !== undefined; record = this.#record) {
        if (record.state === 'staging') await this.#stage(record);
        else if (record.state === 'starting') await this.#start(record);
        else if (record.state === 'running') await this.#watch(record);
        else break;
        this.#isFresh = true;
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      await this.#fail(failure).catch((second: unknown) => log.error(`Run ${id} could not be ended`, second));
    }
    await this.#takeLeftoversAway();
    await lease.release().catch((error: unknown) => log.warn(`The lease on run ${id} stays`, error));
    onEnd();
    // Without effect where the job was named.
    this.#rejectNamed(failure);
  }

  /** Uploads, and goes on with what an earlier attempt or process left half-way, for as long as it can. */
  async #stage(record: RunRecord): Promise<void> {
    const { connection, control, clock, random, waker } = this.#options;
    const run = record.import!;
    const signals = [this.#stop.signal, ...(control?.signal === undefined ? [] : [control.signal])];
    const signal = AbortSignal.any(signals);
    const journal = {
      uploads: () => this.#record?.import?.uploads ?? {},
      write: async (uploads: ImportRun['uploads']) => {
        await this.#save({ import: { ...this.#record!.import!, uploads } });
      },
    };
    let staged: readonly StagedObject[];
    for (let failures = 0; ;) {
      const again = failures > 0 || !this.#isFresh;
      try {
        staged = await stageFiles(connection().staging, run, { ...control, signal }, { ...journal, again });
        break;
      } catch (error) {
        throwIfCancelled(signal);
        if (!this.#isFresh && isOfTheFile(error)) throw notResumable(error);
        if (!isPassing(error)) throw error;
        failures += 1;
        await this.#tellTrouble(error);
        if (error.code === 'credentials') this.#rejectNamed(error);
        // Renewed elsewhere, credentials may be good at once.
        const pause = error.code === 'credentials' && failures === 1 ? 0 : backoff(2000, failures, random());
        await clock.sleep(pause, ...signals, waker.signal);
        throwIfCancelled(signal);
      }
    }
    throwIfCancelled(signal);
    await this.#save({
      state: 'starting',
      trouble: undefined,
      import: {
        ...run,
        files: run.files.map((file, index) => ({ ...file, sha256: staged[index]!.sha256 })),
        staged: staged.map(({ url, bytes, etag }) => ({ url, bytes, etag })),
        uploads: undefined,
      },
    });
  }

  async #start(record: RunRecord): Promise<void> {
    const { clock, random, waker, control } = this.#options;
    const { job, adopted } = await startJob({
      create: () => this.#create(record),
      find: (asked) => this.#find(record, asked),
      remember: async (asked) => {
        await this.#save({ asked });
      },
      asked: record.asked,
      clock,
      random,
      waker,
      stop: this.#stop.signal,
      cancel: control?.signal,
      onTrouble: async (trouble) => {
        await this.#tellTrouble(trouble);
        // The run goes on once the user has signed in; until then nobody should wait.
        if (trouble?.code === 'credentials') this.#rejectNamed(trouble);
      },
    });
    this.#resolveNamed(await this.#save({ state: 'running', job, adopted, trouble: undefined }));
  }

  async #watch(record: RunRecord): Promise<void> {
    const { connection, clock, random, pace, waker, isVisible } = this.#options;
    const { kind, projectId } = record;
    this.#resolveNamed(record);
    let last = record.job!;
    const job = await watchJob({
      ask: () => connection().audience.getJob(kind, projectId, last.id, this.#stop.signal),
      since: record.asked ?? Date.parse(last.created),
      atOnce: !this.#isFresh,
      clock,
      random,
      pace,
      waker,
      isVisible,
      stop: this.#stop.signal,
      onJob: async (answer) => {
        // An export that is read back no longer says where it writes.
        const next = { ...answer, s3Url: answer.s3Url ?? last.s3Url };
        if (JSON.stringify(next) === JSON.stringify(last)) return;
        last = next;
        await this.#save({ job: next });
      },
      onTrouble: (trouble) => this.#tellTrouble(trouble),
    });
    if (job.status === 'COMPLETED') {
      if (await this.#isAnother(job))
        await this.#save({ state: 'starting', job: undefined, adopted: undefined, asked: undefined });
      else await this.#end('completed', {});
      return;
    }
    await this.#end(job.status === 'CANCELLED' ? 'cancelled' : 'failed', { error: failureOf(job) });
  }

  #create(record: RunRecord): Promise<ServiceJob> {
    const { audience } = this.#options.connection();
    const { projectId, import: from, export: to } = record;
    if (from !== undefined) {
      const { format, roleArn, defineSegment, registerEndpoints, segmentId, segmentName } = from;
      const options = { defineSegment, registerEndpoints, segmentId, segmentName };
      return audience.createImportJob(projectId, { format, s3Url: folderUrl(from), roleArn, ...options });
    }
    const { roleArn, segmentId, segmentVersion } = to!;
    return audience.createExportJob(projectId, {
      s3UrlPrefix: folderUrl(to!),
      roleArn,
      segmentId,
      segmentVersion,
    });
  }

  /**
   * The service's job of this run, where it has one. Of imports, the folder tells: nobody else knows it. Exports do not
   * say where they write once they are read back (Developer guide, audience-data-export), so there the only job that began
   * since then and is of no other run is taken, and looked at again when it has ended (`#isAnother`).
   */
  async #find(record: RunRecord, asked: number): Promise<ServiceJob | undefined> {
    const { connection, store } = this.#options;
    const url = folderUrl(record.import ?? record.export!);
    const others = new Set(store.list().flatMap(({ id, job }) => (id === record.id || !job ? [] : [job.id])));
    const candidates: ServiceJob[] = [];
    let token: string | undefined;
    do {
      const page = await connection().audience.listJobs(record.kind, record.projectId, { token });
      for (const job of page.items) {
        if (job.s3Url === url) return job;
        const isRecent = Date.parse(job.created) >= asked - clockSkewMs;
        if (job.s3Url === undefined && isRecent && !others.has(job.id)) candidates.push(job);
      }
      token = page.nextToken;
    } while (token !== undefined);
    return record.kind === 'export' && candidates.length === 1 ? candidates[0] : undefined;
  }

  /** True where an adopted export turns out to be somebody else's: it wrote, but not here. */
  async #isAnother(job: ServiceJob): Promise<boolean> {
    const record = this.#record;
    if (record?.adopted !== true || record.export === undefined || job.totalProcessed === 0) return false;
    const { bucket, folder } = record.export;
    const { connection, log } = this.#options;
    try {
      const objects = connection().staging.list(bucket, folder, this.#stop.signal);
      const { done } = await objects[Symbol.asyncIterator]().next();
      return done === true;
    } catch (error) {
      // Who may not look has to believe it.
      log.warn('What the export wrote could not be looked at', error);
      return false;
    }
  }

  async #fail(error: Error): Promise<void> {
    const { id, log } = this.#options;
    if (this.#stop.signal.aborted) return;
    const record = this.#record;
    if (record === undefined) return;
    if (isCancelled(error)) {
      await this.#end('cancelled', {});
      return;
    }
    const failure =
      error instanceof AudienceError ? error : new AudienceError('internal', error.message, { cause: error });
    log.warn(`Run ${id} failed: ${record.state}: ${failure.code}`);
    const trouble = troubleOf(failure);
    if (error instanceof NotResumable) {
      await this.#end('interrupted', { error: trouble });
      return;
    }
    const help =
      'It is not known whether there is a job: look among those of the project before you start it again.';
    await this.#end('failed', { error: hasUnknownJob(record) ? { ...trouble, help } : trouble });
  }

  async #end(state: RunState, change: Partial<RunRecord>): Promise<void> {
    const record = this.#record;
    if (record === undefined) return;
    const hasStaged = record.import !== undefined && record.job === undefined;
    const ended = new Date(this.#options.clock.now()).toISOString();
    await this.#save({
      trouble: undefined,
      ...change,
      state,
      ended,
      ...(hasStaged &&
        !hasUnknownJob(record) && { import: { ...record.import, uploads: undefined, leftovers: true } }),
    });
  }

  /** What was staged for a job that will not be; tried again with the next connection where it fails. */
  async #takeLeftoversAway(): Promise<void> {
    const run = this.#record?.import;
    if (run?.leftovers !== true || this.#stop.signal.aborted) return;
    const { connection, id, log } = this.#options;
    const { staging } = connection();
    try {
      const objects: S3Location[] = [];
      for await (const { key } of staging.list(run.bucket, run.folder))
        objects.push({ bucket: run.bucket, key });
      await staging.delete(objects);
      await staging.abandonUploads(run.bucket, run.folder);
      await this.#save({ import: { ...run, staged: [], leftovers: undefined } });
    } catch (error) {
      log.warn(`What run ${id} staged could not be taken away yet`, error);
    }
  }

  async #tellTrouble(trouble: AudienceError | undefined): Promise<void> {
    const record = this.#record;
    if (trouble === undefined && record?.trouble === undefined) return;
    if (trouble !== undefined && trouble.code === record?.trouble?.code) return;
    await this.#save({ trouble: trouble && troubleOf(trouble) });
  }

  get #record(): RunRecord | undefined {
    return this.#options.store.get(this.#options.id);
  }

  async #save(change: Partial<RunRecord>): Promise<RunRecord> {
    const { clock, lease, store } = this.#options;
    throwIfCancelled(this.#stop.signal);
    await lease.check();
    const record = this.#record;
    if (record === undefined) throw new AudienceError('not-found', 'The record of the job is gone');
    return store.put({ ...record, ...change, updated: new Date(clock.now()).toISOString() });
  }
}

/** The files of an upload that was broken off are not what they were: it cannot go on. */
class NotResumable extends AudienceError {}

function isOfTheFile(error: unknown): error is AudienceError {
  const codes = ['changed', 'not-found', 'bad-input', 'disk'];
  return error instanceof AudienceError && error.service === undefined && codes.includes(error.code);
}

function notResumable({ code, message }: AudienceError): NotResumable {
  return new NotResumable(
    code,
    `The upload was broken off when its window or process ended, and cannot go on; nothing was imported. ${message}`,
    { help: 'Validate and import again.' },
  );
}

/** True where the service was asked for a job and what came of it is not known: then nothing may be taken away. */
function hasUnknownJob({ state, asked }: RunRecord): boolean {
  return state === 'starting' && asked !== undefined;
}

/** Where the job reads or writes: a folder, with its slash, so that no other key begins with it. */
function folderUrl({ bucket, folder }: Pick<ImportRun | ExportRun, 'bucket' | 'folder'>): string {
  return formatS3Url({ bucket, key: folder });
}

function troubleOf({ code, message, help }: AudienceError): RunTrouble {
  return { code, message, help: explain(message, code)?.next ?? help };
}

/** Without the service's texts: they may quote the file. The job document shows them. */
function failureOf(job: ServiceJob): RunTrouble {
  const { kind, failedPieces = 0, totalPieces = 0, failures } = job;
  const pieces = failedPieces > 0 ? `: ${failedPieces} of ${totalPieces} pieces could not be processed` : '';
  const explanation = failures.map((failure) => explain(failure)).find((found) => found !== undefined);
  const what = explanation === undefined ? '' : ` ${explanation.what}`;
  return {
    code: 'service',
    message: `Amazon Pinpoint could not complete the ${kind}${pieces}.${what}`,
    help: explanation?.next ?? 'Open the job to see what the service says.',
  };
}
