import fs from 'node:fs';
import { AudienceError } from '../../errors.ts';

/** One change: a document of a collection gets this value, or goes where the value is `undefined`. */
export type Change = readonly [collection: string, id: string, value: object | undefined];

/**
 * JSON documents in collections that outlive the process, for small state: the endpoints have `EndpointLog`.
 *
 * Each commit is one line of an append-only file, written before `commit` returns, so that what was acknowledged survives SIGKILL
 * and of several changes either all are there or none. A last line without its end was never acknowledged and is dropped.
 * Once the file is mostly history it is replaced by a snapshot of the same form.
 */
export class Journal {
  readonly #file: string;
  readonly #collections: Map<string, Map<string, object>>;
  #fd: number;
  #bytes: number;
  /** Size from which on the file is worth replacing by a snapshot. */
  #compactAt = 0;

  private constructor(file: string, collections: Map<string, Map<string, object>>) {
    this.#file = file;
    this.#collections = collections;
    this.#fd = fs.openSync(file, 'a', 0o600);
    this.#bytes = fs.fstatSync(this.#fd).size;
    this.#compact();
  }

  /**
   * Opens the journal, or begins one where the file is not there.
   *
   * @throws AudienceError `disk` where the file was damaged by something else than a kill
   */
  static open(file: string): Journal {
    const collections = new Map<string, Map<string, object>>();
    const text = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
    const whole = text.lastIndexOf(0x0a) + 1;
    if (whole < text.length) fs.truncateSync(file, whole);
    let line = 0;
    for (const commit of text.toString('utf8', 0, whole).split('\n').slice(0, -1)) {
      line += 1;
      for (const change of parseCommit(commit, file, line)) apply(collections, change);
    }
    return new Journal(file, collections);
  }

  get(collection: string, id: string): object | undefined {
    return this.#collections.get(collection)?.get(id);
  }

  /** The documents of a collection in the order in which they came. */
  list(collection: string): object[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#bytes += append(this.#fd, changes);
    for (const change of changes) apply(this.#collections, change);
    if (this.#bytes > this.#compactAt) this.#compact();
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #compact(): void {
    const snapshot = `${this.#file}.new`;
    const fd = fs.openSync(snapshot, 'w', 0o600);
    let bytes = 0;
    try {
      for (const [collection, documents] of this.#collections) {
        for (const [id, value] of documents) bytes += append(fd, [[collection, id, value]]);
      }
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.closeSync(this.#fd);
    fs.renameSync(snapshot, this.#file);
    this.#fd = fs.openSync(this.#file, 'a', 0o600);
    this.#bytes = bytes;
    this.#compactAt = 4 * bytes + 1024 * 1024;
  }
}

function apply(collections: Map<string, Map<string, object>>, [collection, id, value]: Change): void {
  let documents = collections.get(collection);
  if (documents === undefined) collections.set(collection, (documents = new Map<string, object>()));
  if (value !== undefined) documents.set(id, value);
  else documents.delete(id);
  if (documents.size === 0) collections.delete(collection);
}

function append(fd: number, changes: readonly Change[]): number {
  // `undefined` becomes null on the way.
  const line = Buffer.from(`${JSON.stringify(changes)}\n`);
  for (let at = 0; at < line.length;) at += fs.writeSync(fd, line, at);
  return line.length;
}

function parseCommit(text: string, file: string, line: number): Change[] {
  try {
    const changes = JSON.parse(text) as [string, string, object | null][];
    return changes.map(([collection, id, value]) => [collection, id, value ?? undefined]);
  } catch (error) {
    throw new AudienceError('disk', `The sandbox's state is damaged: ${file}, line ${line}.`, {
      help: 'Restore the data folder from a copy, or start the sandbox with another one.',
      cause: error,
    });
  }
}
