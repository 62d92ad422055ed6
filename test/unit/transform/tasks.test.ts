import assert from 'node:assert/strict';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import {
  tasks,
  type TaskName,
  type TaskOptions,
  type Transforms,
} from '../../../src/endpoints/transform/taskTable.ts';
import { TaskThreads } from '../../../src/endpoints/transform/taskThreads.ts';
import { inFolder } from './files.ts';

const workerFile = new URL('../../../src/endpoints/transform/taskWorker.ts', import.meta.url);
const rows = 400_000;
const large = `Id,OptOut\n${Array.from({ length: rows }, (_, index) => `${index},all\n`).join('')}`;

describe('Tasks in their own thread', function () {
  const threads = new TaskThreads(workerFile);
  const here: Transforms = { run: (task, options) => (tasks[task] as (o: typeof options) => never)(options) };

  after(() => threads.dispose());

  it('have the same result as on this thread, and report progress', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', large);
      const steps: number[] = [];
      const onProgress = (done: number, total: number): void => void steps.push(done / total);
      const one = await threads.run('fixedCopy', {
        source,
        target: join(folder.path, 'one.csv'),
        onProgress,
      });
      const other = await here.run('fixedCopy', { source, target: join(folder.path, 'other.csv') });
      assert.deepEqual(one.fixed, other.fixed);
      assert.ok((await folder.read('one.csv')) === (await folder.read('other.csv')));
      assert.ok(steps.length > 0 && steps.every((step) => step > 0 && step <= 1));
    });
  });

  it('leave this thread responsive', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const text = `ChannelType,Address\n${'email,a@example.com\n'.repeat(100_000)}`;
    const { fixed } = await threads.run('fixText', { text, type: 'csv' });
    clearInterval(timer);
    assert.equal(fixed[0]?.count, 100_000);
    assert.ok(turns > 20, `This thread had ${turns} turns meanwhile`);
  });

  it('fail with the error of the task', async () => {
    const failed = threads.run('convert', { source: '/nowhere/a.csv' });
    await assert.rejects(failed, (error) => error instanceof AudienceError && error.code === 'not-found');
    const defect = threads.run('fixText', { text: 7 as unknown as string, type: 'csv' });
    await assert.rejects(defect, { code: 'internal' });
  });

  const started: { readonly [T in TaskName]: (source: string) => TaskOptions<T> } = {
    convert: (source) => ({ source }),
    jsonToLines: (source) => ({ source: source.replace('.csv', '.json') }),
    makeImportable: (source) => ({ source }),
    split: (source) => ({ source, maxRecords: 100 }),
    fixedCopy: (source) => ({ source }),
    fixText: () => ({ text: large, type: 'csv' }),
    compare: (source) => ({ before: source, after: source }),
  };
  for (const task of Object.keys(started) as TaskName[]) {
    it(`${task}: can be cancelled midway, and leaves nothing`, async () => {
      await inFolder(async (folder) => {
        const source = await folder.write('a.csv', large);
        const array = Array.from({ length: rows }, (_, index) => `{"Id":"${index}"}`).join(',\n');
        await folder.write('a.json', `[${array}]`);
        const controller = new AbortController();
        const cancel = (): void => controller.abort();
        const options = { ...started[task](source), signal: controller.signal, onProgress: cancel };
        // Tasks without progress are cancelled shortly after their start.
        if (task === 'fixText') setTimeout(cancel, 150);
        await assert.rejects(threads.run(task, options), { code: 'cancelled' });
        // The answer doesn't wait for the cleanup.
        while ((await folder.names()).length > 2) await delay(10);
        assert.deepEqual(await folder.names(), ['a.csv', 'a.json']);
      });
    });
  }
});

describe('The leftovers of a crash', () => {
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;

  it('are removed by the next transformation into the folder, and nothing else is', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', 'Id,OptOut\n1,all\n');
      const make = async (name: string, file: string, hours = 0): Promise<void> => {
        await mkdir(join(folder.path, name));
        const path = join(folder.path, name, file);
        await writeFile(path, 'x');
        const at = Date.now() / 1000 - hours * 3600;
        for (const each of [path, join(folder.path, name)]) await utimes(each, at, at);
      };
      await make(`.pinpoint-audience-${machine}-${dead}-aaaaaa`, '0');
      await make('.pinpoint-audience-00000000-1-bbbbbb', '0', 25);
      await make('.pinpoint-audience-cccccc', '12', 25);
      const kept: readonly (readonly [name: string, file: string, hours?: number])[] = [
        [`.pinpoint-audience-${machine}-${process.pid}-dddddd`, '0'],
        ['.pinpoint-audience-00000000-1-eeeeee', '0', 23],
        [`.pinpoint-audience-${machine}-${dead}-ffffff`, 'mine.csv'],
        ['.pinpoint-audience-notes', '0', 25],
      ];
      for (const each of kept) await make(...each);
      await tasks.fixedCopy({ source });
      assert.deepEqual(await folder.names(), ['a.csv', 'a.fixed.csv', ...kept.map(([name]) => name)].sort());
      await rm(join(folder.path, 'a.fixed.csv'));
    });
  });
});
