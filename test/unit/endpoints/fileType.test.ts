import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { otherFormatOf } from '../../../src/endpoints/model/fileKind.ts';
import { fileTypeOf, namedFileType } from '../../../src/endpoints/model/fileType.ts';

describe('The format of a file', () => {
  it('is derived from its extension', () => {
    for (const [name, type] of [
      ['a.csv', 'csv'],
      ['A.CSV', 'csv'],
      ['a.csv.gz', 'csv'],
      ['a.ndjson', 'ndjson'],
      ['a.jsonl.gz', 'ndjson'],
      ['a.json', 'ndjson'],
      ['a.txt', 'ndjson'],
    ] as const)
      assert.equal(fileTypeOf(name), type, name);
    assert.equal(namedFileType('a.txt'), undefined);
    assert.equal(namedFileType('csv'), undefined);
  });

  it("is detected from the first bytes if the file isn't UTF-8 text, in validation and transforms", () => {
    for (const [bytes, name] of [
      [[0x1f, 0x8b, 8, 0], 'gzip'],
      [[0x50, 0x4b, 3, 4], 'zip'],
      [[0x50, 0x4b, 5, 6], 'zip'],
      [[0xff, 0xfe, 0x49, 0x00], 'UTF-16LE'],
      [[0xff, 0xfe, 0x00, 0x00], 'UTF-32LE'],
      [[0x00, 0x00, 0xfe, 0xff], 'UTF-32BE'],
      [[0x49, 0x00, 0x64, 0x00], 'UTF-16LE'],
    ] as const)
      assert.equal(otherFormatOf(Uint8Array.from(bytes))?.name, name);
    assert.equal(otherFormatOf(Buffer.from('\ufeffId\n')), undefined);
    assert.equal(otherFormatOf(Buffer.from('Id')), undefined);
  });
});
