import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rule, ruleCodes } from '../../../src/endpoints/rules.ts';
import { judge } from './judging.ts';

describe('the table of rules', () => {
  for (const code of ruleCodes) {
    rule(code).examples.forEach(({ type, wrong, right }, index) => {
      it(`${code}, example ${index + 1}: the wrong file has it alone, the right one has nothing`, async () => {
        const { counts } = await judge(wrong, type);
        const others = Object.keys(counts).filter((other) => other !== code && other !== 'id-only');
        assert.ok((counts[code] ?? 0) >= 1, JSON.stringify(counts));
        assert.deepEqual(others, []);
        const after = await judge(right, type);
        assert.deepEqual(
          Object.keys(after.counts).filter((other) => other !== 'id-only' || code === 'id-only'),
          [],
        );
      });
    });
  }
});
