import assert from 'node:assert/strict';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import type { SplitOptions } from '../../../src/endpoints/transform/split.ts';
import { splitFile } from '../../../src/endpoints/transform/split.ts';
import { gzipped, notesOf, transformed } from './files.ts';

const by =
  (limits: Pick<SplitOptions, 'maxBytes' | 'maxRecords'>) =>
  (options: SplitOptions): ReturnType<typeof splitFile> =>
    splitFile({ ...options, ...limits });

describe('splitting', () => {
  it('repeats the header, counts its bytes, and names the parts', async () => {
    const csv = 'Id,Attributes.a\r\n1,x\r\n2,"a\r\nb"\r\n3,y\r\n4,z';
    const { texts, report } = await transformed(by({ maxBytes: 31 }), 'people.csv', csv);
    assert.deepEqual(texts, [
      'Id,Attributes.a\r\n1,x\r\n',
      'Id,Attributes.a\r\n2,"a\r\nb"\r\n',
      'Id,Attributes.a\r\n3,y\r\n4,z',
    ]);
    assert.deepEqual(
      report.outputs.map(({ path, records, bytes }) => [basename(path), records, bytes]),
      [
        ['people.part-001.csv', 1, 22],
        ['people.part-002.csv', 1, 27],
        ['people.part-003.csv', 2, 25],
      ],
    );
    assert.equal(report.records, 4);
    assert.equal(report.bytesIn, csv.length);
  });

  it('counts records, and no empty lines', async () => {
    const { texts } = await transformed(
      by({ maxRecords: 2 }),
      'a.ndjson',
      '{"Id":"1"}\n\n{"Id":"2"}\n\n{"Id":"3"}\n',
    );
    assert.deepEqual(texts, ['{"Id":"1"}\n\n{"Id":"2"}\n\n', '{"Id":"3"}\n']);
  });

  it('writes one part if everything fits', async () => {
    const { texts, report } = await transformed(
      by({ maxBytes: 1e9, maxRecords: 1e6 }),
      'a.csv',
      'Id\n1\n2\n',
    );
    assert.deepEqual(texts, ['Id\n1\n2\n']);
    assert.match(report.outputs[0]!.path, /a\.part-001\.csv$/);
  });

  it('gives no part a byte order mark, and unpacks gzip', async () => {
    const { texts, report } = await transformed(
      by({ maxRecords: 1 }),
      'a.csv.gz',
      gzipped('\uFEFFId\n1\n', '2\n'),
    );
    assert.deepEqual(texts, ['Id\n1\n', 'Id\n2\n']);
    assert.deepEqual(notesOf(report), ['byte-order-mark ×1 @1']);
    assert.match(report.outputs[1]!.path, /a\.part-002\.csv$/);
  });

  it('numbers more than 999 parts so that they sort', async function () {
    const { report } = await transformed(by({ maxRecords: 1 }), 'a.ndjson', '{}\n'.repeat(1000));
    assert.match(report.outputs[0]!.path, /a\.part-0001\.ndjson$/);
    assert.match(report.outputs[999]!.path, /a\.part-1000\.ndjson$/);
  });

  const refused: readonly (readonly [
    name: string,
    limits: Pick<SplitOptions, 'maxBytes' | 'maxRecords'>,
    content: string,
    message: RegExp,
  ])[] = [
    [
      'a record that is larger than a part',
      { maxBytes: 20 },
      'Id,Address\n1,2\n3,"45\n678"\n',
      /line 3 of a\.csv has 22 bytes with the header\. The maximum is 20/,
    ],
    ['no limit', {}, 'Id\n1\n', /No maximum size or number of records/],
    ['parts of nothing', { maxRecords: 0 }, 'Id\n1\n', /No maximum size or number of records/],
    ['a file without records', { maxRecords: 1 }, 'Id\n\n', /has no records/],
    ['an empty file', { maxRecords: 1 }, '', /has no records/],
    [
      'a quote that is never closed',
      { maxRecords: 1 },
      'Id\n1\n"2\n3\n',
      /Unclosed quote in the record that starts in line 3 of a\.csv/,
    ],
  ];
  for (const [name, limits, content, message] of refused) {
    it(`rejects ${name}`, async () => {
      await assert.rejects(
        async () => transformed(by(limits), 'a.csv', content),
        (error) =>
          error instanceof AudienceError && error.code === 'bad-input' && message.test(error.message),
      );
    });
  }

  it("doesn't split JSON that spans lines", async () => {
    for (const content of ['[\n{"Id":"1"},\n{"Id":"2"}\n]', '{\n"Id":"1"\n}\n', '[{"Id":"1"}]']) {
      await assert.rejects(
        async () => transformed(by({ maxRecords: 1 }), 'a.json', content),
        (error) =>
          error instanceof AudienceError && /Line 1 of a\.json isn't a JSON object/.test(error.message),
      );
    }
  });

  it('makes parts within the limits that together are the source', async function () {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }).map((value) => value.replaceAll(/["\r\n,]/g, '')),
      fc.string({ unit: 'binary', maxLength: 8 }).map((value) => `"${value.replaceAll('"', '""')}"`),
      fc.constantFrom('é', '🎈', '"a\nb"', '"a\r\nb,"', '""'),
    );
    const row = fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(','));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.array(row, { minLength: 2, maxLength: 12 }),
          lineEnd: fc.constantFrom('\n', '\r\n'),
          lastLineEnd: fc.boolean(),
          isCsv: fc.boolean(),
          maxBytes: fc.option(fc.integer({ min: 60, max: 300 }), { nil: undefined }),
          maxRecords: fc.integer({ min: 1, max: 5 }),
          chunkBytes: fc.constantFrom(20, 1 << 18),
        }),
        async ({ rows, lineEnd, lastLineEnd, isCsv, maxBytes, maxRecords, chunkBytes }) => {
          const lines = isCsv ? rows : rows.map((text) => JSON.stringify({ Id: text }));
          const content = lines.join(lineEnd) + (lastLineEnd ? lineEnd : '');
          const header = isCsv ? rows[0]! + lineEnd : '';
          const records = (isCsv ? rows.slice(1) : lines).filter((text) => text !== '');
          const longest = Math.max(...lines.map((text) => Buffer.byteLength(header + text + lineEnd)));
          const limit = maxBytes === undefined ? undefined : Math.max(maxBytes, longest);
          if (records.length === 0) return;
          const { texts, report } = await transformed(
            by({ maxBytes: limit, maxRecords }),
            isCsv ? 'a.csv' : 'a.ndjson',
            content,
            { chunkBytes },
          );
          assert.ok(texts.every((text) => text.startsWith(header)));
          assert.equal(header + texts.map((text) => text.slice(header.length)).join(''), content);
          assert.equal(report.records, records.length);
          for (const [index, output] of report.outputs.entries()) {
            assert.ok(output.records <= maxRecords);
            assert.ok(output.bytes <= (limit ?? Infinity));
            assert.equal(output.bytes, Buffer.byteLength(texts[index]!));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
