import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { appendFile, chmod, lstat, mkdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { ErrorCode } from '../../../src/errors.ts';
import { AudienceError } from '../../../src/errors.ts';
import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import { writeFixedCopy } from '../../../src/endpoints/transform/fixedCopy.ts';
import { makeImportable } from '../../../src/endpoints/transform/makeImportable.ts';
import { writeOutputs } from '../../../src/endpoints/transform/output.ts';
import { splitFile } from '../../../src/endpoints/transform/split.ts';
import type { Folder } from './files.ts';
import { gzipped, inFolder } from './files.ts';
import { canMakeLinks, isWindows } from '../../support/platform.ts';
import { withVictim } from '../../support/victim.ts';

const rejects = (promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof AudienceError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

const csv = (rows: number): string => `Id,Address\n${'1,someone@example.com\n'.repeat(rows)}`;

describe('output of transformations', () => {
  it('goes next to the source by default, readable by this user alone', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', csv(2));
      await chmod(source, 0o644);
      const report = await convertFile({ source });
      assert.deepEqual(await folder.names(), ['a.csv', 'a.ndjson']);
      assert.equal(report.outputs[0]!.path, join(folder.path, 'a.ndjson'));
      if (!isWindows) assert.equal((await stat(report.outputs[0]!.path)).mode & 0o777, 0o600);
    });
  });

  it('never goes through a link, not even a dangling one', async function () {
    if (!(await canMakeLinks())) this.skip();
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', csv(2));
      const outside = join(folder.path, 'outside');
      for (const name of ['a.ndjson', 'a-2.ndjson', 'a.fixed.csv'])
        await symlink(outside, join(folder.path, name));
      await rejects(convertFile({ source }), 'conflict', /a\.ndjson already exists/);
      const report = await convertFile({ source, onConflict: 'number' });
      assert.deepEqual(
        report.outputs.map(({ path }) => path),
        [join(folder.path, 'a-3.ndjson')],
      );
      await rejects(writeFixedCopy({ source }), 'conflict', /a\.fixed\.csv already exists/);
      await rejects(splitFile({ source, target: join(outside, 'b.csv'), maxBytes: 40 }), 'not-found', /b/);
      assert.equal(await lstat(outside).catch(() => undefined), undefined);
    });
  });

  it('never overwrites: another name, or an error before any work', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', csv(2));
      await folder.write('a.ndjson', 'mine');
      await folder.write('a-2.ndjson', 'mine, too');
      let progress = 0;
      await rejects(
        convertFile({ source, onProgress: () => progress++ }),
        'conflict',
        /a\.ndjson already exists/,
      );
      assert.equal(progress, 0);
      const report = await convertFile({ source, onConflict: 'number' });
      assert.equal(report.outputs[0]!.path, join(folder.path, 'a-3.ndjson'));
      assert.deepEqual(await folder.names(), ['a-2.ndjson', 'a-3.ndjson', 'a.csv', 'a.ndjson']);
      assert.equal(await folder.read('a.ndjson'), 'mine');
      await rejects(convertFile({ source, target: source }), 'conflict', /a\.csv already exists/);
    });
  });

  it('never overwrites files created in the meantime, and undoes its own renames', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.ndjson', '{"Id":"1"}\n'.repeat(3));
      await folder.write('a.part-003.ndjson', 'mine');
      const before = await folder.names();
      await rejects(splitFile({ source, maxRecords: 1 }), 'conflict', /a\.part-003\.ndjson already exists/);
      assert.deepEqual(await folder.names(), before);
      const { outputs } = await splitFile({ source, maxRecords: 1, onConflict: 'number' });
      assert.equal(outputs[2]!.path, join(folder.path, 'a-2.part-003.ndjson'));
      assert.equal(await folder.read('a.part-003.ndjson'), 'mine');
    });
  });

  const manyRows = 50_000;
  const leavesNothing = async (
    run: (source: string, folder: Folder) => Promise<void>,
    name = 'a.csv',
    content: string | Uint8Array = csv(manyRows),
  ): Promise<void> => {
    await inFolder(async (folder) => {
      const source = await folder.write(name, content);
      await run(source, folder);
      assert.deepEqual(await folder.names(), [name]);
    });
  };

  it('leaves nothing when cancelled, at any time', async () => {
    for (const share of [0, 0.5, 1]) {
      await leavesNothing(async (source) => {
        const controller = new AbortController();
        const onProgress = (done: number, total: number): void => {
          if (done >= share * total) controller.abort();
        };
        await rejects(
          convertFile({ source, signal: controller.signal, onProgress }),
          'cancelled',
          /Cancelled/,
        );
      });
    }
    await leavesNothing(async (source) => {
      await rejects(convertFile({ source, signal: AbortSignal.abort() }), 'cancelled', /Cancelled/);
    });
    await leavesNothing(
      async (source) => {
        const controller = new AbortController();
        const onProgress = (): void => controller.abort();
        await rejects(
          makeImportable({ source, signal: controller.signal, onProgress }),
          'cancelled',
          /Cancelled/,
        );
      },
      'a.gz',
      gzipped('{"Id":"1"}\n'.repeat(manyRows)),
    );
  });

  it('reports failure once, before it removes what it wrote', async () => {
    for (const isCancelled of [true, false]) {
      await leavesNothing(async (source, folder) => {
        const controller = new AbortController();
        const given: string[][] = [];
        const running = splitFile({
          source,
          maxRecords: 500,
          signal: controller.signal,
          onProgress: () => {
            if (isCancelled) controller.abort();
            else utimesSync(source, 1, 1);
          },
          onGivenUp: (error) => {
            given.push([(error as AudienceError).code, ...readdirSync(folder.path)]);
          },
        });
        await rejects(running, isCancelled ? 'cancelled' : 'changed', /Cancelled|changed/);
        assert.equal(given.length, 1);
        assert.equal(given[0]![0], isCancelled ? 'cancelled' : 'changed');
        assert.match(given[0]![1]!, /^\.pinpoint-audience-/);
      });
    }
  });

  it('counts the pass that checks whether columns can be rewritten', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', `Id,CohortId\n${'1,2\n'.repeat(100_000)}`);
      const shares: number[] = [];
      const onProgress = (done: number, total: number): void => void shares.push(done / total);
      const { left } = await writeFixedCopy({ source, chunkBytes: 10_000, onProgress });
      assert.equal(left, undefined);
      const isFull = shares.filter((share) => share === 1).length;
      // The start of the file is read additionally, to find the number of passes.
      assert.ok(isFull < 10, `${isFull} of ${shares.length} reports said that all is done`);
    });
  });

  it('leaves nothing if the source changes in any way', async () => {
    const changes: ((source: string) => Promise<void>)[] = [
      (source) => appendFile(source, '2,b\n'),
      (source) => writeFile(source, 'Id\n"'),
      (source) => utimes(source, 1, 1),
    ];
    // Windows may refuse to replace a file that is open.
    if (!isWindows)
      changes.push(async (source) => {
        await writeFile(`${source}.new`, csv(manyRows));
        await rename(`${source}.new`, source);
      });
    for (const change of changes) {
      await leavesNothing(async (source) => {
        let changed: Promise<void> | undefined;
        const onProgress = (): void => void (changed ??= change(source));
        const converting = convertFile({ source, onProgress });
        await rejects(converting, 'changed', /a\.csv changed while it was being read/);
        await changed;
      });
    }
  });

  it('reports a source that is gone at the end', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', csv(manyRows));
      let moved: Promise<void> | undefined;
      const onProgress = (): void => void (moved ??= rename(source, join(folder.path, 'b.csv')));
      await rejects(
        convertFile({ source, onProgress }),
        'not-found',
        /Could not read a\.csv: it doesn't exist/,
      );
      await moved;
      assert.deepEqual(await folder.names(), ['b.csv']);
    });
  });

  it("explains why it can't read", async () => {
    await inFolder(async (folder) => {
      await mkdir(join(folder.path, 'folder.csv'));
      await rejects(
        convertFile({ source: join(folder.path, 'a.csv') }),
        'not-found',
        /Could not read a\.csv/,
      );
      await rejects(
        convertFile({ source: join(folder.path, 'folder.csv') }),
        'bad-input',
        /Could not read folder\.csv: it is a folder/,
      );
    });
  });

  it("explains why it can't write", async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', csv(2));
      const target = join(folder.path, 'missing', 'b.ndjson');
      await rejects(convertFile({ source, target }), 'not-found', /Could not write b\.ndjson/);
      const inFile = join(source, 'b.ndjson');
      await rejects(convertFile({ source, target: inFile }), 'not-found', /part of its path isn't a folder/);
    });
  });

  it('goes to the very folder that was made for it, whatever others put in its place meanwhile', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const isEarly of [true, false])
      await withVictim(async (folder, victim) => {
        const swap = (): void => {
          const [temporary] = readdirSync(folder);
          renameSync(join(folder, temporary!), join(folder, 'gone'));
          symlinkSync(victim, join(folder, temporary!));
        };
        const { outputs } = await writeOutputs(
          { folder, name: (index) => `out-${index}.csv`, onConflict: 'fail' },
          async (next) => {
            if (isEarly) swap();
            for (let index = 0; index < 3; index++) await (await next()).write(`${index}`);
            if (!isEarly) swap();
          },
        );
        assert.deepEqual(
          outputs.map(({ path }) => readFileSync(path, 'utf8')),
          ['0', '1', '2'],
        );
        assert.deepEqual(readdirSync(join(folder, 'gone')), []);
        assert.equal(readdirSync(folder).length, 5, "the outputs, and the other user's folder and link");
      });
  });

  it('distinguishes a full disk from an internal error, and cleans up after both', async () => {
    await inFolder(async (folder) => {
      const plan = { folder: folder.path, name: () => 'out', onConflict: 'fail' } as const;
      const fail =
        (error: Error) => async (next: () => Promise<{ write: (text: string) => Promise<void> }>) => {
          await (await next()).write('something');
          throw error;
        };
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      });
      await rejects(writeOutputs(plan, fail(full)), 'disk', /Could not write out: the disk is full/);
      await assert.rejects(writeOutputs(plan, fail(new TypeError('a defect'))), TypeError);
      assert.deepEqual(await folder.names(), []);
    });
  });

  it('reports progress up to all bytes of all passes', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.ndjson', '{"Id":"1"}\n'.repeat(1000));
      const seen: (readonly [number, number])[] = [];
      await convertFile({ source, chunkBytes: 1000, onProgress: (done, total) => seen.push([done, total]) });
      assert.ok(seen.every(([done, total], index) => total === 22_000 && done > (seen[index - 1]?.[0] ?? 0)));
      assert.equal(seen[seen.length - 1]![0], 22_000);
    });
  });
});
