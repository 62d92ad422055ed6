import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrno, isSystemError } from '../../fileErrors.ts';
import type { Spill } from '../engine/host/ledgerReader.ts';
import { removeStale, temporaryPrefix } from '../transform/temporaryFolders.ts';
import type { SharedState, SpillFailure } from './sharedState.ts';

/** The temporary file that the workers of one file spill to, once the first of them needs it. */
export class SpillFile implements Spill {
  readonly #state: SharedState;
  readonly #isAllowed: boolean;
  readonly #open: () => void;

  /** `open` leads to `openSpill` in the thread that calls `endSpill` at the end. */
  constructor(state: SharedState, isAllowed: boolean, open: () => void) {
    this.#state = state;
    this.#isAllowed = isAllowed;
    this.#open = open;
  }

  write(block: Uint8Array): number {
    if (!this.#isAllowed) return this.#fail('forbidden');
    try {
      const descriptor = this.#state.spillDescriptor(this.#open);
      if (descriptor === undefined) return -1;
      const number = this.#state.takeSpillBlock();
      for (let at = 0; at < block.length;) {
        at += writeSync(descriptor, block, at, block.length - at, number * block.length + at);
      }
      return number;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return this.#fail(failureOf(error));
    }
  }

  read(number: number, to: Uint8Array): void {
    const descriptor = this.#state.spillDescriptor(this.#open);
    if (descriptor === undefined) throw new Error('The temporary file of the check was closed');
    for (let at = 0; at < to.length;) {
      const read = readSync(descriptor, to, at, to.length - at, number * to.length + at);
      if (read === 0) throw new Error('The temporary file of the check is shorter than it was written');
      at += read;
    }
  }

  #fail(failure: SpillFailure): -1 {
    this.#state.setSpillFailure(failure);
    return -1;
  }
}

function failureOf(error: NodeJS.ErrnoException): SpillFailure {
  return hasErrno(error, 'ENOSPC', 'EDQUOT') ? 'full' : 'failed';
}

/** Opens the temporary file of a check. Call in the thread that calls `endSpill` at the end. */
export function openSpill(state: SharedState): void {
  try {
    state.setSpillDescriptor(openPrivate());
  } catch (error) {
    if (!isSystemError(error)) throw error;
    state.setSpillFailure(failureOf(error));
    state.setSpillDescriptor(undefined);
  }
}

/** Closes and removes the temporary file of a check once none of its workers is running. */
export function endSpill(state: SharedState): void {
  const descriptor = state.takeSpillDescriptor();
  if (descriptor === undefined) return;
  closeSync(descriptor);
  const folder = namedSpills.get(descriptor);
  namedSpills.delete(descriptor);
  if (folder !== undefined) removeSpill(folder);
}

/** Removes temporary files of killed processes, on systems that keep the name of an open file. */
export function removeStaleSpills(): Promise<void> {
  return removeStale(tmpdir());
}

/** Folders of open files, by descriptor, on systems that keep the name of an open file, such as older versions of Windows. */
const namedSpills = new Map<number, string>();

/**
 * Opens a file that only this user can read, in a folder that only this user can enter. Its name is removed at once if the
 * system allows that.
 */
function openPrivate(): number {
  const folder = mkdtempSync(join(tmpdir(), temporaryPrefix()));
  const descriptor = openSync(pathIn(folder), 'wx+', 0o600);
  if (!removeSpill(folder)) namedSpills.set(descriptor, folder);
  return descriptor;
}

/** @returns false if something remains, which `removeStaleSpills` removes at the next start */
function removeSpill(folder: string): boolean {
  try {
    unlinkSync(pathIn(folder));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}

function pathIn(folder: string): string {
  return join(folder, '0');
}
