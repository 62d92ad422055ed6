import { randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { rm, rmSync } from '../../fileOperations.ts';
import { privateFile, privateFolder } from '../../permissions.ts';
import { Readable } from 'node:stream';
import type { Blob } from './model.ts';

const readSize = 256 * 1024;
const writeSize = 256 * 1024;

/**
 * Bytes in files with random names: a key never becomes a path. A blob is written once, belongs to one object or part, and is
 * valid once the journal refers to it; others are deleted at the next start.
 */
export class Blobs {
  readonly #dir: string;
  /** The number of readers by blob. */
  readonly #readers = new Map<string, number>();
  /** Blobs to delete when their last reader closes. */
  readonly #doomed = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true, mode: privateFolder });
  }

  /** Writes a new blob; leaves no file after an error. */
  async write(body: AsyncIterable<Uint8Array>): Promise<Blob> {
    const id = randomBytes(16).toString('hex');
    const file = await open(this.#path(id), 'wx', privateFile);
    let size = 0;
    try {
      try {
        for await (const batch of batches(body)) {
          await writeAll(file, batch);
          for (const chunk of batch) size += chunk.length;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      await rm(this.#path(id), { force: true });
      throw error;
    }
    return { id, size };
  }

  /**
   * The bytes from `start` to `end` (exclusive) of the concatenated `blobs`. The blobs exist until the stream is closed, even if
   * their object is replaced or deleted.
   */
  read(blobs: readonly Blob[], start: number, end: number): Readable {
    for (const { id } of blobs) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    return Readable.from(this.#read(blobs, start, end), { objectMode: false }).once('close', () => {
      for (const { id } of blobs) this.#release(id);
    });
  }

  /** Deletes unreferenced blobs. */
  remove(blobs: Iterable<Blob>): void {
    for (const { id } of blobs) {
      if (this.#readers.has(id)) this.#doomed.add(id);
      else rmSync(this.#path(id), { force: true });
    }
  }

  /** Deletes all other blobs, left behind by a killed sandbox. */
  keepOnly(known: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#dir)) {
      if (!known.has(name)) rmSync(join(this.#dir, name), { force: true });
    }
  }

  async *#read(blobs: readonly Blob[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { id, size } of blobs) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size);
      offset += size;
      if (from >= to) continue;
      yield* createReadStream(this.#path(id), { start: from, end: to - 1, highWaterMark: readSize });
    }
  }

  #release(id: string): void {
    const readers = this.#readers.get(id)! - 1;
    if (readers > 0) {
      this.#readers.set(id, readers);
      return;
    }
    this.#readers.delete(id);
    if (this.#doomed.delete(id)) rmSync(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#dir, id);
  }
}

/** Groups small chunks: each write is a round trip to another thread. */
async function* batches(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    batch.push(chunk);
    size += chunk.length;
    if (size < writeSize) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (size > 0) yield batch;
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = [...chunks];
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    const isWritten = (chunk: Uint8Array): boolean => (bytesWritten -= chunk.length) >= 0;
    const next = rest.findIndex((chunk) => !isWritten(chunk));
    if (next < 0) return;
    rest = [rest[next]!.subarray(rest[next]!.length + bytesWritten), ...rest.slice(next + 1)];
  }
}
