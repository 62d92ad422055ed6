import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AudienceError, cancelled } from '../../errors.ts';

/** Default limit in bytes for unpacking: a megabyte of gzip can hold a gigabyte. */
export const defaultUnzipLimit = 10e9;

export interface UnzipOptions {
  /** Bytes; `defaultUnzipLimit` if absent. */
  readonly limit?: number | undefined;
  /** Called once at the limit with the bytes unpacked so far; false cancels. Without it, unpacking fails. */
  readonly onLimit?: ((unzipped: number) => Promise<boolean>) | undefined;
}

/** Counts the unpacked bytes of one or several files and stops at a limit. */
export class UnzipBudget {
  readonly #name: string;
  readonly #limit: number;
  readonly #onLimit: UnzipOptions['onLimit'];
  #isAgreed = false;
  /** Unpacked so far. */
  bytes = 0;

  /** `name`: name of the content, for messages. */
  constructor(name: string, { limit, onLimit }: UnzipOptions = {}) {
    this.#name = name;
    this.#limit = limit ?? defaultUnzipLimit;
    this.#onLimit = onLimit;
  }

  /** Rejects with `bad-input` beyond the limit, or with `cancelled`. */
  async add(bytes: number): Promise<void> {
    this.bytes += bytes;
    if (this.#isAgreed || this.bytes <= this.#limit) return;
    if (this.#onLimit === undefined) {
      throw new AudienceError('bad-input', `${this.#name} unpacks to more than ${this.#limit / 1e9} GB`, {
        help: 'If you have the disk space, raise pinpointAudience.jobs.unzipLimit or --unzip-limit.',
      });
    }
    this.#isAgreed = await this.#onLimit(this.bytes);
    if (!this.#isAgreed) throw cancelled();
  }
}

/** Unpacks gzip; every reader of compressed files uses it. Throws what the budget, zlib and `packed` throw. */
export async function* unzip(
  packed: AsyncIterable<Uint8Array>,
  budget: UnzipBudget,
  chunkBytes?: number,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip(chunkBytes === undefined ? {} : { chunkSize: Math.max(64, chunkBytes) });
  // Any failure destroys `gunzip` with its error, which the loop below throws.
  pipeline(Readable.from(packed), gunzip, () => undefined);
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    await budget.add(chunk.length);
    yield chunk;
  }
}

/** True for an error that says that the data isn't valid gzip. */
export function isBrokenGzip(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
