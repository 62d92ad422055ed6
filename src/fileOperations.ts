import * as promises from 'node:fs/promises';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno } from './fileErrors.ts';

/*
 * Renaming and removing. On Windows, both fail while another program has the file open exclusively: a virus scanner or a
 * search index briefly, a spreadsheet for longer. So both are retried for a while. All of src/ renames and removes through here.
 */

/** Milliseconds between attempts, about 1.6 seconds in total. */
const pauses = [10, 20, 50, 100, 200, 400, 800];

const isWindows = process.platform === 'win32';

/** Like the function of `node:fs/promises`. */
export function rename(from: string, to: string): Promise<void> {
  return whileInUse(() => promises.rename(from, to));
}

/** Like the function of `node:fs/promises`. */
export function rm(path: string, options: RmOptions = {}): Promise<void> {
  return whileInUse(() => promises.rm(path, options));
}

/** Like the function of `node:fs/promises`. */
export function unlink(path: string): Promise<void> {
  return whileInUse(() => promises.unlink(path));
}

/**
 * Makes a folder, and the folders above that don't exist. Not by the recursive option of Node's `mkdir`: that never returns if the
 * system has no room for new folders, as in `/proc`.
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  const isFolder = (): Promise<boolean> =>
    promises.stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
  if (await isFolder()) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent, mode);
  try {
    await promises.mkdir(path, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!hasErrno(error, 'EEXIST') || !(await isFolder())) throw error;
  }
}

/** Like the function of `node:fs`. */
export function renameSync(from: string, to: string): void {
  whileInUseSync(() => {
    fs.renameSync(from, to);
  });
}

/** Like the function of `node:fs`. */
export function rmSync(path: string, options: RmOptions = {}): void {
  whileInUseSync(() => {
    fs.rmSync(path, options);
  });
}

interface RmOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
  readonly maxRetries?: number;
}

interface Retries {
  readonly isWindows: boolean;
  readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * Repeats `work` while another program may have the file open, which matters only on Windows. There, a name can't be used again either
 * until all programs have closed the file that was removed under it.
 */
export async function whileInUse<T>(
  work: () => Promise<T>,
  retries: Retries = { isWindows, pause: sleep },
): Promise<T> {
  for (const ms of retries.isWindows ? pauses : []) {
    try {
      return await work();
    } catch (error) {
      if (!isInUse(error)) throw error;
      await retries.pause(ms);
    }
  }
  return work();
}

function whileInUseSync(work: () => void): void {
  for (const ms of isWindows ? pauses : []) {
    try {
      work();
      return;
    } catch (error) {
      if (!isInUse(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    }
  }
  work();
}

/** Windows refuses access to a file that another program has open, or that is about to vanish, by any of these. */
function isInUse(error: unknown): boolean {
  return hasErrno(error, 'EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY');
}
