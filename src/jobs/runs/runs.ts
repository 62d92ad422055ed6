import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { Event } from '../../events.ts';
import type { DownloadControl } from '../download/downloadExport.ts';
import type { RunControl } from './runControl.ts';
import type { RunRecord, SourceFile } from './runRecord.ts';

/** All runs of this user, active and past. The only place that starts, watches and records jobs. */
export interface Runs {
  /** Resolves once the existing records are read; until then, `list` and `get` find nothing. Rejects if the folder can't be used. */
  readonly ready: Promise<void>;
  /** Newest first. */
  list(): readonly RunRecord[];
  /** By our id or by the service's job id. */
  get(id: string): RunRecord | undefined;
  /** Fires with each change of a record, `undefined` after several or after a removal. */
  readonly onDidChange: Event<RunRecord | undefined>;
  /**
   * Uploads, then creates the job, or several if the files exceed the limits of one (`RunRecord.parts`).
   * Resolves once the service has created the first job or the run is queued (`queued`); the rest continues in the background.
   */
  startImport(connection: Connection, plan: ImportPlan, control: RunControl): Promise<RunRecord>;
  /** Resolves once the service has created the job. */
  startExport(connection: Connection, plan: ExportPlan, control: RunControl): Promise<RunRecord>;
  /** Adds a job that was started elsewhere to the list and watches it. If it is listed already, resolves with its record. */
  watch(connection: Connection, kind: JobKind, projectId: string, jobId: string): Promise<RunRecord>;
  /** The position of a `queued` run in the queue of its account, from 1; else `undefined`. */
  positionOf(id: string): number | undefined;
  /**
   * Cancels an import whose job isn't created yet, also if another window runs it; what it staged is deleted. Running parts continue.
   * Resolves once the cancellation is requested; `bad-input` if there is nothing to cancel: the service can't stop a job.
   */
  cancel(id: string): Promise<void>;
  /**
   * Restarts a failed, cancelled or interrupted import: only the parts that didn't complete, without an upload if the files are still
   * in the bucket. First searches for a job that may exist. Resolves as `startImport`.
   */
  retry(connection: Connection, id: string, control: RunControl): Promise<RunRecord>;
  /** Downloads every `.gz` part of a completed export and unzips it into `folder`; resolves with the paths of the NDJSON files. */
  download(
    connection: Connection,
    id: string,
    folder: string,
    control: DownloadControl,
  ): Promise<readonly string[]>;
  /**
   * Deletes what a finished import staged; resolves with the number of objects.
   * `bad-input` if the run is active or staged nothing, `conflict` while another window works on it.
   */
  deleteStaged(connection: Connection, id: string): Promise<number>;
  /** Resolves when the run has ended, successfully or not. */
  waitFor(id: string, signal?: AbortSignal): Promise<RunRecord>;
  /** Resumes orphaned runs; call it with each new connection. */
  resume(connection: Connection): Promise<void>;
  /** Polls the service now. */
  poke(): void;
  /** Whether the user can see the jobs: hidden ones are polled less often. */
  setVisible(visible: boolean): void;
  /** True for exactly one caller among all windows, which then notifies the user. */
  markNotified(id: string): Promise<boolean>;
  /** Removes a run from the list. `bad-input` while it is being uploaded or started, `conflict` while another window works on it. */
  forget(id: string): Promise<void>;
  /** Leaves active runs to other or later processes. Resolves once what is deleted after ended ones is deleted, or the attempt failed. */
  settle(): Promise<void>;
  dispose(): void;
}

export interface ImportPlan {
  /** The id of the run, if the caller recorded one. If that run exists, no other is started. */
  readonly id?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly files: readonly SourceFile[];
  readonly format: 'CSV' | 'JSON';
  readonly bucket: string;
  /** The staging prefix of the settings; the run gets a folder below it. */
  readonly prefix: string;
  readonly kmsKeyId?: string | undefined;
  /** Include the names of the files in the keys; by default, keys reveal nothing about them. */
  readonly sourceNames?: boolean | undefined;
  /** Delete the staged objects once everything was imported. */
  readonly deleteAfterImport?: boolean | undefined;
  /** A key or prefix in `bucket` to import as it is; then there are no files, and `prefix` is ignored. */
  readonly from?: string | undefined;
  readonly roleArn: string;
  readonly defineSegment: boolean;
  readonly registerEndpoints: boolean;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
}

export interface ExportPlan {
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly bucket: string;
  readonly prefix: string;
  readonly roleArn: string;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  readonly segmentVersion?: number | undefined;
  /** Where `jobs resume` of the command line downloads to. */
  readonly downloadTo?: string | undefined;
}
