import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { rename, rm } from '../../fileOperations.ts';
import { privateFile } from '../../permissions.ts';
import { syncFolder } from '../../publishFile.ts';
import { temporaryName } from './versionedFiles.ts';

/** Temporary file, sync, rename, sync of the folder: the file has its old content or the new one, never a part. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const file = await open(temporary, 'wx', privateFile);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
