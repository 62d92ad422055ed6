import { isUtf8 } from 'node:buffer';
import type { TextChange } from '../validation/documentValidator.ts';
import type { FileType } from '../model/fileType.ts';
import type { Lines } from '../editing/parsedLines.ts';

const [lf, cr] = [10, 13];

/** The offsets of carriage returns without a line feed: they end lines in editors, but not records. */
export function loneReturns(bytes: Uint8Array): number[] {
  const returns: number[] = [];
  for (let at = bytes.indexOf(cr); at >= 0; at = bytes.indexOf(cr, at + 1)) {
    if (bytes[at + 1] !== lf) returns.push(at);
  }
  return returns;
}

/** The lines of some bytes as editors show them, decoded lazily. A line that isn't UTF-8 can't be read and is never changed. */
export class ByteLines implements Lines {
  readonly type: FileType;
  readonly lineEnd: string;
  readonly #bytes: Buffer;
  readonly #starts: number[] = [0];
  /** The last line that was read. */
  #read: { readonly index: number; readonly text: string | undefined } | undefined;

  constructor(bytes: Uint8Array, type: FileType) {
    this.type = type;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.lineEnd = bytes[bytes.indexOf(lf) - 1] === cr ? '\r\n' : '\n';
    let feed = bytes.indexOf(lf);
    let back = bytes.indexOf(cr);
    while (feed >= 0 || back >= 0) {
      const isReturn = back >= 0 && (feed < 0 || back < feed);
      const at = isReturn ? back : feed;
      if (!isReturn || feed !== back + 1) this.#starts.push(at + 1);
      if (isReturn) back = bytes.indexOf(cr, at + 1);
      else feed = bytes.indexOf(lf, at + 1);
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  line(index: number): string | undefined {
    if (this.#read?.index !== index) this.#read = { index, text: this.#decoded(index) };
    return this.#read.text;
  }

  #decoded(index: number): string | undefined {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    const next = this.#starts[index + 1];
    const end = next === undefined ? this.#bytes.length : next - 1;
    const endsInCrLf =
      next !== undefined && this.#bytes[end] === lf && this.#bytes[end - 1] === cr && end > start;
    const bytes = this.#bytes.subarray(start, endsInCrLf ? end - 1 : end);
    return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  }

  /** The bytes with sorted, non-overlapping changes applied. Everything else stays byte for byte. */
  changed(changes: readonly TextChange[]): Buffer {
    const pieces: Buffer[] = [];
    // Each position is measured from the previous one, since one line can have very many changes.
    let last = { line: 0, character: 0, offset: 0 };
    const offsetOf = (line: number, character: number): number => {
      const start = this.#starts[line] ?? this.#bytes.length;
      const from = line === last.line ? last : { character: 0, offset: start };
      const between = character === from.character ? '' : this.line(line)!.slice(from.character, character);
      last = { line, character, offset: from.offset + Buffer.byteLength(between) };
      return last.offset;
    };
    let at = 0;
    for (const { startLine, startCharacter, endLine, endCharacter, text } of changes) {
      pieces.push(this.#bytes.subarray(at, offsetOf(startLine, startCharacter)), Buffer.from(text));
      at = offsetOf(endLine, endCharacter);
    }
    pieces.push(this.#bytes.subarray(at));
    return Buffer.concat(pieces);
  }
}
