import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { temporaryFolder } from '../../support/sandbox.ts';
import { cli } from '../../support/sandboxProcess.ts';

const hook = new URL('killHook.ts', import.meta.url).href;
const transformOnce = fileURLToPath(new URL('transformOnce.ts', import.meta.url));
const source = [
  'Id,ChannelType,Address',
  ...Array.from({ length: 40 }, (_, n) => `e${n},email,e${n}@example.com`),
  '',
].join('\n');

describe('the output of a command that is killed', () => {
  let folder: { readonly path: string; remove(): Promise<void> };
  let input: string;

  before(async () => {
    folder = await temporaryFolder();
    input = join(folder.path, 'in.csv');
    await writeFile(input, source);
  });
  after(() => folder.remove());

  interface Ended {
    readonly code: number | null;
    readonly killed: boolean;
    readonly said: string;
    readonly moments: number;
  }
  async function run(args: readonly string[], killAt: number): Promise<Ended> {
    const child = spawn(process.execPath, ['--import', hook, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KILL_AT: String(killAt), NODE_COMPILE_CACHE: join(folder.path, 'cache') },
    });
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    const counts = [...stderr.matchAll(/^moments (\d+)$/gm)].map(([, count]) => Number(count));
    // Not by the signal: on Windows there is only an exit code.
    const killed = /^killed /m.test(stdout) && code !== 0 && counts.length === 0;
    return { code, killed, said: stdout + stderr, moments: Math.max(0, ...counts) };
  }

  /** Names and contents; hidden temporary folders by name only. */
  async function filesIn(path: string): Promise<Record<string, string>> {
    const entries = await readdir(path, { withFileTypes: true });
    const read = entries
      .filter((entry) => entry.isFile())
      .map(async ({ name }) => [name, await readFile(join(path, name), 'utf8')] as const);
    return Object.fromEntries(await Promise.all(read));
  }

  const commands: Readonly<Record<string, (to: string) => readonly string[]>> = {
    fix: (to) => [cli, 'fix', input, '-o', join(to, 'fixed.csv')],
    convert: (to) => [transformOnce, 'convert', input, join(to, 'converted.ndjson')],
    split: (to) => [transformOnce, 'split', input, join(to, 'part.csv')],
  };
  for (const [name, command] of Object.entries(commands)) {
    it(`is complete or missing at any moment, and complete the next time: ${name}`, async () => {
      const whole = join(folder.path, `${name}-whole`);
      await mkdir(whole);
      const undisturbed = await run(command(whole), 0);
      const expected = await filesIn(whole);
      assert.ok(Object.keys(expected).length > (name === 'split' ? 1 : 0), undisturbed.said);
      assert.ok(undisturbed.moments >= 6, undisturbed.said);
      const waiting = Array.from({ length: undisturbed.moments }, (_, n) => n + 1);
      const killEach = async (): Promise<void> => {
        for (let killAt = waiting.shift(); killAt !== undefined; killAt = waiting.shift()) {
          const to = join(folder.path, `${name}-${killAt}`);
          await mkdir(to);
          const ended = await run(command(to), killAt);
          const about = `killed at ${killAt}: ${ended.said}`;
          assert.ok(ended.killed, about);
          const left = await filesIn(to);
          for (const [file, content] of Object.entries(left)) assert.equal(content, expected[file], about);
          for (const file of Object.keys(left)) await rm(join(to, file));
          const again = await run(command(to), 0);
          assert.equal(again.code, undisturbed.code, `${about}\n${again.said}`);
          assert.deepEqual(await filesIn(to), expected, about);
          assert.deepEqual((await readdir(to)).sort(), Object.keys(expected).sort(), `no remains; ${about}`);
        }
      };
      await Promise.all([killEach(), killEach(), killEach()]);
    });
  }
});
