import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AudienceError, badInput, throwIfCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { fileStamp } from '../../fileIdentity.ts';
import { chunksOf, openRegularFile } from '../../regularFile.ts';
import { otherFormatOf } from '../model/fileKind.ts';
import { fileTypeOf, type FileType } from '../model/fileType.ts';
import { isBrokenGzip, unzip, UnzipBudget } from './unzip.ts';

export interface SourceOptions {
  /** Derived from the file name by default: `.csv` (and `.csv.gz`) is CSV, everything else NDJSON. */
  readonly type?: FileType | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the size of each piece read from disk. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Bytes per read; default 64 KiB. */
  readonly chunkBytes?: number | undefined;
  /** Maximum unpacked size in bytes; default `defaultUnzipLimit`. */
  readonly unzipLimit?: number | undefined;
}

const gzip = '1f8b';
const byteOrderMark = 'efbbbf';
const signatureBytes = 6;
/** Small enough for cheap garbage collection and a responsive editor. */
const defaultChunkBytes = 64 * 1024;

/** An endpoint file on disk, for one or several passes over its bytes. Gzip is unpacked. */
export class Source {
  readonly path: string;
  readonly type: FileType;
  /** True once a pass found a UTF-8 byte order mark, which passes leave out. */
  hadByteOrderMark = false;
  /** True once a pass found that the file is compressed. */
  wasPacked = false;
  /** Unpacked bytes read by the current or last pass. */
  contentBytes = 0;
  readonly #handle: FileHandle;
  readonly #stat: BigIntStats;
  readonly #options: SourceOptions;

  private constructor(path: string, handle: FileHandle, stats: BigIntStats, options: SourceOptions) {
    this.path = path;
    this.type = options.type ?? fileTypeOf(path);
    this.#handle = handle;
    this.#stat = stats;
    this.#options = options;
  }

  /** Rejects with `not-found`, `bad-input` (not a regular file) or `disk`. */
  static async open(path: string, options: SourceOptions = {}): Promise<Source> {
    let handle: FileHandle | undefined;
    try {
      handle = await openRegularFile(path);
      const stats = await handle.stat({ bigint: true });
      return new Source(path, handle, stats, options);
    } catch (error) {
      await handle?.close();
      throw fileError(error, 'read', path);
    }
  }

  get name(): string {
    return basename(this.path);
  }

  /** Bytes on disk. */
  get size(): number {
    return Number(this.#stat.size);
  }

  /**
   * One pass over the content, unpacked and without its byte order mark. May be stopped early and repeated.
   * Throws `bad-input` for archives other than gzip, broken gzip and UTF-16; `cancelled`; `disk`.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    this.contentBytes = 0;
    const raw = withHead(this.#read());
    const first = await raw.next();
    if (first.done) return;
    const packed = first.value.toString('hex', 0, 2) === gzip;
    this.wasPacked = packed;
    const content = prepend(first.value, raw);
    let begun = false;
    for await (const chunk of packed ? withHead(this.#unpack(content)) : content) {
      throwIfCancelled(this.#options.signal);
      this.contentBytes += chunk.length;
      yield begun ? chunk : this.#withoutMark(chunk);
      begun = true;
    }
  }

  /** Throws `changed` if the file changed or was replaced since it was opened. */
  async assertUnchanged(): Promise<void> {
    let now: BigIntStats;
    try {
      now = await stat(this.path, { bigint: true });
    } catch (error) {
      throw fileError(error, 'read', this.path);
    }
    if (fileStamp(now) !== fileStamp(this.#stat)) {
      throw new AudienceError('changed', `${this.name} changed while it was being read`, {
        help: 'Try again when no other program is writing to it.',
      });
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async *#read(): AsyncGenerator<Buffer> {
    try {
      yield* chunksOf(this.#handle, this.#options);
    } catch (error) {
      throw fileError(error, 'read', this.path);
    }
  }

  async *#unpack(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const { chunkBytes = defaultChunkBytes, unzipLimit } = this.#options;
    const budget = new UnzipBudget(this.name, { limit: unzipLimit });
    try {
      yield* unzip(packed, budget, chunkBytes);
    } catch (error) {
      if (!isBrokenGzip(error)) throw error;
      throw new AudienceError('bad-input', `Incomplete or corrupted gzip file: ${this.name}`, {
        help: 'Download or copy it again.',
        cause: error,
      });
    }
  }

  #withoutMark(head: Buffer): Buffer {
    const start = head.toString('hex', 0, signatureBytes);
    const other = otherFormatOf(head);
    if (other !== undefined && other.name !== 'gzip') {
      const help = other.kind === 'compressed' ? 'Unpack it first.' : 'Save it as UTF-8.';
      throw badInput(
        `${this.name} is ${other.kind === 'compressed' ? `compressed (${other.name})` : `${other.name}, not UTF-8`}`,
        help,
      );
    }
    if (!start.startsWith(byteOrderMark)) return head;
    this.hadByteOrderMark = true;
    return head.subarray(byteOrderMark.length / 2);
  }
}

/** The same bytes, with a first piece that is long enough for a file signature, if the file is. */
async function* withHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) yield chunk;
    else {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < signatureBytes) continue;
      yield head;
      head = undefined;
    }
  }
  if (head !== undefined && head.length > 0) yield head;
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
