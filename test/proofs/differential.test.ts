import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { describe, it } from 'mocha';
import { attributeOf } from '../../src/endpoints/model/attributes.ts';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import { csvText, needsQuotes, quoted } from '../support/csvText.ts';
import { EditorLines } from '../support/editorLines.ts';
import { toNdjson, validEndpoints } from '../support/endpointFiles.ts';
import type { Endpoint } from '../support/endpointFiles.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { read } from './readers.ts';
import type { ReadRecord } from './readers.ts';
import { proof } from './seeds.ts';

const rounds = Math.ceil(proof.files / 20);

/** What a record is, for either reader: the lines it is on and its values by column. */
interface Row {
  readonly line: number;
  readonly endLine: number;
  /** Nothing at all: an empty line. */
  readonly blank: boolean;
  readonly values: readonly string[];
}

describe('The CSV reader and csv-parse', function () {
  this.timeout(600_000);

  it(`see the same records and the same values in ${rounds} files with quotes, blanks, breaks and tabs`, () => {
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const columns = 2 + random.int(4);
      const content = randomCsv(random, columns);
      const expected = rowsOfCsvParse(content);
      const { records, issues } = read(content, 'csv');

      const context = `PROOF_SEED=${seed}: ${JSON.stringify(content)}`;
      const whole = expected.filter(({ values }) => values.length === columns);
      const blank = expected.filter((row) => row.blank);
      const others = expected.filter((row) => !whole.includes(row) && !blank.includes(row));
      assert.deepEqual(seen(records, columns), seenIn(whole), context);
      assert.deepEqual(
        rowsOf(issues, 'csv-column-count', expected),
        others.map(({ line }) => line),
        context,
      );
      assert.deepEqual(
        rowsOf(issues, 'csv-blank-line', expected),
        blank.map(({ line }) => line),
        context,
      );
      assert.deepEqual(rowsOf(issues, 'csv-quote', expected), [], context);
    }
  });

  it('continue at the same record after a quote in an unquoted value', () => {
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const content = randomCsv(random, 3, { strayQuotes: true });
      const expected = rowsOfCsvParse(content, { relax_quotes: true });
      const { records, issues } = read(content, 'csv');
      // On purpose: the values of such a record aren't validated, because their ends are unknowable.
      const given = rowsOf(issues, 'csv-quote', expected);
      assert.deepEqual(
        seen(records, 3),
        seenIn(expected.filter(({ line, values }) => values.length === 3 && !given.includes(line))),
        `PROOF_SEED=${seed}: ${JSON.stringify(content)}`,
      );
    }
  });

  it('differ on purpose if a quote is open and the next line is a complete record', () => {
    // csv-parse reads to the end of the file and loses everything after a forgotten quote.
    const content = 'Id,Attributes.Note\n1,"forgotten\n2,second\n3,third\n';
    assert.throws(() => parse(content), /Quote Not Closed/);
    const { records, issues } = read(content, 'csv');
    assert.deepEqual(
      records.map(({ line }) => line),
      [3, 4],
    );
    assert.deepEqual(
      issues
        .filter(({ code }) => code.startsWith('csv-'))
        .map(({ line, column, code }) => ({ line, column, code })),
      [{ line: 2, column: 3, code: 'csv-quote' }],
    );
  });

  it('differ on purpose if a quoted value is longer than an endpoint may be', () => {
    const content = `Id,Attributes.Note\n1,"${'x\n'.repeat(8000)}y"\n2,second\n`;
    assert.equal(rowsOfCsvParse(content).length, 2);
    const { issues } = read(content, 'csv');
    assert.equal(issues[0]!.code, 'csv-quote');
    assert.deepEqual([issues[0]!.line, issues[0]!.column], [2, 3]);
  });
});

type Seen = Pick<Row, 'line' | 'values'>;

function seenIn(rows: readonly Row[]): Seen[] {
  return rows.map(({ line, values }) => ({ line, values }));
}

function seen(records: readonly ReadRecord[], columns: number): Seen[] {
  return records.map(({ line, values }) => {
    const row = Array<string>(columns).fill('');
    for (const { columnIndex, value } of values) row[columnIndex] = value;
    return { line, values: row };
  });
}

/** The lines on which the records begin that have a finding of this code, wherever in the record it is. */
function rowsOf(issues: readonly Finding[], code: RuleCode, rows: readonly Row[]): number[] {
  return issues
    .filter((issue) => issue.code === code)
    .map((issue) => rows.find(({ line, endLine }) => issue.line >= line && issue.line <= endLine)!.line);
}

function rowsOfCsvParse(content: string, options: { relax_quotes?: boolean } = {}): Row[] {
  const rows = parse(content, {
    // Here, a lone carriage return doesn't end a record: it is a line break in a value.
    record_delimiter: ['\n', '\r\n'],
    relax_column_count: true,
    info: true,
    ...options,
  }) as unknown as { readonly record: string[]; readonly info: { readonly bytes: number } }[];
  const bytes = Buffer.from(content);
  // Offsets count bytes.
  const lines = new EditorLines(bytes.toString('latin1'));
  let end = 0;
  return rows
    .map(({ record, info }) => {
      const start = end;
      end = info.bytes;
      return {
        line: lines.lineOf(start),
        endLine: lines.lineOf(Math.max(start, end - 1)),
        blank: /^\r?\n?$/.test(bytes.toString('utf8', start, end)),
        values: record,
      };
    })
    .slice(1);
}

const signs = Array.from('abcxyz  ,,"";|éж中😀\t\r\'.-');

/**
 * A CSV file of random cells, well-formed except for optional stray quotes. Text after a quoted line break neither starts with
 * a quote nor contains a comma, so that none of its lines looks like a complete record (see the intended differences).
 */
function randomCsv(random: Random, columns: number, { strayQuotes = false } = {}): string {
  const cell = (): string => {
    const value = random.text(signs, random.int(8));
    if (random.chance(0.1)) {
      const breaks = Array.from(
        { length: 1 + random.int(2) },
        () => random.pick(['\n', '\r\n']) + random.text(['a', 'é', ' '], 1 + random.int(4)),
      );
      return quoted(value.replaceAll('"', "'") + breaks.join(''));
    }
    return needsQuotes(value) || random.chance(0.2) ? quoted(value) : value;
  };
  const rows = Array.from({ length: 1 + random.int(8) }, () => {
    if (random.chance(0.05)) return [];
    const count = random.chance(0.1) ? 1 + random.int(columns + 2) : columns;
    const cells = Array.from({ length: count }, cell);
    // In the last cell, so that the whole record is read before it is abandoned.
    if (strayQuotes && random.chance(0.2)) cells[count - 1] = `a${random.pick(['"', '""', '"b', ' "'])}`;
    return cells;
  });
  return csvText({
    bom: false,
    separator: ',',
    rows: [Array.from({ length: columns }, (_, column) => `Attributes.c${column}`), ...rows],
    lineEnd: random.pick(['\n', '\r\n'] as const),
    lastLineEnd: random.chance(0.8),
  });
}

describe('The NDJSON reader and JSON.parse', function () {
  this.timeout(600_000);

  it(`see the same values in ${rounds} files of endpoints`, () => {
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const { text } = toNdjson(validEndpoints(random, { users: true, records: 6 }), random);
      const { records, issues } = read(text, 'ndjson');
      assert.deepEqual(issues, [], `PROOF_SEED=${seed}`);
      assert.deepEqual(
        records.map(({ values }) => inOrder(values.map(({ name, value }) => [name, value]))),
        text
          .trim()
          .split('\n')
          .map((line) => inOrder(flat(JSON.parse(line) as Json))),
        `PROOF_SEED=${seed}: ${JSON.stringify(text)}`,
      );
    }
  });

  it(`agree on what is JSON, line by line, in ${rounds} files with a few characters changed`, () => {
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const lines = changedLines(random, validEndpoints(random, { users: true, records: 4 }));
      const { issues } = read(`${lines.join('\n')}\n`, 'ndjson');
      for (const [at, { text, first, last }] of placed(lines).entries()) {
        const codes = issues.filter(({ line }) => line >= first && line <= last).map(({ code }) => code);
        const context = `PROOF_SEED=${seed}, line ${at + 1}: ${JSON.stringify(text)}`;
        // On purpose: an empty line isn't JSON, but has its own code.
        if (/^[ \t\r]*$/.test(text)) assert.deepEqual(codes, ['json-blank-line'], context);
        else {
          const parsed = parsedJson(text);
          assert.equal(codes.includes('json-syntax'), 'error' in parsed, context);
          if ('value' in parsed) {
            const isObject =
              typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value);
            assert.equal(codes.includes('json-not-object'), !isObject, context);
          }
        }
      }
    }
  });

  it('agree on where a line stops being JSON, as far as JSON.parse reports it', () => {
    let compared = 0;
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const lines = changedLines(random, validEndpoints(random, { records: 4 }));
      const { issues } = read(`${lines.join('\n')}\n`, 'ndjson');
      const shown = placed(lines);
      for (const issue of issues.filter(({ code }) => code === 'json-syntax')) {
        const { text, place } = shown.find(({ last }) => issue.line <= last)!;
        const expected = placeOfError(text);
        if (expected === undefined) continue;
        compared++;
        const { line, column } = issue;
        assert.deepEqual({ line, column }, place(expected), `PROOF_SEED=${seed}: ${JSON.stringify(text)}`);
      }
    }
    assert.ok(compared > rounds / 2, `Compared only ${compared} places`);
  });
});

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Paths and values as the reader gives them: numbers as they are written, empty strings as values. */
function flat(value: Json, path = ''): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item) => flat(item, path));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) =>
      flat(inner, path === '' ? name : `${path}.${name}`),
    );
  return [[path, attributeOf(path)?.type === 'number' ? String(Number(value)) : String(value)]];
}

function inOrder(values: readonly (readonly [string, string])[]): string[] {
  return values
    .map(([path, value]) => `${path}=${attributeOf(path)?.type === 'number' ? String(Number(value)) : value}`)
    .sort();
}

/** Lines of NDJSON, some with characters removed, put in or doubled, so that some are no JSON any more. */
function changedLines(random: Random, endpoints: readonly Endpoint[]): string[] {
  const base = toNdjson(endpoints, random).lines;
  const extra = [
    '1',
    '"x"',
    '[1,2]',
    'null',
    'true',
    ' ',
    '',
    '{}',
    '{"a":{"b":[{"c":null}]}}',
    '-0.5e+10',
    '[[[]]]',
    '{"":0}',
  ];
  const inserted = Array.from('{}[]:,"\\0 1-.eE+tfnu\t\r\u0000\u0001é😀\uFEFF\u00A0\u2028/\'');
  const changed = Array.from({ length: 12 }, () => {
    let text = random.chance(0.1) ? random.pick(extra) : random.pick(base);
    for (let change = random.int(3); change > 0; change--) {
      const at = random.int(text.length + 1);
      const behind = random.pick([0, 1, 1, 2, random.int(10)]);
      const between = random.pick(['', random.pick(inserted), text.slice(at, at + 3)]);
      text = text.slice(0, at) + between + text.slice(at + behind);
    }
    // A lone surrogate can't be written as UTF-8.
    return Buffer.from(text).toString();
  });
  // After a valid line: an invalid first line can mean that the file isn't NDJSON at all.
  return ['{"Id":"1"}', ...changed];
}

interface PlacedLine {
  readonly text: string;
  /** The lines that an editor shows it on: a carriage return inside ends one for it. */
  readonly first: number;
  readonly last: number;
  readonly place: (offset: number) => { readonly line: number; readonly column: number };
}

function placed(lines: readonly string[]): PlacedLine[] {
  const shown = new EditorLines(`${lines.join('\n')}\n`);
  let end = 0;
  return lines.map((text) => {
    const start = end;
    end += text.length + 1;
    return {
      text,
      first: shown.lineOf(start),
      last: shown.lineOf(end - 1),
      place: (offset) => shown.placeOf(start + offset),
    };
  });
}

function parsedJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: (error as SyntaxError).message };
  }
}

/** Where JSON.parse stopped; `undefined` where its message does not tell. */
function placeOfError(text: string): number | undefined {
  const parsed = parsedJson(text);
  if (!('error' in parsed)) return undefined;
  // Here, a final carriage return is part of the line ending.
  const end = text.replace(/\r$/, '').length;
  if (parsed.error === 'Unexpected end of JSON input') return end;
  const place = /at position (\d+)/.exec(parsed.error);
  return place === null ? undefined : Math.min(end, Number(place[1]));
}
