import type { Connection } from '../aws/connection.ts';
import type { Event } from '../events.ts';
import type { RunRecord, SourceFile } from './record.ts';

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
  /** Uploads, then creates the job. Resolves once the service has created it; the watch goes on by itself. */
  startImport(connection: Connection, plan: ImportPlan, control: RunControl): Promise<RunRecord>;
  /** Resolves once the service has created the job. */
  startExport(connection: Connection, plan: ExportPlan, control: RunControl): Promise<RunRecord>;
  /** Fetches every `.gz` part of a completed export, unzips into `folder`; resolves with the paths of the NDJSON files. */
  download(
    connection: Connection,
    id: string,
    folder: string,
    control: RunControl,
  ): Promise<readonly string[]>;
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
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly files: readonly SourceFile[];
  readonly format: 'CSV' | 'JSON';
  readonly bucket: string;
  /** The staging prefix of the settings; the run's own folder is made below it. */
  readonly prefix: string;
  readonly kmsKeyId?: string | undefined;
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
}

export interface RunControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number | undefined, what: string) => void) | undefined;
}
