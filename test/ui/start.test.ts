import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, describe, it } from 'mocha';
import { root } from '../../tools/paths.ts';
import { canTellProcesses, processesMarked } from '../support/processes.ts';

describe('npm start', () => {
  let running: ChildProcessByStdio<null, Readable, Readable> | undefined;
  let mark = '';

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): NonNullable<typeof running> {
    mark = randomUUID();
    running = spawn(process.execPath, [join(root, 'tools', 'start.ts'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // CI: no browser is to open.
      env: { ...process.env, CI: 'true', TEST_MARK: mark, ...env },
    });
    return running;
  }

  afterEach(() => {
    running?.kill('SIGKILL');
  });

  /** The first capture of an expression that a line of a stream matches. */
  function said(stream: Readable, expression: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const lines = createInterface({ input: stream });
      lines.on('line', (line) => {
        const match = expression.exec(line);
        if (match) resolve(match[1] ?? match[0]);
      });
      lines.on('close', () => reject(new Error(`It ended without a line like ${String(expression)}`)));
    });
  }

  it('serves a workbench and a sandbox, and leaves nothing behind after Ctrl-C', async () => {
    const { stdout } = start([]);
    const [url, sandbox] = await Promise.all([
      said(stdout, /^VS Code is at (http\S+)$/),
      said(stdout, /^The sandbox is (\{.*\})$/),
    ]);

    const withToken = await fetch(url, { redirect: 'manual' });
    const page = await fetch(new URL(withToken.headers.get('location') ?? '', url), {
      headers: {
        cookie: withToken.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; '),
      },
    });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /vscode-workbench-web-configuration/);
    assert.match(new URL(url).searchParams.get('folder') ?? '', /sample-workspace$/);
    assert.equal((await fetch(new URL('/', url))).status, 403, 'the workbench wants its token');
    const unsigned = await fetch((JSON.parse(sandbox) as { endpoint: string }).endpoint);
    assert.equal(unsigned.status, 403, 'the sandbox answers, and wants a signature');
    if (canTellProcesses) assert.ok((await processesMarked(mark)).length >= 3);

    running!.kill('SIGINT');
    const [code] = (await once(running!, 'close')) as [number | null];
    assert.equal(code, 0);
    await assert.rejects(fetch(url));
    if (canTellProcesses) assert.deepEqual(await processesMarked(mark), []);
  });

  it('leaves nothing behind when it is killed itself', async function () {
    if (!canTellProcesses) this.skip();
    const { stdout } = start([]);
    await said(stdout, /^The sandbox is/);

    running!.kill('SIGKILL');
    await once(running!, 'close');
    const deadline = Date.now() + 10_000;
    while ((await processesMarked(mark)).length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await processesMarked(mark), []);
  });

  it('says in one line that there is no desktop VS Code', async () => {
    const { stderr } = start(['--desktop'], { PATH: '/nowhere' });
    const message = await said(stderr, /^There is no "code" command.*$/);
    assert.match(message, /Install VS Code/);
    const [code] = (await once(running!, 'close')) as [number | null];
    assert.equal(code, 1);
    if (canTellProcesses) assert.deepEqual(await processesMarked(mark), []);
  });
});
