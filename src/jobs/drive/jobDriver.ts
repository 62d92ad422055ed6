import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import { explain } from '../failures/explain.ts';
import type { PartIndex } from '../runs/parts.ts';
import { runJob } from '../runs/parts.ts';
import { connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { Queue } from '../runs/queue.ts';
import type { RunJob, RunRecord, RunTrouble } from '../runs/runRecord.ts';
import { hasUnknownJob, jobsOf } from '../runs/runRecord.ts';
import { backoff, leftUntil } from './polling.ts';
import { startJob } from './startJob.ts';
import type { WakeSignal } from './wakeSignal.ts';
import type { Pace } from './watchJob.ts';
import { watchJob } from './watchJob.ts';

/** How much the service's clock may be behind ours. */
const clockSkewMs = 60_000;
/** How often somebody in the line looks without being told of a change. */
const fallbackPollMs = 10_000;
/** After the service took no more jobs; doubles with each time. */
const refusedMs = 15_000;
/** Throttled questions for an import, after which it goes back into the line: AWS does not say how it refuses one too many. */
const throttlesOfImport = 3;

/** What the jobs of a run have in common. */
export interface RunScope {
  readonly id: string;
  /** The latest connection to where the run is. */
  readonly connection: () => Connection;
  /** All runs, to tell whose a job is. */
  readonly list: () => readonly RunRecord[];
  readonly queue: Queue;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly waker: WakeSignal;
  readonly isVisible: () => boolean;
  readonly log: Log;
  /** Leaves everything as it is. */
  readonly stop: AbortSignal;
  /** Is heard as long as it is certain that there is no job. */
  readonly cancel: AbortSignal;
  /** Throws `not-found` where the record is gone. */
  readonly record: () => RunRecord;
  readonly save: (part: PartIndex, change: Partial<RunJob>) => Promise<RunRecord>;
  readonly reportTrouble: (trouble: AudienceError | undefined) => Promise<void>;
  /** From now on nobody has to wait for the run to begin. */
  readonly begun: (record: RunRecord) => void;
  /** Whoever waits for the run to begin should do something first. */
  readonly waits: (trouble: AudienceError) => void;
}

/** Takes one job of a run from the state it is in to its end. Each state is on disk before its step is taken. */
export class JobDriver {
  readonly #run: RunScope;
  readonly #part: PartIndex;
  /** The job went on in this process, rather than being found in its state. */
  #isFresh: boolean;
  #refusals = 0;

  constructor(run: RunScope, part: PartIndex, isFresh: boolean) {
    this.#run = run;
    this.#part = part;
    this.#isFresh = isFresh;
  }

  /** Resolves with why the job has not ended well, where it has ended by a failure of ours. */
  async drive(): Promise<Error | undefined> {
    try {
      for (;;) {
        const { state } = this.#job;
        if (state === 'queued') await this.#waitTurn();
        else if (state === 'starting') await this.#start();
        else if (state === 'running') await this.#watch();
        else return undefined;
        this.#isFresh = true;
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      await this.#fail(failure);
      return failure;
    }
  }

  async #waitTurn(): Promise<void> {
    const { id, queue, clock, stop, cancel, waker } = this.#run;
    const place = connectionKeyOfRecord(this.#run.record());
    for (;;) {
      throwIfCancelled(stop);
      throwIfCancelled(cancel);
      // Taken before the look, so that no change falls between the two.
      const { changed } = queue;
      const isStarted = await queue.takeTurn(place, id, this.#part, async () => {
        await this.#save({ state: 'starting', queued: undefined, retryAt: undefined });
      });
      if (isStarted) return;
      this.#run.begun(this.#run.record());
      await clock.sleep(this.#lookAgainMs(), stop, cancel, changed, waker.signal);
    }
  }

  #lookAgainMs(): number {
    const left = leftUntil(this.#job.retryAt ?? 0, this.#run.clock.now());
    // Afterwards it waits for others, of whose changes it is told.
    return left === 0 ? fallbackPollMs : Math.min(fallbackPollMs, left);
  }

  async #start(): Promise<void> {
    const { clock, random, waker, stop, cancel, reportTrouble } = this.#run;
    const isImport = this.#run.record().kind === 'import';
    try {
      const { job, adopted } = await startJob({
        create: () => this.#create(),
        find: (asked) => this.#find(asked),
        remember: async (asked) => {
          await this.#save({ asked });
        },
        asked: this.#job.asked,
        clock,
        random,
        waker,
        stop,
        cancel,
        maxThrottles: isImport ? throttlesOfImport : undefined,
        onTrouble: async (trouble) => {
          await reportTrouble(trouble);
          // The run goes on once the user has signed in; until then nobody should wait.
          if (trouble?.code === 'credentials') this.#run.waits(trouble);
        },
      });
      await this.#run.reportTrouble(undefined);
      this.#run.begun(await this.#save({ state: 'running', job, adopted }));
    } catch (error) {
      if (!isImport || !(error instanceof AudienceError) || error.code !== 'throttled') throw error;
      await this.#queueAgain(error);
    }
  }

  /** A refusal for now: the run has lost nothing but its turn. */
  async #queueAgain(refusal: AudienceError): Promise<void> {
    const { clock, random, reportTrouble } = this.#run;
    this.#refusals += 1;
    const now = clock.now();
    const retryAt = now + backoff(refusedMs, this.#refusals, random());
    await reportTrouble(refusal);
    await this.#save({ state: 'queued', queued: now, retryAt });
  }

  async #watch(): Promise<void> {
    const { connection, clock, random, pace, waker, isVisible, stop, reportTrouble } = this.#run;
    const record = this.#run.record();
    const { kind, projectId } = record;
    this.#run.begun(record);
    const found = this.#job;
    let last = found.job!;
    const job = await watchJob({
      ask: () => connection().audience.getJob(kind, projectId, last.id, stop),
      since: found.asked ?? sinceOf(last, clock.now()),
      atOnce: !this.#isFresh,
      clock,
      random,
      pace,
      waker,
      isVisible,
      stop,
      onJob: async (answer) => {
        // An export that is read back no longer says where it writes.
        const next = { ...answer, s3Url: answer.s3Url ?? last.s3Url };
        if (JSON.stringify(next) === JSON.stringify(last)) return;
        last = next;
        await this.#save({ job: next });
      },
      onTrouble: reportTrouble,
    });
    if (job.status === 'COMPLETED') {
      if (await this.#isAnother(job))
        await this.#save({ state: 'starting', job: undefined, adopted: undefined, asked: undefined });
      else await this.#save({ state: 'completed' });
      return;
    }
    await this.#save({ state: job.status === 'CANCELLED' ? 'cancelled' : 'failed', error: failureOf(job) });
  }

  #create(): Promise<ServiceJob> {
    const record = this.#run.record();
    const { audience } = this.#run.connection();
    const { projectId, import: from, export: to } = record;
    const s3Url = folderUrl(record, this.#part);
    if (from !== undefined) {
      const { format, roleArn, defineSegment, registerEndpoints, segmentId } = from;
      const { segmentName } = this.#part === undefined ? from : record.parts![this.#part]!;
      const options = { defineSegment, registerEndpoints, segmentId, segmentName };
      return audience.createImportJob(projectId, { format, s3Url, roleArn, ...options });
    }
    const { roleArn, segmentId, segmentVersion } = to!;
    return audience.createExportJob(projectId, { s3UrlPrefix: s3Url, roleArn, segmentId, segmentVersion });
  }

  /**
   * The service's job of this run, where it has one. Of imports, the folder tells: nobody else knows it. Exports do not
   * say where they write once they are read back (Developer guide, audience-data-export), so there the only job that began
   * since then and is of no other run is taken, and looked at again when it has ended (`#isAnother`).
   */
  async #find(asked: number): Promise<ServiceJob | undefined> {
    const { id, connection, list } = this.#run;
    const record = this.#run.record();
    const url = folderUrl(record, this.#part);
    const earlier = new Set(this.#job.earlierJobs);
    const others = new Set(
      list().flatMap((other) => (other.id === id ? [] : jobsOf(other).map((job) => job.id))),
    );
    const candidates: ServiceJob[] = [];
    let token: string | undefined;
    do {
      const page = await connection().audience.listJobs(record.kind, record.projectId, { token });
      for (const job of page.items) {
        if (earlier.has(job.id)) continue;
        const isRecent = Date.parse(job.created) >= asked - clockSkewMs;
        // What was in the bucket before may have been imported by others, too.
        const isShared = record.import?.isFromBucket === true;
        if (job.s3Url === url && (!isShared || (isRecent && !others.has(job.id)))) return job;
        if (job.s3Url === undefined && isRecent && !others.has(job.id)) candidates.push(job);
      }
      token = page.nextToken;
    } while (token !== undefined);
    return record.kind === 'export' && candidates.length === 1 ? candidates[0] : undefined;
  }

  /** True where an adopted export turns out to be somebody else's: it wrote, but not here. */
  async #isAnother(job: ServiceJob): Promise<boolean> {
    const { connection, log, stop } = this.#run;
    const { export: to } = this.#run.record();
    if (this.#job.adopted !== true || to === undefined || job.totalProcessed === 0) return false;
    try {
      const objects = connection().staging.list(to.bucket, to.folder, stop);
      const { done } = await objects[Symbol.asyncIterator]().next();
      return done === true;
    } catch (error) {
      // Who may not look has to believe it.
      log.warn('What the export wrote could not be looked at', error);
      return false;
    }
  }

  async #fail(error: Error): Promise<void> {
    const { id, log, stop } = this.#run;
    if (stop.aborted) return;
    if (isCancelled(error)) {
      await this.#save({ state: 'cancelled' });
      return;
    }
    const failure = asAudienceError(error);
    log.warn(`Run ${id} failed: ${this.#job.state}: ${failure.code}`);
    const trouble = troubleOf(failure);
    const help =
      'It is not known whether there is a job. Try again: it is looked for before it is started once more.';
    await this.#save({
      state: 'failed',
      error: hasUnknownJob(this.#job) ? { ...trouble, help } : trouble,
    });
  }

  get #job(): RunJob {
    return runJob(this.#run.record(), this.#part);
  }

  #save(change: Partial<RunJob>): Promise<RunRecord> {
    return this.#run.save(this.#part, change);
  }
}

/** When the job began, by a clock that may not be ours and need not say. */
function sinceOf({ created }: ServiceJob, now: number): number {
  const since = Date.parse(created);
  return Number.isNaN(since) ? now : Math.min(since, now);
}

export function asAudienceError(error: Error): AudienceError {
  return error instanceof AudienceError
    ? error
    : new AudienceError('internal', error.message, { cause: error });
}

export function troubleOf({ code, message, help }: AudienceError): RunTrouble {
  return { code, message, help: explain(message, code)?.next ?? help };
}

/** Where a job reads or writes: a folder, with its slash, so that no other key begins with it; or what was in the bucket before. */
export function folderUrl(record: RunRecord, part: PartIndex): string {
  const { bucket, folder } = record.import ?? record.export!;
  return formatS3Url({ bucket, key: part === undefined ? folder : record.parts![part]!.folder });
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
