import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withTemporaryFolder } from './environment.ts';

export const isRoot = process.getuid?.() === 0;

/** The number of any user but us and root. */
export const somebodyElse = 65_534;

/** No process has this number. */
export const deadPid = '999999999';

const files = ['1', '2', join('7', '1'), 'sandbox.lock'];

/** Calls `use` with a folder to work in, and one whose files have to survive: they have the names that our cleaning up looks for. */
export async function withVictim(use: (folder: string, victim: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (base) => {
    const [folder, victim] = [join(base, 'folder'), join(base, 'victim')];
    // Below a folder that only this user can enter, others reach nothing.
    await chmod(base, 0o755);
    for (const each of [folder, victim, join(victim, '7')]) await mkdir(each);
    await chmod(folder, 0o755);
    for (const name of files) await writeFile(join(victim, name), deadPid);
    await use(folder, victim);
    assert.deepEqual((await readdir(victim, { recursive: true })).sort(), [...files, '7'].sort());
  });
}
