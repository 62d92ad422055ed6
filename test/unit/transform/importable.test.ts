import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import { makeImportable } from '../../../src/endpoints/transform/makeImportable.ts';
import { gzipped, notesOf, transformed } from './files.ts';

const exported =
  '{"ChannelType":"EMAIL","Address":"a@example.com","EndpointStatus":"ACTIVE","OptOut":"NONE","User":{},"ApplicationId":"1","Id":"x","CreationDate":"2020-01-01T00:00:00Z"}\n';
const importable = '{"ChannelType":"EMAIL","Address":"a@example.com","OptOut":"NONE","User":{},"Id":"x"}\n';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly from: string | Uint8Array;
  readonly to: string | Uint8Array;
  readonly notes: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'unpacks an export of several gzip members, and drops what imports do not read',
    file: 'part.gz',
    from: gzipped(exported, exported + '{"Id":"y"}'),
    to: importable + importable + '{"Id":"y"}',
    notes: [
      'response-only EndpointStatus ×2 @1,2',
      'response-only ApplicationId ×2 @1,2',
      'response-only CreationDate ×2 @1,2',
    ],
  },
  {
    name: 'leaves blanks, numbers, escapes, order, nested members of those names and line ends alone',
    file: 'a.ndjson',
    from:
      ' { "CohortId" : "7" , "Metrics" : { "m" : 1.50e+01 } ,\t"Id":"\\u0031" , "EndpointStatus":"X" } \r\n\r\n' +
      '{"Attributes":{"CohortId":["7"]}}\n{ "CreationDate":"x" }\n{"Id":"2" , "CohortId":1}',
    to:
      ' { "Metrics" : { "m" : 1.50e+01 } ,\t"Id":"\\u0031" } \r\n\r\n' +
      '{"Attributes":{"CohortId":["7"]}}\n{  }\n{"Id":"2"}',
    notes: [
      'response-only CohortId ×2 @1,5',
      'response-only EndpointStatus ×1 @1',
      'response-only CreationDate ×1 @4',
    ],
  },
  {
    name: 'knows a member by its name, however that is written',
    file: 'a.ndjson',
    from: '{"\\u0045ndpointStatus":{"a":[1,{"b":"}"}]},"Id":"1","endpointStatus":"x"}\n',
    to: '{"Id":"1","endpointStatus":"x"}\n',
    notes: ['response-only EndpointStatus ×1 @1'],
  },
  {
    name: 'leaves bytes that are no UTF-8 alone',
    file: 'a.ndjson',
    from: Buffer.from('{"Id":"\xff\xfe","CohortId":"1"}\n', 'latin1'),
    to: Buffer.from('{"Id":"\xff\xfe"}\n', 'latin1'),
    notes: ['response-only CohortId ×1 @1'],
  },
  {
    name: 'drops columns of CSV, and leaves all other bytes alone',
    file: 'a.csv',
    from: '\uFEFF"EndpointStatus",Id, CohortId ,"Attributes.a"\r\nACTIVE,1,7,"x, ""y"""\r\n,"2",,"a\r\nb"\r\n\r\nACTIVE\r\n,3,"7",é',
    to: 'Id,"Attributes.a"\r\n1,"x, ""y"""\r\n"2","a\r\nb"\r\n\r\n""\r\n3,é',
    notes: [
      'byte-order-mark ×1 @1',
      'response-only EndpointStatus ×2 @2,6',
      'response-only CohortId ×2 @2,7',
    ],
  },
  {
    name: 'leaves a CSV file alone that has nothing to drop',
    file: 'a.csv',
    from: 'Id,Address\n1,"a"b,\n',
    to: 'Id,Address\n1,"a"b,\n',
    notes: [],
  },
];

describe('making an export importable', () => {
  for (const { name, file, from, to, notes } of cases) {
    it(name, async () => {
      for (const chunkBytes of [1, 5, 1 << 18]) {
        const { texts, report } = await transformed(makeImportable, file, from, { chunkBytes });
        assert.equal(texts[0], Buffer.from(to).toString('utf8'));
        assert.deepEqual(notesOf(report), notes);
        assert.equal(report.bytesOut, Buffer.byteLength(to));
      }
    });
  }

  it('names its output after its source', async () => {
    const { report } = await transformed(makeImportable, 'export.2024.gz', gzipped('{"Id":"1"}'));
    assert.match(report.outputs[0]!.path, /export\.2024\.importable\.ndjson$/);
    const csv = await transformed(makeImportable, 'export.csv', 'Id\n1\n');
    assert.match(csv.report.outputs[0]!.path, /export\.importable\.csv$/);
  });

  it('rejects a file that would have no columns left', async () => {
    await assert.rejects(
      transformed(makeImportable, 'a.csv', 'EndpointStatus,CohortId\nACTIVE,1\n'),
      (error) =>
        error instanceof AudienceError &&
        error.code === 'bad-input' &&
        /no importable columns/.test(error.message),
    );
  });

  it('gives the position of invalid JSON, in columns as editors count them', async () => {
    await assert.rejects(
      transformed(makeImportable, 'a.ndjson', '{"Id":"1"}\n{"Id":"é🎈",}\n'),
      /Line 2, column 13 of/,
    );
  });

  it('removes those members and no other byte, whatever the lines are', async function () {
    const blank = fc.constantFrom('', ' ', '\t', '  ');
    const value = fc.oneof(
      fc.json({ maxDepth: 2 }).map((json) => json.replaceAll(/[\u2028\u2029]/g, ' ')),
      fc.constantFrom('1.50', '-0', '1e+21', '"\\u0041\\n"', '"}"', '"\\\\"'),
    );
    const member = (
      key: fc.Arbitrary<string>,
      isKept: boolean,
    ): fc.Arbitrary<{ text: string; isKept: boolean }> =>
      fc
        .tuple(
          key.map((name) => JSON.stringify(name)),
          blank,
          blank,
          value,
        )
        .map(([name, before, behind, json]) => ({ text: `${name}${before}:${behind}${json}`, isKept }));
    const kept = member(fc.constantFrom('Id', 'Address', 'Attributes', 'x'), true);
    const dropped = member(
      fc.constantFrom('EndpointStatus', 'ApplicationId', 'CreationDate', 'CohortId'),
      false,
    );
    const line = fc.record({
      members: fc.array(fc.oneof(kept, dropped), { maxLength: 6 }),
      opening: blank.map((blanks) => `{${blanks}`),
      closing: blank.map((blanks) => `${blanks}}`),
      separator: fc.tuple(blank, blank).map(([before, behind]) => `${before},${behind}`),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom(50, 1 << 18),
        async (lines, lineEnd, chunkBytes) => {
          const write = (isWritten: (isKept: boolean) => boolean): string =>
            lines
              .map(({ members, opening, closing, separator }) => {
                const written = members.filter(({ isKept }) => isWritten(isKept)).map(({ text }) => text);
                return opening + written.join(separator) + closing;
              })
              .join(lineEnd);
          const all = write(() => true);
          const { text, report } = await transformed(makeImportable, 'a.ndjson', all, { chunkBytes });
          assert.equal(
            text,
            write((isKept) => isKept),
          );
          const count = report.notes.reduce((sum, note) => sum + note.count, 0);
          assert.equal(count, lines.flatMap(({ members }) => members).filter(({ isKept }) => !isKept).length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
