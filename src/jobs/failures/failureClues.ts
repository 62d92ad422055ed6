import { inServiceWords } from '../../aws/connection/redaction.ts';
import { withoutRowContent } from '../../aws/connection/serviceText.ts';

/**
 * Finds failed entries in the imported file from the service's texts. Their format is undocumented (API reference,
 * ImportJobResponse.Failures), so this parses the forms that were observed: Jackson's
 * `[Source: (String)"…"; line: 1, column: 4]`, quoted records, line numbers, and ids and addresses.
 */
export interface Clue {
  readonly quote?: Quote | undefined;
  /** 1-based, in the quotation if there is one, else in the file. */
  readonly line?: number | undefined;
  /** 1-based, in UTF-16 code units, of the character that the parser rejected. */
  readonly column?: number | undefined;
  /** `s3://bucket/key` of the staged object in the text. */
  readonly object?: string | undefined;
  /** Ids and addresses, if nothing is quoted. */
  readonly values: readonly string[];
}

interface Quote {
  /** The first non-empty line of the quotation. */
  readonly text: string;
  /** True if the line ends with the quotation. */
  readonly isWhole: boolean;
  /** Empty lines of the quotation before it. */
  readonly before: number;
}

/** Of longer quotations, only the start is compared. */
const maxQuoted = 500;

/** Extracts the position from a text of the service. */
export function readClue(whole: string): Clue {
  const text = whole.slice(0, maxText);
  const object = /\bs3:\/\/[^\s"']*[^\s"':,.]/.exec(text)?.[0];
  const source = sourceOf(text);
  const where = source?.after ?? text;
  const position = [...where.matchAll(/\bline:?\s+(\d+)(?:,?\s+column:?\s+(\d+))?/gi)].at(-1);
  const line = position && Number(position[1]);
  const column = position?.[2] === undefined ? undefined : Math.max(1, Number(position[2]) - 1);
  const quote = source && quoteOf(source.quoted, source.isCut);
  return { quote, line, column, object, values: quote ? [] : valuesOf(withoutObject(text, object)) };
}

/** Jackson's last source; an earlier one belongs to the unclosed bracket. */
function sourceOf(text: string): { quoted: string; isCut: boolean; after: string } | undefined {
  const start = text.lastIndexOf('[Source: (String)"');
  if (start < 0) return undefined;
  const found = /^\[Source: \(String\)"([\s\S]*)"(\[truncated \d+ chars\])?((?:; line: [^\]]*)?\])/.exec(
    text.slice(start),
  );
  if (!found) return undefined;
  return { quoted: found[1] ?? '', isCut: found[2] !== undefined, after: found[3] ?? '' };
}

/** What a text of the service says of a line, in the service's own words, for display at or beside the line. */
export function kindOfFailure(text: string): string {
  // Its position is that in the quotation.
  const [reason = ''] = text.slice(0, maxText).split('[Source:', 1);
  return inServiceWords(withoutRowContent(reason.trimEnd().replace(/\bat$/, '').trimEnd()));
}

/** Texts are of a hostile service if they are longer. */
const maxText = 16 * 1024;

function quoteOf(quoted: string, isCut: boolean): Quote | undefined {
  const lines = quoted.split('\n');
  const before = lines.findIndex((line) => significant(line) !== '');
  const text = lines[before];
  if (text === undefined) return undefined;
  const isWhole = (before < lines.length - 1 || !isCut) && text.length <= maxQuoted;
  // Ignore half a character.
  return { text: text.slice(0, maxQuoted).replace(/[\uD800-\uDBFF]$/, ''), isWhole, before };
}

const valueForms: readonly RegExp[] = [
  /[^\s"'<>,;:()[\]{}=@]{1,256}@[^\s"'<>,;:()[\]{}@]{1,256}\.[^\s"'<>,;:()[\]{}.@]{1,64}/g,
  /(?<![\w+])\+\d{6,15}\b/g,
  /\b(?:endpoint|user)?[ _-]?ids?\b\s*(?:[:=]\s*["'(]?|["'(])([^\s"',;()]{2,256})/gi,
  /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b[\da-f]{32}\b/gi,
];

function valuesOf(text: string): readonly string[] {
  const found = valueForms.flatMap((form) =>
    [...text.matchAll(form)].map(([all, value = all]) => withoutEnd(value)),
  );
  return [...new Set(found)].slice(0, 5);
}

/** Without the dots and colons at the end. */
function withoutEnd(value: string): string {
  let end = value.length;
  while (end > 0 && '.:'.includes(value[end - 1]!)) end--;
  return value.slice(0, end);
}

function withoutObject(text: string, object: string | undefined): string {
  return object === undefined ? text : text.replace(object, '');
}

/**
 * The compared bytes of a line: without quotes, escapes and spaces, because the service may quote a record as parsed,
 * not as written in the file.
 */
function significant(text: string): string {
  return text.replace(/["\\\s]/g, '');
}

/** A 1-based position in a file. */
export interface Spot {
  readonly line: number;
  readonly column?: number | undefined;
  /** The number of matching lines; which of them is meant is unknown. */
  readonly candidates: number;
}

interface Target {
  /** The clues that look for it, in order. */
  readonly clues: number[];
  /** The first matching lines, one per clue. */
  readonly spots: { line: number; column: number }[];
  count: number;
}

/** Two 32-bit hashes: with millions of lines and a hundred clues, collisions are negligible. */
function keyOf(one: number, other: number): number {
  return (one >>> 0) * 0x20_0000 + ((other >>> 0) & 0x1f_ffff);
}

const quoteByte = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const lineFeed = 0x0a;
const blank = 0x20;

/**
 * Searches the bytes of a file for clues, chunk by chunk, in one pass and in constant memory.
 */
export class ClueSearch {
  readonly #clues: readonly Clue[];
  /** By hash and length of the significant bytes of a line or its start. */
  readonly #whole = new Map<number, Target>();
  readonly #beginnings = new Map<number, Target>();
  readonly #wholeLengths = new Set<number>();
  readonly #beginningAt: Uint8Array;
  readonly #values = new Map<number, Target>();
  readonly #valueFilter = new Uint8Array(1 << 16);
  readonly #longest: number;
  /** The first bytes, until there are enough to detect a byte order mark. */
  #start: Buffer | undefined = Buffer.alloc(0);
  #line = 1;
  #column = 1;
  #length = 0;
  #hashes: [number, number] = [0, 0];
  #value: [number, number] = [0, 0];
  #valueColumn = 0;

  constructor(clues: readonly Clue[]) {
    this.#clues = clues;
    let longest = 0;
    const beginnings: number[] = [];
    clues.forEach(({ quote, values }, index) => {
      if (quote) {
        const { one, other, length } = hashOf(significant(quote.text));
        longest = Math.max(longest, length);
        addTarget(quote.isWhole ? this.#whole : this.#beginnings, keyOf(one, other), index);
        if (quote.isWhole) this.#wholeLengths.add(length);
        else beginnings.push(length);
      }
      for (const value of values) {
        const { one, other } = hashOf(value);
        addTarget(this.#values, keyOf(one, other), index);
        this.#valueFilter[one & 0xffff] = 1;
      }
    });
    this.#longest = longest;
    this.#beginningAt = new Uint8Array(longest + 1);
    for (const length of beginnings) this.#beginningAt[length] = 1;
  }

  /** False if no clue needs the bytes of the file. */
  get isNeeded(): boolean {
    return this.#whole.size + this.#beginnings.size + this.#values.size > 0;
  }

  push(chunk: Uint8Array): void {
    if (this.#start) {
      this.#start = Buffer.concat([this.#start, chunk]);
      if (this.#start.length >= 3) this.#begin();
    } else this.#scan(chunk, 0);
  }

  /** A byte order mark isn't part of the first line. */
  #begin(): void {
    const start = this.#start;
    this.#start = undefined;
    if (start) this.#scan(start, start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0);
  }

  #scan(chunk: Uint8Array, start: number): void {
    if (this.#values.size === 0) this.#scanLines(chunk, start);
    else this.#scanAll(chunk, start);
  }

  /** The position of each clue; `undefined` if it isn't in this file. */
  end(): readonly (Spot | undefined)[] {
    this.#begin();
    if (this.#values.size > 0) this.#endValue();
    this.#endLine();
    const spots: (Spot | undefined)[] = this.#clues.map(() => undefined);
    for (const target of [...this.#whole.values(), ...this.#beginnings.values(), ...this.#values.values()]) {
      target.clues.forEach((clue, nth) => {
        const found = target.spots[Math.min(nth, target.spots.length - 1)];
        // As many lines as entries: match them in order.
        const candidates = target.count === target.clues.length ? 1 : target.count;
        if (found) spots[clue] ??= this.#spot(this.#clues[clue]!, found, candidates);
      });
    }
    return spots;
  }

  #spot({ quote, line, column }: Clue, found: { line: number; column: number }, candidates: number): Spot {
    if (!quote) return { ...found, candidates };
    return { line: found.line + (line ?? quote.before + 1) - 1 - quote.before, column, candidates };
  }

  /** Compares only lines: once a line is longer than any clue, its rest is skipped. */
  #scanLines(chunk: Uint8Array, start: number): void {
    let [one, other] = this.#hashes;
    let length = this.#length;
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte === lineFeed) {
        this.#hashes = [one, other];
        this.#length = length;
        this.#endLine();
        one = other = length = 0;
      } else if (byte > blank && byte !== quoteByte && byte !== backslash) {
        if (length > this.#longest) {
          const end = chunk.indexOf(lineFeed, at);
          at = (end < 0 ? chunk.length : end) - 1;
          continue;
        }
        one = Math.imul(one ^ byte, 0x01000193) + 0x9e37;
        other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13);
        length += 1;
        if (this.#beginningAt[length] === 1) note(this.#beginnings.get(keyOf(one, other)), this.#line, 1);
      }
    }
    this.#hashes = [one, other];
    this.#length = length;
  }

  /** Compares values, too: the text between quotes, commas and spaces. */
  #scanAll(chunk: Uint8Array, start: number): void {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte <= blank || byte === quoteByte || byte === comma) {
        this.#endValue();
        if (byte === lineFeed) {
          this.#endLine();
          continue;
        }
      } else {
        if (this.#valueColumn === 0) this.#valueColumn = this.#column;
        const value = this.#value;
        value[0] = Math.imul(value[0] ^ byte, 0x01000193) + 0x9e37;
        value[1] = Math.imul(value[1] + byte, 0x85ebca6b) ^ (value[1] >>> 13);
      }
      if (byte > blank && byte !== quoteByte && byte !== backslash && this.#length <= this.#longest) {
        const hashes = this.#hashes;
        hashes[0] = Math.imul(hashes[0] ^ byte, 0x01000193) + 0x9e37;
        hashes[1] = Math.imul(hashes[1] + byte, 0x85ebca6b) ^ (hashes[1] >>> 13);
        this.#length += 1;
        if (this.#beginningAt[this.#length] === 1)
          note(this.#beginnings.get(keyOf(hashes[0], hashes[1])), this.#line, 1);
      }
      // UTF-8 to UTF-16: continuation bytes count 0, lead bytes beyond U+FFFF count 2.
      if ((byte & 0xc0) !== 0x80) this.#column += byte >= 0xf0 ? 2 : 1;
    }
  }

  #endValue(): void {
    if (this.#valueColumn === 0) return;
    const [one, other] = this.#value;
    if (this.#valueFilter[one & 0xffff] === 1)
      note(this.#values.get(keyOf(one, other)), this.#line, this.#valueColumn);
    this.#value = [0, 0];
    this.#valueColumn = 0;
  }

  #endLine(): void {
    if (this.#wholeLengths.has(this.#length))
      note(this.#whole.get(keyOf(this.#hashes[0], this.#hashes[1])), this.#line, 1);
    this.#line += 1;
    this.#column = 1;
    this.#length = 0;
    this.#hashes = [0, 0];
  }
}

function addTarget(targets: Map<number, Target>, key: number, clue: number): void {
  const target = targets.get(key) ?? { clues: [], spots: [], count: 0 };
  targets.set(key, target);
  target.clues.push(clue);
}

function note(target: Target | undefined, line: number, column: number): void {
  if (!target) return;
  target.count += 1;
  if (target.spots.length < target.clues.length) target.spots.push({ line, column });
}

function hashOf(text: string): { one: number; other: number; length: number } {
  const bytes = new TextEncoder().encode(text);
  let one = 0;
  let other = 0;
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193) + 0x9e37;
    other = Math.imul(other + byte, 0x85ebca6b) ^ (other >>> 13);
  }
  return { one, other, length: bytes.length };
}
