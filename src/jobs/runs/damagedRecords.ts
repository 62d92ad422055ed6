import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { rename, rm } from '../../fileOperations.ts';
import { failuresKeptMs } from '../failures/failureExpiry.ts';

/** Extension of damaged files. */
export const damagedExtension = '.bad';

/** Renames a damaged file. Resolves with its new path. */
export async function renameDamaged(path: string): Promise<string> {
  const renamed = path + damagedExtension;
  await rename(path, renamed);
  // The time for inspecting it starts now.
  const now = new Date();
  await utimes(renamed, now, now);
  return renamed;
}

/** Removes damaged records and journals a week after they were renamed: like records, they may quote rows. */
export async function removeOldDamaged(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(damagedExtension)) continue;
    const path = join(folder, name);
    const changed = await stat(path).catch(() => undefined);
    if (changed !== undefined && now - changed.mtimeMs > failuresKeptMs) await rm(path, { force: true });
  }
}
