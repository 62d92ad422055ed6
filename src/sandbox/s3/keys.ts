/** Values by key. Keys are in S3's order: that of their UTF-8 bytes. */
export class KeyIndex<Value> {
  readonly #values = new Map<string, Value>();
  /** Created on first use, so that loading many keys sorts once. */
  #sorted: string[] | undefined;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#sorted !== undefined && !this.#values.has(key)) this.#sorted.splice(this.from(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#sorted?.splice(this.from(key), 1);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  /** The key at a position; positions are valid until a key is added or deleted. */
  at(position: number): string | undefined {
    return this.#keys()[position];
  }

  /** Position of the first key at or after `key`. */
  from(key: string): number {
    return this.#search((other) => compareKeys(other, key) >= 0);
  }

  /** Position of the first key after `key`. */
  after(key: string): number {
    return this.#search((other) => compareKeys(other, key) > 0);
  }

  /** Position of the first key after all that begin with `prefix`. */
  afterPrefix(prefix: string): number {
    return this.#search((other) => compareKeys(other.slice(0, prefix.length), prefix) > 0);
  }

  /** Position of the first key for which `isBeyond` holds. */
  #search(isBeyond: (key: string) => boolean): number {
    const keys = this.#keys();
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBeyond(keys[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #keys(): string[] {
    return (this.#sorted ??= [...this.#values.keys()].sort(compareKeys));
  }
}

/** Compares strings by their UTF-8 bytes. UTF-16 differs only for surrogates, which it sorts before U+E000 and up. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
