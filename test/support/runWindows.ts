import { globSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { startWindowsNode, type WindowsNode } from '../../tools/windows.ts';
import { endWine, excuses } from '../windows/excuses.ts';
import { bundleVariable, bundleVictim } from '../sandbox/jobs/crash/bundleVictim.ts';
import { withTemporaryFolder } from './environment.ts';
import type { TestEvent, TestOutcome } from './reporter.ts';
import type { MochaRun } from './runMocha.ts';

interface WindowsRun {
  /** Gets the events of the run (see reporter.ts). */
  readonly events: string;
  readonly grep?: string | undefined;
  /** Processes side by side. */
  readonly processes: number;
}

/** Milliseconds that one file of tests may take. */
const fileLimit = 20 * 60_000;

/**
 * Runs the tests that need no editor as Windows programs, each file in a process of its own. Under Wine, a test that is excused
 * (see test/windows/excuses.ts) counts as skipped if it fails, and as failed if it passes.
 */
export async function runWindows({ events, grep, processes }: WindowsRun): Promise<void> {
  const files = globSync('test/{windows,unit,proofs,sandbox}/**/*.test.ts', { cwd: root }).sort();
  // A few tests in one process: starting one takes longer than they do.
  const groups = grep === undefined ? files.map((file) => [file]) : [files];
  const reasons = new Map(
    Object.entries(excuses).flatMap(([reason, titles]) => titles.map((title) => [title, reason] as const)),
  );
  const windows = await startWindowsNode();
  const results: TestOutcome[] = [];
  try {
    await withTemporaryFolder(async (folder) => {
      const victim = join(folder, 'victim');
      await bundleVictim(victim);
      const variables = { [bundleVariable]: windows.path(victim) };
      const rest = groups.entries();
      const work = async (): Promise<void> => {
        for (const [index, group] of rest) {
          const found = await runFiles(windows, variables, group, join(folder, String(index)), grep);
          const judged = found.map((event) =>
            event.type === 'test' && windows.isStandIn ? judge(event, reasons.get(event.fullTitle)) : event,
          );
          results.push(...judged.filter((event) => event.type === 'test'));
          await appendEvents(events, judged);
        }
      };
      await Promise.all(Array.from({ length: processes }, work));
    });
  } finally {
    await windows.end();
  }
  const ran = new Set(results.map(({ fullTitle }) => fullTitle));
  const unknown =
    grep === undefined && windows.isStandIn
      ? [...reasons.keys(), ...Object.values(endWine).flat()].filter((title) => !ran.has(title))
      : [];
  await appendEvents(events, [
    ...unknown.map((title) =>
      outcome(title, 'failed', 'No test of this title ran: remove it from test/windows/excuses.ts'),
    ),
    { type: 'end' },
  ]);
}

async function runFiles(
  windows: WindowsNode,
  variables: NodeJS.ProcessEnv,
  files: readonly string[],
  results: string,
  grep: string | undefined,
): Promise<readonly TestEvent[]> {
  const events = `${results}.jsonl`;
  await writeFile(events, '');
  const run: MochaRun = {
    files: files.map((file) => windows.path(join(root, file))),
    events: windows.path(events),
    grep,
    ...(windows.isStandIn && { slowness: 3, without: Object.values(endWine).flat() }),
  };
  const program = windows.path(join(root, 'test', 'support', 'runMocha.ts'));
  const output = `${results}.txt`;
  const started = Date.now();
  const code = await windows.run([program, JSON.stringify(run)], output, fileLimit, variables);
  const found = (await readFile(events, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TestEvent);
  const tests = found.filter(({ type }) => type !== 'end');
  if (tests.length < found.length) return tests;
  const how = code === undefined ? `took more than ${fileLimit / 60_000} minutes` : `ended with ${code}`;
  const crash = `The test process ${how}\n${(await readFile(output, 'utf8')).slice(-4000)}`;
  return [
    ...tests,
    {
      ...outcome(`${files[0]!.replaceAll('\\', '/')} runs to its end`, 'failed', crash),
      ms: Date.now() - started,
    },
  ];
}

function judge(test: TestOutcome, reason: string | undefined): TestOutcome {
  if (reason === undefined || test.outcome === 'skipped') return test;
  if (test.outcome === 'failed')
    return { ...test, outcome: 'skipped', title: `${test.title} [${reason}]`, error: undefined };
  return {
    ...test,
    outcome: 'failed',
    error: `It passes under Wine now: remove it from test/windows/excuses.ts (${reason})`,
  };
}

function outcome(title: string, result: TestOutcome['outcome'], error: string): TestOutcome {
  return { type: 'test', depth: 0, title, fullTitle: title, outcome: result, ms: 0, error };
}

/** In one write, so that the results of a file stay together. */
function appendEvents(events: string, lines: readonly TestEvent[]): Promise<void> {
  return appendFile(events, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
