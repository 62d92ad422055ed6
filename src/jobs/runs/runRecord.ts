import { randomBytes } from 'node:crypto';
import type { JobKind, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { BegunUpload } from '../../aws/s3/stagingService.ts';
import type { ErrorCode } from '../../errors.ts';

/**
 * Where a run, or a part of it, stands. A state is written to disk before the step that it names is taken:
 * `staging` before the first byte is sent, `queued` once all is sent, `starting` before the job is asked for,
 * `running` once the service named the job.
 */
export type RunState =
  | 'staging'
  /** Everything is in the bucket, but the account runs as many imports as it may: waits its turn (`src/jobs/runs/queueState.ts`). */
  | 'queued'
  | 'starting'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  /** Stopped half-way by us or by the machine; `error` says where, nothing outside is left half done. */
  | 'interrupted';

/** One job, from its files in the bucket to its end; asked for at most once, and found again by its folder. */
export interface RunJob {
  readonly state: RunState;
  /** Since when it waits its turn: milliseconds since 1970. */
  readonly queued?: number | undefined;
  /** The service took no more jobs; not asked again before then: milliseconds since 1970. */
  readonly retryAt?: number | undefined;
  /** Set while, and after, the job is asked for: when, by this machine's clock, which only people read. Milliseconds since 1970. */
  readonly asked?: number | undefined;
  /** How often it was asked for. */
  readonly attempt?: number | undefined;
  /** While it is asked for: jobs that were there before and could be taken for it. */
  readonly before?: readonly string[] | undefined;
  /** Further jobs of the same files, made by a process that stood still while its request left. */
  readonly doubles?:
    | readonly {
        readonly id: string;
        readonly segmentId?: string | undefined;
        readonly segmentName?: string | undefined;
      }[]
    | undefined;
  /** The job as the service last told it. Its `failures` may quote rows: see `oldFailures.ts`. */
  readonly job?: ServiceJob | undefined;
  /** The answer that named the job was lost, and the job was found among the service's own. */
  readonly adopted?: boolean | undefined;
  /** Ids of the jobs of earlier tries, which read the same folder. */
  readonly earlierJobs?: readonly string[] | undefined;
  readonly error?: RunTrouble | undefined;
}

/** A share of the files of an import that are too much for one job. */
export interface RunPart extends RunJob {
  /** Which of the run's files: the index of the first, and how many. */
  readonly first: number;
  readonly count: number;
  /** Below the run's own, with a trailing slash. */
  readonly folder: string;
  /** Each part makes a segment of its own: AWS does not say whether a second import adds to a segment or replaces it. */
  readonly segmentName?: string | undefined;
}

/**
 * One run of this user: upload and import, or export and download; or a job of somebody else that is only watched.
 * Kept as small JSON files, of which the newest counts; `schema` says how to read it.
 */
export interface RunRecord extends RunJob {
  readonly schema: 3;
  /** How often the run changed hands; see `Guard`. 0 for what an earlier version of the extension wrote. */
  readonly epoch: number;
  /** Ours; the service's id is `job.id`. */
  readonly id: string;
  readonly kind: JobKind;
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
  /** Started elsewhere and only watched here: there is neither `import` nor `export`. */
  readonly watched?: boolean | undefined;
  /**
   * Where the files are too much for one job. Then each part has a job of its own and the run has none:
   * `state` and `error` say how the parts stand together, `jobsOf` gives their jobs.
   */
  readonly parts?: readonly RunPart[] | undefined;
  /** The end was told to the user. */
  readonly notified: boolean;
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
  /** The names of the files are part of the keys. */
  readonly sourceNames?: boolean | undefined;
  /** What was staged is taken away once all of it was imported. */
  readonly deleteAfterImport?: boolean | undefined;
  /** When what was staged was deleted on request: ISO 8601. */
  readonly stagedDeleted?: string | undefined;
  /** What is imported was in the bucket before: `folder` is its key or prefix, there are no files, and nothing is ever taken away. */
  readonly isFromBucket?: boolean | undefined;
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
  /** Folder of the latest attempt of this run alone, with a trailing slash. */
  readonly folder: string;
  readonly roleArn: string;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  readonly segmentVersion?: number | undefined;
  /** The command line is to fetch the objects into this folder once they are there. */
  readonly downloadTo?: string | undefined;
  readonly downloads: readonly {
    readonly folder: string;
    readonly files: readonly string[];
    readonly at: string;
    /** How many records they hold. */
    readonly records?: number | undefined;
  }[];
  /** The names that the files of downloads are about to be given, one for each folder. */
  readonly placings?: readonly Placing[] | undefined;
}

/** A download on its way into a folder. */
export interface Placing {
  readonly folder: string;
  readonly files: readonly string[];
  /** Raised by each process that begins or takes over the download; nothing is written under an older one. */
  readonly epoch: number;
}

/** What was downloaded last and what the job says that it exported, where the two differ. */
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

/** The id of a run that begins now: milliseconds since 1970. */
export function newRunId(now: number): string {
  return `${new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`;
}

/** The files on disk that a run is about: what it sent, or what was last downloaded of it. They may have changed or gone since. */
export function filesOf({
  import: sent,
  export: to,
}: Pick<RunRecord, 'import' | 'export'>): readonly string[] {
  return sent?.files.map(({ path }) => path) ?? to?.downloads.at(-1)?.files ?? [];
}

/** True where a run, or a part of one, changes no more by itself. */
export function hasEnded({ state }: Pick<RunJob, 'state'>): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled' || state === 'interrupted';
}

/** The jobs of a run, in the order of its parts, as far as the service has named them. */
export function jobsOf({ job, parts }: Pick<RunRecord, 'job' | 'parts'>): readonly ServiceJob[] {
  return [{ job }, ...(parts ?? [])].flatMap(({ job: named }) => (named === undefined ? [] : [named]));
}

/** Further jobs of the same files that were made while a process stood still, of all parts. */
export function doublesOf({
  doubles,
  parts,
}: Pick<RunRecord, 'doubles' | 'parts'>): NonNullable<RunJob['doubles']> {
  return [{ doubles }, ...(parts ?? [])].flatMap(({ doubles: own }) => own ?? []);
}

/** True where the service was asked for a job and what came of it is not known: then nothing may be taken away or begun anew. */
export function hasUnknownJob({ job, asked }: Pick<RunJob, 'job' | 'asked'>): boolean {
  return job === undefined && asked !== undefined;
}

/** True for a completed export whose objects were to be fetched, and are not yet. */
export function wantsDownload({ state, export: to }: Pick<RunRecord, 'state' | 'export'>): boolean {
  if (state !== 'completed' || to?.downloadTo === undefined) return false;
  return !to.downloads.some(({ folder }) => folder === to.downloadTo);
}
