import { ruleCount } from '../engine/abi.ts';

/** What is done in the order of the file: three kinds of looking across records, then adding up. */
export const stages = { ids: 0, addresses: 1, users: 2, sum: 3 } as const;
export type Stage = (typeof stages)[keyof typeof stages];

/** Offsets of numbers of 32 bits. Turns are in cache lines of their own. */
const int = { next: 0, stop: 1, workerCount: 2, notUtf8: 3, turns: 16, kept: 80 } as const;
const turnWidth = 16;
/** How often a turn is looked for before sleeping: going to sleep and waking up takes longer than most turns. */
const looks = 2000;
const keptEnd = int.kept + 3 * ruleCount;
/** Offsets of numbers of 64 bits, behind them. */
const float = { lines: 0, records: 1, bytes: 2, consumed: 3, counts: 4 } as const;
const floatStart = (4 * keptEnd + 63) & ~63;

/**
 * What the workers of one file share. They take chunks of the file by number (`next`), read them at the same time,
 * and then, in the order of the file, stage by stage, add what they found to what was found before. Only the worker whose
 * turn the last stage is touches anything else than what is named here as atomic.
 */
export class SharedState {
  static readonly bytes = floatStart + 8 * (float.counts + 3 * ruleCount);
  /** Findings so far, by code and severity. */
  readonly counts: Float64Array;
  /** The address of how many details were kept so far, by code and severity. */
  readonly keptAt: number;
  readonly #kept: Uint32Array;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;

  constructor(buffer: ArrayBufferLike, offset: number) {
    this.#ints = new Int32Array(buffer, offset, keptEnd);
    this.#kept = new Uint32Array(buffer, offset + 4 * int.kept, 3 * ruleCount);
    this.keptAt = offset + 4 * int.kept;
    this.#floats = new Float64Array(buffer, offset + floatStart, float.counts + 3 * ruleCount);
    this.counts = this.#floats.subarray(float.counts);
  }

  /** Begins a file. */
  clear(): void {
    this.#ints.fill(0);
    this.#floats.fill(0);
  }

  /** The number of the caller among the workers of the file. Atomic. */
  takeWorkerIndex(): number {
    return Atomics.add(this.#ints, int.workerCount, 1);
  }

  /** The number of the next chunk. Atomic. */
  takeNext(): number {
    return Atomics.add(this.#ints, int.next, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#ints, int.stop) !== 0;
  }

  /** Tells all workers of the file to stop as soon as they can. Atomic. */
  stop(): void {
    Atomics.store(this.#ints, int.stop, 1);
    for (const stage of Object.values(stages)) Atomics.notify(this.#ints, turnAt(stage));
  }

  /** Waits until all chunks before this one are through a stage; false where the file was stopped. */
  waitForTurn(stage: Stage, chunk: number): boolean {
    const at = turnAt(stage);
    for (let look = 0; look < looks; look++) if (Atomics.load(this.#ints, at) === chunk) return !this.stopped;
    for (;;) {
      if (this.stopped) return false;
      const turn = Atomics.load(this.#ints, at);
      if (turn === chunk) return true;
      Atomics.wait(this.#ints, at, turn, 20);
    }
  }

  endTurn(stage: Stage, chunk: number): void {
    Atomics.store(this.#ints, turnAt(stage), chunk + 1);
    Atomics.notify(this.#ints, turnAt(stage));
  }

  /** True for the first caller only. */
  claimNotUtf8(): boolean {
    return Atomics.exchange(this.#ints, int.notUtf8, 1) === 0;
  }

  get lines(): number {
    return this.#floats[float.lines]!;
  }

  get records(): number {
    return this.#floats[float.records]!;
  }

  /** Bytes judged, for progress. */
  get bytes(): number {
    return this.#floats[float.bytes]!;
  }

  /** Where in the file the last record ended that went through the first stage. */
  get consumed(): number {
    return this.#floats[float.consumed]!;
  }

  set consumed(offset: number) {
    this.#floats[float.consumed] = offset;
  }

  /** Adds up a part of the file. */
  add(lines: number, records: number, bytes: number, counts: Uint32Array, kept: Uint32Array): void {
    const all = this.#floats;
    all[float.lines]! += lines;
    all[float.records]! += records;
    all[float.bytes]! += bytes;
    for (let index = 0; index < counts.length; index++) this.counts[index]! += counts[index]!;
    for (let index = 0; index < kept.length; index++) this.#kept[index]! += kept[index]!;
  }
}

function turnAt(stage: Stage): number {
  return int.turns + stage * turnWidth;
}
