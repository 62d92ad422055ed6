/** Room behind the last byte of a text: the sentinel, and what reading four bytes at once may touch. */
export const slack = 8;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Bytes under judgement. Behind `end` there is room for `slack` bytes and then for values without their escapes,
 * so that a value is always two offsets into one buffer.
 */
export class Text {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Where the text ends. */
  end = 0;
  /** Where the next value without its escapes goes. */
  scratch = 0;

  /** `capacity`: the most bytes of text that fit. */
  constructor(capacity: number) {
    const buffer = new ArrayBuffer(2 * (capacity + slack));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  get capacity(): number {
    return this.bytes.length / 2 - slack;
  }

  /** Sets the end and puts a line feed behind it, so that scans need not ask for the end. */
  finish(end: number): void {
    this.end = end;
    this.bytes[end] = 10;
    this.scratch = end + slack;
  }

  /** The same bytes with more room, in a new buffer. */
  grow(capacity: number): void {
    const old = this.bytes.subarray(0, this.end);
    const buffer = new ArrayBuffer(2 * (capacity + slack));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.bytes.set(old);
  }

  /** The text between two offsets; bytes that are not UTF-8 become U+FFFD. */
  string(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }
}

/** Unicode code points between two offsets of UTF-8. */
export function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = end - start;
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) === 0x80) count--;
  return count;
}

/** UTF-16 code units between two offsets of UTF-8: how editors count columns. */
export function utf16Units(text: Text, start: number, end: number): number {
  const { bytes } = text;
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return text.string(start, end).length;
  return end - start;
}

/** A hash of 32 bits. Reads up to three bytes behind `end`. */
export function hash32(view: DataView, start: number, end: number): number {
  let hash = Math.imul(end - start, 0x9e3779b1);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca77);
    hash ^= hash >>> 15;
  }
  if (at < end) {
    hash = Math.imul(hash ^ (view.getInt32(at, true) & ((1 << ((end - at) << 3)) - 1)), 0x85ebca77);
  }
  return hash ^ (hash >>> 13);
}

/**
 * Two hashes of 32 bits each into `out`, together a hash of 64 bits.
 * `seed` tells kinds of values apart; `ignoreCase` takes A to Z for a to z. Reads up to three bytes behind `end`.
 */
export function hash64(
  view: DataView,
  start: number,
  end: number,
  seed: number,
  ignoreCase: boolean,
  out: Int32Array,
): void {
  let first = Math.imul(end - start, 0x9e3779b1) ^ seed;
  let second = Math.imul(seed, 0x27d4eb2f) + end - start;
  for (let at = start; at < end; at += 4) {
    let word = view.getInt32(at, true);
    if (at + 4 > end) word &= (1 << ((end - at) << 3)) - 1;
    if (ignoreCase) word = lowerCase(word);
    first = Math.imul(first ^ word, 0x85ebca77);
    first = (first << 15) | (first >>> 17);
    second = Math.imul(second + word, 0xc2b2ae3d);
    second ^= second >>> 15;
  }
  // The finishers of MurmurHash3 and of xxHash, each fed with both halves.
  first ^= second >>> 7;
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b);
  first = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  second += first;
  second = Math.imul(second ^ (second >>> 15), 0x85ebca77);
  second = Math.imul(second ^ (second >>> 13), 0xc2b2ae3d);
  out[0] = first ^ (first >>> 16);
  out[1] = second ^ (second >>> 16);
}

/** Four bytes with A to Z turned into a to z, all others as they are. */
function lowerCase(word: number): number {
  const low = word & 0x7f7f7f7f;
  const fromA = low + 0x3f3f3f3f;
  const aboveZ = low + 0x25252525;
  return word | (((fromA & ~aboveZ & ~word & 0x80808080) >>> 2) & 0x20202020);
}

/** A map from byte strings to numbers, without a string for a look-up. Holds `limit` entries at most. */
export class ByteMap {
  readonly #limit: number;
  #size = 0;
  #slots: Int32Array;
  #values: number[] = [];
  #hashes: number[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #pool = new Uint8Array(1024);
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#slots = new Int32Array(64).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  /** The value of the bytes between two offsets, or -1. */
  get(text: Text, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hash32(text.view, start, end);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = slots[at]!;
      if (entry < 0) return -1;
      if (this.#hashes[entry] === hash && this.#equals(entry, text.bytes, start, end))
        return this.#values[entry]!;
    }
  }

  /** Adds bytes that are not there yet; false where the map is full. */
  set(text: Text, start: number, end: number, value: number): boolean {
    if (this.#size >= this.#limit) return false;
    const length = end - start;
    if (this.#used + length > this.#pool.length) {
      const pool = new Uint8Array(2 * (this.#used + length));
      pool.set(this.#pool.subarray(0, this.#used));
      this.#pool = pool;
    }
    this.#pool.set(text.bytes.subarray(start, end), this.#used);
    this.#starts.push(this.#used);
    this.#ends.push(this.#used + length);
    this.#hashes.push(hash32(text.view, start, end));
    this.#values.push(value);
    this.#used += length;
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    else {
      this.#link(this.#size - 1);
      return true;
    }
    for (let entry = 0; entry < this.#size; entry++) this.#link(entry);
    return true;
  }

  #link(entry: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#hashes[entry]! & mask;
    while (this.#slots[at]! >= 0) at = (at + 1) & mask;
    this.#slots[at] = entry;
  }

  #equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.#starts[entry]!;
    if (this.#ends[entry]! - at !== end - start) return false;
    const pool = this.#pool;
    for (let other = start; other < end; other++) if (pool[at++] !== bytes[other]) return false;
    return true;
  }
}

/** A map of the given strings to their values. */
export function byteMapOf(entries: Iterable<readonly [string, number]>, limit = 1 << 30): ByteMap {
  const map = new ByteMap(limit);
  const text = new Text(1024);
  const encoder = new TextEncoder();
  for (const [key, value] of entries) {
    const { written } = encoder.encodeInto(key, text.bytes);
    map.set(text, 0, written, value);
  }
  return map;
}
