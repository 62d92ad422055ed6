import { ruleCount } from '../engine/abi.ts';

/** Offsets of 32-bit numbers. Those that are waited for have their own cache lines. */
const int = {
  next: 0,
  stop: 1,
  workerCount: 2,
  notUtf8: 3,
  joined: 4,
  step: 5,
  arrived: 6,
  spillFile: 7,
  spillBlocks: 8,
  spillFailure: 9,
  turn: 16,
  closed: 32,
  kept: 48,
} as const;
/** States of a task that one worker does for all. */
const none = 0;
const claimed = 1;
const done = 2;
/** Instead of the number of a step: the one before could not begin. */
const refused = -1;
const spillFailures = ['forbidden', 'full', 'failed'] as const;

/** Why a block couldn't be spilled. */
export type SpillFailure = (typeof spillFailures)[number];

/** Milliseconds that a wait sleeps before it checks whether the validation was stopped. */
const pollTime = 20;
/** How often a turn is polled before sleeping: sleeping and waking take longer than most turns. */
const spinCount = 2000;
const keptEnd = int.kept + 3 * ruleCount;
/** Offsets of the 64-bit numbers after them. */
const float = { lines: 0, records: 1, bytes: 2, consumed: 3, counts: 4 } as const;
const floatStart = (4 * keptEnd + 63) & ~63;

/**
 * State shared by the workers of one file. They take numbered chunks (`next`), read them in parallel, and then add their
 * findings to the totals in file order. Only the worker whose turn it is touches anything that isn't marked as atomic.
 */
export class SharedState {
  static readonly bytes = floatStart + 8 * (float.counts + 3 * ruleCount);
  /** Findings so far, by code and severity. */
  readonly counts: Float64Array;
  /** The address of the numbers of kept details, by code and severity. */
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

  /** Starts a file. */
  clear(): void {
    this.#ints.fill(0);
    this.#floats.fill(0);
  }

  /** The caller's index among the workers of the file. Atomic. */
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

  /** Stops all workers of the file as soon as possible. Atomic. */
  stop(): void {
    Atomics.store(this.#ints, int.stop, 1);
    for (const index of [int.turn, int.closed, int.step, int.spillFile]) Atomics.notify(this.#ints, index);
  }

  /** Waits until all previous chunks are settled; false if the validation was stopped. */
  waitForTurn(chunk: number): boolean {
    for (let spin = 0; spin < spinCount; spin++)
      if (Atomics.load(this.#ints, int.turn) === chunk) return !this.stopped;
    return this.#waitUntil(int.turn, (turn) => turn === chunk);
  }

  endTurn(chunk: number): void {
    Atomics.store(this.#ints, int.turn, chunk + 1);
    Atomics.notify(this.#ints, int.turn);
  }

  /** Call in each worker before its first chunk; then `leave` if it got none, or `closeAndWait`. Atomic. */
  join(): void {
    Atomics.add(this.#ints, int.joined, 1);
  }

  leave(): void {
    Atomics.sub(this.#ints, int.joined, 1);
    Atomics.notify(this.#ints, int.closed);
  }

  /** Waits until all chunks are settled and every worker that had one has published its facts; false if stopped. */
  closeAndWait(chunks: number): boolean {
    Atomics.add(this.#ints, int.closed, 1);
    Atomics.notify(this.#ints, int.closed);
    const isSettled = this.#waitUntil(int.turn, (turn) => turn === chunks);
    return (
      isSettled && this.#waitUntil(int.closed, (closed) => closed === Atomics.load(this.#ints, int.joined))
    );
  }

  /** The same for a single worker that reads everything. */
  closeAlone(): void {
    Atomics.store(this.#ints, int.closed, 1);
  }

  /**
   * Waits for all workers that have closed. The last one calls `begin` before any of them continues; false if that failed or the
   * validation was stopped.
   */
  meet(begin: () => boolean): boolean {
    const step = Atomics.load(this.#ints, int.step);
    if (Atomics.add(this.#ints, int.arrived, 1) + 1 === Atomics.load(this.#ints, int.closed)) {
      Atomics.store(this.#ints, int.arrived, 0);
      Atomics.store(this.#ints, int.step, begin() ? step + 1 : refused);
      Atomics.notify(this.#ints, int.step);
    }
    const hasBegun = this.#waitUntil(int.step, (now) => now !== step);
    return hasBegun && Atomics.load(this.#ints, int.step) !== refused;
  }

  #waitUntil(index: number, isReached: (value: number) => boolean): boolean {
    for (;;) {
      if (this.stopped) return false;
      const value = Atomics.load(this.#ints, index);
      if (isReached(value)) return true;
      Atomics.wait(this.#ints, index, value, pollTime);
    }
  }

  /**
   * The descriptor of the spill file. The first caller has it opened by `open`, which later leads to `setSpillDescriptor` in the thread
   * that closes it: descriptors are valid in all threads, but a thread can end at any time. `undefined` if it can't be opened, or the
   * validation was stopped.
   */
  spillDescriptor(open: () => void): number | undefined {
    if (Atomics.compareExchange(this.#ints, int.spillFile, none, claimed) === none) open();
    for (;;) {
      const known = Atomics.load(this.#ints, int.spillFile);
      if (known > claimed) return known - done;
      if (known < none || this.stopped) return undefined;
      Atomics.wait(this.#ints, int.spillFile, claimed, pollTime);
    }
  }

  /** `undefined`: it couldn't be opened. */
  setSpillDescriptor(descriptor: number | undefined): void {
    Atomics.store(this.#ints, int.spillFile, descriptor === undefined ? -1 : descriptor + done);
    Atomics.notify(this.#ints, int.spillFile);
  }

  /** Removes the descriptor so that the caller can close it; `undefined` if there is none. */
  takeSpillDescriptor(): number | undefined {
    const known = Atomics.exchange(this.#ints, int.spillFile, none);
    return known > claimed ? known - done : undefined;
  }

  takeSpillBlock(): number {
    return Atomics.add(this.#ints, int.spillBlocks, 1);
  }

  /** Why something couldn't be spilled; `undefined` if everything could. */
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

  /** Bytes validated, for progress. */
  get bytes(): number {
    return this.#floats[float.bytes]!;
  }

  /** The file offset of the end of the last settled record. */
  get consumed(): number {
    return this.#floats[float.consumed]!;
  }

  set consumed(offset: number) {
    this.#floats[float.consumed] = offset;
  }

  /** Adds a part of the file to the totals. */
  add(lines: number, records: number, bytes: number, counts: Uint32Array, kept: Uint32Array): void {
    const all = this.#floats;
    all[float.lines]! += lines;
    all[float.records]! += records;
    all[float.bytes]! += bytes;
    for (let index = 0; index < counts.length; index++) this.counts[index]! += counts[index]!;
    for (let index = 0; index < kept.length; index++) this.#kept[index]! += kept[index]!;
  }
}
