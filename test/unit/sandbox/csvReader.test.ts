import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { CsvRecord } from '../../../src/sandbox/pinpoint/csvReader.ts';
import { csvRecords } from '../../../src/sandbox/pinpoint/csvReader.ts';
import { UnreadableObject } from '../../../src/sandbox/pinpoint/unreadable.ts';

/** Reads bytes in chunks of these sizes, over and over. */
async function read(bytes: Buffer, sizes: readonly number[], maxBytes = 1000): Promise<CsvRecord[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0, index = 0; at < bytes.length; index++) {
      const size = sizes[index % sizes.length]!;
      yield await Promise.resolve(bytes.subarray(at, at + size));
      at += size;
    }
  }
  const records: CsvRecord[] = [];
  for await (const batch of csvRecords(chunks(), maxBytes)) records.push(...batch);
  return records;
}

describe("The sandbox's CSV reader", () => {
  const text = fc
    .array(fc.constantFrom('a', 'é', '😀', ' ', ',', ',', '"', '"', '\n', '\r\n', '\r', '\t', ',"', '",'), {
      maxLength: 30,
    })
    .map((pieces) => pieces.join(''));

  it('reads the same records as csv-parse, however the bytes are chunked', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (csv, hasMark, sizes) => {
          const bytes = Buffer.from(`${hasMark ? '\ufeff' : ''}${csv}`);
          const skipped: string[] = [];
          const expected: string[][] = parse(bytes, {
            bom: true,
            record_delimiter: ['\r\n', '\n', '\r'],
            relax_column_count: true,
            skip_empty_lines: true,
            skip_records_with_error: true,
            on_skip: (error) => {
              skipped.push(error!.code);
              return undefined;
            },
          });
          // After a misplaced quote, csv-parse counts later quotes of the line, too, and so may lose the next lines.
          fc.pre(skipped.every((code) => code === 'CSV_QUOTE_NOT_CLOSED'));
          if (skipped.length > 0) {
            await assert.rejects(read(bytes, sizes), UnreadableObject);
            return;
          }
          const records = await read(bytes, sizes);
          assert.deepEqual(
            records.map(({ cells, problem }) => problem ?? cells),
            expected,
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('quotes the text of each record, also of an invalid one', async () => {
    const records = await read(Buffer.from('a,"b ""c"""\r\n\r\nd"e,f\n"g"h\ni'), [3]);
    assert.deepEqual(records, [
      { cells: ['a', 'b "c"'], text: 'a,"b ""c"""', isPlain: true },
      { cells: [], problem: 'A quote in an unquoted value', text: 'd"e,f', isPlain: true },
      { cells: [], problem: 'Text after a closing quote', text: '"g"h', isPlain: true },
      { cells: ['i'], text: 'i', isPlain: true },
    ]);
  });

  it("decodes records that aren't ASCII, and marks bytes that aren't UTF-8", async () => {
    const bytes = Buffer.concat([Buffer.from('ä,"😀"\na,\u007f\nb,'), Buffer.from([0xe9, 0x0a])]);
    assert.deepEqual(
      (await read(bytes, [1])).map(({ cells, isPlain }) => [...cells, isPlain]),
      [
        ['ä', '😀', false],
        ['a', '\u007f', false],
        ['b', '\ufffd', false],
      ],
    );
  });

  it('rejects records that are too long, without reading the whole file', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) yield await Promise.resolve(Buffer.from('"aaaaaaaaa'.repeat(10)));
    }
    const reading = async (): Promise<void> => {
      for await (const batch of csvRecords(endless(), 500)) for (const _ of batch);
    };
    await assert.rejects(reading(), /A record exceeds 500 bytes/);
  });
});
