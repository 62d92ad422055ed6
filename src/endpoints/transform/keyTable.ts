const pageBits = 16;
const pageSize = 1 << pageBits;

/** A growing list of signed 32-bit numbers, paged so that it is never copied as a whole. */
export class Numbers {
  readonly #pages: Int32Array[] = [];

  get(index: number): number {
    return this.#pages[index >>> pageBits]?.[index & (pageSize - 1)] ?? 0;
  }

  set(index: number, value: number): void {
    while (index >>> pageBits >= this.#pages.length) this.#pages.push(new Int32Array(pageSize));
    this.#pages[index >>> pageBits]![index & (pageSize - 1)] = value;
  }
}

/** A 64-bit hash of a sequence of texts, in two halves. */
export class Hash {
  low = 0;
  high = 0;

  reset(seed: number): this {
    this.low = seed ^ 0x9e3779b1;
    this.high = Math.imul(seed, 0x27d4eb2f) ^ 0x165667b1;
    return this;
  }

  /** Adds a text and a terminator, so that `ab`, `c` differs from `a`, `bc`. */
  add(text: string): this {
    let { low, high } = this;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      low = Math.imul(low ^ code, 0x85ebca77);
      low = (low << 13) | (low >>> 19);
      high = Math.imul((high + code) | 0, 0xc2b2ae3d);
      high ^= high >>> 15;
    }
    this.low = Math.imul(low ^ text.length, 0x85ebca77);
    this.high = Math.imul((high + text.length + 1) | 0, 0xc2b2ae3d);
    return this;
  }

  /** Mixes both halves (the finalizers of MurmurHash3 and xxHash, each fed with the other half). */
  finish(): this {
    let low = this.low ^ (this.high >>> 7);
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
    low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    let high = (this.high + low) | 0;
    high = Math.imul(high ^ (high >>> 15), 0x85ebca77);
    high = Math.imul(high ^ (high >>> 13), 0xc2b2ae3d);
    this.low = low ^ (low >>> 16);
    this.high = high ^ (high >>> 16);
    return this;
  }
}

const shardCount = 64;

/**
 * Numbers keys from 0 in order of appearance. Keys are 64-bit hashes; keys with the same hash count as one, which among
 * ten million keys happens in about 1 of 400,000 files. Memory: 8 bytes per key plus 5 to 11 for its slot.
 */
export class KeyTable {
  size = 0;
  readonly #lows = new Numbers();
  readonly #highs = new Numbers();
  /** Many small tables, so that growing one is quick. */
  readonly #shards = Array.from({ length: shardCount }, () => ({ size: 0, slots: new Uint32Array(16) }));

  /** The index of a key, or -1. */
  find(hash: Hash): number {
    const { slots } = this.#shards[hash.high & (shardCount - 1)]!;
    const mask = slots.length - 1;
    for (let at = hash.low & mask; ; at = (at + 1) & mask) {
      // A slot holds a key's index + 1; 0 is empty.
      const key = slots[at]! - 1;
      if (key < 0 || (this.#lows.get(key) === hash.low && this.#highs.get(key) === hash.high)) return key;
    }
  }

  /** The two halves of a key. */
  at(key: number): { readonly low: number; readonly high: number } {
    return { low: this.#lows.get(key), high: this.#highs.get(key) };
  }

  /** Adds a new key and returns its index. */
  add(hash: Hash): number {
    const key = this.size++;
    this.#lows.set(key, hash.low);
    this.#highs.set(key, hash.high);
    const shard = this.#shards[hash.high & (shardCount - 1)]!;
    if (4 * ++shard.size > 3 * shard.slots.length) {
      const old = shard.slots;
      shard.slots = new Uint32Array(2 * old.length);
      for (const slot of old) if (slot > 0) this.#link(shard.slots, slot - 1);
    }
    this.#link(shard.slots, key);
    return key;
  }

  #link(slots: Uint32Array, key: number): void {
    const mask = slots.length - 1;
    let at = this.#lows.get(key) & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = key + 1;
  }
}
