import { hasErrno } from '../../fileErrors.ts';
import { rm, whileInUse } from '../../fileOperations.ts';
import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damagedExtension } from './damagedRecords.ts';
import { readOwnFile } from '../../ownFiles.ts';
import { privateFile } from '../../permissions.ts';
import { hasNoLinks, syncFolder } from '../../publishFile.ts';

/** Empty listings after which there is no version. */
const emptyListings = 3;

/** One version of a text: its number, and a mark that distinguishes it from others with the same number. */
export interface Version {
  readonly number: number;
  readonly mark: string;
  /** Marks of its predecessors, the latest first. */
  readonly lineage: readonly string[];
}

/** The predecessor of a first version. */
export const none: Version = { number: 0, mark: '', lineage: [] };

/** Versions that `tidy` keeps. */
const keptVersions = 3;

/** Maximum number of predecessors that a version names. */
const maxLineage = 20;

/**
 * Texts that are written once and never changed: a new version gets the next number, and the highest number counts.
 *
 * A version is created by a hard link, which fails if its number is taken, so a process can't overwrite what a newer owner wrote,
 * however long it was suspended between two steps. Older versions are removed in ascending order, and only after a newer one exists.
 * So a version whose predecessor still exists when it is created is the newest; if its predecessor is gone, it came too late: its
 * number is lower than the newest one, and it doesn't count.
 * A mark at its end tells a predecessor from a late version with the same number (the model in `test/unit/jobs/model` shows why all
 * of this is needed).
 * If the file system has no links, the file is created exclusively and then written; it doesn't count before its last byte.
 */
export class VersionedFiles {
  readonly folder: string;
  readonly #extension: string;
  readonly #name: RegExp;

  /** @param extension with its dot; a file name is the id, the number and the extension */
  constructor(folder: string, extension: string) {
    this.folder = folder;
    this.#extension = extension;
    this.#name = new RegExp(`^(.+)\\.(\\d{1,15})\\${extension}$`);
  }

  /** The numbers of each id, in ascending order. */
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

  /** The newest complete version. */
  async latest(id: string): Promise<(Version & { readonly text: string }) | undefined> {
    // A listing may miss both a version that is removed meanwhile and its successor.
    for (let empty = 0; empty < emptyListings;) {
      const numbers = await this.numbersOf(id);
      let isOvertaken = false;
      for (const number of [...numbers].reverse()) {
        const text = await readOwnFile(this.path(id, number));
        // Removed meanwhile, after a newer one was written.
        if (text === undefined) isOvertaken = true;
        else if (isWhole(text)) return { number, ...withoutMark(text) };
      }
      if (numbers.length === 0) empty += 1;
      else if (!isOvertaken) return undefined;
    }
    return undefined;
  }

  /**
   * Writes the successor of the version `after`. Once this resolves, it survives a crash.
   *
   * @param text ends with a line break
   * @returns the new version; `undefined` if another process has written a newer one, and then nothing is written
   */
  async append(id: string, after: Version, text: string): Promise<Version | undefined> {
    const number = after.number === 0 ? await this.#first(id) : await this.#next(id, after.number);
    if (number === undefined) return undefined;
    const path = this.path(id, number);
    const mark = randomBytes(8).toString('hex');
    const lineage = [after.mark, ...after.lineage].filter((each) => each !== '').slice(0, maxLineage);
    const made = await this.#create(id, path, `${text}#${[mark, ...lineage].join(' ')}\n`);
    if (made === 'taken') return undefined;
    if (!(await this.#isNewest(id, number, after, made))) {
      const newest = await this.latest(id);
      // Another process may have read ours and appended to it before this check.
      if (newest?.lineage.includes(mark) === true) return { number, mark, lineage };
      await rm(path, { force: true });
      return undefined;
    }
    // All of them: one that an interrupted process left would be a predecessor for a late version.
    await this.#removeBelow(id, number, await this.numbersOf(id));
    return { number, mark, lineage };
  }

  /** True if there is no newer version. */
  async isLatest(id: string, version: Version): Promise<boolean> {
    // In this order, so that a version written between the two checks isn't missed.
    return !(await isThere(this.path(id, version.number + 1))) && (await this.#isThere(id, version));
  }

  /** Removes all versions, or those up to `last`. Owners that still hold one of them can't write another. */
  async remove(id: string, last = Infinity): Promise<void> {
    for (const number of (await this.numbersOf(id)).filter((each) => each <= last))
      await rm(this.path(id, number), { force: true });
  }

  /**
   * Removes older versions that interrupted writers left. Keeps the last two, and one that may be unfinished: the writer of the newest
   * may still have to find its predecessor.
   */
  async tidy(id: string, numbers: readonly number[]): Promise<void> {
    const newest = numbers.at(-keptVersions);
    if (newest !== undefined) await this.#removeBelow(id, newest, numbers);
  }

  /** Removes versions that were never finished, or lost their end, and weren't written since `before`, in milliseconds since 1970. */
  async removeUnfinished(before: number): Promise<void> {
    for (const [id, numbers] of this.numbersIn(await namesIn(this.folder))) {
      for (const number of numbers) {
        const path = this.path(id, number);
        const entry = await lstat(path).catch(() => undefined);
        if (entry?.isFile() !== true || entry.mtimeMs >= before) continue;
        const text = await readOwnFile(path);
        if (text !== undefined && !isWhole(text)) await rm(path, { force: true });
      }
    }
  }

  path(id: string, number: number): string {
    return join(this.folder, `${id}.${number}${this.#extension}`);
  }

  /**
   * The number of a first version; `undefined` if there is a version. It is higher than those of unfinished versions and of damaged ones
   * that were renamed: another process may still be about to rename one.
   */
  async #first(id: string): Promise<number | undefined> {
    for (const number of await this.numbersOf(id)) {
      const text = await readOwnFile(this.path(id, number));
      if (text !== undefined && isWhole(text)) return undefined;
    }
    return (await this.lastNumberOf(id)) + 1;
  }

  /** The highest number in use, also of a damaged version that was renamed; 0 if there is none. */
  async lastNumberOf(id: string): Promise<number> {
    const names = await namesIn(this.folder);
    const all = names.map((name) =>
      name.endsWith(damagedExtension) ? name.slice(0, -damagedExtension.length) : name,
    );
    return Math.max(0, ...(this.numbersIn(all).get(id) ?? []));
  }

  /** The number after a version. Skips files without links that were never finished. */
  async #next(id: string, after: number): Promise<number> {
    for (let number = after + 1; ; number += 1) {
      const text = await readOwnFile(this.path(id, number));
      if (text === undefined || isWhole(text)) return number;
    }
  }

  async #isNewest(id: string, number: number, after: Version, made: 'linked' | 'written'): Promise<boolean> {
    const hasPredecessor =
      after.number === 0 ? (await this.numbersOf(id)).at(-1) === number : await this.#isThere(id, after);
    if (!hasPredecessor) return false;
    // Without links, another process may have mistaken ours for an unfinished one, or we theirs.
    if (made === 'written' && (await isThere(this.path(id, number + 1)))) return false;
    for (let passed = after.number + 1; passed < number; passed += 1) {
      const text = await readOwnFile(this.path(id, passed));
      if (text !== undefined && isWhole(text)) return false;
    }
    return true;
  }

  async #isThere(id: string, { number, mark }: Version): Promise<boolean> {
    const text = await readOwnFile(this.path(id, number));
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

  /** In ascending order, and no further than the first that can't be removed: see the class. */
  async #removeBelow(id: string, newest: number, numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      if (number <= 0 || number >= newest) continue;
      try {
        await rm(this.path(id, number), { force: true });
      } catch {
        // On Windows, a file that is being read can't be removed: `tidy` does it later.
        return;
      }
    }
  }
}

/** Contains the process ID, so that the file can be removed once that process is gone. */
export function temporaryName(id: string): string {
  return `${id}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** The process ID in the name of a temporary file; `undefined` for other files. */
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
  const file = await whileInUse(() => open(path, 'wx', privateFile));
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

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
