/** JSON that is none: where, and what is due there. `atEnd`: the text stops too early, and may be right once it goes on. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly offset: number;
  readonly atEnd: boolean;

  constructor(offset: number, due: string, atEnd: boolean) {
    super(due);
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
 * Walks over JSON text (RFC 8259) without building values, so that every value is known by its place and keeps its digits.
 * All methods throw `JsonError`. Works on text and on bytes read as latin1 alike.
 */
export class JsonReader {
  readonly text: string;
  /** Offset of what is read next. */
  at: number;
  #depth = 0;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  /** Skips white space. */
  blanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  /** What kind of value begins here. */
  kind(): JsonKind {
    const character = this.text.charAt(this.at);
    if (character === '"') return 'string';
    if (character === '{') return 'object';
    if (character === '[') return 'array';
    if (character === '-' || (character >= '0' && character <= '9')) return 'number';
    const literal = literals.find(([word]) => word.startsWith(character) && character !== '');
    if (literal === undefined) throw this.#error('a value is due');
    return literal[1];
  }

  /** Reads an object. `visit` is called before each value, has to read it, and may ask `at` for where it begins. */
  object(visit: (key: string, keyStart: number) => void): void {
    this.#enter('{', 'an object is due');
    for (let first = true; !this.#closes('}', first); first = false) {
      const keyStart = this.at;
      if (this.text.charAt(this.at) !== '"') throw this.#error('a name in double quotes is due');
      const key = this.string();
      this.blanks();
      if (this.text.charAt(this.at) !== ':') throw this.#error('a colon is due');
      this.at++;
      this.blanks();
      visit(key, keyStart);
    }
  }

  /** Reads an array. `visit` is called before each element, and has to read it. */
  array(visit: () => void): void {
    this.#enter('[', 'an array is due');
    for (let first = true; !this.#closes(']', first); first = false) visit();
  }

  /** Reads a string, and gives its value. */
  string(): string {
    const start = this.at;
    const escaped = this.#skipString();
    return escaped
      ? (JSON.parse(this.text.slice(start, this.at)) as string)
      : this.text.slice(start + 1, this.at - 1);
  }

  /** Reads a number, `true`, `false` or `null`, and gives its text. */
  scalar(): string {
    const start = this.at;
    if (this.kind() === 'number') this.#skipNumber();
    else {
      const word = literals.find(([word]) => this.text.startsWith(word, start))?.[0];
      if (word === undefined) throw this.#cutWord(start);
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

  /** Says that nothing but white space may follow. */
  finish(): void {
    this.blanks();
    if (this.at < this.text.length) throw this.#error('the end is due');
  }

  #enter(bracket: string, due: string): void {
    if (this.text.charAt(this.at) !== bracket) throw this.#error(due);
    if (++this.#depth > maxDepth) throw new JsonError(this.at, 'it is nested too deep', false);
    this.at++;
    this.blanks();
  }

  /** Reads the closing bracket, or the comma that is due before all members but the first. */
  #closes(bracket: string, first: boolean): boolean {
    if (!first) this.blanks();
    const character = this.text.charAt(this.at);
    if (character === bracket) {
      this.at++;
      this.#depth--;
      return true;
    }
    if (first) return false;
    if (character !== ',') throw this.#error(`a comma or ${bracket} is due`);
    this.at++;
    this.blanks();
    return false;
  }

  /** True where it has escapes. */
  #skipString(): boolean {
    const { text } = this;
    let escaped = false;
    let at = this.at + 1;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (code === 92) {
        escaped = true;
        at = this.#behindEscape(at) - 1;
      } else if (code < 32) throw this.#error('a control character has to be escaped', at);
      else if (Number.isNaN(code)) throw this.#error('a closing quote is due', at);
    }
    this.at = at + 1;
    return escaped;
  }

  #behindEscape(at: number): number {
    const character = this.text.charAt(at + 1);
    if (escapes.has(character) && character !== '') return at + 2;
    if (character !== 'u') throw this.#error('an escape is due', at + 1);
    for (let digit = at + 2; digit < at + 6; digit++) {
      if (!/[0-9a-fA-F]/.test(this.text.charAt(digit)))
        throw this.#error('a hexadecimal digit is due', digit);
    }
    return at + 6;
  }

  #skipNumber(): void {
    numberForm.lastIndex = this.at;
    const number = numberForm.exec(this.text)?.[0] ?? '';
    const end = this.at + number.length;
    const next = this.text.charAt(end);
    // What the form left over, such as the point of `1.` or the second digit of `01`, shows where it stopped being a number.
    if (number === '' || /[0-9.eE+-]/.test(next)) {
      const skipped =
        number === '' ? 1 : (/^(?:\.|[eE][+-]?)/.exec(this.text.slice(end, end + 2))?.[0].length ?? 0);
      throw this.#error('a digit is due', end + skipped);
    }
    this.at = end;
  }

  /** The error of a word that is none of the literals: at the first letter that is wrong. */
  #cutWord(start: number): JsonError {
    const [word] = literals.find(([word]) => word.startsWith(this.text.charAt(start)))!;
    let at = start;
    while (word.startsWith(this.text.slice(start, at + 1)) && at < this.text.length) at++;
    return this.#error(`${word} is due`, at);
  }

  #error(due: string, at = this.at): JsonError {
    return new JsonError(Math.min(at, this.text.length), due, at >= this.text.length);
  }
}

/** Decides whether a text is a JSON number. */
export function isJsonNumber(text: string): boolean {
  numberForm.lastIndex = 0;
  return numberForm.exec(text)?.[0].length === text.length;
}

/** JSON text without the white space between its tokens; strings and numbers stay as they are. The text has to be valid. */
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

/** An odd number of backslashes stands before the quote. */
function isEscaped(json: string, quote: number): boolean {
  let at = quote;
  while (json.charCodeAt(at - 1) === 92) at--;
  return (quote - at) % 2 === 1;
}

const halves = /\p{Surrogate}/gu;

/** True where a text holds half a character, which JSON can write and UTF-8 cannot. */
export function hasLoneSurrogates(text: string): boolean {
  return text.search(halves) >= 0;
}

export function withoutLoneSurrogates(text: string): string {
  return text.replaceAll(halves, '\uFFFD');
}
