import { AudienceError } from '../errors.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../jobs/runs/connectionKey.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import { hasEnded, wantsDownload } from '../jobs/runs/runRecord.ts';
import type { CommonOptions } from './options.ts';
import {
  badUsage,
  commonOptions,
  commonUsage,
  downloadOptions,
  downloadUsage,
  readArguments,
  readCommon,
  readUnzipLimit,
} from './options.ts';
import { runJson, runText, writeJson } from './runOutput.ts';
import type { RunsSession } from './runsSession.ts';
import { downloadWanted, exitCodeOf, follow, withRuns } from './runsSession.ts';

const usage = `Usage: pinpoint-audience jobs list [options]
       pinpoint-audience jobs resume [options]
       pinpoint-audience jobs wait [ID...] [options]

list    Shows the runs on record, the newest first. Needs no connection.
resume  Takes up what commands that were killed, or ended before their jobs did, have left: uploads, starts, watches,
        downloads. Returns when all of it has ended.
wait    Returns when these runs have ended, or all that have not. IDs are those of runs or of their jobs.

Only runs of the account, region and endpoint of the connection are taken up.

Options:
${downloadUsage}${commonUsage}`;

const verbs = ['list', 'resume', 'wait'] as const;

interface Options extends CommonOptions {
  readonly verb: (typeof verbs)[number];
  readonly ids: readonly string[];
  readonly unzipLimit: number;
}

/** Runs `jobs`; resolves with the exit code. */
export async function jobsCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  return withRuns(options, async (session) => {
    if (options.verb === 'list') {
      write(session, session.runs.list(), options.format);
      return 0;
    }
    const ended = await finish(session, options);
    write(session, ended, options.format);
    return Math.max(0, ...ended.map(exitCodeOf));
  });
}

/** Takes up what is left where the connection is, and sees it to its end. */
async function finish(
  session: RunsSession,
  { verb, ids, unzipLimit }: Options,
): Promise<readonly RunRecord[]> {
  const { runs, progress } = session;
  const connection = await session.connect();
  const place = connectionKeyOf(connection);
  const isNamed = ids.length > 0;
  const left = isNamed
    ? ids.map((id) => known(session, id))
    : runs.list().filter((run) => !hasEnded(run) || wantsDownload(run));
  const elsewhere = left.filter((run) => connectionKeyOfRecord(run) !== place && !(isNamed && hasEnded(run)));
  const [first] = elsewhere;
  if (isNamed && first !== undefined) {
    throw new AudienceError('bad-input', `The run ${first.id} is of another account, region or endpoint`, {
      help: `Connect to ${first.account} in ${first.region}, at the endpoint it was begun with.`,
    });
  }
  if (first !== undefined) {
    progress.say(`${elsewhere.length} runs are of another account, region or endpoint and left alone`);
  }
  const ours = left.filter((run) => !elsewhere.includes(run));
  await runs.resume(connection);
  return Promise.all(
    // In the order in which they were begun.
    [...ours].reverse().map(async ({ id }) => {
      const ended = await follow(session, id, 'ended');
      return verb === 'resume' ? downloadWanted(session, ended, unzipLimit) : ended;
    }),
  );
}

function known({ runs }: RunsSession, id: string): RunRecord {
  const run = runs.get(id);
  if (run !== undefined) return run;
  throw new AudienceError('not-found', `There is no run or job of this id on record: ${id}`, {
    help: 'See: pinpoint-audience jobs list',
  });
}

function write(
  { runs, progress }: RunsSession,
  records: readonly RunRecord[],
  format: 'text' | 'json',
): void {
  progress.end();
  if (format === 'json') writeJson(records.map((run) => runJson(run, runs.positionOf(run.id))));
  else for (const run of records) process.stdout.write(`${runText(run, runs.positionOf(run.id))}\n`);
}

function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = readArguments('jobs', args, { ...commonOptions, ...downloadOptions });
  if (values.help === true) return 'help';
  const [verb, ...ids] = positionals;
  const known = verbs.find((each) => each === verb);
  if (known === undefined) throw badUsage('jobs', `jobs takes ${verbs.join(', ')}, not "${verb ?? ''}"`);
  if (known !== 'wait' && ids.length > 0) throw badUsage('jobs', `jobs ${known} takes no ids`);
  const unzipLimit = readUnzipLimit('jobs', values['unzip-limit']);
  return { ...readCommon('jobs', values), verb: known, ids, unzipLimit };
}
