import { familyOf, limits } from './attributes.ts';
import type { Text } from './bytes.ts';
import { cellsOf, neverClosed, quoteInside, textBehind, type CsvHeader } from './csvHeader.ts';
import type { Findings } from './findings.ts';
import { unescape, type RecordJudge, type RecordSource } from './record.ts';
import { leafFlag, type Slots } from './slots.ts';

const quote = 0x22;
const lf = 0x0a;
const cr = 0x0d;
const tab = 0x09;

/** Classes of bytes outside of quotes. */
const plain = 0;
const delimiterClass = 1;
const lfClass = 2;
const crClass = 3;
const oddClass = 4;

/**
 * Reads the records of a CSV text and has them judged.
 *
 * Every line feed ends a record. Where one stands between quotes, the lines that follow are looked at, as far as a record
 * may be long: where one of them closes the quote, the lines are one record with a `csv-line-break` at each break;
 * where one of them is a complete record by itself, or none closes the quote, the quote was never closed (`csv-quote`),
 * and the next record begins on the next line.
 */
export class CsvReader implements RecordSource {
  readonly csv = true;
  readonly manyValues: boolean;
  /** Lines and records read so far. */
  lines = 0;
  records = 0;
  readonly #text: Text;
  readonly #header: CsvHeader;
  readonly #slots: Slots;
  readonly #judge: RecordJudge;
  readonly #found: Findings;
  readonly #classes = new Uint8Array(256);
  readonly #classesInQuotes = new Uint8Array(256);
  readonly #headerBytes: number;
  #start = 0;
  #end = 0;
  #count = 0;
  // No line between these offsets tells whether a quote that is open before it is closed.
  #undecidedFrom = 0;
  #undecidedTo = 0;

  constructor(text: Text, header: CsvHeader, slots: Slots, judge: RecordJudge, found: Findings) {
    this.#text = text;
    this.#header = header;
    this.#slots = slots;
    this.#judge = judge;
    this.#found = found;
    judge.leaves.reserve(header.names.length + 1);
    for (const byte of [tab, quote]) this.#classes[byte] = oddClass;
    this.#classes[cr] = crClass;
    this.#classes[lf] = lfClass;
    this.#classes[header.delimiter] = delimiterClass;
    for (const byte of [quote, lf, cr, tab]) this.#classesInQuotes[byte] = oddClass;
    if (header.delimiter === tab) this.#classesInQuotes[tab] = plain;
    this.#headerBytes = header.names.reduce((sum, name) => sum + 2 * name.length + 10, 10);
    const repeated = new Map<string, number>();
    for (const name of header.names) repeated.set(name, (repeated.get(name) ?? 0) + 1);
    this.manyValues = Math.max(0, ...repeated.values()) > limits.values;
  }

  /** Begins a new stretch of the file. */
  clear(): void {
    this.lines = 0;
    this.records = 0;
    this.#undecidedFrom = this.#undecidedTo = 0;
  }

  /**
   * Reads the records that begin at `from` or later and before `limit`, and returns where the next one begins.
   * Where that is before `limit`, the record goes on behind the end of the text; unless `final`, more is needed to read it.
   */
  read(from: number, limit: number, final: boolean): number {
    const { bytes, end } = this.#text;
    const classes = this.#classes;
    const inQuotes = this.#classesInQuotes;
    const columns = this.#header.names.length;
    const { slots, starts, ends, flags } = this.#judge.leaves;
    const stop = Math.min(limit, final ? end : bytes.lastIndexOf(lf, end - 1) + 1);
    let here = from;
    while (here < stop) {
      const start = here;
      let count = 0;
      let column = 0;
      let kind = plain;
      for (;;) {
        const cell = here;
        if (bytes[here] === quote) {
          let flag: number = leafFlag.quoted;
          for (here++; ; here += 2) {
            while (inQuotes[bytes[here]!] === plain) here++;
            if (bytes[here] !== quote || bytes[here + 1] !== quote) break;
            flag = leafFlag.quoted | leafFlag.doubledQuotes;
          }
          if (bytes[here] !== quote) {
            kind = oddClass;
            break;
          }
          if (here > cell + 1 && column < columns) {
            slots[count] = column;
            starts[count] = cell + 1;
            ends[count] = here;
            flags[count] = flag;
            count++;
          }
          kind = classes[bytes[++here]!]!;
          if (kind === plain) kind = oddClass;
        } else {
          while ((kind = classes[bytes[here]!]!) === plain) here++;
          if (here > cell && column < columns) {
            slots[count] = column;
            starts[count] = cell;
            ends[count] = here;
            flags[count] = 0;
            count++;
          }
        }
        column++;
        if (kind !== delimiterClass) break;
        here++;
      }
      const recordEnd = here;
      if (kind === crClass && bytes[here + 1] === lf) here++;
      else if (kind !== lfClass) {
        here = this.#readOdd(start, final);
        if (here < 0) return start;
        continue;
      }
      here++;
      this.lines++;
      this.#start = start;
      this.#end = recordEnd;
      this.#count = count;
      if (recordEnd === start) this.#reportBlankLine();
      else {
        this.records++;
        if (column === columns) this.#judge.judge(this, count, this.lines, start, recordEnd);
        else this.#reportColumns(column);
      }
    }
    return Math.min(here, end);
  }

  /** Where the empty cell of the record's first column of a form stands. */
  emptyValue(form: number): readonly [number, number] | undefined {
    const column = this.#slots.forms.subarray(0, this.#header.names.length).indexOf(form);
    if (column < 0) return undefined;
    let index = 0;
    for (const cell of cellsOf(this.#text, this.#start, this.#end, this.#header.delimiter)) {
      const quotes = cell.flags & leafFlag.quoted;
      if (index++ === column) return [cell.start - quotes, cell.end + quotes];
    }
    return undefined;
  }

  recordBytes(): number {
    if (2 * (this.#end - this.#start) + this.#headerBytes <= limits.recordBytes) return 0;
    return this.#jsonBytes();
  }

  /** Bytes of the record under judgement as one line of JSON. */
  #jsonBytes(): number {
    const text = this.#text;
    const { slots, starts, ends, flags } = this.#judge.leaves;
    const root = emptyObject();
    let quotesOfNumbers = 0;
    for (let leaf = 0; leaf < this.#count; leaf++) {
      const attribute = this.#header.attributes[slots[leaf]!];
      if (attribute === undefined) continue;
      const from = starts[leaf]!;
      const doubled = (flags[leaf]! & leafFlag.doubledQuotes) !== 0;
      const length = doubled ? unescape(text, from, ends[leaf]!, flags[leaf]!) : ends[leaf]! - from;
      const at = doubled ? text.scratch : from;
      const value = text.string(at, at + length);
      if (attribute.type === 'number') quotesOfNumbers += 2;
      put(root, this.#slots.names[slots[leaf]!]!, value, attribute.type === 'strings');
    }
    return Buffer.byteLength(JSON.stringify(root)) - quotesOfNumbers;
  }

  /** Reads the record at `start` with care for everything that is unusual. Returns where the next one begins, or -1 where more text is needed. */
  #readOdd(start: number, final: boolean): number {
    const { bytes, end } = this.#text;
    const classes = this.#classes;
    const inQuotes = this.#classesInQuotes;
    const columns = this.#header.names.length;
    const { slots, starts, ends, flags } = this.#judge.leaves;
    const found = this.#found;
    const breaks: number[] = [];
    const tabs: number[] = [];
    let lines = 1;
    let count = 0;
    let column = 0;
    let here = start;
    for (;;) {
      const cell = here;
      let from = here;
      let flag = 0;
      let to: number;
      if (bytes[here] === quote) {
        from++;
        flag = leafFlag.quoted;
        for (here++; ; here++) {
          while (inQuotes[bytes[here]!] === plain) here++;
          const byte = bytes[here]!;
          if (byte === tab) tabs.push(here);
          else if (byte === cr) {
            if (bytes[here + 1] !== lf) breaks.push(here);
          } else if (byte === quote) {
            if (bytes[here + 1] !== quote) break;
            flag |= leafFlag.doubledQuotes;
            here++;
          } else {
            const closed = this.#isClosedBehind(here, final);
            if (closed === undefined) return -1;
            if (!closed) return this.#reportQuote(start, here, cell, cell + 1, neverClosed);
            breaks.push(bytes[here - 1] === cr ? here - 1 : here);
            lines++;
          }
        }
        to = here++;
        const kind = classes[bytes[here]!]!;
        if (kind !== delimiterClass && kind !== lfClass && !(kind === crClass && bytes[here + 1] === lf)) {
          const behind = here;
          while (classes[bytes[here]!] !== delimiterClass && bytes[here] !== lf) here++;
          const stop = bytes[here - 1] === cr && here - 1 > behind ? here - 1 : here;
          return this.#reportQuote(start, bytes.indexOf(lf, here), behind, stop, textBehind);
        }
      } else {
        for (; ; here++) {
          const kind = classes[bytes[here]!]!;
          if (kind === plain) continue;
          if (kind === delimiterClass || kind === lfClass) break;
          if (kind === crClass) {
            if (bytes[here + 1] === lf) break;
            breaks.push(here);
          } else if (bytes[here] === tab) tabs.push(here);
          else return this.#reportQuote(start, bytes.indexOf(lf, here), here, here + 1, quoteInside);
        }
        to = here;
      }
      if (to > from && column < columns) {
        slots[count] = column;
        starts[count] = from;
        ends[count] = to;
        flags[count] = flag;
        count++;
      }
      column++;
      if (classes[bytes[here]!] !== delimiterClass) break;
      here++;
    }
    const recordEnd = here;
    const lineFeed = bytes[here] === cr ? here + 1 : here;
    if (lineFeed >= end && !final) return -1;
    this.#start = start;
    this.#end = recordEnd;
    this.#count = count;
    this.records++;
    found.at(this.lines + 1, start);
    for (const at of tabs) {
      if (found.wants('csv-tab')) found.add(at, at + 1, 'A tab in a value. Expected: a space.');
    }
    for (const at of breaks) {
      const to = at + (bytes[at] === cr && bytes[at + 1] === lf ? 2 : 1);
      if (found.wants('csv-line-break')) {
        found.add(at, to, 'A line break inside a value. Expected: a space.');
      }
    }
    if (column === columns) this.#judge.judge(this, count, this.lines + 1, start, recordEnd);
    else {
      this.lines++;
      this.#reportColumns(column);
      this.lines--;
    }
    this.lines += lines;
    return lineFeed + 1;
  }

  /**
   * Whether one of the lines behind the line feed at `from` closes a quote that is open there, before one of them turns out
   * to be a record of its own. `undefined` where more text is needed to tell.
   */
  #isClosedBehind(from: number, final: boolean): boolean | undefined {
    const { bytes, end } = this.#text;
    const last = from + limits.recordBytes;
    let line = from + 1;
    if (line >= this.#undecidedFrom && line < this.#undecidedTo) line = this.#undecidedTo;
    else this.#undecidedFrom = line;
    for (;;) {
      this.#undecidedTo = line;
      if (line >= end && final) return false;
      const next = line >= end ? end : bytes.indexOf(lf, line);
      if (next > last) return false;
      if (next >= end && !final) return end > last ? false : undefined;
      const lineEnd = next > line && bytes[next - 1] === cr ? next - 1 : next;
      const verdict = this.#verdictOn(line, lineEnd);
      if (verdict !== undefined) return verdict;
      line = next + 1;
    }
  }

  /** What a line says of a quote that is open before it: true for closed here, false for never closed, `undefined` for neither. */
  #verdictOn(start: number, end: number): boolean | undefined {
    const { bytes } = this.#text;
    const columns = this.#header.names.length;
    const firstQuote = bytes.indexOf(quote, start);
    const hasQuote = firstQuote >= 0 && firstQuote < end;
    if (!hasQuote && columns === 1) return undefined;
    const cells = [...cellsOf(this.#text, start, end, this.#header.delimiter)];
    if (cells.length === columns && cells.every((cell) => cell.wrongAt < 0)) return false;
    if (!hasQuote) return undefined;
    for (let here = firstQuote; here < end; here++) {
      if (bytes[here] !== quote) continue;
      if (bytes[here + 1] === quote && here + 1 < end) here++;
      else return here + 1 === end || bytes[here + 1] === this.#header.delimiter ? true : undefined;
    }
    return undefined;
  }

  #reportBlankLine(): void {
    this.#found.at(this.lines, this.#start);
    if (this.#found.wants('csv-blank-line')) {
      this.#found.add(
        this.#start,
        this.#start,
        'An empty line. AWS does not say what the service makes of it.',
      );
    }
  }

  /** Reports a quote and gives the record up: the next one begins behind `lineFeed`. */
  #reportQuote(start: number, lineFeed: number, from: number, to: number, message: string): number {
    const { bytes } = this.#text;
    this.records++;
    this.#found.at(this.lines + 1, start);
    if (this.#found.wants('csv-quote')) this.#found.add(from, to, message);
    for (let here = start; here <= lineFeed; here++) if (bytes[here] === lf) this.lines++;
    return lineFeed + 1;
  }

  #reportColumns(count: number): void {
    this.#found.at(this.lines, this.#start);
    if (!this.#found.wants('csv-column-count')) return;
    const columns = this.#header.names.length;
    let from = this.#start;
    if (count > columns) {
      let column = 0;
      for (const cell of cellsOf(this.#text, this.#start, this.#end, this.#header.delimiter)) {
        if (column++ === columns) from = cell.start - (cell.flags & leafFlag.quoted);
      }
    }
    this.#found.add(from, this.#end, `The record has ${count} cells. The header has ${columns} columns.`);
  }
}

interface JsonObject {
  [name: string]: string | string[] | JsonObject;
}

/** An object without a prototype: names in files may be any, `__proto__` too. */
function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** Puts a value where its dotted path says, as the JSON of an endpoint has it. */
function put(root: JsonObject, path: string, value: string, several: boolean): void {
  const custom = familyOf(path)?.path.slice(0, -2);
  const objects = custom?.split('.') ?? path.split('.').slice(0, -1);
  const name = custom === undefined ? path.slice(path.lastIndexOf('.') + 1) : path.slice(custom.length + 1);
  let at = root;
  for (const object of objects) at = (at[object] ??= emptyObject()) as JsonObject;
  if (several) ((at[name] ??= []) as string[]).push(value);
  else at[name] = value;
}
