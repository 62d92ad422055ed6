import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { publicResult, publicRun } from '../../../src/jobs/runs/publicRun.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import { importRecord, partedRecord } from './records.ts';

const secret = 'ada@example.com';

/** Its texts of the service quote a row, in each place that has some. */
function quoting(run: RunRecord): RunRecord {
  const job = { ...importRecord('a').job!, failures: [`Invalid: ${secret}`], totalFailures: 1 };
  return run.parts === undefined
    ? { ...run, job }
    : { ...run, parts: run.parts.map((part) => ({ ...part, job })) };
}

describe('A run for other extensions', () => {
  for (const [what, run] of Object.entries({
    'of one job': quoting(importRecord('a')),
    'in parts': quoting(partedRecord('a', 3)),
  })) {
    it(`quotes no row, and counts what failed: ${what}`, () => {
      assert.match(JSON.stringify(run), /ada/);
      for (const given of [publicRun(run), publicResult(run), publicResult([run])]) {
        assert.doesNotMatch(JSON.stringify(given), /ada/);
        assert.match(JSON.stringify(given), /"totalFailures":1/);
      }
    });

    it(`is a deep copy: ${what}`, () => {
      const before = JSON.stringify(run);
      const copy = publicRun(run) as unknown as {
        state: string;
        import: { bucket: string; files: unknown[] };
      };
      copy.state = 'failed';
      copy.import.bucket = 'theirs';
      copy.import.files.pop();
      assert.equal(JSON.stringify(run), before);
    });
  }

  it("isn't created from other results", () => {
    for (const result of [undefined, null, 'text', 7, { schema: 3 }, { kind: 'import' }])
      assert.equal(publicResult(result), result);
  });
});
