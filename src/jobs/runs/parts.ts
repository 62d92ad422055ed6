import type { RunJob, RunPart, RunRecord, RunState, RunTrouble, SourceFile } from './runRecord.ts';

/** Limits of one import job: 1 GB and 10,000 files (Developer guide, quotas). */
export const jobLimits = { bytes: 1_000_000_000, files: 10_000 };
export type JobLimits = typeof jobLimits;

/** Divides files among as few jobs as their order allows. A file above the limit gets a job of its own. */
export function divide(
  files: readonly Pick<SourceFile, 'bytes'>[],
  limits: JobLimits,
): readonly { readonly first: number; readonly count: number }[] {
  const shares: { first: number; count: number }[] = [];
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    const last = shares.at(-1);
    if (last !== undefined && last.count < limits.files && bytes + file.bytes <= limits.bytes) {
      last.count += 1;
      bytes += file.bytes;
    } else {
      shares.push({ first: index, count: 1 });
      bytes = file.bytes;
    }
  }
  return shares;
}

/** Identifies a job of a run: the index of its part, `undefined` if the run has no parts. */
export type PartIndex = number | undefined;

/** All jobs of a run, created or not. */
export function partIndexes({ parts }: Pick<RunRecord, 'parts'>): readonly PartIndex[] {
  return parts === undefined ? [undefined] : [...parts.keys()];
}

export function runJob(record: RunRecord, part: PartIndex): RunJob {
  return part === undefined ? record : record.parts![part]!;
}

/** The record after a change of one of its jobs. */
export function withJob(record: RunRecord, part: PartIndex, change: Partial<RunJob>): RunRecord {
  if (part === undefined) return { ...record, ...change };
  return withParts(
    record,
    record.parts!.map((each, index) => (index === part ? { ...each, ...change } : each)),
  );
}

/** The record after a change of all of its jobs in a state. */
export function withJobsIn(record: RunRecord, state: RunState, change: Partial<RunJob>): RunRecord {
  return partIndexes(record)
    .filter((part) => runJob(record, part).state === state)
    .reduce<RunRecord>((next, part) => withJob(next, part, change), record);
}

/** The record with these parts, and the state and error that follow from them. */
function withParts(record: RunRecord, parts: readonly RunPart[]): RunRecord {
  return { ...record, parts, state: stateOf(parts), error: errorOf(parts) };
}

/** The state of a run is the first of these that one of its parts has: active states, then the worst end. */
const order: readonly RunState[] = [
  'staging',
  'running',
  'starting',
  'queued',
  'failed',
  'interrupted',
  'cancelled',
  'completed',
];

function stateOf(parts: readonly RunPart[]): RunState {
  return order.find((state) => parts.some((part) => part.state === state)) ?? 'completed';
}

/** The number of failed parts, and the error of the first. */
function errorOf(parts: readonly RunPart[]): RunTrouble | undefined {
  const failed = parts.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (first?.error === undefined) return undefined;
  const { error } = first;
  const many =
    failed.length === 1
      ? `Part ${parts.indexOf(first) + 1} of ${parts.length} failed`
      : `${failed.length} of ${parts.length} parts failed; the first:`;
  return {
    ...error,
    message: failed.length === 1 ? `${many}: ${error.message}` : `${many} ${error.message}`,
    help: [error.help, 'Retry repeats only the parts that failed.'].filter(Boolean).join(' '),
  };
}
