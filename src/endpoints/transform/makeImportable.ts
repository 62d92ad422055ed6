import { AudienceError } from '../../errors.ts';
import { responseOnly } from '../model/attributes.ts';
import type { CsvRow } from './csvRow.ts';
import { CsvRows } from './csvRow.ts';
import { JsonReader } from './jsonText.ts';
import type { Line } from './textLines.ts';
import { readLines } from './textLines.ts';
import type { Notes } from './notes.ts';
import { atLine, isBlank } from './jsonPlace.ts';
import type { Source } from './source.ts';
import type { Run, TransformOptions, TransformReport } from './transform.ts';
import { extensionOf, transform, withoutExtension, withoutRecords } from './transform.ts';

const dropped = new Set(responseOnly.map(({ path }) => path));

/**
 * Makes an export importable: unpacks it, and removes export-only members (User Guide, Importing segments) and a byte
 * order mark.
 *
 * Everything else stays byte for byte, even what an import may reject, and an empty `User`, which exports write for
 * endpoints without a user and AWS doesn't mention. The report counts the removed members by name.
 * Rejects like `transform`.
 */
export function makeImportable(options: TransformOptions): Promise<TransformReport> {
  return transform(options, (source) => ({
    kind: 'make-importable',
    passes: () => 1,
    target: `${withoutExtension(source.path)}.importable${extensionOf(source)}`,
    work,
  }));
}

async function work({ source, notes, next }: Run): Promise<void> {
  const file = await next();
  const cleaner = source.type === 'csv' ? new CsvCleaner(source, notes) : new JsonCleaner(source, notes);
  for await (const lines of readLines(source, 'latin1')) {
    let text = '';
    for (const line of lines) text += cleaner.take(line);
    await file.write(text, 'latin1');
  }
  cleaner.finish();
  file.records = cleaner.records;
  if (file.records === 0) throw withoutRecords(source);
}

class JsonCleaner {
  records = 0;
  readonly #source: Source;
  readonly #notes: Notes;

  constructor(source: Source, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
  }

  take(line: Line): string {
    const end = line.ended ? '\n' : '';
    if (isBlank(line)) return line.text + end;
    this.records++;
    return this.#cleaned(line) + end;
  }

  finish(): void {
    // Every line is complete.
  }

  #cleaned(line: Line): string {
    const { text } = line;
    const members: { readonly key: string; readonly start: number; readonly end: number }[] = [];
    atLine(this.#source, line, 'latin1', () => {
      const json = new JsonReader(text);
      json.skipWhitespace();
      json.object((key, start) => {
        json.skip();
        members.push({ key, start, end: json.at });
      });
      json.finish();
    });
    if (!members.some(({ key }) => dropped.has(key))) return text;
    // The text between two kept members is kept, too.
    const isKept = ({ key }: { readonly key: string }): boolean => !dropped.has(key);
    const last = members.findLastIndex(isKept);
    let kept = text.slice(0, members[0]!.start);
    for (const [index, { key, start, end }] of members.entries()) {
      if (dropped.has(key)) this.#notes.add('response-only', line.number, key);
      else kept += text.slice(start, index < last ? members[index + 1]!.start : end);
    }
    return kept + text.slice(members[members.length - 1]!.end);
  }
}

class CsvCleaner {
  records = 0;
  readonly #source: Source;
  readonly #notes: Notes;
  readonly #rows: CsvRows;
  /** By cell: the name of the column if it is removed. */
  #header: readonly (string | undefined)[] | undefined;

  constructor(source: Source, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
    this.#rows = new CsvRows(source);
  }

  /** The output for this line: nothing if its row continues on the next one. */
  take(line: Line): string {
    const row = this.#rows.take(line);
    if (row === undefined) return '';
    const end = row.ended ? '\n' : '';
    if (this.#header === undefined) this.#header = this.#readHeader(row);
    else if (row.blank) return row.text + end;
    else {
      this.records++;
      for (const [cell, name] of this.#header.entries()) {
        if (name !== undefined && cell < row.cells && row.raw(cell) !== '') {
          this.#notes.add('response-only', row.line, name);
        }
      }
    }
    return this.#cleaned(row, this.#header) + end;
  }

  finish(): void {
    this.#rows.finish();
  }

  #readHeader(row: CsvRow): readonly (string | undefined)[] {
    const names = Array.from({ length: row.cells }, (_, cell) => row.value(cell).trim());
    const header = names.map((name) => (dropped.has(name) ? name : undefined));
    if (header.every((name) => name !== undefined)) {
      throw new AudienceError('bad-input', `${this.#source.name} has no importable columns`, {
        help: 'Check that it is the right file.',
      });
    }
    return header;
  }

  #cleaned(row: CsvRow, header: readonly (string | undefined)[]): string {
    if (!header.some((name) => name !== undefined)) return row.text;
    const kept: string[] = [];
    for (let cell = 0; cell < row.cells; cell++) if (header[cell] === undefined) kept.push(row.raw(cell));
    // An empty line wouldn't count as a row.
    return (kept.join(',') || '""') + row.rest;
  }
}
