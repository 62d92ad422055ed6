import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { dist } from '../../tools/paths.ts';
import { isWindows } from './platform.ts';

/** A sandbox as `pinpoint-audience sandbox` starts it: a process of its own, which can be killed. */
export interface SandboxProcess {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** The program as it is built: it starts in less than half of the time that its sources take. */
export const cli = join(dist, 'cli.js');

/** Starts it and waits until it serves. @throws Error with what it wrote where it ends before */
export function startSandboxProcess(...args: string[]): Promise<SandboxProcess> {
  return startBy([process.execPath], args);
}

/** Likewise, started by another program, such as `prlimit`. @param program with its arguments, Node.js last */
export async function startBy(program: readonly string[], args: readonly string[]): Promise<SandboxProcess> {
  const [file = '', ...before] = program;
  const child = spawn(file, [...before, cli, 'sandbox', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let complaints = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const line = await Promise.race([
    once(createInterface(child.stdout!), 'line') as Promise<[string]>,
    ended.then(async ([code]) => {
      if (!child.stderr!.closed) await Promise.race([once(child.stderr!, 'close'), delay(1000)]);
      throw new Error(`The sandbox ended with ${code}: ${complaints}`);
    }),
  ]);
  return {
    child,
    ...(JSON.parse(line[0]) as Pick<
      SandboxProcess,
      'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'
    >),
    end: async (signal) => {
      if (signal === 'SIGKILL') child.kill(signal);
      else stop(child, signal);
      const [code, by] = await ended;
      return { code, signal: by };
    },
  };
}

/** Lets a forked process end by itself. On Windows, where a signal would end it at once, by letting go of it. */
export function stop(child: ChildProcess, signal: NodeJS.Signals): void {
  if (isWindows) child.disconnect();
  else child.kill(signal);
}
