import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { root } from '../../tools/paths.ts';
import { withTemporaryFolder } from '../support/environment.ts';
import { canTellProcesses, processesMarked } from '../support/processes.ts';

describe('npm start', () => {
  let running: ChildProcessByStdio<null, Readable, Readable> | undefined;
  let mark = '';
  let errors = '';
  let temporary = '';

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): NonNullable<typeof running> {
    mark = randomUUID();
    errors = '';
    running = spawn(process.execPath, [join(root, 'tools', 'start.ts'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // CI: no browser is to open.
      env: { ...process.env, CI: 'true', TEST_MARK: mark, TMPDIR: temporary, ...env },
    });
    running.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    return running;
  }

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'pinpoint-audience-start-'));
  });

  afterEach(async () => {
    running?.kill('SIGKILL');
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The first capture of an expression that a line of a stream matches. */
  function said(stream: Readable, expression: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const lines = createInterface({ input: stream });
      lines.on('line', (line) => {
        const match = expression.exec(line);
        if (match) resolve(match[1] ?? match[0]);
      });
      lines.on('close', () =>
        reject(new Error(`It ended without a line like ${String(expression)}:\n${errors}`)),
      );
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
    if (canTellProcesses) {
      const commands = await processesMarked(mark);
      assert.ok(commands.length >= 3);
      assertWithoutSecrets(commands, url, sandbox);
    }

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
    await until(async () => (await processesMarked(mark)).length === 0);
  });

  it('opens the address if there is a display', async () => {
    await withTemporaryFolder(async (folder) => {
      await writeScript(join(folder, 'xdg-open'), 'echo "$1" > "$(dirname "$0")/opened"');
      const { stdout } = start([], {
        CI: undefined,
        DISPLAY: ':0',
        PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
      });
      const [url, sandbox] = await Promise.all([
        said(stdout, /^VS Code is at (http\S+)$/),
        said(stdout, /^The sandbox is (\{.*\})$/),
      ]);
      await until(() => existsSync(join(folder, 'opened')));
      const opened = (await readFile(join(folder, 'opened'), 'utf8')).trim();
      assertWithoutSecrets([opened, ...(canTellProcesses ? await processesMarked(mark) : [])], url, sandbox);
      assert.equal((await stat(opened)).mode & 0o777, 0o600);
      const page = await readFile(opened, 'utf8');
      assert.ok(page.includes(`content="0; url=${url.replaceAll('&', '&amp;')}"`), page);
      running!.kill('SIGTERM');
      await once(running!, 'close');
    });
  });

  it('ends a desktop VS Code, although its command returns at once', async function () {
    if (!canTellProcesses) this.skip();
    await withTemporaryFolder(async (folder) => {
      // As the real command does: it tells another process, out of reach of its group, to open the window, and waits.
      await writeScript(
        join(folder, 'code'),
        `for a in "$@"; do case "$a" in --user-data-dir=*) data="\${a#*=}";; esac; done
         setsid sh -c 'echo $$ > "$0/code.lock"; exec sleep 600' "$data" &
         sleep 600`,
      );
      const { stdout } = start(['--desktop'], { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` });
      await said(stdout, /opens the sample workspace$/);
      await until(
        async () => (await processesMarked(mark)).filter((one) => /^sleep 600/.test(one)).length === 2,
      );
      running!.kill('SIGINT');
      await once(running!, 'close');
      assert.deepEqual(await processesMarked(mark), []);
    });
  });

  it('reports in one line that there is no desktop VS Code', async () => {
    const { stderr } = start(['--desktop'], { PATH: '/nowhere' });
    const message = await said(stderr, /^There is no "code" command.*$/);
    assert.match(message, /Install VS Code/);
    const [code] = (await once(running!, 'close')) as [number | null];
    assert.equal(code, 1);
    if (canTellProcesses) assert.deepEqual(await processesMarked(mark), []);
  });
});

async function writeScript(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Command lines, which every user of the machine can read, hold neither the window's token nor the sandbox's keys. */
function assertWithoutSecrets(commands: readonly string[], url: string, sandbox: string): void {
  const token = new URL(url).searchParams.get('tkn');
  const { accessKeyId, secretAccessKey } = JSON.parse(sandbox) as Record<string, string>;
  for (const secret of [token, accessKeyId, secretAccessKey]) {
    assert.ok(secret);
    assert.deepEqual(
      commands.filter((command) => command.includes(secret)),
      [],
    );
  }
}

/** Waits up to a minute. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await check())) {
    assert.ok(Date.now() < deadline, `waited in vain for ${String(check)}`);
    await delay(100);
  }
}
