import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { readOwnFile } from '../../ownFiles.ts';
import type { Log } from '../../log.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import { failuresKeptMs } from '../failures/failureExpiry.ts';
import { damagedExtension, removeOldDamaged, renameDamaged } from './damagedRecords.ts';
import type { Guarded, GuardedRecords } from './guard.ts';
import { takenOver } from './guard.ts';
import type { Version } from './versionedFiles.ts';
import { none, VersionedFiles } from './versionedFiles.ts';

/** How records of one kind are stored. */
export interface RecordKind<T extends Guarded> {
  /** With its dot, such as `.bulk`. */
  readonly extension: string;
  /** The newest schema that `parse` can read. A record with a higher one is of a newer version of the extension. */
  readonly schema: number;
  /** The record in a parsed file; `undefined` if it is damaged. */
  parse(value: unknown, id: string): T | undefined;
  /** Extension of the single file without epoch that earlier versions used. */
  readonly oldExtension?: string | undefined;
}

interface Newest<T> {
  readonly record?: T;
  readonly version: Version;
}

/** Records that are read on demand; each version is a small JSON file: see `VersionedFiles` and `Guard`. */
export class GuardedStore<T extends Guarded & { readonly id: string }> implements GuardedRecords<T> {
  readonly #folder: string;
  readonly #kind: RecordKind<T>;
  readonly #files: VersionedFiles;
  readonly #log: Log;

  constructor(folder: string, kind: RecordKind<T>, log: Log) {
    this.#log = log;
    this.#folder = folder;
    this.#kind = kind;
    this.#files = new VersionedFiles(folder, kind.extension);
  }

  async ids(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (hasErrno(error, 'ENOENT')) return [];
      throw fileError(error, 'read', this.#folder);
    });
    const { oldExtension } = this.#kind;
    const old = names.flatMap((name) =>
      oldExtension !== undefined && name.endsWith(oldExtension) ? [name.slice(0, -oldExtension.length)] : [],
    );
    return [...new Set([...this.#files.numbersIn(names).keys(), ...old])];
  }

  /** `undefined` if there is none, it was damaged, or a newer version of the extension wrote it. */
  async get(id: string): Promise<T | undefined> {
    return (await this.#newest(id))?.record;
  }

  /** True if there is a record, even one that can't be read. */
  async has(id: string): Promise<boolean> {
    return (await this.#newest(id)) !== undefined || (await this.ids()).includes(id);
  }

  /**
   * Writes a new record; `undefined` if its id is taken. Its epoch is higher than those of a damaged one with the same id.
   *
   * @throws AudienceError `conflict` if a newer version of the extension wrote a record with this id
   */
  async create(record: T): Promise<T | undefined> {
    await this.prepare();
    const newest = await this.#newest(record.id);
    if (newest?.record === undefined && newest !== undefined) {
      throw new AudienceError('conflict', 'A newer version of the extension wrote this record', {
        help: 'Use that version, or remove the record with it.',
      });
    }
    if (newest !== undefined) return undefined;
    // Each takeover writes a version, so no epoch is higher than the number.
    const epoch = (await this.#files.lastNumberOf(record.id)) + record.epoch;
    return this.#append({ ...record, epoch }, none);
  }

  async update(id: string, change: (record: T) => T | undefined, epoch?: number): Promise<T | undefined> {
    for (;;) {
      const newest = await this.#newest(id);
      if (newest?.record === undefined) return undefined;
      if (epoch !== undefined && newest.record.epoch !== epoch) throw takenOver();
      const next = change(newest.record);
      if (next === undefined) return undefined;
      const written = await this.#append(next, newest.version);
      if (written !== undefined) return written;
    }
  }

  async epochOf(id: string): Promise<number | undefined> {
    return (await this.get(id))?.epoch;
  }

  /**
   * Removes a record.
   *
   * @param epoch throws `conflict` if the record has another one, or if another process takes over meanwhile
   */
  async remove(id: string, epoch?: number): Promise<void> {
    let last: number | undefined;
    if (epoch !== undefined) {
      const newest = await this.#newest(id);
      if (newest?.record?.epoch !== epoch) throw takenOver();
      last = newest.version.number;
    }
    await this.#files.remove(id, last);
    if (epoch !== undefined && (await this.#newest(id)) !== undefined) throw takenOver();
    const old = this.#oldPath(id);
    if (old !== undefined) await rm(old, { force: true });
  }

  /** Creates the folder, and checks that it is private. */
  async prepare(): Promise<void> {
    try {
      await makeRecordFolder(this.#folder);
    } catch (error) {
      throw fileError(error, 'create', this.#folder);
    }
  }

  /** Removes records that weren't written since `before`, in milliseconds since 1970; also damaged ones, but none of a newer version. */
  async removeOld(before: number): Promise<void> {
    for (const id of await this.ids()) {
      const number = (await this.#files.numbersOf(id)).at(-1);
      const path = number === undefined ? this.#oldPath(id) : this.#files.path(id, number);
      const entry = path === undefined ? undefined : await lstat(path).catch(() => undefined);
      if (path === undefined || entry === undefined || entry.mtimeMs >= before) continue;
      const newest = await this.#newest(id);
      if (newest !== undefined && newest.record === undefined) continue;
      await this.remove(id);
      await rm(path + damagedExtension, { force: true });
    }
  }

  /**
   * Removes versions that no longer count, superseded files of earlier versions of the extension, and after a week damaged and
   * unfinished ones.
   */
  async sweep(): Promise<void> {
    await removeOldDamaged(this.#folder);
    await this.#files.removeUnfinished(Date.now() - failuresKeptMs);
    const names = await readdir(this.#folder).catch(() => []);
    for (const [id, numbers] of this.#files.numbersIn(names)) {
      await this.#files.tidy(id, numbers);
      const old = this.#oldPath(id);
      if (old !== undefined) await rm(old, { force: true });
    }
  }

  /** Without `record` if a newer version of the extension wrote it. */
  async #newest(id: string): Promise<Newest<T> | undefined> {
    try {
      const version = await this.#files.latest(id);
      if (version !== undefined) {
        const record = this.#parse(version.text, id);
        if (record === 'newer') return { version };
        if (record !== undefined) return { record, version };
        // In this order, so that an older version can't become the newest.
        await this.#files.remove(id, version.number - 1);
        await this.#setAside(this.#files.path(id, version.number));
        return undefined;
      }
      const old = this.#oldPath(id);
      const text = old && (await readOwnFile(old));
      if (text === undefined) return undefined;
      const record = this.#parse(text, id);
      if (record === 'newer') return { version: none };
      if (record !== undefined) return { record, version: none };
      await this.#setAside(old!);
      return undefined;
    } catch (error) {
      throw fileError(error, 'read the record', this.#files.path(id, 1));
    }
  }

  async #setAside(path: string): Promise<void> {
    try {
      this.#log.warn(`Moved a damaged record to ${await renameDamaged(path)}`);
    } catch (error) {
      // Another process did it first, and reports it.
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }

  #parse(text: string, id: string): T | 'newer' | undefined {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
    const { schema } = (value ?? {}) as { readonly schema?: unknown };
    if (typeof schema === 'number' && schema > this.#kind.schema) return 'newer';
    return this.#kind.parse(value, id);
  }

  async #append(record: T, after: Version): Promise<T | undefined> {
    const { id } = record;
    try {
      const text = `${JSON.stringify(record, undefined, 1)}\n`;
      if ((await this.#files.append(id, after, text)) === undefined) return undefined;
    } catch (error) {
      throw fileError(error, 'write the record', this.#files.path(id, after.number + 1));
    }
    const old = this.#oldPath(id);
    if (after === none && old !== undefined) await rm(old, { force: true });
    return record;
  }

  #oldPath(id: string): string | undefined {
    const { oldExtension } = this.#kind;
    return oldExtension === undefined ? undefined : join(this.#folder, `${id}${oldExtension}`);
  }
}
