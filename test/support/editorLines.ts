/** The lines of a text as editors show them: a line feed ends one, a carriage return, or both together. */
export class EditorLines {
  /** Where each line but the first begins. */
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#starts = Array.from(text.matchAll(/\r\n|\r|\n/g), ({ index, 0: end }) => index + end.length);
  }

  get count(): number {
    return this.#starts.length + 1;
  }

  /** From 1, of the character at an offset. */
  lineOf(offset: number): number {
    const next = this.#starts.findIndex((start) => start > offset);
    return next < 0 ? this.count : next + 1;
  }

  /** Line and column from 1, in UTF-16 code units where the text is a string. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    const line = this.lineOf(offset);
    return { line, column: offset - (this.#starts[line - 2] ?? 0) + 1 };
  }
}
