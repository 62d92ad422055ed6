import { createHash, randomBytes } from 'node:crypto';
import type { Connection } from '../../aws/connection/connection.ts';
import type { JobKind, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { connectionKeyOf } from './connectionKey.ts';
import type { RunPart, RunRecord } from './runRecord.ts';
import { newRunId } from './runRecord.ts';
import type { ExportPlan, ImportPlan } from './runs.ts';

/**
 * The first record of an import.
 *
 * @param shares the files of each job
 * @param now milliseconds since 1970
 */
export function importRecord(
  connection: Connection,
  plan: ImportPlan,
  shares: readonly { readonly first: number; readonly count: number }[],
  now: number,
): RunRecord {
  const { files, format, bucket, kmsKeyId, sourceNames, deleteAfterImport, roleArn } = plan;
  const { defineSegment, registerEndpoints, segmentId, segmentName } = plan;
  const isFromBucket = plan.from !== undefined;
  const folder = plan.from ?? newFolder(plan.prefix, now);
  return {
    ...newRecord(connection, plan, now),
    ...(plan.id !== undefined && { id: plan.id }),
    kind: 'import',
    ...(isFromBucket ? { state: 'queued', queued: now } : { state: 'staging' }),
    import: {
      ...{ files, format, bucket, kmsKeyId, sourceNames, folder, staged: [], roleArn },
      ...(isFromBucket ? { isFromBucket } : { deleteAfterImport }),
      ...{ defineSegment, registerEndpoints, segmentId, segmentName },
    },
    ...(shares.length > 1 && { parts: partsOf(shares, folder, segmentName) }),
  };
}

/** The first record of an export; `now` is in milliseconds since 1970. */
export function exportRecord(connection: Connection, plan: ExportPlan, now: number): RunRecord {
  const { bucket, prefix, roleArn, segmentId, segmentName, segmentVersion, downloadTo } = plan;
  const folder = newFolder(prefix, now);
  return {
    ...newRecord(connection, plan, now),
    kind: 'export',
    state: 'starting',
    export: {
      ...{ bucket, folder, roleArn, segmentId, segmentName, segmentVersion, downloadTo },
      downloads: [],
    },
  };
}

/** The first record of a job that was started elsewhere. Its id depends only on the job, so two windows can't list it twice. */
export function watchedRecord(
  connection: Connection,
  kind: JobKind,
  projectId: string,
  job: ServiceJob,
  now: number,
): RunRecord {
  const name = createHash('sha256')
    .update(JSON.stringify([connectionKeyOf(connection), kind, projectId, job.id]))
    .digest('hex');
  const record = newRecord(connection, { projectId }, now);
  return {
    ...record,
    id: `watch-${name.slice(0, 24)}`,
    kind,
    watched: true,
    state: 'running',
    job,
    created: job.created || record.created,
  };
}

function newRecord(
  { identity, settings }: Connection,
  { projectId, projectName }: Pick<ImportPlan | ExportPlan, 'projectId' | 'projectName'>,
  now: number,
): Omit<RunRecord, 'kind' | 'state'> {
  const time = new Date(now).toISOString();
  return {
    schema: 3,
    epoch: 1,
    id: newRunId(now),
    created: time,
    updated: time,
    account: identity.account,
    region: identity.region,
    endpointUrl: settings.endpointUrl,
    projectId,
    projectName,
    notified: false,
  };
}

/** An unguessable folder: 128 random bits. */
function newFolder(prefix: string, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10);
  return `${folderPrefix(prefix)}${day}/${randomBytes(16).toString('hex')}/`;
}

/** Each part has its own folder and, if the import makes segments, its own segment. */
function partsOf(
  shares: readonly { readonly first: number; readonly count: number }[],
  folder: string,
  segmentName: string | undefined,
): readonly RunPart[] {
  return shares.map((share, index) => ({
    ...share,
    state: 'staging',
    folder: `${folder}${index + 1}/`,
    segmentName: segmentName && `${segmentName} (${index + 1} of ${shares.length})`,
  }));
}
