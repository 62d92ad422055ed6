import { AudienceError } from '../../errors.ts';
import { hasLoneSurrogates, isJsonNumber, withoutLoneSurrogates } from './jsonText.ts';
import { readLines } from './textLines.ts';
import type { Name } from './memberNames.ts';
import { memberPath } from '../model/memberPaths.ts';
import { maxNumberLength, maxColumns } from './memberNames.ts';
import { Notes } from './notes.ts';
import type { Column } from './csvRecords.ts';
import { CsvTable } from './csvRecords.ts';
import type { EndpointRecord } from './endpointRecord.ts';
import { readRecords } from './recordBatches.ts';
import type { Run, TransformOptions, TransformReport } from './transform.ts';
import { transform, withoutExtension, withoutRecords } from './transform.ts';

/**
 * Converts CSV to NDJSON and NDJSON to CSV, record by record.
 *
 * Repeated columns are arrays, dots in names are nesting, empty cells are absent members, and numbers keep their digits.
 * The report notes what the other format can't express, and values that are kept although imports don't accept them.
 * NDJSON is read twice, because CSV needs its header first. Rejects like `transform`.
 */
export function convertFile(options: TransformOptions): Promise<TransformReport> {
  return transform(options, (source) =>
    source.type === 'csv'
      ? {
          kind: 'convert',
          passes: () => 1,
          target: `${withoutExtension(source.path)}.ndjson`,
          work: csvToNdjson,
        }
      : {
          kind: 'convert',
          passes: () => 2,
          target: `${withoutExtension(source.path)}.csv`,
          work: ndjsonToCsv,
        },
  );
}

async function csvToNdjson({ source, notes, next }: Run): Promise<void> {
  const table = new CsvTable(source, notes);
  const file = await next();
  let writer: JsonWriter | undefined;
  for await (const lines of readLines(source, 'utf8')) {
    let text = '';
    for (const record of table.take(lines)) {
      writer ??= new JsonWriter(table.columns!, notes);
      text += `${writer.line(record)}\n`;
      file.records++;
    }
    await file.write(text);
  }
  table.finish();
  if (file.records === 0) throw withoutRecords(source);
}

/** An object of the output with its columns, or a single column. */
interface JsonNode {
  /** The member's name in JSON, with its colon. */
  readonly key: string;
  readonly column?: Name;
  readonly members: JsonNode[];
}

/** Writes records of one CSV file as JSON. */
class JsonWriter {
  readonly #root: JsonNode = { key: '', members: [] };
  readonly #clashing: readonly Name[];
  readonly #notes: Notes;

  constructor(columns: readonly Column[], notes: Notes) {
    this.#notes = notes;
    const names = columns.map(({ name }) => name);
    const objects = new Set(names.flatMap(({ path }) => prefixes(path)));
    this.#clashing = names.filter(({ path }) => objects.has(path));
    for (const name of names) if (!objects.has(name.path)) this.#place(name);
  }

  line(record: EndpointRecord): string {
    for (const { path } of this.#clashing) {
      if (record.values.has(path)) this.#notes.add('name-clash', record.line, path);
    }
    return `{${this.#members(this.#root.members, record)}}`;
  }

  #place(name: Name): void {
    const members = memberPath(name.path);
    let node = this.#root;
    for (const [depth, member] of members.entries()) {
      const key = `${JSON.stringify(member)}:`;
      const isLast = depth === members.length - 1;
      let child = isLast ? undefined : node.members.find((other) => other.key === key);
      if (child === undefined) {
        child = { key, members: [], ...(isLast ? { column: name } : {}) };
        node.members.push(child);
      }
      node = child;
    }
  }

  /** The members of an object for which a record has values. */
  #members(nodes: readonly JsonNode[], record: EndpointRecord): string {
    let text = '';
    for (const { key, column, members } of nodes) {
      let value = '';
      if (column !== undefined) {
        const values = record.values.get(column.path);
        if (values !== undefined) value = this.#value(column, values, record.line);
      } else {
        const inner = this.#members(members, record);
        if (inner !== '') value = `{${inner}}`;
      }
      if (value !== '') text += (text === '' ? key : `,${key}`) + value;
    }
    return text;
  }

  #value(name: Name, values: readonly string[], line: number): string {
    const first = values[0]!;
    if (name.type === 'strings')
      return values.length === 1 ? `[${quoted(first)}]` : `[${values.map(quoted).join(',')}]`;
    if (name.type === 'string') return quoted(first);
    if (isJsonNumber(first)) return first;
    const number = asJsonNumber(first);
    this.#notes.add(number === undefined ? 'number-none' : 'number-form', line, name.path);
    return number ?? quoted(first);
  }
}

/** Text as a JSON string; most needs no escapes. */
function quoted(text: string): string {
  return /^[^"\\\p{Control}]*$/u.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The paths of the objects around a value. */
function prefixes(path: string): readonly string[] {
  const members = memberPath(path);
  return members.slice(1).map((_, depth) => members.slice(0, depth + 1).join('.'));
}

/** The number in JSON's form: without spaces, plus sign, leading zeros or trailing point. `undefined` if it isn't one. */
function asJsonNumber(text: string): string | undefined {
  if (text.length > maxNumberLength) return undefined;
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/.exec(text.trim());
  if (parts === null) return undefined;
  const [, character, whole, fraction, exponent] = parts;
  if (!/\d/.test(text.replace(/[eE].*/, ''))) return undefined;
  return `${character === '-' ? '-' : ''}${whole?.replace(/^0+/, '') || '0'}${fraction ? `.${fraction}` : ''}${exponent ?? ''}`;
}

async function ndjsonToCsv({ source, notes, next }: Run): Promise<void> {
  const columns = new CsvColumns(source.name);
  for await (const records of readRecords(source, new Notes())) {
    for (const record of records) columns.see(record);
  }
  const writer = new CsvWriter(columns, notes);
  const file = await next();
  await file.write(writer.header());
  for await (const records of readRecords(source, notes)) {
    let text = '';
    for (const record of records) {
      text += writer.row(record);
      file.records++;
    }
    await file.write(text);
  }
  if (file.records === 0) throw withoutRecords(source);
}

interface CsvColumn {
  readonly path: string;
  /** How often the column is repeated. */
  width: number;
  /** The first line with a value for it. */
  readonly line: number;
}

/** The columns that the records of a file need, found in a first pass and grouped by object. */
class CsvColumns {
  /** By the object that an attribute is in, and its path. */
  readonly #objects = new Map<string, Map<string, Omit<CsvColumn, 'path'>>>();
  readonly #file: string;
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  see(record: EndpointRecord): void {
    for (const [path, values] of record.values) {
      const dot = path.indexOf('.');
      const object = dot < 0 ? path : path.slice(0, dot);
      let columns = this.#objects.get(object);
      if (columns === undefined) {
        columns = new Map<string, Omit<CsvColumn, 'path'>>();
        this.#objects.set(object, columns);
      }
      let column = columns.get(path);
      if (column === undefined) {
        column = { width: 0, line: record.line };
        columns.set(path, column);
      }
      if (values.length > column.width) this.#widen(column, values.length);
    }
  }

  *[Symbol.iterator](): Generator<CsvColumn> {
    for (const columns of this.#objects.values()) {
      for (const [path, { width, line }] of columns) yield { path, width, line };
    }
  }

  #widen(column: Omit<CsvColumn, 'path'>, width: number): void {
    this.#count += width - column.width;
    column.width = width;
    if (this.#count <= maxColumns) return;
    throw new AudienceError('bad-input', `${this.#file} would need more than ${maxColumns} columns`, {
      help: 'Pinpoint accepts 250 custom attributes per project, with 50 values each. Check that this is an endpoint file.',
    });
  }
}

/** Writes records of one NDJSON file as CSV: LF, quotes only if needed (RFC 4180), no line break or tab in a value. */
class CsvWriter {
  readonly #columns: readonly CsvColumn[];
  readonly #notes: Notes;

  constructor(columns: Iterable<CsvColumn>, notes: Notes) {
    this.#columns = [...columns];
    this.#notes = notes;
  }

  header(): string {
    const cells = this.#columns.flatMap(({ path, width, line }) => {
      if (hasLoneSurrogates(path)) this.#notes.add('half-character', line, withoutLoneSurrogates(path));
      return new Array<string>(width).fill(this.#cell(path, line, path));
    });
    return ended(cells.join(','));
  }

  row(record: EndpointRecord): string {
    let text = '';
    for (const { path, width } of this.#columns) {
      const values = record.values.get(path);
      if (values !== undefined) {
        text += this.#cell(values[0]!, record.line, path);
        for (let more = 1; more < values.length; more++)
          text += `,${this.#cell(values[more]!, record.line, path)}`;
      }
      text += ','.repeat(width - Math.max(0, (values?.length ?? 1) - 1));
    }
    return ended(text.slice(0, -1));
  }

  #cell(value: string, line: number, path: string): string {
    if (!needsCare.test(value)) return value;
    let text = value;
    if (/[\r\n]/.test(text)) {
      this.#notes.add('line-break', line, path);
      text = text.replaceAll(/\r\n|[\r\n]/g, ' ');
    }
    if (text.includes('\t')) {
      this.#notes.add('tab', line, path);
      text = text.replaceAll('\t', ' ');
    }
    return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
}

const needsCare = /[",\r\n\t\uFEFF]/;
/** Keeps a name that starts with U+FEFF from being read as the file's byte order mark. */
const needsQuotes = /[",\uFEFF]/;

/** A row with its line feed. An empty row is written as `""`, since an empty line isn't a row. */
function ended(row: string): string {
  return row === '' ? '""\n' : `${row}\n`;
}
