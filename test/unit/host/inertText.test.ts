import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { inert, inertError, inertInDocument, visible } from '../../../src/host/inertText.ts';
import { legible, legibleJson } from '../../../src/legible.ts';

/** As VS Code finds links in notifications, progress titles and quick inputs (base/common/linkedText.ts). */
const linkedText = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
/** As it finds icons in labels (base/common/iconLabels.ts), and addresses in documents (editor/common/languages/linkComputer.ts). */
const icon = /\$\([A-Za-z0-9-]+(~[A-Za-z]+)?\)/;
const address = /\b(https?|file):\/\//i;

const hostile = [
  'customers [2 more](command:pinpointAudience.uploadFile?%5B%22/a%22%5D).csv',
  '[a](https://evil.example "title")',
  '[a\nb](FILE:///etc/passwd)',
  '[[a](command:x)](command:y)',
  '![image](https://evil.example/a.png)',
  '$(error) $(sync~spin)',
  'see https://evil.example and file:///etc/passwd',
];

describe('text in the window', () => {
  it('contains no link or icon, and reads the same except for a space', () => {
    for (const text of hostile) {
      const shown = inert(text);
      assert.doesNotMatch(shown, linkedText, text);
      assert.doesNotMatch(shown, icon, text);
      assert.equal(shown.replaceAll(' ', ''), text.replace(/\s/g, ''), text);
    }
  });

  it('contains no address in documents, the log and terminals', () => {
    for (const text of hostile) assert.doesNotMatch(inertInDocument(text), address, text);
  });

  it('is unchanged if nothing in it could be more than text', () => {
    for (const text of ['Ada Lovelace (2)', '10 % [of] (all)', 'Zoë 👩‍👧 ไทย', 's3://bucket/key', 'a  b'])
      assert.equal(inertInDocument(text), text);
  });

  it('is one line with every character visible', () => {
    assert.equal(visible('a\r\n b\u2028c\td'), 'a b c d');
    assert.equal(visible('\u001b[31m\u0007\u009b\u007f'), '\\u001b[31m\\u0007\\u009b\\u007f');
    assert.equal(visible('fdp.\u202evsc'), 'fdp.\\u202evsc');
    assert.equal(visible('\u2066a\u2069\u200e\u{e0041}\ud800'), '\\u2066a\\u2069\\u200e\\u{e0041}\\ud800');
  });

  it('shows each invisible Unicode character, between letters and alone, in words and in JSON', () => {
    const numberSigns = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
    const hidden =
      /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]/u;
    let tried = 0;
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!hidden.test(character) || numberSigns.test(character)) continue;
      tried += 1;
      const escape = code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
      assert.equal(visible(`a${character}b`), /[\t\n\r\u2028\u2029]/.test(character) ? 'a b' : `a${escape}b`);
      if (code > 0xffff && code % 64 !== 0) continue;
      assert.doesNotMatch(legible(`${character}a`), hidden);
      assert.doesNotMatch(legibleJson([`a${character}`, '\u200b']), hidden);
      assert.deepEqual(JSON.parse(legibleJson([character])), [character]);
    }
    assert.ok(tried > 130_000, String(tried));
    for (const name of [
      '\u200c',
      '\u200b',
      '\u2060',
      '\u2064',
      '\u2800',
      '\u3164',
      '\u115f',
      '\u1160',
      '\uffa0',
      '\ufe0f',
    ])
      assert.match(visible(`Ada${name}`), /^Ada\\u[\da-f]{4}$/);
  });

  it('keeps joiners, selectors and marks only where names need them', () => {
    for (const name of [
      '👩🏽‍🚀 🏳️‍🌈 ☺️ 1️⃣ ❤️‍🔥 ☎︎',
      'می‌خواهم',
      'क्‍ष',
      'ക്‍',
      '葛󠄀城',
      'Nguye\u0302\u0303n',
      'ה\u05bc\u05b8\u05c1\u05bd\u0591',
      'ก็ น้ำ',
      '٣\u0600',
      '10\u00a0%\u3000a\u202fb',
    ])
      assert.equal(visible(name), name);
    for (const [text, shown] of [
      ['a\u200d', 'a\\u200d'],
      ['👩\u200d', '👩\\u200d'],
      ['\u200d👩', '\\u200d👩'],
      ['1\ufe0f2', '1\\ufe0f2'],
      ['👩\ufe0f\ufe0f', '👩\ufe0f\\ufe0f'],
      ['سلام\u200c', 'سلام\\u200c'],
      ['سلا\u200dم', 'سلا\\u200dم'],
      ['城\u{e0100}\u{e0101}', '城\u{e0100}\\u{e0101}'],
      ['a\u{e0100}', 'a\\u{e0100}'],
      ['क्\u200d\u200d', 'क्\u200d\\u200d'],
    ] as const)
      assert.equal(visible(text), shown);
  });

  it('has at most five marks on a letter', () => {
    const stacked = visible(`a${'\u0301'.repeat(200)}b`);
    assert.equal(stacked, `a${'\u0301'.repeat(5)}${'\\u0301'.repeat(195)}b`);
    assert.equal(visible(stacked), stacked);
  });

  it('has a bounded length, and never ends within a character', () => {
    assert.equal(inert('x'.repeat(5000)).length, 1001);
    assert.equal(inert(`${'x'.repeat(9)}👩`, 10), `${'x'.repeat(9)}…`);
  });

  it('is processed quickly, however long', () => {
    for (const piece of [
      ' ',
      '\t',
      '\n ',
      ' \r',
      '](',
      '\u200b',
      '$(',
      '\u0301',
      '👩\u200d',
      'क्\u200d',
      '\ufe0f',
      'ا\u200c',
    ]) {
      const before = performance.now();
      visible(piece.repeat(200_000));
      assert.ok(performance.now() - before < 5000, JSON.stringify(piece));
    }
  });

  it('replaces errors before they reach a view', () => {
    const error = Object.assign(new Error('No [a](command:b)'), { help: 'See [c](command:d)' });
    const inertOne = inertError(error);
    assert.equal(inertOne, error);
    assert.equal(error.message, 'No [a] (command:b)');
    assert.equal(error.help, 'See [c] (command:d)');
  });
});
