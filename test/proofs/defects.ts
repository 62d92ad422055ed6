import {
  attributeOf,
  attributes,
  charactersHiddenInConsole,
  limits,
  responseOnly,
} from '../../src/endpoints/model/attributes.ts';
import type { AddressKind } from '../../src/endpoints/model/attributes.ts';
import type { Severity } from '../../src/endpoints/rules/rule.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { rules } from '../../src/endpoints/rules/ruleTable.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import { cellPlace, quoted } from '../support/csvText.ts';
import type { CsvFile } from '../support/csvText.ts';
import {
  csvEndpoints,
  customNameOf,
  memberAt,
  ndjsonEndpoints,
  ndjsonText,
  toCsv,
  toNdjson,
  validEndpoints,
} from '../support/endpointFiles.ts';
import type {
  CsvEndpoints,
  Endpoint,
  EndpointFile,
  NdjsonEndpoints,
  Wish,
} from '../support/endpointFiles.ts';
import { jsonString, writeLine } from '../support/jsonText.ts';
import type { JsonMember, JsonNode, JsonObject } from '../support/jsonText.ts';
import { inLine, within } from '../support/place.ts';
import type { Place } from '../support/place.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';

/** A finding as it has to be. */
export interface Expected extends Place {
  readonly code: RuleCode;
  readonly severity: Severity;
}

/** A right file, and the same file with one defect at a known place. */
interface Case {
  readonly type: FileType;
  readonly right: Uint8Array;
  readonly wrong: Uint8Array;
  readonly expected: Expected;
}

/** Makes a case of one code, in either format or in one of them. */
export interface Defect {
  readonly code: RuleCode;
  /** Tells the defects of one code apart. */
  readonly name: string;
  readonly types: readonly FileType[];
  readonly make: (random: Random, type: FileType) => Case;
}

const both: readonly FileType[] = ['csv', 'ndjson'];
const encoder = new TextEncoder();

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}

function caseOf(
  type: FileType,
  right: string | Uint8Array,
  wrong: string | Uint8Array,
  code: RuleCode,
  place: Place,
  severity: Severity = rules[code].severity,
): Case {
  return { type, right: bytesOf(right), wrong: bytesOf(wrong), expected: { ...place, code, severity } };
}

function write(type: FileType, endpoints: readonly Endpoint[], style: number): EndpointFile {
  return type === 'csv' ? toCsv(endpoints, seeded(style)) : toNdjson(endpoints, seeded(style));
}

// ── Defects of values: an endpoint is damaged before it is written, so one table serves both formats ─────────────────

interface Spoilt {
  readonly place: (file: EndpointFile) => Place;
  readonly severity?: Severity;
}

/** Spoils endpoints in place and says where the finding has to be once they are written. */
function spoils(
  code: RuleCode,
  name: string,
  wish: (random: Random) => Wish,
  spoil: (random: Random, endpoints: Endpoint[], record: number, type: FileType) => Spoilt,
  types: readonly FileType[] = both,
): Defect {
  return {
    code,
    name,
    types,
    make(random, type) {
      const endpoints = validEndpoints(random, wish(random));
      const style = random.int(2 ** 32);
      const right = write(type, endpoints, style);
      const { place, severity } = spoil(random, endpoints, random.int(endpoints.length), type);
      const wrong = write(type, endpoints, style);
      return caseOf(type, right.text, wrong.text, code, place(wrong), severity);
    },
  };
}

/** A wrong value of one attribute. */
function value(
  code: RuleCode,
  path: string,
  wrong: (random: Random, right: string) => string,
  { types = both, wish = {} }: { readonly types?: readonly FileType[]; readonly wish?: Wish } = {},
): Defect {
  return spoils(
    code,
    path,
    () => ({ ...wish, with: [path, ...(wish.with ?? [])] }),
    (random, endpoints, record) => {
      const values = endpoints[record]!.get(path)!;
      const index = random.int(values.length);
      values[index] = wrong(random, values[index]!);
      return { place: (file) => file.value(record, path, index) };
    },
    types,
  );
}

const oneOf =
  (...values: readonly string[]) =>
  (random: Random): string =>
    random.pick(values);

/** A wrong address of one kind of channel. */
function address(code: RuleCode, kind: AddressKind, ...wrong: readonly string[]): Defect {
  return value(code, 'Address', oneOf(...wrong), { wish: { address: kind } });
}

const someCharacters = Array.from('xyzéж中😀');

/** Values that are just too long, of each attribute that has a limit and takes any text. */
const tooLong = attributes
  .filter(({ format, maxLength }) => maxLength !== undefined && ['text', 'id', 'userId'].includes(format))
  .map(({ path, maxLength }) =>
    value('value-too-long', path.replace('*', 'Long'), (random) =>
      random.text(someCharacters, maxLength! + 1 + random.int(20)),
    ),
  );

const withBlanks = [
  'Address',
  'Id',
  'User.UserId',
  'Location.Country',
  'Demographic.Locale',
  'Demographic.Timezone',
  'EffectiveDate',
];
const surround = (random: Random, right: string): string =>
  random.pick([` ${right}`, `${right} `, ` ${right}  `]);

const families = attributes.filter(({ path }) => path.endsWith('.*')).map(({ path }) => path.slice(0, -1));
const textFamilies = families.filter((family) => attributeOf(`${family}x`)!.type === 'strings');

/** A wrong name of one of the custom families: found in the header of a CSV file, in each record of an NDJSON file. */
function customName(code: RuleCode, wrong: (random: Random) => string): Defect {
  return {
    code,
    name: 'custom name',
    types: both,
    make(random, type) {
      const family = random.pick(families);
      const [rightName, wrongName] = [`${family}${customNameOf(random)}`, `${family}${wrong(random)}`];
      const endpoints = validEndpoints(random, { with: [rightName] });
      const style = random.int(2 ** 32);
      const right = write(type, endpoints, style).text;
      // In NDJSON every occurrence of a name is reported, so only one record has it.
      const record = random.int(endpoints.length);
      const renamed = type === 'csv' ? endpoints : [endpoints[record]!];
      for (const endpoint of renamed) rename(endpoint, rightName, wrongName);
      if (type === 'csv') {
        const file = toCsv(endpoints, seeded(style));
        const column = file.columns.indexOf(wrongName);
        // A name is reported once, in its first column.
        return caseOf(type, right, file.text, code, cellPlace(file.file, 0, column));
      }
      const file = toNdjson(endpoints, seeded(style));
      return caseOf(
        type,
        right,
        file.text,
        code,
        keyPlace(file, record, memberAt(file.objects[record]!, wrongName)),
      );
    },
  };
}

/** The same values under another name, with one value only, so that a CSV file has one column of it. */
function rename(endpoint: Endpoint, from: string, to: string): void {
  const values = endpoint.get(from);
  if (values === undefined) return;
  endpoint.delete(from);
  endpoint.set(to, values.slice(0, 1));
}

function keyPlace(file: NdjsonEndpoints, record: number, { key }: JsonMember): Place {
  return file.node(record, key);
}

const valueDefects: readonly Defect[] = [
  spoils(
    'channel-type-missing',
    'of a new endpoint',
    () => ({ without: ['Id'], records: 2 }),
    (_random, endpoints, record, type) => {
      endpoints[record]!.delete('ChannelType');
      return {
        place: (file) => (type === 'csv' ? file.value(record, 'ChannelType') : file.record(record)),
      };
    },
  ),
  spoils(
    'channel-type-missing',
    'no such column',
    () => ({ without: ['Id'], records: 1 }),
    (_random, endpoints) => {
      endpoints[0]!.delete('ChannelType');
      return { place: (file) => file.record(0) };
    },
  ),
  spoils(
    'address-missing',
    'of a new endpoint',
    () => ({ without: ['Id'], records: 2 }),
    (_random, endpoints, record, type) => {
      endpoints[record]!.delete('Address');
      return { place: (file) => (type === 'csv' ? file.value(record, 'Address') : file.record(record)) };
    },
  ),
  spoils(
    'address-missing',
    'of one with an Id',
    () => ({ with: ['Id'], records: 2 }),
    (_random, endpoints, record, type) => {
      endpoints[record]!.delete('Address');
      return {
        severity: 'info',
        place: (file) => (type === 'csv' ? file.value(record, 'Address') : file.record(record)),
      };
    },
  ),
  spoils(
    'id-only',
    'Id and changes',
    () => ({ with: ['Id'] }),
    (_random, endpoints, record) => {
      endpoints[record]!.delete('Address');
      endpoints[record]!.delete('ChannelType');
      return { place: (file) => file.value(record, 'Id') };
    },
  ),
  value(
    'channel-type-unknown',
    'ChannelType',
    oneOf('FCM', 'email', 'Email', 'APNS_VOICE', 'E-MAIL', '1', 'SMSX', 'EMAI'),
  ),
  value('channel-type-push', 'ChannelType', () => 'PUSH'),
  address(
    'address-email',
    'email',
    'jane.example.com',
    'jane@',
    '@example.com',
    'jane@@example.com',
    'jane doe@example.com',
    'jane@example',
    'a@example.com;b@example.com',
    'jane@-example.com',
    '+12065550100',
  ),
  address(
    'address-phone',
    'phone',
    '12065550100',
    '+1 206 555 0100',
    '(206) 555-0100',
    '+1206555010012345',
    '+0206555010',
    '+',
    'jane@example.com',
    '+1206555O100',
  ),
  address('address-token', 'token', 'short', 'x', 'd5e1 fb0a 91c2 77aa'),
  spoils(
    'address-duplicate',
    'another Id, or none',
    () => ({ records: 4 }),
    (random, endpoints) => {
      const [first, second] = random
        .shuffle([0, 1, 2, 3])
        .slice(0, 2)
        .sort((a, b) => a - b) as [number, number];
      for (const path of ['ChannelType', 'Address'])
        endpoints[second]!.set(path, [...endpoints[first]!.get(path)!]);
      return { place: (file) => file.value(second, 'Address') };
    },
  ),
  spoils(
    'id-duplicate',
    'in another case',
    () => ({ records: 4, with: ['Id'] }),
    (random, endpoints) => {
      const [first, second] = random
        .shuffle([0, 1, 2, 3])
        .slice(0, 2)
        .sort((a, b) => a - b) as [number, number];
      const id = endpoints[first]!.get('Id')![0]!;
      endpoints[second]!.set('Id', [random.pick([id, id.toUpperCase(), id.toLowerCase()])]);
      return { place: (file) => file.value(second, 'Id') };
    },
  ),
  spoils(
    'too-many-endpoints-per-user',
    'the 16th',
    () => ({ records: limits.endpointsPerUser + 4, with: ['User.UserId'] }),
    (random, endpoints) => {
      endpoints.forEach((endpoint, record) => endpoint.set('User.UserId', [`other-${record}`]));
      const members = random
        .shuffle(endpoints.map((_, record) => record))
        .slice(0, limits.endpointsPerUser + 1)
        .sort((a, b) => a - b);
      for (const record of members) endpoints[record]!.set('User.UserId', ['one-user']);
      return { place: (file) => file.value(members.at(-1)!, 'User.UserId') };
    },
  ),
  value('opt-out-unknown', 'OptOut', oneOf('all', 'None', 'no', 'NO', 'true', 'ALLE', 'NON', '0')),
  value(
    'country-unknown',
    'Location.Country',
    oneOf('UK', 'Germany', 'XX', 'U', '1', 'U S', 'ÜS', 'ZZZ', 'USAA'),
  ),
  value('country-alpha3', 'Location.Country', oneOf('USA', 'DEU', 'GBR', 'can')),
  value(
    'locale-form',
    'Demographic.Locale',
    oneOf('en-US', 'en', 'en_us', 'EN_US', 'english', 'en_USA', 'e_US', 'en_', '_US', 'en_US_x'),
  ),
  value(
    'timezone-unknown',
    'Demographic.Timezone',
    oneOf('Europe/Munich', '+01:00', 'europe/berlin', 'GMT+1', 'X', 'America/', 'Europe'),
  ),
  value('latitude-range', 'Location.Latitude', oneOf('90.1', '-91', '122.3', '1000', '90.00001')),
  value(
    'latitude-range',
    'Location.Latitude',
    oneOf('north', '47.6N', '1.2.3', '--1', '.', '-', '1e', '47°'),
    { types: ['csv'] },
  ),
  value('longitude-range', 'Location.Longitude', oneOf('180.1', '-181', '1800', '-180.00001'), {
    wish: { with: ['Location.Latitude'] },
  }),
  value('longitude-range', 'Location.Longitude', oneOf('west', '122.3W', '122,3', '0x1F'), {
    types: ['csv'],
    wish: { with: ['Location.Latitude'] },
  }),
  spoils(
    'location-unpaired',
    'half a place',
    () => ({ with: ['Location.Latitude', 'Location.Longitude'] }),
    (random, endpoints, record) => {
      const [kept, dropped] = random.shuffle(['Location.Latitude', 'Location.Longitude']) as [string, string];
      endpoints[record]!.delete(dropped);
      return { place: (file) => file.value(record, kept) };
    },
  ),
  value(
    'effective-date-form',
    'EffectiveDate',
    oneOf(
      '08/23/2019',
      '2019-02-30',
      '2019-13-01T00:00:00Z',
      'yesterday',
      '2019-08-23 10:54',
      '2019-08-23T25:00:00Z',
      '1566557675',
      '2019-8-23',
      '2019-08-23T10:54:35.Z',
    ),
  ),
  value(
    'metric-not-number',
    'Metrics.Visits',
    oneOf('many', '1.2.3', '12%', '1 000', '0x10', '-', 'NaN', 'Infinity', '1e', '١٢'),
    { types: ['csv'] },
  ),
  value(
    'id-characters',
    'Id',
    (random, right) => right.slice(0, 3) + random.pick(['$', '{', '}', '${id}']) + right.slice(3),
  ),
  value(
    'id-characters',
    'User.UserId',
    (random, right) => right.slice(0, 3) + random.pick(['$', '{', '}']) + right.slice(3),
  ),
  ...tooLong,
  ...withBlanks.map((path) => value('value-blanks', path, surround)),
  customName('name-too-long', (random) => random.text(someCharacters, limits.nameLength + 1 + random.int(5))),
  customName('name-characters', (random) => `a${random.pick(Array.from(charactersHiddenInConsole))}b`),
  spoils(
    'user-ids-spaces',
    'a list of users',
    () => ({}),
    (_random, endpoints, record) => {
      const endpoint = endpoints[record]!;
      endpoint.clear();
      endpoint.set('User.UserId', ['one two three']);
      return { place: (file) => file.value(record, 'User.UserId') };
    },
    ['csv'],
  ),
  spoils(
    'too-many-values',
    'the 51st',
    (random) => ({ with: [`${random.pick(textFamilies)}Many`] }),
    (_random, endpoints, record) => {
      const endpoint = endpoints[record]!;
      const path = [...endpoint.keys()].find((path) => path.endsWith('.Many'))!;
      endpoint.set(
        path,
        Array.from({ length: limits.values + 1 }, (_, index) => `v${index}`),
      );
      return { place: (file) => file.value(record, path, limits.values) };
    },
  ),
  spoils(
    'record-too-large',
    'over 15 KB',
    () => ({}),
    (random, endpoints, record) => {
      const endpoint = endpoints[record]!;
      endpoint.set('ChannelType', ['CUSTOM']);
      endpoint.set('Address', ['x']);
      for (let name = 0; name < 4; name++)
        endpoint.set(
          `${random.pick(textFamilies)}Large${name}`,
          Array.from({ length: limits.values }, () => random.text(['x', 'y'], 100)),
        );
      return { place: (file) => file.record(record) };
    },
  ),
  {
    code: 'too-many-attributes',
    name: 'the 251st name',
    types: both,
    make(random, type) {
      const names = Array.from(
        { length: limits.customNames + 1 },
        (_, index) => `${random.pick(families)}n${index}`,
      );
      const endpoints = validEndpoints(random, {}).map(
        (endpoint) =>
          new Map([...endpoint].filter(([path]) => !families.some((family) => path.startsWith(family)))),
      );
      for (const name of names.slice(0, -1)) random.pick(endpoints).set(name, ['1']);
      const style = random.int(2 ** 32);
      const right = write(type, endpoints, style).text;
      random.pick(endpoints).set(names.at(-1)!, ['1']);
      if (type === 'csv') {
        const file = toCsv(endpoints, seeded(style));
        const customs = file.columns.filter((path) => families.some((family) => path.startsWith(family)));
        const excess = customs[limits.customNames]!;
        return caseOf(
          type,
          right,
          file.text,
          'too-many-attributes',
          cellPlace(file.file, 0, file.columns.indexOf(excess)),
        );
      }
      const file = toNdjson(endpoints, seeded(style));
      const seen = new Set<JsonMember>();
      for (const [record, object] of file.objects.entries()) {
        for (const member of customMembers(object)) {
          seen.add(member);
          if (seen.size > limits.customNames)
            return caseOf(type, right, file.text, 'too-many-attributes', keyPlace(file, record, member));
        }
      }
      throw new Error('No name is too many');
    },
  },
];

/** Members with custom names, in the order in which they are written. */
function customMembers(object: JsonObject): JsonMember[] {
  const inside = ({ value }: JsonMember): readonly JsonMember[] => (value as JsonObject).members;
  return object.members.flatMap((member) => {
    const name = JSON.parse(member.key.raw) as string;
    if (name === 'Attributes' || name === 'Metrics') return inside(member);
    if (name !== 'User') return [];
    return inside(member)
      .filter(({ key }) => JSON.parse(key.raw) === 'UserAttributes')
      .flatMap(inside);
  });
}

// ── Defects of CSV files: cells are damaged after they are laid out ──────────────────────────────────────────────────

interface SpoiltCsv {
  readonly file: CsvFile;
  readonly place: Place;
}

/** Spoils the cells of a file. */
function csv(
  code: RuleCode,
  name: string,
  spoil: (random: Random, file: CsvEndpoints, endpoints: readonly Endpoint[]) => SpoiltCsv,
  wish: Wish = {},
): Defect {
  return {
    code,
    name,
    types: ['csv'],
    make(random) {
      const endpoints = validEndpoints(random, wish);
      const right = toCsv(endpoints, random);
      const { file, place } = spoil(random, right, endpoints);
      return caseOf('csv', right.text, csvEndpoints(file, right.columns).text, code, place);
    },
  };
}

/** The file with another cell at one place. */
function withCell({ file }: CsvEndpoints, row: number, column: number, cell: string): CsvFile {
  return {
    ...file,
    rows: file.rows.map((cells, index) =>
      index === row ? cells.map((old, at) => (at === column ? cell : old)) : cells,
    ),
  };
}

/** The file with one more column, at a random place. */
function withColumn(random: Random, { file }: CsvEndpoints, name: string, values: () => string): SpoiltCsv {
  const at = random.int(file.rows[0]!.length + 1);
  const spoilt: CsvFile = {
    ...file,
    rows: file.rows.map((cells, row) => [
      ...cells.slice(0, at),
      row === 0 ? name : values(),
      ...cells.slice(at),
    ]),
  };
  return { file: spoilt, place: cellPlace(spoilt, 0, at) };
}

/** A data row and a column of it that holds free text. */
function textCell(random: Random, file: CsvEndpoints): { row: number; column: number; text: string } {
  const row = 1 + random.int(file.file.rows.length - 1);
  const column = file.columns.indexOf('Attributes.Note');
  return { row, column, text: random.text(someCharacters, 2 + random.int(20)) };
}

const otherNames = ['OptOut', 'Attributes.Plan', '"Metrics.Visits"', 'Demographic.Locale'];
const note: Wish = { with: ['Attributes.Note'] };
const unknownNames = [
  'Plan',
  'address',
  'CHANNELTYPE',
  'Demographic',
  'Demographic.Foo',
  'Location.country',
  'User.Name',
  'Attributes.',
  'Attributes',
  'Metrics',
  'User',
  'É',
  '1',
  'Endpoint.Id',
];

const csvDefects: readonly Defect[] = [
  csv('file-bom', 'before the header', (_random, { file }) => ({
    file: { ...file, bom: true },
    place: inLine(1, 1, 0),
  })),
  csv('csv-delimiter', 'another separator', (random, { file }) => {
    const spoilt = { ...file, separator: random.pick([';', '\t', '|']) };
    return { file: spoilt, place: inLine(1, 1, spoilt.rows[0]!.join(spoilt.separator).length) };
  }),
  csv('csv-header-unknown', 'an unknown column', (random, file) =>
    withColumn(random, file, random.pick(unknownNames), () => ''),
  ),
  csv('csv-header-empty', 'a column without a name', (random, file) =>
    withColumn(random, file, random.pick(['', '""']), () => random.pick(['', 'x', '"y"'])),
  ),
  csv('csv-header-space', 'blanks around a name', (random, file) => {
    const column = random.int(file.columns.length);
    const name = file.file.rows[0]![column]!;
    const spaced = name.startsWith('"')
      ? `" ${name.slice(1)}`
      : random.pick([` ${name}`, `${name} `, ` ${name}  `]);
    const spoilt = withCell(file, 0, column, spaced);
    return { file: spoilt, place: cellPlace(spoilt, 0, column) };
  }),
  csv('csv-header-duplicate', 'a fixed attribute twice', (random, file) => {
    const path = random.pick(file.columns.filter((path) => attributeOf(path)!.type !== 'strings'));
    const columns = [...file.file.rows[0]!];
    const at = file.columns.indexOf(path) + 1 + random.int(columns.length - file.columns.indexOf(path));
    const spoilt = {
      ...file.file,
      rows: file.file.rows.map((cells, row) => [
        ...cells.slice(0, at),
        row === 0 ? quoted(path) : '',
        ...cells.slice(at),
      ]),
    };
    return { file: spoilt, place: cellPlace(spoilt, 0, at) };
  }),
  csv('user-ids-columns', 'a list of users with another column', (random, { file }) => {
    const users = ['User.UserId', ...file.rows.slice(1).map((_, row) => `user-${row}`)];
    const list = { ...file, rows: users.map((user) => [user]) };
    return withColumn(random, csvEndpoints(list, ['User.UserId']), random.pick(otherNames), () => '');
  }),
  csv('csv-header-response-only', 'a column of exports', (random, file) => {
    const { path, example } = random.pick(responseOnly);
    return withColumn(random, file, path, () => random.pick(['', example]));
  }),
  csv('csv-column-count', 'cells too many', (random, { file }) => {
    const row = 1 + random.int(file.rows.length - 1);
    const excess = Array.from({ length: 1 + random.int(3) }, () => random.pick(['', 'x', '"a,b"']));
    const spoilt = {
      ...file,
      rows: file.rows.map((cells, index) => (index === row ? [...cells, ...excess] : cells)),
    };
    const columns = file.rows[0]!.length;
    const [first, last] = [
      cellPlace(spoilt, row, columns),
      cellPlace(spoilt, row, columns + excess.length - 1),
    ];
    return { file: spoilt, place: { ...first, endColumn: last.endColumn } };
  }),
  csv('csv-column-count', 'cells too few', (random, { file, columns }) => {
    const row = 1 + random.int(file.rows.length - 1);
    const kept = 1 + random.int(columns.length - 1);
    // A record of one empty cell would be an empty line.
    const cells = kept === 1 ? ['"x"'] : file.rows[row]!.slice(0, kept);
    const spoilt = { ...file, rows: file.rows.map((old, index) => (index === row ? cells : old)) };
    return {
      file: spoilt,
      place: { ...cellPlace(spoilt, row, 0), endColumn: cellPlace(spoilt, row, kept - 1).endColumn },
    };
  }),
  csv(
    'csv-quote',
    'inside a value without quotes',
    (random, file) => {
      const { row, column, text } = textCell(random, file);
      const spoilt = withCell(file, row, column, `${text}"${random.pick(['', 'x', '"', ' y'])}`);
      return { file: spoilt, place: within(cellPlace(spoilt, row, column), text.length, text.length + 1) };
    },
    note,
  ),
  csv(
    'csv-quote',
    'text behind the closing quote',
    (random, file) => {
      const { row, column, text } = textCell(random, file);
      const behind = random.pick(['x', ' ', ' y', 'é😀']);
      const spoilt = withCell(file, row, column, `"${text}"${behind}`);
      const place = cellPlace(spoilt, row, column);
      return { file: spoilt, place: within(place, text.length + 2, text.length + 2 + behind.length) };
    },
    note,
  ),
  csv(
    'csv-quote',
    'never closed',
    (random, file) => {
      const { row, column, text } = textCell(random, file);
      const spoilt = withCell(file, row, column, `"${text}`);
      // The rest of the record must not contain a quote that could close it.
      const rows = spoilt.rows.map((cells, index) =>
        index === row ? cells.map((cell, at) => (at > column ? '' : cell)) : cells,
      );
      const place = cellPlace({ ...spoilt, rows }, row, column);
      return { file: { ...spoilt, rows }, place: within(place, 0, 1) };
    },
    note,
  ),
  csv(
    'csv-line-break',
    'between quotes',
    (random, file) => {
      const { row, column, text } = textCell(random, file);
      const [before, behind] = [text, random.text(someCharacters, random.int(4))];
      const spoilt = withCell(file, row, column, `"${before}${file.file.lineEnd}${behind}"`);
      const { line, column: start } = cellPlace(spoilt, row, column);
      return {
        file: spoilt,
        place: { line, column: start + 1 + before.length, endLine: line + 1, endColumn: 1 },
      };
    },
    note,
  ),
  csv(
    'csv-tab',
    'in a value',
    (random, file) => {
      const { row, column, text } = textCell(random, file);
      const quotes = random.pick(['', '"']);
      const spoilt = withCell(file, row, column, `${quotes}${text}\tx${quotes}`);
      const at = quotes.length + text.length;
      return { file: spoilt, place: within(cellPlace(spoilt, row, column), at, at + 1) };
    },
    note,
  ),
  csv('csv-blank-line', 'between records', (random, { file }) => {
    const row = 1 + random.int(file.rows.length - 1);
    const rows = [...file.rows.slice(0, row), [], ...file.rows.slice(row)];
    return { file: { ...file, rows }, place: inLine(row + 1, 1, 0) };
  }),
];

// ── Defects of NDJSON files: objects and lines are damaged after they are laid out ──────────────────────────────────

/** Spoils one object, and names the key or value that has to be marked. */
function object(
  code: RuleCode,
  name: string,
  spoil: (random: Random, object: JsonObject) => { readonly object: JsonObject; readonly marked: JsonNode },
  wish: Wish = {},
): Defect {
  return {
    code,
    name,
    types: ['ndjson'],
    make(random) {
      const right = toNdjson(validEndpoints(random, wish), random);
      const record = random.int(right.objects.length);
      const { object, marked } = spoil(random, right.objects[record]!);
      const objects = right.objects.map((old, index) => (index === record ? object : old));
      const wrong = ndjsonEndpoints(objects, right.style);
      return caseOf('ndjson', right.text, wrong.text, code, wrong.node(record, marked));
    },
  };
}

/** Spoils one line, and says where on it the finding has to be. */
function line(
  code: RuleCode,
  name: string,
  spoil: (
    random: Random,
    line: string,
  ) => { readonly lines: readonly string[]; readonly start: number; readonly length: number },
): Defect {
  return {
    code,
    name,
    types: ['ndjson'],
    make(random) {
      // Not alone: a file of one line can be an array, which has its own code.
      const right = toNdjson(validEndpoints(random, { records: 3 }), random);
      const record = random.int(right.lines.length);
      const { lines, start, length } = spoil(random, right.lines[record]!);
      const wrong = [...right.lines.slice(0, record), ...lines, ...right.lines.slice(record + 1)];
      return caseOf(
        'ndjson',
        right.text,
        ndjsonText(wrong, { ...right.style, lastLineEnd: true }),
        code,
        inLine(record + 1, start + 1, length),
      );
    },
  };
}

/** The object with a member more, at a random place or at the end. */
function withMember(random: Random, object: JsonObject, member: JsonMember): JsonObject {
  const at = random.int(object.members.length + 1);
  return { members: [...object.members.slice(0, at), member, ...object.members.slice(at)] };
}

/** The object with another value of one of its members, or of a member of one of these. */
function withValue(object: JsonObject, path: string, value: JsonNode): JsonObject {
  const old = memberAt(object, path);
  const replace = (node: JsonObject): JsonObject => ({
    members: node.members.map((member) => {
      if (member === old) return { ...member, value };
      return 'members' in member.value ? { ...member, value: replace(member.value) } : member;
    }),
  });
  return replace(object);
}

/** A member of the endpoint, or of one of the objects in it, more. Any value will do where nobody can guess what was meant. */
function newMember(
  code: RuleCode,
  name: string,
  inside: string | undefined,
  names: readonly string[],
  values: readonly string[] = ['"x"', '1', 'null', '[]', '{"a":[{}]}'],
): Defect {
  return object(
    code,
    name,
    (random, endpoint) => {
      const member: JsonMember = {
        key: jsonString(random.pick(names)),
        value: { raw: random.pick(values) },
      };
      if (inside === undefined) return { object: withMember(random, endpoint, member), marked: member.key };
      const holder = endpoint.members.find(({ key }) => JSON.parse(key.raw) === inside)!;
      const filled = withMember(random, holder.value as JsonObject, member);
      return {
        object: {
          members: endpoint.members.map((old) => (old === holder ? { ...old, value: filled } : old)),
        },
        marked: member.key,
      };
    },
    { with: ['Demographic.Make', 'Location.City', 'User.UserId'] },
  );
}

/** A value of the wrong type: of an attribute, or of one of the objects that hold attributes. */
function type(path: string, wrong: readonly string[], wish: Wish = { with: [path] }): Defect {
  return object(
    'json-type',
    path,
    (random, endpoint) => {
      const marked = { raw: random.pick(wrong) };
      return { object: withValue(endpoint, path, marked), marked };
    },
    wish,
  );
}

/** Lines that stop being JSON behind what stands before the bar. At the end of a line there is no character to mark. */
const notJson = [
  '{|Id:"1"}',
  "{|'Id':'1'}",
  '{"Id":"1",|}',
  '{"Id" |"1"}',
  '{"Id":"1" |"OptOut":"ALL"}',
  '{"Id":"1"}|}',
  '{"Id":"1"} |{"Id":"2"}',
  '{"Id":"1"|;"OptOut":"ALL"}',
  '{"Id":|True}',
  '{"Id":t|True}',
  '{"Id":nul|}',
  '{"Id":|undefined}',
  '{"Metrics":{"a":0|1}}',
  '{"Metrics":{"a":1.|}}',
  '{"Metrics":{"a":|.5}}',
  '{"Metrics":{"a":|+5}}',
  '{"Metrics":{"a":1e|}}',
  '{"Metrics":{"a":|NaN}}',
  '{"Metrics":{"a":-|Infinity}}',
  '{"Attributes":{"a":["x",|]}}',
  '{"Attributes":{"a":["x"|}}',
  '{"Attributes":{"a":["x" |"y"]}}',
  '{"Attributes":{"a":[|,"x"]}}',
  '{"Attributes":{"a":["\\|x41"]}}',
  '{"Attributes":{"a":["\\u00|g1"]}}',
  '{"Attributes":{"a":["tab|\there"]}}',
  '{"Attributes":{"a":["é😀|\u0001"]}}',
  '"Id"|:"1"}',
  '|}',
  '{"Id":"1"|',
  '{"Id":"1",|',
  '{"Id":"1|',
  '{"Id|',
  '{|',
  '{"Attributes":{"a":["😀"|',
  '{"Id":"1"}|é',
  '{"Id":"1"}|😀',
  '{"Id":"1"} |// note',
  '{"Id":"1"}|,',
];

const jsonDefects: readonly Defect[] = [
  line('json-syntax', 'stops being JSON', (random) => {
    const [before, behind] = random.pick(notJson).split('|') as [string, string];
    const lead = random.pick(['', ' ', '\t']);
    return {
      lines: [lead + before + behind],
      start: lead.length + before.length,
      length: behind === '' ? 0 : String.fromCodePoint(behind.codePointAt(0)!).length,
    };
  }),
  line('json-syntax', 'cut off', (_random, text) => {
    const cut = text.trimEnd().slice(0, -1).trimEnd();
    return { lines: [cut], start: cut.length, length: 0 };
  }),
  line('json-not-object', 'another value', (random) => {
    const value = random.pick([
      '"x"',
      '1',
      '-2.5e3',
      'null',
      'true',
      'false',
      '[]',
      '[1,{"a":[2]}]',
      '"é😀"',
    ]);
    const lead = random.pick(['', ' ']);
    return { lines: [`${lead}${value}${random.pick(['', '  '])}`], start: lead.length, length: value.length };
  }),
  line('json-blank-line', 'between records', (random, text) => {
    const blank = random.pick(['', ' ', '\t ']);
    return { lines: [blank, text], start: 0, length: blank.length };
  }),
  object('json-duplicate-key', 'the same member again', (random, endpoint) => {
    const inner = endpoint.members.filter(({ value }) => 'members' in value && value.members.length > 0);
    const holder = random.chance(0.5) && inner.length > 0 ? random.pick(inner) : undefined;
    const members = holder === undefined ? endpoint.members : (holder.value as JsonObject).members;
    const first = random.int(members.length);
    const again = cloned(members[first]!);
    const at = first + 1 + random.int(members.length - first);
    const repeated = { members: [...members.slice(0, at), again, ...members.slice(at)] };
    return {
      object:
        holder === undefined
          ? repeated
          : { members: endpoint.members.map((old) => (old === holder ? { ...old, value: repeated } : old)) },
      marked: again.key,
    };
  }),
  newMember('json-unknown-member', 'of the endpoint', undefined, [
    'Plan',
    'Tags',
    'É',
    '',
    '__proto__',
    'constructor',
    'Attributes.Plan',
  ]),
  newMember('json-unknown-member', 'of Demographic', 'Demographic', ['Foo', 'Address', 'toString', '']),
  newMember('json-unknown-member', 'of Location', 'Location', ['Altitude', 'Continent', 'Id', '__proto__']),
  newMember('json-unknown-member', 'of User', 'User', ['Name', 'Address', 'valueOf']),
  newMember(
    'json-unknown-member',
    'in another case',
    undefined,
    ['requestId', 'REQUESTID'],
    ['"x"', '"y z"'],
  ),
  newMember(
    'json-unknown-member',
    'in another case, of Location',
    'Location',
    ['region', 'POSTALCODE'],
    ['"x"'],
  ),
  newMember(
    'json-response-only',
    'of exports',
    undefined,
    responseOnly.map(({ path }) => path),
  ),
  type('Attributes.Plan', ['"gold"', '1', 'null', 'true', '{}', '{"a":["b"]}']),
  type('User.UserAttributes.Plan', ['"gold"', '1', 'null', 'false']),
  type('Metrics.Visits', ['"12"', 'null', '[1]', '{}', 'true']),
  type('Location.Latitude', ['"47.6"', 'null', '[]']),
  type('Id', ['1', 'null', '["x"]', '{}', 'false']),
  type('Demographic.Make', ['17', '["Apple"]', 'null', '{"x":1}']),
  type('OptOut', ['true', '0']),
  type('User', ['"user-1"', '["u"]', 'null', '7'], { with: ['User.UserId'] }),
  type('Attributes', ['["x"]', '"x"', 'null'], { with: ['Attributes.Plan'] }),
  object(
    'json-type',
    'element of an array',
    (random, endpoint) => {
      const marked = { raw: random.pick(['1', 'null', 'true', '["x"]', '{"a":1}', '-0.5']) };
      const items = random.shuffle<JsonNode>([{ raw: '"a"' }, { raw: '"b"' }, marked]);
      return { object: withValue(endpoint, 'Attributes.Plan', { items }), marked };
    },
    { with: ['Attributes.Plan'] },
  ),
];

/** The same nodes once more: what is written twice has two places. */
function cloned(member: JsonMember): JsonMember {
  return structuredClone(member);
}

// ── Defects of whole files ──────────────────────────────────────────────────────────────────────────────────────────

const bytesThatAreNotUtf8 = [
  [0xff],
  [0xfe],
  [0x80],
  [0xc3],
  [0xc0, 0x80],
  [0xe4, 0xb8],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe9],
];
const stand = '\uE000';

/** A file in which some bytes stand for the private character `stand`. */
function withBytes(text: string, bytes: readonly number[]): Uint8Array {
  const [before, behind] = text.split(stand) as [string, string];
  return Buffer.concat([encoder.encode(before), Uint8Array.from(bytes), encoder.encode(behind)]);
}

const fileDefects: readonly Defect[] = [
  {
    code: 'file-empty',
    name: 'no bytes',
    types: both,
    make: (random, type) =>
      caseOf(
        type,
        write(type, validEndpoints(random), random.int(2 ** 32)).text,
        '',
        'file-empty',
        inLine(1, 1, 0),
      ),
  },
  spoiltBytes('file-encoding', 'in a value', (random, endpoints, type, style) => {
    const record = random.int(endpoints.length);
    const before = random.text(someCharacters, random.int(5));
    endpoints[record]!.set('Attributes.Note', [`${before}${stand}z`]);
    const file = write(type, endpoints, style);
    const text = file.text.replace('\\ue000', stand);
    const { line } = file.value(record, 'Attributes.Note');
    const start = text.split(/\r?\n/)[line - 1]!.indexOf(stand);
    return { wrong: withBytes(text, random.pick(bytesThatAreNotUtf8)), place: inLine(line, start + 1, 1) };
  }),
  {
    code: 'file-json-array',
    name: 'one array, or pretty-printed',
    types: ['ndjson'],
    make(random) {
      const { text, objects } = toNdjson(validEndpoints(random), random);
      const values = objects.map((object) => JSON.parse(writeLine(object, () => '').text) as unknown);
      const wrong = random.pick([
        () => JSON.stringify(values),
        () => JSON.stringify(values, undefined, 2),
        () => `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`,
        () => values.map((value) => JSON.stringify(value, undefined, 2)).join('\n'),
      ])();
      return caseOf('ndjson', text, wrong, 'file-json-array', inLine(1, 1, 1));
    },
  },
];

/** Spoils endpoints so that their file is no text any more. */
function spoiltBytes(
  code: RuleCode,
  name: string,
  spoil: (
    random: Random,
    endpoints: Endpoint[],
    type: FileType,
    style: number,
  ) => { readonly wrong: Uint8Array; readonly place: Place },
): Defect {
  return {
    code,
    name,
    types: both,
    make(random, type) {
      const endpoints = validEndpoints(random, note);
      const style = random.int(2 ** 32);
      const right = write(type, endpoints, style).text;
      const { wrong, place } = spoil(random, endpoints, type, style);
      return caseOf(type, right, wrong, code, place);
    },
  };
}

/** A way to spoil a file for each code that one file can have, and for most codes several. */
export const defects: readonly Defect[] = [...fileDefects, ...csvDefects, ...jsonDefects, ...valueDefects];
