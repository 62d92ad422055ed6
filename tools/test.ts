import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { appendFile, open, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { isolateEnvironment, withTemporaryFolder } from '../test/support/environment.ts';
import type { TestEvent, TestOutcome } from '../test/support/reporter.ts';
import { runHost } from '../test/support/runHost.ts';
import { runWindows } from '../test/support/runWindows.ts';
import type { MochaRun } from '../test/support/runMocha.ts';
import { build } from './build.ts';
import { root } from './paths.ts';
import { npm } from './processes.ts';
import { ensureBrowser } from './browser.ts';
import { ensureVscode, type VscodeEdition } from './vscodeServer.ts';

const usage = `node tools/test.ts [STAGE…] [--grep TEXT] [--oldest] [--desktop]
  stages     check lint build unit proofs sandbox conformance host ui; all of these if none is named
             macos: unit tests about files, as if this were macOS
             windows: unit tests, proofs and sandbox tests as Windows programs, elsewhere than on Windows under Wine
  --grep     only tests whose titles match
  --oldest   the host stage on the oldest supported VS Code
  --desktop  the host stage in a desktop VS Code, which is downloaded`;

interface Options {
  readonly grep: string | undefined;
  readonly oldest: boolean;
  readonly desktop: boolean;
}

/** Writes the events of its tests to a file (see test/support/reporter.ts); rejects if the run itself breaks. */
type Stage = (events: string, options: Options) => Promise<void>;

/** Processes side by side in one stage. More than four gain little. */
const cores = Math.min(availableParallelism(), 4);

/** Windows mostly wait, for jobs and the editor. More than two at a time would compete for the cores. */
const windows = limit(2);

const stages: Readonly<Record<string, Stage>> = {
  check: script('check'),
  lint: script('lint'),
  build: script('build'),
  unit: mocha('unit/**', { turn: limit(cores), together: dirname }),
  proofs: mocha('proofs/**', { turn: limit(cores), together: (file) => file }),
  // Two halves that take about as long. Tests of jobs run one after the other, since they jump from wait to wait by a clock that runs
  // ahead of a busy machine; only those that kill processes, of which many run at a time anyway, are in the other half.
  sandbox: built(
    mocha('sandbox/**', {
      turn: limit(2),
      together: (file) => (/[\\/](aws|awsCli\.test\.ts|crash)\b/.test(file) ? 'one' : 'other'),
    }),
  ),
  conformance: mocha('conformance/**', { turn: limit(cores), together: dirname }),
  host: built(async (events, { grep, oldest, desktop }) => {
    const edition = oldest ? 'oldest' : 'newest';
    if (!desktop) await vscode(edition);
    await windows(() => runHost({ events, grep, desktop, edition }));
  }),
  ui: built(withBrowser(mocha('ui/**', { turn: windows, together: (file) => file }))),
  macos: mocha('unit/{,jobs,report,transform}', {
    turn: limit(cores),
    together: dirname,
    preload: join(root, 'test/support/asMacos.ts'),
  }),
  windows: built((events, { grep }) => runWindows({ events, grep, processes: cores })),
};

/** Stages that run only if they are named. */
const onRequest = ['macos', 'windows'];

/**
 * Steps run one after the other, the lanes of a step side by side: what mostly computes beside what mostly waits.
 * Nothing that computes runs beside windows.
 */
const steps: readonly (readonly (readonly string[])[])[] = [
  [
    ['check', 'lint', 'unit', 'proofs'],
    ['build', 'sandbox', 'conformance'],
  ],
  [['host'], ['ui']],
  [['macos', 'windows']],
];

let program: Promise<unknown> | undefined;

/** Tests of the built program. Builds it first, once, since the stage may run alone. */
function built(stage: Stage): Stage {
  return async (events, options) => {
    await (program ??= build());
    await stage(events, options);
  };
}

/** A script of package.json, as one test. */
function script(name: string): Stage {
  return async (events) => {
    const started = Date.now();
    const outcome = await runScript(name);
    const test = { type: 'test', depth: 0, title: `npm run ${name}`, fullTitle: `npm run ${name}` } as const;
    const lines: TestEvent[] = [{ ...test, ...outcome, ms: Date.now() - started }, { type: 'end' }];
    await writeFile(events, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
}

const installs = new Map<VscodeEdition, Promise<unknown>>();

/** Installs a VS Code if needed, once for stages that run side by side. */
function vscode(edition: VscodeEdition): Promise<unknown> {
  const install = installs.get(edition) ?? ensureVscode(edition);
  installs.set(edition, install);
  return install;
}

/** Installs what is needed before the timeout of the first test starts. */
function withBrowser(stage: Stage): Stage {
  return async (events, options) => {
    await vscode('newest');
    await ensureBrowser();
    await stage(events, options);
  };
}

function runScript(name: string): Promise<Pick<TestOutcome, 'outcome' | 'error'>> {
  return npm(['run', '--silent', name], root).then(
    () => ({ outcome: 'passed' }),
    (error: unknown) => ({ outcome: 'failed', error: String(error) }),
  );
}

interface Groups {
  /** Limits the processes. */
  readonly turn: Turn;
  /** Files for which it returns the same share a process. */
  readonly together: (file: string) => string;
  /** A module to load before the tests. */
  readonly preload?: string;
}

/** The test files of folders, in several processes side by side; a few of its tests (`--grep`) in one. */
function mocha(folders: string, groups: Groups): Stage {
  return async (events, { grep }) => {
    const files = globSync(`test/${folders}/*.test.ts`, { cwd: root }).sort();
    const isDivided = grep === undefined;
    const runs = (isDivided ? divide(files, groups) : [files]).map((some, index) => ({
      files: some.map((file) => join(root, file)),
      events: isDivided ? `${events}.${index}` : events,
      grep,
    }));
    const { turn, preload } = groups;
    const results = await Promise.all(
      runs.map((run) =>
        turn(async () => {
          await writeFile(run.events, '', { flag: 'a' });
          const error = await runProcess(run, preload);
          // Keeps the results of one process together.
          if (isDivided) await forwardEvents(run.events, events);
          return error;
        }),
      ),
    );
    const broken = results.find((error) => error !== undefined);
    if (broken !== undefined) throw broken;
    if (isDivided) await appendFile(events, `${JSON.stringify({ type: 'end' } satisfies TestEvent)}\n`);
  };
}

function divide(files: readonly string[], { together }: Groups): string[][] {
  const groups = new Map<string, string[]>();
  for (const file of files) groups.set(together(file), [...(groups.get(together(file)) ?? []), file]);
  return [...groups.values()];
}

/** Runs test files in a process; resolves with the error if it crashed. Failed tests are no crash. */
async function runProcess(run: MochaRun, preload?: string): Promise<Error | undefined> {
  const imported = preload === undefined ? [] : ['--import', pathToFileURL(preload).href];
  const program = join(root, 'test/support/runMocha.ts');
  const child = spawn(process.execPath, [...imported, program, JSON.stringify(run)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Halves the time in which this process and those that its tests start load TypeScript.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(run.events), 'compiled') },
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const ended = (await readFile(run.events, 'utf8')).includes('{"type":"end"}');
  return code === 0 || ended ? undefined : new Error(`The test process ended with ${code ?? signal}`);
}

async function forwardEvents(from: string, to: string): Promise<void> {
  const lines = (await readFile(from, 'utf8')).split('\n');
  await appendFile(to, lines.filter((line) => !line.startsWith('{"type":"end"')).join('\n'));
}

/** Calls a function when it is its turn. */
type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most so many functions run at a time, in the order in which they were given. */
function limit(most: number): Turn {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

interface StageResult {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly title: string; readonly error: string }[];
}

type Print = (line: string) => void;

/** Runs lanes side by side, and prints their output one after the other. */
async function runLanes(
  lanes: readonly (readonly string[])[],
  options: Options,
): Promise<readonly StageResult[]> {
  let turn: Promise<unknown> = Promise.resolve();
  const running = lanes.map((names) => {
    const lane = runLane(names, options, printAfter(turn));
    turn = Promise.allSettled([turn, lane]);
    return lane;
  });
  return (await Promise.all(running)).flat();
}

async function runLane(names: readonly string[], options: Options, print: Print): Promise<StageResult[]> {
  const results: StageResult[] = [];
  for (const name of names) {
    const started = Date.now();
    results.push(await runStage(name, stages[name]!, options, print));
    print(styleText('dim', `  ${((Date.now() - started) / 1000).toFixed(1)} s`));
  }
  return results;
}

/** Buffers lines until `turn` is settled. */
function printAfter(turn: Promise<unknown>): Print {
  let kept: string[] | undefined = [];
  void turn.then(() => {
    for (const line of kept ?? []) console.log(line);
    kept = undefined;
  });
  return (line) => {
    if (kept) kept.push(line);
    else console.log(line);
  };
}

async function runStage(name: string, stage: Stage, options: Options, print: Print): Promise<StageResult> {
  print(styleText('bold', `\n${name}`));
  const outcomes: TestOutcome[] = [];
  const run = { complete: false };
  const broken = await withTemporaryFolder(async (folder) => {
    const events = join(folder, 'events.jsonl');
    await writeFile(events, '');
    const ended = stage(events, options).then(
      () => undefined,
      (error: unknown) => error,
    );
    for await (const event of follow(events, ended)) {
      if (event.type === 'test') outcomes.push(event);
      if (event.type === 'end') run.complete = true;
      printEvent(event, print);
    }
    return ended;
  });
  const failures = outcomes
    .filter((test) => test.outcome === 'failed')
    .map((test) => ({ title: `${name}: ${test.fullTitle}`, error: test.error ?? '' }));
  // A complete run has reported its failures test by test.
  if (!run.complete) failures.push({ title: `${name} crashed`, error: describe(broken) });
  else if (outcomes.length === 0 && options.grep === undefined)
    failures.push({ title: `${name} ran no test`, error: '' });
  return {
    passed: count(outcomes, 'passed'),
    skipped: count(outcomes, 'skipped'),
    failures,
  };
}

function count(outcomes: readonly TestOutcome[], outcome: TestOutcome['outcome']): number {
  return outcomes.filter((test) => test.outcome === outcome).length;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? (error.stack ?? error.message)
    : `${error.message}\n${describe(error.cause)}`;
}

/** The events of a growing file, until its writer is done. */
async function* follow(path: string, writer: Promise<unknown>): AsyncGenerator<TestEvent> {
  const state = { done: false };
  void writer.then(() => (state.done = true));
  await using file = await open(path);
  let rest = '';
  const chunk = Buffer.alloc(1 << 16);
  const decoder = new TextDecoder();
  for (;;) {
    const last = state.done;
    const { bytesRead } = await file.read(chunk, 0, chunk.length);
    const lines = (rest + decoder.decode(chunk.subarray(0, bytesRead), { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as TestEvent;
    if (bytesRead > 0) continue;
    if (last) return;
    await delay(100);
  }
}

const marks = {
  passed: styleText('green', '✓'),
  failed: styleText('red', '✗'),
  skipped: styleText('yellow', '-'),
};

/** Tests that take longer than this, in milliseconds, are shown with their time. */
const slow = 500;

function printEvent(event: TestEvent, print: Print): void {
  if (event.type === 'end') return;
  const indent = '  '.repeat(event.depth + 1);
  if (event.type === 'suite') print(`${indent}${event.title}`);
  else {
    const time = event.ms < slow ? '' : styleText('dim', ` (${(event.ms / 1000).toFixed(1)} s)`);
    print(`${indent}${marks[event.outcome]} ${event.title}${time}`);
    if (event.error !== undefined) print(event.error.replaceAll(/^/gm, `${indent}  `));
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      grep: { type: 'string' },
      oldest: { type: 'boolean', default: false },
      desktop: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    console.error(`Unknown stage: ${unknown.join(', ')}.\n${usage}`);
    return 2;
  }
  isolateEnvironment();
  const options: Options = { grep: values.grep, oldest: values.oldest, desktop: values.desktop };
  const isChosen = (name: string): boolean =>
    positionals.length === 0 ? !onRequest.includes(name) : positionals.includes(name);
  const results: StageResult[] = [];
  for (const lanes of steps) {
    const chosen = lanes.map((lane) => lane.filter(isChosen));
    results.push(...(await runLanes(chosen, options)));
  }

  const failures = results.flatMap((result) => result.failures);
  for (const { title, error } of failures) console.log(`\n${marks.failed} ${title}\n${error}`);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const skipped = results.reduce((sum, result) => sum + result.skipped, 0);
  const ranNothing = passed + skipped + failures.length === 0;
  if (ranNothing) console.log(`\nNo test matches ${options.grep ?? ''}`);
  console.log(`\n${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failures.length > 0 || ranNothing ? 1 : 0;
}

process.exitCode = await main();
