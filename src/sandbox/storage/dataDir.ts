import { randomUUID } from 'node:crypto';
import { link, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AudienceError } from '../../errors.ts';
import type { Credentials } from '../sts/credentials.ts';
import { newCredentials } from '../sts/credentials.ts';

/** A folder that this process alone writes to. */
export interface DataDir {
  readonly path: string;
  /** Gives the folder free; one that was made for this run only is deleted. */
  release(): Promise<void>;
}

const lockName = 'sandbox.lock';
const temporaryPrefix = 'pinpoint-sandbox-';

/**
 * Takes a folder for the state of a sandbox, and makes it where it is not there.
 *
 * @param path a fresh temporary folder where absent
 * @throws AudienceError `conflict` where a live sandbox has it, `disk` where it cannot be written
 */
export async function openDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) {
    await removeLeftovers();
    const temporary = await mkdtemp(join(tmpdir(), temporaryPrefix));
    await lock(temporary);
    return { path: temporary, release: () => rm(temporary, { recursive: true, force: true, maxRetries: 3 }) };
  }
  const kept = resolve(path);
  try {
    await mkdir(kept, { recursive: true, mode: 0o700 });
    await lock(kept);
  } catch (error) {
    if (error instanceof AudienceError) throw error;
    throw new AudienceError('disk', `The sandbox cannot keep its data in ${kept}: ${reason(error)}`, {
      help: 'Name a folder that can be written',
      cause: error,
    });
  }
  return { path: kept, release: () => rm(join(kept, lockName), { force: true }) };
}

/** The credentials of this data folder: the ones that it had before, or new ones. */
export async function loadCredentials(dir: string): Promise<Credentials> {
  const file = join(dir, 'credentials.json');
  const text = await readIfThere(file);
  if (text !== undefined) return parseCredentials(text, file);
  const credentials = newCredentials();
  const temporary = `${file}.new`;
  await writeFile(temporary, JSON.stringify(credentials), { mode: 0o600 });
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
  await writeFile(own, String(process.pid));
  try {
    for (;;) {
      if (await linkIfFree(own, file)) return;
      const holder = await readIfThere(file);
      if (holder === undefined) continue;
      if (isAlive(Number(holder))) {
        throw new AudienceError('conflict', `Another sandbox (process ${holder}) is using ${dir}`, {
          help: `Stop it, or name another folder. If that process is no sandbox, delete ${file}`,
        });
      }
      await removeStale(file, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes a dead process's lock away, but not one that somebody else has put there meanwhile. */
async function removeStale(file: string, holder: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readIfThere(aside)) !== holder) await linkIfFree(aside, file);
  await rm(aside, { force: true });
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Temporary folders hold what people exported; one whose sandbox was killed is deleted by the next one that starts. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const holder = await readIfThere(join(tmpdir(), name, lockName)).catch(() => undefined);
    if (holder === undefined || isAlive(Number(holder))) continue;
    // Another user's, or another sandbox is at it: it is not ours to insist.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
