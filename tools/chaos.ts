import http from 'node:http';
import { guardWrites } from '../src/aws/connection/writeGuard.ts';
import type { FaultRule } from '../src/sandbox/http/faults.ts';
import { Rounds } from '../test/sandbox/jobs/crash/rounds.ts';
import type { Scenario } from '../test/sandbox/jobs/crash/scenarios.ts';
import { endpointCount } from '../test/sandbox/jobs/crash/scenarios.ts';
import { seeded } from '../test/support/random.ts';

/*
 * Longer versions of the crash tests, by hand. The first two end with the first round that leaves anything wrong.
 *
 *   node tools/chaos.ts [MINUTES] [SEED]    kills and suspends processes in random moments of random scenarios, some with a clock that
 *                                           is wrong and jumps, or a service that fails
 *   node tools/chaos.ts freeze [SCENARIO]   suspends a process in every moment of each scenario
 *   node tools/chaos.ts window [COUNT]      measures the time between the last check of an import and its request
 */
const rounds = await Rounds.open();
const { shared } = rounds;
const [a, b, c] = [
  await shared.csv('a.csv', endpointCount),
  await shared.csv('b.csv', endpointCount),
  await shared.csv('c.csv', endpointCount),
];
const large = await shared.largeCsv('large.csv');
const creating = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/*' } as const;
const reading = { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/*/*' } as const;
const faults: readonly FaultRule[] = [
  { ...creating, fault: { kind: 'cut-answer' } },
  { ...creating, fault: { kind: 'cut-request' } },
  { ...creating, fault: { kind: 'throttle' } },
  { ...reading, count: 3, fault: { kind: 'server-error' } },
  { ...reading, count: 3, fault: { kind: 'throttle' } },
  { service: 's3', method: 'PUT', fault: { kind: 'cut-request' } },
  { service: 's3', method: 'GET', fault: { kind: 'cut-answer', afterBytes: 20 } },
];
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
  if (mode === 'freeze') await freezeEverywhere(detail);
  else if (mode === 'window') await measureWindow(Number(detail ?? 200));
  else await runAtRandom(Number(mode), Number(detail ?? Date.now()));
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
      const [name, usual] = random.pick(Object.entries(scenarios));
      const days = random.chance(0.3) ? 2 * random.fraction() - 1 : 0;
      const scenario = { ...usual, skewMs: Math.round(days * 86_400_000) };
      const moment = 1 + random.int(220);
      const isFrozen = random.chance(0.5);
      const isKilledTwice = random.chance(0.3);
      const taker = random.chance(0.5)
        ? { at: 1 + random.int(100), isKilled: random.chance(0.3) }
        : undefined;
      // For all rounds at once: they take what comes.
      if (random.chance(0.3)) shared.sandbox.faults.set({ rules: [random.pick(faults)] });
      count += 1;
      const round = isFrozen
        ? rounds.freeze(scenario, shared, moment, taker)
        : rounds.kill(scenario, shared, moment, isKilledTwice);
      await round.catch((error: unknown) => {
        failures.push(new Error(`${name}, clock wrong by ${scenario.skewMs} ms`, { cause: error }));
      });
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  print(`${count} rounds`);
  if (failures.length > 0) throw failures[0];
}

/** Without killing anything: how short the time is in which a suspended process can send what it no longer may. */
async function measureWindow(wanted: number): Promise<void> {
  const gaps: number[] = [];
  let checked: number | undefined;
  const sent = http.ClientRequest.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its request
  const { end } = sent;
  sent.end = function (this: http.ClientRequest, ...given: unknown[]): http.ClientRequest {
    this.once('finish', () => {
      if (checked !== undefined) gaps.push(performance.now() - checked);
      checked = undefined;
    });
    return end.apply(this, given as Parameters<typeof end>);
  };
  const check = (): Promise<void> => {
    checked = performance.now();
    return Promise.resolve();
  };
  const { audience } = shared.connection;
  const s3Url = 's3://staging/none/';
  const request = { format: 'CSV', s3Url, roleArn: shared.roleArn, registerEndpoints: true } as const;
  const create = () => audience.createImportJob(shared.projectId, request);
  // The service refuses it, since there is nothing to import.
  while (gaps.length < wanted) await guardWrites(check, create).catch(() => undefined);
  gaps.sort((a, b) => a - b);
  const at = (share: number): string => `${gaps[Math.floor(share * (gaps.length - 1))]!.toFixed(2)} ms`;
  print(`Between check and request, ${wanted} times: median ${at(0.5)}, 99 % ${at(0.99)}, most ${at(1)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
