import { AudienceError } from '../../errors.ts';
import type {
  AttributeChanges,
  ChangedExample,
  ComparedFile,
  Comparison,
  Example,
  Terms,
} from './comparisonResult.ts';
import { KeyTable, Numbers } from './keyTable.ts';
import type { AttributeHash } from './attributeHashes.ts';
import { RecordHasher } from './attributeHashes.ts';
import { Notes } from './notes.ts';
import type { EndpointRecord } from './endpointRecord.ts';
import { readRecords } from './recordBatches.ts';
import type { Source } from './source.ts';

const maxLines = 20;
/** Maximum number of values kept to count the attributes of changed endpoints: 16 MB, or about 100,000 endpoints. */
const maxDetails = 4_000_000;

/** The outcome for an endpoint of the earlier file. */
const unseen = 0;
const unchanged = 1;
const changed = 2;
const outcomes = 3;

/** Compares two files in three passes: the earlier one, the later one, and the earlier one again for details. */
export class Comparing {
  readonly #before: Source;
  readonly #after: Source;
  readonly #terms: Terms;
  readonly #meanings: RecordHasher;
  readonly #earlier = new Endpoints();
  readonly #later = new KeyTable();
  readonly #details = new Details();
  readonly #counts = { added: 0, removed: 0, changed: 0, unchanged: 0 };
  readonly #attributes = new Map<number, Record<'added' | 'removed' | 'changed', number>>();
  #attributesOf = 0;
  /** Endpoints that the third pass still has to explain; at 0 it stops. */
  #toExplain = Infinity;
  readonly #added: Example[] = [];
  readonly #removed: Example[] = [];
  /** The later records of the first changed endpoints, by the endpoint's number. */
  readonly #changedAfter = new Map<number, EndpointRecord>();
  readonly #changed = new Map<number, ChangedExample>();

  constructor(before: Source, after: Source, terms: Terms) {
    this.#before = before;
    this.#after = after;
    this.#terms = terms;
    this.#meanings = new RecordHasher(terms);
  }

  async run(): Promise<Comparison> {
    const before = await this.#pass(this.#before, (record) => this.#enter(record));
    const after = await this.#pass(this.#after, (record) => this.#match(record));
    this.#counts.removed = this.#earlier.size - this.#counts.changed - this.#counts.unchanged;
    if (this.#counts.changed + this.#counts.removed > 0) {
      this.#toExplain = this.#details.size + Math.min(this.#counts.removed, this.#terms.maxExamples);
      await this.#pass(this.#before, (record) => this.#explain(record));
    }
    const { by, ignored, assumed } = this.#terms;
    return {
      by,
      before,
      after,
      ...this.#counts,
      attributes: this.#meanings.summary(this.#attributes),
      attributesOf: this.#attributesOf,
      ignored: [...ignored].sort(),
      assumed: [...assumed].map(([path, value]) => ({ path, value })),
      examples: {
        added: this.#added,
        removed: this.#removed,
        changed: [...this.#changedAfter.keys()].flatMap((endpoint) => this.#changed.get(endpoint) ?? []),
      },
    };
  }

  /** Reads a file. `visit` gets each record that has a key, and returns whether its endpoint is a duplicate. */
  async #pass(source: Source, visit: (record: EndpointRecord) => boolean): Promise<ComparedFile> {
    const duplicates = { count: 0, lines: [] as number[] };
    const withoutKey = { count: 0, lines: [] as number[] };
    let records = 0;
    for await (const batch of readRecords(source, new Notes())) {
      for (const record of batch) {
        records++;
        if (!this.#meanings.readKey(record)) addLine(withoutKey, record.line);
        else if (visit(record)) addLine(duplicates, record.line);
      }
      if (this.#toExplain === 0) break;
    }
    if (records > 0 && withoutKey.count === records) throw this.#notComparable(source);
    return { path: source.path, type: source.type, records, duplicates, withoutKey };
  }

  #enter(record: EndpointRecord): boolean {
    const { key } = this.#meanings;
    const known = this.#earlier.find(key);
    this.#meanings.readContent(record);
    const { contentLow, contentHigh } = this.#meanings;
    this.#earlier.set(known < 0 ? this.#earlier.add(key) : known, record.line, contentLow, contentHigh);
    return known >= 0;
  }

  #match(record: EndpointRecord): boolean {
    const endpoint = this.#earlier.find(this.#meanings.key);
    if (endpoint < 0) return this.#add(record);
    const before = this.#earlier.outcome(endpoint);
    if (before !== unseen) this.#rollback(endpoint, before);
    this.#meanings.readContent(record);
    const { contentLow, contentHigh } = this.#meanings;
    if (this.#earlier.hasContent(endpoint, contentLow, contentHigh)) {
      this.#earlier.setOutcome(endpoint, unchanged);
      this.#counts.unchanged++;
    } else {
      this.#earlier.setOutcome(endpoint, changed);
      this.#counts.changed++;
      this.#details.set(endpoint, this.#meanings.hashes(record));
      if (this.#changedAfter.size < this.#terms.maxExamples) this.#changedAfter.set(endpoint, record);
    }
    return before !== unseen;
  }

  /** The later file has the endpoint twice: the last record counts. */
  #rollback(endpoint: number, outcome: number): void {
    this.#counts[outcome === changed ? 'changed' : 'unchanged']--;
    this.#details.delete(endpoint);
    this.#changedAfter.delete(endpoint);
  }

  #add(record: EndpointRecord): boolean {
    const { key } = this.#meanings;
    if (this.#later.find(key) >= 0) return true;
    this.#later.add(key);
    this.#counts.added++;
    if (this.#added.length < this.#terms.maxExamples) this.#added.push(this.#example(record));
    return false;
  }

  #explain(record: EndpointRecord): boolean {
    const endpoint = this.#earlier.find(this.#meanings.key);
    if (this.#earlier.line(endpoint) !== record.line) return true;
    const outcome = this.#earlier.outcome(endpoint);
    if (outcome === unseen && this.#removed.length < this.#terms.maxExamples) {
      this.#removed.push(this.#example(record));
      this.#toExplain--;
    }
    if (outcome === changed) {
      const hashes = this.#details.get(endpoint);
      if (hashes !== undefined) {
        this.#countAttributes(record, hashes);
        this.#toExplain--;
      }
      const after = this.#changedAfter.get(endpoint);
      if (after !== undefined) this.#changed.set(endpoint, this.#changedExample(record, after));
    }
    return false;
  }

  #countAttributes(record: EndpointRecord, after: readonly AttributeHash[]): void {
    this.#attributesOf++;
    const before = new Map(this.#meanings.hashes(record));
    for (const [attribute, hash] of after) {
      const earlier = before.get(attribute);
      if (earlier === undefined) this.#count(attribute, 'added');
      else if (earlier !== hash) this.#count(attribute, 'changed');
      before.delete(attribute);
    }
    for (const attribute of before.keys()) this.#count(attribute, 'removed');
  }

  #count(attribute: number, change: keyof Omit<AttributeChanges, 'path'>): void {
    let counts = this.#attributes.get(attribute);
    if (counts === undefined) {
      counts = { added: 0, removed: 0, changed: 0 };
      this.#attributes.set(attribute, counts);
    }
    counts[change]++;
  }

  #example(record: EndpointRecord): Example {
    return { key: this.#meanings.keyText(record), line: record.line };
  }

  #changedExample(before: EndpointRecord, after: EndpointRecord): ChangedExample {
    return {
      key: this.#meanings.keyText(after),
      lineBefore: before.line,
      lineAfter: after.line,
      differences: this.#meanings.differences(before, after),
    };
  }

  #notComparable(source: Source): AudienceError {
    const [missing, other] =
      this.#terms.by === 'id' ? ['an Id', 'channel and address'] : ['a ChannelType with an Address', 'Id'];
    return new AudienceError('bad-input', `No record of ${source.name} has ${missing}`, {
      help: `Compare by ${other} instead, if both files have it.`,
    });
  }
}

/** The endpoints of the earlier file: their content as a hash, the line of their last record, and their outcome. */
class Endpoints {
  readonly #keys = new KeyTable();
  readonly #contentLow = new Numbers();
  readonly #contentHigh = new Numbers();
  /** Line and outcome in one number. */
  readonly #lines = new Numbers();

  get size(): number {
    return this.#keys.size;
  }

  find(key: Parameters<KeyTable['find']>[0]): number {
    return this.#keys.find(key);
  }

  add(key: Parameters<KeyTable['add']>[0]): number {
    return this.#keys.add(key);
  }

  set(endpoint: number, line: number, contentLow: number, contentHigh: number): void {
    this.#lines.set(endpoint, line * outcomes + unseen);
    this.#contentLow.set(endpoint, contentLow);
    this.#contentHigh.set(endpoint, contentHigh);
  }

  hasContent(endpoint: number, contentLow: number, contentHigh: number): boolean {
    return this.#contentLow.get(endpoint) === contentLow && this.#contentHigh.get(endpoint) === contentHigh;
  }

  line(endpoint: number): number {
    return Math.floor(this.#lines.get(endpoint) / outcomes);
  }

  outcome(endpoint: number): number {
    return this.#lines.get(endpoint) % outcomes;
  }

  setOutcome(endpoint: number, outcome: number): void {
    this.#lines.set(endpoint, this.line(endpoint) * outcomes + outcome);
  }
}

/** The attribute hashes of changed endpoints in the later file, in one list of numbers. */
class Details {
  readonly #starts = new Map<number, number>();
  readonly #numbers = new Numbers();
  #length = 0;

  /** Ignored once `maxDetails` is reached. */
  set(endpoint: number, hashes: readonly AttributeHash[]): void {
    if (this.#length + 2 * hashes.length >= maxDetails) return;
    this.#starts.set(endpoint, this.#length);
    this.#numbers.set(this.#length++, hashes.length);
    for (const number of hashes.flat()) this.#numbers.set(this.#length++, number);
  }

  get size(): number {
    return this.#starts.size;
  }

  delete(endpoint: number): void {
    this.#starts.delete(endpoint);
  }

  get(endpoint: number): readonly AttributeHash[] | undefined {
    const start = this.#starts.get(endpoint);
    if (start === undefined) return undefined;
    return Array.from({ length: this.#numbers.get(start) }, (_, index) => [
      this.#numbers.get(start + 1 + 2 * index),
      this.#numbers.get(start + 2 + 2 * index),
    ]);
  }
}

function addLine(places: { count: number; readonly lines: number[] }, line: number): void {
  if (places.count++ < maxLines) places.lines.push(line);
}
