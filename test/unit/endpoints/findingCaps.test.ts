import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DocumentValidator } from '../../../src/endpoints/validation/documentValidator.ts';
import { validate, shown } from './validateContent.ts';

const text = 'Id,OptOut,Demographic.Timezone\n1,,x\n2,,x\n3,no,\n';
const all = [
  '2:1-2 info id-only',
  '2:4-5 warning timezone-unknown',
  '3:1-2 info id-only',
  '3:4-5 warning timezone-unknown',
  '4:1-2 info id-only',
  '4:3-5 error opt-out-unknown',
];

describe('Findings beyond the maximum', () => {
  it('omit the least severe ones and keep file order, in files and documents', async () => {
    for (const [maxIssues, kept] of [
      [0, []],
      [1, [5]],
      [2, [1, 5]],
      [3, [1, 3, 5]],
      [4, [0, 1, 3, 5]],
      [6, [0, 1, 2, 3, 4, 5]],
    ] as const) {
      const ofFile = await validate(text, 'csv', { maxIssues });
      const ofDocument = new DocumentValidator(text, { type: 'csv', maxIssues }).result();
      for (const result of [ofFile, ofDocument]) {
        assert.deepEqual(
          shown(result),
          kept.map((index) => all[index]),
        );
        assert.equal(result.truncated, maxIssues < all.length);
      }
    }
  });

  it('are still counted by severity and by rule, even if one rule has most of them', async () => {
    const result = await validate(text, 'csv', { maxIssuesPerCode: 1 });
    assert.deepEqual(shown(result), [all[0], all[1], all[5]]);
    assert.deepEqual([result.errors, result.warnings, result.infos, result.truncated], [1, 2, 3, true]);
    assert.deepEqual(result.counts, { 'id-only': 3, 'opt-out-unknown': 1, 'timezone-unknown': 2 });
  });

  it('keep the errors of a rule whose infos come first', async () => {
    const rows = '1,CUSTOM,\n'.repeat(3) + ',CUSTOM,\n';
    const result = await validate(`Id,ChannelType,Address\n${rows}`, 'csv', {
      severity: { 'id-duplicate': 'off' },
      maxIssuesPerCode: 2,
    });
    assert.deepEqual(shown(result), ['2:10-10 info address-missing', '5:9-9 error address-missing']);
  });

  it("get the user's severities before any of them is omitted", async () => {
    const severity = { 'id-only': 'error', 'timezone-unknown': 'off', 'opt-out-unknown': 'info' } as const;
    const result = await validate(text, 'csv', { severity, maxIssues: 3 });
    assert.deepEqual(shown(result), ['2:1-2 error id-only', '3:1-2 error id-only', '4:1-2 error id-only']);
    assert.deepEqual([result.errors, result.warnings, result.infos], [3, 0, 1]);
  });
});
