import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { publishAll } from '../../../src/jobs/download/publishFiles.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

describe('published files', () => {
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

  const publish = (earlier: readonly string[] = [], onWrite = (): Promise<void> => Promise.resolve()) =>
    publishAll(files, folder, 'x', {
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

  it('are recorded before the first file has its name', async () => {
    let before: unknown;
    const paths = await publish([], async () => {
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
    'they were moved, without links': () => Promise.all(files.map((file) => rm(file))),
    'a name was only reserved, without links': async (paths) => {
      await rm(paths[1]!);
      await writeFile(paths[1]!, '');
    },
  };
  for (const [what, undo] of Object.entries(left)) {
    it(`exist once if the process was interrupted when ${what}`, async () => {
      const paths = await publish();
      await undo(paths);
      assert.deepEqual(await publish(paths), paths);
      assert.deepEqual(await contents(), both);
    });
  }

  it('overwrite nothing that appeared meanwhile, and record the other name', async () => {
    const paths = await publish([], async () => {
      if (written.length === 1) await writeFile(join(folder, 'x-2.ndjson'), 'mine');
    });
    assert.deepEqual(paths.map((path) => basename(path)), ['x-1.ndjson', 'x-2 (2).ndjson']); // prettier-ignore
    assert.deepEqual(written.at(-1), paths);
    assert.deepEqual(await contents(), { ...both, 'x-2.ndjson': 'mine', 'x-2 (2).ndjson': 'b' });
  });

  it('leave nothing, not even their names, unless all can be published', async () => {
    await rename(files[1]!, `${files[1]!}-gone`);
    await assert.rejects(publish(), { code: 'not-found' });
    assert.deepEqual(await contents(), {});
    assert.deepEqual(written.at(-1), []);
  });
});
