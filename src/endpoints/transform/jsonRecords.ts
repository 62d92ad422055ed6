import { JsonReader, hasLoneSurrogates, withoutLoneSurrogates } from './jsonText.ts';
import { atLine, isBlank } from './jsonPlace.ts';
import type { Line } from './textLines.ts';
import type { Name } from './memberNames.ts';
import { holdsMembers } from '../model/memberPaths.ts';
import { NameTable } from './memberNames.ts';
import type { Notes } from './notes.ts';
import type { EndpointRecord } from './endpointRecord.ts';
import { fitting, noteStatus } from './endpointRecord.ts';
import type { Source } from './source.ts';

/** Turns the lines of an NDJSON file into records. */
export class JsonLines {
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
    this.#json.skipWhitespace();
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
    if (name.status !== 'supported') noteStatus(name, this.line, this.#notes);
    // Several values of an unknown name are kept, because columns can be repeated.
    const kept = name.status === 'unknown' ? values : fitting(name, values, this.line, this.#notes);
    this.values.set(name.path, kept);
  }

  /** Reads one value of an attribute and adds its text, if any. False if its type isn't the attribute's. */
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
    if (!hasLoneSurrogates(text)) return text;
    this.#note('half-character', name.path);
    return withoutLoneSurrogates(text);
  }

  #note(reason: Parameters<Notes['add']>[0], path: string | undefined): void {
    this.#notes.add(reason, this.line, path);
  }
}
