import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FileType } from '../src/endpoints/model/fileType.ts';
import { build } from './build.ts';
import { contestants } from './contestants.ts';
import { dataFile, recordsOf, sizes, unorderedFile } from './data.ts';
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
  : { '10 MB': 5, '100 MB': 5, ...(options.large ? { '1 GB': 3, '4 GB': 1 } : {}) };
const wishedRounds = Number(options.rounds ?? 0);
if (!Number.isInteger(wishedRounds) || wishedRounds < 0) throw new Error('--rounds takes a number');
const roundsOf = Object.fromEntries(
  Object.entries(usualRounds).map(([size, rounds]) => [size, wishedRounds || rounds]),
) as Partial<Record<Size, number>>;
const measured = sizes.filter((size) => roundsOf[size] !== undefined);
/** Goals for speed are for this size. */
const goalSize = measured.filter((size) => size !== '4 GB').at(-1)!;

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
  const all = Object.keys(contestants).filter((id) => contestants[id]!.types.includes(type));
  const idsFor = (size: Size): readonly string[] =>
    size === '4 GB' ? all.filter((id) => contestants[id]!.readsHuge === true) : all;
  const results = new Map<Size, Map<string, Result>>();
  for (const size of measured) {
    const file = await dataFile(type, size);
    const summary = await contest(idsFor(size), file, roundsOf[size]!);
    results.set(size, summary);
    printContest(`${type}, ${size}`, file, roundsOf[size]!, summary);
    if (file.bytes > 5e8) printModel(summary);
  }
  if (type === 'ndjson' && roundsOf['100 MB'] !== undefined) {
    const file = await unorderedFile('100 MB');
    const some = ['validator-1', 'validator-2', 'duckdb-1', 'duckdb-2', 'ajv'];
    printContest('ndjson, 100 MB, members in any order', file, 3, await contest(some, file, 3));
  }
  printGrowth(type, all, results);

  const at = results.get(goalSize)!;
  const timesOurs = (id: string): number => at.get(id)!.seconds / at.get('validator-2')!.seconds;
  const speed = (id: string, goal: number): Goal => ({
    what: `${type}, ${goalSize}: speed against ${contestants[id]!.name}`,
    unit: '×',
    goal,
    better: 'more',
    measured: timesOurs(id),
  });
  return [
    speed('duckdb-2', 1.5),
    speed(type === 'csv' ? 'papaparse' : 'ajv', 8),
    {
      what: `${type}, ${goalSize}: CPU time with an audience report against without, 1 thread`,
      unit: '×',
      goal: 1.5,
      better: 'less',
      measured: at.get('report-1')!.cpuSeconds / at.get('validator-1')!.cpuSeconds,
    },
    ...measured.map((size): Goal => ({
      what: `${type}, ${size}: peak memory with 2 threads, 200 MB and 64 bytes per record`,
      unit: 'MB',
      goal: Math.round(200 + (64 * recordsOf[type][size]) / 1e6),
      better: 'less',
      measured: results.get(size)!.get('validator-2')!.peakBytes / 1e6,
    })),
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

/** Times with more threads than there may be cores: the part that is serial takes the same time with one thread and with two. */
function printModel(summary: ReadonlyMap<string, Result>): void {
  const one = summary.get('validator-1')!.best;
  const two = summary.get('validator-2')!.best;
  const serial = Math.min(one, Math.max(0, 2 * two - one));
  const times = [4, 8].map((threads) => `${threads}: ${(serial + (one - serial) / threads).toFixed(2)} s`);
  console.log(
    `Threads, best times: 1: ${one.toFixed(2)} s, 2: ${two.toFixed(2)} s, so ${((100 * serial) / one).toFixed(0)} % is serial; modelled ${times.join(', ')}\n`,
  );
}

function printGrowth(
  type: FileType,
  ids: readonly string[],
  results: ReadonlyMap<Size, ReadonlyMap<string, Result>>,
): void {
  if (measured.length < 2) return;
  const cells = (id: string, cell: (result: Result) => string): string[] =>
    measured.map((size) => {
      const result = results.get(size)!.get(id);
      return result === undefined ? '' : cell(result);
    });
  const rows = ids.map((id) => [
    contestants[id]!.name,
    ...cells(id, ({ seconds }) => `${seconds.toFixed(2)} s`),
    ...cells(id, ({ peakBytes }) => megabytes(peakBytes)),
  ]);
  console.log(`## ${type}: how cost grows\n`);
  console.log(table(['contestant', ...measured, ...measured.map((size) => `peak MB, ${size}`)], rows), '\n');
}

/** What a check does to the thread that asked for it. */
async function watchTheHost(type: FileType): Promise<Goal[]> {
  const file = await dataFile(type, goalSize);
  const loop = await measure({ kind: 'event-loop', file, threads: 2 });
  const tiny = await dataFile(type, { records: 100 });
  const cancel = await measure({ kind: 'cancel', file, tiny, threads: 2 });
  console.log(
    `${type}, ${goalSize}: event loop of the asking thread, p99 ${loop.p99.toFixed(1)} ms, ` +
      `longest ${loop.max.toFixed(1)} ms (idle: p99 ${loop.idleP99.toFixed(1)} ms)\n`,
  );
  return [
    {
      what: `${type}, ${goalSize}: event-loop delay of the asking thread, p99`,
      unit: 'ms',
      goal: 16,
      better: 'less',
      measured: loop.p99,
    },
    {
      what: `${type}, ${goalSize}: cancel until the promise is rejected, longest of 10`,
      unit: 'ms',
      goal: 100,
      better: 'less',
      measured: Math.max(...cancel.rejected),
    },
    {
      what: `${type}, ${goalSize}: cancel until the workers did the next file, longest of 10`,
      unit: 'ms',
      goal: 100,
      better: 'less',
      measured: Math.max(...cancel.free),
    },
  ];
}

/** Keystrokes in open documents of 500,000 lines. */
async function typeALittle(): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const type of types) {
    const file = await dataFile(type, { records: 500_000 });
    const { open, keystrokes, header } = await measure({ kind: 'typing', file });
    console.log(
      `${type}, 500,000 lines: opened in ${open.toFixed(0)} ms; longest keystroke ${Math.max(...Object.values(keystrokes).flat()).toFixed(1)} ms` +
        `${header === undefined ? '' : `; keystroke in the header, median ${median(header).toFixed(0)} ms`}\n`,
    );
    for (const [place, times] of Object.entries(keystrokes)) {
      goals.push({
        what: `${type}, 500,000 lines: one keystroke ${place}, median`,
        unit: 'ms',
        goal: 50,
        better: 'less',
        measured: median(times),
      });
    }
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
