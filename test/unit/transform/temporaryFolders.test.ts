import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'mocha';
import {
  inTemporary,
  removeStale,
  temporaryPrefix,
} from '../../../src/endpoints/transform/temporaryFolders.ts';
import { withTemporaryFolder } from '../../support/environment.ts';
import { deadPid, isRoot, somebodyElse, withVictim } from '../../support/victim.ts';

/** A folder as an ended process of this machine left it. */
async function makeStale(folder: string, name = 'aaaaaa'): Promise<string> {
  const ours = await mkdtemp(join(folder, temporaryPrefix()));
  const stale = join(
    folder,
    basename(ours)
      .replace(`-${process.pid}-`, `-${deadPid}-`)
      .replace(/\w{6}$/, name),
  );
  await rename(ours, stale);
  await writeFile(join(stale, '0'), 'Id\n');
  return stale;
}

describe('temporary folders of transforms', () => {
  it('are removed once their process has ended, or nothing has happened in them for a day', async () => {
    await withTemporaryFolder(async (folder) => {
      await makeStale(folder);
      const elsewhere = join(folder, '.pinpoint-audience-00000000-1-bbbbbb');
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, '0'), '');
      await inTemporary(folder, async (anchor) => {
        await writeFile(join(anchor, '0'), '');
        await removeStale(folder);
        const left = await readdir(folder);
        assert.equal(left.length, 2);
        assert.ok(left.includes(basename(elsewhere)));

        const before = (Date.now() - 25 * 3_600_000) / 1000;
        await utimes(join(elsewhere, '0'), before, before);
        await removeStale(folder);
        assert.equal((await readdir(folder)).length, 2, 'the folder itself is new');
        await utimes(elsewhere, before, before);
        await removeStale(folder);
        assert.deepEqual(
          await readdir(folder),
          left.filter((name) => name !== basename(elsewhere)),
        );
        assert.deepEqual(await readdir(anchor), ['0']);
      });
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it("are kept if they hold anything that we didn't write, and if they belong to others", async function () {
    if (process.platform === 'win32') this.skip();
    await withVictim(async (folder, victim) => {
      const holders = [];
      for (const [name, put] of Object.entries({
        linked: (path: string) => symlink(join(victim, '1'), path),
        folder: (path: string) => mkdir(path),
        piped: (path: string) => Promise.resolve(execFileSync('mkfifo', [path])),
      })) {
        const stale = await makeStale(folder, name.padEnd(6, '_'));
        await put(join(stale, '1'));
        holders.push(stale);
      }
      if (isRoot) {
        const theirs = await makeStale(folder, 'theirs');
        await chown(theirs, somebodyElse, somebodyElse);
        holders.push(theirs);
      }
      await symlink(victim, join(folder, `${basename(holders[0]!).slice(0, -6)}direct`));
      const before = await readdir(folder, { recursive: true });
      await removeStale(folder);
      assert.deepEqual(await readdir(folder, { recursive: true }), before);
    });
  });

  it('lead nowhere else during removal, however often they are swapped for links', async function () {
    if (process.platform !== 'linux') this.skip();
    await withVictim(async (folder, victim) => {
      const aside = join(folder, 'aside');
      for (let round = 0; round < 200; round++) {
        const stale = await makeStale(folder);
        const state = { isDone: false };
        const removing = removeStale(folder).finally(() => (state.isDone = true));
        while (!state.isDone) {
          try {
            renameSync(stale, aside);
            symlinkSync(join(victim, '7'), stale);
            await turn();
            unlinkSync(stale);
            renameSync(aside, stale);
          } catch {
            // Already removed.
          }
          await turn();
        }
        await removing;
        for (const left of await readdir(folder)) execFileSync('rm', ['-rf', join(folder, left)]);
      }
    });
  });
});
