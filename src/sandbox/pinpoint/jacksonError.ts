const quotedLength = 500;

/** Quotes source text as the service does: the first 500 characters. */
export function quoteSource(text: string): string {
  const left = text.length - quotedLength;
  return `(String)"${text.slice(0, quotedLength)}"${left > 0 ? `[truncated ${left} chars]` : ''}`;
}

/**
 * The error of Jackson, the service's JSON parser, for invalid JSON; the service passes it on unchanged (aws-sdk-ruby issue 2962).
 * Its column is the one after the unexpected character.
 *
 * @param line 1-based line number of `text`
 * @param source the text to quote as the source
 */
export function jacksonError(text: string, line = 1, source = text): string {
  const at = (column: number): string => `[Source: ${quoteSource(source)}; line: ${line}, column: ${column}]`;
  const found = new Scanner(text).findError();
  if (found.openedAt === undefined) return `${found.message}\n at ${at(found.column)}`;
  return `${found.message} (start marker at ${at(found.openedAt)})\n at ${at(found.column)}`;
}

interface Found {
  readonly message: string;
  readonly column: number;
  /** The column of the unclosed bracket. */
  readonly openedAt?: number;
}

class SyntaxProblem extends Error {
  readonly found: Found;

  constructor(found: Found) {
    super(found.message);
    this.found = found;
  }
}

const tokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** Finds where and why a text isn't JSON. */
class Scanner {
  readonly #text: string;
  #at = 0;
  readonly #open: { readonly kind: 'Object' | 'Array'; readonly column: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  findError(): Found {
    try {
      this.#value();
      this.#skipSpace();
      return {
        message: 'Trailing token found after value: expected one JSON object per line',
        column: this.#at + 1,
      };
    } catch (error) {
      if (error instanceof SyntaxProblem) return error.found;
      if (error instanceof RangeError) {
        return { message: 'Document nesting depth exceeds the maximum allowed (1000)', column: this.#at + 1 };
      }
      throw error;
    }
  }

  #value(): void {
    this.#skipSpace();
    const char = this.#peek();
    if (char === '{') this.#object();
    else if (char === '[') this.#array();
    else if (char === '"') this.#string('a string value');
    else if (/[-\d]/.test(char)) this.#number();
    else if (/[\w$]/.test(char)) this.#word();
    else this.#unexpected(`expected a valid value ${tokens}`);
  }

  #object(): void {
    this.#enter('Object');
    if (!this.#closes('}')) {
      do {
        this.#skipSpace();
        if (this.#peek() !== '"') this.#unexpected('was expecting double-quote to start field name');
        this.#string('the field name');
        this.#skipSpace();
        if (this.#peek() !== ':') this.#unexpected('was expecting a colon to separate field name and value');
        this.#at += 1;
        this.#value();
      } while (this.#continues('}', 'Object'));
    }
    this.#open.pop();
  }

  #array(): void {
    this.#enter('Array');
    if (!this.#closes(']')) {
      do this.#value();
      while (this.#continues(']', 'Array'));
    }
    this.#open.pop();
  }

  #enter(kind: 'Object' | 'Array'): void {
    this.#open.push({ kind, column: this.#at + 1 });
    this.#at += 1;
  }

  #closes(bracket: string): boolean {
    this.#skipSpace();
    if (this.#peek() !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #continues(bracket: string, kind: string): boolean {
    if (this.#closes(bracket)) return false;
    if (this.#peek() !== ',') this.#unexpected(`was expecting comma to separate ${kind} entries`);
    this.#at += 1;
    return true;
  }

  #string(what: string): void {
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#at >= this.#text.length) {
        this.#fail(`Unexpected end-of-input: was expecting closing quote for ${what}`, this.#at + 1);
      }
      const code = this.#text.charCodeAt(this.#at);
      if (code < 0x20) {
        this.#fail(
          `Illegal unquoted character ((CTRL-CHAR, code ${code})): ` +
            'has to be escaped using backslash to be included in string value',
        );
      }
      if (this.#text[this.#at] === '\\') this.#escape();
    }
    this.#at += 1;
  }

  #escape(): void {
    this.#at += 1;
    const rest = this.#text.slice(this.#at, this.#at + 5);
    if (/^u[\da-fA-F]{4}/.test(rest)) this.#at += 4;
    else if (rest.startsWith('u'))
      this.#fail('Unexpected character: expected a hex-digit for character escape sequence');
    else if (rest !== '' && !/^["\\/bfnrt]/.test(rest)) {
      this.#fail(`Unrecognized character escape ${describe(rest)}`);
    }
  }

  #number(): void {
    const [digits] = /^-?\d*/.exec(this.#text.slice(this.#at))!;
    if (/^-?0\d/.test(digits)) this.#fail('Invalid numeric value: Leading zeroes not allowed');
    if (digits === '-') {
      this.#at += 1;
      this.#unexpected('expected digit (0-9) to follow minus sign, for valid numeric value');
    }
    this.#at += digits.length;
    for (const [start, what] of [
      [/^\./, 'Decimal point not followed by a digit'],
      [/^[eE][+-]?/, 'Exponent indicator not followed by a digit'],
    ] as const) {
      const [part] = start.exec(this.#text.slice(this.#at)) ?? [];
      if (part === undefined) continue;
      this.#at += part.length;
      const [more] = /^\d*/.exec(this.#text.slice(this.#at))!;
      if (more === '') this.#unexpected(what);
      this.#at += more.length;
    }
  }

  #word(): void {
    const [word] = /^[\w$]+/.exec(this.#text.slice(this.#at))!;
    this.#at += word.length;
    if (!['true', 'false', 'null'].includes(word)) {
      this.#fail(`Unrecognized token '${word}': was expecting ${tokens}`, this.#at + 1);
    }
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  /** The next character. Throws at the end of the text. */
  #peek(): string {
    const char = this.#text[this.#at];
    if (char !== undefined) return char;
    const opened = this.#open.at(-1);
    const column = this.#text.length + 1;
    if (opened === undefined)
      throw new SyntaxProblem({ message: 'No content to map due to end-of-input', column });
    const message = `Unexpected end-of-input: expected close marker for ${opened.kind}`;
    throw new SyntaxProblem({ message, column, openedAt: opened.column });
  }

  #unexpected(why: string): never {
    this.#fail(`Unexpected character (${describe(this.#peek())}): ${why}`);
  }

  #fail(message: string, column = this.#at + 2): never {
    throw new SyntaxProblem({ message, column });
  }
}

function describe(text: string): string {
  return `'${text.charAt(0)}' (code ${text.charCodeAt(0)})`;
}
