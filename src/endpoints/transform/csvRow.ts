import { AudienceError } from '../../errors.ts';
import type { Line } from './textLines.ts';
import { maxRecordBytes, tooLong } from './textLines.ts';
import { maxColumns } from './memberNames.ts';
import type { Source } from './source.ts';

/** One row of a CSV file: its text and the offsets of its cells. Valid until the next row is read. */
export interface CsvRow {
  /** The 1-based line in which it starts. */
  readonly line: number;
  /** Its lines, joined by line feeds, without the final line feed. */
  readonly text: string;
  /** False if the file ends without a line feed. */
  readonly ended: boolean;
  /** Number of cells, at least 1. */
  readonly cells: number;
  /** True if the row is empty: not even a comma or a quote. */
  readonly blank: boolean;
  /** True if an unquoted cell contains a quote, or text follows a closing quote: the cell is kept as it is. */
  readonly misquoted: boolean;
  /** The raw text of a cell, with its quotes. */
  raw(cell: number): string;
  /** The value of a cell. */
  value(cell: number): string;
  /** What follows the last cell: a carriage return or nothing. */
  readonly rest: string;
}

/**
 * Assembles rows from lines (RFC 4180): a row ends with its line unless a quote is open.
 * Each character is read once, however many lines a row has.
 */
export class CsvRows implements CsvRow {
  line = 0;
  text = '';
  ended = true;
  cells = 0;
  misquoted = false;
  readonly #source: Source;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Lines of a row whose quote is open; cell offsets count from the start of the first line. */
  #lines: string[] = [];
  #length = 0;
  #open = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Takes the next line and returns the row if it ends there. Throws `bad-input` if the row is too long. */
  take(line: Line): CsvRow | undefined {
    if (!this.#open) {
      this.line = line.number;
      this.cells = 0;
      this.misquoted = false;
      this.#length = 0;
    }
    this.#scan(line.text);
    this.#length += line.text.length + 1;
    if (this.#open) {
      this.#lines.push(line.text);
      if (this.#length > maxRecordBytes) throw tooLong(this.#source, this.line);
      return undefined;
    }
    this.ended = line.ended;
    this.text = this.#lines.length === 0 ? line.text : [...this.#lines, line.text].join('\n');
    this.#lines = [];
    return this;
  }

  /** Ends the input. Throws `bad-input` if a quote is still open. */
  finish(): void {
    if (!this.#open) return;
    throw new AudienceError(
      'bad-input',
      `Unclosed quote in the record that starts in line ${this.line} of ${this.#source.name}`,
      { help: 'Close it, or double it if it belongs to the value.' },
    );
  }

  get blank(): boolean {
    return this.text === '' || this.text === '\r';
  }

  get rest(): string {
    return this.text.slice(this.#ends[this.cells - 1]);
  }

  raw(cell: number): string {
    return this.text.slice(this.#starts[cell], this.#ends[cell]);
  }

  value(cell: number): string {
    const raw = this.raw(cell);
    return raw.startsWith('"') ? unquoted(raw) : raw;
  }

  #scan(text: string): void {
    const base = this.#length;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const hasQuote = text.includes('"');
    let at = 0;
    for (;;) {
      let quoted = this.#open;
      if (!quoted) {
        this.#starts[this.cells] = base + at;
        quoted = hasQuote && text.startsWith('"', at);
        if (quoted) at++;
      }
      if (quoted) {
        at = afterClosingQuote(text, at);
        this.#open = at < 0;
        if (this.#open) return;
      }
      const comma = text.indexOf(',', at);
      const cellEnd = comma < 0 ? Math.max(at, end) : comma;
      if (hasQuote && (quoted ? cellEnd > at : text.slice(at, cellEnd).includes('"'))) this.misquoted = true;
      this.#ends[this.cells++] = base + cellEnd;
      if (this.cells > maxColumns) throw tooWide(this.#source, this.line);
      if (comma < 0) return;
      at = comma + 1;
    }
  }
}

/** The offset after the quote that closes a value, or -1. A doubled quote is part of the value. */
function afterClosingQuote(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    if (text.charCodeAt(quote + 1) !== 34) return quote + 1;
    at = quote + 2;
  }
}

function unquoted(raw: string): string {
  const end = afterClosingQuote(raw, 1);
  return raw.slice(1, end - 1).replaceAll('""', '"') + raw.slice(end);
}

function tooWide(source: Source, line: number): AudienceError {
  return new AudienceError(
    'bad-input',
    `The record in line ${line} of ${source.name} has more than ${maxColumns} cells`,
    {
      help: 'Pinpoint takes 250 custom attributes in a project, of 50 values each. Check that this is a file of endpoints.',
    },
  );
}
