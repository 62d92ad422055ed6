import type { Stats } from 'node:fs';
import { constants, lstatSync, readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { AudienceError } from './errors.ts';
import { hasErrno } from './fileErrors.ts';
import { whileInUse } from './fileOperations.ts';
import { isOurs } from './ownFolders.ts';
import { privateFile } from './permissions.ts';

/*
 * Files that we wrote ourselves. A folder may have been open to other users earlier, or come from an archive: so in place of a file
 * there may be a link, a named pipe, on which reading waits forever, or another user's file. None of these is read or written to.
 */

/** Windows has neither these flags nor named pipes among its files. */
const carefully = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

const maxSmallFile = 64 * 1024;

/**
 * Reads one of our files as text.
 *
 * @returns undefined if there is none
 * @throws AudienceError `disk` if it is anything but a regular file of this user
 */
export async function readOwnFile(path: string): Promise<string | undefined> {
  return (await readOwnBytes(path))?.toString('utf8');
}

/** As `readOwnFile`, but throws also if the file is larger than 64 KB. */
export async function readSmallFile(path: string): Promise<string | undefined> {
  return (await readOwnBytes(path, maxSmallFile))?.toString('utf8');
}

/** As `readOwnFile`, but as bytes. */
export async function readOwnBytes(path: string, maxBytes = Infinity): Promise<Buffer | undefined> {
  const file = await openOwnFile(path, constants.O_RDONLY, maxBytes).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  try {
    return await file?.readFile();
  } finally {
    await file?.close();
  }
}

/**
 * Opens one of our files to append to it. Creates it if it doesn't exist.
 *
 * @throws AudienceError `disk` if there is anything but a regular file of this user
 */
export function openToAppend(path: string): Promise<FileHandle> {
  return openOwnFile(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
}

async function openOwnFile(path: string, flags: number, maxBytes = Infinity): Promise<FileHandle> {
  // First, because opening a device may do something.
  const there = await whileInUse(() => lstat(path)).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (there !== undefined) refuseForeign(path, there, maxBytes);
  // On Windows, another process may be about to remove it.
  const file = await whileInUse(() => open(path, flags | carefully, privateFile));
  try {
    refuseForeign(path, await file.stat(), maxBytes);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Checks everything in a folder of ours that no other user can write to now, so that it can be used without further checks.
 *
 * @throws AudienceError `disk` if there is anything but folders and regular files of this user
 */
export function checkOwnTree(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (stats.isDirectory() && isOurs(stats)) checkOwnTree(path);
    else refuseForeign(path, stats);
  }
}

function refuseForeign(path: string, stats: Stats, maxBytes = Infinity): void {
  const fault = faultOf(stats, maxBytes);
  if (fault === undefined) return;
  throw new AudienceError('disk', `${path} ${fault}`, { help: 'Remove it, or use another folder.' });
}

function faultOf(stats: Stats, maxBytes: number): string | undefined {
  if (!stats.isFile()) return "isn't a regular file";
  if (!isOurs(stats)) return 'belongs to another user';
  return stats.size > maxBytes ? `isn't a regular file of up to ${maxBytes / 1024} KB` : undefined;
}
