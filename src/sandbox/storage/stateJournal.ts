import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { renameSync, rmSync } from '../../fileOperations.ts';
import { AudienceError } from '../../errors.ts';
import { privateFile } from '../../permissions.ts';
import { isDiskError } from './diskErrors.ts';

/**
 * State as a file of changes, one JSON document per line. `append` returns once the change is in the file, so a kill loses nothing
 * acknowledged; a truncated last line is dropped at the next start. (A power failure may lose the last seconds: the sandbox
 * doesn't wait for the disk.) A change is one line, hence atomic.
 *
 * Writes are synchronous: they are short, and memory and file never differ in between.
 */
export class Journal<Change> {
  readonly #file: string;
  #descriptor: number;
  #size: number;
  #lines: number;

  private constructor(file: string, descriptor: number, size: number, lines: number) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#lines = lines;
  }

  /**
   * Opens or creates a journal and passes every change in it to `apply`, in order.
   *
   * @throws AudienceError `disk` if the file is damaged by more than a kill
   */
  static open<Change>(file: string, apply: (change: Change) => void): Journal<Change> {
    const descriptor = openSync(file, 'a+', privateFile);
    let size = 0;
    let lines = 0;
    try {
      for (const line of readLines(descriptor)) {
        apply(parse(line, file, lines + 1) as Change);
        size += line.length + 1;
        lines += 1;
      }
      if (fstatSync(descriptor).size > size) ftruncateSync(descriptor, size);
      return new Journal(file, descriptor, size, lines);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** The number of changes in the file. */
  get length(): number {
    return this.#lines;
  }

  append(change: Change): void {
    const line = Buffer.from(`${JSON.stringify(change)}\n`);
    try {
      writeAll(this.#descriptor, line);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
    this.#size += line.length;
    this.#lines += 1;
  }

  /** Replaces the file's content by `changes` that lead to the same state, unless the disk is full. */
  rewrite(changes: Iterable<Change>): void {
    const temporary = `${this.#file}.new`;
    let descriptor: number | undefined;
    let size = 0;
    let lines = 0;
    try {
      descriptor = openSync(temporary, 'w', privateFile);
      for (const change of changes) {
        const line = Buffer.from(`${JSON.stringify(change)}\n`);
        writeAll(descriptor, line);
        size += line.length;
        lines += 1;
      }
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      rmSync(temporary, { force: true });
      // It would only have saved space.
      if (isDiskError(error)) return;
      throw error;
    }
    closeSync(descriptor);
    closeSync(this.#descriptor);
    try {
      renameSync(temporary, this.#file);
    } finally {
      this.#descriptor = openSync(this.#file, 'a', privateFile);
    }
    this.#size = size;
    this.#lines = lines;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function parse(line: Buffer, file: string, number: number): unknown {
  try {
    return JSON.parse(line.toString());
  } catch (error) {
    throw new AudienceError('disk', `The sandbox's state is damaged: ${file}, line ${number}`, {
      help: 'Restore the data folder from a copy, or start the sandbox with another one',
      cause: error,
    });
  }
}

/** Writes all bytes at the end of a file that was opened for appending, or at its position. */
export function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

/** Complete lines, without their line feeds. */
function* readLines(descriptor: number): Generator<Buffer> {
  const chunk = Buffer.alloc(1 << 20);
  let rest: Buffer = Buffer.alloc(0);
  for (let position = 0; ;) {
    const count = readSync(descriptor, chunk, 0, chunk.length, position);
    if (count === 0) return;
    position += count;
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}
