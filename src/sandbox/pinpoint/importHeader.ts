import type { CsvRecord } from './csvReader.ts';
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

/** Families of custom names. Columns of `values` may be repeated: one value per column. */
const families = [
  ['Metrics', 'number'],
  ['Attributes', 'values'],
  ['User.UserAttributes', 'values'],
] as const;

interface Column {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'values' | 'none';
  /** The object that has the member: the names that lead to it from the endpoint. */
  readonly path: readonly string[];
  readonly member: string;
}

interface Tree {
  [name: string]: Tree | string | number | string[];
}

/** An object inside of the endpoints of a file. */
interface Branch {
  /** Index of the object that has it. */
  readonly parent: number;
  readonly member: string;
}

/** The header of a CSV. Converts records to the form of NDJSON lines. */
export class CsvHeader {
  readonly #columns: readonly Column[];
  /** The first stands for the endpoint itself. */
  readonly #branches: Branch[] = [{ parent: -1, member: '' }];
  /** Index of the branch of each column. */
  readonly #branchOf: readonly number[];
  readonly #onlyUsers: boolean;

  /** Throws `UnreadableObject` if a column isn't supported or one is missing. */
  constructor(names: readonly string[]) {
    this.#columns = names.map((name) => column(name.trim()));
    this.#branchOf = this.#columns.map(({ path }) =>
      path.reduce((parent, member) => this.#branch(parent, member), 0),
    );
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
  values({ cells, text, isPlain }: CsvRecord): Tree[] {
    if (this.#onlyUsers && cells.length === 1) {
      // The user guide has shown both one user per line and several, separated by spaces.
      const users = cells[0]!.split(' ').filter((user) => user !== '');
      return users.map((user) => ({ User: { UserId: user } }));
    }
    if (cells.length !== this.#columns.length) {
      throw new BadRow(`The record has ${cells.length} values, the header ${this.#columns.length}`);
    }
    if (!isPlain && unstorable.test(text)) this.#refuseUnstorable(cells);
    const record: Tree = {};
    const objects: (Tree | undefined)[] = [record];
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!;
      const { kind, member } = this.#columns[index]!;
      if (cell === '' || kind === 'none') continue;
      const branch = this.#branchOf[index]!;
      const object = objects[branch] ?? this.#object(branch, objects);
      if (kind === 'values') {
        const values = getOwn(object, member) as string[] | undefined;
        if (values !== undefined) values.push(cell);
        else setOwn(object, member, [cell]);
      } else setOwn(object, member, kind === 'number' ? numberOr(cell) : cell);
    }
    return [record];
  }

  #branch(parent: number, member: string): number {
    const known = this.#branches.findIndex((branch) => branch.parent === parent && branch.member === member);
    return known >= 0 ? known : this.#branches.push({ parent, member }) - 1;
  }

  #object(branch: number, objects: (Tree | undefined)[]): Tree {
    const { parent, member } = this.#branches[branch]!;
    const object: Tree = {};
    setOwn(objects[parent] ?? this.#object(parent, objects), member, object);
    objects[branch] = object;
    return object;
  }

  #refuseUnstorable(cells: readonly string[]): void {
    cells.forEach((cell, index) => {
      const { name, kind } = this.#columns[index]!;
      if (kind === 'none' || !unstorable.test(cell)) return;
      throw new BadRow(
        cell.includes('\ufffd') ? `${name} isn't valid UTF-8` : `${name} has a line break or a tab`,
      );
    });
  }
}

/** Line breaks, tabs, and the replacement character for invalid UTF-8. */
const unstorable = /[\r\n\t\ufffd]/;

function column(name: string): Column {
  const path = name.split('.');
  const plain = { name, path: path.slice(0, -1), member: path.at(-1)! };
  if (single.has(name)) return { ...plain, kind: 'text' };
  if (numeric.has(name)) return { ...plain, kind: 'number' };
  if (ignored.has(name)) return { ...plain, kind: 'none' };
  for (const [family, kind] of families) {
    const prefix = `${family}.`;
    // Custom names may contain dots.
    if (name.startsWith(prefix) && name !== prefix)
      return { name, kind, path: family.split('.'), member: name.slice(prefix.length) };
  }
  throw new UnreadableObject(`The column '${name}' isn't a supported attribute`);
}

/** Other text is returned unchanged and rejected later. */
function numberOr(cell: string): number | string {
  return /^\s*[-+]?(\d+(?:\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*$/.test(cell) ? Number(cell) : cell;
}
