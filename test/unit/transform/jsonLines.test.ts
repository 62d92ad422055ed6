import assert from 'node:assert/strict';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import { jsonToLines } from '../../../src/endpoints/transform/jsonLines.ts';
import { transformed } from './files.ts';

const rewritten: readonly (readonly [name: string, from: string, to: string])[] = [
  ['an array', '[{"a":1},{"b":[2,{"c":3}]}]', '{"a":1}\n{"b":[2,{"c":3}]}\n'],
  [
    'an array in many lines',
    '[\r\n  {\r\n    "a" : 1 ,\n\t"b" : [ ]\n  }\n,\n  { }\n]\n\n',
    '{"a":1,"b":[]}\n{}\n',
  ],
  ['objects in many lines', '{\n  "a": 1\n}\n{\n  "b": 2\n} {"c":3}', '{"a":1}\n{"b":2}\n{"c":3}\n'],
  ['one object', '{"a":1}', '{"a":1}\n'],
  [
    'strings and numbers by their bytes',
    '[{"a" : " x \\" y \\\\" , "b" : 1.50E+21, "\\u0041":-0}]',
    '{"a":" x \\" y \\\\","b":1.50E+21,"\\u0041":-0}\n',
  ],
  ['literals', '[{"a": true,\n"b":false , "c":null }]', '{"a":true,"b":false,"c":null}\n'],
  ['what begins with a byte order mark', '\uFEFF[{"é":"🎈"}]', '{"é":"🎈"}\n'],
];

const refused: readonly (readonly [name: string, from: string, line: number, column: number, due: RegExp])[] =
  [
    ['nothing', ' \n', 0, 0, /has no records/],
    ['an empty array', '[ ]', 0, 0, /has no records/],
    ['an array that does not end', '[{"a":1}\n', 2, 1, /expected \] at the end of the array/],
    ['an array that ends after a comma', '[{"a":1},]', 1, 10, /expected an object/],
    ['an object that does not end', '[{"a":1},\n {"b":', 2, 7, /expected a value/],
    ['an array without commas', '[{"a":1}\n{"b":2}]', 2, 1, /expected a comma or ]/],
    ['what follows the array', '[{"a":1}] {"b":2}', 1, 11, /unexpected text after the array/],
    ['elements that are no objects', '[\n{"é🎈":1}, 2]', 2, 12, /expected an object/],
    ['text', 'hello', 1, 1, /expected an object/],
    ['commas between objects', '{"a":1},{"b":2}', 1, 8, /expected an object/],
    ['single quotes', "[{'a':1}]", 1, 3, /a name in double quotes/],
    ['a trailing comma', '[{"a":1,}]', 1, 9, /a name in double quotes/],
    ['a missing colon', '[{"a" 1}]', 1, 7, /a colon/],
    ['a number with a zero before it', '[{"a":01}]', 1, 8, /a digit/],
    ['half a number', '[{"a":1.}]', 1, 9, /a digit/],
    ['a number with half an exponent', '[{"a":1e+}]', 1, 10, /a digit/],
    ['a lone minus', '[{"a":-}]', 1, 8, /a digit/],
    ['half a literal', '[{"a":truth}]', 1, 10, /expected true/],
    ['a line break in a string', '[{"a":"x\ny"}]', 1, 9, /unescaped control character/],
    ['an escape that is none', '[{"a":"\\x"}]', 1, 9, /an escape/],
    ['half an escape', '[{"a":"\\u00g0"}]', 1, 12, /hexadecimal/],
    ['brackets that do not match', '[{"a":[1}]', 1, 9, /expected a comma or ]/],
    ['what is nested too deep', `[{"a":${'['.repeat(300)}`, 1, 206, /nested too deep/],
  ];

describe('JSON to lines', () => {
  for (const [name, from, to] of rewritten) {
    it(`rewrites ${name}`, async () => {
      for (const chunkBytes of [1, 2, 7, 1 << 18]) {
        const { text, report } = await transformed(jsonToLines, 'a.json', from, { chunkBytes });
        assert.equal(text, to);
        assert.equal(report.records, to.split('\n').length - 1);
      }
    });
  }

  for (const [name, from, line, column, due] of refused) {
    it(`refuses ${name}, and says where`, async () => {
      for (const chunkBytes of [1, 2, 7, 1 << 18]) {
        await assert.rejects(transformed(jsonToLines, 'a.json', from, { chunkBytes }), (error) => {
          assert.ok(error instanceof AudienceError);
          assert.equal(error.code, 'bad-input');
          assert.match(error.message, due);
          if (line > 0)
            assert.match(
              error.message,
              new RegExp(`^Line ${line}, column ${column} of a\\.json isn't valid JSON`),
            );
          return true;
        });
      }
    });
  }

  it('rejects an object that is too long for a record, with the position', async function () {
    const content = `[{"a":1},\n{"a":"${'x'.repeat(20 * 1024 * 1024)}`;
    await assert.rejects(
      transformed(jsonToLines, 'a.json', content),
      /record in line 2 of a\.json is longer than 16 MiB/,
    );
  });

  it('names its output after its source', async () => {
    const names = ['a.json', 'a.ndjson', 'a.jsonl', 'a'];
    const outputs: string[] = [];
    for (const name of names) {
      const { report } = await transformed(jsonToLines, name, '[{}]');
      outputs.push(basename(report.outputs[0]!.path));
    }
    assert.deepEqual(outputs, ['a.ndjson', 'a.lines.ndjson', 'a.lines.ndjson', 'a.ndjson']);
  });

  it('keeps the content of the array, and every number and string as written', async function () {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), {
      maxKeys: 5,
    });
    const numbered = fc.tuple(object, fc.bigInt(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(numbered, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 1, 2, '\t'),
        fc.boolean(),
        fc.constantFrom(50, 1 << 18),
        async (elements, indent, isArray, chunkBytes) => {
          const list = elements.map(([values, whole, number]) =>
            JSON.stringify({ ...values, whole: '<whole>', number }, null, indent).replace(
              '"<whole>"',
              String(whole),
            ),
          );
          const content = isArray ? `[${list.join(' ,\n')}]` : list.join(indent === 0 ? '' : '\n');
          const { text } = await transformed(jsonToLines, 'a.json', content, { chunkBytes });
          const lines = text.trimEnd().split('\n');
          const parsed = lines.map((line) => JSON.parse(line) as unknown);
          assert.deepEqual(parsed, JSON.parse(`[${list.join(',')}]`));
          const plain = elements.map(([values, whole, number]) =>
            JSON.stringify({ ...values, whole: '<whole>', number }).replace('"<whole>"', String(whole)),
          );
          assert.deepEqual(lines, plain);
        },
      ),
      { numRuns: 100 },
    );
  });
});
