import { AudienceError, isCancelled, throwIfCancelled } from '../errors.ts';
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
import { exitCodeOfError } from './exitCodes.ts';
import { counted } from './counted.ts';
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
  return withRuns(options, async (session) => {
    if (options.verb === 'list') {
      const all = session.runs.list();
      write(session, all, options.format);
      return all.some(hasDoubles) ? 1 : 0;
    }
    const { runs, errors } = await finish(session, options);
    write(session, runs, options.format);
    for (const { id, error } of errors) {
      const { message, help } = error;
      warnLine(`Run ${id}: ${[message, help].filter(Boolean).join('. ')}`);
    }
    return Math.max(0, ...runs.map(exitCodeOf), ...errors.map(({ error }) => exitCodeOfError(error)));
  });
}

/** What became of runs: one that can't be continued keeps none of the others from it. */
interface Finished {
  readonly runs: readonly RunRecord[];
  readonly errors: readonly { readonly id: string; readonly error: AudienceError }[];
}

/** Resumes unfinished runs of the connection, and follows them to their end. */
async function finish(session: RunsSession, { verb, ids, unzipLimit }: Options): Promise<Finished> {
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
  const wereDoubled = new Set(
    runs
      .list()
      .filter(hasDoubles)
      .map(({ id }) => id),
  );
  await runs.resume(connection);
  const finished: RunRecord[] = [];
  const errors: { id: string; error: AudienceError }[] = [];
  // Oldest first.
  const following = [...ours].reverse().map(async ({ id }) => {
    try {
      const ended = await follow(session, id, 'ended', 'leave');
      finished.push(verb === 'resume' ? await downloadWanted(session, ended, unzipLimit) : ended);
    } catch (error) {
      if (!(error instanceof AudienceError) || isCancelled(error)) throw error;
      errors.push({ id, error });
    }
  });
  await Promise.all(following);
  await runs.settled();
  // Second jobs may only be found now, also of runs that had ended before.
  const isListed = new Set([...finished, ...errors].map(({ id }) => id));
  const doubled = runs
    .list()
    .filter((run) => hasDoubles(run) && !wereDoubled.has(run.id) && !isListed.has(run.id));
  const latest = finished.map((run) => runs.get(run.id) ?? run);
  return { runs: [...latest, ...doubled], errors };
}

function hasDoubles(run: RunRecord): boolean {
  return doublesOf(run).length > 0;
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
  records: readonly RunRecord[],
  format: 'text' | 'json',
): void {
  progress.end();
  if (format === 'json')
    printJson(
      records.map((run) => runJson(run, runs.positionOf(run.id))),
      2,
    );
  else for (const run of records) printLine(runText(run, runs.positionOf(run.id)));
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
