import { constants } from 'node:fs';
import { link, open } from 'node:fs/promises';
import { hasErrno } from './fileErrors.ts';
import { rename, rm, whileInUse } from './fileOperations.ts';
import { outputFile } from './permissions.ts';

/**
 * Gives a finished file its name without overwriting: unlike a rename, a link fails if a file has that name.
 * If the file system has no links, an empty file reserves the name for the rename. Rejects with `EEXIST`.
 */
export async function publishFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    await (await whileInUse(() => open(to, 'wx', outputFile()))).close();
    try {
      await rename(from, to);
    } catch (failure) {
      await rm(to, { force: true });
      throw failure;
    }
  }
}

/** True if the file system can't create this link. On Windows, an exFAT drive reports EISDIR, and a file with too many links UNKNOWN. */
export function hasNoLinks(error: unknown): boolean {
  return hasErrno(
    error,
    ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EXDEV', 'EISDIR', 'UNKNOWN'],
  );
}

/** Makes the names in a folder survive a power failure, on systems that can. They survive a crash of the process anyway. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
