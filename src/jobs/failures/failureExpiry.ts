import type { RunJob, RunRecord, RunTrouble } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';

/**
 * How long a finished run's record keeps the service's texts, in milliseconds: a week. Texts of failed entries quote rows in an
 * undocumented form, so no part of them is certainly harmless, but matching failures to lines needs them. The run's error, redacted
 * from the start, is deleted as well, whatever its code, and so are copies of it in the records of mirrors and bulk operations.
 * Counts, codes and our own advice stay.
 */
export const failuresKeptMs = 7 * 24 * 60 * 60 * 1000;

const deletedMessage = 'Failed. The reason was deleted after a week';

export function hasOldFailures(record: RunRecord, now: number): boolean {
  return (
    hasEnded(record) &&
    isOld(record.ended, now) &&
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
    ...(error !== undefined && { error: withoutReason(error) }),
  };
}

/**
 * A record without its reason, if that is older than a week; `undefined` if there is nothing to delete. `since` is when the run ended,
 * or the operation was paused.
 */
export function withoutOldReason<T extends { readonly trouble?: RunTrouble | undefined }>(
  record: T,
  since: string | undefined,
  now: number,
): T | undefined {
  const { trouble } = record;
  if (trouble === undefined || !isQuoting(trouble) || !isOld(since, now)) return undefined;
  return { ...record, trouble: withoutReason(trouble) };
}

function isOld(since: string | undefined, now: number): boolean {
  return since !== undefined && now - Date.parse(since) > failuresKeptMs;
}

function withoutReason(error: RunTrouble): RunTrouble {
  return { ...error, message: deletedMessage };
}

function isQuoting(error: RunTrouble | undefined): boolean {
  return error !== undefined && error.message !== deletedMessage;
}
