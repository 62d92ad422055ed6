import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { openToAppend, readOwnFile } from '../../ownFiles.ts';
import { damagedExtension } from '../runs/damagedRecords.ts';
import type { BulkCounts, Outcome } from './bulkRecord.ts';

type Endpoints = NonNullable<Outcome['endpoints']>;

/** `begin`: the range of records about to be sent, end excluded, and the endpoints of a user; `end`: outcomes from this record on. */
type Entry =
  | { readonly begin: readonly [from: number, to: number]; readonly endpoints?: Endpoints }
  | { readonly end: number; readonly outcomes: readonly Outcome[] };

/** The progress of an operation. */
export interface Progress {
  /** The first record without a known outcome. */
  readonly next: number;
  /** Records that may have been sent, without a response; for users, with their endpoints before. */
  readonly uncertain: ReadonlyMap<number, Endpoints | undefined>;
  readonly counts: BulkCounts;
  /** The outcome of each record, by its index. */
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** Copies of damaged journals. */
  readonly damaged: readonly string[];
}

/**
 * Requests and their outcomes, appended and synced before and after each request. Contains record numbers and no content of the file;
 * for users the Ids of their endpoints. An incomplete last line, as a crash leaves it, is ignored.
 *
 * Each owner of the operation has its own journal, named after its epoch: a suspended one appends only to its own.
 */
export class Journal {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(folder: string, id: string, epoch: number): Promise<Journal> {
    const path = join(folder, `${id}.${epoch}.journal`);
    try {
      return new Journal(path, await openToAppend(path));
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }

  begin(from: number, to: number, endpoints?: Endpoints): Promise<void> {
    return this.#append({ begin: [from, to], ...(endpoints && { endpoints }) });
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

/** The progress of an operation from the journals of all its owners; later ones take precedence. */
export async function progressOf(folder: string, id: string): Promise<Progress> {
  const outcomes = new Map<number, Outcome>();
  const begun = new Map<number, Endpoints | undefined>();
  const damaged: string[] = [];
  for (const path of await journalsOf(folder, id)) {
    const { entries, isDamaged } = await entriesOf(path);
    if (isDamaged) damaged.push(await copyDamaged(path));
    for (const entry of entries) {
      if ('begin' in entry) {
        for (let index = entry.begin[0]; index < entry.begin[1]; index++) {
          begun.set(index, entry.endpoints ?? begun.get(index));
        }
      } else for (const [at, outcome] of entry.outcomes.entries()) outcomes.set(entry.end + at, outcome);
    }
  }
  const counts = { done: 0, absent: 0, failed: 0 };
  for (const { kind } of outcomes.values()) if (kind !== 'unknown') counts[kind]++;
  let next = 0;
  while (outcomes.has(next)) next++;
  const uncertain = new Map([...begun].filter(([index]) => !outcomes.has(index)));
  return { next, uncertain, counts, outcomes, damaged };
}

/** Removes the journals of an operation. They contain Ids of endpoints. */
export async function removeJournals(folder: string, id: string): Promise<void> {
  for (const path of await journalsOf(folder, id)) await rm(path, { force: true });
}

/** Removes the journals of an operation, and the copies of damaged ones, to which its record refers. */
export async function removeJournalsAndCopies(folder: string, id: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (journalOf(name)?.id === id) await rm(join(folder, name), { force: true });
  }
}

/** The operation that a journal, or the copy of a damaged one, belongs to; `undefined` for other files. */
export function journalOf(name: string): { readonly id: string; readonly isCopy: boolean } | undefined {
  const [, id, copy] = /^([0-9a-f]{16})(?:\.\d+)?\.journal(\.bad)?$/.exec(name) ?? [];
  return id === undefined ? undefined : { id, isCopy: copy !== undefined };
}

/** Earlier owners first. Earlier versions of the extension used one journal for all. */
async function journalsOf(folder: string, id: string): Promise<readonly string[]> {
  const epochOf = (name: string): number => Number(/\.(\d+)\.journal$/.exec(name)?.[1] ?? 0);
  return (await readdir(folder))
    .filter((name) => journalOf(name)?.id === id && !name.endsWith(damagedExtension))
    .sort((a, b) => epochOf(a) - epochOf(b))
    .map((name) => join(folder, name));
}

async function entriesOf(
  path: string,
): Promise<{ readonly entries: readonly Entry[]; readonly isDamaged: boolean }> {
  let text: string | undefined;
  try {
    text = await readOwnFile(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  // The last piece is empty or incomplete.
  const read = (text ?? '').split('\n').slice(0, -1).map(entryIn);
  const entries = read.filter((entry) => entry !== undefined);
  return { entries, isDamaged: entries.length < read.length };
}

function entryIn(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Record<string, unknown>> | null;
    const isBegin = Array.isArray(value?.['begin']) && value['begin'].length === 2;
    const isEnd = typeof value?.['end'] === 'number' && Array.isArray(value['outcomes']);
    return isBegin || isEnd ? (value as Entry) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The journal itself stays, because its other lines are still needed. */
async function copyDamaged(path: string): Promise<string> {
  const copy = path + damagedExtension;
  try {
    await rm(copy, { force: true });
    await copyFile(path, copy, constants.COPYFILE_EXCL);
  } catch (error) {
    throw fileError(error, 'write', copy);
  }
  return copy;
}
