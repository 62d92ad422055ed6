/** The kinds of facts that are remembered across records. */
export const ledgerKind = { id: 0, address: 1, user: 2 } as const;
const kinds = 3;

/**
 * A bucket is a cache line: tags of four bytes, then the first extra byte of each entry, then, for addresses, the second.
 * A tag of 0 is a free place.
 */
const bucketBytes = 64;
const entriesOf = [12, 10, 12] as const;
/** Which bits of the first extra byte belong to the hash. A user's other five bits count its endpoints. */
const checkMaskOf = [0xff, 0xff, 0xe0] as const;

const mostLevels = 24;
/** Fields of a level: in ints where its buckets begin, how many there are, and how many entries are in them. */
const level = { start: 0, buckets: 1, used: 2, width: 3 } as const;
/** Header: bytes used, then for each kind the number of levels, whether it is full, and the levels. */
const kindWidth = 2 + mostLevels * level.width;
const headerBytes = Math.ceil((4 * (1 + kinds * kindWidth)) / bucketBytes) * bucketBytes;

const mostLoad = 0.8;

/** What a ledger answers where it has no room for a new entry. */
export const full = -1;

/**
 * Remembers which values there were, in bounded memory that several threads may share, one at a time.
 *
 * A value is kept as 40 bits of its hash (35 of a user's), in a bucket that about 19 more bits choose: among 5 million Ids
 * the chance of taking any two for one is below 1 in 10,000. A table that is full is followed by a larger one, until the memory is used up.
 */
export class Ledger {
  /** True where the last `claim` found the value, false where it was new. */
  found = false;
  /** What `touch` read: only there so that it is read. */
  touched = 0;
  readonly #ints: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #firstCapacity: number;

  /** `firstCapacity`: the number of values to expect, or a small number where that is not known. */
  constructor(buffer: ArrayBufferLike, firstCapacity: number) {
    this.#ints = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.#bytes = new Uint8Array(buffer);
    this.#firstCapacity = firstCapacity;
    if (this.#ints[0] === 0) this.#ints[0] = headerBytes;
  }

  /** Bytes that a ledger needs for this many values of each kind. */
  static bytesFor(values: number): number {
    const buckets = entriesOf.map((entries) => 8 + Math.ceil(values / (entries * mostLoad)));
    return headerBytes + bucketBytes * buckets.reduce((sum, count) => sum + count);
  }

  /** Says once for each kind that it is full. */
  sayFull(kind: number): boolean {
    const at = 1 + kind * kindWidth + 1;
    const first = this.#ints[at] === 0;
    this.#ints[at] = 1;
    return first;
  }

  /** The count in a user's entry that `claim` returned. */
  count(entry: number): number {
    return this.#bytes[entry]! & 0x1f;
  }

  increment(entry: number): void {
    this.#bytes[entry]!++;
  }

  /** The second extra byte of an address's entry that `claim` returned. */
  print(entry: number): number {
    return this.#bytes[entry + entriesOf[ledgerKind.address]]!;
  }

  setPrint(entry: number, value: number): void {
    this.#bytes[entry + entriesOf[ledgerKind.address]] = value;
  }

  /** Reads what `claim` will look at, so that many of them can be fetched from memory at the same time. */
  touch(kind: number, high: number): void {
    const ints = this.#ints;
    const header = 1 + kind * kindWidth;
    const last = header + 2 + (ints[header]! - 1) * level.width;
    if (last < header) return;
    const bucket = Math.floor(((high >>> 0) / 4294967296) * ints[last + level.buckets]!);
    this.touched += ints[ints[last + level.start]! + bucket * 16]!;
  }

  /**
   * Looks a hash up and adds it where it is new: `found` says which. Returns where the entry's first extra byte is,
   * or `full` where it is new and there is no room.
   */
  claim(kind: number, high: number, low: number): number {
    const ints = this.#ints;
    const bytes = this.#bytes;
    const header = 1 + kind * kindWidth;
    const entries = entriesOf[kind]!;
    const mask = checkMaskOf[kind]!;
    const tag = low === 0 ? 1 : low;
    const check = high & mask;
    const place = (high >>> 0) / 4294967296;
    const first = (((low >>> 16) * entries) >>> 16) | 0;
    const levels = ints[header]!;
    let bucket = 0;
    let at = 0;
    let last = 0;
    for (let index = 0; index < levels; index++) {
      last = header + 2 + index * level.width;
      const buckets = ints[last + level.buckets]!;
      const start = ints[last + level.start]!;
      bucket = start + 16 * Math.floor(place * buckets);
      searching: for (;;) {
        at = first;
        for (let left = entries; left > 0; left--) {
          const other = ints[bucket + at]!;
          if (other === 0) break searching;
          if (other === tag) {
            const entry = (bucket + entries) * 4 + at;
            if ((bytes[entry]! & mask) === check) {
              this.found = true;
              return entry;
            }
          }
          if (++at === entries) at = 0;
        }
        bucket += 16;
        if (bucket === start + 16 * buckets) bucket = start;
      }
    }
    this.found = false;
    if (levels === 0 || ints[last + level.used]! >= ints[last + level.buckets]! * entries * mostLoad) {
      last = this.#addLevel(kind);
      if (last < 0) return full;
      bucket = ints[last + level.start]! + 16 * Math.floor(place * ints[last + level.buckets]!);
      at = first;
    }
    ints[last + level.used]!++;
    ints[bucket + at] = tag;
    const entry = (bucket + entries) * 4 + at;
    bytes[entry] = check;
    return entry;
  }

  #addLevel(kind: number): number {
    const ints = this.#ints;
    const header = 1 + kind * kindWidth;
    const levels = ints[header]!;
    if (levels === mostLevels) return -1;
    const used = ints[0]!;
    const previous = levels === 0 ? 0 : ints[header + 2 + (levels - 1) * level.width + level.buckets]!;
    const room = Math.floor((this.#bytes.length - used) / bucketBytes);
    const wanted =
      previous === 0 ? Math.ceil(this.#firstCapacity / (entriesOf[kind]! * mostLoad)) : 2 * previous;
    const buckets = Math.min(Math.max(8, wanted), room);
    if (buckets < 8) return -1;
    const at = header + 2 + levels * level.width;
    ints[at + level.start] = used >> 2;
    ints[at + level.buckets] = buckets;
    ints[at + level.used] = 0;
    ints[0] = used + bucketBytes * buckets;
    ints[header] = levels + 1;
    return at;
  }
}
