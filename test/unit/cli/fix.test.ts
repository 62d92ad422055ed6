import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { inFolder } from '../transform/files.ts';
import { isWindows } from '../../support/platform.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the command line from source; `stop` ends it as Ctrl-C does. */
async function fix(args: readonly string[], stop?: () => Promise<void>): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), 'fix', ...args]);
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  void stop?.().then(() => child.kill('SIGINT'));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, error };
}

describe('pinpoint-audience fix', function () {
  const wrong = 'ChannelType,Address,OptOut\nemail,a@example.com,all\n\nEMAIL,b@example,NONE\n';
  const right = 'ChannelType,Address,OptOut\nEMAIL,a@example.com,ALL\nEMAIL,b@example,NONE\n';

  it('writes the copy, and says what it changed and what remains', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', wrong);
      const { code, out, error } = await fix([source]);
      assert.deepEqual([code, error], [1, ''], 'errors remain');
      assert.equal(await folder.read('a.fixed.csv'), right);
      assert.match(out, /^Fixed 3 problems in 2 lines:\n +1 {2}channel-type-unknown \(line 2\)$/m);
      assert.match(out, /^Remaining:\n +1 {2}address-email$/m);
      assert.doesNotMatch(out, /example/);
    });
  });

  it('goes where it is told, does what it is told, and says so to programs', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', wrong.replace('b@example', 'b@example.com'));
      const target = join(folder.path, 'b.csv');
      const args = [source, '-o', target, '--codes', 'opt-out-unknown,csv-blank-line', '--format', 'json'];
      const { code, out } = await fix(args);
      assert.equal(code, 1);
      assert.deepEqual(JSON.parse(out), {
        files: [target],
        records: 2,
        changedLines: 2,
        fixed: [
          { code: 'opt-out-unknown', count: 1, lines: [2] },
          { code: 'csv-blank-line', count: 1, lines: [3] },
        ],
        remaining: { 'channel-type-unknown': 1 },
      });
      const again = await fix([source, '-o', target]);
      assert.equal(again.code, 2);
      assert.match(again.error, /b\.csv already exists/);
      assert.equal((await fix([target, '-o', join(folder.path, 'c.csv')])).code, 0);
    });
  });

  it('says what is wrong with how it is called', async () => {
    const fails = async (args: readonly string[], message: RegExp): Promise<void> => {
      const { code, error } = await fix(args);
      assert.equal(code, 2);
      assert.match(error, message);
    };
    await fails([], /Specify one file/);
    await fails(['a.csv', '--codes', 'file-empty'], /"file-empty" has no fix/);
    await fails(['/nowhere/a.csv'], /a\.csv: it doesn't exist/);
  });

  it('leaves nothing when it is stopped', async function () {
    // There, a signal of another process ends it at once.
    if (isWindows) this.skip();
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', `Id,OptOut\n${'1,all\n'.repeat(6_000_000)}`);
      const { code } = await fix([source], async () => {
        while ((await folder.names()).length === 1) await setTimeout(5);
      });
      assert.equal(code, 130);
      assert.deepEqual(await folder.names(), ['a.csv']);
    });
  });
});
