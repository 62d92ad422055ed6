import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from './paths.ts';

/** A command that runs until `stop` is called or this process ends, however it ends. Everything it started ends with it. */
export interface GuardedProcess {
  /** The line of standard output that announced that it is ready. */
  readonly ready: string;
  /** Resolves once all of its processes have ended. */
  stop(): Promise<void>;
  /** Resolves when it has ended, stopped or by itself. */
  readonly ended: Promise<void>;
}

interface GuardedOptions {
  /** Matches the line of standard output that announces that the command is ready. If absent, it is ready once it runs. */
  readonly isReady?: ((line: string) => boolean) | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
}

const startLimit = 60_000;

/** Starts a command and waits until it is ready. Rejects with its output if it ends first or takes over a minute. */
export async function startGuarded(
  command: string,
  args: readonly string[],
  options: GuardedOptions,
): Promise<GuardedProcess> {
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), command, ...args], {
    stdio: 'pipe',
    detached: true,
    cwd: options.cwd,
    env: options.env ?? process.env,
  });
  const ended = once(guard, 'close').then(() => undefined);
  const stop = (): Promise<void> => {
    guard.stdin.end();
    return ended;
  };
  let output = '';
  const { isReady } = options;
  const readyLine = new Promise<string>((resolve) => {
    if (isReady === undefined) guard.once('spawn', () => resolve(''));
    for (const stream of [guard.stdout, guard.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output = `${output}${line}\n`.slice(-10_000);
        if (stream === guard.stdout && isReady?.(line) === true) resolve(line);
      });
    }
  });
  const what = [command, ...args].join(' ');
  const limit = new AbortController();
  try {
    const ready = await Promise.race([
      readyLine,
      ended.then(() => Promise.reject(new Error(`It ended before it was ready: ${what}\n${output}`))),
      delay(startLimit, undefined, { signal: limit.signal }).then(() =>
        Promise.reject(new Error(`It was not ready after ${startLimit / 1000} s: ${what}\n${output}`)),
      ),
    ]);
    return { ready, stop, ended };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    limit.abort();
  }
}

/** Runs a short command. Resolves with its standard output; rejects with all of its output if it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly shell?: boolean } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd: root, maxBuffer: 1 << 26, ...options });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`Failed: ${[command, ...args].join(' ')}\n${stdout ?? ''}${stderr ?? String(error)}`);
  }
}

const execute = promisify(execFile);

/** Runs npm: the one that runs us, if one does. */
export function npm(args: readonly string[], cwd: string): Promise<string> {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') === true
    ? run(process.execPath, [cli, ...args], { cwd })
    : // On Windows npm is a script, which only a shell can run.
      run('npm', args, { cwd, shell: process.platform === 'win32' });
}
