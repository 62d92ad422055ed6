import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unlink } from '../../fileOperations.ts';
import { inTemporaryFolder, isProcessAlive, withOwnFolder } from '../../ownFolders.ts';

/*
 * Temporary folders for unfinished output. Their names contain the machine and the process, so that those of a crashed
 * process can be recognized. They are created next to the output, possibly in a folder that others can write to.
 */

const prefix = '.pinpoint-audience-';
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const named = /^\.pinpoint-audience-(?:([0-9a-f]{8})-(\d+)-)?\w{6}$/;
/** A folder without changes for this many milliseconds is abandoned, on any machine. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/** The prefix of this process's temporary folders. */
export function temporaryPrefix(): string {
  return `${prefix}${machine}-${process.pid}-`;
}

/** Calls `use` with a path that leads to a new folder of this process in `folder`, and removes it with its content afterwards. */
export function inTemporary<T>(folder: string, use: (anchor: string) => Promise<T>): Promise<T> {
  return inTemporaryFolder(join(folder, temporaryPrefix()), use);
}

/** Removes what dead processes of this user left in `folder`. Whatever can't be removed now is retried next time. */
export async function removeStale(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const [isOurs, host, pid] = named.exec(name) ?? [];
    if (isOurs === undefined) continue;
    const path = join(folder, name);
    const isDead = host === machine && !isProcessAlive(Number(pid));
    try {
      const isEmpty = await withOwnFolder(path, (anchor, stats) => emptyIfStale(anchor, stats, isDead));
      if (isEmpty === true) await rmdir(path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Whatever prevents reading the folder also prevents writing, and is reported then.
    return [];
  }
}

/** Deletes our files in a folder of ours; resolves with false, and nothing deleted, if it holds anything else or is in use. */
async function emptyIfStale(folder: string, stats: BigIntStats, isDead: boolean): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => !entry.isFile() || !/^\d+$/.test(entry.name))) return false;
  const files = entries.map(({ name }) => join(folder, name));
  const all = [stats, ...(await Promise.all(files.map((file) => lstat(file, { bigint: true }))))];
  if (!isDead && all.some(({ mtimeMs }) => Date.now() - Number(mtimeMs) < abandonedAfter)) return false;
  for (const file of files) await unlink(file);
  return true;
}
