import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { fileStamp } from '../../fileIdentity.ts';
import { openRegularFile } from '../../regularFile.ts';

/** Maximum object size (Amazon S3 user guide, qfacts). */
const maxObjectBytes = 5 * 1024 ** 4;

/** A file that is read sequentially, and can be rewound. */
export class UploadFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly #handle: FileHandle;
  readonly #stamp: string;
  #sha256: Hash = createHash('sha256');
  #at = 0;

  static async open(path: string): Promise<UploadFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await openRegularFile(path);
      const entry = await handle.stat({ bigint: true });
      if (entry.size > BigInt(maxObjectBytes)) {
        throw new AudienceError('bad-input', `${basename(path)} exceeds the maximum size of an S3 object`);
      }
      return new UploadFile(path, handle, entry);
    } catch (error) {
      await handle?.close();
      throw fileError(error, 'read', path);
    }
  }

  private constructor(path: string, handle: FileHandle, entry: BigIntStats) {
    this.path = path;
    this.#handle = handle;
    this.bytes = Number(entry.size);
    this.modified = Number(entry.mtimeMs);
    this.#stamp = fileStamp(entry);
  }

  /** Unread bytes. */
  get left(): number {
    return this.bytes - this.#at;
  }

  /** Hex SHA-256 of the bytes read so far. */
  sha256(): string {
    return this.#sha256.copy().digest('hex');
  }

  rewind(): void {
    this.#at = 0;
    this.#sha256 = createHash('sha256');
  }

  /** Reads the next bytes into `buffer`, as many as fit; none at the end. */
  async next(buffer: Buffer): Promise<Buffer> {
    const wanted = Math.min(buffer.length, this.left);
    let length = 0;
    while (length < wanted) {
      const { bytesRead } = await this.#handle
        .read(buffer, length, wanted - length, this.#at + length)
        .catch((error: unknown) => {
          throw fileError(error, 'read', this.path);
        });
      if (bytesRead === 0) throw this.changed();
      length += bytesRead;
    }
    this.#at += length;
    const bytes = buffer.subarray(0, length);
    this.#sha256.update(bytes);
    return bytes;
  }

  /** Throws `changed` if the path is another file now, or the file was modified. */
  async checkUnchanged(): Promise<void> {
    const entries = await Promise.all([
      this.#handle.stat({ bigint: true }),
      stat(this.path, { bigint: true }),
    ]).catch(() => {
      throw this.changed();
    });
    if (entries.some((entry) => fileStamp(entry) !== this.#stamp)) throw this.changed();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  changed(): AudienceError {
    return new AudienceError('changed', `${basename(this.path)} changed while it was being read`, {
      help: 'Try again when no other program is writing to it.',
    });
  }
}
