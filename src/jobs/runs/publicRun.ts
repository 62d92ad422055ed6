import type { RunJob, RunRecord } from './runRecord.ts';

/**
 * A run for other extensions: a copy, which they can change without effect on the run, and without the service's texts about single
 * records, which quote rows. `totalFailures` counts these.
 */
export function publicRun(run: RunRecord): RunRecord {
  const { parts } = run;
  return structuredClone({
    ...run,
    ...withoutTexts(run),
    ...(parts !== undefined && { parts: parts.map((part) => ({ ...part, ...withoutTexts(part) })) }),
  });
}

/** The result of a command for other extensions: runs in it as `publicRun` copies them. */
export function publicResult(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(publicResult);
  return isRun(result) ? publicRun(result) : result;
}

function withoutTexts({ job }: RunJob): Pick<RunJob, 'job'> {
  return job === undefined ? {} : { job: { ...job, failures: [] } };
}

function isRun(value: unknown): value is RunRecord {
  const run = value as Partial<RunRecord> | null | undefined;
  return run?.schema === 3 && (run.kind === 'import' || run.kind === 'export');
}
