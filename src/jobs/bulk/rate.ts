import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, hasErrno } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import { privateFile } from '../../permissions.ts';
import type { Clock } from '../runs/clock.ts';

/** Claimed slots older than this, or further ahead because the clock was set, are removed: in milliseconds. */
const claimKeptMs = 60_000;

/**
 * Limits requests per second, evenly spaced: the service's rates are its bursts as well (Developer Guide, Quotas).
 *
 * With a folder, all processes that share it have one rate together: time is divided into slots, and each slot is claimed by a file
 * that only one process can create. After the clock is set, other slots apply, and nothing waits for the old ones.
 */
export class Rate {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #folder: string | undefined;
  #next = Number.NEGATIVE_INFINITY;
  #isPrepared = false;
  #claims: readonly string[] = [];

  constructor(clock: Clock, perSecond: number, folder?: string) {
    this.#clock = clock;
    this.#gapMs = 1000 / perSecond;
    this.#folder = folder;
  }

  /** Resolves when it is this caller's turn, or once `signal` is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    if (this.#folder === undefined) {
      const now = this.#clock.elapsed();
      const turn = Math.max(now, this.#next);
      this.#next = turn + this.#gapMs;
      if (turn > now) await this.#clock.sleep(turn - now, signal);
      return;
    }
    try {
      const turn = await this.#claim(this.#folder);
      const left = turn - this.#clock.now();
      if (left > 0) await this.#clock.sleep(Math.min(left, claimKeptMs), signal);
    } catch (error) {
      throw fileError(error, 'write to', this.#folder);
    }
  }

  /** The start of a slot that this caller has claimed. */
  async #claim(folder: string): Promise<number> {
    if (!this.#isPrepared) await this.#prepare(folder);
    for (let slot = Math.ceil(this.#clock.now() / this.#gapMs); ; slot += 1) {
      const path = join(folder, String(slot));
      try {
        await (await open(path, 'wx', privateFile)).close();
      } catch (error) {
        if (hasErrno(error, 'EEXIST')) continue;
        if (!hasErrno(error, 'ENOENT')) throw error;
        // The folder was removed meanwhile.
        await this.#prepare(folder);
        slot -= 1;
        continue;
      }
      // Past slots are never claimed.
      const [old, ...kept] = [...this.#claims, path];
      this.#claims = kept.length > 20 ? kept : [old, ...kept];
      if (kept.length > 20) await rm(old, { force: true });
      return slot * this.#gapMs;
    }
  }

  async #prepare(folder: string): Promise<void> {
    await makeRecordFolder(folder);
    const now = this.#clock.now();
    for (const name of await readdir(folder)) {
      const distance = Math.abs(Number(name) * this.#gapMs - now);
      if (!(distance <= claimKeptMs)) await rm(join(folder, name), { force: true });
    }
    this.#isPrepared = true;
  }
}
