import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { readOwnFile } from '../../ownFiles.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import type { Guarded, GuardedRecords } from './guard.ts';
import { takenOver } from './guard.ts';
import type { Version } from './versionedFiles.ts';
import { none, VersionedFiles } from './versionedFiles.ts';

/** How records of one kind are stored. */
export interface RecordKind<T extends Guarded> {
  /** With its dot, such as `.bulk`. */
  readonly extension: string;
  /** The record in a parsed file; `undefined` if it is damaged or was written by a newer version of the extension. */
  parse(value: unknown, id: string): T | undefined;
  /** Extension of the single file without epoch that earlier versions used. */
  readonly oldExtension?: string | undefined;
}

/** Records that are read on demand; each version is a small JSON file: see `VersionedFiles` and `Guard`. */
export class GuardedStore<T extends Guarded & { readonly id: string }> implements GuardedRecords<T> {
  readonly #folder: string;
  readonly #kind: RecordKind<T>;
  readonly #files: VersionedFiles;

  constructor(folder: string, kind: RecordKind<T>) {
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

  async get(id: string): Promise<T | undefined> {
    return (await this.#newest(id))?.record;
  }

  /** Writes a new record; `undefined` if its id is taken. */
  async create(record: T): Promise<T | undefined> {
    await this.prepare();
    if ((await this.#newest(record.id)) !== undefined) return undefined;
    return this.#append(record, none);
  }

  async update(id: string, change: (record: T) => T | undefined, epoch?: number): Promise<T | undefined> {
    for (;;) {
      const newest = await this.#newest(id);
      if (newest === undefined) return undefined;
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

  async remove(id: string): Promise<void> {
    await this.#files.remove(id);
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

  /** Removes records that weren't written since `before`, in milliseconds since 1970; also those that can't be read. */
  async removeOld(before: number): Promise<void> {
    for (const id of await this.ids()) {
      const number = (await this.#files.numbersOf(id)).at(-1);
      const path = number === undefined ? this.#oldPath(id) : this.#files.path(id, number);
      const entry = path === undefined ? undefined : await lstat(path).catch(() => undefined);
      if (entry !== undefined && entry.mtimeMs < before) await this.remove(id);
    }
  }

  /** Removes versions that no longer count, and superseded files of earlier versions of the extension. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const [id, numbers] of this.#files.numbersIn(names)) {
      await this.#files.tidy(id, numbers);
      const old = this.#oldPath(id);
      if (old !== undefined) await rm(old, { force: true });
    }
  }

  async #newest(id: string): Promise<{ readonly record: T; readonly version: Version } | undefined> {
    try {
      const version = await this.#files.latest(id);
      if (version !== undefined) {
        const record = this.#parse(version.text, id);
        return record && { record, version };
      }
      const old = this.#oldPath(id);
      const text = old && (await readOwnFile(old));
      const record = text === undefined ? undefined : this.#parse(text, id);
      return record && { record, version: none };
    } catch (error) {
      throw fileError(error, 'read the record', this.#files.path(id, 1));
    }
  }

  #parse(text: string, id: string): T | undefined {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
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
