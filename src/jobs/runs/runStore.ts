import { randomBytes } from 'node:crypto';
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Emitter } from '../../events.ts';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { privateFile, privateFolder } from '../../permissions.ts';
import type { Log } from '../../log.ts';
import { readRecord } from './recordSchema.ts';
import type { RunRecord } from './runRecord.ts';
import { WakeSignal } from '../drive/wakeSignal.ts';

export interface RunStoreOptions {
  readonly log: Log;
  /** Told in plain words of records that could not be read, all that were met at once. */
  readonly report?: ((messages: readonly string[]) => void) | undefined;
}

interface Entry {
  readonly record: RunRecord;
  readonly text: string;
  /** Of the file that the text was read from or written to. */
  readonly stamp: string;
}

const extension = '.json';
const cancelExtension = '.cancel';

/**
 * Records of runs, one small JSON file each, in a folder that several processes share.
 * What is written is there as a whole or not at all. Who writes a record holds the lease on it.
 */
export class RunStore {
  readonly #folder: string;
  readonly #options: RunStoreOptions;
  readonly #changed = new Emitter<RunRecord | undefined>();
  /** Fires with a record that was written here or by another process, with `undefined` after several or a removal. */
  readonly onDidChange = this.#changed.event;
  #entries = new Map<string, Entry>();
  readonly #leftOut = new Set<string>();
  readonly #unreported: string[] = [];
  readonly #cancels = new WakeSignal();
  #watcher: FSWatcher | undefined;
  #soon: NodeJS.Timeout | undefined;
  #often: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(folder: string, options: RunStoreOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Reads what is there and begins to look out for what other processes write. */
  async load(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: privateFolder });
    } catch (error) {
      throw fileError(error, 'create', this.#folder);
    }
    await this.#sweep();
    this.#watchFolder();
    await this.refresh();
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

  /** Writes a record; once this resolves, it outlives a crash. Resolves with it as other processes read it. */
  put(record: RunRecord): Promise<RunRecord> {
    return this.#inTurn(() => this.#write(record));
  }

  /** Writes what `change` makes of the latest record; nothing where there is none. Changes of one record follow each other. */
  update(id: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord | undefined> {
    return this.#inTurn(async () => {
      const record = this.get(id);
      return record && (await this.#write(change(record)));
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await rm(this.#path(id), { force: true });
      await rm(this.#cancelPath(id), { force: true });
      this.#entries.delete(id);
      this.#fire(undefined);
    });
  }

  /** Asks whoever works on a run, now or later, to end it as far as it has not begun. */
  async askToCancel(id: string): Promise<void> {
    const path = this.#cancelPath(id);
    try {
      await writeFile(path, '', { mode: privateFile });
    } catch (error) {
      throw fileError(error, 'write', path);
    }
  }

  async wantsCancel(id: string): Promise<boolean> {
    return (await stat(this.#cancelPath(id)).catch(() => undefined)) !== undefined;
  }

  async forgetCancel(id: string): Promise<void> {
    await rm(this.#cancelPath(id), { force: true });
  }

  /** Aborted when some process asks for a run to be cancelled, where the system tells of it. */
  get cancelAsked(): AbortSignal {
    return this.#cancels.signal;
  }

  /** Takes in what other processes wrote. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const names = (await readdir(this.#folder)).filter((name) => name.endsWith(extension));
      const entries = new Map<string, Entry>();
      const changed: (RunRecord | undefined)[] = [];
      for (const name of names) {
        const id = name.slice(0, -extension.length);
        const known = this.#entries.get(id);
        const entry = await this.#read(id, known);
        if (entry === undefined) continue;
        entries.set(id, entry);
        if (entry.text !== known?.text) changed.push(entry.record);
      }
      for (const id of this.#entries.keys()) if (!entries.has(id)) changed.push(undefined);
      this.#entries = entries;
      this.#report();
      if (changed.length > 0) this.#fire(changed.length === 1 ? changed[0] : undefined);
    });
  }

  dispose(): void {
    this.#watcher?.close();
    clearTimeout(this.#soon);
    clearInterval(this.#often);
    this.#changed.dispose();
  }

  async #write(record: RunRecord): Promise<RunRecord> {
    const text = `${JSON.stringify(record, undefined, 1)}\n`;
    const path = this.#path(record.id);
    let written: RunRecord;
    try {
      await writeWhole(path, text);
      written = JSON.parse(text) as RunRecord;
      this.#entries.set(record.id, { record: written, text, stamp: await stampOf(path) });
    } catch (error) {
      throw fileError(error, 'write the record of the job', path);
    }
    this.#fire(written);
    return written;
  }

  async #read(id: string, known: Entry | undefined): Promise<Entry | undefined> {
    const path = this.#path(id);
    try {
      const stamp = await stampOf(path);
      if (known?.stamp === stamp) return known;
      const text = await readFile(path, 'utf8');
      if (text === known?.text) return { ...known, stamp };
      const reading = readRecord(text, id);
      if ('record' in reading) return { record: reading.record, text, stamp };
      if (reading.fault === 'newer') {
        this.#leaveOut(id, `, since a newer version of the extension wrote it: ${id}${extension}`);
        return undefined;
      }
      await this.#setAside(path);
    } catch (error) {
      // Another process was faster.
      if (hasErrno(error, 'ENOENT')) return undefined;
      // One that cannot be read must not take the others away. What was read of it before still holds.
      if (known === undefined) this.#leaveOut(id, `: ${fileError(error, 'read', path).message}`);
      return known;
    }
    return undefined;
  }

  /** A listener that fails must not fail a run. */
  #fire(record: RunRecord | undefined): void {
    try {
      this.#changed.fire(record);
    } catch (error) {
      this.#options.log.error('A listener to changes of jobs failed', error);
    }
  }

  /** Left where it is: whoever wrote it may still need it. Said once. */
  #leaveOut(id: string, why: string): void {
    if (this.#leftOut.has(id)) return;
    this.#leftOut.add(id);
    this.#tell(`The record of a job is left out${why}`);
  }

  async #setAside(path: string): Promise<void> {
    await rename(path, `${path}.bad`);
    this.#tell(`The record of a job could not be read and was set aside: ${path}.bad`);
  }

  /** Takes away what a process left that ended while it wrote. */
  async #sweep(): Promise<void> {
    for (const name of (await readdir(this.#folder)).filter((name) => name.endsWith('.tmp'))) {
      const path = join(this.#folder, name);
      const entry = await stat(path).catch(() => undefined);
      if (entry !== undefined && Date.now() - entry.mtimeMs > 60_000) await rm(path, { force: true });
    }
  }

  #tell(message: string): void {
    this.#options.log.warn(message);
    this.#unreported.push(message);
  }

  #report(): void {
    const messages = this.#unreported.splice(0);
    if (messages.length > 0) this.#options.report?.(messages);
  }

  #watchFolder(): void {
    const refresh = (): void => {
      this.refresh().catch((error: unknown) => {
        this.#options.log.warn('The records of jobs could not be read', error);
      });
    };
    const refreshSoon = (): void => {
      clearTimeout(this.#soon);
      this.#soon = setTimeout(refresh, 50).unref();
    };
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name === null || name.endsWith(extension)) refreshSoon();
        if (name === null || name.endsWith(cancelExtension)) this.#cancels.wake();
      });
      this.#watcher.on('error', (error) => {
        this.#options.log.warn('The folder of the records of jobs cannot be watched', error);
      });
    } catch (error) {
      this.#options.log.warn('The folder of the records of jobs is read every few seconds', error);
      this.#often = setInterval(refresh, 3000).unref();
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${extension}`);
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

/** Temporary file, sync, rename, sync of the folder: there is the old text or the new one, never a part. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', privateFile);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // Not every system can sync a folder; there the rename may be lost with the power, but not with the process.
  const folder = await open(join(path, '..'), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Windows refuses for a moment while another process reads the file. */
async function renameOver(from: string, to: string): Promise<void> {
  for (const pause of [10, 50, 200]) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EBUSY') throw error;
      await sleep(pause);
    }
  }
  await rename(from, to);
}

async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}
