import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrno, isSystemError } from '../../fileErrors.ts';
import type { Spill } from '../engine/host/ledgerReader.ts';
import { removeStale, temporaryPrefix } from '../transform/temporaryFolders.ts';
import type { SharedState, SpillFailure } from './sharedState.ts';

/** The temporary file that the workers of one file spill to: opened by the first that needs it, closed by `endSpill`. */
export class SpillFile implements Spill {
  readonly #state: SharedState;
  readonly #isAllowed: boolean;

  constructor(state: SharedState, isAllowed: boolean) {
    this.#state = state;
    this.#isAllowed = isAllowed;
  }

  write(block: Uint8Array): number {
    if (!this.#isAllowed) return this.#fail('forbidden');
    try {
      const descriptor = this.#state.spillDescriptor(openPrivate);
      const number = this.#state.takeSpillBlock();
      for (let at = 0; at < block.length;) {
        at += writeSync(descriptor, block, at, block.length - at, number * block.length + at);
      }
      return number;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return this.#fail(hasErrno(error, 'ENOSPC', 'EDQUOT') ? 'full' : 'failed');
    }
  }

  read(number: number, to: Uint8Array): void {
    const descriptor = this.#state.spillDescriptor(openPrivate);
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

/** Closes the temporary file of a check once none of its workers is running. */
export function endSpill(state: SharedState): void {
  const descriptor = state.takeSpillDescriptor();
  if (descriptor !== undefined) closeSync(descriptor);
}

/** Removes temporary files of killed processes, on systems that keep the name of an open file. */
export function removeStaleSpills(): Promise<void> {
  return removeStale(tmpdir());
}

/**
 * Opens a file that only this user can read, in a folder that only this user can enter. Its name is removed at once if the
 * system allows that.
 */
function openPrivate(): number {
  const folder = mkdtempSync(join(tmpdir(), temporaryPrefix()));
  const path = join(folder, '0');
  const descriptor = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
    rmdirSync(folder);
  } catch {
    // Removed by `removeStaleSpills` at the next start.
  }
  return descriptor;
}
