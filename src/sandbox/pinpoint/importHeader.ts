import { UnreadableObject } from './unreadable.ts';
import { getOwn, setOwn } from '../../ownMember.ts';

/** An invalid CSV record; the message says why. */
export class BadRow extends Error {}

/** User guide, segments-importing: supported single-valued attributes. */
const single = new Set([
  'Address',
  'ChannelType',
  'Demographic.AppVersion',
  'Demographic.Locale',
  'Demographic.Make',
  'Demographic.Model',
  'Demographic.ModelVersion',
  'Demographic.Platform',
  'Demographic.PlatformVersion',
  'Demographic.Timezone',
  'EffectiveDate',
  'Id',
  'Location.City',
  'Location.Country',
  'Location.PostalCode',
  'Location.Region',
  'OptOut',
  'RequestId',
  'User.UserId',
]);

const numeric = new Set(['Location.Latitude', 'Location.Longitude']);

/** Ignored members of exports (`EndpointStatus` isn't supported in imports). */
const ignored = new Set(['EndpointStatus', 'ApplicationId', 'CohortId', 'CreationDate']);

const metrics = 'Metrics.';
/** Families with repeatable columns: one value per column. */
const multiple = ['Attributes.', 'User.UserAttributes.'];

interface Column {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'values' | 'none';
}

interface Tree {
  [name: string]: Tree | string | number | string[];
}

/** The header of a CSV. Converts records to the form of NDJSON lines. */
export class CsvHeader {
  readonly #columns: readonly Column[];
  readonly #onlyUsers: boolean;

  /** Throws `UnreadableObject` if a column isn't supported or one is missing. */
  constructor(names: readonly string[]) {
    this.#columns = names.map((name) => column(name.trim()));
    this.#onlyUsers = names.length === 1 && this.#columns[0]!.name === 'User.UserId';
    const seen = new Set<string>();
    for (const { name, kind } of this.#columns) {
      if (kind !== 'values' && seen.has(name)) throw new UnreadableObject(`Duplicate column: ${name}`);
      seen.add(name);
    }
    const isNew = seen.has('ChannelType') && seen.has('Address');
    if (!isNew && !seen.has('Id') && !this.#onlyUsers) {
      throw new UnreadableObject(
        'The columns ChannelType and Address, or Id, or User.UserId alone are required',
      );
    }
  }

  /** Converts a record; a list of users becomes several. Throws `BadRow`. */
  values(cells: readonly string[]): Tree[] {
    if (this.#onlyUsers && cells.length === 1) {
      // The user guide has shown both one user per line and several, separated by spaces.
      const users = cells[0]!.split(' ').filter((user) => user !== '');
      return users.map((user) => ({ User: { UserId: user } }));
    }
    if (cells.length !== this.#columns.length) {
      throw new BadRow(`The record has ${cells.length} values, the header ${this.#columns.length}`);
    }
    const record: Tree = {};
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!;
      const { name, path, kind } = this.#columns[index]!;
      if (cell === '' || kind === 'none') continue;
      if (unstorable.test(cell)) {
        throw new BadRow(
          cell.includes('\ufffd') ? `${name} isn't valid UTF-8` : `${name} has a line break or a tab`,
        );
      }
      let parent = record;
      for (const member of path.slice(0, -1)) {
        if (!Object.hasOwn(parent, member)) setOwn(parent, member, {});
        parent = getOwn(parent, member) as Tree;
      }
      const last = path.at(-1)!;
      if (kind !== 'values') setOwn(parent, last, kind === 'number' ? numberOr(cell) : cell);
      else if (Object.hasOwn(parent, last)) (getOwn(parent, last) as string[]).push(cell);
      else setOwn(parent, last, [cell]);
    }
    return [record];
  }
}

/** Line breaks, tabs, and the replacement character for invalid UTF-8. */
const unstorable = /[\r\n\t\ufffd]/;

export function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function column(name: string): Column {
  const plain = { name, path: name.split('.') };
  if (single.has(name)) return { ...plain, kind: 'text' };
  if (numeric.has(name)) return { ...plain, kind: 'number' };
  if (ignored.has(name)) return { ...plain, kind: 'none' };
  // Custom names may contain dots.
  if (name.startsWith(metrics) && name !== metrics) {
    return { name, path: ['Metrics', name.slice(metrics.length)], kind: 'number' };
  }
  for (const family of multiple) {
    if (name.startsWith(family) && name !== family) {
      return { name, path: [...family.split('.').slice(0, -1), name.slice(family.length)], kind: 'values' };
    }
  }
  throw new UnreadableObject(`The column '${name}' isn't a supported attribute`);
}

/** Other text is returned unchanged and rejected later. */
function numberOr(cell: string): number | string {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(cell) ? Number(cell) : cell;
}
