import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { responseOnly } from '../attributes.ts';
import type { FileType } from '../finding.ts';
import { Hash, KeyTable, Numbers } from './keyTable.ts';
import type { Name } from './names.ts';
import { nameOf } from './names.ts';
import { Notes } from './notes.ts';
import type { EndpointRecord } from './records.ts';
import { readRecords } from './records.ts';
import { Source } from './source.ts';
import { whileUnchanged } from './transform.ts';

/**
 * What makes two records the same endpoint: `id`, the Id without regard to case (API Reference, Endpoint), or
 * `address`, channel and address together.
 */
export type Identity = 'id' | 'address';

export interface CompareOptions {
  /** Path of the earlier file, CSV or NDJSON, also as gzip. */
  readonly before: string;
  readonly after: string;
  /** By their names where absent. */
  readonly beforeType?: FileType | undefined;
  readonly afterType?: FileType | undefined;
  /** Where absent: `id` if all of the first 1000 records of both files have one. */
  readonly by?: Identity | undefined;
  /** Attributes that make no difference, by dotted path, besides those that `Comparison.ignored` explains. */
  readonly ignore?: readonly string[] | undefined;
  /** The most endpoints of each kind that are listed; default 100. */
  readonly maxExamples?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with bytes read so far and bytes in all, over all passes. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Bytes a read; default 256 KiB. */
  readonly chunkBytes?: number | undefined;
}

/** One of the two files. */
export interface ComparedFile {
  readonly path: string;
  readonly type: FileType;
  readonly records: number;
  /** Records of an endpoint that an earlier line has, too: the last one counts. */
  readonly duplicates: Places;
  /** Records that have not what `by` asks for, and are left out. */
  readonly withoutKey: Places;
}

export interface Places {
  readonly count: number;
  /** The first ones. */
  readonly lines: readonly number[];
}

/** How often an attribute makes the difference. */
export interface AttributeChanges {
  readonly path: string;
  /** Only the later file has a value. */
  readonly added: number;
  /** Only the earlier file has a value. */
  readonly removed: number;
  /** Both have, and they differ. */
  readonly changed: number;
}

/** An endpoint that only one file has. Holds personal data: for the user's eyes, not for logs. */
export interface Example {
  /** Its Id, or its channel and address. */
  readonly key: string;
  readonly line: number;
}

/** An endpoint that differs. Holds personal data, too. */
export interface ChangedExample {
  readonly key: string;
  readonly lineBefore: number;
  readonly lineAfter: number;
  readonly differences: readonly {
    readonly path: string;
    /** Empty: no value. */
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
}

/** What is different in the later of two files. Counts are of endpoints. */
export interface Comparison {
  readonly by: Identity;
  readonly before: ComparedFile;
  readonly after: ComparedFile;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  /** By attribute, the most frequent first. */
  readonly attributes: readonly AttributeChanges[];
  /** How many of the changed endpoints `attributes` counts: all, unless there are very many. */
  readonly attributesOf: number;
  /**
   * Attributes that were left out: those that the caller named; those that exports hold and imports do not read; by
   * `address` the Id; and where one file is an export, what the service fills in and the other file has nowhere.
   */
  readonly ignored: readonly string[];
  /** The first ones of each kind, in the order of their file. */
  readonly examples: {
    readonly added: readonly Example[];
    readonly removed: readonly Example[];
    readonly changed: readonly ChangedExample[];
  };
}

/** What the service gives an endpoint that has none, as exports of fresh imports show. */
const filledIn = ['EffectiveDate', 'OptOut'];
const sampleSize = 1000;
const maxLines = 20;
/** The most that is kept of changed endpoints to count their attributes: two numbers an attribute. */
const maxDetails = 12_000_000;

/**
 * Compares two audience files endpoint by endpoint, whatever their formats and the order of their records.
 *
 * Values are compared as what they mean: numbers by their value, several values of an attribute without regard to
 * order; an empty cell, `null` and an absent member are the same. Memory: some 30 bytes an endpoint of the earlier
 * file, some 15 an endpoint that only the later file has. The earlier file is read twice.
 * Rejects with `bad-input`, `not-found`, `changed`, `disk` or `cancelled`.
 */
export async function compareFiles(options: CompareOptions): Promise<Comparison> {
  let done = 0;
  let total = 0;
  const { signal, chunkBytes } = options;
  const onBytes = (bytes: number): void => {
    done += bytes;
    if (total > 0) options.onProgress?.(Math.min(done, total), total);
  };
  const before = await Source.open(options.before, { type: options.beforeType, signal, chunkBytes, onBytes });
  try {
    const after = await Source.open(options.after, { type: options.afterType, signal, chunkBytes, onBytes });
    try {
      return await whileUnchanged([before, after], async () => {
        const samples = { before: await sample(before), after: await sample(after) };
        done = 0;
        total = 2 * before.size + after.size;
        const by = options.by ?? (samples.before.allHaveId && samples.after.allHaveId ? 'id' : 'address');
        const ignored = new Set([
          ...(options.ignore ?? []),
          ...responseOnly.map(({ path }) => path),
          ...(by === 'address' ? ['Id'] : []),
          ...filledInByService(samples.before, samples.after),
        ]);
        const comparing = new Comparing(before, after, by, ignored, options.maxExamples ?? 100);
        const result = await comparing.run();
        throwIfCancelled(signal);
        options.onProgress?.(total, total);
        return result;
      });
    } finally {
      await after.close();
    }
  } finally {
    await before.close();
  }
}

/** What the first records of a file show. */
interface Sample {
  readonly allHaveId: boolean;
  readonly isExport: boolean;
  readonly paths: ReadonlySet<string>;
}

async function sample(source: Source): Promise<Sample> {
  const paths = new Set<string>();
  let seen = 0;
  let withId = 0;
  for await (const records of readRecords(source, new Notes())) {
    for (const { values } of records.slice(0, sampleSize - seen)) {
      seen++;
      if (values.has('Id')) withId++;
      for (const path of values.keys()) paths.add(path);
    }
    if (seen >= sampleSize) break;
  }
  return { allHaveId: withId === seen, isExport: responseOnly.some(({ path }) => paths.has(path)), paths };
}

function filledInByService(before: Sample, after: Sample): readonly string[] {
  if (before.isExport === after.isExport) return [];
  const file = before.isExport ? after : before;
  return filledIn.filter((path) => !file.paths.has(path));
}

/** What is known of an attribute while files are compared. */
interface Known {
  readonly name: Name;
  readonly index: number;
  readonly ignored: boolean;
  readonly counts: { added: number; removed: number; changed: number };
}

/** States of an endpoint of the earlier file. */
const state = { unseen: 0, unchanged: 1, changed: 2 } as const;

class Comparing {
  readonly #before: Source;
  readonly #after: Source;
  readonly #by: Identity;
  readonly #ignored: ReadonlySet<string>;
  readonly #maxExamples: number;
  readonly #keys = new KeyTable();
  readonly #contentLow = new Numbers();
  readonly #contentHigh = new Numbers();
  /** The line of an endpoint's last record in the earlier file. */
  readonly #lines = new Numbers();
  readonly #states = new Numbers();
  readonly #keysOfAfter = new KeyTable();
  readonly #details = new Details();
  readonly #known = new Map<string, Known>();
  readonly #byIndex: Known[] = [];
  readonly #key = new Hash();
  readonly #value = new Hash();
  readonly #content = { low: 0, high: 0 };
  readonly #counts = { added: 0, removed: 0, changed: 0, unchanged: 0, attributesOf: 0 };
  readonly #added: Example[] = [];
  readonly #removed: Example[] = [];
  /** The later record of the first changed endpoints, by number. */
  readonly #changedAfter = new Map<number, EndpointRecord>();
  readonly #changed = new Map<number, ChangedExample>();

  constructor(
    before: Source,
    after: Source,
    by: Identity,
    ignored: ReadonlySet<string>,
    maxExamples: number,
  ) {
    this.#before = before;
    this.#after = after;
    this.#by = by;
    this.#ignored = ignored;
    this.#maxExamples = maxExamples;
  }

  async run(): Promise<Comparison> {
    const before = await this.#pass(this.#before, (record) => this.#enter(record));
    const after = await this.#pass(this.#after, (record) => this.#match(record));
    const { changed, unchanged } = this.#counts;
    this.#counts.removed = this.#keys.size - changed - unchanged;
    if (changed > 0 || this.#counts.removed > 0) {
      await this.#pass(this.#before, (record) => this.#detail(record));
    }
    const examples = [...this.#changedAfter.keys()].flatMap((key) => this.#changed.get(key) ?? []);
    return {
      by: this.#by,
      before,
      after,
      ...this.#counts,
      attributes: this.#byIndex
        .map(({ name, counts }) => ({ path: name.path, ...counts }))
        .filter(({ added, removed, changed }) => added + removed + changed > 0)
        .sort((a, b) => b.added + b.removed + b.changed - (a.added + a.removed + a.changed)),
      ignored: [...this.#ignored].sort(),
      examples: { added: this.#added, removed: this.#removed, changed: examples },
    };
  }

  /** Goes through a file. `visit` gets each record whose key is in `#key`, and says whether the endpoint has been there before. */
  async #pass(source: Source, visit: (record: EndpointRecord) => boolean): Promise<ComparedFile> {
    const duplicates = { count: 0, lines: [] as number[] };
    const withoutKey = { count: 0, lines: [] as number[] };
    const add = (places: typeof duplicates, line: number): void => {
      if (places.count++ < maxLines) places.lines.push(line);
    };
    let count = 0;
    for await (const records of readRecords(source, new Notes())) {
      count += records.length;
      for (const record of records) {
        if (!this.#readKey(record)) add(withoutKey, record.line);
        else if (visit(record)) add(duplicates, record.line);
      }
    }
    if (count > 0 && withoutKey.count === count) throw this.#notComparable(source);
    return { path: source.path, type: source.type, records: count, duplicates, withoutKey };
  }

  /** First pass, over the earlier file. */
  #enter(record: EndpointRecord): boolean {
    let key = this.#keys.find(this.#key);
    const isKnown = key >= 0;
    if (!isKnown) key = this.#keys.add(this.#key);
    this.#readContent(record);
    this.#contentLow.set(key, this.#content.low);
    this.#contentHigh.set(key, this.#content.high);
    this.#lines.set(key, record.line);
    return isKnown;
  }

  /** Second pass, over the later file. */
  #match(record: EndpointRecord): boolean {
    const key = this.#keys.find(this.#key);
    if (key < 0) return this.#add(record);
    const earlier = this.#states.get(key);
    if (earlier === state.unchanged) this.#counts.unchanged--;
    if (earlier === state.changed) {
      this.#counts.changed--;
      this.#details.delete(key);
      this.#changedAfter.delete(key);
    }
    this.#readContent(record);
    const { low, high } = this.#content;
    const isSame = low === this.#contentLow.get(key) && high === this.#contentHigh.get(key);
    this.#states.set(key, isSame ? state.unchanged : state.changed);
    if (isSame) this.#counts.unchanged++;
    else {
      this.#counts.changed++;
      this.#details.set(key, this.#hashes(record));
      if (this.#changedAfter.size < this.#maxExamples) this.#changedAfter.set(key, record);
    }
    return earlier !== state.unseen;
  }

  #add(record: EndpointRecord): boolean {
    if (this.#keysOfAfter.find(this.#key) >= 0) return true;
    this.#keysOfAfter.add(this.#key);
    this.#counts.added++;
    if (this.#added.length < this.#maxExamples) this.#added.push(this.#example(record));
    return false;
  }

  /** Third pass, over the earlier file again: what became of its endpoints is known now. */
  #detail(record: EndpointRecord): boolean {
    const key = this.#keys.find(this.#key);
    if (this.#lines.get(key) !== record.line) return true;
    const now = this.#states.get(key);
    if (now === state.unseen && this.#removed.length < this.#maxExamples) {
      this.#removed.push(this.#example(record));
    }
    if (now === state.changed) {
      this.#countAttributes(key, record);
      const after = this.#changedAfter.get(key);
      if (after !== undefined) this.#changed.set(key, this.#difference(record, after));
    }
    return false;
  }

  #countAttributes(key: number, record: EndpointRecord): void {
    const after = this.#details.get(key);
    if (after === undefined) return;
    this.#counts.attributesOf++;
    const before = new Map(this.#hashes(record));
    for (const [index, hash] of after) {
      const { counts } = this.#byIndex[index]!;
      const earlier = before.get(index);
      if (earlier === undefined) counts.added++;
      else if (earlier !== hash) counts.changed++;
      before.delete(index);
    }
    for (const index of before.keys()) this.#byIndex[index]!.counts.removed++;
  }

  #difference(before: EndpointRecord, after: EndpointRecord): ChangedExample {
    const paths = new Set([...before.values.keys(), ...after.values.keys()]);
    const differences = [...paths].flatMap((path) => {
      const known = this.#knownAs(path);
      if (known.ignored) return [];
      const values = { before: before.values.get(path) ?? [], after: after.values.get(path) ?? [] };
      const isSame = this.#text(known, values.before) === this.#text(known, values.after);
      return isSame ? [] : { path, ...values };
    });
    return { key: this.#example(after).key, lineBefore: before.line, lineAfter: after.line, differences };
  }

  #example({ line, values }: EndpointRecord): Example {
    return {
      key: this.#keyPaths()
        .flatMap((path) => values.get(path) ?? [])
        .join(' '),
      line,
    };
  }

  #keyPaths(): readonly string[] {
    return this.#by === 'id' ? ['Id'] : ['ChannelType', 'Address'];
  }

  /** Reads the key of a record into `#key`; false where it has none. */
  #readKey({ values }: EndpointRecord): boolean {
    this.#key.reset(1);
    for (const path of this.#keyPaths()) {
      const value = values.get(path)?.[0];
      if (value === undefined) return false;
      this.#key.add(this.#by === 'id' ? value.toLowerCase() : value);
    }
    this.#key.finish();
    return true;
  }

  /** Reads what a record says into `#content`; the order of its attributes makes no difference. */
  #readContent(record: EndpointRecord): void {
    let low = 0;
    let high = 0;
    for (const [path, values] of record.values) {
      const known = this.#knownAs(path);
      if (known.ignored) continue;
      this.#hash(known, values);
      low = (low + this.#value.low) >>> 0;
      high = (high + this.#value.high) >>> 0;
    }
    this.#content.low = low;
    this.#content.high = high;
  }

  /** A hash for each attribute of a record, by the attribute's index. */
  #hashes(record: EndpointRecord): readonly (readonly [index: number, hash: number])[] {
    const hashes: [number, number][] = [];
    for (const [path, values] of record.values) {
      const known = this.#knownAs(path);
      if (known.ignored) continue;
      this.#hash(known, values);
      hashes.push([known.index, this.#value.low]);
    }
    return hashes;
  }

  #hash(known: Known, values: readonly string[]): void {
    this.#value.reset(known.index);
    if (values.length === 1) this.#value.add(meaning(known.name, values[0]!));
    else for (const value of sorted(values)) this.#value.add(value);
    this.#value.finish();
  }

  #text({ name }: Known, values: readonly string[]): string {
    return JSON.stringify(sorted(values.map((value) => meaning(name, value))));
  }

  #knownAs(path: string): Known {
    let known = this.#known.get(path);
    if (known === undefined) {
      const isKey = this.#keyPaths().includes(path);
      known = {
        name: nameOf(path),
        index: this.#byIndex.length,
        ignored: isKey || this.#ignored.has(path),
        counts: { added: 0, removed: 0, changed: 0 },
      };
      this.#known.set(path, known);
      this.#byIndex.push(known);
    }
    return known;
  }

  #notComparable(source: Source): AudienceError {
    const due = this.#by === 'id' ? 'an Id' : 'a ChannelType with an Address';
    return new AudienceError('bad-input', `No record of ${source.name} has ${due}`, {
      help: `Compare by ${this.#by === 'id' ? 'channel and address' : 'Id'} instead, if the files have that.`,
    });
  }
}

/** What the changed endpoints hold in the later file: attributes and hashes of their values, in one list of numbers. */
class Details {
  readonly #starts = new Map<number, number>();
  readonly #numbers = new Numbers();
  #length = 0;

  /** Does nothing once there are too many. */
  set(key: number, hashes: readonly (readonly [index: number, hash: number])[]): void {
    if (this.#length + 2 * hashes.length >= maxDetails) return;
    this.#starts.set(key, this.#length);
    this.#numbers.set(this.#length++, hashes.length);
    for (const [index, hash] of hashes) {
      this.#numbers.set(this.#length++, index);
      this.#numbers.set(this.#length++, hash);
    }
  }

  delete(key: number): void {
    this.#starts.delete(key);
  }

  get(key: number): readonly (readonly [index: number, hash: number])[] | undefined {
    const start = this.#starts.get(key);
    if (start === undefined) return undefined;
    const count = this.#numbers.get(start);
    return Array.from({ length: count }, (_, number) => {
      const at = start + 1 + 2 * number;
      return [this.#numbers.get(at), this.#numbers.get(at + 1)] as const;
    });
  }
}

function sorted(values: readonly string[]): readonly string[] {
  return values.length < 2 ? values : [...values].sort();
}

/** A value such that two values are equal if they mean the same. */
function meaning(name: Name, value: string): string {
  return name.type === 'number' ? plainNumber(value) : value;
}

/** A decimal number in one form, all its digits kept: `-0.50e1` is `-5e0`. Other texts stay as they are. */
function plainNumber(text: string): string {
  const parts = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text);
  if (parts === null) return text;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  if (whole + fraction === '') return text;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
