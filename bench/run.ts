import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FileType } from '../src/endpoints/model/fileType.ts';
import { build } from './build.ts';
import { contestants } from './contestants.ts';
import { dataFile, sizes, unorderedFile } from './data.ts';
import type { DataFile, Size } from './data.ts';
import { measure } from './measure.ts';
import { median, spread, table } from './statistics.ts';

/** What one contestant needed for one file, over all rounds. */
interface Result {
  readonly seconds: number;
  /** Of all its threads together. */
  readonly cpuSeconds: number;
  readonly best: number;
  readonly spread: number;
  readonly peakBytes: number;
}

/** A goal of the project and what came of it; both in the same unit. */
interface Goal {
  readonly what: string;
  readonly unit: string;
  readonly goal: number;
  readonly better: 'more' | 'less';
  readonly measured: number;
}

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const types = (['csv', 'ndjson'] as const).filter(
  (type) => options.only === undefined || type === options.only,
);
if (types.length === 0) throw new Error('--only takes csv or ndjson');

const usualRounds: Readonly<Partial<Record<Size, number>>> = options.quick
  ? { '10 MB': 3 }
  : { '10 MB': 5, '100 MB': 5, ...(options.large ? { '1 GB': 3 } : {}) };
const wishedRounds = Number(options.rounds ?? 0);
if (!Number.isInteger(wishedRounds) || wishedRounds < 0) throw new Error('--rounds takes a number');
const roundsOf = Object.fromEntries(
  Object.entries(usualRounds).map(([size, rounds]) => [size, wishedRounds || rounds]),
) as Partial<Record<Size, number>>;
const measured = sizes.filter((size) => roundsOf[size] !== undefined);
const largest = measured.at(-1)!;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
const rate = (file: DataFile, seconds: number): string => (file.bytes / 1e6 / seconds).toFixed(0);

installPeers();
await build();
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]!.model}, load ${loadavg()[0]!.toFixed(1)}\n`,
);
const goals: Goal[] = [];
for (const type of types) goals.push(...(await compare(type)), ...(await watchTheHost(type)));
goals.push(...(await typeALittle()));
printGoals(goals);
console.log(`\nload at the end ${loadavg()[0]!.toFixed(1)}`);

/** The peers have a lock file of their own, and are there only once somebody runs the benchmark. */
function installPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules', 'papaparse'))) return;
  console.log('Installing the peers into bench/node_modules');
  // Not `npm ci`: it requires DuckDB's binaries for every platform in the lock file, including those that a registry doesn't
  // have.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: import.meta.dirname,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm install failed in bench/');
}

/** All contestants in turn, round after round. */
async function contest(ids: readonly string[], file: DataFile, rounds: number): Promise<Map<string, Result>> {
  const outcomes = new Map(ids.map((id) => [id, [] as Awaited<ReturnType<typeof measure<'contest'>>>[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, ofContestant] of outcomes) {
      const takesLong = contestants[contestant]!.slow === true && file.bytes > 5e8;
      if (round > 0 && takesLong) continue;
      ofContestant.push(await measure({ kind: 'contest', contestant, file }));
    }
  }
  return new Map(
    [...outcomes].map(([id, ofContestant]) => {
      const seconds = ofContestant.map((outcome) => outcome.seconds);
      return [
        id,
        {
          seconds: median(seconds),
          cpuSeconds: median(ofContestant.map((outcome) => outcome.cpuSeconds)),
          best: Math.min(...seconds),
          spread: spread(seconds),
          peakBytes: Math.max(...ofContestant.map((outcome) => outcome.peakBytes)),
        },
      ];
    }),
  );
}

/** All contestants on every size; resolves with the goals at the largest. */
async function compare(type: FileType): Promise<Goal[]> {
  const ids = Object.keys(contestants).filter((id) => contestants[id]!.types.includes(type));
  const results = new Map<Size, Map<string, Result>>();
  for (const size of measured) {
    const file = await dataFile(type, size);
    const summary = await contest(ids, file, roundsOf[size]!);
    results.set(size, summary);
    printContest(`${type}, ${size}`, file, roundsOf[size]!, summary);
  }
  if (type === 'ndjson' && roundsOf['100 MB'] !== undefined) {
    const file = await unorderedFile('100 MB');
    const some = ['validator-1', 'validator-2', 'duckdb-1', 'duckdb-2', 'ajv'];
    printContest('ndjson, 100 MB, members in any order', file, 3, await contest(some, file, 3));
  }
  printGrowth(type, ids, results);

  const at = results.get(largest)!;
  const timesOurs = (id: string): number => at.get(id)!.seconds / at.get('validator-2')!.seconds;
  const speed = (id: string, goal: number): Goal => ({
    what: `${type}, ${largest}: speed against ${contestants[id]!.name}`,
    unit: '×',
    goal,
    better: 'more',
    measured: timesOurs(id),
  });
  return [
    speed('duckdb-2', 1),
    type === 'csv' ? speed('papaparse', 5) : speed('ajv', 8),
    {
      what: `${type}, ${largest}: CPU time with an audience report against without, 1 thread`,
      unit: '×',
      goal: 1.5,
      better: 'less',
      measured: at.get('report-1')!.cpuSeconds / at.get('validator-1')!.cpuSeconds,
    },
    {
      what: `${type}, ${largest}: peak memory with 2 threads`,
      unit: 'MB',
      goal: 200,
      better: 'less',
      measured: at.get('validator-2')!.peakBytes / 1e6,
    },
  ];
}

function printContest(
  title: string,
  file: DataFile,
  rounds: number,
  summary: ReadonlyMap<string, Result>,
): void {
  const ours = summary.get('validator-2')!.seconds;
  const rows = [...summary].map(([id, result]) => [
    contestants[id]!.name,
    contestants[id]!.does,
    rate(file, result.seconds),
    rate(file, result.best),
    (result.seconds / ours).toFixed(2),
    `±${(100 * result.spread).toFixed(0)} %`,
    ((1e9 * result.cpuSeconds) / file.bytes).toFixed(1),
    megabytes(result.peakBytes),
  ]);
  console.log(`## ${title}: ${megabytes(file.bytes)} MB, ${file.records} records, ${rounds} rounds\n`);
  console.log(
    table(['contestant', 'does', 'MB/s', 'best', 'time, × ours', 'spread', 'CPU s/GB', 'peak MB'], rows),
    '\n',
  );
}

function printGrowth(
  type: FileType,
  ids: readonly string[],
  results: ReadonlyMap<Size, ReadonlyMap<string, Result>>,
): void {
  if (measured.length < 2) return;
  const rows = ids.map((id) => [
    contestants[id]!.name,
    ...measured.map((size) => `${results.get(size)!.get(id)!.seconds.toFixed(2)} s`),
    ...measured.map((size) => megabytes(results.get(size)!.get(id)!.peakBytes)),
  ]);
  console.log(`## ${type}: how cost grows\n`);
  console.log(table(['contestant', ...measured, ...measured.map((size) => `peak MB, ${size}`)], rows), '\n');
}

/** What a check does to the thread that asked for it. */
async function watchTheHost(type: FileType): Promise<Goal[]> {
  const file = await dataFile(type, largest);
  const loop = await measure({ kind: 'event-loop', file, threads: 2 });
  const tiny = await dataFile(type, { records: 100 });
  const cancel = await measure({ kind: 'cancel', file, tiny, threads: 2 });
  console.log(
    `${type}, ${largest}: event loop of the asking thread, p99 ${loop.p99.toFixed(1)} ms, ` +
      `longest ${loop.max.toFixed(1)} ms (idle: p99 ${loop.idleP99.toFixed(1)} ms)\n`,
  );
  return [
    {
      what: `${type}, ${largest}: event-loop delay of the asking thread, p99`,
      unit: 'ms',
      goal: 16,
      better: 'less',
      measured: loop.p99,
    },
    {
      what: `${type}, ${largest}: cancel until the promise is rejected, longest of 10`,
      unit: 'ms',
      goal: 100,
      better: 'less',
      measured: Math.max(...cancel.rejected),
    },
    {
      what: `${type}, ${largest}: cancel until the workers did the next file, longest of 10`,
      unit: 'ms',
      goal: 100,
      better: 'less',
      measured: Math.max(...cancel.free),
    },
  ];
}

/** Keystrokes in open documents of 100,000 lines. */
async function typeALittle(): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const type of types) {
    const file = await dataFile(type, { records: 100_000 });
    const { open, keystrokes } = await measure({ kind: 'typing', file });
    console.log(
      `${type}, 100,000 lines: opened in ${open.toFixed(0)} ms; longest keystroke ${Math.max(...keystrokes).toFixed(1)} ms\n`,
    );
    goals.push({
      what: `${type}, 100,000 lines: one keystroke, median`,
      unit: 'ms',
      goal: 50,
      better: 'less',
      measured: median(keystrokes),
    });
  }
  return goals;
}

function printGoals(goals: readonly Goal[]): void {
  const rows = goals.map(({ what, unit, goal, better, measured }) => {
    const met = better === 'more' ? measured >= goal : measured <= goal;
    const factor = better === 'more' ? measured / goal : goal / measured;
    return [
      what,
      `${better === 'more' ? '≥' : '≤'} ${goal} ${unit}`,
      `${measured.toFixed(measured < 100 ? 2 : 0)} ${unit}`,
      met ? `met, ${factor.toFixed(1)} times` : `missed, ${factor.toFixed(2)} of it`,
    ];
  });
  console.log('## Goals\n');
  console.log(table(['goal', 'due', 'measured', ''], rows));
}
