/** The engine's exports for the rules across records: see src/endpoints/engine/ledger.ts. Globals are counts. */
export interface LedgerExports {
  readonly foundAddresses: { value: number };
  readonly foundIds: { value: number };
  readonly foundUsers: { value: number };
  applyRules(start: number): number;
  beginRules(cap: number): number;
  beginStep(step: number): number;
  blockAt(number: number): number;
  closeBlocks(): void;
  factsOfFile(): number;
  firstLost(): number;
  findUsers(start: number): number;
  groupPartition(step: number): number;
  joinStep(step: number): void;
  ledgerBytes(): number;
  logHead(worker: number, isInFile: boolean): number;
}

/** Storage for blocks beyond the memory budget. */
export interface Spill {
  /** Returns the number of the block in the file, or -1 if it can't be written. */
  write(block: Uint8Array): number;
  read(number: number, to: Uint8Array): void;
}

/** A record that breaks a rule across records, and the first one with the same value, by ordinals. */
export interface Repetition {
  readonly ordinal: number;
  readonly first: number;
}

/** The findings of one rule across records: the true total, and the first ones. */
export interface Repetitions {
  readonly count: number;
  readonly first: readonly Repetition[];
}

/** The rules across records, in the engine's order. */
export const acrossRules = ['id-duplicate', 'address-duplicate', 'too-many-endpoints-per-user'] as const;

/** A range in a file; lines and columns are 1-based. */
interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The ranges of a record's Id, address and user, if it has them. */
export interface RecordRanges {
  readonly line: number;
  readonly values: readonly (Range | undefined)[];
}

/** Bytes of memory at an address, even if memory has grown in the meantime. */
export function bytesOf(memory: WebAssembly.Memory, start: number, length: number): Uint8Array {
  // If another thread has enlarged the memory, the new part becomes visible only after this call.
  if (memory.buffer.byteLength < start + length) memory.grow(0);
  return new Uint8Array(memory.buffer, start, length);
}

// The fields of a block: see src/endpoints/engine/ledger.ts.
const blockPrevious = 0;
const blockFirst = 4;
const blockLast = 8;
const blockUsed = 12;
const blockHeader = 16;

/** The steps of grouping: counting, then noting the repetitions of Ids, of addresses and of users. */
const groupingSteps = 4;

/** Groups the facts of a file, and reads the findings. */
export class Ledger {
  readonly #exports: LedgerExports;
  readonly #memory: WebAssembly.Memory;

  constructor(exports: LedgerExports, memory: WebAssembly.Memory) {
    this.#exports = exports;
    this.#memory = memory;
  }

  /** Publishes this worker's facts. */
  close(): void {
    this.#exports.closeBlocks();
  }

  /**
   * Groups, alongside other workers, once all have closed; false if memory is short or the validation was stopped. `meet` waits for
   * all workers, and has one of them call its argument before any of them continues.
   */
  group(meet: (begin: () => boolean) => boolean): boolean {
    for (let step = 0; step < groupingSteps; step++) {
      if (!meet(() => this.#exports.beginStep(step) !== 0)) return false;
      this.#exports.joinStep(step);
      while (this.#exports.groupPartition(step) !== 0);
    }
    return true;
  }

  /** The number of records with a value to compare. */
  get records(): number {
    return this.#exports.factsOfFile();
  }

  /** Bytes of memory that comparing the records took. */
  get bytes(): number {
    return this.#exports.ledgerBytes();
  }

  /** The ordinal of the first record that couldn't be stored, or -1. */
  get firstLost(): number {
    return this.#exports.firstLost();
  }

  /** The findings of the rules, in the order of `acrossRules`; at most `cap` records of each. */
  applyRules(cap: number): readonly Repetitions[] | undefined {
    const found = this.#exports.beginRules(cap);
    if (found === 0) return undefined;
    for (let next = 0; next >= 0;) next = this.#exports.findUsers(next);
    for (let next = 0; next >= 0;) next = this.#exports.applyRules(next);
    const { foundIds, foundAddresses, foundUsers } = this.#exports;
    const kept = Math.min(cap, this.#exports.factsOfFile());
    const words = viewOf(bytesOf(this.#memory, found, 24 * kept));
    return [foundIds, foundAddresses, foundUsers].map(({ value }, rule) => {
      const count = value >>> 0;
      const first = Array.from({ length: Math.min(count, kept) }, (_, index) => ({
        ordinal: words.getUint32(8 * (rule * kept + index), true),
        first: words.getUint32(8 * (rule * kept + index) + 4, true),
      }));
      return { count, first };
    });
  }

  /** The ranges of records by ordinal, except those that couldn't be logged. */
  places(ordinals: ReadonlySet<number>, workers: number): ReadonlyMap<number, RecordRanges> {
    const places = new Map<number, RecordRanges>();
    if (ordinals.size === 0) return places;
    const sorted = Uint32Array.from(ordinals).sort();
    for (let worker = 0; worker < workers; worker++) {
      for (const isInFile of [false, true]) this.#readChain(worker, isInFile, sorted, ordinals, places);
    }
    return places;
  }

  #readChain(
    worker: number,
    isInFile: boolean,
    sorted: Uint32Array,
    ordinals: ReadonlySet<number>,
    places: Map<number, RecordRanges>,
  ): void {
    for (let number = this.#exports.logHead(worker, isInFile); number !== -1;) {
      const block = this.#exports.blockAt(number);
      const header = viewOf(bytesOf(this.#memory, block, blockHeader));
      const first = header.getUint32(blockFirst, true);
      const last = header.getUint32(blockLast, true);
      if (hasBetween(sorted, first, last)) {
        const log = bytesOf(this.#memory, block, header.getUint32(blockUsed, true)).subarray(blockHeader);
        readLog(log, ordinals, places);
      }
      number = header.getInt32(blockPrevious, true);
    }
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** True if a sorted number is within `first` and `last`. */
function hasBetween(sorted: Uint32Array, first: number, last: number): boolean {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < first) from = middle + 1;
    else to = middle;
  }
  return from < sorted.length && sorted[from]! <= last;
}

/** Reads a block of the log: the ranges of the wanted records. */
function readLog(log: Uint8Array, wanted: ReadonlySet<number>, places: Map<number, RecordRanges>): void {
  let at = 0;
  const take = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = log[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  let line = 0;
  let ordinal = -1;
  /** The starts of the last values. */
  const starts = [0, 0, 0];
  while (at < log.length) {
    const head = take();
    line += Math.floor(head / 32);
    ordinal++;
    if ((head & 16) !== 0) {
      ordinal = take();
      line = take();
    }
    const base = line;
    const values = starts.map((before, kind): Range | undefined => {
      if ((head & (1 << kind)) === 0) return undefined;
      if ((head & 8) === 0) {
        const zigzag = take();
        const start = before + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
        starts[kind] = start;
        return { line: base, column: start + 1, endLine: base, endColumn: start + 1 + take() };
      }
      const [startLine, column, endLine, endColumn] = [take(), take(), take(), take()] as const;
      return {
        line: base + startLine,
        column: column + 1,
        endLine: base + endLine,
        endColumn: endColumn + 1,
      };
    });
    if (wanted.has(ordinal)) places.set(ordinal, { line, values });
  }
}
