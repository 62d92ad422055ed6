import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { hasErrno } from '../../fileErrors.ts';
import { rename, rm } from '../../fileOperations.ts';
import {
  isProcessAlive,
  makePrivateFolder,
  makeTemporaryFolder,
  readSmallFile,
  removeOwnFolder,
  userStateFolder,
} from '../../ownFolders.ts';
import type { Credentials } from '../sts/credentials.ts';
import { newCredentials } from '../sts/credentials.ts';
import { privateFile, privateFolder } from '../../permissions.ts';

/** A folder that this process alone writes to. */
export interface DataDir {
  readonly path: string;
  /** Releases the folder; one that was made for this run only is deleted. */
  release(): Promise<void>;
}

const lockName = 'sandbox.lock';
const temporaryName = /^run-\w{6}$/;

/**
 * Takes a folder for the state of a sandbox, and makes it if it doesn't exist.
 *
 * @param path if absent, a new temporary folder
 * @throws AudienceError `conflict` if a running sandbox uses it, `disk` if it can't be written
 */
export async function openDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) return openTemporary();
  const kept = resolve(path);
  try {
    await mkdir(kept, { recursive: true, mode: privateFolder });
    await lock(kept);
  } catch (error) {
    if (error instanceof AudienceError) throw error;
    throw new AudienceError('disk', `The sandbox can't keep its data in ${kept}: ${reason(error)}`, {
      help: 'Name a folder that can be written',
      cause: error,
    });
  }
  return { path: kept, release: () => rm(join(kept, lockName), { force: true }) };
}

/**
 * A folder for this run only, beside those of earlier runs, of which killed ones are deleted: they hold what people exported.
 * If this user has no private place, it is in the system's temporary folder, where nothing of others is ever touched.
 */
async function openTemporary(): Promise<DataDir> {
  const runs = join(userStateFolder(), 'pinpoint-audience', 'sandboxes');
  const isPrivate = await makePrivateFolder(runs);
  if (isPrivate) await removeLeftovers(runs);
  const { path, remove } = await makeTemporaryFolder(
    isPrivate ? join(runs, 'run-') : join(tmpdir(), 'pinpoint-sandbox-'),
  );
  await lock(path);
  return { path, release: remove };
}

async function removeLeftovers(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    if (!temporaryName.test(name)) continue;
    const folder = join(runs, name);
    try {
      const holder = await readSmallFile(join(folder, lockName));
      if (holder !== undefined && !isProcessAlive(Number(holder))) await removeOwnFolder(folder);
    } catch {
      // Another sandbox is deleting it, or it can't be deleted now: it is left to the next start.
    }
  }
}

/** The credentials of this data folder: the ones that it had before, or new ones. */
export async function loadCredentials(dir: string): Promise<Credentials> {
  const file = join(dir, 'credentials.json');
  const text = await readSmallFile(file);
  if (text !== undefined) return parseCredentials(text, file);
  const credentials = newCredentials();
  const temporary = `${file}.new`;
  await writeFile(temporary, JSON.stringify(credentials), { mode: privateFile });
  await rename(temporary, file);
  return credentials;
}

function parseCredentials(text: string, file: string): Credentials {
  try {
    return JSON.parse(text) as Credentials;
  } catch (error) {
    throw new AudienceError('disk', `The sandbox's credentials are damaged: ${file}`, {
      help: 'Delete that file to have new ones made',
      cause: error,
    });
  }
}

async function lock(dir: string): Promise<void> {
  const file = join(dir, lockName);
  const own = join(dir, `${lockName}.${randomUUID()}`);
  await writeFile(own, String(process.pid), { mode: privateFile });
  try {
    for (;;) {
      if (await linkIfFree(own, file)) return;
      const holder = await readSmallFile(file);
      if (holder === undefined) continue;
      const pid = Number(holder);
      if (isProcessAlive(pid)) {
        throw new AudienceError('conflict', `Another sandbox (process ${pid}) is using ${dir}`, {
          help: `Stop it, or name another folder. If that process isn't a sandbox, delete ${file}`,
        });
      }
      await removeStale(file, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a dead process's lock, but not one that another process has put there since. */
async function removeStale(file: string, holder: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readSmallFile(aside)) !== holder) await linkIfFree(aside, file);
  await rm(aside, { force: true });
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
