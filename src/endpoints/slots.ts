import type { Attribute, Form } from './attributes.ts';

/** Forms as numbers, for switches in hot loops. `ignored` is what is unknown: not judged, and not counted as present. */
export const formCode = {
  text: 0,
  address: 1,
  channelType: 2,
  optOut: 3,
  country: 4,
  locale: 5,
  timezone: 6,
  latitude: 7,
  longitude: 8,
  date: 9,
  number: 10,
  id: 11,
  userId: 12,
  responseOnly: 13,
  ignored: 14,
} as const satisfies Record<Form | 'ignored', number>;

/** How a value was written. */
export const leafFlag = {
  /** The value is between quotes, which stand one byte before and behind it. */
  quoted: 1,
  /** A CSV value with doubled quotes. */
  doubledQuotes: 2,
  /** A JSON string with backslashes. */
  backslashes: 4,
  /** A value of the wrong type: reported already, present, but not judged. */
  wrongType: 8,
} as const;

/** What the values of one place of a record are judged by: a column of a CSV file or a member in NDJSON. */
export class Slots {
  forms = new Uint8Array(64);
  limits = new Int32Array(64);
  /** Columns or members with several values belong to one group; -1 where there is only one value. */
  groups = new Int32Array(64);
  names: string[] = [];
  groupCount = 0;

  get count(): number {
    return this.names.length;
  }

  /** Adds a place and returns its number. `name` is what messages call it, `group` the number that `newGroup` gave. */
  add(attribute: Attribute | undefined, name: string, group = -1): number {
    const slot = this.names.length;
    if (slot === this.forms.length) {
      this.forms = grown(this.forms, new Uint8Array(2 * slot));
      this.limits = grown(this.limits, new Int32Array(2 * slot));
      this.groups = grown(this.groups, new Int32Array(2 * slot));
    }
    this.names.push(name);
    this.forms[slot] = attribute === undefined ? formCode.ignored : formCode[attribute.form];
    this.limits[slot] = attribute?.maxLength ?? 0x7fffffff;
    this.groups[slot] = group;
    return slot;
  }

  newGroup(): number {
    return this.groupCount++;
  }
}

/** The values of the record under judgement, in the order in which they were written. */
export class Leaves {
  slots = new Int32Array(64);
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  flags = new Uint8Array(64);

  get capacity(): number {
    return this.slots.length;
  }

  /** Makes room for `capacity` values, keeping those that are there. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const size = Math.max(capacity, 2 * this.capacity);
    this.slots = grown(this.slots, new Int32Array(size));
    this.starts = grown(this.starts, new Int32Array(size));
    this.ends = grown(this.ends, new Int32Array(size));
    this.flags = grown(this.flags, new Uint8Array(size));
  }
}

function grown<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
