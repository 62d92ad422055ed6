import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CreateSegmentCommand } from '@aws-sdk/client-pinpoint';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { downloadExport } from '../../../src/jobs/download/downloadExport.ts';
import { listEndpointIds } from '../../../src/jobs/endpointIds.ts';
import { fileNameOf, noJournal } from '../../../src/jobs/download/publishFiles.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import type { ExportPlan, Runs } from '../../../src/jobs/runs/runs.ts';
import type { FaultRule } from '../../../src/sandbox/http/faults.ts';
import { Workplace } from './workplace.ts';

describe('exports', function () {
  let place: Workplace;
  let runs: Runs;
  let target: string;

  beforeEach(async () => {
    place = await Workplace.open();
    runs = place.window();
    await runs.ready;
    target = join(place.folder, 'downloads');
  });
  afterEach(() => place.close());

  const faults = (...rules: readonly FaultRule[]): void => place.sandbox.faults.set({ rules });
  const onCreate = { service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/export' };

  async function fill(endpoints: number): Promise<void> {
    const plan = place.importPlan([await place.csv('x.csv', endpoints)], { defineSegment: false });
    const { id } = await runs.startImport(place.connection, plan, {});
    assert.equal((await runs.waitFor(id)).state, 'completed');
  }

  async function exported(change: Partial<ExportPlan> = {}): Promise<RunRecord> {
    const { id } = await runs.startExport(place.connection, place.exportPlan(change), {});
    return runs.waitFor(id);
  }

  const download = (id: string, folder = target): Promise<readonly string[]> =>
    runs.download(place.connection, id, folder, {});

  const ids = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { Id: string }).Id)
      .sort();

  it('of a project are downloaded as NDJSON, and the record says where', async () => {
    await fill(30);
    const states: string[] = [];
    runs.onDidChange(
      (record) => record?.kind === 'export' && states.at(-1) !== record.state && states.push(record.state),
    );
    const record = await exported();
    assert.deepEqual(states, ['starting', 'running', 'completed']);
    assert.equal(record.job!.totalProcessed, 30);
    assert.equal(
      record.job!.s3Url,
      `s3://staging/${record.export!.folder}`,
      'kept, though the service no longer says it',
    );
    assert.match(record.export!.folder, /^exports\/\d{4}-\d\d-\d\d\/[0-9a-f]{32}\/$/);
    const progress: [number, number | undefined][] = [];
    const files = await runs.download(place.connection, record.id, target, {
      onProgress: (done, total) => progress.push([done, total]),
    });
    assert.deepEqual(files, [join(target, 'Shop- Spring.ndjson')]);
    const [done, total] = progress.at(-1)!;
    assert.equal(done, total);
    assert.deepEqual(
      ids(await readFile(files[0]!, 'utf8')),
      Array.from({ length: 30 }, (_, n) => `id-x.csv-${n}`).sort(),
    );
    assert.deepEqual(
      runs.get(record.id)!.export!.downloads.map(({ files, folder }) => [folder, files]),
      [[target, files]],
    );
    assert.deepEqual(await readdir(target), ['Shop- Spring.ndjson']);
  });

  it('are downloaded once if two windows do so at the same time, and both get the result', async () => {
    await fill(30);
    const record = await exported();
    const other = place.window();
    await other.ready;
    const both = await Promise.all(
      [runs, other].map((each) => each.download(place.connection, record.id, target, {})),
    );
    assert.deepEqual(await readdir(target), ['Shop- Spring.ndjson']);
    for (const files of both) assert.deepEqual(files, [join(target, 'Shop- Spring.ndjson')]);
    assert.equal(ids(await readFile(both[0]![0]!, 'utf8')).length, 30);
    await runs.resume(place.connection);
    assert.equal(runs.get(record.id)!.export!.downloads.length, 1);
  });

  it('of a segment are named after it, and nothing is overwritten', async () => {
    await fill(3);
    const { SegmentResponse: segment } = await place.sandbox.pinpoint.send(
      new CreateSegmentCommand({
        ApplicationId: place.projectId,
        WriteSegmentRequest: { Name: 'All', Dimensions: {} },
      }),
    );
    const record = await exported({ segmentId: segment!.Id, segmentName: 'All: “us” ../../x' });
    await mkdir(target);
    await writeFile(join(target, 'All- -us- ..-..-x.ndjson'), 'mine');
    const names = [await download(record.id), await download(record.id)].flat().map((path) => basename(path));
    assert.deepEqual(names, ['All- -us- ..-..-x (2).ndjson', 'All- -us- ..-..-x (3).ndjson']);
    assert.equal(await readFile(join(target, 'All- -us- ..-..-x.ndjson'), 'utf8'), 'mine');
  });

  it('report a failure, and have nothing to download', async () => {
    place.sandbox.faults.set({ jobs: [{ type: 'EXPORT' }] });
    const record = await exported();
    assert.deepEqual([record.state, record.error?.code], ['failed', 'service']);
    await assert.rejects(download(record.id), { code: 'bad-input' });
  });

  it('of an empty segment report that there is nothing to download', async () => {
    const record = await exported();
    assert.equal(record.state, 'completed');
    if ((await place.keys(record.export!.folder)).length === 0) {
      await assert.rejects(download(record.id), { code: 'not-found', message: /^Nothing to download/ });
    } else assert.equal(await readFile((await download(record.id))[0]!, 'utf8'), '');
  });

  it("are rejected before anything is written if they can't work", async () => {
    const cases: readonly (readonly [Partial<ExportPlan>, string])[] = [
      [{ projectId: 'gone' }, 'not-found'],
      [{ bucket: 'not-there' }, 'not-found'],
      [{ roleArn: 'x' }, 'bad-input'],
    ];
    for (const [change, code] of cases) {
      await assert.rejects(runs.startExport(place.connection, place.exportPlan(change), {}), { code });
    }
    assert.deepEqual(runs.list(), []);
    await assert.rejects(runs.startExport(place.connection, place.exportPlan({ segmentId: 'gone' }), {}), {
      code: 'not-found',
    });
    assert.equal(runs.list()[0]?.state, 'failed');
  });

  for (const [what, fault] of [
    ['the answer is lost', { kind: 'cut-answer' }],
    ['the request is lost', { kind: 'cut-request' }],
    ['the service breaks', { kind: 'server-error' }],
  ] as const) {
    it(`start exactly one job if ${what}`, async () => {
      await fill(3);
      faults({ ...onCreate, fault });
      const record = await exported();
      assert.equal(record.state, 'completed');
      assert.equal((await place.exportJobs()).length, 1);
      assert.equal(ids(await readFile((await download(record.id))[0]!, 'utf8')).length, 3);
    });
  }

  it('notice that an adopted job belongs to someone else, and start their own', async () => {
    await fill(3);
    faults({ ...onCreate, fault: { kind: 'cut-request' } });
    const run = runs.startExport(place.connection, place.exportPlan(), {});
    while (runs.list().every(({ trouble }) => trouble?.code !== 'network')) await sleep(1);
    // While it is not known what came of the request, another person starts one.
    await place.connection.audience.createExportJob(place.projectId, {
      s3UrlPrefix: 's3://staging/theirs/',
      roleArn: place.roleArn,
    });
    const { id } = await run;
    const record = await runs.waitFor(id);
    assert.equal(record.state, 'completed');
    assert.equal(ids(await readFile((await download(id))[0]!, 'utf8')).length, 3);
  });

  describe('while downloading', () => {
    async function put(key: string, body: Buffer | string): Promise<void> {
      await place.sandbox.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: body }));
    }
    const source = (prefix: string) => ({ bucket: 'staging', prefix, name: 'Everyone' });
    const fetchFrom = (prefix: string, signal?: AbortSignal): Promise<readonly string[]> =>
      downloadExport(place.connection.staging, source(prefix), target, { signal });
    const line = (id: string): string => `${JSON.stringify({ Id: id })}\n`;

    it('accept several parts, several gzip members in a part, and other objects next to them', async () => {
      await put('e/part-10.gz', gzipSync(line('c')));
      await put('e/part-2.gz', Buffer.concat([gzipSync(line('a')), gzipSync(line('b'))]));
      await put('e/_SUCCESS', 'x');
      await put('e/deeper/part-1.GZ', gzipSync(line('d')));
      const files = await fetchFrom('e/');
      assert.deepEqual(
        files.map((path) => basename(path)),
        ['Everyone-1.ndjson', 'Everyone-2.ndjson', 'Everyone-3.ndjson'],
      );
      const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
      assert.deepEqual(texts, [line('d'), line('a') + line('b'), line('c')]);
    });

    it("can't write outside of the folder, whatever their keys are", async () => {
      for (const key of ['../../up.gz', '/etc/passwd.gz', 'CON.gz', 'a\\..\\..\\b.gz', '..gz'])
        await put(`e/${key}`, gzipSync(line('x')));
      const files = await fetchFrom('e/');
      assert.equal(files.length, 5);
      assert.deepEqual((await readdir(target)).sort(), files.map((path) => basename(path)).sort());
      assert.deepEqual((await readdir(place.folder)).sort(), ['downloads', 'runs']);
    });

    it('leave nothing if one part is damaged', async () => {
      const whole = gzipSync(line('x').repeat(1000));
      const flipped = Buffer.from(whole);
      flipped[whole.length - 6]! ^= 0xff;
      for (const [what, body] of Object.entries({ cut: whole.subarray(0, -10), flipped, other: 'hello' })) {
        await put(`${what}/1.gz`, gzipSync(line('a')));
        await put(`${what}/2.gz`, body);
        await assert.rejects(fetchFrom(`${what}/`), {
          name: 'AudienceError',
          code: 'service',
          message: /damaged/,
        });
        assert.deepEqual(await readdir(target).catch(() => []), []);
      }
    });

    it('restart if the connection breaks', async () => {
      const text = Array.from({ length: 20_000 }, () => line(Math.random().toString(36))).join('');
      await put('e/1.gz', gzipSync(text));
      faults({
        service: 's3',
        method: 'GET',
        path: '/staging/e/*',
        fault: { kind: 'cut-answer', afterBytes: 5000 },
      });
      const [file] = await fetchFrom('e/');
      assert.equal(await readFile(file!, 'utf8'), text);
    });

    const broken = (path: string, afterBytes: number): FaultRule => ({
      service: 's3',
      method: 'GET',
      path,
      count: null,
      fault: { kind: 'cut-answer', afterBytes },
    });

    it('leave nothing if there is no connection from the start', async () => {
      await put('e/1.gz', gzipSync(line('a').repeat(5000)));
      faults(broken('/staging/e/*', 0));
      await assert.rejects(fetchFrom('e/'), { code: 'network' });
      assert.deepEqual(await readdir(target).catch(() => 'no folder'), 'no folder');
      await mkdir(target);
      await assert.rejects(fetchFrom('e/'), { code: 'network' });
      assert.deepEqual(await readdir(target), []);
    });

    it('resume part by part after the connection broke', async () => {
      for (const part of [1, 2, 3]) await put(`e/${part}.gz`, gzipSync(line(`p${part}`).repeat(5000)));
      faults(broken('/staging/e/3.gz', 0));
      await assert.rejects(fetchFrom('e/'), { code: 'network' });
      const [hidden, ...others] = await readdir(target);
      assert.match(hidden ?? '', /^\.pinpoint-audience-[\da-f]{16}$/);
      assert.deepEqual(others, []);
      assert.equal((await readdir(join(target, hidden!))).length, 2);

      // Part 1 is another by now: it is fetched again; part 2 is not, although it could not be.
      await put('e/1.gz', gzipSync(line('new').repeat(10)));
      faults(broken('/staging/e/2.gz', 0));
      const told: number[] = [];
      const onProgress = (done: number): void => void told.push(done);
      const files = await downloadExport(place.connection.staging, source('e/'), target, { onProgress });
      const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
      assert.deepEqual(
        texts.map((text) => ids(text)[0]),
        ['new', 'p2', 'p3'],
      );
      assert.deepEqual((await readdir(target)).sort(), files.map((path) => basename(path)).sort());
      assert.ok(told.every((done, at) => at === 0 || done >= told[at - 1]!), 'progress does not go back'); // prettier-ignore
    });

    it('ask once if the unpacked size exceeds the limit, and leave nothing if declined', async () => {
      const bomb = gzipSync(line('0').repeat(200_000));
      await put('e/1.gz', bomb);
      await put('e/2.gz', bomb);
      const asked: number[] = [];
      const fetchWith = (answer: boolean | undefined): Promise<readonly string[]> =>
        downloadExport(place.connection.staging, source('e/'), target, {
          limit: 1_000_000,
          ...(answer !== undefined && {
            onLimit: (bytes) => {
              asked.push(bytes);
              return Promise.resolve(answer);
            },
          }),
        });
      await assert.rejects(fetchWith(undefined), {
        code: 'bad-input',
        message: /unpacks to more than 0\.001 GB/,
      });
      await assert.rejects(fetchWith(false), { code: 'cancelled' });
      assert.deepEqual(await readdir(target).catch(() => 'no folder'), 'no folder');
      const files = await fetchWith(true);
      assert.equal(files.length, 2);
      assert.equal(asked.length, 2);
      assert.ok(asked.every((bytes) => bytes > 1_000_000 && bytes < 1_200_000), String(asked)); // prettier-ignore
    });

    it('leave nothing when cancelled, at any time', async () => {
      const text = Array.from({ length: 50_000 }, () => line(Math.random().toString(36))).join('');
      for (const part of [1, 2, 3]) await put(`e/${part}.gz`, gzipSync(text));
      faults({
        service: 's3',
        method: 'GET',
        path: '/staging/e/*',
        count: null,
        fault: { kind: 'slow', bytesPerSecond: 2_000_000 },
      });
      for (let round = 0; round < 10; round += 1) {
        const cancel = new AbortController();
        const rejected = assert.rejects(fetchFrom('e/', cancel.signal), { code: 'cancelled' });
        await sleep(Math.random() * 500);
        cancel.abort();
        await rejected;
        assert.deepEqual(await readdir(target).catch(() => []), []);
      }
    });

    /** Puts a folder of the user, or a link to it, in place of the one that a download works in. */
    function exchange(victim: string, isLink: boolean): () => void {
      let isDone = false;
      return () => {
        const work = readdirSync(target).find((name) => name.startsWith('.pinpoint-audience-'));
        if (work === undefined || isDone) return;
        isDone = true;
        renameSync(join(target, work), join(target, 'aside'));
        if (isLink) symlinkSync(victim, join(target, work));
        else renameSync(victim, join(target, work));
      };
    }

    it('never write to or remove from a folder that replaces theirs', async function () {
      if (process.platform !== 'linux') this.skip();
      const names = [
        'keep.csv',
        'd41d8cd98f00b204e9800998ecf8427e',
        'd41d8cd98f00b204e9800998ecf8427e-0a1b2c3d',
      ];
      await put('e/1.gz', gzipSync(line('a')));
      await put('e/2.gz', gzipSync(line('b')));
      await put('damaged/1.gz', gzipSync(line('a')));
      await put('damaged/2.gz', gzipSync(line('b').repeat(1000)).subarray(0, -3));
      for (const isLink of [true, false]) {
        for (const [prefix, moment] of [
          ['e/', 'progress'],
          ['e/', 'records'],
          ['e/', 'names'],
          ['damaged/', 'progress'],
        ] as const) {
          await rm(target, { recursive: true, force: true });
          const victim = join(place.folder, 'private');
          await rm(victim, { recursive: true, force: true });
          await mkdir(join(victim, 'inner'), { recursive: true });
          for (const name of [...names, 'inner/kept']) await writeFile(join(victim, name), name);
          const swap = exchange(victim, isLink);
          await downloadExport(
            place.connection.staging,
            source(prefix),
            target,
            {
              ...(moment === 'progress' && { onProgress: swap }),
              ...(moment === 'records' && { onRecords: swap }),
            },
            {
              ...noJournal,
              write: () => {
                if (moment === 'names') swap();
                return Promise.resolve();
              },
            },
          ).catch(() => undefined);
          const left = (await readdir(target)).find((name) => name.startsWith('.pinpoint-audience-'));
          assert.ok(left !== undefined, 'exchanged');
          const now = await readdir(join(target, left), { recursive: true });
          assert.deepEqual(
            now.sort(),
            [...names, 'inner', 'inner/kept'].sort(),
            `${prefix} ${moment} ${isLink}`,
          );
        }
      }
    });

    it("explain why the folder can't be used, and leave nothing", async () => {
      await put('e/1.gz', gzipSync(line('a')));
      await writeFile(join(place.folder, 'file'), '');
      await mkdir(target);
      await chmod(target, 0o500);
      // Root may write everywhere, and Windows has no modes.
      const isRefused = process.getuid !== undefined && process.getuid() !== 0;
      const places = [join(place.folder, 'file'), ...(isRefused ? [target] : [])];
      for (const folder of places) {
        await assert.rejects(downloadExport(place.connection.staging, source('e/'), folder, {}), {
          name: 'AudienceError',
          message: /^Could not write to /,
        });
      }
      await chmod(target, 0o700);
      assert.deepEqual(await readdir(target), []);
    });

    describe('on a separate disk', () => {
      const mount = (...options: readonly string[]): boolean =>
        spawnSync('mount', [...options, target], { stdio: 'ignore' }).status === 0;
      let isMounted = false;

      beforeEach(async function () {
        await mkdir(target);
        isMounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'none');
        // Only root mounts.
        if (!isMounted) this.skip();
      });
      afterEach(() => {
        if (isMounted) spawnSync('umount', [target]);
      });

      it('report that it is full, and leave nothing, not even earlier parts', async () => {
        await put('e/1.gz', gzipSync(line('a').repeat(10_000)));
        await put('e/2.gz', gzipSync(line('b').repeat(1_000_000)));
        await assert.rejects(fetchFrom('e/'), {
          name: 'AudienceError',
          code: 'disk',
          message: 'Could not write to downloads: the disk is full',
          help: /Free up some space/,
        });
        assert.deepEqual(await readdir(target), []);
      });

      it('report that it is read-only', async () => {
        await put('e/1.gz', gzipSync(line('a')));
        assert.ok(mount('-o', 'remount,ro'));
        await assert.rejects(fetchFrom('e/'), {
          name: 'AudienceError',
          code: 'disk',
          message: 'Could not write to downloads: the disk is read-only',
        });
        assert.deepEqual(await readdir(target), []);
      });
    });

    it('list only the Ids of their endpoints, one per line', async () => {
      await put('e/1.gz', gzipSync(`${line('a')}{"Address":"secret@example.com","Id":"b"}\n\n`));
      await put('e/2.gz', Buffer.concat([gzipSync(line('ü')), gzipSync('{"Id":"last"}')]));
      const { staging } = place.connection;
      const { path, count } = await listEndpointIds(staging, source('e/'), target, {});
      assert.deepEqual([basename(path), count], ['Everyone-ids.txt', 4]);
      assert.equal(await readFile(path, 'utf8'), 'a\nb\nü\nlast\n');
      const again = await listEndpointIds(staging, source('e/'), target, {});
      assert.equal(basename(again.path), 'Everyone-ids (2).txt');

      const before = await readdir(target);
      for (const bad of ['{"Id":7}\n', 'x\n', '{"Address":"secret@example.com"}\n']) {
        await put('e/3.gz', gzipSync(bad));
        await assert.rejects(listEndpointIds(staging, source('e/'), target, {}), {
          name: 'AudienceError',
          code: 'service',
          message: /isn't an endpoint: e\/3\.gz$/,
        });
      }
      // One line each in a list: these would be other endpoints.
      for (const id of ['mine\nada', 'mine\rada', 'mine ', '\u00a0mine', 'mine\ud800']) {
        await put('e/3.gz', gzipSync(line(id)));
        await assert.rejects(listEndpointIds(staging, source('e/'), target, {}), {
          code: 'service',
          message: /an Id that can't be a line of a list: e\/3\.gz$/,
        });
      }
      await put('e/3.gz', gzipSync(Buffer.from(line('\u00ff'), 'latin1')));
      await assert.rejects(listEndpointIds(staging, source('e/'), target, {}), {
        code: 'service',
        message: /isn't an endpoint: e\/3\.gz$/,
      });
      await put('e/3.gz', gzipSync(line('x').repeat(1000)).subarray(0, -20));
      await assert.rejects(listEndpointIds(staging, source('e/'), target, {}), { code: 'service' });
      await assert.rejects(
        listEndpointIds(staging, source('e/'), target, { signal: AbortSignal.abort() }),
        { code: 'cancelled' },
      ); // prettier-ignore
      await assert.rejects(listEndpointIds(staging, source('none/'), target, {}), { code: 'not-found' });
      assert.deepEqual(await readdir(target), before);
    });

    it("never reuse a file's name, whatever its case", async () => {
      await put('e/1.gz', gzipSync(line('a')));
      await mkdir(target);
      await writeFile(join(target, 'Everyone.ndjson'), 'mine');
      const [file] = await fetchFrom('e/');
      assert.equal(basename(file!), 'Everyone (2).ndjson');
      assert.equal(await readFile(join(target, 'Everyone.ndjson'), 'utf8'), 'mine');
    });
  });

  it('have names that every file system accepts', () => {
    const names: readonly (readonly [string, string])[] = [
      ['Spring 2026', 'Spring 2026'],
      ['../../etc/passwd', 'etc-passwd'],
      ['C:\\x', 'C-x'],
      ['con', '_con'],
      ['NUL.txt', '_NUL.txt'],
      ['...', 'export'],
      ['', 'export'],
      ['Größe “ä” 人', 'Größe -ä- 人'],
      ['a'.repeat(300), 'a'.repeat(80)],
      ['x\u0000y\n', 'x-y'],
      ['COM¹.txt', '_COM¹.txt'],
      ['aux .log', '_aux .log'],
      ['ends with dots. . .', 'ends with dots'],
      ['Ꮿ'.repeat(300), 'Ꮿ'.repeat(66)],
      [`${'a'.repeat(79)}.b`, 'a'.repeat(79)],
      ['𠀀'.repeat(300), '𠀀'.repeat(40)],
    ];
    for (const [given, name] of names) assert.equal(fileNameOf(given), name, JSON.stringify(given));
  });
});
