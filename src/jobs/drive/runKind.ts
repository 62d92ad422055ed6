import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { ImportRun, RunJob, RunRecord } from '../runs/runRecord.ts';
import type { PartIndex } from '../runs/parts.ts';
import type { Found } from './startJob.ts';
import type { RunStaging } from './stageRun.ts';

/** One job of a run, and its connection. */
export interface JobScope {
  readonly record: RunRecord;
  readonly part: PartIndex;
  readonly job: RunJob;
  readonly connection: Connection;
  /** Ids of the jobs of other runs. */
  readonly others: ReadonlySet<string>;
  readonly stop: AbortSignal;
}

/**
 * The steps of a kind of run: prepare, upload, start, watch, collect. Driver, store, lease, guard and queue depend on nothing else
 * of a kind, so another service needs only another `RunKind`.
 */
export interface RunKind {
  /** Uploads the files and resolves with the updated import; absent if there are no files. */
  readonly upload?: (record: RunRecord, staging: RunStaging) => Promise<ImportRun>;
  /** Absent if the job was started elsewhere. */
  readonly start?: StartStep;
  watch(scope: JobScope): Promise<ServiceJob>;
  /** Inspects the results of a completed job before the run counts as completed. Returns changes of the record. */
  collect?(scope: JobScope, completed: ServiceJob): Promise<Partial<RunJob>>;
}

export interface StartStep {
  /** Waits in the queue, and returns there when the service refuses more jobs. */
  readonly isQueued: boolean;
  /** Returns the change of the record that must be on disk before the job is requested. */
  prepare(scope: JobScope): Promise<(record: RunRecord) => RunRecord>;
  create(scope: JobScope): Promise<ServiceJob>;
  /** Searches for a job whose response was lost, without trusting any clock. */
  find(scope: JobScope): Promise<Found>;
}
