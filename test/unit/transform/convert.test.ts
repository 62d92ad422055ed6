import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import { gzipped, notesOf, transformed } from './files.ts';

interface Case {
  readonly name: string;
  readonly from: string | Uint8Array;
  readonly to: string;
  readonly notes?: readonly string[];
}

const fromCsv: readonly Case[] = [
  {
    name: 'nests by the dots',
    from: 'Address,Location.City,User.UserId,User.UserAttributes.Name\na@example.com,Bonn,u1,Ann\n',
    to: '{"Address":"a@example.com","Location":{"City":"Bonn"},"User":{"UserId":"u1","UserAttributes":{"Name":["Ann"]}}}\n',
  },
  {
    name: 'puts members of one object together, in the order of the header',
    from: 'Attributes.b,Address,Attributes.a\n1,x,2\n',
    to: '{"Attributes":{"b":["1"],"a":["2"]},"Address":"x"}\n',
  },
  {
    name: 'makes arrays of repeated columns, without the empty cells',
    from: 'Attributes.i,Id,Attributes.i,Attributes.i\na,1,,b\n,2,,\n',
    to: '{"Attributes":{"i":["a","b"]},"Id":"1"}\n{"Id":"2"}\n',
  },
  {
    name: 'leaves dots in custom names alone',
    from: 'Attributes.a.b,User.UserAttributes.c.d,Metrics.e.f\n1,2,3\n',
    to: '{"Attributes":{"a.b":["1"]},"User":{"UserAttributes":{"c.d":["2"]}},"Metrics":{"e.f":3}}\n',
  },
  {
    name: 'keeps every digit of a number',
    from: 'Metrics.m,Location.Latitude,Location.Longitude\n1e21,0.30000000000000004,-0.0\n12345678901234567890123,1.50,90\n',
    to:
      '{"Metrics":{"m":1e21},"Location":{"Latitude":0.30000000000000004,"Longitude":-0.0}}\n' +
      '{"Metrics":{"m":12345678901234567890123},"Location":{"Latitude":1.50,"Longitude":90}}\n',
  },
  {
    name: 'writes numbers as JSON knows them, and leaves texts alone',
    from: 'Metrics.m\n+5\n.5\n007\n5.\n-0.10e+5\n 7 \nseven\n-\n.\n1e\nInfinity\n',
    to: ['5', '0.5', '7', '5', '-0.10e+5', '7', '"seven"', '"-"', '"."', '"1e"', '"Infinity"']
      .map((value) => `{"Metrics":{"m":${value}}}\n`)
      .join(''),
    notes: ['number-form Metrics.m ×5 @2,3,4,5,7', 'number-none Metrics.m ×5 @8,9,10,11,12'],
  },
  {
    name: 'reads quotes, line breaks in them, and CRLF',
    from: 'Id,Attributes.a\r\n1,"b, ""c"""\r\n2,"d\r\ne"\r\n"3","tab\there"',
    to: '{"Id":"1","Attributes":{"a":["b, \\"c\\""]}}\n{"Id":"2","Attributes":{"a":["d\\r\\ne"]}}\n{"Id":"3","Attributes":{"a":["tab\\there"]}}\n',
  },
  {
    name: 'takes misplaced quotes as they stand, and says so',
    from: 'Id,Attributes.a\n1,5" pipe\n2,"a"b"\n3,x\n',
    to: '{"Id":"1","Attributes":{"a":["5\\" pipe"]}}\n{"Id":"2","Attributes":{"a":["ab\\""]}}\n{"Id":"3","Attributes":{"a":["x"]}}\n',
    notes: ['quote-misplaced ×2 @2,3'],
  },
  {
    name: 'keeps rows without values, and drops empty lines',
    from: 'Id,Address\n\n,\n""\n1,\n',
    to: '{}\n{}\n{"Id":"1"}\n',
    notes: ['blank-line ×1 @2', 'row-short ×1 @4'],
  },
  {
    name: 'says what rows of another length lose',
    from: 'Id,Address\n1\n2,b,c,,d\n3,d,\n',
    to: '{"Id":"1"}\n{"Id":"2","Address":"b"}\n{"Id":"3","Address":"d"}\n',
    notes: ['cell-surplus ×2 @3', 'row-short ×1 @2'],
  },
  {
    name: 'drops a byte order mark',
    from: '\uFEFFId\n1\n',
    to: '{"Id":"1"}\n',
    notes: ['byte-order-mark ×1 @1'],
  },
  {
    name: 'carries unknown columns, and says so',
    from: 'Id,address,Foo.Bar.Baz,Multi,Multi\n1,a,b,c,\n2,,,,\n',
    to: '{"Id":"1","address":"a","Foo":{"Bar.Baz":"b"},"Multi":["c"]}\n{"Id":"2"}\n',
    notes: ['unknown address ×1 @2', 'unknown Foo.Bar.Baz ×1 @2', 'unknown Multi ×1 @2'],
  },
  {
    name: 'keeps what only exports hold, and says so',
    from: 'Id,EndpointStatus\n1,ACTIVE\n',
    to: '{"Id":"1","EndpointStatus":"ACTIVE"}\n',
    notes: ['response-only-kept EndpointStatus ×1 @2'],
  },
  {
    name: 'trims names of supported columns, and drops columns without one',
    from: 'Id , Attributes.a,Attributes.b ,\n1,2,3,4\n',
    to: '{"Id":"1","Attributes":{"a":["2"],"b ":["3"]}}\n',
    notes: ['column-unnamed ×1 @2', 'header-blanks Id ×1 @1', 'header-blanks Attributes.a ×1 @1'],
  },
  {
    name: 'takes the first of several values where one is due',
    from: 'Id,Address,Address\n1,,a\n2,b,c\n',
    to: '{"Id":"1","Address":"a"}\n{"Id":"2","Address":"b"}\n',
    notes: ['values-surplus Address ×1 @3'],
  },
  {
    name: 'drops a column whose name is an object, too',
    from: 'Attributes,Attributes.a\nx,1\n,2\n',
    to: '{"Attributes":{"a":["1"]}}\n{"Attributes":{"a":["2"]}}\n',
    notes: ['name-clash Attributes ×1 @2', 'unknown Attributes ×1 @2'],
  },
  {
    name: 'keeps names that mean something to JavaScript',
    from: 'Attributes.__proto__,Attributes.constructor,toString\n1,2,3\n',
    to: '{"Attributes":{"__proto__":["1"],"constructor":["2"]},"toString":"3"}\n',
    notes: ['unknown toString ×1 @2'],
  },
  { name: 'unpacks gzip', from: gzipped('Id\n', '1\n2', '3\n'), to: '{"Id":"1"}\n{"Id":"23"}\n' },
];

const fromNdjson: readonly Case[] = [
  {
    name: 'flattens, the members of one object next to each other',
    from: '{"Id":"1","Attributes":{"a":["x"]}}\n{"Id":"2","User":{"UserId":"u"},"Attributes":{"b":["y"]}}\n',
    to: 'Id,Attributes.a,Attributes.b,User.UserId\n1,x,,\n2,,y,u\n',
  },
  {
    name: 'repeats a column for the most values that a record has',
    from: '{"Attributes":{"a":["1"]},"Id":"x"}\n{"Attributes":{"a":["1","2","3"]}}\n{"Id":"y"}',
    to: 'Attributes.a,Attributes.a,Attributes.a,Id\n1,,,x\n1,2,3,\n,,,y\n',
  },
  {
    name: 'keeps every digit of a number',
    from: '{"Metrics":{"m":1e21,"n":0.10}}\n{"Metrics":{"m":12345678901234567890123,"n":-0}}\n',
    to: 'Metrics.m,Metrics.n\n1e21,0.10\n12345678901234567890123,-0\n',
  },
  {
    name: 'quotes only what has to be',
    from: '{"Address":"a,b","Id":"x\\"y","Attributes":{"a":[" blank "],"b, c":["\\u00e9"]}}\n',
    to: 'Address,Id,Attributes.a,"Attributes.b, c"\n"a,b","x""y", blank ,é\n',
  },
  {
    name: 'replaces line breaks and tabs by spaces, and says so',
    from: '{"Address":"a\\r\\nb\\nc\\td","Attributes":{"x\\ny":["1"]}}\n{"Address":"\\t"}\n',
    to: 'Address,Attributes.x y\na b c d,1\n ,\n',
    notes: ['line-break Attributes.x\ny ×1 @1', 'line-break Address ×1 @1', 'tab Address ×2 @1,2'],
  },
  {
    name: 'says what CSV has no word for',
    from:
      '{"Id":null,"Address":"","User":{},"Attributes":{"a":[],"b":["",null,"x"],"c":{"d":["y"]},"e":[["z"],{"f":1}]}}\n' +
      '{"Id":"2","User":{"UserAttributes":{"n":[]}}}\n',
    to: 'Attributes.b,Id\nx,\n,2\n',
    notes: [
      'null Id ×1 @1',
      'null Attributes.b ×1 @1',
      'empty-string Address ×1 @1',
      'empty-string Attributes.b ×1 @1',
      'empty-array Attributes.a ×1 @1',
      'empty-array User.UserAttributes.n ×1 @2',
      'empty-object User ×1 @1',
      'nested Attributes.e ×2 @1',
      'nested Attributes.c ×1 @1',
    ],
  },
  {
    name: 'says where a value has another type than its attribute',
    from: '{"Id":7,"Address":["a"],"OptOut":true,"Metrics":{"m":"5"},"Attributes":{"a":"x","b":[1]}}\n{"Address":["b","c"]}\n',
    to: 'Id,Address,OptOut,Metrics.m,Attributes.a,Attributes.b\n7,a,true,5,x,1\n,b,,,,\n',
    notes: [
      'values-surplus Address ×1 @2',
      'type Address ×2 @1,2',
      'type Id ×1 @1',
      'type OptOut ×1 @1',
      'type Metrics.m ×1 @1',
      'type Attributes.a ×1 @1',
      'type Attributes.b ×1 @1',
    ],
  },
  {
    name: 'carries unknown members, and says so',
    from: '{"Foo":{"Bar":"1","Deep":{"er":2}},"List":["a","b"],"Address.City":"x","":"y"}\n',
    to: 'Foo.Bar,List,List,Address.City\n1,a,b,x\n',
    notes: [
      'column-unnamed ×1 @1',
      'member-dotted Address.City ×1 @1',
      'nested Foo.Deep ×1 @1',
      'type List ×1 @1',
      'unknown Foo.Bar ×1 @1',
      'unknown List ×1 @1',
      'unknown Address.City ×1 @1',
    ],
  },
  {
    name: 'takes the last of members that are there twice, as JSON does',
    from: '{"Id":"1","Id":"2"}\n{"Id":"3","Id":null}\n',
    to: 'Id\n2\n""\n',
    notes: ['member-repeated Id ×2 @1,2', 'null Id ×1 @2'],
  },
  {
    name: 'replaces halves of characters',
    from: '{"Id":"a\\ud800","Attributes":{"\\udc00":["b"]}}\n',
    to: 'Id,Attributes.\uFFFD\na\uFFFD,b\n',
    notes: ['half-character Attributes.\uFFFD ×1 @1', 'half-character Id ×1 @1'],
  },
  {
    name: 'begins no file with a byte order mark that is part of a name',
    from: '\uFEFF{"\\ufeffx":"1"}\n',
    to: '"\uFEFFx"\n1\n',
    notes: ['byte-order-mark ×1 @1', 'unknown \uFEFFx ×1 @1'],
  },
  {
    name: 'reads blanks, escapes and CRLF, and drops empty lines',
    from: ' { "Id" : "\\u0031\\/" } \r\n\r\n \t\n{"Id":"2"}\r\n',
    to: 'Id\n1/\n2\n',
    notes: ['blank-line ×2 @2,3'],
  },
  { name: 'unpacks gzip', from: gzipped('{"Id":"1"}\n', '{"Id":"2"}'), to: 'Id\n1\n2\n' },
];

describe('conversion', () => {
  describe('of CSV', () => {
    for (const { name, from, to, notes = [] } of fromCsv) {
      it(name, async () => {
        for (const chunkBytes of [1, 3, 1 << 18]) {
          const { text, report } = await transformed(
            convertFile,
            typeof from === 'string' ? 'a.csv' : 'a.csv.gz',
            from,
            {
              chunkBytes,
            },
          );
          assert.equal(text, to);
          assert.deepEqual(notesOf(report), notes);
          assert.equal(report.records, to.split('\n').length - 1);
          assert.equal(report.bytesOut, Buffer.byteLength(to));
        }
      });
    }
  });

  describe('of NDJSON', () => {
    for (const { name, from, to, notes = [] } of fromNdjson) {
      it(name, async () => {
        for (const chunkBytes of [1, 3, 1 << 18]) {
          const { text, report } = await transformed(
            convertFile,
            typeof from === 'string' ? 'a.ndjson' : 'a.ndjson.gz',
            from,
            { chunkBytes },
          );
          assert.equal(text, to);
          assert.deepEqual(notesOf(report), notes);
        }
      });
    }
  });

  const refused: readonly (readonly [
    name: string,
    file: string,
    content: string | Uint8Array,
    message: RegExp,
  ])[] = [
    ['an empty CSV file', 'a.csv', '', /a\.csv is empty/],
    ['a CSV file without records', 'a.csv', 'Id,Address\n', /has no records/],
    ['an NDJSON file without records', 'a.ndjson', '\n\n', /has no records/],
    ['another separator', 'a.csv', 'Id;Address\n1;2\n', /isn't separated by commas/],
    ['carriage returns alone', 'a.csv', 'Id,Address\r1,a\r2,b', /end in carriage returns only/],
    [
      'a row of too many cells',
      'a.csv',
      `Id\n${','.repeat(13_000)}\n`,
      /line 2 of a\.csv has more than 13000 cells/,
    ],
    [
      'a quote that is never closed',
      'a.csv',
      'Id\n1\n"2\n3\n',
      /Unclosed quote in the record that starts in line 3 of a\.csv/,
    ],
    [
      'what is no JSON',
      'a.ndjson',
      '{"Id":"1"}\n{"Id":"ä",x}\n',
      /Line 2, column 11 of a\.ndjson isn't valid JSON: expected a name/,
    ],
    ['what is no object', 'a.ndjson', '[1]\n', /Line 1, column 1 .*: expected an object/],
    ['what follows an object', 'a.ndjson', '{} {}\n', /Line 1, column 4 .*: unexpected text after the value/],
    [
      'bytes that are no UTF-8',
      'a.csv',
      Buffer.from('Id\n1\n\xe4\n', 'latin1'),
      /Line 3 of a\.csv isn't valid UTF-8/,
    ],
    ['UTF-16', 'a.csv', Buffer.from('\uFEFFId\n1\n', 'utf16le'), /a\.csv is UTF-16/],
    ['a zip archive', 'a.csv', Buffer.from('504b030414000000', 'hex'), /a\.csv is compressed \(zip\)/],
    [
      'half a gzip file',
      'a.csv.gz',
      gzipped('Id\n1\n').subarray(0, 20),
      /^Incomplete or corrupted gzip file: a\.csv\.gz$/,
    ],
    [
      'a line that never ends',
      'a.ndjson',
      Buffer.alloc(17 * 1024 * 1024, 32),
      /line 1 of a\.ndjson is longer than 16 MiB/,
    ],
    [
      'more columns than there can be',
      'a.ndjson',
      `{"Attributes":{"a":[${'"x",'.repeat(13_001)}"x"]}}`,
      /more than 13000 columns/,
    ],
  ];
  for (const [name, file, content, message] of refused) {
    it(`refuses ${name}, and leaves nothing`, async function () {
      for (const chunkBytes of content.length > 1e4 ? [1 << 18] : [2, 1 << 18]) {
        await assert.rejects(transformed(convertFile, file, content, { chunkBytes }), (error) => {
          assert.ok(error instanceof AudienceError);
          assert.equal(error.code, 'bad-input');
          assert.match(error.message, message);
          assert.ok(error.help);
          return true;
        });
      }
    });
  }

  it('takes time in proportion to the length of a number', async function () {
    const value = `${'0'.repeat(1_000_000)}x`;
    const { text } = await transformed(convertFile, 'a.csv', `Metrics.m\n${value}\n`);
    assert.equal(text, `{"Metrics":{"m":"${value}"}}\n`);
  });

  it('suggests what to do with JSON over several lines', async () => {
    for (const content of ['[\n{"Id":"1"}\n]', '{\n"Id":"1"\n}\n', '[{"Id":"1"}]']) {
      await assert.rejects(
        transformed(convertFile, 'a.ndjson', content),
        (error) => error instanceof AudienceError && /one object per line first/.test(error.help ?? ''),
      );
    }
  });

  it('stops at a quote that swallows the file, without taking all of it into memory', async function () {
    const content = `Id\n1\n"2\n${'some more text, and so on\n'.repeat(800_000)}`;
    await assert.rejects(
      transformed(convertFile, 'a.csv', content),
      /The record in line 3 of a\.csv is longer than 16 MiB/,
    );
  });

  describe('there and back', () => {
    const text = fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
      fc.constantFrom('"', ',', '""', ' ', 'a,b', '"x"', '\uFEFF', "'", ';', 'é', '🎈', '0', 'null', '=1+1'),
    );
    const oneLine = text.filter((value) => !/[\r\n\t]/.test(value));
    const jsonNumber = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
      fc.bigInt().map(String),
      fc.constantFrom('-0', '1E400', '0.10', '1e-7', '0.30000000000000004'),
    );
    const custom = fc.oneof(fc.constantFrom('a', 'b', 'a.b', '__proto__', 'x y'), oneLine);
    const texts = fc.array(oneLine, { minLength: 1, maxLength: 4 });
    const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(arbitrary, { nil: undefined });
    const custom2 = <T>(
      values: fc.Arbitrary<T>,
    ): fc.Arbitrary<readonly (readonly [string, T])[] | undefined> =>
      optional(
        fc.uniqueArray(fc.tuple(custom, values), { selector: ([name]) => name, minLength: 1, maxLength: 4 }),
      );
    /** Dotted paths with the JSON text of their values. */
    const endpoint = fc
      .record({
        ChannelType: optional(fc.constantFrom('EMAIL', 'SMS')),
        Address: optional(oneLine),
        Id: optional(oneLine),
        City: optional(oneLine),
        Latitude: optional(jsonNumber),
        UserId: optional(oneLine),
        attributes: custom2(texts),
        metrics: custom2(jsonNumber),
        userAttributes: custom2(texts),
      })
      .map((r) => {
        const members = (list: readonly (readonly [string, string | undefined])[]): string =>
          list
            .flatMap(([key, json]) => (json === undefined ? [] : `${JSON.stringify(key)}:${json}`))
            .join(',');
        const object = (list: readonly (readonly [string, string | undefined])[]): string | undefined =>
          members(list) === '' ? undefined : `{${members(list)}}`;
        const json = (value: unknown): string | undefined => JSON.stringify(value);
        const lists = (
          list: readonly (readonly [string, readonly string[]])[] | undefined,
        ): string | undefined => object((list ?? []).map(([name, values]) => [name, json(values)]));
        return `{${members([
          ['ChannelType', json(r.ChannelType)],
          ['Address', json(r.Address)],
          ['Id', json(r.Id)],
          [
            'Location',
            object([
              ['City', json(r.City)],
              ['Latitude', r.Latitude],
            ]),
          ],
          ['Metrics', object(r.metrics ?? [])],
          ['Attributes', lists(r.attributes)],
          [
            'User',
            object([
              ['UserId', json(r.UserId)],
              ['UserAttributes', lists(r.userAttributes)],
            ]),
          ],
        ])}}`;
      });

    /** Objects whatever the order of their members, numbers with all their digits. */
    const canonical = (json: string): unknown =>
      JSON.parse(json, (_, value: unknown, context?: { readonly source?: string }) =>
        typeof value === 'number' ? `number ${context!.source!}` : value,
      );

    it('brings NDJSON back', async function () {
      await fc.assert(
        fc.asyncProperty(
          fc
            .array(endpoint, { minLength: 1, maxLength: 6 })
            .filter((lines) => lines.some((line) => line !== '{}')),
          fc.constantFrom('\n', '\r\n'),
          fc.constantFrom(50, 1 << 18),
          async (lines, lineEnd, chunkBytes) => {
            const csv = await transformed(convertFile, 'a.ndjson', lines.join(lineEnd), { chunkBytes });
            assert.deepEqual(
              notesOf(csv.report).filter((note) => !note.startsWith('empty-object ×')),
              [],
            );
            const back = await transformed(convertFile, 'a.csv', csv.text, { chunkBytes });
            assert.deepEqual(back.text.trimEnd().split('\n').map(canonical), lines.map(canonical));
            assert.deepEqual(notesOf(back.report), []);
          },
        ),
        { numRuns: 100 },
      );
    });

    const header = fc
      .uniqueArray(
        fc.oneof(
          fc.constantFrom(
            'ChannelType',
            'Address',
            'Id',
            'Location.City',
            'Location.Latitude',
            'User.UserId',
          ),
          custom.map((name) => `Attributes.${name}`),
          custom.map((name) => `Metrics.${name}`),
          custom.map((name) => `User.UserAttributes.${name}`),
        ),
        { minLength: 1, maxLength: 6 },
      )
      .chain((names) =>
        fc
          .tuple(
            ...names.map((name) => fc.integer({ min: 1, max: /^(Attr|User\.UserA)/.test(name) ? 3 : 1 })),
          )
          .map((widths) => names.flatMap((name, index) => new Array<string>(widths[index]!).fill(name))),
      )
      .chain((names) => fc.shuffledSubarray(names, { minLength: names.length }));
    const isNumber = (name: string): boolean => /^(Metrics\.|Location\.L)/.test(name);
    const csvFile = header.chain((names) =>
      fc.record({
        names: fc.constant(names),
        rows: fc.array(
          fc.tuple(...names.map((name) => fc.oneof(fc.constant(''), isNumber(name) ? jsonNumber : oneLine))),
          { minLength: 1, maxLength: 6 },
        ),
        quoteAll: fc.boolean(),
        mark: fc.constantFrom('', '\uFEFF'),
        lineEnd: fc.constantFrom('\n', '\r\n'),
        lastLineEnd: fc.boolean(),
      }),
    );
    const cell = (value: string, quoteAll: boolean): string =>
      quoteAll || /[",\uFEFF]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

    /** Rows of a CSV file by an independent parser: values by name, the empty ones left out. */
    const rowsOf = (csv: string): readonly (readonly (readonly [string, readonly string[]])[])[] => {
      const [names, ...rows] = parse(csv, { bom: true });
      return rows.map((row) =>
        [...new Set(names)]
          .map(
            (name) => [name, row.filter((value, index) => names![index] === name && value !== '')] as const,
          )
          .filter(([, values]) => values.length > 0)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    };

    it('brings CSV back', async function () {
      await fc.assert(
        fc.asyncProperty(csvFile, fc.constantFrom(50, 1 << 18), async (file, chunkBytes) => {
          const { names, rows, quoteAll, mark, lineEnd, lastLineEnd } = file;
          const lines = [names, ...rows].map(
            (row) => row.map((value) => cell(value, quoteAll)).join(',') || '""',
          );
          const csv = mark + lines.join(lineEnd) + (lastLineEnd ? lineEnd : '');
          if (rows.every((row) => row.every((value) => value === ''))) return;
          const ndjson = await transformed(convertFile, 'a.csv', csv, { chunkBytes });
          assert.deepEqual(notesOf(ndjson.report), mark === '' ? [] : ['byte-order-mark ×1 @1']);
          const back = await transformed(convertFile, 'a.ndjson', ndjson.text, { chunkBytes });
          assert.deepEqual(rowsOf(back.text), rowsOf(csv));
        }),
        { numRuns: 100 },
      );
    });
  });
});
