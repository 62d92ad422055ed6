import { link, open, rename, rm } from 'node:fs/promises';
import { hasErrno } from './fileErrors.ts';
import { outputFile } from './permissions.ts';

/**
 * Gives a finished file its name, and overwrites nothing: a link is refused if there is a file of that name, a rename is not.
 * Where the file system has no links, an empty file keeps the name for the moment of the rename. Rejects with `EEXIST`.
 */
export async function publishFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    await (await open(to, 'wx', outputFile())).close();
    try {
      await rename(from, to);
    } catch (failure) {
      await rm(to, { force: true });
      throw failure;
    }
  }
}

/** True if the file system, or this part of it, cannot link. */
export function hasNoLinks(error: unknown): boolean {
  return hasErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EXDEV');
}

/** Makes the names in a folder outlive a loss of power, on systems that can; a crash of the process they outlive anyway. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
