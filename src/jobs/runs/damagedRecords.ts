import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../fileOperations.ts';
import { failuresKeptMs } from '../failures/failureExpiry.ts';

/** Extension of damaged files. */
export const damagedExtension = '.bad';

/** Sets a damaged file aside. Resolves with its new path. */
export async function setDamagedAside(path: string): Promise<string> {
  const aside = path + damagedExtension;
  await rename(path, aside);
  // It is kept from now on, so that there is time to look at it.
  const now = new Date();
  await utimes(aside, now, now);
  return aside;
}

/** Removes damaged records and journals that were set aside more than a week ago: they can quote rows, as records do that long. */
export async function removeOldDamaged(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(damagedExtension)) continue;
    const path = join(folder, name);
    const changed = await stat(path).catch(() => undefined);
    if (changed !== undefined && now - changed.mtimeMs > failuresKeptMs) await rm(path, { force: true });
  }
}
