// eslint-disable-next-line no-restricted-syntax -- /proc is the system's, and its files have no size
import { constants, existsSync, readFileSync } from 'node:fs';
import type { BigIntStats, Stats } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, open, readdir, realpath, rmdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AudienceError } from './errors.ts';
import { hasErrno, isSystemError } from './fileErrors.ts';
import { fileIdentity } from './fileIdentity.ts';
import { makeFolder, rm, unlink } from './fileOperations.ts';
import { privateFolder } from './permissions.ts';
import { isGroupShared } from './privateGroups.ts';
import { shellWord } from './shellWord.ts';

/*
 * Folders that belong to this user, and what may be done in them without asking. Another user of this machine may have put
 * anything at a path that both can write to, and may replace it between two of our calls: so nothing is read or deleted
 * by a path whose owner wasn't checked, and checked folders are held open. For files, see `ownFiles.ts`.
 */

/** The system's folder for the state of programs: `~/.local/state`, `~/Library/Application Support`, `%LOCALAPPDATA%`. */
export function userStateFolder(): string {
  const home = homedir();
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  return process.env['XDG_STATE_HOME'] || join(home, '.local', 'state');
}

/**
 * Makes a folder that only this user can read, and checks that no other user can replace it.
 *
 * @returns false if that isn't possible, for instance below a home folder that everyone can write to
 */
export async function makePrivateFolder(path: string): Promise<boolean> {
  try {
    await makeFolder(path, privateFolder);
    const stats = await lstat(path);
    if (!stats.isDirectory() || !isOurs(stats) || !(await isSafePlace(dirname(path)))) return false;
    if (hasModes && (stats.mode & 0o077) !== 0) await chmod(path, privateFolder);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/**
 * Makes a folder for records and other data of our own if it doesn't exist. Refuses one to which other users can add files, or which
 * they can replace: what they put there would be acted on as ours. On Windows, folders are as private as their permissions make them.
 *
 * @throws AudienceError `disk` if it is refused, or the system's error
 */
export async function makeRecordFolder(path: string): Promise<void> {
  await makeFolder(path, privateFolder);
  const stats = await stat(path);
  // Of this folder, which is made for one user, the group is never asked for: its bits may come from an access control list.
  const isUnsafe = hasModes && (!isOurs(stats) || (stats.mode & 0o022) !== 0);
  const part = isUnsafe ? { path, isWritable: isOurs(stats) } : await unsafePart(path);
  if (part === undefined) return;
  const fault = part.isWritable
    ? `Other users can write to ${part.path}`
    : `${part.path} belongs to another user`;
  throw new AudienceError('disk', part.path === path ? fault : `${fault}, so ${path} isn't safe`, {
    help: part.isWritable
      ? `Run "chmod go-w ${shellWord(part.path)}", or use another folder.`
      : 'Use a folder of your own.',
  });
}

/**
 * True if no other user can replace this user's files in the folder `path`: each folder of the path belongs to this user or
 * to root, and others can't write to it, unless its sticky bit lets users rename only their own files, as in `/tmp`.
 * Below a folder that only this user can enter, no other user reaches anything.
 */
export async function isSafePlace(path: string): Promise<boolean> {
  return (await unsafePart(path)) === undefined;
}

interface UnsafePart {
  readonly path: string;
  /** Other users can write to it; otherwise, it belongs to one of them. */
  readonly isWritable: boolean;
}

async function unsafePart(path: string): Promise<UnsafePart | undefined> {
  if (!hasModes) return undefined;
  const wanted = resolve(path);
  for (const way of new Set([wanted, await realpath(wanted)])) {
    for (const at of fromRoot(way)) {
      const stats = await lstat(at);
      if (stats.uid !== 0 && !isOurs(stats)) return { path: at, isWritable: false };
      if (!stats.isDirectory()) continue;
      if (!isSticky(stats) && (await canOthersWrite(at, stats))) return { path: at, isWritable: true };
      if (isOurs(stats) && (stats.mode & 0o011) === 0) break;
    }
  }
  return undefined;
}

/** A path and the folders that lead to it, the root first. */
function fromRoot(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...fromRoot(parent), path];
}

function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

async function canOthersWrite(path: string, stats: Stats): Promise<boolean> {
  return (stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && (await isGroupShared(path, stats)));
}

/** A new folder with a random name. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes this folder with its content, but nothing that others have put in its place. */
  readonly remove: () => Promise<void>;
}

/** Makes a folder whose name begins with `prefix`, which includes the path. */
export async function makeTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(prefix);
  // On some network drives, our files belong to another user ID.
  const made = await lstat(path, { bigint: true });
  return { path, remove: () => remove(path, isSameAs(made), made.uid) };
}

/**
 * Calls `use` with a path that leads to a new folder, whatever others put in its place meanwhile. On systems without such paths, it is the
 * path itself. Removes the folder with its content afterwards. Its name begins with `prefix`, which includes the path.
 *
 * @throws `EEXIST` if others replaced it before it could be opened
 */
export async function inTemporaryFolder<T>(prefix: string, use: (anchor: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(prefix);
  const made = await lstat(path, { bigint: true });
  try {
    if (!hasDescriptorPaths) return await use(path);
    const done = await withFolder(path, isSameAs(made), async (anchor, { dev }) => {
      try {
        return { value: await use(anchor) };
      } finally {
        // Here, because others may have given it another name.
        await empty(anchor, made.uid, dev);
      }
    });
    if (done === undefined) throw replaced(path);
    return done.value;
  } finally {
    await remove(path, isSameAs(made), made.uid);
  }
}

/**
 * Removes a folder of this user with its content, as far as it belongs to this user. Does nothing to others' folders.
 * Neither follows links nor leaves the file system.
 */
export async function removeOwnFolder(path: string): Promise<void> {
  await remove(path, isOurs, hasModes ? BigInt(process.geteuid!()) : undefined);
}

async function remove(
  path: string,
  isWanted: (stats: BigIntStats) => boolean,
  owner?: bigint,
): Promise<void> {
  if (!hasModes) {
    // eslint-disable-next-line no-restricted-syntax -- Only this user can put anything at this path.
    await withFolder(path, isWanted, (folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    return;
  }
  const isOpen = await withFolder(path, isWanted, async (anchor, { dev }) => {
    await empty(anchor, owner, dev);
    return true;
  });
  if (isOpen === true) await ifExists(rmdir(path));
}

/** Leaves other users' folders, and other file systems. */
async function empty(folder: string, owner: bigint | undefined, dev: bigint): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inner = join(folder, entry.name);
    if (entry.isDirectory()) await remove(inner, (stats) => stats.uid === owner && stats.dev === dev, owner);
    else await ifExists(unlink(inner));
  }
}

/** Ignores that another process removed it at the same time. */
async function ifExists<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Calls `use` with a path that leads to the folder now at `path`, even if others replace it in the meantime.
 * On systems without such paths, calls it only if no other user can replace the folder.
 *
 * @returns what `use` returns; undefined, without a call, if there is no folder of this user
 */
export async function withOwnFolder<T>(
  path: string,
  use: (anchor: string, stats: BigIntStats) => Promise<T>,
): Promise<T | undefined> {
  return withFolder(path, isOurs, use);
}

async function withFolder<T>(
  path: string,
  isWanted: (stats: BigIntStats) => boolean,
  use: (anchor: string, stats: BigIntStats) => Promise<T>,
): Promise<T | undefined> {
  if (!hasDescriptorPaths) {
    const stats = await ifExists(lstat(path, { bigint: true }));
    const isUsable = stats?.isDirectory() === true && isWanted(stats) && (await isSafePlace(dirname(path)));
    return isUsable ? use(path, stats) : undefined;
  }
  let folder;
  try {
    folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    // It doesn't exist, is a link (ENOTDIR as well) or a file, or can't be read by us.
    if (hasErrno(error, 'ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
  try {
    const stats = await folder.stat({ bigint: true });
    return isWanted(stats) ? await use(join(descriptorPaths, String(folder.fd)), stats) : undefined;
  } finally {
    await folder.close();
  }
}

/**
 * Makes a folder, or takes the one of this user that an earlier process left, and calls `use` with a path that leads to this very
 * folder, whatever others put in its place meanwhile. On systems without such paths, it is the path itself.
 *
 * @throws `EEXIST` if there is anything else
 */
export async function inWorkFolder<T>(path: string, use: (anchor: string) => Promise<T>): Promise<T> {
  let isWanted: (stats: BigIntStats) => boolean = isOurs;
  let taken: Error | undefined;
  try {
    // Without `recursive`, which reports a read-only disk as a missing folder.
    await mkdir(path, { mode: privateFolder });
    isWanted = isSameAs(await lstat(path, { bigint: true }));
  } catch (error) {
    if (!(error instanceof Error) || !hasErrno(error, 'EEXIST')) throw error;
    taken = error;
  }
  if (!hasDescriptorPaths && taken === undefined) return use(path);
  const done = await withFolder(path, isWanted, async (anchor) => ({ value: await use(anchor) }));
  if (done !== undefined) return done.value;
  throw taken ?? replaced(path);
}

function replaced(path: string): Error {
  return Object.assign(new Error('The folder was replaced'), { code: 'EEXIST', syscall: 'open', path });
}

/**
 * Removes the files of a folder of this user whose names are ours, and the folder if nothing else is in it: a folder that others
 * could rename may be another one of this user.
 */
export async function removeOwnFiles(path: string, isOurName: (name: string) => boolean): Promise<void> {
  await withFolder(path, isOurs, async (anchor) => {
    for (const entry of await readdir(anchor, { withFileTypes: true }))
      if (!entry.isDirectory() && isOurName(entry.name)) await ifExists(unlink(join(anchor, entry.name)));
  });
  try {
    await rmdir(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw error;
  }
}

/** True unless there is certainly no process with this number, or it has ended and its parent hasn't noticed. */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !hasEnded(pid);
  } catch (error) {
    // EPERM: another user's process.
    return !hasErrno(error, 'ESRCH');
  }
}

/** Whether a process is a zombie, which Linux shows. In containers, killed processes may stay zombies until the container stops. */
function hasEnded(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    // Not to be read: the process may be alive.
    return false;
  }
}

const hasModes = process.getuid !== undefined;
const descriptorPaths = '/proc/self/fd';
const hasDescriptorPaths = process.platform === 'linux' && existsSync(descriptorPaths);

function isSameAs(one: BigIntStats): (other: BigIntStats) => boolean {
  return (other) => other.uid === one.uid && fileIdentity(other) === fileIdentity(one);
}

/** True if it belongs to this user; on Windows, always. */
export function isOurs({ uid }: Stats | BigIntStats): boolean {
  return !hasModes || Number(uid) === process.geteuid!();
}
