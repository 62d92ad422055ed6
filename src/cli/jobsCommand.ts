import { once } from 'node:events';
import { AudienceError, errorText, isCancelled, throwIfCancelled } from '../errors.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../jobs/runs/connectionKey.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { doublesOf, hasEnded, wantsDownload } from '../jobs/runs/runRecord.ts';
import {
  badUsage,
  downloadOptions,
  downloadUsage,
  readArguments,
  readDownload,
  type DownloadOptions,
} from './options.ts';
import { printHelp, printJson, printLine, warnLine } from '../terminal.ts';
import { counted } from './counted.ts';
import { exitCodeOfError } from './exitCodes.ts';
import { runJson, runText } from './runOutput.ts';
import type { RunsSession } from './runsSession.ts';
import { downloadWanted, exitCodeOf, follow, withRuns } from './runsSession.ts';

const usage = `Usage: pinpoint-audience jobs list [options]
       pinpoint-audience jobs resume [options]
       pinpoint-audience jobs wait [ID...] [options]

list    Lists the recorded runs, newest first. Needs no connection.
resume  Continues what interrupted commands left: uploads, starts, downloads. Returns when all of it has ended.
wait    Returns when these runs have ended, or all that are running. IDs are those of runs or of their jobs.

Only runs in the account, region and service URL of the connection are continued.

Options:
${downloadUsage}`;

const verbs = ['list', 'resume', 'wait'] as const;

interface Options extends DownloadOptions {
  readonly verb: (typeof verbs)[number];
  readonly ids: readonly string[];
}

/** Runs `jobs`; resolves with the exit code. */
export async function jobsCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  return withRuns(options, 'leave', async (session) => {
    if (options.verb === 'list') {
      const all = session.runs.list().map((run) => ({ run }));
      write(session, all, options.format);
      return all.some(({ run }) => doublesOf(run).length > 0) ? 1 : 0;
    }
    const outcomes = await finish(session, options);
    write(session, outcomes, options.format);
    for (const { run } of outcomes) if (doublesOf(run).length > 0) await session.runs.markNotified(run.id);
    return Math.max(
      0,
      ...outcomes.map(({ run, error }) => (error === undefined ? exitCodeOf(run) : exitCodeOfError(error))),
    );
  });
}

interface RunOutcome {
  readonly run: RunRecord;
  /** Why the command could not do its part, such as the download. */
  readonly error?: AudienceError | undefined;
}

/** Resumes unfinished runs of the connection, and follows them to their end. */
async function finish(
  session: RunsSession,
  { verb, ids, unzipLimit }: Options,
): Promise<readonly RunOutcome[]> {
  const { runs, progress, signal } = session;
  const connection = await session.connect();
  const place = connectionKeyOf(connection);
  const isNamed = ids.length > 0;
  const left = isNamed
    ? ids.map((id) => known(session, id))
    : runs.list().filter((run) => !hasEnded(run) || wantsDownload(run));
  const elsewhere = left.filter((run) => connectionKeyOfRecord(run) !== place && !(isNamed && hasEnded(run)));
  const [first] = elsewhere;
  if (isNamed && first !== undefined) {
    throw new AudienceError(
      'bad-input',
      `Run ${first.id} belongs to another account, region or service URL`,
      {
        help: `Connect to ${first.account} in ${first.region}, with the service URL it was started with.`,
      },
    );
  }
  if (first !== undefined) {
    progress.step(`Skipped ${counted(elsewhere.length, 'run')} of another account, region or service URL`);
  }
  const ours = left.filter((run) => !elsewhere.includes(run));
  throwIfCancelled(signal);
  await untilCancelled(runs.resume(connection), signal);
  const followed = new Set(ours.map(({ id }) => id));
  const finishOne = async (id: string): Promise<RunOutcome> => {
    try {
      const run = await follow(session, id, 'ended');
      return { run: verb === 'resume' ? await downloadWanted(session, run, unzipLimit) : run };
    } catch (error) {
      const run = runs.get(id);
      // These concern all runs.
      const isGeneral =
        !(error instanceof AudienceError) || isCancelled(error) || error.code === 'credentials';
      if (isGeneral || run === undefined) throw error;
      progress.end();
      warnLine(`Run ${id}: ${errorText(error)}`);
      return { run, error };
    }
  };
  // Oldest first.
  const outcomes = await Promise.all([...ours].reverse().map(({ id }) => finishOne(id)));
  await runs.settle();
  const latest = outcomes.map(({ run, error }) => ({ run: runs.get(run.id) ?? run, error }));
  if (isNamed) return latest;
  // Also those that had ended, but whose second job was just found, or reported by a process that was suspended.
  const isDoubled = (run: RunRecord): boolean =>
    !followed.has(run.id) &&
    connectionKeyOfRecord(run) === place &&
    doublesOf(run).length > 0 &&
    !run.notified;
  const doubled = runs
    .list()
    .filter(isDoubled)
    .map((run) => ({ run }));
  return [...doubled, ...latest];
}

/** Rejects as soon as the signal is aborted. */
async function untilCancelled(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = new AbortController();
  try {
    await Promise.race([
      work,
      once(signal, 'abort', { signal: stopped.signal }).then(() => throwIfCancelled(signal)),
    ]);
  } finally {
    stopped.abort();
  }
}

function known({ runs }: RunsSession, id: string): RunRecord {
  const run = runs.get(id);
  if (run !== undefined) return run;
  throw new AudienceError('not-found', `No recorded run or job has this ID: ${id}`, {
    help: 'See: pinpoint-audience jobs list',
  });
}

function write(
  { runs, progress }: RunsSession,
  outcomes: readonly RunOutcome[],
  format: 'text' | 'json',
): void {
  progress.end();
  if (format === 'json')
    printJson(
      outcomes.map(({ run, error }) => runJson(run, runs.positionOf(run.id), error)),
      2,
    );
  else for (const { run } of outcomes) printLine(runText(run, runs.positionOf(run.id)));
}

function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = readArguments('jobs', args, downloadOptions);
  if (values.help === true) return 'help';
  const [verb, ...ids] = positionals;
  const given = verbs.find((each) => each === verb);
  if (given === undefined) throw badUsage('jobs', `jobs takes ${verbs.join(', ')}, not "${verb ?? ''}"`);
  if (given !== 'wait' && ids.length > 0) throw badUsage('jobs', `jobs ${given} takes no IDs`);
  return { ...readDownload('jobs', values), verb: given, ids };
}
