import { isAscii } from 'node:buffer';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A text as bytes, of which places are offsets. */
export class Text {
  /** The text, and room behind it. */
  readonly bytes: Uint8Array;
  /** Where the text ends. */
  end = 0;

  /** The same bytes, searched several times as fast. */
  readonly #searched: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The text between two offsets; bytes that are not UTF-8 become U+FFFD. */
  string(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** UTF-16 code units between two offsets: how editors count columns. */
  units(start: number, end: number): number {
    const { bytes } = this;
    if (end - start > 256 && isAscii(bytes.subarray(start, end))) return end - start;
    for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return this.string(start, end).length;
    return end - start;
  }

  /** Where the line behind that of `from` begins, as editors show lines; beyond `to` where that is not at `to` or before. */
  nextLine(from: number, to: number): number {
    const { bytes } = this;
    for (let at = from; at < to; at++) {
      if (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] !== 10)) return at + 1;
    }
    return to + 1;
  }

  /** The next line feed from an offset on, or the end of the text. */
  lineFeed(from: number): number {
    const at = this.#searched.indexOf(10, from);
    return at < 0 || at > this.end ? this.end : at;
  }
}
