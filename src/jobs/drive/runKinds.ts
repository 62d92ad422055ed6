import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { isTerminal } from '../../aws/pinpoint/audienceService.ts';
import { itemsOf } from '../../aws/pinpoint/pages.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import { AudienceError } from '../../errors.ts';
import type { PartIndex } from '../runs/parts.ts';
import { runJob, withJob } from '../runs/parts.ts';
import type { RunJob, RunRecord } from '../runs/runRecord.ts';
import type { JobScope, RunKind } from './runKind.ts';
import { stageRun } from './stageRun.ts';
import type { Found } from './startJob.ts';

/** The kind of a run. */
export function kindOf({ import: from, export: to }: RunRecord): RunKind {
  return from !== undefined ? importKind : to !== undefined ? exportKind : watchedKind;
}

/** A job that was started elsewhere. */
const watchedKind: RunKind = { watch: readJob };

/** Each import has an unguessable folder, which its job names: so the job is found by it. */
const importKind: RunKind = {
  upload: stageRun,
  start: {
    isQueued: true,
    async prepare(scope) {
      // Existing objects may have been imported before, also by others.
      const isShared = scope.record.import!.isFromBucket === true;
      const before = isShared ? await jobsBefore(scope, (job) => readsFor(scope, job)) : undefined;
      return (record) => withJob(record, scope.part, { before });
    },
    create({ record, part, connection }) {
      const from = record.import!;
      const { format, roleArn, defineSegment, registerEndpoints, segmentId } = from;
      const segmentName = segmentNameOf(record, part);
      const options = { defineSegment, registerEndpoints, segmentId, segmentName };
      const s3Url = folderUrl(record, part);
      return connection.audience.createImportJob(record.projectId, { format, s3Url, roleArn, ...options });
    },
    async find(scope) {
      const isShared = scope.record.import!.isFromBucket === true;
      for await (const job of jobsOfScope(scope)) {
        if (!readsFor(scope, job) || isKnown(scope, job)) continue;
        if (!isShared || !scope.others.has(job.id)) return job;
      }
      return undefined;
    },
  },
  watch: readJob,
  /** A process that was suspended right before its request may have created a second job of the same folder. */
  async collect(scope, completed) {
    const { record, job } = scope;
    if (record.import!.isFromBucket === true || !mayBeDoubled(record, job)) return {};
    const others = await jobsThat(
      scope,
      (each) => each.id !== completed.id && readsFor(scope, each) && !isKnown(scope, each),
    );
    return others.length === 0 ? {} : { doubles: others.map(doubleOf) };
  },
};

/**
 * An export that is read back may not say where it writes (Developer guide, audience-data-export). Each attempt has its own folder,
 * so its objects are of its job only, and a late job of an abandoned attempt does no harm.
 */
const exportKind: RunKind = {
  start: {
    isQueued: false,
    async prepare(scope) {
      const before = await jobsBefore(scope, ({ s3Url }) => s3Url === undefined);
      const attempt = (scope.job.attempt ?? 0) + 1;
      return (record) => {
        const folder = attemptFolder(record.export!.folder, attempt);
        const job = { attempt, before };
        return withJob({ ...record, export: { ...record.export!, folder } }, scope.part, job);
      };
    },
    create({ record, part, connection }) {
      const { roleArn, segmentId, segmentVersion } = record.export!;
      const request = { s3UrlPrefix: folderUrl(record, part), roleArn, segmentId, segmentVersion };
      return connection.audience.createExportJob(record.projectId, request);
    },
    find: findExport,
  },
  watch: readJob,
  /** If the adopted job wrote elsewhere, it is another user's: then the search continues. */
  async collect(scope, completed) {
    if (scope.job.adopted !== true || completed.totalProcessed === 0 || completed.s3Url !== undefined)
      return {};
    if ((await newestObject(scope)) !== undefined) return {};
    const before = [...(scope.job.before ?? []), completed.id];
    return { state: 'starting', job: undefined, adopted: undefined, before };
  },
};

async function findExport(scope: JobScope): Promise<Found> {
  const url = folderUrl(scope.record, scope.part);
  const jobs = await jobsThat(scope, (job) => !isKnown(scope, job));
  const named = jobs.find(({ s3Url }) => s3Url === url);
  if (named !== undefined) return named;
  const nameless = jobs.filter(({ id, s3Url }) => s3Url === undefined && !scope.others.has(id));
  const [only, ...more] = nameless;
  // Its end shows whether it is ours: see `collect`.
  if (more.length === 0 && (only === undefined || !isTerminal(only.status))) {
    return only ?? ((await newestObject(scope)) === undefined ? undefined : 'undecided');
  }
  const written = await newestObject(scope);
  if (nameless.some(({ status }) => !isTerminal(status))) return 'undecided';
  const completed = nameless.filter(({ status }) => status === 'COMPLETED');
  if (written === undefined) return completed.find(({ totalProcessed }) => totalProcessed === 0);
  // Both times are from the service's clocks.
  const distance = ({ completed: end = '' }: ServiceJob): number => Math.abs(Date.parse(end) - written) || 0;
  return completed.sort((a, b) => distance(a) - distance(b))[0] ?? 'undecided';
}

/** When the newest object in the folder of a job was written, by the service's clock; `undefined` if the folder is empty. */
async function newestObject({ record, connection, stop }: JobScope): Promise<number | undefined> {
  const { bucket, folder } = record.export!;
  let newest: number | undefined;
  try {
    for await (const { modified } of connection.staging.list(bucket, folder, stop)) {
      newest = Math.max(newest ?? 0, Date.parse(modified) || 0);
    }
  } catch (error) {
    // Without permission to list, assume that there is one.
    if (error instanceof AudienceError && error.code === 'access-denied') return 0;
    throw error;
  }
  return newest;
}

function readJob({ record, job, connection, stop }: JobScope): Promise<ServiceJob> {
  return connection.audience.getJob(record.kind, record.projectId, job.job!.id, stop);
}

function jobsOfScope({ record, connection, stop }: JobScope): AsyncIterable<ServiceJob> {
  const { kind, projectId } = record;
  return itemsOf((page) => connection.audience.listJobs(kind, projectId, { ...page, signal: stop }));
}

async function jobsThat(scope: JobScope, fit: (job: ServiceJob) => boolean): Promise<ServiceJob[]> {
  const jobs: ServiceJob[] = [];
  for await (const job of jobsOfScope(scope)) if (fit(job)) jobs.push(job);
  return jobs;
}

/** Ids of the jobs that could be mistaken for one that is requested now; `undefined` without permission to list jobs. */
async function jobsBefore(
  scope: JobScope,
  isAlike: (job: ServiceJob) => boolean,
): Promise<readonly string[] | undefined> {
  try {
    return (await jobsThat(scope, isAlike)).map(({ id }) => id);
  } catch (error) {
    if (error instanceof AudienceError && error.code === 'access-denied') return undefined;
    throw error;
  }
}

/** How far the service's clock may be behind ours, if jobs differ only by time. */
const clockSkewMs = 60_000;

/** True for jobs that existed before the request, or are of an earlier attempt. */
function isKnown({ record, job }: JobScope, { id, created }: ServiceJob): boolean {
  if (job.before?.includes(id) === true || job.earlierJobs?.includes(id) === true) return true;
  // Records of earlier versions have no list.
  const isAlone = record.import !== undefined && record.import.isFromBucket !== true;
  if (isAlone || job.before !== undefined || job.asked === undefined) return false;
  return Date.parse(created) < job.asked - clockSkewMs;
}

function readsFor({ record, part }: JobScope, { s3Url, segmentName }: ServiceJob): boolean {
  if (s3Url !== folderUrl(record, part)) return false;
  return record.import?.isFromBucket !== true || segmentName === segmentNameOf(record, part);
}

function segmentNameOf({ import: run, parts }: RunRecord, part: PartIndex): string | undefined {
  return part === undefined ? run?.segmentName : parts![part]!.segmentName;
}

/** Only if the run changed its owner, or a response was lost. */
function mayBeDoubled({ epoch }: RunRecord, { adopted }: RunJob): boolean {
  return epoch > 1 || adopted === true;
}

/** What is recorded of a second job of the same files. */
export function doubleOf({ id, segmentId, segmentName }: ServiceJob): NonNullable<RunJob['doubles']>[number] {
  return { id, segmentId, segmentName };
}

/** The first attempt uses the folder of the run. */
function attemptFolder(folder: string, attempt: number): string {
  const own = folder.replace(/(?<=\/[0-9a-f]{32}\/)\d+\/$/, '');
  return attempt === 1 ? own : `${own}${attempt}/`;
}

/** The location that a job reads or writes: a folder, with its slash, so that it isn't a prefix of another; or existing objects. */
export function folderUrl(record: RunRecord, part: PartIndex): string {
  const { bucket, folder } = record.import ?? record.export!;
  return formatS3Url({ bucket, key: part === undefined ? folder : record.parts![part]!.folder });
}

/** The job of a run, for the steps of its kind. */
export function scopeOf(
  record: RunRecord,
  part: PartIndex,
  more: Pick<JobScope, 'connection' | 'others' | 'stop'>,
): JobScope {
  return { record, part, job: runJob(record, part), ...more };
}
