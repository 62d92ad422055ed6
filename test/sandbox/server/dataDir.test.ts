import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { userStateFolder } from '../../../src/ownFolders.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';
import { openDataDir } from '../../../src/sandbox/storage/dataDir.ts';
import { deadPid, isRoot, somebodyElse, withVictim } from '../../support/victim.ts';

const variables = { state: 'XDG_STATE_HOME', temporary: 'TMPDIR' } as const;

describe('The data folder of a sandbox', () => {
  const saved = new Map<string, string | undefined>();

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip();
    for (const name of Object.values(variables)) saved.set(name, process.env[name]);
  });
  afterEach(() => {
    for (const [name, value] of saved) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    saved.clear();
  });

  /** State and temporary folder of this user, and a folder whose files have to survive. */
  const withPlaces = (
    use: (places: { runs: string; temporary: string; victim: string }) => Promise<void>,
  ): Promise<void> =>
    withVictim(async (folder, victim) => {
      const [state, temporary] = [join(folder, 'state'), join(folder, 'tmp')];
      await mkdir(temporary);
      process.env['XDG_STATE_HOME'] = state;
      process.env['TMPDIR'] = temporary;
      assert.equal(userStateFolder(), state);
      await use({ runs: join(state, 'pinpoint-audience', 'sandboxes'), temporary, victim });
    });

  const leave = async (folder: string): Promise<void> => {
    await mkdir(join(folder, 's3'), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 's3', 'journal.ndjson'), '');
    await writeFile(join(folder, 'sandbox.lock'), deadPid);
  };

  it('is private and temporary if none is given, and leftovers of killed sandboxes are removed', async () => {
    await withPlaces(async ({ runs, temporary }) => {
      await leave(join(runs, 'run-killed'));
      const dir = await openDataDir(undefined);
      assert.equal(dirname(dir.path), runs);
      for (const path of [runs, dir.path]) assert.equal((await lstat(path)).mode & 0o777, 0o700);
      const other = await openDataDir(undefined);
      assert.equal((await readdir(runs)).length, 2);
      await dir.release();
      await other.release();
      assert.deepEqual(await readdir(runs), []);
      assert.deepEqual(await readdir(temporary), []);
    });
  });

  it('is free if the sandbox that used it was killed, even if its parent has not noticed', async () => {
    await withPlaces(async ({ temporary }) => {
      // The shell becomes `sleep`, which doesn't wait for the child.
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      try {
        const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
        const pid = printed.toString().trim();
        while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await delay(10);
        const folder = join(temporary, 'data');
        await mkdir(folder, { mode: 0o700 });
        await writeFile(join(folder, 'sandbox.lock'), pid);
        await (await openDataDir(folder)).release();
      } finally {
        parent.kill('SIGKILL');
      }
    });
  });

  it("removes nothing through links and nothing owned by others, and doesn't wait for a pipe", async () => {
    await withPlaces(async ({ runs, temporary, victim }) => {
      await mkdir(runs, { recursive: true, mode: 0o700 });
      await symlink(victim, join(runs, 'run-linked'));
      await symlink(victim, join(temporary, 'pinpoint-sandbox-linked'));
      await leave(join(temporary, 'pinpoint-sandbox-old'));
      await mkdir(join(runs, 'run-piping'));
      execFileSync('mkfifo', [join(runs, 'run-piping', 'sandbox.lock')]);
      await leave(join(runs, 'run-inside'));
      await symlink(victim, join(runs, 'run-inside', 's3', 'blobs'));
      const left = ['run-linked', 'run-piping'];
      if (isRoot) {
        await leave(join(runs, 'run-theirs'));
        await chown(join(runs, 'run-theirs'), somebodyElse, somebodyElse);
        left.push('run-theirs');
      }
      const dir = await openDataDir(undefined);
      await dir.release();
      assert.deepEqual((await readdir(runs)).sort(), left.sort());
      assert.equal((await readdir(temporary)).length, 2);
    });
  });

  it('is in the temporary folder if others can change the state folder, and then nothing is removed', async () => {
    await withPlaces(async ({ runs, temporary }) => {
      await leave(join(runs, 'run-killed'));
      await chmod(process.env['XDG_STATE_HOME']!, 0o777);
      const dir = await openDataDir(undefined);
      assert.equal(dirname(dir.path), temporary);
      await dir.release();
      assert.deepEqual(await readdir(temporary), []);
      assert.deepEqual(await readdir(runs), ['run-killed']);
    });
  });

  it("is rejected if its lock isn't a file", async () => {
    await withPlaces(async ({ temporary, victim }) => {
      const lock = join(temporary, 'sandbox.lock');
      const refused = (): Promise<void> =>
        assert.rejects(openDataDir(temporary), {
          code: 'disk',
          message: /sandbox\.lock isn't a regular file/,
        });
      execFileSync('mkfifo', [lock]);
      await refused();
      for (const target of [join(victim, '1'), join(temporary, 'nowhere')]) {
        execFileSync('rm', [lock]);
        await symlink(target, lock);
        await refused();
      }
      assert.deepEqual(await readdir(temporary), ['sandbox.lock']);
    });
  });

  it('is rejected, with a remedy, if other users can write to it', async () => {
    await withPlaces(async ({ temporary }) => {
      await chmod(temporary, 0o777);
      await assert.rejects(openDataDir(temporary), {
        code: 'disk',
        message: `Other users can write to ${temporary}`,
        help: `Run "chmod go-w ${temporary}", or use another folder.`,
      });
      assert.deepEqual(await readdir(temporary), []);
    });
  });

  const planted: Readonly<Record<string, (folder: string, victim: string) => Promise<void>>> = {
    'a link in place of a folder': (folder, victim) => symlink(victim, join(folder, 's3')),
    'a link in place of a file': async (folder, victim) => {
      await mkdir(join(folder, 'pinpoint'));
      await symlink(join(victim, '1'), join(folder, 'pinpoint', 'state.jsonl'));
    },
    'a named pipe in place of a journal': async (folder) => {
      await mkdir(join(folder, 's3'));
      execFileSync('mkfifo', [join(folder, 's3', 'journal.ndjson')]);
    },
    ...(isRoot && {
      'access keys of another user': async (folder: string) => {
        await writeFile(join(folder, 'credentials.json'), '{"accessKeyId":"AKIA","secretAccessKey":"known"}');
        await chown(join(folder, 'credentials.json'), somebodyElse, somebodyElse);
      },
    }),
  };
  for (const [what, plant] of Object.entries(planted)) {
    it(`is rejected if it contains ${what}, and is neither changed nor left locked`, async () => {
      await withPlaces(async ({ temporary, victim }) => {
        await plant(temporary, victim);
        const before = await readdir(temporary, { recursive: true });
        await assert.rejects(startSandbox({ dataDir: temporary }), {
          code: 'disk',
          message: /isn't a regular file$|belongs to another user$/,
          help: 'Remove it, or use another folder.',
        });
        assert.deepEqual(await readdir(temporary, { recursive: true }), before);
      });
    });
  }
});
