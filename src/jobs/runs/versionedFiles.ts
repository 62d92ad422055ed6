import { hasErrno } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFile } from '../../permissions.ts';
import { hasNoLinks, syncFolder } from '../../publishFile.ts';

/** After so many listings without any version there is none. */
const emptyListings = 3;

/** One of the texts of a name: the how manieth it is, and what no other has, though it had the same number. */
export interface Version {
  readonly number: number;
  readonly mark: string;
  /** Marks of those that it was written after, the latest first. */
  readonly lineage: readonly string[];
}

/** What a first version is written after. */
export const none: Version = { number: 0, mark: '', lineage: [] };

/** So many are left alone by `tidy`. */
const keptVersions = 3;

/** How many of its predecessors a version names. */
const maxLineage = 20;

/**
 * Texts of which each is written once and never changed: a new one gets the next number, and the highest number counts.
 *
 * A version is made by a link, which fails where there is one of its number, so that nobody overwrites what a newer owner has written,
 * however long a process stood still between two steps. Older versions are removed in ascending order, and only after a newer one is
 * there. So a version whose predecessor is still there when it is made is the newest; one whose predecessor is gone came too late: it is
 * of a lower number than the newest, and does not count.
 * A mark at its end tells a predecessor from one of the same number that somebody else made who came too late (the model in
 * `test/unit/jobs/model` shows why it takes all of this).
 * Where the file system has no links, the file is made exclusively and then written; until its last byte it does not count.
 */
export class VersionedFiles {
  readonly folder: string;
  readonly #extension: string;
  readonly #name: RegExp;

  /** @param extension with its dot; names are made of the id, the number and the extension */
  constructor(folder: string, extension: string) {
    this.folder = folder;
    this.#extension = extension;
    this.#name = new RegExp(`^(.+)\\.(\\d{1,15})\\${extension}$`);
  }

  /** The numbers that are there of each id, in ascending order. */
  numbersIn(names: readonly string[]): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (const name of names) {
      const [, id, number] = this.#name.exec(name) ?? [];
      if (id === undefined) continue;
      const numbers = found.get(id) ?? [];
      numbers.push(Number(number));
      found.set(id, numbers);
    }
    for (const numbers of found.values()) numbers.sort((a, b) => a - b);
    return found;
  }

  async numbersOf(id: string): Promise<readonly number[]> {
    return this.numbersIn(await namesIn(this.folder)).get(id) ?? [];
  }

  /** The newest that is whole. */
  async latest(id: string): Promise<(Version & { readonly text: string }) | undefined> {
    // A listing may show neither a version that is removed meanwhile nor the one that is made in its place.
    for (let empty = 0; empty < emptyListings;) {
      const numbers = await this.numbersOf(id);
      let isOvertaken = false;
      for (const number of [...numbers].reverse()) {
        const text = await readIfThere(this.path(id, number));
        // Removed meanwhile, because a newer one was written.
        if (text === undefined) isOvertaken = true;
        else if (isWhole(text)) return { number, ...withoutMark(text) };
      }
      if (numbers.length === 0) empty += 1;
      else if (!isOvertaken) return undefined;
    }
    return undefined;
  }

  /**
   * Writes what comes after the version `after`. Once this resolves, it outlives a crash.
   *
   * @param text ends with a line break
   * @returns the number that it has; `undefined` where somebody has written a newer one, and then nothing is written
   */
  async append(id: string, after: Version, text: string): Promise<Version | undefined> {
    const number = await this.#next(id, after.number);
    const path = this.path(id, number);
    const mark = randomBytes(8).toString('hex');
    const lineage = [after.mark, ...after.lineage].filter((each) => each !== '').slice(0, maxLineage);
    const made = await this.#create(id, path, `${text}#${[mark, ...lineage].join(' ')}\n`);
    if (made === 'taken') return undefined;
    if (!(await this.#isNewest(id, number, after, made))) {
      const newest = await this.latest(id);
      // Somebody may have read ours, and written after it before we looked.
      if (newest?.lineage.includes(mark) === true) return { number, mark, lineage };
      await rm(path, { force: true });
      return undefined;
    }
    // All of them: whoever ended before removing one would leave a predecessor for somebody who comes too late.
    await this.#removeBelow(id, number, await this.numbersOf(id));
    return { number, mark, lineage };
  }

  /** True where nobody has written a newer version. */
  async isLatest(id: string, version: Version): Promise<boolean> {
    // In this order: a newer one that comes between the two is found to be missing by nobody.
    return !(await isThere(this.path(id, version.number + 1))) && (await this.#isThere(id, version));
  }

  /** Removes all versions. Whoever still holds one of them can write no other. */
  async remove(id: string): Promise<void> {
    for (const number of await this.numbersOf(id)) await rm(this.path(id, number), { force: true });
  }

  /**
   * Removes older versions that their writers left, because they ended before they removed them. Leaves the last two, and one that may
   * be unfinished: the writer of the newest may still have to see its predecessor.
   */
  async tidy(id: string, numbers: readonly number[]): Promise<void> {
    const newest = numbers.at(-keptVersions);
    if (newest !== undefined) await this.#removeBelow(id, newest, numbers);
  }

  path(id: string, number: number): string {
    return join(this.folder, `${id}.${number}${this.#extension}`);
  }

  /** The number after a version; those that were begun without links and never finished are passed over. */
  async #next(id: string, after: number): Promise<number> {
    for (let number = after + 1; ; number += 1) {
      const text = await readIfThere(this.path(id, number));
      if (text === undefined || isWhole(text)) return number;
    }
  }

  async #isNewest(id: string, number: number, after: Version, made: 'linked' | 'written'): Promise<boolean> {
    const hasPredecessor =
      after.number === 0 ? (await this.numbersOf(id)).at(-1) === number : await this.#isThere(id, after);
    if (!hasPredecessor) return false;
    // Without links somebody may have taken ours for one that was never finished, or we theirs.
    if (made === 'written' && (await isThere(this.path(id, number + 1)))) return false;
    for (let passed = after.number + 1; passed < number; passed += 1) {
      const text = await readIfThere(this.path(id, passed));
      if (text !== undefined && isWhole(text)) return false;
    }
    return true;
  }

  async #isThere(id: string, { number, mark }: Version): Promise<boolean> {
    const text = await readIfThere(this.path(id, number));
    return text !== undefined && withoutMark(text).mark === mark;
  }

  async #create(id: string, path: string, text: string): Promise<'linked' | 'written' | 'taken'> {
    const temporary = join(this.folder, temporaryName(id));
    let made: 'linked' | 'written' = 'linked';
    try {
      await writeSynced(temporary, text);
      try {
        await link(temporary, path);
      } catch (error) {
        if (!hasNoLinks(error)) throw error;
        await writeSynced(path, text);
        made = 'written';
      }
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return 'taken';
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(this.folder);
    return made;
  }

  /** In ascending order, and no further than the first that stays: see the class. */
  async #removeBelow(id: string, newest: number, numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      if (number <= 0 || number >= newest) continue;
      try {
        await rm(this.path(id, number), { force: true });
      } catch {
        // Read by somebody, as on Windows: `tidy` removes it later.
        return;
      }
    }
  }
}

/** Says whose it is, so that it can be removed once that process is gone. */
export function temporaryName(id: string): string {
  return `${id}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** The process that a temporary file is of, and `undefined` for other files. */
export function pidOfTemporary(name: string): number | undefined {
  const [, pid] = /\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

const markAtEnd = /#([0-9a-f]{16})((?: [0-9a-f]{16})*)\n$/;

function isWhole(text: string): boolean {
  return markAtEnd.test(text);
}

function withoutMark(text: string): Pick<Version, 'mark' | 'lineage'> & { readonly text: string } {
  const [, mark = '', others = ''] = markAtEnd.exec(text) ?? [];
  const lineage = others.split(' ').filter((each) => each !== '');
  return { text: text.replace(markAtEnd, ''), mark, lineage };
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', privateFile);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
