import { AudienceError } from '../../errors.ts';
import { failuresKeptMs } from '../failures/failureExpiry.ts';
import { removeOldDamaged, renameDamaged } from './damagedRecords.ts';
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Emitter } from '../../events.ts';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { fileIdentity, fileStamp } from '../../fileIdentity.ts';
import { rm } from '../../fileOperations.ts';
import { openToAppend, readOwnFile } from '../../ownFiles.ts';
import { isOurs, makeRecordFolder } from '../../ownFolders.ts';
import type { Log } from '../../log.ts';
import { WakeSignal } from '../drive/wakeSignal.ts';
import type { GuardedRecords } from './guard.ts';
import { takenOver } from './guard.ts';
import { readRecord } from './readRecord.ts';
import type { RunRecord } from './runRecord.ts';
import type { Version } from './versionedFiles.ts';
import { none, VersionedFiles } from './versionedFiles.ts';

export interface RunStoreOptions {
  readonly log: Log;
  /** Receives messages about unreadable records, batched. */
  readonly report?: ((messages: readonly string[]) => void) | undefined;
}

interface Entry {
  readonly record: RunRecord;
  /** `none` for a file of an earlier version of the extension. */
  readonly version: Version;
  /** Identifies the content of that file, which is overwritten in place. */
  readonly stamp?: string | undefined;
}

const extension = '.run';
/** Schemas 1 and 2 used one file per record. */
const oldExtension = '.json';
const cancelExtension = '.cancel';

/**
 * Records of runs in a folder that several processes share: each change creates a new small JSON file (see `VersionedFiles`).
 * A write is complete or has no effect, and never overwrites what another process wrote meanwhile.
 */
export class RunStore implements GuardedRecords<RunRecord> {
  readonly #folder: string;
  readonly #options: RunStoreOptions;
  readonly #files: VersionedFiles;
  readonly #changed = new Emitter<RunRecord | undefined>();
  /** Fires with a record that any process wrote; with `undefined` after several changes or a removal. */
  readonly onDidChange = this.#changed.event;
  #entries = new Map<string, Entry>();
  readonly #leftOut = new Set<string>();
  readonly #unreported: string[] = [];
  readonly #cancels = new WakeSignal();
  #watcher: FSWatcher | undefined;
  /** Identifies the folder that is watched: another one may have taken its place. */
  #watched: string | undefined;
  #isDisposed = false;
  #soon: NodeJS.Timeout | undefined;
  #often: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(folder: string, options: RunStoreOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#files = new VersionedFiles(folder, extension);
  }

  /** Reads all records and starts watching for changes by other processes. Can be called again after a failure. */
  async load(): Promise<void> {
    await this.#openFolder();
    try {
      await this.refresh();
    } catch (error) {
      throw fileError(error, 'read', this.#folder);
    }
  }

  /** Newest first. */
  list(): readonly RunRecord[] {
    return [...this.#entries.values()]
      .map(({ record }) => record)
      .sort((a, b) => b.created.localeCompare(a.created) || b.id.localeCompare(a.id));
  }

  get(id: string): RunRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** True if an earlier version of the extension wrote it; then only the holder of its lease may change it. */
  isOld(id: string): boolean {
    return this.#entries.get(id)?.version.number === 0;
  }

  /** Writes a new record; `undefined` if its id is taken. Once this resolves, it survives a crash. */
  create(record: RunRecord): Promise<RunRecord | undefined> {
    return this.#inTurn(async () => {
      if ((await this.#newest(record.id)) !== undefined) return undefined;
      return this.#append(record, none);
    });
  }

  /** See `GuardedRecords.update`. Changes of one record are serialized, across processes as well. */
  update(
    id: string,
    change: (record: RunRecord) => RunRecord | undefined,
    epoch?: number,
  ): Promise<RunRecord | undefined> {
    return this.#inTurn(async () => {
      for (;;) {
        const entry = await this.#newest(id);
        if (entry === undefined) return undefined;
        if (epoch !== undefined && entry.record.epoch !== epoch) throw takenOver();
        const next = change(entry.record);
        if (next === undefined) return undefined;
        const written = await this.#append(next, entry.version);
        if (written !== undefined) return written;
      }
    });
  }

  epochOf(id: string): Promise<number | undefined> {
    return this.#inTurn(async () => (await this.#newest(id))?.record.epoch);
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await rm(this.#oldPath(id), { force: true });
      await this.#files.remove(id);
      await rm(this.#cancelPath(id), { force: true });
      this.#entries.delete(id);
      this.#fire(undefined);
    });
  }

  /** Asks the process that drives a run, now or later, to cancel what hasn't started. */
  async askToCancel(id: string): Promise<void> {
    const path = this.#cancelPath(id);
    try {
      await (await openToAppend(path)).close();
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }

  async wantsCancel(id: string): Promise<boolean> {
    const entry = await lstat(this.#cancelPath(id)).catch(() => undefined);
    return entry?.isFile() === true && isOurs(entry);
  }

  async forgetCancel(id: string): Promise<void> {
    await rm(this.#cancelPath(id), { force: true });
  }

  /** Aborted when any process asks to cancel a run, if the file system reports it. */
  get cancelAsked(): AbortSignal {
    return this.#cancels.signal;
  }

  /** Reads what other processes wrote. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#openFolder();
      const names = await readdir(this.#folder);
      const numbers = this.#files.numbersIn(names);
      const old = names
        .filter((name) => name.endsWith(oldExtension))
        .map((name) => name.slice(0, -oldExtension.length));
      const entries = new Map<string, Entry>();
      const changed: (RunRecord | undefined)[] = [];
      // Known records that aren't in the listing may have been rewritten while it was made.
      for (const id of new Set([...numbers.keys(), ...old, ...this.#entries.keys()])) {
        const known = this.#entries.get(id);
        const isKnown = known !== undefined && known.version.number === numbers.get(id)?.at(-1);
        const entry = isKnown ? known : await this.#readOrKeep(id, known);
        if (entry === undefined) continue;
        entries.set(id, entry);
        if (entry !== known) changed.push(entry.record);
      }
      for (const id of this.#entries.keys()) if (!entries.has(id)) changed.push(undefined);
      this.#entries = entries;
      this.#report();
      if (changed.length > 0) this.#fire(changed.length === 1 ? changed[0] : undefined);
    });
  }

  /** Removes records that were damaged or unfinished a week ago. */
  removeOld(): Promise<void> {
    return this.#inTurn(async () => {
      await removeOldDamaged(this.#folder);
      await this.#files.removeUnfinished(Date.now() - failuresKeptMs);
    });
  }

  /** Removes files that interrupted processes left: versions that no longer count, and requests to cancel unknown runs. */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      await removeOldDamaged(this.#folder);
      const names = await readdir(this.#folder);
      const numbers = this.#files.numbersIn(names);
      for (const [id, each] of numbers) await this.#files.tidy(id, each);
      for (const name of names) {
        const id = name.slice(0, name.lastIndexOf('.'));
        // Written by an earlier version of the extension that was suspended while its run was taken over.
        const isOvertaken = name.endsWith(oldExtension) && numbers.has(id);
        const isOfNone = name.endsWith(cancelExtension) && !this.#entries.has(id);
        if (isOvertaken || isOfNone) await rm(join(this.#folder, name), { force: true });
      }
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#watcher?.close();
    clearTimeout(this.#soon);
    clearInterval(this.#often);
    this.#changed.dispose();
  }

  /** The newest version on disk. */
  async #newest(id: string): Promise<Entry | undefined> {
    const known = this.#entries.get(id);
    const isOld = known === undefined || known.version === none;
    if (!isOld && (await this.#files.isLatest(id, known.version))) return known;
    let entry: Entry | undefined;
    try {
      entry = await this.#read(id, known);
    } catch (error) {
      throw fileError(error, 'read the record of the job', this.#files.path(id, known?.version.number ?? 1));
    }
    if (entry === undefined) this.#entries.delete(id);
    else this.#entries.set(id, entry);
    this.#report();
    if (entry?.record !== known?.record) this.#fire(entry?.record);
    return entry;
  }

  /** `undefined` if another process has written a newer version. */
  async #append(record: RunRecord, after: Version): Promise<RunRecord | undefined> {
    const text = `${JSON.stringify(record, undefined, 1)}\n`;
    const { id } = record;
    // Read again, it would count as damaged, and the run would be lost.
    if (!('record' in readRecord(text, id)))
      throw new AudienceError('internal', 'The record of the job would be damaged, and was not written');
    let version: Version | undefined;
    try {
      version = await this.#files.append(id, after, text);
    } catch (error) {
      throw fileError(error, 'write the record of the job', this.#files.path(id, after.number + 1));
    }
    if (version === undefined) return undefined;
    if (after === none) await rm(this.#oldPath(id), { force: true }).catch(() => undefined);
    const written = JSON.parse(text) as RunRecord;
    this.#entries.set(id, { record: written, version });
    this.#fire(written);
    return written;
  }

  /** An unreadable record must not hide the others. Its last known version stays valid. */
  async #readOrKeep(id: string, known: Entry | undefined): Promise<Entry | undefined> {
    try {
      return await this.#read(id, known);
    } catch (error) {
      if (known === undefined) this.#leaveOut(id, `: ${fileError(error, 'read', id).message}`);
      return known;
    }
  }

  async #read(id: string, known: Entry | undefined): Promise<Entry | undefined> {
    const version = await this.#files.latest(id);
    if (version === undefined) return this.#readOld(id, known);
    const { text, number, mark, lineage } = version;
    if (mark === known?.version.mark) return known;
    const reading = readRecord(text, id);
    if ('record' in reading) return { record: reading.record, version: { number, mark, lineage } };
    const path = this.#files.path(id, number);
    if (reading.fault === 'newer') this.#leaveOutNewer(id, path);
    else {
      // In this order, so that an older version can't become the newest.
      await this.#renameDamaged(path, await this.#files.numbersOf(id));
    }
    return undefined;
  }

  async #readOld(id: string, known: Entry | undefined): Promise<Entry | undefined> {
    const path = this.#oldPath(id);
    try {
      const stamp = await stampOf(path);
      if (known?.stamp === stamp) return known;
      const text = await readOwnFile(path);
      if (text === undefined) return undefined;
      const reading = readRecord(text, id);
      if ('record' in reading) return { record: reading.record, version: none, stamp };
      if (reading.fault === 'newer') this.#leaveOutNewer(id, path);
      else await this.#renameDamaged(path);
      return undefined;
    } catch (error) {
      // Another process removed it first.
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** A failing listener must not fail a run. */
  #fire(record: RunRecord | undefined): void {
    try {
      this.#changed.fire(record);
    } catch (error) {
      this.#options.log.error('A listener to changes of jobs failed', error);
    }
  }

  #leaveOutNewer(id: string, path: string): void {
    this.#leaveOut(id, `: a newer version of the extension wrote it: ${basename(path)}`);
  }

  /** The file stays, because its writer may still need it. Reported once. */
  #leaveOut(id: string, why: string): void {
    if (this.#leftOut.has(id)) return;
    this.#leftOut.add(id);
    this.#warn(`Skipped the record of a job${why}`);
  }

  async #renameDamaged(path: string, older: readonly number[] = []): Promise<void> {
    const id = basename(path).split('.')[0]!;
    try {
      for (const number of older.slice(0, -1)) await rm(this.#files.path(id, number), { force: true });
      const renamed = await renameDamaged(path);
      this.#warn(`Moved a damaged job record to ${renamed}`);
    } catch (error) {
      // Another process did it first, and reports it.
      if (hasErrno(error, 'ENOENT')) return;
      throw error;
    }
  }

  #warn(message: string): void {
    this.#options.log.warn(message);
    this.#unreported.push(message);
  }

  #report(): void {
    const messages = this.#unreported.splice(0);
    if (messages.length > 0) this.#options.report?.(messages);
  }

  /** Makes the folder if it doesn't exist, also if it was removed or replaced while this process runs, and watches it. */
  async #openFolder(): Promise<void> {
    if (this.#isDisposed) return;
    let identity = await this.#identity();
    if (identity !== undefined && identity === this.#watched) return;
    try {
      await makeRecordFolder(this.#folder);
    } catch (error) {
      throw fileError(error, 'create', this.#folder);
    }
    identity = await this.#identity();
    this.#watched = identity;
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watchFolder();
  }

  async #identity(): Promise<string | undefined> {
    const entry = await stat(this.#folder, { bigint: true }).catch((error: unknown) => {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    });
    return entry && fileIdentity(entry);
  }

  #watchFolder(): void {
    if (this.#often !== undefined) return;
    const refresh = (): void => {
      this.refresh().catch((error: unknown) => {
        this.#options.log.warn('The job records could not be read', error);
      });
    };
    const refreshSoon = (): void => {
      clearTimeout(this.#soon);
      this.#soon = setTimeout(refresh, 50).unref();
    };
    const isRecord = (name: string): boolean => name.endsWith(extension) || name.endsWith(oldExtension);
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name === null || isRecord(name)) refreshSoon();
        if (name === null || name.endsWith(cancelExtension)) this.#cancels.wake();
      });
      this.#watcher.on('error', (error) => {
        this.#options.log.warn('The folder of job records cannot be watched', error);
      });
    } catch (error) {
      this.#options.log.warn(
        'The folder of job records cannot be watched and is read every few seconds',
        error,
      );
      this.#often = setInterval(refresh, 3000).unref();
    }
  }

  #oldPath(id: string): string {
    return join(this.#folder, `${id}${oldExtension}`);
  }

  #cancelPath(id: string): string {
    return join(this.#folder, `${id}${cancelExtension}`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(work);
    this.#work = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

async function stampOf(path: string): Promise<string> {
  return fileStamp(await lstat(path, { bigint: true }));
}
