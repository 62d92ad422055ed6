import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import type { RuleCode } from '../../../src/endpoints/rules/ruleTable.ts';
import { validate } from './validateContent.ts';

/** The messages of one rule on a file. */
async function messagesOf(code: RuleCode, content: string, type: FileType): Promise<string[]> {
  const { issues } = await validate(content, type);
  return issues.filter((issue) => issue.code === code).map(({ message }) => message);
}

/** What stops being JSON, and what has to be there instead. */
const brokenLines: readonly (readonly [line: string, due: string])[] = [
  ['x', 'an object, which begins with {'],
  ['{Id:"1"}', 'a name between double quotes'],
  ['{"Id":"1",}', 'a name between double quotes'],
  ['{"Id" "1"}', 'a colon'],
  ['{"Id":NaN}', 'a value'],
  ['{"Id":"1"x}', 'a comma before the next name, or }'],
  ['{"Id":"1","Attributes":{"a":["x"}}', 'a comma before the next value, or ]'],
  ['{"Id":"a\tb"}', 'an escape such as \\t'],
  ['{"Id":"\\x"}', 'after a backslash, one of'],
  ['{"Id":"\\u12g4"}', 'after a backslash, one of'],
  ['{"Metrics":{"a":1.}}', 'a digit'],
  ['{"Id":"1"},', 'the end of the line'],
  ['{"Id":"1"}\r{"Id":"2"}', 'a line feed'],
  ['{"Id":"1"', 'one complete object per line'],
];

/** Values of a wrong type, and what they are said to be. */
const wrongValues: readonly (readonly [line: string, message: string])[] = [
  ['{"Id":1}', 'Id is a number. Expected: a string.'],
  ['{"Id":"1","OptOut":null}', 'OptOut is null. Expected: a string.'],
  ['{"Id":"1","Metrics":{"a":"1"}}', 'Metrics.… is a string. Expected: a number.'],
  ['{"Id":"1","Metrics":{"a":true}}', 'Metrics.… is true. Expected: a number.'],
  ['{"Id":"1","Attributes":{"a":{}}}', 'Attributes.… is an object. Expected: an array of strings.'],
  ['{"Id":"1","Attributes":{"a":[false]}}', 'The array Attributes.… contains false. Expected: strings.'],
  ['{"Id":"1","Attributes":{"a":[-1]}}', 'The array Attributes.… contains a number. Expected: strings.'],
  ['{"Id":"1","User":[]}', 'User is an array. Expected: an object.'],
  ['{"Id":"1","Location":"null"}', 'Location is a string. Expected: an object.'],
];

describe('Messages', () => {
  for (const [line, due] of brokenLines) {
    it(`say what JSON expects in ${JSON.stringify(line)}`, async () => {
      const [message, ...others] = await messagesOf('json-syntax', `${line}\n`, 'ndjson');
      assert.ok(message?.includes(`Expected: ${due}`), message);
      assert.deepEqual(others, []);
    });
  }

  for (const [line, due] of wrongValues) {
    it(`say what a value is in ${line}`, async () => {
      assert.deepEqual(await messagesOf('json-type', `${line}\n`, 'ndjson'), [due]);
    });
  }

  it('say if an address has an invisible character, without showing it', async () => {
    const signs = [
      '\u00A0',
      '\u00AD',
      '\u1680',
      '\u2003',
      '\u200B',
      '\u2029',
      '\u202F',
      '\u2060',
      '\u3000',
      '\uFEFF',
    ];
    for (const sign of signs) {
      for (const email of [`jane@example.com${sign}`, `ja${sign}ne@example.com`]) {
        const messages = await messagesOf('address-email', `ChannelType,Address\nEMAIL,${email}\n`, 'csv');
        assert.equal(messages.length, 1, JSON.stringify(email));
        assert.match(messages[0]!, /invisible/);
        assert.ok(!messages[0]!.includes('jane'));
      }
      const escape = `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
      const line = `{"ChannelType":"EMAIL","Address":"jane@example.com${escape}"}\n`;
      assert.match((await messagesOf('address-email', line, 'ndjson'))[0]!, /invisible/);
      const tokens = await messagesOf('address-token', `ChannelType,Address\nGCM,d5e1fb0a91${sign}\n`, 'csv');
      assert.equal(tokens.length, 1, JSON.stringify(sign));
    }
    for (const email of ['jürgen@müller.de', '用户@例子.中国', 'a\u200Db@example.com'])
      assert.deepEqual(await messagesOf('address-email', `ChannelType,Address\nEMAIL,${email}\n`, 'csv'), []);
  });
});
