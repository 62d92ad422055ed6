import { parse } from 'csv-parse/sync';
import { attributeOf, limits } from '../../src/endpoints/model/attributes.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';

/** What is counted of an attribute by reading all of a file into memory: slow, simple, and by nobody's code of ours. */
interface Recounted {
  filled: number;
  values: number;
  readonly byValue: Map<string, number>;
  readonly lengths: number[];
}

export interface Recount {
  readonly records: number;
  readonly attributes: ReadonlyMap<string, Recounted>;
  /** How many users have so many endpoints. */
  readonly users: ReadonlyMap<number, number>;
}

type Values = ReadonlyMap<string, readonly string[]>;

/** Counts the values of a file of right types, every record of which can be read. */
export function recount(text: string, type: FileType): Recount {
  const records = type === 'csv' ? csvRecords(text) : ndjsonRecords(text);
  const attributes = new Map<string, Recounted>();
  const userOf = new Map<string, string>();
  for (const [index, record] of records.entries()) {
    for (const [path, values] of record) {
      const known: Recounted = attributes.get(path) ?? {
        filled: 0,
        values: 0,
        byValue: new Map<string, number>(),
        lengths: [],
      };
      attributes.set(path, known);
      known.filled++;
      known.values += values.length;
      for (const value of values) {
        const same = sameAs(path, value);
        known.byValue.set(same, (known.byValue.get(same) ?? 0) + 1);
        known.lengths.push(Array.from(value).length);
      }
    }
    const [id] = record.get('Id') ?? [];
    const [user] = record.get('User.UserId') ?? [];
    const [channel] = record.get('ChannelType') ?? [];
    const [address] = record.get('Address') ?? [];
    if (user === undefined || record.size === 1) continue;
    const place = channel === undefined || address === undefined ? undefined : `at ${channel} ${address}`;
    // The last record that names a user says whose endpoint it is.
    userOf.set(id === undefined ? (place ?? `record ${index}`) : `id ${id.toLowerCase()}`, user);
  }
  const endpointsOf = new Map<string, number>();
  for (const user of userOf.values()) endpointsOf.set(user, (endpointsOf.get(user) ?? 0) + 1);
  const users = new Map<number, number>();
  for (const count of endpointsOf.values()) {
    const most = Math.min(count, limits.endpointsPerUser + 1);
    users.set(most, (users.get(most) ?? 0) + 1);
  }
  return { records: records.length, attributes, users };
}

/** Values that count as one are the same text. */
function sameAs(path: string, value: string): string {
  if (path === 'Id') return value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return attributeOf(path)?.type === 'number' ? String(Number(value) + 0) : value;
}

function csvRecords(text: string): Values[] {
  const [header, ...rows]: string[][] = parse(text, { bom: true, skip_empty_lines: true });
  return rows.map((row) => {
    const values = new Map<string, string[]>();
    row.forEach((cell, column) => {
      const path = header![column]!;
      if (cell !== '' && attributeOf(path) !== undefined)
        values.set(path, [...(values.get(path) ?? []), cell]);
    });
    return values;
  });
}

function ndjsonRecords(text: string): Values[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const values = new Map<string, string[]>();
    collect(JSON.parse(line) as object, '', values);
    return values;
  });
}

function collect(object: object, prefix: string, values: Map<string, string[]>): void {
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const path = prefix + name;
    if (Array.isArray(value)) {
      const there = value.map(String).filter((item) => item !== '');
      if (there.length > 0) values.set(path, there);
    } else if (typeof value === 'object' && value !== null) collect(value, `${path}.`, values);
    else if (value !== '') values.set(path, [String(value)]);
  }
}
