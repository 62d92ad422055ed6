import { isNamedNdjson } from '../model/fileType.ts';
import type { AudienceError } from '../../errors.ts';
import { JsonError, JsonReader, compact } from './jsonText.ts';
import { maxRecordBytes, tooLong } from './textLines.ts';
import { invalidJson, units } from './jsonPlace.ts';
import type { Source } from './source.ts';
import type { Run, TransformOptions, TransformReport } from './transform.ts';
import { transform, withoutExtension, withoutRecords } from './transform.ts';

/**
 * Turns a JSON array of objects, or consecutive objects in any layout, into NDJSON: one object per line. Only
 * whitespace between tokens is removed; strings and numbers stay byte for byte.
 * Rejects like `transform`, and with `bad-input` and the position if the JSON isn't valid.
 */
export function jsonToLines(options: TransformOptions): Promise<TransformReport> {
  return transform({ ...options, type: 'ndjson' }, (source) => {
    const base = withoutExtension(source.path);
    const isNamed = isNamedNdjson(source.path.replace(/\.gz$/i, ''));
    return {
      kind: 'json-to-lines',
      passes: () => 1,
      target: `${base}${isNamed ? '.lines' : ''}.ndjson`,
      work,
    };
  });
}

async function work({ source, next }: Run): Promise<void> {
  const file = await next();
  const objects = new JsonObjects(source);
  const write = async (found: readonly string[]): Promise<void> => {
    file.records += found.length;
    // One character per byte, as read.
    await file.write(found.map((json) => `${json}\n`).join(''), 'latin1');
  };
  for await (const chunk of source.chunks()) await write(objects.take(chunk.toString('latin1')));
  await write(objects.finish());
  if (file.records === 0) throw withoutRecords(source);
}

/** What is expected at the current position. */
type Expected = 'array-or-object' | 'object' | 'first-element' | 'element' | 'comma-or-end' | 'end';

/** Extracts objects from JSON that arrives in pieces. */
export class JsonObjects {
  readonly #source: Pick<Source, 'name'>;
  #expected: Expected = 'array-or-object';
  /** Text received but not yet consumed, one character per byte. */
  #text = '';
  /** The length of `#text` at which to try again, so that a long object isn't parsed again with each piece. */
  #worthwhile = 0;
  /** The 1-based position at which `#text` starts. */
  #line = 1;
  #column = 1;

  constructor(source: Pick<Source, 'name'>) {
    this.#source = source;
  }

  /** The objects that end in this piece. */
  take(text: string): readonly string[] {
    this.#text += text;
    const isTooSoon = this.#text.length < this.#worthwhile && this.#text.length <= maxRecordBytes;
    return isTooSoon ? [] : this.#cut(false);
  }

  /** Ends the input. */
  finish(): readonly string[] {
    const found = this.#cut(true);
    if (this.#expected === 'array-or-object' || this.#expected === 'object' || this.#expected === 'end')
      return found;
    throw this.#error(new JsonError(this.#text.length, 'expected ] at the end of the array', true));
  }

  #cut(isLast: boolean): readonly string[] {
    const found: string[] = [];
    const json = new JsonReader(this.#text);
    let done = 0;
    try {
      for (;;) {
        json.skipWhitespace();
        const start = json.at;
        done = start;
        if (start === this.#text.length) break;
        const isObject = this.#step(json);
        if (isObject) found.push(compact(this.#text.slice(start, json.at)));
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (isLast || !error.atEnd) throw this.#error(error);
    }
    this.#consume(done);
    if (this.#text.length > maxRecordBytes) throw tooLong(this.#source, this.#line);
    this.#worthwhile = 2 * this.#text.length;
    return found;
  }

  /** Reads the next element or separator; true if it was an object. */
  #step(json: JsonReader): boolean {
    const character = json.text.charAt(json.at);
    switch (this.#expected) {
      case 'array-or-object':
        if (character === '[') {
          json.at++;
          this.#expected = 'first-element';
          return false;
        }
        break;
      case 'first-element':
      case 'comma-or-end':
        if (character === ']') {
          json.at++;
          this.#expected = 'end';
          return false;
        }
        if (this.#expected === 'first-element') break;
        if (character !== ',') throw new JsonError(json.at, 'expected a comma or ]', false);
        json.at++;
        this.#expected = 'element';
        return false;
      case 'end':
        throw new JsonError(json.at, 'unexpected text after the array', false);
      case 'element':
      case 'object':
    }
    json.object(() => json.skip());
    this.#expected =
      this.#expected === 'array-or-object' || this.#expected === 'object' ? 'object' : 'comma-or-end';
    return true;
  }

  /** Drops the first characters and advances the position. */
  #consume(length: number): void {
    const consumed = this.#text.slice(0, length);
    const { line, column } = this.#positionAfter(consumed);
    this.#line = line;
    this.#column = column;
    this.#text = this.#text.slice(length);
  }

  #positionAfter(text: string): { readonly line: number; readonly column: number } {
    let line = this.#line;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    const ofLastLine = units(text.slice(text.lastIndexOf('\n') + 1), 'latin1');
    return { line, column: line === this.#line ? this.#column + ofLastLine : 1 + ofLastLine };
  }

  #error(error: JsonError): AudienceError {
    const { line, column } = this.#positionAfter(this.#text.slice(0, error.offset));
    return invalidJson(this.#source, line, column, error);
  }
}
