import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { markdownOf, percent, reportOf } from '../../../src/endpoints/report/report.ts';
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

  it('escapes in Markdown what names may hold', () => {
    const statistics = {
      records: 1,
      left: [],
      unnamed: false,
      users: undefined,
      attributes: [
        {
          path: 'Attributes.a|b\n<script>',
          filled: 1,
          values: 1,
          longest: 1,
          near: 0,
          over: 0,
          hashes: new BigUint64Array(1),
          counts: new Uint32Array(1),
          texts: [undefined],
          registers: undefined,
          numbers: { count: 0, least: 0, most: 0, sum: 0 },
        },
      ],
    };
    const result = {
      type: 'csv',
      bytes: 1,
      records: 1,
      errors: 0,
      warnings: 0,
      infos: 0,
      counts: {},
      truncated: false,
      issues: [],
      statistics,
    } as const;
    const report = reportOf(
      [{ path: '/tmp/x.csv', bytes: 1, modified: 1, packed: false, result }],
      new Date(0),
    );
    assert.match(markdownOf(report), /\| Attributes\.a\\\|b \\<script\\> \| 1 \|/);
  });
});
