import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { explore } from './explorer.ts';
import type { RunRules } from './runModel.ts';
import { runModel } from './runModel.ts';
import type { VersionRules } from './versionModel.ts';
import { versionModel } from './versionModel.ts';

describe('the model of record writes', () => {
  it('overwrites nothing, with two and three processes that hang or end between any two steps', () => {
    for (const [processes, times] of [
      [2, 3],
      [3, 2],
    ] as const) {
      const { states, ends } = explore(versionModel(processes, times));
      assert.ok(states > 1000 && ends > 0, `${states} states, ${ends} ends`);
    }
  });

  const broken: Readonly<Record<string, VersionRules>> = {
    'nobody looks whether the predecessor is still there': { withoutProof: true },
    'only the predecessor is removed': { removesOne: true },
    'a predecessor is known by its number alone': { withoutMark: true },
    'what came too late is removed at once': { withdrawsAlways: true },
    'the sweeper removes a predecessor': { sweepsAll: true },
  };
  for (const [what, rules] of Object.entries(broken)) {
    it(`detects that ${what}`, () => {
      assert.throws(
        () =>
          explore(
            versionModel(
              rules.withdrawsAlways === true ? 2 : 3,
              rules.withdrawsAlways === true ? 4 : 2,
              rules,
            ),
          ),
        /was overtaken|counts/,
      );
    });
  }
});

describe('the model of run ownership', () => {
  const sizes = [
    { processes: 2, kills: 2, losses: 2 },
    { processes: 3, kills: 0, losses: 0 },
  ] as const;
  for (const { processes, kills, losses } of sizes) {
    it(`creates one job, or reports the other: ${processes} processes, ${kills} killed, ${losses} lost responses`, () => {
      const { states, ends } = explore(runModel(processes, kills, losses));
      assert.ok(states > 500 && ends > 0, `${states} states, ${ends} ends`);
    });
  }

  const broken: Readonly<Record<string, readonly [RunRules, RegExp]>> = {
    'nothing is fenced': [{ withoutEpoch: true, withoutLook: true }, /set back|jobs/],
    'nobody looks before sending': [{ withoutLook: true, withoutReport: true }, /told/],
    'it is not written down that a job is asked for': [{ withoutAsked: true }, /jobs/],
    'a late job is not reported': [{ withoutReport: true }, /told/],
  };
  for (const [what, [rules, wrong]] of Object.entries(broken)) {
    it(`detects that ${what}`, () => {
      assert.throws(() => explore(runModel(2, 1, 1, rules)), wrong);
    });
  }
});
