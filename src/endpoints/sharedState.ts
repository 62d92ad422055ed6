import { ruleCodes } from './rules.ts';

const ints = { next: 0, turn: 1, stop: 2, notUtf8: 3, names: 4, kept: 8 } as const;
const mostNames = 512;
const keptEnd = ints.kept + ruleCodes.length;
const intCount = (keptEnd + 2 * mostNames + 1) & ~1;
const floats = { lines: 0, records: 1, bytes: 2, consumed: 3, counts: 8 } as const;
const floatCount = floats.counts + 3 * ruleCodes.length;

/**
 * What the workers of one file share. They take stretches of the file by number (`next`), read them at the same time,
 * and then, in the order of the file (`turn`), add what they found to what was found before. Only the worker whose turn it is
 * touches anything else than the first three.
 */
export class SharedState {
  static readonly bytes = 4 * intCount + 8 * floatCount;
  /** Details kept so far, by code. */
  readonly kept: Int32Array;
  /** Findings so far, by code and severity. */
  readonly counts: Float64Array;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#ints = new Int32Array(buffer, 0, intCount);
    this.#floats = new Float64Array(buffer, 4 * intCount, floatCount);
    this.kept = this.#ints.subarray(ints.kept, keptEnd);
    this.counts = this.#floats.subarray(floats.counts);
  }

  takeNext(): number {
    return Atomics.add(this.#ints, ints.next, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#ints, ints.stop) !== 0;
  }

  /** Tells all workers of the file to stop as soon as they can. */
  stop(): void {
    Atomics.store(this.#ints, ints.stop, 1);
    Atomics.notify(this.#ints, ints.turn);
  }

  /** Waits until all stretches before this one are added up; false where the file was stopped. */
  waitForTurn(stretch: number): boolean {
    for (;;) {
      if (this.stopped) return false;
      const turn = Atomics.load(this.#ints, ints.turn);
      if (turn === stretch) return true;
      Atomics.wait(this.#ints, ints.turn, turn, 20);
    }
  }

  endTurn(stretch: number): void {
    Atomics.store(this.#ints, ints.turn, stretch + 1);
    Atomics.notify(this.#ints, ints.turn);
  }

  /** True for the first caller only. */
  claimNotUtf8(): boolean {
    return Atomics.exchange(this.#ints, ints.notUtf8, 1) === 0;
  }

  /** Adds a custom name by its hash and returns how many there are then; 0 where it was there. Counts no further than 512. */
  addName(high: number, low: number): number {
    const data = this.#ints;
    const count = data[ints.names]!;
    for (let at = keptEnd; at < keptEnd + 2 * count; at += 2) {
      if (data[at] === high && data[at + 1] === low) return 0;
    }
    if (count === mostNames) return 0;
    data[keptEnd + 2 * count] = high;
    data[keptEnd + 2 * count + 1] = low;
    return (data[ints.names] = count + 1);
  }

  get lines(): number {
    return this.#floats[floats.lines]!;
  }

  get records(): number {
    return this.#floats[floats.records]!;
  }

  /** Bytes judged, for progress. */
  get bytes(): number {
    return this.#floats[floats.bytes]!;
  }

  /** Where in the file the last record ended that was judged. */
  get consumed(): number {
    return this.#floats[floats.consumed]!;
  }

  set consumed(offset: number) {
    this.#floats[floats.consumed] = offset;
  }

  /** Adds up a stretch. */
  add(lines: number, records: number, bytes: number, counts: Float64Array, kept: Int32Array): void {
    const all = this.#floats;
    all[floats.lines]! += lines;
    all[floats.records]! += records;
    all[floats.bytes]! += bytes;
    for (let index = 0; index < counts.length; index++) {
      if (counts[index] !== 0) this.counts[index]! += counts[index]!;
    }
    for (let index = 0; index < kept.length; index++) {
      if (kept[index] !== 0) this.kept[index]! += kept[index]!;
    }
  }
}
