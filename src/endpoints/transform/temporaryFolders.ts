import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, rmdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/*
 * Folders for files that have no names yet. One that a crash left is told by its name: which machine, which process.
 */

const prefix = '.pinpoint-audience-';
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const named = /^\.pinpoint-audience-(?:([0-9a-f]{8})-(\d+)-)?\w{6}$/;
/** After so many milliseconds without a byte nobody is at work any more, on whatever machine. */
const dayTime = 24 * 60 * 60 * 1000;

/** Makes a folder of this process in `folder`; resolves with its path. */
export function makeTemporary(folder: string): Promise<string> {
  return mkdtemp(join(folder, `${prefix}${machine}-${process.pid}-`));
}

/** Removes what processes that are gone left in `folder`. What cannot be removed now is left for the next time. */
export async function removeStale(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const [isOurs, host, pid] = named.exec(name) ?? [];
    if (isOurs === undefined) continue;
    const path = join(folder, name);
    const isDead = host === machine && !isAlive(Number(pid));
    try {
      const files = await filesIn(path);
      if (files === undefined || !(isDead || (await isOld(path, files)))) continue;
      for (const file of files) await unlink(file);
      await rmdir(path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Whatever keeps us from looking will keep us from writing, and is reported then.
    return [];
  }
}

/** The files in a folder that we made; `undefined` where it holds anything else, or is none. */
async function filesIn(path: string): Promise<readonly string[] | undefined> {
  if (!(await lstat(path)).isDirectory()) return undefined;
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.some((entry) => !entry.isFile() || !/^\d+$/.test(entry.name))) return undefined;
  return entries.map(({ name }) => join(path, name));
}

async function isOld(path: string, files: readonly string[]): Promise<boolean> {
  const stats = await Promise.all([path, ...files].map((each) => lstat(each)));
  return stats.every(({ mtimeMs }) => Date.now() - mtimeMs > dayTime);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // ESRCH: there is none. EPERM: it is another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
