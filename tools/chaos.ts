import { Rounds } from '../test/sandbox/jobs/crash/rounds.ts';
import type { Scenario } from '../test/sandbox/jobs/crash/scenarios.ts';
import { endpointCount } from '../test/sandbox/jobs/crash/scenarios.ts';
import { seeded } from '../test/support/random.ts';

/*
 * Longer versions of the crash tests, by hand. Both end with the first round that leaves anything wrong.
 *
 *   node tools/chaos.ts [MINUTES] [SEED]    kills and suspends processes in random moments of random scenarios
 *   node tools/chaos.ts freeze [SCENARIO]   suspends a process in every moment of each scenario
 */
const rounds = await Rounds.open();
const { shared } = rounds;
const [a, b, c] = [
  await shared.csv('a.csv', endpointCount),
  await shared.csv('b.csv', endpointCount),
  await shared.csv('c.csv', endpointCount),
];
const large = await shared.largeCsv('large.csv');
const scenarios: Readonly<Record<string, Scenario>> = {
  import: { imports: [[a]] },
  parts: { imports: [[a, b, c]], jobLimits: { bytes: a.bytes, files: 1 } },
  queue: { imports: [[a], [b], [c]], maxRunning: 1 },
  upload: { imports: [[large]] },
  export: { exports: 1 },
  mirror: { mirror: a },
  bulk: { deletes: true },
  erasure: { erases: true },
};

const [mode = '30', detail] = process.argv.slice(2);
const start = performance.now();
try {
  await (mode === 'freeze'
    ? freezeEverywhere(detail)
    : runAtRandom(Number(mode), Number(detail ?? Date.now())));
} finally {
  const seconds = Math.round((performance.now() - start) / 1000);
  const { killed, frozen, doubled } = rounds;
  print(`${seconds} s: ${killed} killed, ${frozen} frozen, ${doubled} doubled and reported`);
  await rounds.close();
}

async function freezeEverywhere(only: string | undefined): Promise<void> {
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only !== undefined && name !== only) continue;
    const before = { frozen: rounds.frozen, doubled: rounds.doubled };
    const onRound = (moment: number, of: number): void => {
      if (moment % 20 === 0) print(`${name}: ${moment} of ${of}`);
    };
    await rounds.everywhere(scenario, Infinity, (...round) => rounds.freeze(...round), { onRound });
    print(`${name}: ${rounds.frozen - before.frozen} frozen, ${rounds.doubled - before.doubled} doubled`);
  }
}

async function runAtRandom(minutes: number, seed: number): Promise<void> {
  print(`Seed ${seed}`);
  const end = performance.now() + minutes * 60_000;
  const random = seeded(seed);
  const failures: unknown[] = [];
  let count = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < end && failures.length === 0) {
      const scenario = random.pick(Object.values(scenarios));
      const moment = 1 + random.int(220);
      const round = random.chance(0.5)
        ? rounds.freeze(scenario, shared, moment)
        : rounds.kill(scenario, shared, moment, random.chance(0.3));
      count += 1;
      await round.catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  print(`${count} rounds`);
  if (failures.length > 0) throw failures[0];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
