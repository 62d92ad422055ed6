import type { ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { jobsOf, type RunRecord } from './runRecord.ts';

const counts = [
  'totalPieces',
  'completedPieces',
  'failedPieces',
  'totalProcessed',
  'totalFailures',
] as const satisfies readonly (keyof ServiceJob)[];

/**
 * The job of a run; of a run in parts, what its jobs come to together: their counts and failures, from the first
 * to begin until the last has ended. `undefined` where the service has named none.
 */
export function aggregateJob(run: RunRecord): ServiceJob | undefined {
  const jobs = jobsOf(run);
  const [first] = jobs;
  if (first === undefined || run.parts === undefined) return first;
  const sums = Object.fromEntries(
    counts.flatMap((name) => {
      const told = jobs.flatMap((job) => job[name] ?? []);
      return told.length === 0 ? [] : [[name, told.reduce((sum, count) => sum + count, 0)]];
    }),
  );
  const ends = jobs.map(({ completed }) => completed);
  const all = run.parts.length === jobs.length && ends.every((end) => end !== undefined);
  return {
    ...first,
    ...sums,
    created: jobs.map(({ created }) => created).sort()[0]!,
    completed: all ? ends.sort().at(-1) : undefined,
    failures: jobs.flatMap(({ failures }) => failures),
  };
}
