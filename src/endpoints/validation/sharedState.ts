import { ruleCount } from '../engine/abi.ts';

/** Offsets of numbers of 32 bits. What is waited for is in cache lines of its own. */
const int = {
  next: 0,
  stop: 1,
  workerCount: 2,
  notUtf8: 3,
  joined: 4,
  grouping: 5,
  spillFile: 6,
  spillBlocks: 7,
  spillFailure: 8,
  turn: 16,
  closed: 32,
  kept: 48,
} as const;
/** Of something that one worker does for all of them. */
const none = 0;
const claimed = 1;
const done = 2;
const refused = 3;
const spillFailures = ['forbidden', 'full', 'failed'] as const;

/** Why blocks could not be spilled. */
export type SpillFailure = (typeof spillFailures)[number];

/** How long a wait sleeps before it looks whether the file was stopped, in milliseconds. */
const pollTime = 20;
/** How often a turn is looked for before sleeping: going to sleep and waking up takes longer than most turns. */
const spinCount = 2000;
const keptEnd = int.kept + 3 * ruleCount;
/** Offsets of numbers of 64 bits, behind them. */
const float = { lines: 0, records: 1, bytes: 2, consumed: 3, counts: 4 } as const;
const floatStart = (4 * keptEnd + 63) & ~63;

/**
 * What the workers of one file share. They take chunks of the file by number (`next`), read them at the same time,
 * and then, in the order of the file, add what they found to what was found before. Only the worker whose turn it is
 * touches anything else than what is named here as atomic.
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
    for (const index of [int.turn, int.closed, int.grouping]) Atomics.notify(this.#ints, index);
  }

  /** Waits until all chunks before this one are settled; false where the file was stopped. */
  waitForTurn(chunk: number): boolean {
    for (let spin = 0; spin < spinCount; spin++)
      if (Atomics.load(this.#ints, int.turn) === chunk) return !this.stopped;
    return this.#waitUntil(int.turn, (turn) => turn === chunk);
  }

  endTurn(chunk: number): void {
    Atomics.store(this.#ints, int.turn, chunk + 1);
    Atomics.notify(this.#ints, int.turn);
  }

  /** To be called by each worker before it takes its first chunk; then `leave`, if it got none, or `closeAndWait`. Atomic. */
  join(): void {
    Atomics.add(this.#ints, int.joined, 1);
  }

  leave(): void {
    Atomics.sub(this.#ints, int.joined, 1);
    Atomics.notify(this.#ints, int.closed);
  }

  /** Waits until all chunks are settled and each worker that had one has closed what it keeps; false where the file was stopped. */
  closeAndWait(chunks: number): boolean {
    Atomics.add(this.#ints, int.closed, 1);
    Atomics.notify(this.#ints, int.closed);
    const isSettled = this.#waitUntil(int.turn, (turn) => turn === chunks);
    return (
      isSettled && this.#waitUntil(int.closed, (closed) => closed === Atomics.load(this.#ints, int.joined))
    );
  }

  /** Has one of the workers begin the grouping; false where that is refused, or the file was stopped. */
  beginGrouping(begin: () => boolean): boolean {
    if (Atomics.compareExchange(this.#ints, int.grouping, none, claimed) === none) {
      Atomics.store(this.#ints, int.grouping, begin() ? done : refused);
      Atomics.notify(this.#ints, int.grouping);
    }
    const isOver = this.#waitUntil(int.grouping, (phase) => phase !== claimed);
    return isOver && Atomics.load(this.#ints, int.grouping) === done;
  }

  #waitUntil(index: number, isReached: (value: number) => boolean): boolean {
    for (;;) {
      if (this.stopped) return false;
      const value = Atomics.load(this.#ints, index);
      if (isReached(value)) return true;
      Atomics.wait(this.#ints, index, value, pollTime);
    }
  }

  /** The file that blocks are spilled to, which the first caller opens. Descriptors are those of the whole process. */
  spillDescriptor(open: () => number): number {
    for (;;) {
      const known = Atomics.compareExchange(this.#ints, int.spillFile, none, claimed);
      if (known > claimed) return known - done;
      if (known === claimed) {
        Atomics.wait(this.#ints, int.spillFile, claimed, pollTime);
        continue;
      }
      let descriptor: number | undefined;
      try {
        descriptor = open();
        return descriptor;
      } finally {
        Atomics.store(this.#ints, int.spillFile, descriptor === undefined ? none : descriptor + done);
        Atomics.notify(this.#ints, int.spillFile);
      }
    }
  }

  /** Takes that file away, to close it; `undefined` where there is none. */
  takeSpillDescriptor(): number | undefined {
    const known = Atomics.exchange(this.#ints, int.spillFile, none);
    return known > claimed ? known - done : undefined;
  }

  takeSpillBlock(): number {
    return Atomics.add(this.#ints, int.spillBlocks, 1);
  }

  /** Why something could not be spilled; `undefined` where everything could. */
  get spillFailure(): SpillFailure | undefined {
    return spillFailures[Atomics.load(this.#ints, int.spillFailure) - 1];
  }

  setSpillFailure(failure: SpillFailure): void {
    Atomics.store(this.#ints, int.spillFailure, 1 + spillFailures.indexOf(failure));
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

  /** Where in the file the last record ended that was settled. */
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
