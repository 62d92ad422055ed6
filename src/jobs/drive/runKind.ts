import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { ImportRun, RunJob, RunRecord } from '../runs/runRecord.ts';
import type { PartIndex } from '../runs/parts.ts';
import type { Found } from './startJob.ts';
import type { RunStaging } from './stageRun.ts';

/** One job of a run, and where it is. */
export interface JobScope {
  readonly record: RunRecord;
  readonly part: PartIndex;
  readonly job: RunJob;
  readonly connection: Connection;
  /** Ids of the jobs of other runs on record. */
  readonly others: ReadonlySet<string>;
  readonly stop: AbortSignal;
}

/**
 * The steps of a kind of run: prepare, upload, start, watch, collect. Driver, store, lease, guard and queue know a kind by this
 * alone, so that another service is another of these.
 */
export interface RunKind {
  /** Sends the files, and resolves with the import as it is then; absent where there is nothing to send. */
  readonly upload?: (record: RunRecord, staging: RunStaging) => Promise<ImportRun>;
  /** Absent where the job was started elsewhere. */
  readonly start?: StartStep;
  watch(scope: JobScope): Promise<ServiceJob>;
  /** Looks at what a completed job left, before the run counts as completed: what it gives is written down. */
  collect?(scope: JobScope, completed: ServiceJob): Promise<Partial<RunJob>>;
}

export interface StartStep {
  /** Waits its turn in the queue, and goes back there when the service takes no more. */
  readonly isQueued: boolean;
  /** What the job and its run have to say before it is asked for; it is on disk before anything is sent. */
  prepare(scope: JobScope): Promise<(record: RunRecord) => RunRecord>;
  create(scope: JobScope): Promise<ServiceJob>;
  /** Looks for a job that was asked for and whose answer was lost, without trust in any clock. */
  find(scope: JobScope): Promise<Found>;
}
