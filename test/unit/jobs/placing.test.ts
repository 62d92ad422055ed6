import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { place } from '../../../src/jobs/download/publishFiles.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

describe('files that are placed', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let files: readonly string[];
  let written: (readonly string[])[];

  beforeEach(async () => {
    const own = await temporaryFolder();
    remove = () => own.remove();
    folder = join(own.path, 'to');
    await mkdir(folder);
    files = ['a', 'b'].map((name) => join(own.path, name));
    for (const file of files) await writeFile(file, basename(file));
    written = [];
  });
  afterEach(() => remove());

  const placeAll = (earlier: readonly string[] = [], onWrite = (): Promise<void> => Promise.resolve()) =>
    place(files, folder, 'x', {
      earlier,
      write: (paths) => {
        written.push(paths);
        return onWrite();
      },
      check: () => Promise.resolve(),
    });

  const contents = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(folder))
          .sort()
          .map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
      ),
    );

  const both = { 'x-1.ndjson': 'a', 'x-2.ndjson': 'b' };

  it('have their names written down before the first of them has one', async () => {
    let before: unknown;
    const paths = await placeAll([], async () => {
      before = await contents();
    });
    assert.deepEqual(before, {});
    assert.deepEqual(written, [paths]);
    assert.deepEqual(await contents(), both);
  });

  const left: Readonly<Record<string, (paths: readonly string[]) => Promise<unknown>>> = {
    'all had their names': () => Promise.resolve(),
    'one of them had': (paths) => rm(paths[1]!),
    'none had': (paths) => Promise.all(paths.map((path) => rm(path))),
    'they were moved, for want of links': () => Promise.all(files.map((file) => rm(file))),
    'a name was only kept, for want of links': async (paths) => {
      await rm(paths[1]!);
      await writeFile(paths[1]!, '');
    },
  };
  for (const [what, undo] of Object.entries(left)) {
    it(`are there once where they were broken off when ${what}`, async () => {
      const paths = await placeAll();
      await undo(paths);
      assert.deepEqual(await placeAll(paths), paths);
      assert.deepEqual(await contents(), both);
    });
  }

  it('overwrite nothing that came meanwhile, and write down the other name', async () => {
    const paths = await placeAll([], async () => {
      if (written.length === 1) await writeFile(join(folder, 'x-2.ndjson'), 'mine');
    });
    assert.deepEqual(paths.map((path) => basename(path)), ['x-1.ndjson', 'x-2 (2).ndjson']); // prettier-ignore
    assert.deepEqual(written.at(-1), paths);
    assert.deepEqual(await contents(), { ...both, 'x-2.ndjson': 'mine', 'x-2 (2).ndjson': 'b' });
  });

  it('leave nothing, not even their names, where not all can be placed', async () => {
    await rename(files[1]!, `${files[1]!}-gone`);
    await assert.rejects(placeAll(), { code: 'not-found' });
    assert.deepEqual(await contents(), {});
    assert.deepEqual(written.at(-1), []);
  });
});
