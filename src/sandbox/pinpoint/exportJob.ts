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

/** Uncompressed size at which an export starts another object. AWS documents neither number nor names of an export's objects. */
const defaultPartBytes = 64 * 1024 * 1024;

export interface ExportContext {
  readonly state: State;
  readonly objects: ObjectStore;
  readonly partBytes?: number | undefined;
}

/** The counts of a running job; an export's pieces are its objects. */
class ExportProgress implements JobCounts {
  TotalPieces = 1;
  CompletedPieces = 0;
  readonly FailedPieces = 0;
  TotalProcessed = 0;
  readonly TotalFailures = 0;
  readonly Failures: string[] = [];
}

/**
 * Runs an export job: writes the endpoints of a segment or the whole app as gzip NDJSON to one or more objects
 * `PREFIX/JOBID-0001.gz`. Each appears atomically; repeating the job after a kill writes the same keys.
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
    // S3 rejecting the role fails the job; it isn't a defect.
    if (error instanceof ServiceError) throw new JobFailure(`s3://${bucket}/${prefix}: ${error.message}`);
    throw error;
  } finally {
    await batches.return(undefined);
  }
  return { counts: progress };
}

/** The key of an object of an export. @param part 1-based */
export function exportKey(prefix: string, jobId: string, part: number): string {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return `${folder}${jobId}-${String(part).padStart(4, '0')}.gz`;
}

const lineEnd = Buffer.from('\n');

const lastRequestId = ',"LastRequestId":"';

/** An endpoint's line without the member that the service's exports lack. It is the last member; in a value, its quotes would be escaped. */
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
  // Errors of the source come out of the compressor.
  pipeline(source, gzip).catch(() => undefined);
  return gzip;
}

function halfway(): JobFailure {
  return new JobFailure("A piece of the job couldn't be processed (an injected fault of the sandbox)");
}
