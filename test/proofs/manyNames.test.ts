import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxKeys, maxStoredName, sharedKeys } from '../../src/endpoints/engine/abi.ts';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import { validate } from './validateInProcess.ts';

const stored = maxKeys - sharedKeys;
const encode = (text: string): Buffer => Buffer.from(text);

/** The findings of each record alone, in the lines of the file: no record alone has many names. */
function eachAlone(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => shown(validate(encode(`${line}\n`), 'ndjson').issues, index));
}

function shown(findings: readonly Finding[], linesBefore = 0): string[] {
  return findings
    .filter(({ code }) => code !== 'too-many-attributes')
    .map(({ line, column, endColumn, code, message }) =>
      [line + linesBefore, column, endColumn, code, message].join(' '),
    );
}

/** A record of new names: two arrays that have too many values only together, one that has them alone, and names of all kinds. */
function record(index: number): string {
  const values = (count: number): string => `[${Array.from({ length: count }, () => '"x"').join()}]`;
  const members = [
    `"a${index}":${values(30)}`,
    `"b${index}":${values(30)}`,
    ...(index % 500 === 7 ? [`"c${index}":${values(51)}`] : []),
    ...(index % 500 === 8 ? [`"d${index}":["x"],"d${index}":["y"]`] : []),
    ...(index % 500 === 9 ? [`"e/${index}":["x"],"${'f'.repeat(51)}${index}":["x"]`] : []),
    ...(index % 500 === 10 ? [`"${'g'.repeat(maxStoredName + 1)}":${values(30)}`] : []),
  ];
  const others = [
    ...(index % 500 === 11 ? [`"Adress${index % 7}":"x"`, `"adress":"x"`, `"optout":"ALL"`] : []),
    ...(index % 500 === 12 ? [`"unknown${index}":1`, `"Locatio":{"Cit":"x"}`] : []),
    ...(index % 500 === 13 ? [`"Metrics":{"m${index}":"1","n${index}":2}`] : []),
    ...(index % 500 === 14 ? [`"User":{"UserAttributes":{"u${index}":["x"]},"Userid":"y"}`] : []),
  ];
  return `{"Id":"${index}","ChannelType":"CUSTOM","Address":"${index}",${[...others, `"Attributes":{${members.join()}}`].join()}}`;
}

describe('Distinct names in NDJSON', () => {
  it('have the findings of each record alone, also beyond the number that is stored', () => {
    const lines = Array.from({ length: stored }, (_, index) => record(index));
    const text = encode(`${lines.join('\n')}\n`);
    const expected = eachAlone(lines);
    assert.ok(expected.length > 60);
    for (const blockBytes of [text.length, 65_536]) {
      assert.deepEqual(shown(validate(text, 'ndjson', blockBytes).issues), expected);
    }
  });

  for (const more of [-1, 0, 1]) {
    it(`are counted as custom ones although ${stored} ${more < 0 ? '-' : '+'} ${Math.abs(more)} others come first`, () => {
      const unknown = Array.from({ length: stored - 1 + more }, (_, index) => `{"Id":"1","x y${index}":1}`);
      const custom = Array.from(
        { length: 260 },
        (_, index) => `{"Id":"1","Attributes":{"a${index % 255}":["x"]}}`,
      );
      const text = [...unknown, ...custom].map((line) => `${line}\n`).join('');
      const found = validate(encode(text), 'ndjson').issues.filter(
        ({ code }) => code === 'too-many-attributes',
      );
      assert.deepEqual(
        found.map(({ line, column, endColumn }) => [line - unknown.length, column, endColumn]),
        [[251, 25, 31]],
      );
    });
  }
});
