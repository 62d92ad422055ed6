import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long a window's extension host may take to end by itself: milliseconds. */
const patience = 5000;

/** The extension hosts of the VS Code server that keeps its data in a folder, by their process ids. */
export async function extensionHosts(dataDir: string): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 1 << 24 });
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!)
    .map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args: args! }));
  const servers = new Set(processes.filter(({ args }) => args.includes(dataDir)).map(({ pid }) => pid));
  return processes
    .filter(({ parent, args }) => servers.has(parent) && args.includes('--type=extensionHost'))
    .map(({ pid }) => pid);
}

/**
 * Waits until processes have ended, and ends those that do not: a page that goes away in a hurry may not say goodbye to its server,
 * which then keeps the extension host for its return. A desktop window takes its own with it.
 */
export async function seeOut(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + patience;
  for (const pid of pids) {
    while (isAlive(pid) && Date.now() < deadline) await delay(100);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
