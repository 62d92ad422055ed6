import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'mocha';
import { maxLineBytes } from '../../src/endpoints/engine/abi.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import { DocumentValidator } from '../../src/endpoints/validation/documentValidator.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);

/** A line of so many bytes, with a wrong OptOut. */
function lineOf(type: FileType, bytes: number): string {
  const [start, end] =
    type === 'csv' ? ['1,no,', ''] : ['{"Id":"1","OptOut":"no","Attributes":{"a":["', '"]}}'];
  return start + 'é'.repeat(2) + 'x'.repeat(bytes - start.length - end.length - 4) + end;
}

describe('A line about as long as the limit', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lines-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The result of all ways of reading, which must be the same. */
  async function resultOf(bytes: Buffer, type: FileType, isText = true): Promise<ValidationResult> {
    const path = join(folder, `file.${type}`);
    writeFileSync(path, bytes);
    let result: ValidationResult | undefined;
    for (const [threads, chunkBytes] of [
      [1, 512 * 1024],
      [2, 1024 * 1024 + 7],
    ] as const) {
      const validator = createValidator({ workerFile, threads, chunkBytes });
      for (const each of [
        await validator.file(path),
        await validator.stream(Readable.from([bytes]), { type }),
      ]) {
        result ??= each;
        assert.deepEqual(each, result);
      }
      await validator.dispose();
    }
    if (isText) {
      const document = new DocumentValidator(bytes.toString(), { type });
      assert.deepEqual({ ...document.result(), bytes: result!.bytes }, result);
    }
    return result!;
  }

  for (const type of ['csv', 'ndjson'] as const) {
    const head = type === 'csv' ? 'Id,OptOut,Attributes.a\n' : '{"Id":"0","OptOut":"no"}\n';
    const last = type === 'csv' ? '2,no,x\n' : '{"Id":"2","OptOut":"no"}\n';
    const others = type === 'csv' ? 1 : 2;
    for (const [more, isChecked] of [
      [-1, true],
      [0, true],
      [1, false],
      [3 * 1024 * 1024, false],
    ] as const) {
      for (const end of ['\n', '']) {
        it(`is ${isChecked ? '' : 'not '}checked in ${type} with ${more} bytes more, ${end ? 'in the middle' : 'at the end'}`, async () => {
          const line = lineOf(type, maxLineBytes + more);
          const text = end ? `${head}${line}\n${last}` : `${head}${last}${line}`;
          const { counts, issues, records } = await resultOf(Buffer.from(text), type);
          assert.equal(records, others + 1);
          assert.equal(counts['record-too-large'], 1);
          assert.equal(counts['opt-out-unknown'], others + (isChecked ? 1 : 0));
          const tooLarge = issues.find(({ code }) => code === 'record-too-large')!;
          assert.equal(tooLarge.endColumn, line.length + 1);
          assert.equal(/isn't checked/.test(tooLarge.message), !isChecked);
        });
      }
    }

    const wide = Buffer.from(lineOf(type, maxLineBytes + 2 * 1024 * 1024));
    for (const [what, at, bad] of [
      ['near its start', 100, [0xff]],
      ['far behind the limit', maxLineBytes + 1_500_000, [0xc3]],
      ['between two pieces', maxLineBytes + 1, [0xf0, 0x9f, 0x98]],
      ['in its last byte', wide.length - 1, [0xe2]],
    ] as const) {
      it(`is checked for UTF-8 in ${type} even beyond the limit: ${what}`, async () => {
        const line = Buffer.from(wide);
        line.set(bad, at);
        const bytes = Buffer.concat([Buffer.from(head), line, Buffer.from(`\n${last}`)]);
        const { counts, issues } = await resultOf(bytes, type, false);
        assert.equal(counts['file-encoding'], 1);
        const column = line.toString('utf8', 0, at).length + 1;
        const {
          line: number,
          column: found,
          endColumn,
        } = issues.find(({ code }) => code === 'file-encoding')!;
        assert.deepEqual([number, found, endColumn], [2, column, column + 1]);
      });
    }
    it(`is valid UTF-8 in ${type} however its characters are cut`, async () => {
      for (const shift of [0, 1, 2, 3]) {
        const filler = `${'x'.repeat(shift)}${'😀'.repeat(1_400_000)}`;
        const line = type === 'csv' ? `1,no,${filler}` : `{"Id":"${filler}"}`;
        const { counts } = await resultOf(Buffer.from(`${head}${line}\n${last}`), type);
        assert.equal(counts['file-encoding'], undefined);
      }
    });
  }
});
