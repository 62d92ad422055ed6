import { AudienceError } from '../../errors.ts';
import type { CsvRow } from './csvRow.ts';
import { CsvRows } from './csvRow.ts';
import { JsonError, JsonReader, hasHalves, withoutHalves } from './json.ts';
import type { Encoding, Line } from './lines.ts';
import { readLines } from './lines.ts';
import type { Name } from './names.ts';
import { NameTable, holdsMembers, nameOf } from './names.ts';
import type { Notes } from './notes.ts';
import type { Source } from './source.ts';

/** An endpoint as its file describes it. */
export interface EndpointRecord {
  /** 1-based. */
  readonly line: number;
  /** Values by dotted path, one at least and none of them empty; numbers as they are written. What is absent, empty or null is not there. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * The records of a CSV or NDJSON file in batches, each to be gone through before the next. What a record cannot say in this form goes to `notes`.
 * Throws `bad-input` with the place for JSON that is none, a quote that is never closed, and what `readLines` throws.
 */
export async function* readRecords(source: Source, notes: Notes): AsyncGenerator<Iterable<EndpointRecord>> {
  const table = source.type === 'csv' ? new CsvTable(source, notes) : new JsonLines(source, notes);
  for await (const lines of readLines(source, 'utf8')) yield table.take(lines);
  table.finish();
}

/** A column of a CSV file. */
export interface Column {
  readonly name: Name;
  /** The cells that hold it: one, unless the column is repeated. */
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

  /** One a name, in the order of the header; `undefined` until that has been read. */
  get columns(): readonly Column[] | undefined {
    return this.#columns;
  }

  /** The records that end in these lines, read as they are asked for. Throws `bad-input` where the header is not parted by commas. */
  *take(lines: Iterable<Line>): Generator<EndpointRecord> {
    for (const line of lines) {
      const row = this.#rows.take(line);
      if (row === undefined) continue;
      if (this.#columns === undefined) this.#columns = this.#readHeader(row);
      else if (row.blank) this.#notes.add('blank-line', row.line);
      else yield this.#record(row, this.#columns);
    }
  }

  /** Says that there are no more lines. Throws `bad-input` where there was no header, or a quote is still open. */
  finish(): void {
    this.#rows.finish();
    if (this.#columns !== undefined) return;
    throw new AudienceError('bad-input', `${this.#source.name} is empty: a CSV file begins with a header`, {
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
      // A repeated column that nobody knows can only be meant as several values.
      name.standing === 'unknown' && cells.length > 1
        ? { name: { ...name, type: 'strings' as const }, cells }
        : { name, cells },
    );
    if (/\r[^\r]/.test(header.text) && !header.text.includes('"')) {
      throw new AudienceError(
        'bad-input',
        `The lines of ${this.#source.name} end in carriage returns alone`,
        {
          help: 'Save the file with line feeds at the ends of its lines.',
        },
      );
    }
    const only = list[0];
    if (list.length === 1 && only?.name.standing === 'unknown' && /[;\t|]/.test(only.name.path)) {
      throw new AudienceError('bad-input', `The header of ${this.#source.name} is not parted by commas`, {
        help: 'Save the file with commas between its columns.',
      });
    }
    return list;
  }

  /** Blanks around the name of a supported attribute are a slip; around any other name they may belong to it. */
  #nameOfColumn(text: string, line: number): Name {
    const name = nameOf(text);
    const trimmed = text.trim();
    if (name.standing !== 'unknown' || trimmed === text) return name;
    const meant = nameOf(trimmed);
    if (meant.standing === 'unknown' && trimmed !== '') return name;
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
      if (name.standing !== 'supported' && values.has(name.path)) note(name, row.line, this.#notes);
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

/** Turns the lines of an NDJSON file into records. */
class JsonLines {
  readonly #source: Source;
  readonly #notes: Notes;
  readonly #names = new NameTable();

  constructor(source: Source, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
  }

  *take(lines: Iterable<Line>): Generator<EndpointRecord> {
    for (const line of lines) {
      if (isBlank(line)) this.#notes.add('blank-line', line.number);
      else yield this.#record(line);
    }
  }

  finish(): void {
    // Every line is complete by itself.
  }

  #record(line: Line): EndpointRecord {
    const record = new JsonRecord(line, this.#names, this.#notes);
    atLine(this.#source, line, 'utf8', () => record.read());
    return record;
  }
}

export function isBlank(line: Line): boolean {
  return /^[ \t\r]*$/.test(line.text);
}

/** Reads one line of NDJSON. */
class JsonRecord implements EndpointRecord {
  readonly line: number;
  readonly values = new Map<string, readonly string[]>();
  readonly #json: JsonReader;
  readonly #names: NameTable;
  readonly #notes: Notes;

  constructor(line: Line, names: NameTable, notes: Notes) {
    this.line = line.number;
    this.#json = new JsonReader(line.text);
    this.#names = names;
    this.#notes = notes;
  }

  /** Throws `JsonError`. */
  read(): void {
    this.#json.blanks();
    this.#members('');
    this.#json.finish();
  }

  #members(prefix: string): void {
    let members = 0;
    this.#json.object((key) => {
      members++;
      const name = this.#names.get(prefix, key);
      if (prefix === '' && key.includes('.')) this.#note('member-dotted', name.path);
      if (this.#json.kind() === 'object' && holdsMembers(name.path)) this.#members(`${name.path}.`);
      else this.#member(name);
    });
    if (members === 0) this.#note('empty-object', prefix.slice(0, -1) || undefined);
  }

  #member(name: Name): void {
    const values: string[] = [];
    const isArray = this.#json.kind() === 'array';
    let elements = 0;
    let misfits = (name.type === 'strings') === isArray ? 0 : 1;
    const read = (): void => {
      elements++;
      if (!this.#value(name, values)) misfits++;
    };
    if (isArray) this.#json.array(read);
    else read();
    if (elements === 0) this.#note('empty-array', name.path);
    if (this.values.delete(name.path)) this.#note('member-repeated', name.path);
    if (values.length === 0) return;
    if (name.path === '') {
      this.#note('column-unnamed', undefined);
      return;
    }
    if (misfits > 0) this.#note('type', name.path);
    if (name.standing !== 'supported') note(name, this.line, this.#notes);
    // Several values of a name that nobody knows are kept, as columns can be repeated.
    const kept = name.standing === 'unknown' ? values : fitting(name, values, this.line, this.#notes);
    this.values.set(name.path, kept);
  }

  /** Reads one value of an attribute, and adds its text where it has one. False where its type is not the attribute's. */
  #value(name: Name, values: string[]): boolean {
    const kind = this.#json.kind();
    if (kind === 'object' || kind === 'array') {
      this.#json.skip();
      this.#note('nested', name.path);
      return true;
    }
    const text = kind === 'string' ? this.#json.string() : this.#json.scalar();
    if (kind === 'null') this.#note('null', name.path);
    else if (text === '') this.#note('empty-string', name.path);
    else values.push(this.#whole(text, name));
    return kind === 'null' || text === '' || kind === (name.type === 'number' ? 'number' : 'string');
  }

  #whole(text: string, name: Name): string {
    if (!hasHalves(text)) return text;
    this.#note('half-character', name.path);
    return withoutHalves(text);
  }

  #note(reason: Parameters<Notes['add']>[0], path: string | undefined): void {
    this.#notes.add(reason, this.line, path);
  }
}

/** The values that an attribute can take of those that a record gives it. */
function fitting(name: Name, values: readonly string[], line: number, notes: Notes): readonly string[] {
  if (name.type === 'strings' || values.length <= 1) return values;
  notes.add('values-surplus', line, name.path, values.length - 1);
  return values.slice(0, 1);
}

function note(name: Name, line: number, notes: Notes): void {
  notes.add(name.standing === 'unknown' ? 'unknown' : 'response-only-kept', line, name.path);
}

/** The way out for a JSON array, and for objects that are spread over several lines. */
export const toLinesFirst =
  'Turn the file into one object a line first, or validate it and correct it there.';

/** Does what reads a line of JSON; what is wrong with it becomes an error with the place. */
export function atLine<T>(source: Source, line: Line, encoding: Encoding, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const column = units(line.text.slice(0, error.offset), encoding) + 1;
    const isPretty = error.atEnd || line.text.trimStart().startsWith('[');
    throw noJson(source, line.number, column, error, isPretty ? toLinesFirst : undefined);
  }
}

/** The error of JSON that is none. */
export function noJson(
  source: Source,
  line: number,
  column: number,
  error: JsonError,
  help = 'Validate the file, and correct it there.',
): AudienceError {
  return new AudienceError(
    'bad-input',
    `Line ${line}, column ${column} of ${source.name} is no valid JSON: ${error.message}`,
    { help, cause: error },
  );
}

/** How many UTF-16 code units a text has once it is read as UTF-8: how editors count columns. */
export function units(text: string, encoding: Encoding): number {
  return encoding === 'utf8' ? text.length : Buffer.from(text, 'latin1').toString('utf8').length;
}
