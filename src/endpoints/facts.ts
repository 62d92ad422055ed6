/** One record's entry in `Facts`: fields of an Int32Array. A fact that the record does not have has an end of 0. */
export const fact = {
  line: 0,
  lineStart: 1,
  id: 2,
  address: 6,
  user: 10,
  width: 14,
} as const;

/** Fields of one fact: where the value stands, quotes included, and its hash of 64 bits. */
export const factField = { start: 0, end: 1, high: 2, low: 3 } as const;

/**
 * What the rules that look across records need to know of each record of a stretch: hashes and places
 * of its Id, its channel and address, and its user.
 */
export class Facts {
  data = new Int32Array(256 * fact.width);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Makes room for one more and returns its offset in `data`; its fields are all 0. */
  add(): number {
    const offset = this.count * fact.width;
    if (offset === this.data.length) {
      const data = new Int32Array(2 * offset);
      data.set(this.data);
      this.data = data;
    } else {
      this.data.fill(0, offset, offset + fact.width);
    }
    this.count++;
    return offset;
  }
}
