import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { link, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { diskReason, hasErrno } from '../../fileErrors.ts';
import { holdFile } from '../../heldFile.ts';
import { rename, rm } from '../../fileOperations.ts';
import { checkOwnTree, readSmallFile } from '../../ownFiles.ts';
import {
  isProcessAlive,
  makePrivateFolder,
  makeTemporaryFolder,
  makeRecordFolder,
  removeOwnFolder,
  userStateFolder,
} from '../../ownFolders.ts';
import type { Credentials } from '../sts/credentials.ts';
import { newCredentials } from '../sts/credentials.ts';
import { privateFile } from '../../permissions.ts';

/** A folder that only this process writes to. */
export interface DataDir {
  readonly path: string;
  /** Unlocks the folder; a temporary one is deleted. */
  release(): Promise<void>;
}

/** Holds the process ID of the sandbox. */
const lockName = 'sandbox.lock';
/** On Windows, held open by the sandbox: see `holdFile`. */
const heldName = 'sandbox.held';
const isWindows = process.platform === 'win32';
const temporaryName = /^run-\w{6}$/;

/**
 * Locks the data folder of a sandbox. Creates it if it doesn't exist.
 *
 * @param path if absent, a new temporary folder
 * @throws AudienceError `conflict` if a running sandbox uses it; `disk` if it can't be written, other users can write to it, or there is
 *   anything in it but folders and files of this user
 */
export async function openDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) return openTemporary();
  const kept = resolve(path);
  try {
    await makeRecordFolder(kept);
    return { path: kept, release: await lockChecked(kept) };
  } catch (error) {
    if (error instanceof AudienceError) throw error;
    throw unusableDataDir(kept, error);
  }
}

/** The error for a data folder that can't be used. */
export function unusableDataDir(path: string, error: unknown): AudienceError {
  return new AudienceError('disk', `The sandbox can't keep its data in ${path}: ${reason(error)}`, {
    help: 'Name a folder that can be written',
    cause: error,
  });
}

/** Locks the folder first, so that what is checked doesn't change meanwhile. Resolves with what releases it. */
async function lockChecked(dir: string): Promise<() => Promise<void>> {
  const release = await lock(dir);
  try {
    checkOwnTree(dir);
    return release;
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * A folder for this run only. Folders of killed runs, which hold exported data, are deleted. If the user has no private folder, it
 * is in the system's temporary folder, where other users' files are never touched.
 */
async function openTemporary(): Promise<DataDir> {
  const runs = join(userStateFolder(), 'pinpoint-audience', 'sandboxes');
  const isPrivate = await makePrivateFolder(runs);
  if (isPrivate) await removeAbandoned(runs);
  const { path, remove } = await makeTemporaryFolder(
    isPrivate ? join(runs, 'run-') : join(tmpdir(), 'pinpoint-sandbox-'),
  );
  const unlock = await lock(path);
  return {
    path,
    release: async () => {
      await unlock();
      await remove();
    },
  };
}

async function removeAbandoned(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    if (!temporaryName.test(name)) continue;
    const folder = join(runs, name);
    try {
      const holder = await readSmallFile(join(folder, lockName));
      if (holder !== undefined && !(await isInUse(folder, Number(holder)))) await removeOwnFolder(folder);
    } catch {
      // Another sandbox is deleting it, or it can't be deleted now: the next start tries again.
    }
  }
}

/** The data folder's credentials; generated on first use. */
export async function loadCredentials(dir: string): Promise<Credentials> {
  const file = join(dir, 'credentials.json');
  const text = await readSmallFile(file);
  if (text !== undefined) return parseCredentials(text, file);
  const credentials = newCredentials();
  const temporary = `${file}.new`;
  await writeFile(temporary, JSON.stringify(credentials), { mode: privateFile });
  await rename(temporary, file);
  return credentials;
}

function parseCredentials(text: string, file: string): Credentials {
  try {
    return JSON.parse(text) as Credentials;
  } catch (error) {
    throw new AudienceError('disk', `The sandbox's credentials are damaged: ${file}`, {
      help: 'Delete that file to generate new ones',
      cause: error,
    });
  }
}

async function isInUse(dir: string, pid: number): Promise<boolean> {
  if (!isWindows) return isProcessAlive(pid);
  const held = await holdFile(join(dir, heldName));
  await held?.close();
  return held === undefined;
}

/** Resolves with what releases the folder. */
async function lock(dir: string): Promise<() => Promise<void>> {
  const held = isWindows ? await lockByHandle(dir) : undefined;
  if (held === undefined) await lockByName(dir);
  return async () => {
    await rm(join(dir, lockName), { force: true });
    await held?.close();
    if (held !== undefined) await rm(join(dir, heldName), { force: true });
  };
}

async function lockByHandle(dir: string): Promise<FileHandle> {
  const held = await holdFile(join(dir, heldName));
  const file = join(dir, lockName);
  if (held === undefined) throw inUse(dir, (await readSmallFile(file)) ?? 'unknown');
  await writeFile(file, String(process.pid), { mode: privateFile });
  return held;
}

function inUse(dir: string, pid: string, help = 'Stop it, or name another folder'): AudienceError {
  return new AudienceError('conflict', `Another sandbox (process ${pid}) is using ${dir}`, { help });
}

async function lockByName(dir: string): Promise<void> {
  const file = join(dir, lockName);
  const own = join(dir, `${lockName}.${randomUUID()}`);
  await writeFile(own, String(process.pid), { mode: privateFile });
  try {
    for (;;) {
      if (await linkIfFree(own, file)) return;
      const holder = await readSmallFile(file);
      if (holder === undefined) continue;
      if (isProcessAlive(Number(holder))) {
        throw inUse(
          dir,
          holder,
          `Stop it, or name another folder. If that process isn't a sandbox, delete ${file}`,
        );
      }
      await removeStale(file, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a dead process's lock, but not one that another process has created since. */
async function removeStale(file: string, holder: string): Promise<void> {
  const stale = `${file}.${randomUUID()}`;
  try {
    await rename(file, stale);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readSmallFile(stale)) !== holder) await linkIfFree(stale, file);
  await rm(stale, { force: true });
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function reason(error: unknown): string {
  return diskReason(error) ?? (error instanceof Error ? error.message : String(error));
}
