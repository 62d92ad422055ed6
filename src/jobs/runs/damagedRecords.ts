import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rm } from '../../fileOperations.ts';
import { failuresKeptMs } from '../failures/failureExpiry.ts';

/** Extension of damaged files. */
export const damagedExtension = '.bad';

/** Removes damaged records and journals that are older than a week: they can quote rows, as records do that long. */
export async function removeOldDamaged(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(damagedExtension)) continue;
    const path = join(folder, name);
    const changed = await stat(path).catch(() => undefined);
    if (changed !== undefined && now - changed.mtimeMs > failuresKeptMs) await rm(path, { force: true });
  }
}
