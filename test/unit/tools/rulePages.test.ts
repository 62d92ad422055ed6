import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ruleCodes } from '../../../src/endpoints/rules/rules.ts';
import { root } from '../../../tools/paths.ts';
import { rulePage } from '../../../tools/rulePages.ts';

const folder = join(root, 'media', 'rules');

describe('The pages of the rules', () => {
  it('are one for each rule, and no other', () => {
    assert.deepEqual(readdirSync(folder).sort(), ruleCodes.map((code) => `${code}.md`).sort());
  });

  it('say what the catalogue says (else run: node tools/rulePages.ts)', () => {
    for (const code of ruleCodes) {
      assert.equal(readFileSync(join(folder, `${code}.md`), 'utf8'), rulePage(code), code);
    }
  });

  it('hold no character that a page cannot show', () => {
    for (const code of ruleCodes) assert.doesNotMatch(rulePage(code), /[^\n\P{Cc}]|\ufeff/u, code);
  });
});
