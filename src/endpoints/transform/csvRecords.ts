import { AudienceError } from '../../errors.ts';
import type { CsvRow } from './csvRow.ts';
import { CsvRows } from './csvRow.ts';
import type { Line } from './textLines.ts';
import type { Name } from './memberNames.ts';
import { nameOf } from './memberNames.ts';
import type { Notes } from './notes.ts';
import type { EndpointRecord } from './endpointRecord.ts';
import { fitting, noteStatus } from './endpointRecord.ts';
import type { Source } from './source.ts';

/** A column of a CSV file. */
export interface Column {
  readonly name: Name;
  /** Its cells: one, unless the column is repeated. */
  readonly cells: readonly number[];
}

/** Turns the lines of a CSV file into records. */
export class CsvTable {
  readonly #source: Source;
  readonly #notes: Notes;
  readonly #rows: CsvRows;
  #columns: readonly Column[] | undefined;
  #width = 0;
  #unnamed: readonly number[] = [];

  constructor(source: Source, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
    this.#rows = new CsvRows(source);
  }

  /** One per name, in header order; `undefined` until the header has been read. */
  get columns(): readonly Column[] | undefined {
    return this.#columns;
  }

  /** The records that end in these lines, read lazily. Throws `bad-input` if the header isn't separated by commas. */
  *take(lines: Iterable<Line>): Generator<EndpointRecord> {
    for (const line of lines) {
      const row = this.#rows.take(line);
      if (row === undefined) continue;
      if (this.#columns === undefined) this.#columns = this.#readHeader(row);
      else if (row.blank) this.#notes.add('blank-line', row.line);
      else yield this.#record(row, this.#columns);
    }
  }

  /** Ends the input. Throws `bad-input` if there was no header or a quote is still open. */
  finish(): void {
    this.#rows.finish();
    if (this.#columns !== undefined) return;
    throw new AudienceError('bad-input', `${this.#source.name} is empty: a CSV file starts with a header`, {
      help: 'Check that it is the right file, and that the program that wrote it finished.',
    });
  }

  #readHeader(header: CsvRow): readonly Column[] {
    const columns = new Map<string, { name: Name; cells: number[] }>();
    const unnamed: number[] = [];
    this.#width = header.cells;
    if (header.misquoted) this.#notes.add('quote-misplaced', header.line);
    for (let cell = 0; cell < header.cells; cell++) {
      const name = this.#nameOfColumn(header.value(cell), header.line);
      const column = columns.get(name.path);
      if (name.path === '') unnamed.push(cell);
      else if (column !== undefined) column.cells.push(cell);
      else columns.set(name.path, { name, cells: [cell] });
    }
    this.#unnamed = unnamed;
    const list = [...columns.values()].map(({ name, cells }) =>
      // A repeated unknown column can only mean several values.
      name.status === 'unknown' && cells.length > 1
        ? { name: { ...name, type: 'strings' as const }, cells }
        : { name, cells },
    );
    if (/\r[^\r]/.test(header.text) && !header.text.includes('"')) {
      throw new AudienceError('bad-input', `The lines of ${this.#source.name} end in carriage returns only`, {
        help: 'Save the file with LF or CRLF line endings.',
      });
    }
    const only = list[0];
    if (list.length === 1 && only?.name.status === 'unknown' && /[;\t|]/.test(only.name.path)) {
      throw new AudienceError('bad-input', `The header of ${this.#source.name} isn't separated by commas`, {
        help: 'Save the file with commas between columns.',
      });
    }
    return list;
  }

  /** Spaces around a supported attribute's name are a mistake; around any other name they may be part of it. */
  #nameOfColumn(text: string, line: number): Name {
    const name = nameOf(text);
    const trimmed = text.trim();
    if (name.status !== 'unknown' || trimmed === text) return name;
    const meant = nameOf(trimmed);
    if (meant.status === 'unknown' && trimmed !== '') return name;
    if (trimmed !== '') this.#notes.add('header-blanks', line, trimmed);
    return meant;
  }

  #record(row: CsvRow, columns: readonly Column[]): EndpointRecord {
    const values = new Map<string, readonly string[]>();
    for (const { name, cells } of columns) {
      if (cells.length === 1) {
        const value = cells[0]! < row.cells ? row.value(cells[0]!) : '';
        if (value !== '') values.set(name.path, [value]);
      } else {
        const several = cells.flatMap((cell) => (cell < row.cells ? row.value(cell) : '') || []);
        if (several.length > 0) values.set(name.path, fitting(name, several, row.line, this.#notes));
      }
      if (name.status !== 'supported' && values.has(name.path)) noteStatus(name, row.line, this.#notes);
    }
    this.#noteLosses(row);
    return { line: row.line, values };
  }

  #noteLosses(row: CsvRow): void {
    if (row.misquoted) this.#notes.add('quote-misplaced', row.line);
    if (row.cells < this.#width) this.#notes.add('row-short', row.line);
    for (let cell = this.#width; cell < row.cells; cell++) {
      if (row.value(cell) !== '') this.#notes.add('cell-surplus', row.line);
    }
    for (const cell of this.#unnamed) {
      if (cell < row.cells && row.value(cell) !== '') this.#notes.add('column-unnamed', row.line);
    }
  }
}
