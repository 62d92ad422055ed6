import { AudienceError } from '../../errors.ts';
import type { Line } from './textLines.ts';
import { maxRecordBytes, tooLong } from './textLines.ts';
import { maxColumns } from './memberNames.ts';
import type { Source } from './source.ts';

/** One row of a CSV file, as its text and the places of its cells. Valid until the next row is read. */
export interface CsvRow {
  /** Where it begins, 1-based. */
  readonly line: number;
  /** Its lines, joined by line feeds, without the last line's. */
  readonly text: string;
  /** False where the file ends without a line feed. */
  readonly ended: boolean;
  /** Number of cells, 1 at least. */
  readonly cells: number;
  /** Holds nothing, not even a comma or a quote. */
  readonly blank: boolean;
  /** A quote stands inside an unquoted cell, or text behind a closing quote: it is taken as it stands. */
  readonly misquoted: boolean;
  /** The text of a cell as it stands, with its quotes. */
  raw(cell: number): string;
  /** The value of a cell. */
  value(cell: number): string;
  /** What follows the last cell: a carriage return or nothing. */
  readonly rest: string;
}

/**
 * Puts lines together to rows (RFC 4180), line by line: a row ends at a line's end unless a quote is open there.
 * Every character is looked at once, however many lines a row has.
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
  /** Lines of a row whose quote is open; offsets of cells count from the first one's start. */
  #lines: string[] = [];
  #length = 0;
  #open = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Takes the next line; the row where it ends there, `undefined` where it goes on. Throws `bad-input` for one that is too long. */
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

  /** Says that there are no more lines. Throws `bad-input` where a quote is still open. */
  finish(): void {
    if (!this.#open) return;
    throw new AudienceError(
      'bad-input',
      `A quote in the record that begins in line ${this.line} of ${this.#source.name} is never closed`,
      { help: 'Close it, or double it where it belongs to the value.' },
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
        at = behindClosingQuote(text, at);
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

/** The offset behind the quote that closes a value, -1 where none does. A doubled quote is a quote in the value. */
function behindClosingQuote(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    if (text.charCodeAt(quote + 1) !== 34) return quote + 1;
    at = quote + 2;
  }
}

function unquoted(raw: string): string {
  const end = behindClosingQuote(raw, 1);
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
