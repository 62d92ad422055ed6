import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { validate } from './validateContent.ts';

/** Columns of the names that are reported as repeated, of the last line. */
async function repeatedAt(...lines: readonly string[]): Promise<number[]> {
  const { issues } = await validate(`${lines.join('\n')}\n`, 'ndjson');
  return issues
    .filter(({ code, line }) => code === 'json-duplicate-key' && line === lines.length)
    .map(({ column }) => column);
}

const known = '{"Id":"0","Location":{"City":"x"},"User":{"UserAttributes":{"a":["1"]}}}';

describe('Duplicate names', () => {
  // A name is parsed the first time, and known later.
  for (const before of [[], [known]]) {
    const where = before.length === 0 ? 'in a first line' : 'in a later line';

    it(`aren't reported for an object next to one with a similar name, ${where}`, async () => {
      const lines = [
        '{"location":{"City":"x"},"Location":{"City":"y"},"Id":"1"}',
        '{"Location":{"City":"x"},"location":{"City":"y"},"Id":"1"}',
        '{"user":{"UserAttributes":{"a":["1"]}},"User":{"UserAttributes":{"a":["2"]}},"Id":"1"}',
      ];
      for (const line of lines) assert.deepEqual(await repeatedAt(...before, line), [], line);
    });

    it(`are reported for objects and in each of them, ${where}`, async () => {
      const objects = '{"location":{"City":"x"},"Location":{"City":"y"},"Location":{"City":"z"},"Id":"1"}';
      assert.deepEqual(await repeatedAt(...before, objects), [50]);
      const members = '{"location":{"City":"x","City":"y"},"Location":{"City":"z","City":"z"},"Id":"1"}';
      assert.deepEqual(await repeatedAt(...before, members), [25, 60]);
    });
  }
});
