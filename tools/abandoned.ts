import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeOwnFolder } from '../src/ownFolders.ts';
import { cache } from './paths.ts';

/** Removes folders in the cache that interrupted processes left: those of matching names that are older than `ageMs`. */
export async function removeAbandoned(names: RegExp, ageMs: number): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!names.test(name)) continue;
    const folder = join(cache, name);
    const changed = lstatSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed > ageMs) await removeOwnFolder(folder);
  }
}
