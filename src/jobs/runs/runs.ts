import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { Event } from '../../events.ts';
import type { DownloadControl } from '../download/downloadExport.ts';
import type { RunControl } from './runControl.ts';
import type { RunRecord, SourceFile } from './runRecord.ts';

/** All runs of this user, live and past. The only place that starts, watches and remembers jobs. */
export interface Runs {
  /** Resolves once the records of earlier processes are read; `list` and `get` know nothing before. Rejects where the folder cannot be used. */
  readonly ready: Promise<void>;
  /** Newest first. */
  list(): readonly RunRecord[];
  /** By our id or by the service's job id. */
  get(id: string): RunRecord | undefined;
  /** Fires with each change of a record, `undefined` after several or after a removal. */
  readonly onDidChange: Event<RunRecord | undefined>;
  /**
   * Uploads, then creates the job, or several where the files are too much for one (`RunRecord.parts`).
   * Resolves once the service has created the first, or once the run has to wait its turn (`queued`); the rest goes on by itself.
   */
  startImport(connection: Connection, plan: ImportPlan, control: RunControl): Promise<RunRecord>;
  /** Resolves once the service has created the job. */
  startExport(connection: Connection, plan: ExportPlan, control: RunControl): Promise<RunRecord>;
  /** Puts a job that was started elsewhere on the list and watches it, too. Resolves with the record that there is where it is there already. */
  watch(connection: Connection, kind: JobKind, projectId: string, jobId: string): Promise<RunRecord>;
  /** The place of a `queued` run among those that wait for the same account, 1 for the next; else `undefined`. */
  positionOf(id: string): number | undefined;
  /**
   * Ends an import whose job is not created yet, also from another window; nothing of it stays in the bucket. Parts that run go on.
   * Resolves once it is asked for; `bad-input` where there is nothing to cancel: the service cannot stop a job.
   */
  cancel(id: string): Promise<void>;
  /**
   * Starts an import again that failed, was cancelled or interrupted: only those of its parts that did, without an upload where
   * the files are still in the bucket. A job that may exist is looked for first. Resolves as `startImport`.
   */
  retry(connection: Connection, id: string, control: RunControl): Promise<RunRecord>;
  /** Fetches every `.gz` part of a completed export, unzips into `folder`; resolves with the paths of the NDJSON files. */
  download(
    connection: Connection,
    id: string,
    folder: string,
    control: DownloadControl,
  ): Promise<readonly string[]>;
  /**
   * Deletes what an ended import staged, and resolves with how many objects that were.
   * `bad-input` where the run goes on or staged nothing, `conflict` while another window works on it.
   */
  deleteStaged(connection: Connection, id: string): Promise<number>;
  /** Resolves when the run has ended, in whichever way. */
  waitFor(id: string, signal?: AbortSignal): Promise<RunRecord>;
  /** Takes up what an earlier process left; call it when a connection is made. */
  resume(connection: Connection): Promise<void>;
  /** Asks the service now, whatever the schedule says. */
  poke(): void;
  /** The user can see the jobs or not: unseen ones are asked for less often. */
  setVisible(visible: boolean): void;
  /** True for one caller among all windows: the one that is to tell the user. */
  markNotified(id: string): Promise<boolean>;
  /** `bad-input` while it is being uploaded or started, `conflict` while another window works on it. */
  forget(id: string): Promise<void>;
  dispose(): void;
}

export interface ImportPlan {
  /** The id of the run, for whoever has written it down before; if there is such a run, that is it, and no other is begun. */
  readonly id?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly files: readonly SourceFile[];
  readonly format: 'CSV' | 'JSON';
  readonly bucket: string;
  /** The staging prefix of the settings; the run's own folder is made below it. */
  readonly prefix: string;
  readonly kmsKeyId?: string | undefined;
  /** Puts the names of the files into the keys; keys tell nothing of them where absent. */
  readonly sourceNames?: boolean | undefined;
  /** Takes what was staged away once all of it was imported. */
  readonly deleteAfterImport?: boolean | undefined;
  /** A key or prefix of `bucket` that is imported as it is; then there are no files, and `prefix` is of no account. */
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
  /** Remembered for `jobs resume` of the command line: where to download to. */
  readonly downloadTo?: string | undefined;
}
