import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTree, type Node } from 'jsonc-parser';
import { describe, it } from 'mocha';
import { attributeOf } from '../../src/endpoints/model/attributes.ts';
import { rule, ruleCodes } from '../../src/endpoints/rules/ruleTable.ts';
import { fileTypeOf, type FileType } from '../../src/endpoints/model/fileType.ts';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import { markdownOf, reportOf } from '../../src/endpoints/report/report.ts';
import { seeded } from '../support/random.ts';
import { root } from '../../tools/paths.ts';
import { defects } from './defects.ts';
import { validate } from '../unit/endpoints/validateContent.ts';

/*
 * Plants a marker in every cell, value, key and column name of files that break the rules, and searches all texts about them
 * for it. Messages go unchanged into Problems, the terminal, JSON, job records and the API; reports have their own texts.
 */

/** Found whatever is done to case, and however it is cut: in the ways that names and values look. */
const marker = 'qzx7';
const planted = [
  `${marker}@pii.example`,
  `+1 206 555 ${marker}`,
  `Attributes.${marker}`,
  `attributes.${marker}`,
  `EMAIL ${marker}`,
];

interface Spoilt {
  readonly type: FileType;
  readonly text: string;
  /** False if the marker stands where reports name it by design: in the name of an attribute. */
  readonly inReport: boolean;
}

const specs = join(root, 'test', 'specs');
const files: { readonly type: FileType; readonly text: string }[] = [
  ...readdirSync(specs).flatMap((code) =>
    readdirSync(join(specs, code))
      .filter((name) => !name.endsWith('.findings'))
      .map((name) => ({ type: fileTypeOf(name), text: readFileSync(join(specs, code, name), 'utf8') })),
  ),
  ...defects.flatMap((defect) =>
    defect.types.map((type) => ({
      type,
      text: new TextDecoder().decode(defect.make(seeded(7), type).wrong),
    })),
  ),
].filter(({ text }) => text.length < 4000);

/** True if the first line that isn't empty holds a supported name, whatever separates its cells. */
function isKnownHeader(text: string): boolean {
  const header = text.split('\n').find((line) => line.replace(/\r$/, '') !== '') ?? '';
  return header
    .split(/[,;\t|]/)
    .some((name) => attributeOf(name.replace(/["\ufeff]/g, '').trim()) !== undefined);
}

/** In each cell in turn, then without the header, and with a header that nobody knows. */
function* spoiltCsv(text: string, value: string): Generator<Spoilt> {
  const lines = text.split('\n');
  const cells = lines.map((line) => line.split(','));
  const withCell = (row: number, column: number, cell: string): string[][] =>
    cells.map((line, at) => (at === row ? line.map((old, index) => (index === column ? cell : old)) : line));
  const joined = (rows: readonly (readonly string[])[]): string =>
    rows.map((line) => line.join(',')).join('\n');
  const isHeaderRow = (rows: readonly (readonly string[])[], row: number): boolean =>
    row === rows.findIndex((line) => line.join(',').replace(/\r$/, '') !== '');
  for (const [row, line] of cells.entries()) {
    for (const [column, old] of line.entries()) {
      if (row > 3 || column > 8) break;
      for (const cell of [value, `${old}${value}`, `"${value}`, `"${value}"x`]) {
        const rows = withCell(row, column, cell);
        // Names in a recognized header may be quoted.
        if (isHeaderRow(rows, row) && isKnownHeader(joined(rows))) continue;
        yield { type: 'csv', text: joined(rows), inReport: true };
      }
    }
  }
  const unknown = [cells[0]!.map((_, index) => `${value}${index}`), ...cells.slice(1)];
  const noHeader = cells.slice(1).map((line) => line.map(() => value));
  for (const rows of [unknown, noHeader])
    if (!isKnownHeader(joined(rows))) yield { type: 'csv', text: joined(rows), inReport: true };
}

/** In each string and each name of each line in turn. */
function* spoiltNdjson(text: string, value: string): Generator<Spoilt> {
  const lines = text.split('\n');
  for (const [row, line] of lines.slice(0, 4).entries()) {
    const tree = parseTree(line);
    for (const node of tree ? stringsOf(tree) : []) {
      const isKey = node.parent?.type === 'property' && node.parent.children![0] === node;
      for (const put of [value, `${String(node.value)}${value}`]) {
        const spoilt =
          line.slice(0, node.offset) + JSON.stringify(put) + line.slice(node.offset + node.length);
        yield {
          type: 'ndjson',
          text: lines.map((other, at) => (at === row ? spoilt : other)).join('\n'),
          inReport: !isKey,
        };
      }
    }
    yield {
      type: 'ndjson',
      text: lines.map((old, at) => (at === row ? `{"${value}":1,${value}` : old)).join('\n'),
      inReport: true,
    };
  }
}

function stringsOf(node: Node): Node[] {
  return [...(node.type === 'string' ? [node] : []), ...(node.children ?? []).flatMap(stringsOf)].slice(
    0,
    40,
  );
}

function reportTexts(result: ValidationResult): string[] {
  const report = reportOf(
    [{ path: 'file', bytes: result.bytes, modified: 0, packed: false, result }],
    new Date(0),
  );
  return [markdownOf(report), JSON.stringify(report)];
}

describe('Row content', function () {
  this.timeout(300_000);

  it('is in no message and no report, wherever it is and whatever rule it breaks', async () => {
    const seen = new Set<string>();
    let texts = 0;
    for (const [index, { type, text }] of files.entries()) {
      const value = planted[index % planted.length]!;
      for (const spoilt of type === 'csv' ? spoiltCsv(text, value) : spoiltNdjson(text, value)) {
        texts++;
        const result = await validate(spoilt.text, spoilt.type, { statistics: spoilt.inReport });
        for (const { code, message } of result.issues) {
          seen.add(code);
          assert.ok(!message.toLowerCase().includes(marker), `${code}: ${message}\n${spoilt.text}`);
          assert.ok(message.length <= 120, `${code}, ${message.length} characters: ${message}`);
        }
        for (const said of spoilt.inReport ? reportTexts(result) : [])
          assert.ok(!said.toLowerCase().includes(marker), `${said}\n${spoilt.text}`);
      }
    }
    assert.ok(texts > 4000, String(texts));
    // Byte and size values that a short text can't have.
    const byBytes = [
      'file-encoding',
      'file-too-large',
      'file-mixed-formats',
      'record-too-large',
      'check-incomplete',
    ];
    assert.deepEqual(
      ruleCodes.filter((code) => !seen.has(code)),
      byBytes,
    );
  });

  it('is quoted only if the rule knows the value as a near-miss of a closed list', () => {
    const quoting = ruleCodes.filter((code) => rule(code).nearMiss !== undefined);
    assert.deepEqual(quoting, [
      'channel-type-unknown',
      'opt-out-unknown',
      'country-unknown',
      'country-alpha3',
      'locale-form',
      'timezone-unknown',
    ]);
    for (const code of quoting) {
      const { nearMiss } = rule(code);
      for (const value of [...planted, 'Ada', 'Ada Lovelace', '12065550100', 'SMS 12065550100', ''])
        assert.equal(nearMiss!(value), undefined, `${code}: ${value}`);
    }
  });

  it('is described by its length and kind', async () => {
    const messageOf = async (value: string): Promise<string | undefined> =>
      (await validate(`Id,OptOut,ChannelType\n1,${value},\n`, 'csv')).issues.find(
        ({ code }) => code === 'opt-out-unknown',
      )?.message;
    assert.equal(
      await messageOf('ada@example.com'),
      'Unknown OptOut: a 15-character value with an @. Expected: ALL or NONE.',
    );
    assert.equal(
      await messageOf('12065550'),
      'Unknown OptOut: an 8-character value of digits. Expected: ALL or NONE.',
    );
    assert.equal(
      await messageOf('Ada Lovelace'),
      'Unknown OptOut: a 12-character value with spaces. Expected: ALL or NONE.',
    );
    assert.equal(await messageOf('all'), 'Unknown OptOut "all". Did you mean ALL?');
  });
});
