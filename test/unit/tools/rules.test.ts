import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { ruleCodes } from '../../../src/endpoints/rules/ruleTable.ts';
import { root } from '../../../tools/paths.ts';
import { ruleFiles, rulePage } from '../../../tools/rules.ts';

const folder = join(root, 'media', 'rules');

describe('The pages of the rules', () => {
  it('are one for each rule, and no other', () => {
    assert.deepEqual(readdirSync(folder).sort(), ruleCodes.map((code) => `${code}.md`).sort());
  });

  it('say what the catalogue says (else run: node tools/rules.ts)', () => {
    for (const code of ruleCodes) {
      assert.equal(readFileSync(join(folder, `${code}.md`), 'utf8'), rulePage(code), code);
    }
  });

  it("contain no character that a page can't show", () => {
    for (const code of ruleCodes) assert.doesNotMatch(rulePage(code), /[^\n\P{Cc}]|\ufeff/u, code);
  });
});

describe('What is made from the rules', () => {
  for (const { path, text } of ruleFiles) {
    it(`is as the rules are in ${relative(root, path)} (else run: node tools/rules.ts)`, async () => {
      const kept = readFileSync(path, 'utf8');
      assert.equal(kept, await text(kept));
    });
  }
});
