import { isAscii } from 'node:buffer';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text as bytes; positions are byte offsets. */
export class Text {
  /** The text, with spare capacity after it. */
  readonly bytes: Uint8Array;
  /** The end of the text. */
  end = 0;

  /** A view of the same bytes that searches several times faster. */
  readonly #searched: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The text between two offsets; bytes that are not UTF-8 become U+FFFD. */
  string(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** UTF-16 code units between two offsets, in which editors count columns. */
  units(start: number, end: number): number {
    const { bytes } = this;
    if (end - start > 256 && isAscii(bytes.subarray(start, end))) return end - start;
    for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return this.string(start, end).length;
    return end - start;
  }

  /** The start of the next line after `from`, as editors count lines; a value beyond `to` if there is none up to `to`. */
  nextLine(from: number, to: number): number {
    const { bytes } = this;
    for (let at = from; at < to; at++) {
      if (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] !== 10)) return at + 1;
    }
    return to + 1;
  }

  /** The next line feed at or after an offset, or the end of the text. */
  lineFeed(from: number): number {
    const at = this.#searched.indexOf(10, from);
    return at < 0 || at > this.end ? this.end : at;
  }
}
