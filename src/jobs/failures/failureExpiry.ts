import type { RunRecord } from '../runs/runRecord.ts';
import { hasEnded, jobsOf } from '../runs/runRecord.ts';

/**
 * How long after the end of a run its record keeps the service's texts of failed entries, in milliseconds: a week. They quote rows
 * in a form that is not documented, so that no part of them can be kept for sure; but they are what failures are matched to lines by.
 * Counts and what we say of the failure stay.
 */
export const failuresKeptMs = 7 * 24 * 60 * 60 * 1000;

export function hasOldFailures(record: RunRecord, now: number): boolean {
  return (
    hasEnded(record) &&
    record.ended !== undefined &&
    now - Date.parse(record.ended) > failuresKeptMs &&
    jobsOf(record).some(({ failures }) => failures.length > 0)
  );
}

export function withoutFailures({ job, parts }: RunRecord): Pick<RunRecord, 'job' | 'parts'> {
  return {
    ...(job !== undefined && { job: { ...job, failures: [] } }),
    ...(parts !== undefined && {
      parts: parts.map((part) => (part.job ? { ...part, job: { ...part.job, failures: [] } } : part)),
    }),
  };
}
