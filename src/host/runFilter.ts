import { hasEnded, jobsOf, type RunRecord } from '../jobs/runs/runRecord.ts';
import { aggregateJob } from '../jobs/runs/aggregateJob.ts';
import { baseName } from './format.ts';

export const runStates = ['running', 'completed', 'with-failures', 'failed', 'stopped'] as const;

/** The states that the list can be filtered by. */
export type FilteredState = (typeof runStates)[number];

/** Which runs to show: those that match all members. */
export interface RunFilter {
  readonly state?: FilteredState | undefined;
  readonly projectId?: string | undefined;
  /** Words in the name of the segment, project or a file, or in an ID; in any case and order. */
  readonly text?: string | undefined;
}

export function fits(run: RunRecord, { state, projectId, text }: RunFilter): boolean {
  if (state !== undefined && stateOf(run) !== state) return false;
  if (projectId !== undefined && run.projectId !== projectId) return false;
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const all = searched(run).join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}

function stateOf(run: RunRecord): FilteredState {
  if (!hasEnded(run)) return 'running';
  if (run.state === 'failed') return 'failed';
  if (run.state !== 'completed') return 'stopped';
  const job = aggregateJob(run);
  return job && ((job.totalFailures ?? 0) > 0 || job.failures.length > 0) ? 'with-failures' : 'completed';
}

function searched(run: RunRecord): string[] {
  const { id, kind, projectId, projectName, import: into, export: from } = run;
  const names = [
    ...jobsOf(run).flatMap((job) => [job.id, job.segmentName]),
    into?.segmentName,
    from?.segmentName,
    projectName,
    ...(into?.files ?? []).map(({ path }) => baseName(path)),
  ];
  return [id, kind, projectId, ...names.filter((name) => name !== undefined)];
}
