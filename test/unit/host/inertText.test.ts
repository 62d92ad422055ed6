import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { inert, inertError, inertInDocument, visible } from '../../../src/host/inertText.ts';

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

describe('text that the window shows', () => {
  it('holds no link and no icon, and reads the same but for a space', () => {
    for (const text of hostile) {
      const shown = inert(text);
      assert.doesNotMatch(shown, linkedText, text);
      assert.doesNotMatch(shown, icon, text);
      assert.equal(shown.replaceAll(' ', ''), text.replace(/\s/g, ''), text);
    }
  });

  it('holds no address in documents, the log and terminals', () => {
    for (const text of hostile) assert.doesNotMatch(inertInDocument(text), address, text);
  });

  it('is left as it is where nothing in it could be more than text', () => {
    for (const text of ['Ada Lovelace (2)', '10 % [of] (all)', 'Zoë 👩‍👧 ไทย', 's3://bucket/key', 'a  b'])
      assert.equal(inertInDocument(text), text);
  });

  it('is one line in which every character can be seen', () => {
    assert.equal(visible('a\r\n b\u2028c\td'), 'a b c d');
    assert.equal(visible('\u001b[31m\u0007\u009b\u007f'), '\\u001b[31m\\u0007\\u009b\\u007f');
    assert.equal(visible('fdp.\u202evsc'), 'fdp.\\u202evsc');
    assert.equal(visible('\u2066a\u2069\u200e\u{e0041}\ud800'), '\\u2066a\\u2069\\u200e\\u{e0041}\\ud800');
    const rest = Array.from({ length: 0x3000 }, (_, code) => visible(String.fromCharCode(code)));
    assert.doesNotMatch(rest.join(''), /[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('has a bounded length, and no half of a character at its end', () => {
    assert.equal(inert('x'.repeat(5000)).length, 1001);
    assert.equal(inert(`${'x'.repeat(9)}👩`, 10), `${'x'.repeat(9)}…`);
  });

  it('is read in a moment, however long', () => {
    for (const piece of [' ', '\t', '\n ', ' \r', '](', '\u200b', '$(']) {
      const before = performance.now();
      visible(piece.repeat(200_000));
      assert.ok(performance.now() - before < 5000, JSON.stringify(piece));
    }
  });

  it('is made of errors that go to whoever shows them', () => {
    const error = Object.assign(new Error('No [a](command:b)'), { help: 'See [c](command:d)' });
    const inertOne = inertError(error);
    assert.equal(inertOne, error);
    assert.equal(error.message, 'No [a] (command:b)');
    assert.equal(error.help, 'See [c] (command:d)');
  });
});
