import {
  attributeOf,
  attributes,
  channels,
  customName,
  familyOf,
  limits,
} from '../../src/endpoints/model/attributes.ts';
import type { AddressKind, Attribute, ValueFormat } from '../../src/endpoints/model/attributes.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { cellPlace, csvText, needsQuotes, quoted } from './csvText.ts';
import type { CsvFile } from './csvText.ts';
import { jsonString, nodePlace, writeLine } from './jsonText.ts';
import type { JsonMember, JsonNode, JsonObject, JsonRaw } from './jsonText.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

/** An endpoint in no format: its values by dotted path. Only `Attributes.*` and `User.UserAttributes.*` have several. */
export type Endpoint = Map<string, string[]>;

/** What the endpoints of a file are to be like. */
export interface Wish {
  /** How many; 1 to 4 where absent. */
  readonly records?: number;
  /** Every endpoint has a value of these. */
  readonly with?: readonly string[];
  /** No endpoint has a value of these. */
  readonly without?: readonly string[];
  /** The kind of address that every endpoint has; any where absent. */
  readonly address?: AddressKind;
  /** Now and then a record is a user without anything else, as in lists of users. */
  readonly users?: boolean;
}

/** A file as text, and where its values and names are. */
export interface EndpointFile {
  readonly type: FileType;
  readonly text: string;
  /** The line of a record, counted from 0. */
  readonly line: (record: number) => number;
  /** A value, with the quotes around it. `index` counts the values of one attribute. */
  readonly value: (record: number, path: string, index?: number) => Place;
  /** All of a record. */
  readonly record: (record: number) => Place;
}

export interface CsvEndpoints extends EndpointFile {
  readonly type: 'csv';
  readonly file: CsvFile;
  /** The attribute of each column. */
  readonly columns: readonly string[];
}

export interface NdjsonEndpoints extends EndpointFile {
  readonly type: 'ndjson';
  readonly objects: readonly JsonObject[];
  /** The text of each line. */
  readonly lines: readonly string[];
  readonly style: NdjsonStyle;
  /** A key or a value of a record. */
  readonly node: (record: number, node: JsonNode) => Place;
}

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');
const digits = Array.from('0123456789');
const plain = [...letters, ...digits];
const token = [...plain, ...Array.from('-_:.')];
/** Signs of one to four bytes in UTF-8, of one and two code units, some that join with others, some that CSV or JSON must wrap. */
const anything = [
  ...plain,
  ...Array.from('  ,,"".-+*/\\\'{}[]$<>&=ßéñÅжщ中文あ한שא€𝄞😀👩🏽\u0301\u200D\u2028\uFFFD'),
];
/** For names: nothing that the console cannot show. */
const nameSigns = [...plain, ...Array.from(' ,".-_$ßéж中😀')];

const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'US/Pacific', 'Asia/Calcutta', 'US/Pacific-New'];
const countryCodes =
  'AD AE AR AT AU BE BR CA CH CN CZ DE DK EG ES FI FR GB GR HK IE IL IN IT JP KE KR MX NL NO NZ PL PT RU SE SG TR UA US ZA us de'.split(
    ' ',
  );

/** A text of one sort of signs that neither begins nor ends with a blank. */
function solid(random: Random, alphabet: readonly string[], most: number): string {
  const length = random.chance(0.05) ? most : 1 + random.int(Math.min(most, 12));
  const edge = (): string => random.text(plain, 1);
  return length === 1 ? edge() : edge() + random.text(alphabet, length - 2) + edge();
}

function decimal(random: Random, most: number): string {
  const sign = random.chance(0.4) ? '-' : '';
  if (random.chance(0.1)) return `${sign}${most}`;
  return `${sign}${random.int(most)}${random.chance(0.6) ? `.${random.text(digits, 1 + random.int(5))}` : ''}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function date(random: Random): string {
  const [year, month, day] = [1990 + random.int(60), two(1 + random.int(12)), two(1 + random.int(28))];
  const [hour, minute, second] = [two(random.int(24)), two(random.int(60)), two(random.int(60))];
  return random.pick([
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${random.text(digits, 3)}Z`,
    `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    `${year}-${month}-${day}T${hour}:${minute}:${second}+02:00`,
    `${year}-${month}-${day}`,
    `${year}${month}${day}T${hour}${minute}${second}Z`,
  ]);
}

/** Makes a right value of each form. `unique` is another number for every endpoint. */
const makers: Readonly<
  Record<
    Exclude<ValueFormat, 'address' | 'responseOnly'>,
    (random: Random, attribute: Attribute, unique: number) => string
  >
> = {
  text: (random, { maxLength }) => solid(random, anything, maxLength ?? limits.recordBytes),
  channelType: (random, { values }) => random.pick(values!.filter((value) => value !== 'PUSH')),
  optOut: (random, { values }) => random.pick(values!),
  country: (random) => random.pick(countryCodes),
  locale: (random) => random.pick(['en_US', 'de_DE', 'pt_BR', 'haw_US', 'es_419', 'zh_TW']),
  timezone: (random) => random.pick(zones),
  latitude: (random) => decimal(random, 90),
  longitude: (random) => decimal(random, 180),
  number: (random) => decimal(random, 1_000_000),
  date,
  id: (random, _, unique) => `${solid(random, [...token, 'é', '中'], 80)}-${unique}`,
  userId: (random, _, unique) =>
    random.chance(0.5) ? `user-${random.int(2)}` : `${solid(random, token, 80)}-${unique}`,
};

const addressMakers: Readonly<Record<AddressKind, (random: Random, unique: number) => string>> = {
  email: (random, unique) =>
    `${solid(random, [...plain, '-', '_', '+'], 30)}${unique}@${solid(random, [...plain, '-'], 20)}.${random.pick(['com', 'org', 'co.uk', 'example'])}`,
  phone: (random, unique) =>
    `+${1 + random.int(9)}${random.text(digits, 8)}${String(unique).padStart(3, '0')}`,
  token: (random, unique) => `${random.text(token, random.pick([8, 20, 64, 163]))}${unique}`,
  any: (random, unique) => `${solid(random, anything, 40)}${unique}`,
};

const paths = attributes.filter(
  ({ path }) => !['Address', 'ChannelType', 'Id', 'Location.Longitude'].includes(path),
);

/** Some of the attributes that endpoints may have beside their channel, address and Id; custom ones under random names. */
function someAttributes(random: Random, wish: Wish): string[] {
  const some = random
    .shuffle(paths)
    .slice(0, random.int(8))
    .map(({ path }) => (path.endsWith('.*') ? path.slice(0, -1) + customNameOf(random) : path));
  const all = new Set(
    [...some, ...(wish.with ?? [])].filter((path) => wish.without?.includes(path) !== true),
  );
  if (all.has('Location.Latitude') && wish.without?.includes('Location.Longitude') !== true)
    all.add('Location.Longitude');
  return [...all];
}

/** A name that an attribute of one's own may have. */
export function customNameOf(random: Random): string {
  return solid(random, nameSigns, limits.nameLength);
}

/** Right endpoints: new ones, with or without an Id, and users without anything else. Nothing in them is to be found fault with. */
export function validEndpoints(random: Random, wish: Wish = {}): Endpoint[] {
  const present = someAttributes(random, wish);
  const count = wish.records ?? 1 + random.int(4);
  const endpoints: Endpoint[] = [];
  for (let unique = 0; unique < count; unique++) {
    const isUser = wish.users === true && random.chance(0.1);
    endpoints.push(
      isUser
        ? new Map([['User.UserId', [makers.userId(random, attributeOf('User.UserId')!, unique)]]])
        : newEndpoint(random, wish, present, unique),
    );
  }
  return endpoints;
}

function newEndpoint(random: Random, wish: Wish, present: readonly string[], unique: number): Endpoint {
  const channel = random.pick(
    channels.filter(
      ({ name, address }) => name !== 'PUSH' && (wish.address === undefined || address === wish.address),
    ),
  );
  const endpoint: Endpoint = new Map([
    ['ChannelType', [channel.name]],
    ['Address', [addressMakers[channel.address](random, unique)]],
  ]);
  const hasId = wish.without?.includes('Id') !== true && random.chance(0.5);
  for (const path of new Set([...present, ...(hasId ? ['Id'] : [])])) {
    const isPair = path === 'Location.Latitude' || path === 'Location.Longitude';
    if (endpoint.has(path) || (!isPair && wish.with?.includes(path) !== true && random.chance(0.2))) continue;
    const attribute = attributeOf(path)!;
    const make = (): string => makers[attribute.format as keyof typeof makers](random, attribute, unique);
    endpoint.set(path, attribute.type === 'strings' && random.chance(0.3) ? [make(), make()] : [make()]);
  }
  return endpoint;
}

/** Writes endpoints as CSV: columns in any order, the values of one attribute in columns anywhere, with and without quotes. */
export function toCsv(endpoints: readonly Endpoint[], random: Random): CsvEndpoints {
  const most = new Map<string, number>();
  for (const endpoint of endpoints)
    for (const [path, values] of endpoint) most.set(path, Math.max(most.get(path) ?? 0, values.length));
  const columns = random.shuffle([...most].flatMap(([path, count]) => Array<string>(count).fill(path)));
  const quoteAll = random.chance(0.1);
  const write = (value: string): string =>
    quoteAll || needsQuotes(value) || random.chance(0.1) ? quoted(value) : value;
  const rows = endpoints.map((endpoint) => {
    const next = new Map<string, number>();
    return columns.map((path) => {
      const index = next.get(path) ?? 0;
      next.set(path, index + 1);
      return write(endpoint.get(path)?.[index] ?? '');
    });
  });
  return csvEndpoints(
    {
      bom: false,
      separator: ',',
      rows: [columns.map(write), ...rows],
      lineEnd: random.pick(['\n', '\r\n'] as const),
      lastLineEnd: random.chance(0.8),
    },
    columns,
  );
}

/** A CSV file of endpoints out of its cells. */
export function csvEndpoints(file: CsvFile, columns: readonly string[]): CsvEndpoints {
  const columnOf = (path: string, index: number): number => {
    let column = -1;
    for (let seen = 0; seen <= index; seen++) column = columns.indexOf(path, column + 1);
    if (column < 0) throw new Error(`No column ${index} of ${path}`);
    return column;
  };
  return {
    type: 'csv',
    file,
    columns,
    text: csvText(file),
    line: (record) => record + 2,
    value: (record, path, index = 0) => cellPlace(file, record + 1, columnOf(path, index)),
    record: (record) => {
      const start = cellPlace(file, record + 1, 0);
      return {
        ...start,
        endColumn: cellPlace(file, record + 1, file.rows[record + 1]!.length - 1).endColumn,
      };
    },
  };
}

/** How NDJSON is written around its values. */
interface NdjsonStyle {
  readonly lineEnd: '\n' | '\r\n';
  readonly lastLineEnd: boolean;
  /** The blanks between two tokens. */
  readonly blank: () => string;
}

/** Writes endpoints as NDJSON: members in any order, with and without blanks, some characters escaped that need not be. */
export function toNdjson(endpoints: readonly Endpoint[], random: Random): NdjsonEndpoints {
  const blanks = random.pick([[''], ['', ' '], ['', '', ' ', '\t', '  ']]);
  return ndjsonEndpoints(
    endpoints.map((endpoint) => objectOf(endpoint, random)),
    {
      lineEnd: random.pick(['\n', '\r\n'] as const),
      lastLineEnd: random.chance(0.8),
      blank: blanks.length === 1 ? () => '' : () => random.pick(blanks),
    },
  );
}

/** An NDJSON file of endpoints out of its objects. */
export function ndjsonEndpoints(objects: readonly JsonObject[], style: NdjsonStyle): NdjsonEndpoints {
  const lines = objects.map((object) => writeLine(object, style.blank));
  const place = (record: number, node: JsonNode): Place => nodePlace(lines[record]!, record + 1, node);
  return {
    type: 'ndjson',
    objects,
    lines: lines.map(({ text }) => text),
    style,
    node: place,
    text: ndjsonText(
      lines.map(({ text }) => text),
      style,
    ),
    line: (record) => record + 1,
    value: (record, path, index = 0) => {
      const { value } = memberAt(objects[record]!, path);
      return place(record, 'items' in value ? value.items[index]! : value);
    },
    record: (record) => place(record, objects[record]!),
  };
}

/** What is in a file of these lines. */
export function ndjsonText(lines: readonly string[], style: NdjsonStyle): string {
  return lines.join(style.lineEnd) + (style.lastLineEnd ? style.lineEnd : '');
}

/** The names on the way to an attribute: its objects, and its own. A custom name may hold dots. */
function namesOf(path: string): string[] {
  const custom = customName(path);
  if (custom === undefined) return path.split('.');
  return [...familyOf(path)!.path.slice(0, -2).split('.'), custom];
}

/** The member of an attribute. */
export function memberAt(object: JsonObject, path: string): JsonMember {
  let here: JsonNode = object;
  let member: JsonMember | undefined;
  for (const name of namesOf(path)) {
    member = (here as JsonObject).members.find(({ key }) => JSON.parse(key.raw) === name);
    if (member === undefined) throw new Error(`No member ${path}`);
    here = member.value;
  }
  return member!;
}

interface Tree {
  readonly inner: Map<string, Tree | JsonNode>;
}

function objectOf(endpoint: Endpoint, random: Random): JsonObject {
  const root: Tree = { inner: new Map() };
  for (const [path, values] of endpoint) {
    const names = namesOf(path);
    let here = root;
    for (const name of names.slice(0, -1)) {
      if (!here.inner.has(name)) here.inner.set(name, { inner: new Map() });
      here = here.inner.get(name) as Tree;
    }
    here.inner.set(names.at(-1)!, valueOf(attributeOf(path), values, random));
  }
  // Exports hold empty objects as well.
  for (const name of ['User', 'Attributes'])
    if (!root.inner.has(name) && endpoint.has('Address') && random.chance(0.05))
      root.inner.set(name, { inner: new Map() });
  return nodeOf(root, random);
}

function valueOf(attribute: Attribute | undefined, values: readonly string[], random: Random): JsonNode {
  if (attribute?.type === 'strings') return { items: values.map((value) => jsonString(value, random)) };
  return attribute?.type === 'number' ? jsonNumber(values[0]!) : jsonString(values[0]!, random);
}

function jsonNumber(value: string): JsonRaw {
  return { raw: value };
}

function nodeOf(tree: Tree, random: Random): JsonObject {
  return {
    members: random.shuffle([...tree.inner]).map(([name, value]) => ({
      key: jsonString(name, random),
      value: 'inner' in value ? nodeOf(value, random) : value,
    })),
  };
}
