import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { jacksonError } from '../../../src/sandbox/pinpoint/jacksonError.ts';

describe("Jackson's messages for bad JSON", () => {
  const cases: readonly (readonly [text: string, message: string, column: number])[] = [
    ['{ Id: "a"}', "Unexpected character ('I' (code 73)): was expecting double-quote to start field name", 4],
    ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 3],
    [
      '{"a" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
      7,
    ],
    [
      '{"a":1 "b":2}',
      `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`,
      9,
    ],
    ['["a" "b"]', `Unexpected character ('"' (code 34)): was expecting comma to separate Array entries`, 7],
    [
      '{"a":tru}',
      "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      9,
    ],
    ['{"a":01}', 'Invalid numeric value: Leading zeroes not allowed', 7],
    ['{"a":1.}', "Unexpected character ('}' (code 125)): Decimal point not followed by a digit", 9],
    ['{"a":1e}', "Unexpected character ('}' (code 125)): Exponent indicator not followed by a digit", 9],
    [
      '{"a":"x\ty"}',
      'Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value',
      9,
    ],
    ['{"a":"\\q"}', "Unrecognized character escape 'q' (code 113)", 9],
    ['{"a":"x', 'Unexpected end-of-input: was expecting closing quote for a string value', 8],
    ['', 'No content to map due to end-of-input', 1],
    ['{} {}', 'Trailing token found after value: expected one JSON object per line', 4],
  ];
  for (const [text, message, column] of cases) {
    it(`are right for ${JSON.stringify(text)}`, () => {
      assert.equal(
        jacksonError(text),
        `${message}\n at [Source: (String)"${text}"; line: 1, column: ${column}]`,
      );
    });
  }

  it('name the unclosed bracket', () => {
    assert.equal(
      jacksonError('{"a":[1', 7, 'the source'),
      'Unexpected end-of-input: expected close marker for Array ' +
        '(start marker at [Source: (String)"the source"; line: 7, column: 6])\n' +
        ' at [Source: (String)"the source"; line: 7, column: 8]',
    );
  });

  it('quote at most 500 characters, and support deep nesting', () => {
    assert.match(
      jacksonError(`{"a":"${'x'.repeat(600)}`),
      /"\[truncated 106 chars\]; line: 1, column: 607\]$/,
    );
    assert.match(jacksonError('['.repeat(200_000)), /nesting depth|end-of-input/);
  });

  it("exist for anything that isn't JSON", () => {
    const json = fc.json({ maxDepth: 3 });
    const damaged = fc.tuple(json, fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, more]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + more + text.slice(place + 1);
    });
    fc.assert(
      fc.property(damaged, (text) => {
        try {
          JSON.parse(text);
        } catch {
          const message = jacksonError(text);
          assert.match(message, /; line: 1, column: \d+\]$/);
          if (message.startsWith('Trailing')) {
            // What came before is a value by itself.
            const column = Number(/column: (\d+)\]$/.exec(message)![1]);
            JSON.parse(text.slice(0, column - 1));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
