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
 * The job of a run. For a run in parts, all of its jobs combined: the sums of their counts, all failures, the first start and the
 * last end. `undefined` while there is no job.
 */
export function aggregateJob(run: RunRecord): ServiceJob | undefined {
  const jobs = jobsOf(run);
  const [first] = jobs;
  if (first === undefined || run.parts === undefined) return first;
  const sums = Object.fromEntries(
    counts.flatMap((name) => {
      const known = jobs.flatMap((job) => job[name] ?? []);
      return known.length === 0 ? [] : [[name, known.reduce((sum, count) => sum + count, 0)]];
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
