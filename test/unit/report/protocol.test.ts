import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { markdownOf, percent, reportOf, type AudienceReport } from '../../../src/endpoints/report/report.ts';
import { readFromPage, readToPage } from '../../../src/pages/report/pageProtocol.ts';

describe("The report's page and the program around it", () => {
  it('understand what each of them may say', () => {
    for (const said of [
      { kind: 'ready' },
      { kind: 'again' },
      { kind: 'cancel' },
      { kind: 'file', file: 0 },
      { kind: 'open', file: 0, rule: 2, place: 9 },
      { kind: 'rule', code: 'id-duplicate' },
      { kind: 'export', format: 'json' },
    ]) {
      assert.deepEqual(readFromPage(said), said);
    }
    const page = { tag: 'main', children: ['text', { tag: 'p', attributes: { class: 'x' } }] };
    assert.ok(readToPage({ kind: 'show', page, state: {} }));
    assert.ok(readToPage({ kind: 'progress', done: 1, total: 2 }));
  });

  it('leave alone what neither says', () => {
    for (const said of [
      undefined,
      null,
      'again',
      {},
      { kind: 'open', file: 0, rule: 0 },
      { kind: 'open', file: -1, rule: 0, place: 0 },
      { kind: 'open', file: '0', rule: 0, place: 0 },
      { kind: 'file', file: 1.5 },
      { kind: 'rule', code: 7 },
      { kind: 'export', format: 'html' },
      { kind: 'evaluate' },
    ]) {
      assert.equal(readFromPage(said), undefined, JSON.stringify(said));
    }
    for (const page of [
      { tag: 'script' },
      { tag: 'iframe' },
      { tag: 'p', attributes: { onclick: 'x' } },
      { tag: 'p', attributes: { style: 'x' } },
      { tag: 'p', attributes: { src: 'x' } },
      { tag: 'div', children: [{ tag: 'img' }] },
      { tag: 'div', children: [7] },
    ]) {
      assert.equal(readToPage({ kind: 'show', page, state: {} }), undefined, JSON.stringify(page));
    }
    assert.equal(readToPage({ kind: 'progress', done: 'x', total: 1 }), undefined);
  });
});

describe('A report', () => {
  it('writes no share as 0 % or 100 % that is not', () => {
    assert.equal(percent(0, 10), '0 %');
    assert.equal(percent(10, 10), '100 %');
    assert.equal(percent(1, 10_000), '< 0.1 %');
    assert.equal(percent(9_999, 10_000), '> 99.9 %');
    assert.equal(percent(1, 3), '33.3 %');
    assert.equal(percent(0, 0), '–');
  });

  it('holds no name of a column that looks like an address', () => {
    for (const name of ['ada@example.com', '4915112345678', '+1 (206) 555-0100']) {
      const report = reportWith(name);
      const texts = [markdownOf(report), JSON.stringify(report.profile.attributes.map(({ path }) => path))];
      for (const text of texts)
        assert.doesNotMatch(
          text.replaceAll(`${name}.csv`, ''),
          /## Attributes\.(ada|49|\+1)|\.(ada@|4915|\+1 )/,
        );
      assert.match(texts[1]!, /Attributes\.\(name left out\)/);
    }
  });

  it('is Markdown in which names and values are text, wherever they are: no link, image, markup or further line', () => {
    const hostile = [
      '[Fix all](command:runCommands?%7B%7D)',
      '[[a](command:x)](command:y "t")',
      '[a][b]\n\n[b]: command:x',
      '![p](https://evil.example/p.png)',
      '<img src=https://evil.example/p.png>',
      '<https://evil.example>',
      'https://evil.example file:///etc/passwd vscode://a.b/c www.evil.example mailto:a@b.example ada@b.example',
      'x\n\n# Forged\n\n- item\n| a | b |\n---',
      '`code` **b** _i_ ~~s~~ $x$ &lt; a|b \\[a\\](command:x) \\',
      '\u202e\u200b\u001b[31m',
      '](command:x)[',
      '_https://x.example é_file:///etc 1vscode://a.b/c a_www.x.example _mailto:a@b.example',
    ];
    for (const text of [...hostile, hostile.join(' ')]) {
      const markdown = markdownOf(reportWith(text));
      const lines = markdown.split('\n').map((line) => line.replace(/\\[!-/:-@[-`{-~]/g, '·'));
      // What may be an address is named neither as a column nor as a value.
      const like = markdownOf(reportWith(text.includes('@') ? 'x@x' : 'x'));
      assert.equal(lines.length, like.split('\n').length, text);
      for (const line of lines) {
        assert.match(line, /^(#{1,3} |\||≈|Counted|No problems|Users|And |$)/, line);
        assert.doesNotMatch(line.replace(/^#{1,3} /, ''), /[<>[\]`*_#&~$@]|\]\(/, line);
        assert.doesNotMatch(line, /[a-z]:\/\/|www\.|mailto:/i, line);
        assert.doesNotMatch(line, /[\p{Cc}\u202e\u200b]/u, line);
      }
    }
    for (let code = 0x20; code < 0x7f; code++) {
      const before = String.fromCharCode(code);
      const markdown = markdownOf(reportWith(`${before}https://evil.example ${before}www.evil.example`));
      assert.doesNotMatch(markdown, /:\/\/|www\./, before);
    }
    assert.match(markdownOf(reportWith('Ada (2) – Zoë, 50 %')), /## Attributes\.Ada \(2\) – Zoë, 50 %\n/);
  });
});

function attributeWith(path: string, text: string) {
  return {
    path,
    filled: 5,
    values: 5,
    longest: 1,
    near: 0,
    over: 0,
    hashes: new BigUint64Array([1n]),
    counts: new Uint32Array([5]),
    texts: [text],
    registers: undefined,
    numbers: { count: path.startsWith('Metrics') ? 5 : 0, min: undefined, max: undefined, sum: 0n },
  };
}

/** A report in which a text is the name of the files, of a column, of a metric, and a value. */
function reportWith(text: string): AudienceReport {
  const statistics = {
    records: 5,
    left: [],
    unnamed: false,
    users: undefined,
    attributes: [attributeWith(`Attributes.${text}`, text), attributeWith(`Metrics.${text}`, text)],
  };
  const result = {
    type: 'csv',
    bytes: 1,
    records: 5,
    errors: 0,
    warnings: 0,
    infos: 0,
    counts: {},
    truncated: false,
    issues: [],
    statistics,
  } as const;
  const file = (path: string) => ({ path, bytes: 1, modified: 1, packed: false, result });
  return reportOf([file(`/tmp/${text}.csv`), file('/tmp/b.csv')], new Date(0));
}
