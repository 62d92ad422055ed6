import { randomUUID } from 'node:crypto';
// eslint-disable-next-line no-restricted-syntax -- For a lease that this process created itself, and for files of the system.
import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { rm, rmSync, whileInUse } from '../../fileOperations.ts';
import type { Log } from '../../log.ts';
import { readOwnFile } from '../../ownFiles.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import { privateFile } from '../../permissions.ts';
import { AwakeClock } from './awakeClock.ts';
import { pidOfTemporary } from './versionedFiles.ts';

const leaseExtension = '.lease';
const takingExtension = `${leaseExtension}.taking`;
const processSpace = spaceOfProcesses();
/** How long an unfinished file is kept, in milliseconds: its process may run on another machine. */
const unfinishedKeptMs = 60_000;

/** Shows that a living process works on a run. Its `Guard` decides what it may write. */
export interface Lease {
  /** Throws `conflict` if another process has taken the lease, for example after this one was suspended. */
  check(): Promise<void>;
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly log: Log;
  /** Milliseconds without a heartbeat after which a process counts as gone. */
  readonly ttlMs?: number | undefined;
  /** The clock of the machine, in milliseconds; may run while the machine sleeps. */
  readonly now?: (() => number) | undefined;
}

interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** Where `pid` is unique; missing in cards of earlier versions. */
  readonly space?: string | undefined;
}

interface Sighting {
  readonly beat: number;
  /** When this beat was first seen, by this process's `AwakeClock`. */
  readonly since: number;
}

/**
 * Leases on runs among the processes that share a folder: windows of the editor, the command line.
 *
 * Each process regularly touches one file that identifies it; a lease is a hard link to that file, next to the record.
 * A process is gone if its file is gone, if this machine, or this container, no longer runs it, or if its file wasn't touched for `ttlMs` while this
 * process watched. Wall clocks are not compared.
 */
export class Leases {
  readonly #folder: string;
  readonly #log: Log;
  readonly #ttlMs: number;
  readonly #clock: AwakeClock;
  /** Reads the clock often enough. */
  #ticks: NodeJS.Timeout | undefined;
  readonly #me = randomUUID();
  readonly #card = JSON.stringify({
    ...{ id: this.#me, pid: process.pid, host: hostname(), space: processSpace },
  } satisfies Owner);
  readonly #held = new Set<string>();
  readonly #sightings = new Map<string, Sighting>();
  #heart: Promise<NodeJS.Timeout> | undefined;
  #isDisposed = false;

  constructor(folder: string, options: LeaseOptions) {
    this.#folder = folder;
    this.#log = options.log;
    this.#ttlMs = options.ttlMs ?? 15_000;
    this.#clock = new AwakeClock(this.#ttlMs / 2, options.now);
  }

  /** The lease on a run; `undefined` while another process, or another part of this one, holds it. */
  async acquire(id: string): Promise<Lease | undefined> {
    if (this.#isDisposed || this.#held.has(id)) return undefined;
    this.#held.add(id);
    try {
      await this.#startBeating();
      // Ours without being held is one that couldn't be removed, as on a disk that was read-only for a while.
      if ((await this.#create(id)) || (await this.#isMine(id)) || (await this.#takeOver(id))) {
        // Disposed meanwhile.
        if (!this.#held.has(id)) {
          await rm(this.#lease(id), { force: true });
          return undefined;
        }
        return { check: () => this.#check(id), release: () => this.#release(id) };
      }
    } catch (error) {
      this.#held.delete(id);
      throw error;
    }
    this.#held.delete(id);
    return undefined;
  }

  /** True while a living process, this one included, holds the lease. */
  async isHeld(id: string): Promise<boolean> {
    return this.#held.has(id) || !(await this.#isFree(id));
  }

  /** Removes the files of ended processes, and leases for which `isKept` is false. */
  async sweep(isKept: (id: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const pid = pidOfTemporary(name);
      if (pid !== undefined) {
        const entry = await stat(path).catch(() => undefined);
        const isOld = entry !== undefined && Date.now() - entry.mtimeMs > unfinishedKeptMs;
        if (isOld && hasEnded(pid)) await rm(path, { force: true });
      } else if (name.endsWith(takingExtension)) await this.#removeOld(path);
      else if (name.endsWith(leaseExtension)) {
        const id = name.slice(0, -leaseExtension.length);
        // Acquired first, so that no lease in use is removed.
        if (!isKept(id)) await (await this.acquire(id))?.release();
      }
    }
    for (const owner of await readdir(join(this.#folder, 'owners')).catch(() => [])) {
      const path = this.#owner(owner);
      const [text, entry] = await Promise.all([this.#read(path), stat(path).catch(() => undefined)]);
      if (text === undefined || entry === undefined || owner === this.#me) continue;
      // Its process runs on another machine or is suspended: it will write the file again. A lease is another link to it.
      const isSilent = entry.nlink === 1 && !this.#isFresh(path, entry.mtimeMs);
      if (isGone(text) || isSilent) await rm(path, { force: true });
    }
  }

  /** Releases everything synchronously, for a process that is about to end. */
  dispose(): void {
    this.#isDisposed = true;
    void this.#heart?.then(clearInterval, () => undefined);
    clearInterval(this.#ticks);
    for (const id of this.#held) {
      if (this.#isMineSync(id)) rmSync(this.#lease(id), { force: true });
    }
    this.#held.clear();
    rmSync(this.#owner(this.#me), { force: true });
  }

  /** False also if it was taken over while this process was suspended. */
  #isMineSync(id: string): boolean {
    try {
      return readFileSync(this.#lease(id), 'utf8') === this.#card;
    } catch (error) {
      // An unreadable lease is left to those that find this process gone.
      if (error instanceof Error) return false;
      throw error;
    }
  }

  /** Tries again after a failure: a disk may be full for a while. */
  async #startBeating(): Promise<void> {
    const heart = (this.#heart ??= this.#startHeart());
    try {
      await heart;
    } catch (error) {
      if (this.#heart === heart) this.#heart = undefined;
      throw fileError(error, 'write to', this.#folder);
    }
  }

  async #startHeart(): Promise<NodeJS.Timeout> {
    await this.#appear();
    return setInterval(() => void this.#beat(), this.#ttlMs / 4).unref();
  }

  async #appear(): Promise<void> {
    await makeRecordFolder(this.#folder);
    await makeRecordFolder(join(this.#folder, 'owners'));
    await writeFile(this.#owner(this.#me), this.#card, { mode: privateFile });
  }

  async #beat(): Promise<void> {
    try {
      const now = new Date();
      await utimes(this.#owner(this.#me), now, now).catch(async () => {
        if (!this.#isDisposed) await this.#appear();
      });
    } catch (error) {
      this.#log.warn('The heartbeat of this process failed; others may take over its jobs', error);
    }
  }

  async #create(id: string): Promise<boolean> {
    try {
      return await this.#link(id).catch(async (error: unknown) => {
        if (!hasErrno(error, 'ENOENT') || this.#isDisposed) throw error;
        // The folder, or that of the owners, was removed while this process runs.
        await this.#appear();
        return this.#link(id);
      });
    } catch (error) {
      throw fileError(error, 'write', this.#lease(id));
    }
  }

  /** A link appears with its content. If the file system has no links, the written file may stay empty after a crash. */
  async #link(id: string): Promise<boolean> {
    try {
      await link(this.#owner(this.#me), this.#lease(id)).catch((error: unknown) => {
        if (hasErrno(error, 'EEXIST') || hasErrno(error, 'ENOENT')) throw error;
        return whileInUse(() => writeFile(this.#lease(id), this.#card, { flag: 'wx', mode: privateFile }));
      });
      return true;
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return false;
      throw error;
    }
  }

  /** Takes the lease of a process that is gone. A second file lets only one process try at a time. */
  async #takeOver(id: string): Promise<boolean> {
    if (!(await this.#isFree(id))) return false;
    const guard = join(this.#folder, `${id}${takingExtension}`);
    const handle = await whileInUse(() => open(guard, 'wx', privateFile)).catch((error: unknown) => {
      if (hasErrno(error, 'EEXIST')) return undefined;
      throw error;
    });
    if (handle === undefined) {
      await this.#removeOld(guard);
      return false;
    }
    try {
      if (!(await this.#isFree(id))) return false;
      await rm(this.#lease(id), { force: true });
      return await this.#create(id);
    } finally {
      await handle.close();
      await rm(guard, { force: true });
    }
  }

  /** These files exist for milliseconds; one that stays is of a process that ended just then. */
  async #removeOld(guard: string): Promise<void> {
    const entry = await stat(guard).catch(() => undefined);
    if (entry !== undefined && !this.#isFresh(guard, entry.mtimeMs)) await rm(guard, { force: true });
  }

  async #isFree(id: string): Promise<boolean> {
    const lease = await this.#read(this.#lease(id));
    // Gone meanwhile, or created but not written yet.
    if (lease === undefined) return true;
    const owner = ownerIn(lease);
    if (owner === undefined) return !this.#isFresh(this.#lease(id), 0);
    const file = this.#owner(owner.id);
    const [text, entry] = await Promise.all([this.#read(file), stat(file).catch(() => undefined)]);
    if (text === undefined || entry === undefined) return true;
    return isGone(text) || !this.#isFresh(file, entry.mtimeMs);
  }

  /** True until the same beat was seen for `ttlMs`. */
  #isFresh(file: string, beat: number): boolean {
    this.#ticks ??= setInterval(() => this.#clock.read(), this.#ttlMs / 8).unref();
    const now = this.#clock.read();
    const seen = this.#sightings.get(file);
    if (seen?.beat !== beat) {
      this.#sightings.set(file, { beat, since: now });
      return true;
    }
    return now - seen.since <= this.#ttlMs;
  }

  async #check(id: string): Promise<void> {
    if (this.#held.has(id) && (await this.#isMine(id))) return;
    // Taken and released while this process was suspended: the epoch shows whether anything was done with it.
    if (this.#held.has(id) && (await this.#create(id))) return;
    throw new AudienceError('conflict', 'Another window or command has taken over');
  }

  async #release(id: string): Promise<void> {
    if (!this.#held.has(id)) return;
    try {
      if (await this.#isMine(id)) await rm(this.#lease(id), { force: true });
    } finally {
      this.#held.delete(id);
    }
  }

  async #isMine(id: string): Promise<boolean> {
    return (await this.#read(this.#lease(id))) === this.#card;
  }

  #lease(id: string): string {
    return join(this.#folder, `${id}${leaseExtension}`);
  }

  #owner(owner: string): string {
    return join(this.#folder, 'owners', owner);
  }

  /** Anything but a file of this user counts as none: no process of this user holds a lease with it. */
  async #read(file: string): Promise<string | undefined> {
    try {
      return await readOwnFile(file);
    } catch (error) {
      if (!(error instanceof AudienceError)) throw error;
      this.#log.warn(`Ignored in place of a lease: ${error.message}`);
      return undefined;
    }
  }
}

/** True if the process ran on this machine, among the processes that this one sees, and has ended. */
function isGone(text: string): boolean {
  const owner = ownerIn(text);
  return owner?.host === hostname() && owner.space === processSpace && hasEnded(owner.pid);
}

/** Containers and sandboxes can share a host name and a folder with processes whose ids they don't see. */
function spaceOfProcesses(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch (error) {
    // Equals no other: only the heartbeat counts.
    if (error instanceof Error) return randomUUID();
    throw error;
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasErrno(error, 'ESRCH');
  }
}

/** The owner that a file names; `undefined` if the file is incomplete. */
function ownerIn(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return typeof owner?.id === 'string' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}
