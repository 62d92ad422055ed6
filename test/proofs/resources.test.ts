import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { temporaryPrefix } from '../../src/endpoints/transform/temporaryFolders.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { root } from '../../tools/paths.ts';
import { deadPid } from '../support/victim.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const descriptors = '/proc/self/fd';
const isLinux = process.platform === 'linux';

/** The files and temporary files that checks of this process have open; a thread that is ended while it loads its code leaves others. */
function openFiles(): readonly string[] {
  return readdirSync(descriptors)
    .map((name) => targetOf(join(descriptors, name)))
    .filter((target) => target.startsWith(tmpdir()) && !target.startsWith(root))
    .sort();
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    // Closed in the meantime.
    return '';
  }
}

/** The command line, with its temporary files in `temporary`. */
function start(temporary: string, ...args: readonly string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  return spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), 'validate', ...args], { env });
}

async function outcomeOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly out: string }> {
  let out = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

describe('System resources of a validation', function () {
  this.timeout(300_000);
  let folder = '';
  let large = '';
  let small = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'resources-'));
    large = join(folder, 'large.csv');
    small = join(folder, 'small.csv');
    let text = 'ChannelType,Id,Address,User.UserId\n';
    for (let index = 0; index < 300_000; index++)
      text += `CUSTOM,id-${index},address-${index},user-${index}\n`;
    writeFileSync(large, text);
    writeFileSync(small, 'User.UserId\nuser\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [how, end] of [
    ['cancelled', 'cancel'],
    ['whose validator is disposed', 'dispose'],
  ] as const) {
    it(`are released by 50 checks ${how}, whether they have started, spill or wait`, async function () {
      if (!isLinux) this.skip();
      const first = createValidator({ workerFile, threads: 2 });
      await first.file(small);
      await first.dispose();
      const before = openFiles();
      for (let round = 0; round < (end === 'cancel' ? 1 : 50); round++) {
        const validator = createValidator({ workerFile, threads: 2, memoryBytes: () => 1 });
        const checks = Array.from({ length: end === 'cancel' ? 50 : 1 }, async (_, index) => {
          const controller = new AbortController();
          const check = validator.file(large, { signal: controller.signal }).catch(() => undefined);
          await delay(end === 'cancel' ? 20 * index : 10 * (round % 40));
          if (end === 'cancel') controller.abort();
          else await validator.dispose();
          await check;
        });
        await Promise.all(checks);
        await validator.dispose();
      }
      assert.deepEqual(openFiles(), before);
    });
  }

  it('leave nothing on the disk after a kill while spilling, once the next one has run', async function () {
    if (!isLinux) this.skip();
    const temporary = join(folder, 'killed');
    mkdirSync(temporary);
    const child = start(temporary, '--memory', '1', large);
    const spilling = (): boolean =>
      readdirSync(`/proc/${child.pid}/fd`).some((name) =>
        targetOf(`/proc/${child.pid}/fd/${name}`).startsWith(temporary),
      );
    while (!spilling()) await delay(5);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    assert.equal(child.signalCode, 'SIGKILL');
    assert.equal((await outcomeOf(start(temporary, small))).code, 0);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('are removed at the next start if a name outlives the process, but only if it is ours and its process has ended', async () => {
    const temporary = join(folder, 'stale');
    mkdirSync(temporary);
    const running = mkdtempSync(join(temporary, temporaryPrefix()));
    const stale = join(temporary, running.split(/[\\/]/).at(-1)!.replace(`-${process.pid}-`, `-${deadPid}-`));
    mkdirSync(stale);
    for (const each of [running, stale]) writeFileSync(join(each, '0'), '');
    mkdirSync(join(temporary, 'theirs'));
    assert.equal((await outcomeOf(start(temporary, small))).code, 0);
    assert.deepEqual(readdirSync(temporary).sort(), [running.split(/[\\/]/).at(-1)!, 'theirs'].sort());
  });

  it('make the check incomplete if the disk is full, with exit code 2', async function () {
    const temporary = join(folder, 'full');
    mkdirSync(temporary);
    // Only root can mount.
    const mount = ['-t', 'tmpfs', '-o', 'size=1m', 'none', temporary];
    if (spawnSync('mount', mount, { stdio: 'ignore' }).status !== 0) this.skip();
    try {
      const { code, out } = await outcomeOf(start(temporary, '--memory', '1', large));
      assert.equal(code, 2);
      assert.match(out, /^.*large\.csv:\d+:1: error check-incomplete [^\n]*disk/);
      assert.match(out, /300000 records, 1 error/);
      assert.deepEqual(readdirSync(temporary), []);
    } finally {
      spawnSync('umount', [temporary]);
    }
  });
});
