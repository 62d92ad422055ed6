/** The kinds of facts that are remembered across records. */
export const ledgerKind = { id: 0, address: 1, user: 2 } as const;
const kinds = 3;

/** Bytes behind the tag of an entry, by kind: the first holds bits of the hash, see `#checkMask`. */
const extraBytes = [1, 2, 1] as const;
/** Which bits of the first extra byte belong to the hash. A user's other five bits count its endpoints. */
const checkMask = [0xff, 0xff, 0xe0] as const;

const mostLevels = 24;
/** Fields of a level: where its tags and its extra bytes are, how many entries fit and how many there are. */
const level = { tags: 0, extras: 1, capacity: 2, used: 3, width: 4 } as const;
/** Header: bytes used, then for each kind the number of levels, whether it is full, and the levels. */
const kindWidth = 2 + mostLevels * level.width;
const headerInts = 1 + kinds * kindWidth;

const mostLoad = 0.8;

/** What a ledger answers where it has no room for a new entry. */
export const full = -1;

/**
 * Remembers which values there were, in bounded memory that several threads may share, one at a time.
 *
 * A value is kept as 32 bits of its hash in an open-addressing table whose place in the table makes for 22 more, and
 * 8 more bits in a second array (3 for users): with 5 million Ids the chance of taking two for one is about 1 in 20,000 for a whole file.
 * A table that is full is followed by a larger one, until the memory is used up.
 */
export class Ledger {
  /** True where the last `claim` found the value, false where it was new. */
  found = false;
  readonly #ints: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #firstCapacity: number;

  /** `firstCapacity`: the number of values to expect, or a small number where that is not known. */
  constructor(buffer: ArrayBufferLike, firstCapacity: number) {
    this.#ints = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.#bytes = new Uint8Array(buffer);
    this.#firstCapacity = firstCapacity;
    if (this.#ints[0] === 0) this.#ints[0] = headerInts * 4;
  }

  /** Bytes that a ledger needs for this many values of each kind. */
  static bytesFor(values: number): number {
    return headerInts * 4 + kinds * 64 + Math.ceil((values + 64) / mostLoad) * (5 + 6 + 5);
  }

  /** Says once for each kind that it is full. */
  sayFull(kind: number): boolean {
    const at = 1 + kind * kindWidth + 1;
    const first = this.#ints[at] === 0;
    this.#ints[at] = 1;
    return first;
  }

  /** The extra bits of an entry that `claim` returned. */
  extra(entry: number): number {
    return this.#bytes[entry]!;
  }

  setExtra(entry: number, value: number): void {
    this.#bytes[entry] = value;
  }

  /**
   * Looks a hash up and adds it where it is new: `found` says which. Returns where the entry's first extra byte is,
   * or `full` where it is new and there is no room.
   */
  claim(kind: number, high: number, low: number): number {
    const ints = this.#ints;
    const bytes = this.#bytes;
    const header = 1 + kind * kindWidth;
    const width = extraBytes[kind]!;
    const mask = checkMask[kind]!;
    const tag = low === 0 ? 1 : low;
    const check = high & mask;
    const place = (high >>> 0) / 4294967296;
    const levels = ints[header]!;
    let at = 0;
    let last = 0;
    for (let index = 0; index < levels; index++) {
      last = header + 2 + index * level.width;
      const capacity = ints[last + level.capacity]!;
      const tags = ints[last + level.tags]!;
      const extras = ints[last + level.extras]!;
      at = Math.floor(place * capacity);
      for (let other = ints[tags + at]!; other !== 0; other = ints[tags + at]!) {
        if (other === tag && (bytes[extras + at * width]! & mask) === check) {
          this.found = true;
          return extras + at * width;
        }
        if (++at === capacity) at = 0;
      }
    }
    this.found = false;
    if (levels === 0 || ints[last + level.used]! >= ints[last + level.capacity]! * mostLoad) {
      last = this.#addLevel(kind);
      if (last < 0) return full;
      at = Math.floor(place * ints[last + level.capacity]!);
    }
    ints[last + level.used]!++;
    ints[ints[last + level.tags]! + at] = tag;
    const entry = ints[last + level.extras]! + at * width;
    bytes[entry] = check;
    return entry;
  }

  #addLevel(kind: number): number {
    const ints = this.#ints;
    const header = 1 + kind * kindWidth;
    const levels = ints[header]!;
    if (levels === mostLevels) return -1;
    const used = ints[0]!;
    const width = 4 + extraBytes[kind]!;
    const previous = levels === 0 ? 0 : ints[header + 2 + (levels - 1) * level.width + level.capacity]!;
    const room = Math.floor((this.#bytes.length - used - 64) / width);
    const wanted = previous === 0 ? Math.ceil(this.#firstCapacity / mostLoad) : 2 * previous;
    const capacity = Math.min(Math.max(64, wanted), room);
    if (capacity < 64) return -1;
    const at = header + 2 + levels * level.width;
    ints[at + level.tags] = used >> 2;
    ints[at + level.extras] = used + 4 * capacity;
    ints[at + level.capacity] = capacity;
    ints[at + level.used] = 0;
    ints[0] = (used + width * capacity + 3) & ~3;
    ints[header] = levels + 1;
    return at;
  }
}
