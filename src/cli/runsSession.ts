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
  readonly onStop: OnStop;
  /** The same connection each time. */
  readonly connect: () => Promise<Connection>;
}

/** What Ctrl-C does with runs: a command cancels only its own, before their jobs are created. */
export type OnStop = 'cancel' | 'leave';

const stopTexts: Readonly<Record<OnStop, string>> = {
  cancel:
    'Stopping. What has no job yet is cancelled. Press Ctrl-C again to stop at once; "jobs resume" then continues.',
  leave: 'Stopping. Nothing is cancelled; "jobs resume" continues later. Press Ctrl-C again to stop at once.',
};

const toStandardError = (): Log => {
  const written = new Set<string>();
  // Once: what goes wrong in the background is tried again all the time.
  const write = (message: string): void => {
    if (!written.has(message)) warnLine(message);
    written.add(message);
  };
  return { debug: () => undefined, info: () => undefined, warn: write, error: write };
};

/**
 * Opens the run records, does the work and releases everything, also after Ctrl-C: the first stops the work, the second the process.
 * Resolves with the exit code; prints errors. The code isn't 0 if a second job was found or started meanwhile.
 */
export async function withRuns(
  options: CommonOptions,
  onStop: OnStop,
  work: (session: RunsSession) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(stoppedCode);
    progress.end();
    warnLine(stopTexts[onStop]);
    stop.abort();
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  let others: ReadonlySet<string> = new Set();
  const progress = new Progress();
  const log = toStandardError();
  const runs = createRuns({
    folder: options.store,
    log,
    report: () => undefined,
  });
  const { profile, region, endpointUrl } = options;
  let connection: Promise<Connection> | undefined;
  try {
    await runs.ready;
    const known = doublesIn(runs);
    if (onStop === 'cancel') others = new Set(runs.list().map(({ id }) => id));
    const code = await work({
      runs,
      progress,
      signal: stop.signal,
      onStop,
      connect: () =>
        (connection ??= createConnections({ log, proxies: process.env }).connect(
          { profile, region, endpointUrl },
          stop.signal,
        )),
    });
    await runs.settle();
    if (stop.signal.aborted) return stoppedCode;
    return code === 0 && doublesIn(runs) > known ? 1 : code;
  } catch (error) {
    progress.end();
    if (isCancelled(error) && stop.signal.aborted) return stoppedCode;
    if (!(error instanceof AudienceError)) throw error;
    printError(error, options.format);
    const isLeft = runs.list().some((run) => !hasEnded(run) && !others.has(run.id));
    if (isLeft && error.code === 'credentials')
      warnLine('To continue later, run: pinpoint-audience jobs resume');
    if (isLeft && error.code === 'disk') {
      warnLine(
        'A job may exist. To find and continue it instead of starting another, run: pinpoint-audience jobs resume',
      );
    }
    return exitCodeOfError(error);
  } finally {
    progress.end();
    await runs.settle();
    for (const signal of stopSignals) process.off(signal, onSignal);
    runs.dispose();
  }
}

/**
 * Follows a run, with its status on standard error.
 *
 * @param until `created`: until all of its jobs are created, so that this process is no longer needed
 * @returns the run at that time, or after Ctrl-C as it is then
 */
export async function follow(
  { runs, progress, signal, onStop }: RunsSession,
  id: string,
  until: 'created' | 'ended',
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
        if (onStop === 'leave' && run !== undefined) resolve(run);
        else runs.cancel(id).then(update, update);
      };
      const subscription = runs.onDidChange(update);
      signal.addEventListener('abort', stop);
      cleanUp = () => {
        clearTimeout(patience);
        subscription.dispose();
        signal.removeEventListener('abort', stop);
      };
      update();
      if (signal.aborted) stop();
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

function doublesIn(runs: Runs): number {
  return runs.list().reduce((sum, run) => sum + doublesOf(run).length, 0);
}

/** 1 if anything failed, even partly. */
export function exitCodeOf(run: RunRecord): number {
  const isSuccessful = run.state === 'completed' || !hasEnded(run);
  const hasFailures = jobsOf(run).some(({ totalFailures = 0 }) => totalFailures > 0);
  return isSuccessful && !hasFailures && differenceOf(run) === undefined && doublesOf(run).length === 0
    ? 0
    : 1;
}
