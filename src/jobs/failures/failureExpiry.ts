import type { RunJob, RunRecord, RunTrouble } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';

/**
 * How long after the end of a run its record keeps the service's texts, in milliseconds: a week. Those of failed entries quote rows in a
 * form that isn't documented, so that no part of them is certain to be harmless; but failures are matched to lines by them. The error of
 * the run is redacted from the start, and goes as well. Counts, codes and our own advice stay.
 */
export const failuresKeptMs = 7 * 24 * 60 * 60 * 1000;

const deletedMessage = "Failed. The service's reason was deleted after a week";

export function hasOldFailures(record: RunRecord, now: number): boolean {
  return (
    hasEnded(record) &&
    record.ended !== undefined &&
    now - Date.parse(record.ended) > failuresKeptMs &&
    [record, ...(record.parts ?? [])].some(
      ({ job, error }) => isQuoting(error) || (job?.failures.length ?? 0) > 0,
    )
  );
}

export function withoutFailures(record: RunRecord): Pick<RunRecord, 'job' | 'parts' | 'error'> {
  const { parts } = record;
  return {
    ...cleared(record),
    ...(parts !== undefined && { parts: parts.map((part) => ({ ...part, ...cleared(part) })) }),
  };
}

function cleared({ job, error }: RunJob): Pick<RunJob, 'job' | 'error'> {
  return {
    ...(job !== undefined && { job: { ...job, failures: [] } }),
    ...(error !== undefined && { error: isQuoting(error) ? { ...error, message: deletedMessage } : error }),
  };
}

/** Only these codes come with a text about the content of a file. */
function isQuoting(error: RunTrouble | undefined): boolean {
  return (
    error !== undefined &&
    ['bad-input', 'service', 'internal'].includes(error.code) &&
    error.message !== deletedMessage
  );
}
