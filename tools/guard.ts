import { spawn, spawnSync } from 'node:child_process';

/**
 * `node guard.ts COMMAND ARGS…` runs a command and ends it, with everything it started, once standard input closes.
 * The system closes that pipe however the process at its other end dies, so nothing is left behind.
 * It must be started as the leader of a process group.
 */
const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('usage: guard.ts COMMAND ARGS…');

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('exit', () => {
  endGroup('SIGKILL');
  process.exit();
});

// Signals to the group also reach the guard, which must outlive the others.
process.on('SIGTERM', () => undefined);

process.stdin.resume().once('close', () => {
  endGroup('SIGTERM');
  setTimeout(endGroup, 3000, 'SIGKILL');
});

function endGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
  else process.kill(-process.pid, signal);
}
