import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ValidationResult } from '../../../src/endpoints/rules/finding.ts';
import { validateTogether } from '../../../src/endpoints/validation/mixedFormats.ts';

const resultOf = (type: 'csv' | 'ndjson'): ValidationResult => ({
  type,
  bytes: 10,
  records: 1,
  errors: 0,
  warnings: 2,
  infos: 0,
  counts: { 'file-bom': 1, 'csv-blank-line': 1 },
  truncated: false,
  issues: [],
});

describe('Files validated together', () => {
  it('have no finding if the formats are the same', () => {
    const results = [resultOf('csv'), resultOf('csv')];
    assert.deepEqual(validateTogether(results), results);
    assert.deepEqual(validateTogether([]), []);
  });

  it('get a warning if the format differs from the first', () => {
    const [first, second, third] = validateTogether([resultOf('csv'), resultOf('ndjson'), resultOf('csv')]);
    assert.equal(first?.issues.length, 0);
    assert.equal(third?.issues.length, 0);
    assert.deepEqual(
      second?.issues.map(({ code, severity, line, column }) => [code, severity, line, column]),
      [['file-mixed-formats', 'warning', 1, 1]],
    );
    assert.equal(second.warnings, 3);
    assert.equal(second.counts['file-mixed-formats'], 1);
  });

  it("get the user's severity", () => {
    const off = validateTogether([resultOf('csv'), resultOf('ndjson')], { 'file-mixed-formats': 'off' });
    assert.equal(off[1]?.issues.length, 0);
    const error = validateTogether([resultOf('csv'), resultOf('ndjson')], { 'file-mixed-formats': 'error' });
    assert.equal(error[1]?.errors, 1);
  });
});
