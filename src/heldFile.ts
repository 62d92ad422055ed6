import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { hasErrno } from './fileErrors.ts';
import { privateFile } from './permissions.ts';

/** Shares the file with no other program: UV_FS_O_EXLOCK of libuv, to which Node.js gives no name. */
const exclusive = 0x1000_0000;

/**
 * Opens a file so that no other process can open it until this one closes it or ends, however it ends. On Windows only, where
 * process IDs are reused too quickly to tell by them whether the owner of a lock still runs.
 *
 * @returns undefined if another process has it open
 */
export async function holdFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_CREAT | constants.O_RDWR | exclusive, privateFile);
  } catch (error) {
    if (hasErrno(error, 'EBUSY')) return undefined;
    throw error;
  }
}
