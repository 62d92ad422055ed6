import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { SourceFile } from '../../../../src/jobs/runs/runRecord.ts';
import { isWindows } from '../../../support/platform.ts';
import { seeded } from '../../../support/random.ts';
import { Rounds } from './rounds.ts';
import type { Scenario } from './scenarios.ts';
import { endpointCount } from './scenarios.ts';

const creating = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/*' };
const reading = { service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/*/*' };

/** Windows takes longer to start processes: there, one moment in six is visited. */
const share = isWindows ? 1 / 6 : 1;

describe('a process that is killed or suspended', () => {
  let rounds: Rounds;
  const files: Record<'a' | 'b' | 'c' | 'large', SourceFile> = {} as never;

  before(async () => {
    rounds = await Rounds.open();
    const { shared } = rounds;
    for (const name of ['a', 'b', 'c'] as const) files[name] = await shared.csv(`${name}.csv`, endpointCount);
    files.large = await shared.largeCsv('large.csv');
  });
  after(() => rounds.close());

  interface Killing extends Scenario {
    /** Maximum number of moments, evenly spread. */
    readonly max: number;
    /** The process that continues is killed as well. */
    readonly isKilledTwice?: boolean;
  }
  const killing: Readonly<Record<string, () => Killing>> = {
    'importing a file': () => ({ imports: [[files.a]], max: 45 }),
    'importing several files': () => ({ imports: [[files.a, files.b, files.c]], max: 14 }),
    'uploading a large file': () => ({ imports: [[files.large]], max: 12 }),
    'importing in parts': () => ({
      imports: [[files.a, files.b, files.c]],
      jobLimits: { bytes: files.a.bytes, files: 1 },
      max: 28,
    }),
    'waiting in the queue': () => ({ imports: [[files.a], [files.b], [files.c]], maxRunning: 1, max: 20 }),
    'exporting and downloading': () => ({ exports: 1, max: 50 }),
    'retrying a failed import': () => ({
      imports: [[files.a]],
      retries: true,
      faults: { jobs: [{ type: 'IMPORT' }] },
      max: 12,
    }),
    'importing over a bad connection': () => ({
      imports: [[files.a]],
      faults: {
        paceMs: 30,
        rules: [
          { ...creating, fault: { kind: 'cut-answer' } },
          { ...reading, fault: { kind: 'server-error' } },
          { service: 's3', method: 'PUT', fault: { kind: 'slow', delayMs: 50 } },
        ],
      },
      max: 14,
    }),
    'mirroring a file': () => ({ mirror: files.a, max: 10 }),
    'deleting the endpoints of a file': () => ({ deletes: true, max: 6 }),
    'erasing a user': () => ({ erases: true, max: 8 }),
    'continuing what was killed before': () => ({
      imports: [[files.a]],
      exports: 1,
      isKilledTwice: true,
      max: 14,
    }),
  };
  for (const [what, killed] of Object.entries(killing)) {
    it(`leaves exactly one job and a complete result: ${what}`, async () => {
      const { max, isKilledTwice, ...scenario } = killed();
      await rounds.everywhere(
        scenario,
        Math.ceil(max * share),
        (...round) => rounds.kill(...round, isKilledTwice),
        {
          isAlone: scenario.faults !== undefined,
        },
      );
    });
  }

  // `node tools/chaos.ts freeze` visits every moment. The seed changes daily, and a failure names its moment.
  const random = seeded(Math.floor(Date.now() / 86_400_000));
  const freezing: Readonly<Record<string, readonly [scenario: () => Scenario, max: number]>> = {
    'importing a file': [() => ({ imports: [[files.a]] }), 16],
    'uploading a large file': [() => ({ imports: [[files.large]] }), 6],
    'exporting and downloading': [() => ({ exports: 1 }), 16],
    'mirroring a file': [() => ({ mirror: files.a }), 8],
    'deleting the endpoints of a file': [() => ({ deletes: true }), 8],
    'erasing a user': [() => ({ erases: true }), 6],
  };
  for (const [what, [scenario, max]] of Object.entries(freezing)) {
    it(`is fenced off if it wakes after another took over: ${what}`, async function () {
      // No process can be suspended there.
      if (isWindows) this.skip();
      await rounds.everywhere(scenario(), max, (...round) => rounds.freeze(...round), { random });
    });
  }

  for (const what of ['importing a file', 'deleting the endpoints of a file', 'erasing a user']) {
    it(`is fenced off, as is a second process that took over and stopped as well: ${what}`, async function () {
      if (isWindows) this.skip();
      const [scenario] = freezing[what]!;
      await rounds.everywhere(
        scenario(),
        6,
        (...round) => rounds.freeze(...round, { at: 1 + random.int(60), isKilled: random.chance(0.3) }),
        { random },
      );
    });
  }

  it('was killed at about 200 moments', () => {
    assert.ok(rounds.killed >= 200 * share, `${rounds.killed}`);
  });
});
