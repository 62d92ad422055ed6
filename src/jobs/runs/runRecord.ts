import { randomBytes } from 'node:crypto';
import type { JobKind, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { BegunUpload } from '../../aws/s3/stagingService.ts';
import type { ErrorCode } from '../../errors.ts';

/**
 * The state of a run or part. It is written to disk before the step that it names:
 * `staging` before the first byte is sent, `queued` once everything is sent, `starting` before the job is requested,
 * `running` once the service has returned the job.
 */
export type RunState =
  | 'staging'
  /** Everything is staged; waits because the account runs its maximum of imports (`src/jobs/runs/queueState.ts`). */
  | 'queued'
  | 'starting'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  /** Stopped halfway by us or the machine; `error` says where. Nothing outside is left incomplete. */
  | 'interrupted';

/** One job, from its staged files to its end; requested at most once, and found again by its folder. */
export interface RunJob {
  readonly state: RunState;
  /** When it was queued: milliseconds since 1970. */
  readonly queued?: number | undefined;
  /** No start before then, because the service refused one: milliseconds since 1970. */
  readonly retryAt?: number | undefined;
  /** When the job was requested, by this machine's wall clock, only for display: milliseconds since 1970. */
  readonly asked?: number | undefined;
  /** Number of requests for it. */
  readonly attempt?: number | undefined;
  /** During the request: jobs that existed before and could be mistaken for it. */
  readonly before?: readonly string[] | undefined;
  /** Additional jobs of the same files, created by a process that was suspended right before its request. */
  readonly doubles?:
    | readonly {
        readonly id: string;
        readonly segmentId?: string | undefined;
        readonly segmentName?: string | undefined;
      }[]
    | undefined;
  /** The job as the service last reported it. Its `failures` may quote rows: see `failureExpiry.ts`. */
  readonly job?: ServiceJob | undefined;
  /** The response with the job was lost, and the job was found in the service's list. */
  readonly adopted?: boolean | undefined;
  /** Ids of the jobs of earlier attempts, which read the same folder. */
  readonly earlierJobs?: readonly string[] | undefined;
  readonly error?: RunTrouble | undefined;
}

/** A share of the files of an import that exceeds the limits of one job. */
export interface RunPart extends RunJob {
  /** The index of its first file, and the number of files. */
  readonly first: number;
  readonly count: number;
  /** Below the folder of the run, with a trailing slash. */
  readonly folder: string;
  /** Each part creates its own segment: AWS doesn't document whether a second import adds to a segment or replaces it. */
  readonly segmentName?: string | undefined;
}

/**
 * One run of this user: upload and import, or export and download; or a watched job that was started elsewhere.
 * Stored as small JSON files, of which the newest counts; `schema` says how to read it.
 */
export interface RunRecord extends RunJob {
  readonly schema: 3;
  /** Incremented with each change of owner; see `Guard`. 0 if an earlier version of the extension wrote it. */
  readonly epoch: number;
  /** Ours; the service's id is `job.id`. */
  readonly id: string;
  readonly kind: JobKind;
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  readonly ended?: string | undefined;
  /** Only connections with the same account, region and service work on the run. */
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly import?: ImportRun | undefined;
  readonly export?: ExportRun | undefined;
  /** Started elsewhere and only watched: there is neither `import` nor `export`. */
  readonly watched?: boolean | undefined;
  /**
   * If the files exceed the limits of one job. Then each part has its own job and the run has none:
   * `state` and `error` summarize the parts, `jobsOf` returns their jobs.
   */
  readonly parts?: readonly RunPart[] | undefined;
  /** The user was notified of the end. */
  readonly notified: boolean;
  /** Why the job can't be polled right now; the run continues once that is resolved. */
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
  /** Folder of this run only, with a trailing slash, unguessable. */
  readonly folder: string;
  readonly staged: readonly { readonly url: string; readonly bytes: number; readonly etag: string }[];
  /** KMS key of the staged objects; SSE-S3 if absent. */
  readonly kmsKeyId?: string | undefined;
  /** The names of the files are part of the keys. */
  readonly sourceNames?: boolean | undefined;
  /** Delete the staged objects once everything was imported. */
  readonly deleteAfterImport?: boolean | undefined;
  /** When the staged objects were deleted on request: ISO 8601. */
  readonly stagedDeleted?: string | undefined;
  /** Imports existing objects: `folder` is their key or prefix, there are no files, and nothing is ever deleted. */
  readonly isFromBucket?: boolean | undefined;
  /** While `staging`: multipart uploads by the index of the file, so that they can be resumed. */
  readonly uploads?: Readonly<Record<string, BegunUpload>> | undefined;
  readonly roleArn: string;
  readonly defineSegment: boolean;
  readonly registerEndpoints: boolean;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  /** Staged objects that no job will read are still to be deleted. */
  readonly leftovers?: boolean | undefined;
}

export interface ExportRun {
  readonly bucket: string;
  /** Folder of the latest attempt of this run only, with a trailing slash. */
  readonly folder: string;
  readonly roleArn: string;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  readonly segmentVersion?: number | undefined;
  /** Where the command line downloads the objects once they exist. */
  readonly downloadTo?: string | undefined;
  readonly downloads: readonly {
    readonly folder: string;
    readonly files: readonly string[];
    readonly at: string;
    /** Number of records in the files. */
    readonly records?: number | undefined;
  }[];
  /** Unfinished downloads, one per folder. */
  readonly placings?: readonly Placing[] | undefined;
}

/** An unfinished download into a folder. */
export interface Placing {
  readonly folder: string;
  /** The names that its files are about to get. */
  readonly files: readonly string[];
  /** Incremented by each process that starts or takes over the download; nothing is written under an older epoch. */
  readonly epoch: number;
}

/** The number of records of the last download and of the job, if they differ. */
export function differenceOf({
  export: to,
  job,
}: Pick<RunRecord, 'export' | 'job'>): { readonly records: number; readonly exported: number } | undefined {
  const records = to?.downloads.at(-1)?.records;
  const exported = job?.totalProcessed;
  return records === undefined || exported === undefined || records === exported
    ? undefined
    : { records, exported };
}

/** The id of a run that starts now; `now` is in milliseconds since 1970. */
export function newRunId(now: number): string {
  return `${new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`;
}

/** The local files of a run: imported or last downloaded. They may have changed or been deleted since. */
export function filesOf({
  import: sent,
  export: to,
}: Pick<RunRecord, 'import' | 'export'>): readonly string[] {
  return sent?.files.map(({ path }) => path) ?? to?.downloads.at(-1)?.files ?? [];
}

/** True if a run or part is in a final state. */
export function hasEnded({ state }: Pick<RunJob, 'state'>): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'interrupted';
}

/** The existing jobs of a run, in the order of its parts. */
export function jobsOf({ job, parts }: Pick<RunRecord, 'job' | 'parts'>): readonly ServiceJob[] {
  return [{ job }, ...(parts ?? [])].flatMap(({ job: named }) => (named === undefined ? [] : [named]));
}

/** Additional jobs of the same files, of all parts; see `RunJob.doubles`. */
export function doublesOf({
  doubles,
  parts,
}: Pick<RunRecord, 'doubles' | 'parts'>): NonNullable<RunJob['doubles']> {
  return [{ doubles }, ...(parts ?? [])].flatMap(({ doubles: own }) => own ?? []);
}

/** True if a job was requested and the outcome is unknown: then nothing may be deleted or started again. */
export function hasUnknownJob({ job, asked }: Pick<RunJob, 'job' | 'asked'>): boolean {
  return job === undefined && asked !== undefined;
}

/** True for a completed export with a pending download. */
export function wantsDownload({ state, export: to }: Pick<RunRecord, 'state' | 'export'>): boolean {
  if (state !== 'completed' || to?.downloadTo === undefined) return false;
  return !to.downloads.some(({ folder }) => folder === to.downloadTo);
}
