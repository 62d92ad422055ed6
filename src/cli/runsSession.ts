import type { Connection } from '../aws/connection/connection.ts';
import { createConnections } from '../aws/connection/createConnections.ts';
import { AudienceError, isCancelled } from '../errors.ts';
import { partIndexes, runJob } from '../jobs/runs/parts.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { hasEnded, jobsOf, wantsDownload } from '../jobs/runs/runRecord.ts';
import { isCancellable } from '../jobs/drive/retry.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { createRuns } from '../jobs/runs/runsService.ts';
import type { Log } from '../log.ts';
import type { CommonOptions } from './options.ts';
import { Progress, writeError } from './runOutput.ts';

/** The exit code of what Ctrl-C stopped, as shells have it: 128 and the number of SIGINT. */
const stoppedCode = 130;

/** How long credentials may be bad before a command gives up; the run stays for `jobs resume`. */
const signInMs = 60_000;

/** What a command that starts or watches runs works with. */
export interface RunsSession {
  readonly runs: Runs;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The same connection each time. */
  readonly connect: () => Promise<Connection>;
}

const toStandardError: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => void process.stderr.write(`${message}\n`),
  error: (message) => void process.stderr.write(`${message}\n`),
};

/**
 * Opens the records, does the work, and gives everything back, also after Ctrl-C: once asks to stop, twice stops at once.
 * Resolves with the exit code; what goes wrong is told.
 */
export async function withRuns(
  options: CommonOptions,
  work: (session: RunsSession) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(stoppedCode);
    process.stderr.write('\nStopping. Once more to stop at once; `jobs resume` takes up what is left.\n');
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = new Progress();
  const runs = createRuns({
    folder: options.store,
    log: toStandardError,
    report: () => undefined,
  });
  const { profile, region, endpointUrl } = options;
  let connection: Promise<Connection> | undefined;
  try {
    await runs.ready;
    const code = await work({
      runs,
      progress,
      signal: stop.signal,
      connect: () =>
        (connection ??= createConnections({ log: toStandardError, proxies: process.env }).connect(
          { profile, region, endpointUrl },
          stop.signal,
        )),
    });
    return stop.signal.aborted ? stoppedCode : code;
  } catch (error) {
    progress.end();
    if (isCancelled(error) && stop.signal.aborted) return stoppedCode;
    if (!(error instanceof AudienceError)) throw error;
    writeError(error, options.format);
    const isLeft = error.code === 'credentials' && runs.list().some((run) => !hasEnded(run));
    if (isLeft) process.stderr.write('What was begun goes on with: pinpoint-audience jobs resume\n');
    return 1;
  } finally {
    progress.end();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    runs.dispose();
  }
}

/**
 * Follows a run, and says on standard error where it is.
 *
 * @param until `begun`: until the service has all of its jobs, so that this process is no longer needed
 * @returns the run as it is then, or as it is when Ctrl-C has left it to itself
 */
export async function follow(
  { runs, progress, signal }: RunsSession,
  id: string,
  until: 'begun' | 'ended',
): Promise<RunRecord> {
  let cleanUp = (): void => undefined;
  try {
    return await new Promise<RunRecord>((resolve, reject) => {
      let patience: NodeJS.Timeout | undefined;
      const look = (): void => {
        const run = runs.get(id);
        if (run === undefined) {
          reject(new AudienceError('not-found', `The run was taken off the list: ${id}`));
          return;
        }
        progress.say(statusText(run, runs.positionOf(id)));
        if (run.trouble?.code === 'credentials') patience ??= setTimeout(giveUp, signInMs);
        else {
          clearTimeout(patience);
          patience = undefined;
        }
        // Ctrl-C cancels what is not begun; that is waited for.
        const isBegun = !partIndexes(run).some((part) => isCancellable(runJob(run, part)));
        if (hasEnded(run) || (isBegun && (until === 'begun' || signal.aborted))) resolve(run);
      };
      const giveUp = (): void => {
        const { code, message, help } = runs.get(id)!.trouble!;
        reject(new AudienceError(code, message, { help }));
      };
      const stop = (): void => {
        runs.cancel(id).then(look, look);
      };
      const subscription = runs.onDidChange(look);
      signal.addEventListener('abort', stop);
      cleanUp = () => {
        clearTimeout(patience);
        subscription.dispose();
        signal.removeEventListener('abort', stop);
      };
      look();
    });
  } finally {
    cleanUp();
  }
}

function statusText(run: RunRecord, position: number | undefined): string {
  const jobs = jobsOf(run);
  const processed = jobs.reduce((sum, { totalProcessed = 0 }) => sum + totalProcessed, 0);
  const words = [
    `${run.id}: ${run.state}`,
    position === undefined ? undefined : `number ${position} in the queue`,
    run.parts && `${run.parts.filter(hasEnded).length} of ${run.parts.length} parts ended`,
    jobs.length === 1 && !hasEnded(run) ? `job ${jobs[0]!.id} ${jobs[0]!.status}` : undefined,
    processed > 0 ? `${processed} processed` : undefined,
    run.trouble && [run.trouble.message, run.trouble.help].filter(Boolean).join('. '),
  ];
  return words.filter(Boolean).join(', ');
}

/** Fetches an export that is to be fetched and was not yet; resolves with the run as it is then. */
export async function downloadWanted(
  { runs, progress, signal, connect }: RunsSession,
  run: RunRecord,
  limit: number,
): Promise<RunRecord> {
  if (!wantsDownload(run)) return run;
  await runs.download(await connect(), run.id, run.export!.downloadTo!, {
    signal,
    onProgress: progress.report,
    limit,
  });
  return runs.get(run.id) ?? run;
}

/** 0 where everything asked for was done; 1 where something failed, in part or as a whole. */
export function exitCodeOf(run: RunRecord): number {
  const isWell = run.state === 'completed' || !hasEnded(run);
  const hasFailures = jobsOf(run).some(({ totalFailures = 0 }) => totalFailures > 0);
  return isWell && !hasFailures ? 0 : 1;
}
