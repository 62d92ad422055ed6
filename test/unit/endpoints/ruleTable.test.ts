import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rule, ruleCodes } from '../../../src/endpoints/rules/ruleTable.ts';
import { validate } from './validateContent.ts';

describe('The table of rules', () => {
  for (const code of ruleCodes) {
    rule(code).examples.forEach(({ type, wrong, right }, index) => {
      it(`${code}, example ${index + 1}: the wrong file breaks the rule, the right one doesn't`, async () => {
        const { severity } = rule(code);
        const found = (await validate(wrong, type)).issues.filter((issue) => issue.code === code);
        assert.deepEqual(
          found.map((issue) => issue.severity),
          [severity],
        );
        assert.equal((await validate(right, type)).counts[code], undefined);
      });
    });
  }

  it('has short titles, and full sentences on the page', () => {
    for (const code of ruleCodes) {
      const { title, what, why, fix, disputed } = rule(code);
      assert.ok(title.length <= 60 && !title.endsWith('.'), code);
      for (const text of [what, why, fix, ...(disputed === undefined ? [] : [disputed])])
        assert.match(text, /[.)]$/, code);
    }
  });
});
