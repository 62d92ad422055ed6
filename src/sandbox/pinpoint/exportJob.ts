import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ServiceError } from '../http/http.ts';
import type { ObjectStore } from '../objectStore.ts';
import { segmentLines, versionOf } from './evaluateSegment.ts';
import { readPlace } from './jobPlaces.ts';
import type { JobControl, JobOutcome } from './jobRunner.ts';
import { JobFailure } from './jobRunner.ts';
import type { State } from './pinpointState.ts';
import type { ExportJob, JobCounts } from './types.ts';

/** Uncompressed size from which on a next object is begun. AWS states neither number nor names of the objects of an export. */
const defaultPartBytes = 64 * 1024 * 1024;

export interface ExportContext {
  readonly state: State;
  readonly objects: ObjectStore;
  readonly partBytes?: number | undefined;
}

/** The counts of a job while it runs; the pieces of an export are its objects. */
class ExportProgress implements JobCounts {
  TotalPieces = 1;
  CompletedPieces = 0;
  readonly FailedPieces = 0;
  TotalProcessed = 0;
  readonly TotalFailures = 0;
  readonly Failures: string[] = [];
}

/**
 * Carries out an export job: the endpoints of a segment or of the whole app as gzip NDJSON, one or more objects
 * `PREFIX/JOBID-0001.gz`. Each appears as a whole; doing it again after a kill writes the same keys.
 */
export async function runExport(
  { state, objects, partBytes = defaultPartBytes }: ExportContext,
  job: ExportJob,
  control: JobControl,
): Promise<JobOutcome> {
  const { bucket, prefix } = readPlace(job.Definition.S3UrlPrefix, 'S3UrlPrefix');
  const { log } = await state.audience(job.ApplicationId);
  const expected = Math.max(1, log.size);
  const progress = new ExportProgress();
  control.report(progress);

  const batches = linesOf(state, job);
  let next = await batches.next();
  const part = async function* (): AsyncGenerator<Buffer> {
    for (let bytes = 0; next.done !== true && bytes < partBytes; next = await batches.next()) {
      const text = Buffer.concat(next.value.flatMap((line) => [exportedLine(line), lineEnd]));
      yield text;
      bytes += text.length;
      progress.TotalProcessed += next.value.length;
      await control.pace(Math.min(1, progress.TotalProcessed / expected));
      if (control.failHalfway && progress.TotalProcessed >= expected / 2) throw halfway();
    }
    await control.pace(next.done === true ? 1 : progress.TotalProcessed / expected);
    if (control.failHalfway && next.done === true) throw halfway();
  };
  try {
    do {
      progress.TotalPieces = progress.CompletedPieces + 1;
      const key = exportKey(prefix, job.Id, progress.TotalPieces);
      await objects.write(bucket, key, compressed(part()), 'application/gzip');
      progress.CompletedPieces += 1;
    } while (next.done !== true);
  } catch (error) {
    // If S3 denies the role something, that fails the job and isn't a defect.
    if (error instanceof ServiceError) throw new JobFailure(`s3://${bucket}/${prefix}: ${error.message}`);
    throw error;
  } finally {
    await batches.return(undefined);
  }
  return { counts: progress };
}

/** The key of an object of an export; parts count from 1. */
export function exportKey(prefix: string, jobId: string, part: number): string {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return `${folder}${jobId}-${String(part).padStart(4, '0')}.gz`;
}

const lineEnd = Buffer.from('\n');

const lastRequestId = ',"LastRequestId":"';

/** An endpoint's line without what exports of the service don't have. The member is the last one; in a value its quotes would be escaped. */
function exportedLine(line: Buffer): Buffer {
  const end = line.lastIndexOf(lastRequestId);
  return end < 0 ? line : Buffer.concat([line.subarray(0, end), closingBrace]);
}

const closingBrace = Buffer.from('}');

function linesOf(state: State, job: ExportJob): AsyncGenerator<Buffer[]> {
  const { SegmentId, SegmentVersion } = job.Definition;
  if (SegmentId === undefined) return projectLines(state, job.ApplicationId);
  const segment = state.findSegment(job.ApplicationId, SegmentId);
  const version = segment && versionOf(segment, SegmentVersion);
  if (version === undefined) throw new JobFailure(`The segment ${SegmentId} no longer exists`);
  return segmentLines(state, job.ApplicationId, version);
}

async function* projectLines(state: State, appId: string): AsyncGenerator<Buffer[]> {
  yield* (await state.audience(appId)).log.lines();
}

function compressed(source: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  const gzip = createGzip();
  // What goes wrong in the source comes out of the compressor.
  pipeline(source, gzip).catch(() => undefined);
  return gzip;
}

function halfway(): JobFailure {
  return new JobFailure('A piece of the job could not be processed (asked for by the faults of the sandbox)');
}
