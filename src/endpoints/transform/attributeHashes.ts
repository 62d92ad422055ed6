import { AudienceError } from '../../errors.ts';
import type { AttributeChanges, ChangedExample, Terms } from './comparisonResult.ts';
import { Hash } from './keyTable.ts';
import type { Name } from './memberNames.ts';
import { detached, maxNumberLength, nameOf } from './memberNames.ts';
import type { EndpointRecord } from './endpointRecord.ts';

/** An attribute's index and the hash of its values in one record. */
export type AttributeHash = readonly [attribute: number, hash: number];

interface Attribute {
  readonly name: Name;
  readonly index: number;
  readonly ignored: boolean;
  /** A value that counts as absent. */
  readonly assumed: string | undefined;
}

/** A file with more attributes isn't an endpoint file. */
const maxAttributes = 20_000;

/** Hashes what records mean, so that two files can be compared. */
export class RecordHasher {
  /** The key of the last record read. */
  readonly key = new Hash();
  /** The hash of the last record's content, in two halves. */
  contentLow = 0;
  contentHigh = 0;
  readonly #terms: Terms;
  readonly #keyPaths: readonly string[];
  readonly #attributes = new Map<string, Attribute>();
  readonly #values = new Hash();

  constructor(terms: Terms) {
    this.#terms = terms;
    this.#keyPaths = terms.by === 'id' ? ['Id'] : ['ChannelType', 'Address'];
  }

  /** Reads the identity of a record's endpoint into `key`; false if the record has none. */
  readKey({ values }: EndpointRecord): boolean {
    this.key.reset(0);
    for (const path of this.#keyPaths) {
      const value = values.get(path)?.[0];
      if (value === undefined) return false;
      this.key.add(this.#terms.by === 'id' ? value.toLowerCase() : value);
    }
    this.key.finish();
    return true;
  }

  /** The key as shown to users. */
  keyText({ values }: EndpointRecord): string {
    return detached(this.#keyPaths.flatMap((path) => values.get(path) ?? []).join(' '));
  }

  /** Hashes a record into `contentLow` and `contentHigh`, whatever the order of its attributes. */
  readContent({ values }: EndpointRecord): void {
    let low = 0;
    let high = 0;
    for (const [path, list] of values) {
      if (!this.#read(this.#attribute(path), list)) continue;
      low = (low + this.#values.low) | 0;
      high = (high + this.#values.high) | 0;
    }
    this.contentLow = low;
    this.contentHigh = high;
  }

  /** The hashes of a record by attribute. */
  hashes({ values }: EndpointRecord): readonly AttributeHash[] {
    const hashes: AttributeHash[] = [];
    for (const [path, list] of values) {
      const attribute = this.#attribute(path);
      if (this.#read(attribute, list)) hashes.push([attribute.index, this.#values.low]);
    }
    return hashes;
  }

  /** The attributes in which two records of one endpoint differ, with their values. */
  differences(before: EndpointRecord, after: EndpointRecord): ChangedExample['differences'] {
    const paths = new Set([...before.values.keys(), ...after.values.keys()]);
    return [...paths].flatMap((path) => {
      const attribute = this.#attribute(path);
      const values = { before: before.values.get(path) ?? [], after: after.values.get(path) ?? [] };
      const [first, second] = [values.before, values.after].map((list) =>
        counts(attribute, list) ? JSON.stringify(canonicalValues(attribute.name, list)) : '',
      );
      return first === second ? [] : { path, ...values };
    });
  }

  /** Counts by attribute, the most frequent first. */
  summary(counts: ReadonlyMap<number, Omit<AttributeChanges, 'path'>>): readonly AttributeChanges[] {
    const sum = ({ added, removed, changed }: AttributeChanges): number => added + removed + changed;
    return [...this.#attributes.values()]
      .flatMap(({ name, index }) => (counts.has(index) ? { path: name.path, ...counts.get(index)! } : []))
      .sort((a, b) => sum(b) - sum(a));
  }

  /** Hashes values into `#values`; false if the comparison ignores them. */
  #read(attribute: Attribute, list: readonly string[]): boolean {
    if (!counts(attribute, list)) return false;
    this.#values.reset(attribute.index + 1);
    for (const value of canonicalValues(attribute.name, list)) this.#values.add(value);
    this.#values.finish();
    return true;
  }

  #attribute(path: string): Attribute {
    let attribute = this.#attributes.get(path);
    if (attribute === undefined) {
      const index = this.#attributes.size;
      if (index >= maxAttributes) {
        throw new AudienceError(
          'bad-input',
          `The files have more than ${maxAttributes} different attributes`,
          {
            help: 'Check that they are endpoint files.',
          },
        );
      }
      const ignored = this.#keyPaths.includes(path) || this.#terms.ignored.has(path);
      attribute = { name: nameOf(path), index, ignored, assumed: this.#terms.assumed.get(path) };
      this.#attributes.set(path, attribute);
    }
    return attribute;
  }
}

/** True if the comparison considers these values. */
function counts({ ignored, assumed }: Attribute, list: readonly string[]): boolean {
  return !ignored && list.length > 0 && !(list.length === 1 && list[0] === assumed);
}

/** Values in canonical form, equal if they mean the same: sorted, numbers normalized. */
export function canonicalValues(name: Name, list: readonly string[]): readonly string[] {
  if (list.length > 1) return [...list].sort();
  return name.type === 'number' ? [plainNumber(list[0]!)] : list;
}

/** A decimal number normalized with all its digits: `-0.50e1` becomes `-5`, 100 becomes `1e2`. Other text is unchanged. */
function plainNumber(text: string): string {
  if (text.length > maxNumberLength || /^-?[1-9](?:\d*[1-9])?$/.test(text)) return text;
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  if (parts === null) return text;
  const [, character, whole = '', fraction = '', exponent = '0'] = parts;
  if (whole + fraction === '') return text;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/(?<!0)0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${character === '-' ? '-' : ''}${significant}${power === 0 ? '' : `e${power}`}`;
}
