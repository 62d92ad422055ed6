import { partIndexes, runJob } from './parts.ts';
import type { RunRecord } from './runRecord.ts';
import { hasEnded, hasUnknownJob, jobsOf } from './runRecord.ts';

/** Completes a changed record: its time and, when the run ends, what its end implies. */
export function afterChange(before: RunRecord, after: RunRecord, now: number): RunRecord {
  const updated = new Date(now).toISOString();
  if (!hasEnded(after)) return { ...after, updated, ended: undefined };
  if (hasEnded(before)) return { ...after, updated };
  const isUnread = partIndexes(after)
    .map((part) => runJob(after, part))
    .every((job) => job.job === undefined && job.earlierJobs === undefined && !hasUnknownJob(job));
  return {
    ...after,
    updated,
    ended: updated,
    trouble: undefined,
    ...(after.import !== undefined &&
      after.import.isFromBucket !== true &&
      (isUnread || isDone(after)) && { import: { ...after.import, uploads: undefined, leftovers: true } }),
  };
}

/** True if everything was imported, so the staged objects are no longer needed. With failed entries they stay for inspection. */
function isDone(record: RunRecord): boolean {
  const isWhole = jobsOf(record).every((job) => (job.totalFailures ?? 0) === 0 && job.failures.length === 0);
  return record.import?.deleteAfterImport === true && record.state === 'completed' && isWhole;
}
