import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateImportJobCommand } from '@aws-sdk/client-pinpoint';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { isWindows } from '../../support/platform.ts';
import { cli } from '../../support/sandboxProcess.ts';
import { Workplace } from '../jobs/workplace.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunJson {
  readonly id: string;
  readonly state: string;
  readonly jobs: readonly { readonly id: string; readonly processed?: number; readonly segmentId?: string }[];
  readonly folder: string;
  readonly doubles: readonly { readonly id: string }[];
  readonly error?: { readonly message: string };
  readonly downloads?: readonly { readonly files: readonly string[] }[];
}

describe('pinpoint-audience import, export and jobs', function () {
  let place: Workplace;
  let store: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    // The commands go by the clock of the machine.
    place = await Workplace.open({ now: Date.now });
    store = join(place.folder, 'store');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await place.close();
  });

  function begin(...args: readonly string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: place.environment,
    });
    children.push(child);
    const outcome = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
    );
    return { child, outcome };
  }
  const run = (...args: readonly string[]): Promise<Outcome> => begin(...args).outcome;
  const here = (): string[] => ['--store', store, '--format', 'json'];
  const importing = (path: string, ...more: readonly string[]): string[] => [
    ...['import', path, '--project', place.projectId, '--segment-name', 'People'],
    ...['--bucket', 's3://staging/in/', '--role', place.roleArn, ...here(), ...more],
  ];
  const exporting = (...more: readonly string[]): string[] => [
    ...['export', '--project', place.projectId, '--to', 's3://staging/out', '--role', place.roleArn],
    ...[...here(), ...more],
  ];
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what a command prints is as it is documented
  const parsed = <T>({ stdout, stderr }: Outcome): T => {
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as T;
  };

  it('import a file, export the project and download it', async () => {
    const { path } = await place.csv('people.csv', 12);
    const imported = await run(...importing(path, '--wait'));
    assert.equal(imported.code, 0, imported.stderr);
    const record = parsed<RunJson>(imported);
    assert.equal(record.state, 'completed');
    assert.equal(record.jobs[0]!.processed, 12);
    assert.ok(record.jobs[0]!.segmentId);
    assert.match(imported.stderr, /people\.csv|uploading|running/);
    assert.doesNotMatch(imported.stdout + imported.stderr, /planted/);

    const folder = join(place.folder, 'back');
    const exported = await run(...exporting('--segment', record.jobs[0]!.segmentId, '--download', folder));
    assert.equal(exported.code, 0, exported.stderr);
    const [{ files }] = parsed<RunJson>(exported).downloads as [{ files: string[] }];
    assert.equal(files.length, 1);
    assert.equal((await readFile(files[0]!, 'utf8')).trimEnd().split('\n').length, 12);

    const listed = await run('jobs', 'list', ...here());
    assert.equal(listed.code, 0);
    assert.deepEqual(
      parsed<RunJson[]>(listed).map(({ state }) => state),
      ['completed', 'completed'],
    );
    const lines = (await run('jobs', 'list', '--store', store)).stdout.trimEnd().split('\n');
    assert.match(
      lines[1]!,
      new RegExp(`^${record.id}  import completed, people.csv, People, .* 12 processed`),
    );
  });

  it('write no more than the unpacking limit, and download everything if that is raised', async () => {
    const { path } = await place.csv('packed.csv', 12);
    assert.equal((await run(...importing(path, '--wait'))).code, 0);
    const folder = join(place.folder, 'packed');
    const refused = await run(...exporting('--download', folder, '--unzip-limit', '0.0000001'));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /more than 1e-7 GB.*--unzip-limit/s);
    assert.deepEqual(await readdir(folder).catch(() => []), []);

    const resumed = await run('jobs', 'resume', ...here());
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('import without waiting for the end, or wait for it later', async () => {
    place.sandbox.faults.set({ paceMs: 150 });
    const { path } = await place.csv('people.csv', 12);
    const imported = await run(...importing(path));
    assert.equal(imported.code, 0, imported.stderr);
    const { id, state, jobs } = parsed<RunJson>(imported);
    assert.equal(state, 'running');
    const waited = await run('jobs', 'wait', jobs[0]!.id, ...here());
    assert.equal(waited.code, 0, waited.stderr);
    assert.deepEqual(
      parsed<RunJson[]>(waited).map((each) => [each.id, each.state]),
      [[id, 'completed']],
    );
  });

  it('exit with 1 if a job failed, or, before anything is sent, if a file has errors', async () => {
    place.sandbox.faults.set({ jobs: [{ type: 'IMPORT' }] });
    const { path } = await place.csv('people.csv', 5);
    const failed = await run(...importing(path, '--wait'));
    assert.deepEqual([failed.code, parsed<RunJson>(failed).state], [1, 'failed']);

    const keys = await place.keys();
    const { path: wrong } = await place.file('wrong.csv', 'ChannelType,Address\nEMAIL,planted\n');
    const refused = await run(...importing(wrong));
    assert.equal(refused.code, 1);
    assert.deepEqual(parsed<{ state: string; validation: object[] }>(refused), {
      state: 'refused',
      validation: [{ file: wrong, records: 1, errors: 1, warnings: 0, infos: 0 }],
    });
    assert.doesNotMatch(refused.stdout + refused.stderr, /planted/);
    assert.deepEqual(await place.keys(), keys);
    assert.equal((await run(...importing(wrong, '--import-anyway'))).code, 0);

    const nowhere = await run(
      ...importing(path).map((arg) => (arg === 's3://staging/in/' ? 's3://gone/' : arg)),
    );
    assert.equal(nowhere.code, 1);
    assert.deepEqual(parsed<{ error: { code: string } }>(nowhere).error.code, 'not-found');
  });

  it('exit with 2 if their arguments are invalid, and print help', async () => {
    const { path } = await place.csv('people.csv', 1);
    const full = importing(path);
    const without = (name: string): string[] => full.filter((arg, n) => arg !== name && full[n - 1] !== name);
    const wrong: readonly (readonly string[])[] = [
      ['import'],
      without('--project'),
      without('--bucket'),
      without('--role'),
      without('--segment-name'),
      [...full, '--endpoints-only'],
      [...full, '--bucket', 'staging'],
      [...full, '--role', 'me'],
      [...full, '--nonsense'],
      [...full, join(place.folder, 'gone.csv')],
      [...full, '--format', 'xml'],
      ['export', '--project', 'x'],
      [...exporting(), 'file.csv'],
      ['jobs'],
      ['jobs', 'dance'],
      ['jobs', 'list', 'x'],
    ];
    const outcomes = await Promise.all(wrong.map((args) => run(...args)));
    for (const [n, { code, stdout, stderr }] of outcomes.entries()) {
      assert.deepEqual([code, stdout], [2, ''], `${wrong[n]!.join(' ')}\n${stderr}`);
      assert.match(stderr, /^[^\n]+\n$/);
    }
    for (const command of ['import', 'export', 'jobs']) {
      const help = await run(command, '--help');
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`^Usage: pinpoint-audience ${command}`));
      assert.match(help.stdout, /--store DIR/);
    }
  });

  it('are resumed by jobs resume after they were killed, with exactly one job', async () => {
    const { path } = await place.csv('people.csv', 12);
    place.sandbox.faults.set({
      rules: [
        {
          service: 'mobiletargeting',
          method: 'POST',
          path: '/v1/apps/*/jobs/*',
          fault: { kind: 'cut-answer' },
        },
      ],
    });
    const { child, outcome } = begin(...importing(path));
    while ((await place.importJobs()).length === 0) await sleep(5);
    child.kill('SIGKILL');
    await outcome;
    const resumed = await run('jobs', 'resume', ...here());
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(
      parsed<RunJson[]>(resumed).map(({ state, jobs }) => [state, jobs.map(({ id }) => id)]),
      [['completed', (await place.importJobs()).map(({ Id }) => Id)]],
    );
    assert.deepEqual(parsed(await run('jobs', 'resume', ...here())), []);
  });

  it('are resumed by jobs resume up to the download, and only with the same connection', async () => {
    const filling = place.window();
    const filled = await filling.startImport(
      place.connection,
      place.importPlan([await place.csv('people.csv', 12)]),
      {},
    );
    await filling.waitFor(filled.id);
    place.sandbox.faults.set({ paceMs: 100 });
    const folder = join(place.folder, 'back');
    const { child, outcome } = begin(...exporting('--download', folder));
    while ((await place.exportJobs()).length === 0) await sleep(5);
    child.kill('SIGKILL');
    await outcome;
    place.sandbox.faults.set({});

    const elsewhere = place.sandbox.region === 'eu-west-1' ? 'us-east-1' : 'eu-west-1';
    const [{ id }] = parsed<RunJson[]>(await run('jobs', 'list', ...here())) as [RunJson];
    const refused = await run('jobs', 'wait', id, '--region', elsewhere, ...here());
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /belongs to another account, region or service URL/);

    const resumed = await run('jobs', 'resume', ...here());
    assert.equal(resumed.code, 0, resumed.stderr);
    const [{ state, downloads }] = parsed<RunJson[]>(resumed) as [RunJson];
    assert.equal(state, 'completed');
    const [file] = downloads![0]!.files as [string];
    assert.deepEqual(await readdir(folder), [basename(file)]);
    assert.equal((await readFile(file, 'utf8')).trimEnd().split('\n').length, 12);
    assert.equal((await place.exportJobs()).length, 1);
  });

  it('leave nothing if Ctrl-C stops them before there is a job', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    place.sandbox.faults.set({
      rules: [{ service: 's3', method: 'PUT', count: null, fault: { kind: 'slow', delayMs: 1500 } }],
    });
    const { path } = await place.csv('people.csv', 12);
    const { child, outcome } = begin(...importing(path));
    for (;;) {
      const names: string[] = await readdir(store).catch(() => []);
      if (names.some((name) => name.endsWith('.run'))) break;
      await sleep(5);
    }
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    assert.equal(code, 130, stderr);
    place.sandbox.faults.set({});
    assert.deepEqual(
      parsed<RunJson[]>(await run('jobs', 'list', ...here())).map(({ state }) => state),
      ['cancelled'],
    );
    assert.deepEqual([await place.importJobs(), await place.keys()], [[], []]);
    assert.deepEqual(
      (await readdir(store)).filter((name) => name.endsWith('.lease')),
      [],
    );
  });

  it('leave the runs of other commands alone if Ctrl-C stops the wait for them', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    place.sandbox.faults.set({
      rules: [{ service: 's3', method: 'PUT', count: null, fault: { kind: 'slow', delayMs: 4000 } }],
    });
    const { path } = await place.csv('people.csv', 12);
    const importer = begin(...importing(path, '--wait'));
    while (!(await readdir(store).catch(() => [])).some((name) => name.endsWith('.run'))) await sleep(5);
    for (const verb of ['wait', 'resume']) {
      const { child, outcome } = begin('jobs', verb, ...here());
      let told = '';
      child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
      while (!told.includes(': staging')) await sleep(5);
      child.kill('SIGINT');
      const stopped = await outcome;
      assert.equal(stopped.code, 130, stopped.stderr);
    }
    const imported = await importer.outcome;
    assert.equal(imported.code, 0, imported.stderr);
    assert.equal(parsed<RunJson>(imported).state, 'completed');
    assert.equal((await place.importJobs()).length, 1);
  });

  it('are resumed even if another one has nothing left to download', async () => {
    const { path } = await place.csv('people.csv', 12);
    const first = await run(...importing(path, '--wait'));
    assert.equal(first.code, 0, first.stderr);
    const folder = join(place.folder, 'back');
    assert.equal((await run(...exporting('--download', folder, '--unzip-limit', '0.0000001'))).code, 2);
    const [{ id }] = parsed<RunJson[]>(await run('jobs', 'list', ...here())) as [RunJson];
    const exported = (await place.keys()).filter((key) => key.startsWith('out'));
    assert.ok(exported.length > 0);
    for (const Key of exported)
      await place.sandbox.s3.send(new DeleteObjectCommand({ Bucket: 'staging', Key }));
    place.sandbox.faults.set({
      rules: [{ service: 's3', method: 'PUT', count: null, fault: { kind: 'slow', delayMs: 4000 } }],
    });
    const { child, outcome } = begin(...importing(path));
    while ((await readdir(store)).filter((name) => name.endsWith('.run')).length < 3) await sleep(5);
    child.kill('SIGKILL');
    await outcome;
    place.sandbox.faults.set({});

    const resumed = await run('jobs', 'resume', ...here());
    assert.notEqual(resumed.code, 0);
    assert.match(resumed.stderr, new RegExp(`^Run ${id}: Nothing to download in s3://`, 'm'));
    assert.deepEqual(
      parsed<RunJson[]>(resumed).map(({ state, error }) => [
        state,
        error?.message.includes('Nothing to download'),
      ]),
      [
        ['completed', true],
        ['completed', undefined],
      ],
    );
    assert.equal((await place.importJobs()).length, 2);
  });

  it('keep the job running if Ctrl-C stops the wait for it', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    place.sandbox.faults.set({ paceMs: 400 });
    const { path } = await place.csv('people.csv', 12);
    const { child, outcome } = begin(...importing(path, '--wait'));
    let complaints = '';
    child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    while (!complaints.includes(': running')) await sleep(5);
    child.kill('SIGINT');
    const stopped = await outcome;
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.equal(parsed<RunJson>(stopped).state, 'running');
    const waited = await run('jobs', 'wait', ...here());
    assert.equal(parsed<RunJson[]>(waited)[0]!.state, 'completed');
  });

  /** What a command writes to standard error. */
  async function untilWritten({ child }: { child: ChildProcess }, pattern: RegExp): Promise<void> {
    let written = '';
    child.stderr!.on('data', (chunk: Buffer) => (written += chunk.toString()));
    while (!pattern.test(written)) {
      assert.equal(child.exitCode, null, written);
      await sleep(5);
    }
  }
  const versions = async (): Promise<string[]> =>
    (await readdir(store).catch((): string[] => [])).filter((name) => name.endsWith('.run')).sort();

  it('cancel only their own run by Ctrl-C, and end after its uploaded file is deleted', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    place.sandbox.faults.set({ paceMs: 60_000 });
    for (const name of ['a.csv', 'b.csv']) {
      const started = await run(...importing((await place.csv(name, 2)).path));
      assert.equal(started.code, 0, started.stderr);
    }
    const third = begin(...importing((await place.csv('c.csv', 2)).path, '--wait'));
    await untilWritten(third, /: queued/);
    const states = async (): Promise<string[]> =>
      parsed<RunJson[]>(await run('jobs', 'list', ...here())).map(({ state }) => state);

    for (const verb of ['wait', 'resume']) {
      const observer = begin('jobs', verb, ...here());
      await untilWritten(observer, /: queued/);
      observer.child.kill('SIGINT');
      const { code, stderr } = await observer.outcome;
      assert.equal(code, 130, stderr);
      assert.match(stderr, /Nothing is cancelled/);
      await sleep(500);
      assert.deepEqual(await states(), ['queued', 'running', 'running']);
    }

    third.child.kill('SIGINT');
    const { code, stderr } = await third.outcome;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /no job yet is cancelled/);
    assert.deepEqual(await states(), ['cancelled', 'running', 'running']);
    assert.equal((await place.keys()).length, 2);
  });

  /** A completed import that found its job after a lost response, and may therefore exist twice. */
  async function doubtfulImport(): Promise<RunJson> {
    place.sandbox.faults.set({
      rules: [
        {
          ...{ service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/import' },
          fault: { kind: 'cut-answer' },
        },
      ],
    });
    const imported = await run(...importing((await place.csv('people.csv', 3)).path, '--wait'));
    assert.equal(imported.code, 0, imported.stderr);
    return parsed<RunJson>(imported);
  }

  it('start nothing after Ctrl-C while jobs resume takes over what was left', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    await doubtfulImport();
    const put = (delayMs: number) =>
      ({ service: 's3', method: 'PUT', count: null, fault: { kind: 'slow', delayMs } }) as const;
    place.sandbox.faults.set({ rules: [put(60_000)] });
    const before = await versions();
    const { child, outcome } = begin(...importing((await place.csv('left.csv', 3)).path));
    while ((await versions()).length <= before.length) await sleep(5);
    child.kill('SIGKILL');
    await outcome;

    const left = await versions();
    place.sandbox.faults.set({
      rules: [
        put(500),
        {
          ...{ service: 'mobiletargeting', method: 'GET', path: '/v1/apps/*/jobs/import', count: null },
          fault: { kind: 'slow', delayMs: 4000 },
        },
      ],
    });
    const resuming = begin('jobs', 'resume', ...here());
    while (String(await versions()) === String(left)) await sleep(5);
    resuming.child.kill('SIGINT');
    const { code, stderr } = await resuming.outcome;
    assert.equal(code, 130, stderr);
    place.sandbox.faults.set({});
    assert.equal((await place.importJobs()).length, 1, stderr);
    assert.equal((await run('jobs', 'resume', ...here())).code, 0);
    assert.equal((await place.importJobs()).length, 2);
  });

  it('name a second job that jobs resume finds, and exit with 1', async () => {
    const { id, folder } = await doubtfulImport();
    assert.equal((await run('jobs', 'list', ...here())).code, 0);
    // As a process does that was suspended right before its request, and ends before the answer.
    const { ImportJobResponse: late } = await place.sandbox.pinpoint.send(
      new CreateImportJobCommand({
        ApplicationId: place.projectId,
        ImportJobRequest: {
          ...{ Format: 'CSV', S3Url: `s3://staging/${folder}`, RoleArn: place.roleArn },
          ...{ DefineSegment: true, SegmentName: 'People' },
        },
      }),
    );
    const resumed = await run('jobs', 'resume', ...here());
    assert.equal(resumed.code, 1, resumed.stderr);
    assert.deepEqual(
      parsed<RunJson[]>(resumed).map((each) => [each.id, each.doubles.map((double) => double.id)]),
      [[id, [late!.Id]]],
    );
    const listed = await run('jobs', 'list', '--store', store);
    assert.equal(listed.code, 1);
    assert.match(listed.stdout, new RegExp(`imported more than once.*${late!.Id}`));
    const again = await run('jobs', 'resume', ...here());
    assert.deepEqual([again.code, parsed(again)], [0, []], 'it was told');
  });

  it('finish the other runs if jobs resume fails with one', async () => {
    const folder = join(place.folder, 'back');
    const { path } = await place.csv('people.csv', 12);
    assert.equal((await run(...importing(path, '--wait'))).code, 0);
    const limit = ['--unzip-limit', '0.0000001'];
    assert.equal((await run(...exporting('--download', folder, ...limit))).code, 2);
    place.sandbox.faults.set({ paceMs: 1000 });
    const started = parsed<RunJson>(await run(...importing(path)));
    assert.equal(started.state, 'running');

    const resumed = await run('jobs', 'resume', ...here(), ...limit);
    assert.equal(resumed.code, 2);
    const [exported, imported] = parsed<RunJson[]>(resumed) as [RunJson, RunJson];
    assert.match(resumed.stderr, new RegExp(`^Run ${exported.id}: .*more than 1e-7 GB`, 'm'));
    assert.match(exported.error!.message, /more than 1e-7 GB/);
    assert.deepEqual([imported.id, imported.state], [started.id, 'completed']);
  });
});
