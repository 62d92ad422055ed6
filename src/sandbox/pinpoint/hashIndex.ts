const absent = -2;
const end = -1;
const none: readonly number[] = [];

/**
 * Finds small integers by the hash of a key: chains in typed arrays, some 12 bytes per entry, so that millions of endpoints fit.
 * Keys may share a hash, so callers compare the keys. The index contains an entry at most once.
 */
export class HashIndex {
  #heads = new Int32Array(1024).fill(end);
  #next = new Int32Array(1024).fill(absent);
  #hashes = new Uint32Array(1024);

  add(hash: number, entry: number): void {
    if (entry >= this.#next.length) this.#grow(entry);
    const bucket = hash & (this.#heads.length - 1);
    this.#hashes[entry] = hash;
    this.#next[entry] = this.#heads[bucket]!;
    this.#heads[bucket] = entry;
  }

  remove(entry: number): void {
    if (entry >= this.#next.length || this.#next[entry] === absent) return;
    const bucket = this.#hashes[entry]! & (this.#heads.length - 1);
    const next = this.#next[entry]!;
    if (this.#heads[bucket] === entry) this.#heads[bucket] = next;
    else {
      let before = this.#heads[bucket]!;
      while (this.#next[before] !== entry) before = this.#next[before]!;
      this.#next[before] = next;
    }
    this.#next[entry] = absent;
  }

  /** The entries with exactly this hash, unordered. */
  find(hash: number): readonly number[] {
    let found: number[] | undefined;
    for (
      let entry = this.#heads[hash & (this.#heads.length - 1)]!;
      entry !== end;
      entry = this.#next[entry]!
    ) {
      if (this.#hashes[entry] === hash) (found ??= []).push(entry);
    }
    return found ?? none;
  }

  #grow(entry: number): void {
    const size = 2 ** Math.ceil(Math.log2(entry + 1));
    const next = new Int32Array(size).fill(absent);
    const hashes = new Uint32Array(size);
    hashes.set(this.#hashes);
    const heads = new Int32Array(size).fill(end);
    for (let at = 0; at < this.#next.length; at++) {
      if (this.#next[at] === absent) continue;
      const bucket = hashes[at]! & (size - 1);
      next[at] = heads[bucket]!;
      heads[bucket] = at;
    }
    this.#next = next;
    this.#hashes = hashes;
    this.#heads = heads;
  }
}

/** FNV-1a over the UTF-16 code units: 32 bits, unsigned. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
