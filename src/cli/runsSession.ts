import type { Connection } from '../aws/connection/connection.ts';
import { createConnections } from '../aws/connection/createConnections.ts';
import { AudienceError, errorText, isCancelled } from '../errors.ts';
import { partIndexes, runJob } from '../jobs/runs/parts.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { differenceOf, doublesOf, hasEnded, jobsOf, wantsDownload } from '../jobs/runs/runRecord.ts';
import { isCancellable } from '../jobs/drive/retry.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { createRuns } from '../jobs/runs/runsService.ts';
import type { Log } from '../log.ts';
import { exitCodeOfError, stoppedCode } from './exitCodes.ts';
import type { CommonOptions } from './options.ts';
import { warnLine } from '../terminal.ts';
import { printError, Progress } from './runOutput.ts';
import { stopSignals } from './stopSignals.ts';

/** How long credentials may be invalid before a command gives up; the run stays for `jobs resume`. */
const signInMs = 60_000;

/** For commands that start or watch runs. */
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
  warn: (message) => warnLine(message),
  error: (message) => warnLine(message),
};

/**
 * Opens the run records, does the work and releases everything, also after Ctrl-C: the first stops the work, the second the process.
 * Resolves with the exit code; prints errors.
 */
export async function withRuns(
  options: CommonOptions,
  work: (session: RunsSession) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(stoppedCode);
    progress.end();
    warnLine('Stopping. Press Ctrl-C again to stop at once; "jobs resume" continues what is left.');
    stop.abort();
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
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
    printError(error, options.format);
    const isLeft = isResumable(error) && runs.list().some((run) => !hasEnded(run));
    if (isLeft) warnLine('A job may have been created. To continue, run: pinpoint-audience jobs resume');
    return exitCodeOfError(error);
  } finally {
    progress.end();
    await runs.settled();
    for (const signal of stopSignals) process.off(signal, onSignal);
    runs.dispose();
  }
}

/**
 * Follows a run, with its status on standard error.
 *
 * @param until `created`: until all of its jobs are created, so that this process is no longer needed
 * @param onStop what Ctrl-C does: `cancel` what this command started and has no job yet, or `leave` the runs of others as they are
 * @returns the run at that time, or when Ctrl-C left it running
 */
export async function follow(
  { runs, progress, signal }: RunsSession,
  id: string,
  until: 'created' | 'ended',
  onStop: 'cancel' | 'leave',
): Promise<RunRecord> {
  let cleanUp = (): void => undefined;
  try {
    return await new Promise<RunRecord>((resolve, reject) => {
      let patience: NodeJS.Timeout | undefined;
      const update = (): void => {
        const run = runs.get(id);
        if (run === undefined) {
          reject(new AudienceError('not-found', `The run was removed from the list: ${id}`));
          return;
        }
        progress.step(statusText(run, runs.positionOf(id)));
        if (run.trouble?.code === 'credentials') patience ??= setTimeout(giveUp, signInMs);
        else {
          clearTimeout(patience);
          patience = undefined;
        }
        // Ctrl-C cancels jobs that aren't created yet; wait for that.
        const isCreated = !partIndexes(run).some((part) => isCancellable(runJob(run, part)));
        if (hasEnded(run) || (isCreated && (until === 'created' || signal.aborted))) resolve(run);
      };
      const giveUp = (): void => {
        const { code, message, help } = runs.get(id)!.trouble!;
        reject(new AudienceError(code, message, { help }));
      };
      const stop = (): void => {
        const run = runs.get(id);
        if (onStop === 'cancel' || run === undefined) runs.cancel(id).then(update, update);
        else resolve(run);
      };
      const subscription = runs.onDidChange(update);
      signal.addEventListener('abort', stop);
      cleanUp = () => {
        clearTimeout(patience);
        subscription.dispose();
        signal.removeEventListener('abort', stop);
      };
      if (signal.aborted) stop();
      update();
    });
  } finally {
    cleanUp();
  }
}

/** True for errors after which a run is as it was, and can continue. */
function isResumable({ code }: AudienceError): boolean {
  return code === 'credentials' || code === 'disk';
}

function statusText(run: RunRecord, position: number | undefined): string {
  const jobs = jobsOf(run);
  const processed = jobs.reduce((sum, { totalProcessed = 0 }) => sum + totalProcessed, 0);
  const words = [
    `${run.id}: ${run.state}`,
    position === undefined ? undefined : `position ${position} in the queue`,
    run.parts && `${run.parts.filter(hasEnded).length} of ${run.parts.length} parts ended`,
    jobs.length === 1 && !hasEnded(run) ? `job ${jobs[0]!.id} ${jobs[0]!.status}` : undefined,
    processed > 0 ? `${processed} processed` : undefined,
    run.trouble && errorText(run.trouble),
  ];
  return words.filter(Boolean).join(', ');
}

/** Downloads an export if that was requested and isn't done; resolves with the updated run. */
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

/** 1 if anything failed, even partly. */
export function exitCodeOf(run: RunRecord): number {
  const isSuccessful = run.state === 'completed' || !hasEnded(run);
  const hasFailures = jobsOf(run).some(({ totalFailures = 0 }) => totalFailures > 0);
  return isSuccessful && !hasFailures && differenceOf(run) === undefined && doublesOf(run).length === 0
    ? 0
    : 1;
}
