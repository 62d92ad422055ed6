import { isUtf8 } from 'node:buffer';
import type { TextChange } from '../document.ts';
import type { FileType } from '../finding.ts';
import type { Lines } from '../fixes.ts';

const [lf, cr] = [10, 13];

/** The lines of some bytes, each made text when it is asked for. A line that is not UTF-8 cannot be read, so nothing changes it. */
export class ByteLines implements Lines {
  readonly type: FileType;
  readonly lineEnd: string;
  readonly #bytes: Buffer;
  readonly #starts: number[] = [0];

  constructor(bytes: Uint8Array, type: FileType) {
    this.type = type;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) this.#starts.push(at + 1);
    const first = (this.#starts[1] ?? 0) - 2;
    this.lineEnd = bytes[first] === cr ? '\r\n' : '\n';
  }

  get count(): number {
    return this.#starts.length;
  }

  line(index: number): string | undefined {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    const next = this.#starts[index + 1];
    const end = next === undefined ? this.#bytes.length : next - 1;
    const bytes = this.#bytes.subarray(
      start,
      end > start && this.#bytes[end - 1] === cr && next !== undefined ? end - 1 : end,
    );
    return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  }

  /** The bytes with changes, which are in their order and do not overlap. Everything else keeps its bytes. */
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
