import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { privateFile } from '../../permissions.ts';
import type { BulkCounts, Outcome } from './bulkRecord.ts';

/** `begin`: about to be sent, from and to (excluded); `end`: what became of the records from `from` on. */
type Entry =
  | { readonly begin: readonly [from: number, to: number] }
  | { readonly end: number; readonly outcomes: readonly Outcome[] };

/** What is known of work that was begun. */
export interface Progress {
  /** The first record of which nothing is known. */
  readonly next: number;
  /** The record up to which (excluded) a request may have reached the service without an answer. */
  readonly uncertain: number;
  readonly counts: BulkCounts;
}

/**
 * What was sent and what came of it, appended and synced before and after each request. Holds numbers of records and no
 * content of the file; of users the Ids of their deleted endpoints, until the results are written. A last line that is cut off, as a crash leaves it, counts as not written.
 */
export class Journal {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<Journal> {
    try {
      const whole = await wholeBytes(path);
      const handle = await open(path, 'a+', privateFile);
      await handle.truncate(whole);
      return new Journal(path, handle);
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }

  begin(from: number, to: number): Promise<void> {
    return this.#append({ begin: [from, to] });
  }

  end(from: number, outcomes: readonly Outcome[]): Promise<void> {
    return this.#append({ end: from, outcomes });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #append(entry: Entry): Promise<void> {
    try {
      await this.#handle.appendFile(`${JSON.stringify(entry)}\n`);
      await this.#handle.datasync();
    } catch (error) {
      throw fileError(error, 'write', this.#path);
    }
  }
}

/** How far the work came. */
export async function progressOf(path: string): Promise<Progress> {
  const counts = { done: 0, absent: 0, failed: 0 };
  let next = 0;
  let uncertain = 0;
  for (const entry of await entriesOf(path)) {
    if ('begin' in entry) uncertain = Math.max(uncertain, entry.begin[1]);
    else {
      next = entry.end + entry.outcomes.length;
      for (const { kind } of entry.outcomes) counts[kind]++;
    }
  }
  return { next, uncertain: Math.max(uncertain, next), counts };
}

/** What became of each record, in their order. */
export async function outcomesOf(path: string): Promise<readonly Outcome[]> {
  return (await entriesOf(path)).flatMap((entry) => ('end' in entry ? entry.outcomes : []));
}

async function entriesOf(path: string): Promise<readonly Entry[]> {
  const text = await textOf(path);
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}

async function wholeBytes(path: string): Promise<number> {
  const text = await textOf(path);
  return Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return '';
    throw fileError(error, 'read', path);
  });
}
