import type { JobKind, ServiceJob } from '../aws/audience.ts';
import type { BegunUpload } from '../aws/staging.ts';
import type { ErrorCode } from '../errors.ts';

/**
 * Where a run stands. A state is written to disk before the step that it names is taken:
 * `staging` before the first byte is sent, `starting` before the job is asked for, `running` once the service named the job.
 */
export type RunState =
  | 'staging'
  | 'starting'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  /** Stopped half-way by us or by the machine; `error` says where, nothing outside is left half done. */
  | 'interrupted';

/** One run of this user: upload and import, or export and download. Kept as one small JSON file; `schema` says how to read it. */
export interface RunRecord {
  readonly schema: 1;
  /** Ours; the service's id is `job.id`. */
  readonly id: string;
  readonly kind: JobKind;
  readonly state: RunState;
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  readonly ended?: string | undefined;
  /** Where it runs; a run is only ever watched by a connection of the same account, region and endpoint. */
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly import?: ImportRun | undefined;
  readonly export?: ExportRun | undefined;
  /** The job as the service last told it. */
  readonly job?: ServiceJob | undefined;
  readonly error?: RunTrouble | undefined;
  /** The end was told to the user. */
  readonly notified: boolean;
  /** When the service was last asked for the job, by this machine's clock: milliseconds since 1970. */
  readonly asked?: number | undefined;
  /** The answer that named the job was lost, and the job was found among the service's own. */
  readonly adopted?: boolean | undefined;
  /** What keeps the job from being asked about at the moment; the run goes on once it is gone. */
  readonly trouble?: RunTrouble | undefined;
}

export interface RunTrouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly help?: string | undefined;
}

export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly sha256?: string | undefined;
  /** From the validation before the import. */
  readonly records?: number | undefined;
  readonly errors?: number | undefined;
}

export interface ImportRun {
  readonly files: readonly SourceFile[];
  readonly format: 'CSV' | 'JSON';
  readonly bucket: string;
  /** Folder of this run alone, with a trailing slash, unguessable. */
  readonly folder: string;
  readonly staged: readonly { readonly url: string; readonly bytes: number; readonly etag: string }[];
  /** KMS key of what is staged; SSE-S3 where absent. */
  readonly kmsKeyId?: string | undefined;
  /** While `staging`: what was begun in parts, by the index of the file, so that it can be taken up again. */
  readonly uploads?: Readonly<Record<string, BegunUpload>> | undefined;
  readonly roleArn: string;
  readonly defineSegment: boolean;
  readonly registerEndpoints: boolean;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  /** Staged objects that no job will read could not be taken away yet. */
  readonly leftovers?: boolean | undefined;
}

export interface ExportRun {
  readonly bucket: string;
  /** Folder of this run alone, with a trailing slash. */
  readonly folder: string;
  readonly roleArn: string;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  readonly segmentVersion?: number | undefined;
  readonly downloads: readonly {
    readonly folder: string;
    readonly files: readonly string[];
    readonly at: string;
  }[];
}

/** True where a run changes no more by itself. */
export function hasEnded(record: RunRecord): boolean {
  return record.state !== 'staging' && record.state !== 'starting' && record.state !== 'running';
}
