import { partIndexes, runJob } from './parts.ts';
import type { RunRecord } from './runRecord.ts';
import { hasEnded, hasUnknownJob, jobsOf } from './runRecord.ts';

/** What is written down after each change of a record: when, and, with the last change of a run, what its end means. */
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

/** True where everything was imported and nobody needs what was staged any more. Failed entries are worth a look at it. */
function isDone(record: RunRecord): boolean {
  const isWhole = jobsOf(record).every((job) => (job.totalFailures ?? 0) === 0 && job.failures.length === 0);
  return record.import?.deleteAfterImport === true && record.state === 'completed' && isWhole;
}
