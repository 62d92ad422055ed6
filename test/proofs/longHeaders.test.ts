import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'mocha';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import { DocumentValidator } from '../../src/endpoints/validation/documentValidator.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const maxHeader = 1024 * 1024;

/** Five records with a wrong OptOut below a header of so many columns, or of so many bytes with its line break. */
function fileOf(columns: number, bytes = 0): string {
  const custom = Array.from({ length: columns - 4 }, (_, index) => `Attributes.a${index}`);
  const header = ['Id', 'Address', 'ChannelType', 'OptOut', ...custom].join(',').padEnd(bytes - 1, 'x');
  const row = (index: number): string => `id${index},a${index},CUSTOM,WRONG${','.repeat(columns - 4)}\n`;
  return `${header}\n${Array.from({ length: 5 }, (_, index) => row(index)).join('')}`;
}

describe('A long header', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'headers-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What all ways of reading say of a text, which has to be the same. */
  async function resultOf(text: string): Promise<ValidationResult> {
    const validator = createValidator({ workerFile, threads: 2 });
    const path = join(folder, 'file.csv');
    writeFileSync(path, text);
    const result = await validator.file(path);
    assert.deepEqual(await validator.stream(Readable.from([Buffer.from(text)]), { type: 'csv' }), result);
    await validator.dispose();
    // Documents don't report bytes.
    const typed = new DocumentValidator(text, { type: 'csv' });
    assert.deepEqual({ ...typed.result(), bytes: result.bytes }, result);
    return result;
  }

  for (const columns of [8191, 8192, 8193, 20_000]) {
    it(`of ${columns} columns hides no finding, however the file is read`, async () => {
      const { records, counts } = await resultOf(fileOf(columns));
      assert.deepEqual([records, counts['opt-out-unknown'], counts['check-incomplete']], [5, 5, undefined]);
    });
  }

  for (const bytes of [maxHeader - 1, maxHeader]) {
    it(`of ${bytes} bytes is read`, async () => {
      const { records, counts } = await resultOf(fileOf(5, bytes));
      assert.deepEqual([records, counts['opt-out-unknown'], counts['check-incomplete']], [5, 5, undefined]);
    });
  }

  for (const [what, text] of [
    [`of ${maxHeader + 1} bytes`, fileOf(5, maxHeader + 1)],
    ['of 5 MB', fileOf(5, 5 * maxHeader)],
    ['of 100,000 columns', fileOf(100_000)],
    ['without an end', fileOf(5, 2 * maxHeader).split('\n')[0]!],
  ] as const) {
    it(`${what} makes the check incomplete, which is reported first`, async () => {
      const { records, errors, counts, issues } = await resultOf(text);
      assert.deepEqual([records, errors, counts['check-incomplete']], [0, 1, 1]);
      assert.match(issues[0]!.message, /^No records were checked: the header /);
    });
  }
});
