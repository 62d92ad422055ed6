import { isUtf8 } from 'node:buffer';
import type { TextChange } from '../validation/documentValidator.ts';
import type { FileType } from '../model/fileType.ts';
import type { Lines } from '../editing/fixes.ts';

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
    let at = 0;
    for (const { startLine, startCharacter, endLine, endCharacter, text } of changes) {
      pieces.push(this.#bytes.subarray(at, this.#offset(startLine, startCharacter)), Buffer.from(text));
      at = this.#offset(endLine, endCharacter);
    }
    pieces.push(this.#bytes.subarray(at));
    return Buffer.concat(pieces);
  }

  #offset(line: number, character: number): number {
    const start = this.#starts[line] ?? this.#bytes.length;
    return character === 0 ? start : start + Buffer.byteLength(this.line(line)!.slice(0, character));
  }
}
