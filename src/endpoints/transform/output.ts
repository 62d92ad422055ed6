import type { FileHandle } from 'node:fs/promises';
import { lstat, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { checkNewName, fileError, hasErrno } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { outputFile } from '../../permissions.ts';
import { publishFile, syncFolder } from '../../publishFile.ts';
import type { Encoding } from './textLines.ts';
import { inTemporary, removeStale } from './temporaryFolders.ts';

/** Where and how output is written. */
export interface OutputPlan {
  readonly folder: string;
  /**
   * The name of a file by its index. `suffix` is empty, or `-2`, `-3` and so on if the names without it are taken.
   */
  readonly name: (index: number, count: number, suffix: string) => string;
  /** If a name is taken: fail with `conflict`, or use the next free number. Nothing is ever overwritten. */
  readonly onConflict: 'fail' | 'number';
  readonly signal?: AbortSignal | undefined;
  /** Called with the error before the cleanup, which may take a while. */
  readonly onGivenUp?: ((error: unknown) => void) | undefined;
}

/** A written file. */
export interface OutputReport {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
}

/** A file under construction. */
export class OutputFile {
  readonly path: string;
  records = 0;
  bytes = 0;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Appends text. Rejects with `disk`. */
  async write(text: string, encoding: Encoding = 'utf8'): Promise<void> {
    if (text !== '') await this.writeBytes(Buffer.from(text, encoding));
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await this.#handle.appendFile(bytes);
    this.bytes += bytes.length;
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * Writes files to a folder, all or none: `work` writes them to a temporary folder there, and they get their final names at
 * the end. If it fails or is cancelled, nothing is left. It can't be cancelled once the files are being named.
 * Rejects with what `work` rejects with, `bad-input` (Windows has no such name), `conflict` (a name is taken), `disk`, `not-found` (no such folder) or `cancelled`.
 */
export async function writeOutputs<T>(
  plan: OutputPlan,
  work: (next: () => Promise<OutputFile>) => Promise<T>,
): Promise<{ readonly result: T; readonly outputs: readonly OutputReport[] }> {
  const first = plan.name(0, 1, '');
  checkNewName(first);
  if (plan.onConflict === 'fail' && (await exists(join(plan.folder, first)))) throw taken(first);
  await removeStale(plan.folder);
  return onDisk(first, () => inTemporary(plan.folder, (anchor) => writeAll(plan, first, anchor, work)));
}

async function writeAll<T>(
  plan: OutputPlan,
  first: string,
  temporary: string,
  work: (next: () => Promise<OutputFile>) => Promise<T>,
): Promise<{ readonly result: T; readonly outputs: readonly OutputReport[] }> {
  const files: OutputFile[] = [];
  let current: OutputFile | undefined;
  const finish = async (): Promise<void> => {
    const file = current;
    current = undefined;
    if (file === undefined) return;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  };
  try {
    const result = await onDisk(first, async () => {
      const result = await work(async () => {
        throwIfCancelled(plan.signal);
        await finish();
        const path = join(temporary, String(files.length));
        current = new OutputFile(path, await open(path, 'wx', outputFile()));
        files.push(current);
        return current;
      });
      await finish();
      return result;
    });
    throwIfCancelled(plan.signal);
    const paths = await onDisk(first, () => nameAll(plan, files));
    return {
      result,
      outputs: files.map(({ bytes, records }, index) => ({ path: paths[index]!, bytes, records })),
    };
  } catch (error) {
    plan.onGivenUp?.(error);
    throw error;
  } finally {
    await current?.close();
  }
}

/** Moves the files to their final names, all or none. */
async function nameAll(plan: OutputPlan, files: readonly OutputFile[]): Promise<readonly string[]> {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `-${number}`;
    const paths = files.map((_, index) => join(plan.folder, plan.name(index, files.length, suffix)));
    const ours: string[] = [];
    try {
      for (const [index, path] of paths.entries()) {
        await publishFile(files[index]!.path, path);
        ours.push(path);
      }
      await syncFolder(plan.folder);
      return paths;
    } catch (error) {
      for (const path of ours) await rm(path, { force: true });
      if (!hasErrno(error, 'EEXIST')) throw error;
      if (plan.onConflict === 'fail') throw taken(basename(paths[ours.length]!));
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    // Whatever prevents reading the folder also prevents writing, and is reported then.
    return false;
  }
}

async function onDisk<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw fileError(error, 'write', name);
    throw error;
  }
}

function taken(name: string): AudienceError {
  return new AudienceError('conflict', `${name} already exists and was not overwritten`, {
    help: 'Choose another name or move that file.',
  });
}
