import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

export const isWindows = process.platform === 'win32';

/** Names the folder of what programs remember (see `userStateFolder`), except on macOS. */
export const stateVariable = isWindows ? 'LOCALAPPDATA' : 'XDG_STATE_HOME';

/** A name that the file system of this platform takes, as close to `name` as it can be. */
export function possibleName(name: string): string {
  return isWindows ? name.replace(/[<>:"/\\|?*\p{Cc}]/gu, '-') : name.replaceAll('/', '');
}

/** False on Windows for accounts without the right to make symbolic links. */
export async function canMakeLinks(): Promise<boolean> {
  const path = join(tmpdir(), `pinpoint-audience-test-${randomUUID()}`);
  try {
    await symlink('nowhere', path);
  } catch (error) {
    if (isWindows && (error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
  await rm(path, { force: true });
  return true;
}

/** Puts a file in the place of another, which may be open. @returns false if nobody can do that, as on some versions of Windows */
export function replaceFile(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isWindows && (error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}

/** A program that has a file open. */
interface Holder {
  release(): Promise<void>;
}

/** On Windows, opens a file as programs do that share it with nobody, such as a spreadsheet while it saves; in another process. */
export async function holdOpen(path: string): Promise<Holder> {
  const program = `require('node:fs').openSync(process.argv[1], ${shareWithNobody}); process.send('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', program, path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`Could not hold ${path}`))),
  ]);
  return {
    release: async () => {
      child.kill();
      await ended;
    },
  };
}

/** UV_FS_O_EXLOCK of libuv, to which Node.js gives no name. */
const shareWithNobody = 0x10000000;
