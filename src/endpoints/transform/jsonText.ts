/** Invalid JSON: the offset and what was expected. `atEnd`: the text ends early and may be valid once it continues. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly offset: number;
  readonly atEnd: boolean;

  constructor(offset: number, message: string, atEnd: boolean) {
    super(message);
    this.offset = offset;
    this.atEnd = atEnd;
  }
}

type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

const maxDepth = 200;
const escapes = new Set('"\\/bfnrt');
const literals = [
  ['true', 'boolean'],
  ['false', 'boolean'],
  ['null', 'null'],
] as const;
const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/**
 * Reads JSON text (RFC 8259) without building values, so that every value has its offset and keeps its digits.
 * All methods throw `JsonError`. Works on text and on bytes decoded as latin1.
 */
export class JsonReader {
  readonly text: string;
  /** The current offset. */
  at: number;
  #depth = 0;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  /** Skips whitespace. */
  skipWhitespace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  /** The kind of value that starts here. */
  kind(): JsonKind {
    const character = this.text.charAt(this.at);
    if (character === '"') return 'string';
    if (character === '{') return 'object';
    if (character === '[') return 'array';
    if (character === '-' || (character >= '0' && character <= '9')) return 'number';
    const literal = literals.find(([word]) => word.startsWith(character) && character !== '');
    if (literal === undefined) throw this.#error('expected a value');
    return literal[1];
  }

  /** Reads an object. `visit` is called before each value, at its offset, and must read it. */
  object(visit: (key: string, keyStart: number) => void): void {
    this.#enter('{', 'expected an object');
    for (let first = true; !this.#closes('}', first); first = false) {
      const keyStart = this.at;
      if (this.text.charAt(this.at) !== '"') throw this.#error('expected a name in double quotes');
      const key = this.string();
      this.skipWhitespace();
      if (this.text.charAt(this.at) !== ':') throw this.#error('expected a colon');
      this.at++;
      this.skipWhitespace();
      visit(key, keyStart);
    }
  }

  /** Reads an array. `visit` is called before each element and must read it. */
  array(visit: () => void): void {
    this.#enter('[', 'expected an array');
    for (let first = true; !this.#closes(']', first); first = false) visit();
  }

  /** Reads a string and returns its value. */
  string(): string {
    const start = this.at;
    const escaped = this.#skipString();
    return escaped
      ? (JSON.parse(this.text.slice(start, this.at)) as string)
      : this.text.slice(start + 1, this.at - 1);
  }

  /** Reads a number, `true`, `false` or `null` and returns its text. */
  scalar(): string {
    const start = this.at;
    if (this.kind() === 'number') this.#skipNumber();
    else {
      const word = literals.find(([word]) => this.text.startsWith(word, start))?.[0];
      if (word === undefined) throw this.#wrongLiteral(start);
      this.at += word.length;
    }
    return this.text.slice(start, this.at);
  }

  /** Reads any value. */
  skip(): void {
    const kind = this.kind();
    if (kind === 'string') this.#skipString();
    else if (kind === 'object') this.object(() => this.skip());
    else if (kind === 'array') this.array(() => this.skip());
    else this.scalar();
  }

  /** Throws unless only whitespace follows. */
  finish(): void {
    this.skipWhitespace();
    if (this.at < this.text.length) throw this.#error('unexpected text after the value');
  }

  #enter(bracket: string, message: string): void {
    if (this.text.charAt(this.at) !== bracket) throw this.#error(message);
    if (++this.#depth > maxDepth) throw new JsonError(this.at, 'nested too deeply', false);
    this.at++;
    this.skipWhitespace();
  }

  /** Reads the closing bracket, or the comma before every member but the first. */
  #closes(bracket: string, first: boolean): boolean {
    if (!first) this.skipWhitespace();
    const character = this.text.charAt(this.at);
    if (character === bracket) {
      this.at++;
      this.#depth--;
      return true;
    }
    if (first) return false;
    if (character !== ',') throw this.#error(`expected a comma or ${bracket}`);
    this.at++;
    this.skipWhitespace();
    return false;
  }

  /** Returns whether the string has escapes. */
  #skipString(): boolean {
    const { text } = this;
    let escaped = false;
    let at = this.at + 1;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (code === 92) {
        escaped = true;
        at = this.#afterEscape(at) - 1;
      } else if (code < 32) throw this.#error('unescaped control character', at);
      else if (Number.isNaN(code)) throw this.#error('expected a closing quote', at);
    }
    this.at = at + 1;
    return escaped;
  }

  #afterEscape(at: number): number {
    const character = this.text.charAt(at + 1);
    if (escapes.has(character) && character !== '') return at + 2;
    if (character !== 'u') throw this.#error('expected an escape', at + 1);
    for (let digit = at + 2; digit < at + 6; digit++) {
      if (!/[0-9a-fA-F]/.test(this.text.charAt(digit)))
        throw this.#error('expected a hexadecimal digit', digit);
    }
    return at + 6;
  }

  #skipNumber(): void {
    numberForm.lastIndex = this.at;
    const number = numberForm.exec(this.text)?.[0] ?? '';
    const end = this.at + number.length;
    const next = this.text.charAt(end);
    // What the pattern left over, such as the point of `1.` or the second digit of `01`, is the position of the error.
    if (number === '' || /[0-9.eE+-]/.test(next)) {
      const skipped =
        number === '' ? 1 : (/^(?:\.|[eE][+-]?)/.exec(this.text.slice(end, end + 2))?.[0].length ?? 0);
      throw this.#error('expected a digit', end + skipped);
    }
    this.at = end;
  }

  /** The error for a misspelled literal, at its first wrong letter. */
  #wrongLiteral(start: number): JsonError {
    const [word] = literals.find(([word]) => word.startsWith(this.text.charAt(start)))!;
    let at = start;
    while (word.startsWith(this.text.slice(start, at + 1)) && at < this.text.length) at++;
    return this.#error(`expected ${word}`, at);
  }

  #error(message: string, at = this.at): JsonError {
    return new JsonError(Math.min(at, this.text.length), message, at >= this.text.length);
  }
}

/** True for a JSON number. */
export function isJsonNumber(text: string): boolean {
  numberForm.lastIndex = 0;
  return numberForm.exec(text)?.[0].length === text.length;
}

/** JSON without whitespace between tokens; strings and numbers are unchanged. The text must be valid. */
export function compact(json: string): string {
  let out = '';
  let kept = 0;
  for (let at = 0; at < json.length;) {
    const code = json.charCodeAt(at);
    if (code === 34) {
      do at = json.indexOf('"', at + 1);
      while (isEscaped(json, at));
      at++;
    } else if (code === 32 || code === 10 || code === 13 || code === 9) {
      out += json.slice(kept, at);
      while (json.charCodeAt(at) <= 32) at++;
      kept = at;
    } else at++;
  }
  return out + json.slice(kept);
}

/** True if an odd number of backslashes precedes the quote. */
function isEscaped(json: string, quote: number): boolean {
  let at = quote;
  while (json.charCodeAt(at - 1) === 92) at--;
  return (quote - at) % 2 === 1;
}

const loneSurrogates = /\p{Surrogate}/gu;

/** True if text holds a lone surrogate, which JSON can express and UTF-8 can't. */
export function hasLoneSurrogates(text: string): boolean {
  return text.search(loneSurrogates) >= 0;
}

export function withoutLoneSurrogates(text: string): string {
  return text.replaceAll(loneSurrogates, '\uFFFD');
}
