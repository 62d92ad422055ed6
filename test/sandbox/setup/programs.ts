import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The name of a program, where it is there and runs; a shim with nothing behind it does not count. */
export async function findProgram(name: string, probe: string): Promise<string | undefined> {
  try {
    await run(name, [probe]);
    return name;
  } catch {
    return undefined;
  }
}

/** A moto server of our own on a free port; `undefined` where there is no moto. */
export async function startMoto(): Promise<{ endpoint: string; stop(): Promise<void> } | undefined> {
  if ((await findProgram('moto_server', '--help')) === undefined) return undefined;
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  for (let tries = 0; tries < 200; tries += 1) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) return { endpoint, stop };
    await sleep(200);
  }
  await stop();
  throw new Error('The moto server did not answer');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
