import assert from 'node:assert/strict';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { rename, rm, unlink, whileInUse } from '../../src/fileOperations.ts';
import { readOwnFile } from '../../src/ownFiles.ts';
import { withTemporaryFolder } from '../support/environment.ts';
import { holdOpen, isWindows } from '../support/platform.ts';

const failed = (code: string): Error => Object.assign(new Error(code), { code });

describe('Renaming and removing', () => {
  it('is tried again on Windows while another program has the file open, and on no other system', async () => {
    const pauses: number[] = [];
    const attempts = async (isOnWindows: boolean, errors: readonly string[]): Promise<number> => {
      const rest = [...errors];
      let count = 0;
      const work = (): Promise<void> => {
        count += 1;
        const code = rest.shift();
        return code === undefined ? Promise.resolve() : Promise.reject(failed(code));
      };
      const pause = (ms: number): Promise<void> => {
        pauses.push(ms);
        return Promise.resolve();
      };
      await whileInUse(work, { isWindows: isOnWindows, pause }).catch((error: unknown) => {
        assert.equal((error as NodeJS.ErrnoException).code, errors[count - 1]);
      });
      return count;
    };
    assert.equal(await attempts(true, ['EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY']), 5);
    assert.ok(pauses.every((ms, index) => ms > (pauses[index - 1] ?? 0)));
    assert.equal(await attempts(true, ['ENOENT', 'EBUSY']), 1);
    assert.equal(await attempts(false, ['EBUSY']), 1);
    pauses.length = 0;
    await attempts(
      true,
      Array.from({ length: 100 }, () => 'EBUSY'),
    );
    const waited = pauses.reduce((sum, ms) => sum + ms, 0);
    assert.ok(waited > 1000 && waited < 3000, `${waited} ms`);
  });

  it('waits for a program that has the file open for a moment', async function () {
    if (!isWindows) this.skip();
    await withTemporaryFolder(async (folder) => {
      const [path, other] = [join(folder, 'a.csv'), join(folder, 'b.csv')];
      for (const change of [
        () => rename(other, path),
        () => rename(path, other),
        () => unlink(path),
        () => rm(path),
      ]) {
        for (const each of [path, other]) await writeFile(each, each);
        const held = await holdOpen(path);
        setTimeout(() => void held.release(), 300);
        await change();
      }
    });
  });

  it('lets our own records be read that a program holds for a moment', async function () {
    if (!isWindows) this.skip();
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.run');
      await writeFile(path, 'text');
      const held = await holdOpen(path);
      setTimeout(() => void held.release(), 300);
      assert.equal(await readOwnFile(path), 'text');
    });
  });

  it('fails if the program keeps it open, and leaves it as it is', async function () {
    if (!isWindows) this.skip();
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.csv');
      await writeFile(path, 'text');
      const held = await holdOpen(path);
      await assert.rejects(rm(path), { code: 'EBUSY' });
      await assert.rejects(open(path), { code: 'EBUSY' });
      await held.release();
      assert.equal(await readFile(path, 'utf8'), 'text');
    });
  });
});
