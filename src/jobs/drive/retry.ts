import type { StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError } from '../../errors.ts';
import type { PartIndex } from '../runs/parts.ts';
import { partIndexes, runJob, withJob } from '../runs/parts.ts';
import type { RunJob, RunRecord } from '../runs/runRecord.ts';
import { hasEnded, hasUnknownJob } from '../runs/runRecord.ts';

/** True until the job is requested. */
export function isCancellable({ state }: RunJob): boolean {
  return state === 'staging' || state === 'queued' || state === 'starting';
}

/** @throws AudienceError `bad-input` if a run has nothing to retry */
export function checkRetry(record: RunRecord): void {
  if (record.import !== undefined && hasEnded(record) && record.state !== 'completed') return;
  const [message, help] =
    record.export !== undefined
      ? ["Exports can't be retried", 'Export again.']
      : record.import === undefined
        ? ["A job that was started elsewhere can't be retried here", 'Import its file.']
        : hasEnded(record)
          ? ['The import has completed', 'Import again to import the files once more.']
          : ['The import has not ended', 'Wait until it has.'];
  throw new AudienceError('bad-input', message, { help });
}

/**
 * The record with which the jobs that didn't complete start again: with the upload if the objects are no longer in the bucket, else
 * in the queue; with a search for the job if one may exist.
 */
export async function restart(
  record: RunRecord,
  staging: StagingService,
  now: number,
  signal: AbortSignal | undefined,
): Promise<RunRecord> {
  const run = record.import!;
  let next: RunRecord = { ...record, ended: undefined, trouble: undefined, notified: false };
  for (const part of partIndexes(record)) {
    const old = runJob(record, part);
    if (old.state === 'completed') continue;
    if (hasUnknownJob(old)) {
      next = withJob(next, part, { state: 'starting', error: undefined });
      continue;
    }
    const isStaged = run.leftovers !== true && (await isStillStaged(staging, record, part, signal));
    next = withJob(next, part, {
      ...(isStaged ? ({ state: 'queued', queued: now } as const) : ({ state: 'staging' } as const)),
      asked: undefined,
      job: undefined,
      adopted: undefined,
      error: undefined,
      earlierJobs: old.job === undefined ? old.earlierJobs : [...(old.earlierJobs ?? []), old.job.id],
    });
  }
  return { ...next, import: { ...run, leftovers: undefined } };
}

/** True if every object of a part is in the bucket as it was uploaded. */
async function isStillStaged(
  staging: StagingService,
  { import: run, parts }: RunRecord,
  part: PartIndex,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { bucket, staged, files } = run!;
  const { first, count, folder } =
    part === undefined ? { first: 0, count: files.length, folder: run!.folder } : parts![part]!;
  const sent = staged.slice(first, first + count);
  if (sent.length < count) return false;
  const found = new Map<string, number>();
  for await (const { key, size } of staging.list(bucket, folder, signal))
    found.set(`s3://${bucket}/${key}`, size);
  return sent.every((object) => found.get(object.url) === object.bytes);
}
