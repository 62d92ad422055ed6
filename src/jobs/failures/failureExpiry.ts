import type { RunJob, RunRecord, RunTrouble } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';

/**
 * How long a finished run's record keeps the service's texts, in milliseconds: a week. Texts of failed entries quote rows in an
 * undocumented form, so no part of them is certainly harmless, but matching failures to lines needs them. The run's error, redacted
 * from the start, is deleted as well. Counts, codes and our own advice stay.
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

/** Only errors with these codes can have text about a file's content. */
function isQuoting(error: RunTrouble | undefined): boolean {
  return (
    error !== undefined &&
    ['bad-input', 'service', 'internal'].includes(error.code) &&
    error.message !== deletedMessage
  );
}
