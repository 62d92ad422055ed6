import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetAppsCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { isWindows, stateVariable } from '../../support/platform.ts';
import { pinpointClient, s3Client, temporaryFolder } from '../../support/sandbox.ts';
import type { SandboxProcess } from '../../support/sandboxProcess.ts';
import { cli, startSandboxProcess, stop } from '../../support/sandboxProcess.ts';

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [cli, 'sandbox', ...args], { encoding: 'utf8', timeout: 60_000 });
}

describe('pinpoint-audience sandbox', () => {
  let folder: { path: string; remove(): Promise<void> };
  const running: SandboxProcess[] = [];
  const stateHome = process.env[stateVariable];
  /** Where sandboxes without a folder of their own keep theirs (on Linux and Windows). */
  let runs = '';
  beforeEach(async () => {
    folder = await temporaryFolder();
    process.env[stateVariable] = join(folder.path, 'state');
    runs = join(folder.path, 'state', 'pinpoint-audience', 'sandboxes');
  });
  afterEach(async () => {
    for (const sandbox of running.splice(0)) await sandbox.end('SIGKILL');
    if (stateHome === undefined) Reflect.deleteProperty(process.env, stateVariable);
    else process.env[stateVariable] = stateHome;
    await folder.remove();
  });
  const start = async (...args: string[]): Promise<SandboxProcess> => {
    const sandbox = await startSandboxProcess(...args);
    running.push(sandbox);
    return sandbox;
  };

  it('prints one line of JSON when it is ready, and serves until SIGTERM', async () => {
    const child = fork(cli, ['sandbox'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    assert.ok(child.stdout);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const printed = JSON.parse(first.toString()) as SandboxProcess;
    assert.deepEqual(Object.keys(printed), ['endpoint', 'region', 'accessKeyId', 'secretAccessKey']);
    assert.match(first.toString(), /^\{.*\}\n$/);
    const client = pinpointClient(printed);
    assert.deepEqual((await client.send(new GetAppsCommand({}))).ApplicationsResponse?.Item, []);
    client.destroy();
    assert.equal((await readdir(runs)).length, 1);

    const rest = text(child.stdout);
    stop(child, 'SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.equal(await rest, '');
    assert.deepEqual(await readdir(runs), []);
  });

  it('ends when the process that forked it disconnects', async () => {
    const child = fork(cli, ['sandbox'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    child.disconnect();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it("ends by itself if it can't start, even if it was forked", async () => {
    const data = join(root, 'package.json', 'folder');
    const child = fork(cli, ['sandbox', '--data', data], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    assert.deepEqual(await once(child, 'exit'), [2, null]);
  });

  it("explains in one line why a folder can't be used", async () => {
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    const occupied = join(folder.path, 'occupied');
    await mkdir(occupied, { mode: 0o700 });
    await writeFile(join(occupied, 's3'), '');
    const unusable = [
      file,
      join(file, 'below'),
      occupied,
      join(folder.path, 'n'.repeat(300)),
      ...(process.platform === 'linux' ? ['/proc/x', '/proc/x/y', '/sys/x', '/dev/null/x'] : []),
    ];
    for (const data of unusable) {
      const { status, stderr } = run('--data', data);
      assert.equal(status, 2, `${data}: ${stderr}`);
      assert.match(
        stderr,
        /^The sandbox can't keep its data in .+: .+\. Name a folder that can be written\n$/,
        data,
      );
    }
  });

  it('keeps data and credentials in the given folder', async () => {
    const data = join(folder.path, 'new', 'data');
    const first = await start('--data', data);
    const client = s3Client(first);
    await client.send(new CreateBucketCommand({ Bucket: 'kept' }));
    assert.deepEqual(await first.end('SIGINT'), { code: 0, signal: null });
    if (!isWindows) {
      assert.equal((await stat(data)).mode & 0o77, 0);
      assert.equal((await stat(join(data, 'credentials.json'))).mode & 0o77, 0);
    }

    const second = await start('--data', data);
    assert.deepEqual(
      [second.accessKeyId, second.secretAccessKey],
      [first.accessKeyId, first.secretAccessKey],
    );
    const again = s3Client(second);
    await again.send(new HeadBucketCommand({ Bucket: 'kept' }));
    for (const one of [client, again]) one.destroy();
  });

  it('listens on the given port', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const refused = run('--port', String(port));
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /can't listen on 127\.0\.0\.1:\d+.*EADDRINUSE.*Choose another port/);
    assert.equal(refused.stderr.trim().split('\n').length, 1);
    blocker.close();
    await once(blocker, 'close');
    const { endpoint } = await start('--port', String(port));
    assert.equal(endpoint, `http://127.0.0.1:${port}`);
  });

  it('starts with sample data on request, once', async () => {
    const first = await start('--sample', '--data', folder.path);
    const apps = async (sandbox: SandboxProcess): Promise<unknown> => {
      const client = pinpointClient(sandbox);
      const { ApplicationsResponse } = await client.send(new GetAppsCommand({}));
      client.destroy();
      return ApplicationsResponse?.Item?.map(({ Id, Name }) => [Id, Name]);
    };
    const before = (await apps(first)) as unknown[];
    assert.equal(before.length, 1);
    await first.end('SIGTERM');
    assert.deepEqual(await apps(await start('--sample', '--data', folder.path)), before);
  });

  it('rejects a folder that another sandbox uses, until that one has ended', async () => {
    const first = await start('--data', folder.path);
    const refused = run('--data', folder.path);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, new RegExp(`Another sandbox \\(process ${first.child.pid}\\) is using`));
    assert.equal(refused.stderr.trim().split('\n').length, 1);
    await first.end('SIGKILL');
    const second = await start('--data', folder.path);
    await second.end('SIGTERM');
    assert.equal(existsSync(join(folder.path, 'sandbox.lock')), false);
  });

  it('gives a folder to only one of several sandboxes that start at once', async () => {
    await writeFile(join(folder.path, 'sandbox.lock'), '999999999');
    const results = await Promise.allSettled([1, 2, 3].map(() => start('--data', folder.path)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.startsWith('sandbox.lock')),
      ['sandbox.lock'],
    );
  });

  it("accepts a folder on Windows if its lock names a process that isn't a sandbox", async function () {
    if (!isWindows) this.skip();
    await writeFile(join(folder.path, 'sandbox.lock'), String(process.pid));
    await (await start('--data', folder.path)).end('SIGTERM');
    assert.equal(existsSync(join(folder.path, 'sandbox.held')), false);
  });

  it('deletes the temporary data of a killed sandbox', async () => {
    const first = await start();
    await first.end('SIGKILL');
    assert.equal((await readdir(runs)).length, 1);
    const second = await start();
    const [left, ...more] = await readdir(runs);
    assert.deepEqual(more, []);
    const lock = await readFile(join(runs, left ?? '', 'sandbox.lock'), 'utf8');
    assert.equal(Number(lock), second.child.pid);
  });

  it('names damaged state files', async () => {
    await (await start('--data', folder.path)).end('SIGTERM');
    await writeFile(join(folder.path, 's3', 'journal.ndjson'), '{"do":\nmore\n');
    const refused = run('--data', folder.path);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /state is damaged: .*journal\.ndjson, line 1/);
    assert.equal(existsSync(join(folder.path, 'sandbox.lock')), false);
  });

  for (const args of [
    ['--port', 'x'],
    ['--port', '65536'],
    ['--port', '-1'],
    ['--pace', '1.5'],
    ['--unknown'],
    ['stray'],
    ['--data'],
    ['--port=1', '--data', join(root, 'package.json', 'folder')],
  ]) {
    it(`refuses ${args.join(' ').replace(root, '')} in one line`, () => {
      const { status, stdout, stderr } = run(...args);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^[^\n]+\n$/);
    });
  }

  it('prints help', () => {
    const { status, stdout } = run('--help');
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: pinpoint-audience sandbox/);
  });
});
