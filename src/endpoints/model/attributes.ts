import * as abi from '../engine/abi.ts';

const docs = 'https://docs.aws.amazon.com/pinpoint/latest';
const importing = `${docs}/userguide/segments-importing.html`;
const endpointReference = `${docs}/apireference/apps-application-id-endpoints-endpoint-id.html`;
const quotas = `${docs}/developerguide/quotas.html`;

/**
 * How a value is judged.
 *
 * `text` has a limit of length and no form, `number` is any number; the others are what their names say.
 * `responseOnly` is written by exports and not read by imports: its value is not judged at all.
 */
export type ValueFormat =
  | 'text'
  | 'address'
  | 'channelType'
  | 'optOut'
  | 'country'
  | 'locale'
  | 'timezone'
  | 'latitude'
  | 'longitude'
  | 'date'
  | 'number'
  | 'id'
  | 'userId'
  | 'responseOnly';

/** One attribute of an endpoint, as import files name it. */
export interface Attribute {
  /** Dotted path, as in the header of a CSV file. A family of custom attributes ends in `.*`. */
  readonly path: string;
  /** The type in NDJSON. `strings` is an array of strings, and in CSV a column that may be repeated. */
  readonly type: 'string' | 'number' | 'strings';
  readonly format: ValueFormat;
  /** The most characters (Unicode code points) of one value; absent where AWS states none. */
  readonly maxLength?: number;
  /** All values there are. */
  readonly values?: readonly string[];
  /** What it means, in one or two sentences: for hovers, completion and the JSON schema. */
  readonly help: string;
  /** A value as it is written in CSV. */
  readonly example: string;
  /** The page of AWS's documentation that describes it. */
  readonly source: string;
}

/** What an Address holds, by channel. */
export type AddressKind = 'email' | 'phone' | 'token' | 'any';

/** One of the values of ChannelType. */
export interface Channel {
  readonly name: string;
  readonly address: AddressKind;
  readonly help: string;
}

/** The channels of an endpoint (API Reference, Endpoint). Where AWS says nothing of the address, every one is taken. */
export const channels: readonly Channel[] = [
  { name: 'ADM', address: 'token', help: 'Amazon Device Messaging: the registration token of the app.' },
  { name: 'APNS', address: 'token', help: 'Apple Push Notification service: the device token.' },
  { name: 'APNS_SANDBOX', address: 'token', help: "Apple's push service for development builds." },
  { name: 'APNS_VOIP', address: 'token', help: "Apple's push service for calls." },
  {
    name: 'APNS_VOIP_SANDBOX',
    address: 'token',
    help: "Apple's push service for calls, development builds.",
  },
  { name: 'BAIDU', address: 'token', help: 'Baidu Cloud Push: the token of the device.' },
  { name: 'CUSTOM', address: 'any', help: 'A channel of your own, by a Lambda function or a webhook.' },
  { name: 'EMAIL', address: 'email', help: 'Email: the address of the recipient.' },
  {
    name: 'GCM',
    address: 'token',
    help: 'Firebase Cloud Messaging (there is no FCM): the registration token.',
  },
  { name: 'IN_APP', address: 'any', help: 'Messages inside an app.' },
  { name: 'PUSH', address: 'any', help: 'Not for endpoints: they are never targeted.' },
  { name: 'SMS', address: 'phone', help: 'Text messages: the phone number in E.164 form.' },
  { name: 'VOICE', address: 'phone', help: 'Voice messages: the phone number in E.164 form.' },
];

/** Limits that hold for all files (User Guide, Importing segments; Developer Guide, Quotas). */
export const limits = {
  /** Characters of a value, unless its attribute has a limit of its own. */
  valueLength: 100,
  /** Characters of a custom attribute's or metric's name. */
  nameLength: abi.maxNameLength,
  /** Values of one attribute. */
  values: abi.maxValues,
  /** Distinct names in Attributes, Metrics and User.UserAttributes together. */
  customNames: abi.maxCustomNames,
  endpointsPerUser: abi.maxEndpoints,
  /** Bytes of one endpoint. */
  recordBytes: abi.maxRecordBytes,
  /** Bytes of one import job: more is an error. */
  fileBytes: 1024 ** 3,
  /** The other reading of "1 GB": from here on a warning. */
  fileBytesWarning: 1_000_000_000,
} as const;

/** Signs that a custom name should not have, because the console cannot show it (API Reference, Endpoint). */
export const charactersHiddenInConsole = '#:?\\/';

/** Everything that import files may hold (User Guide, Importing segments: "Supported attributes"). */
export const attributes: readonly Attribute[] = [
  {
    path: 'Address',
    type: 'string',
    format: 'address',
    help: 'Where messages go: an email address, a phone number in E.164 form or a device token, depending on ChannelType. New endpoints need it.',
    example: 'jane@example.com',
    source: importing,
  },
  {
    path: 'Attributes.*',
    type: 'strings',
    format: 'text',
    maxLength: limits.valueLength,
    help: 'An attribute of your own that describes the endpoint. It may have several values: an array in JSON, a repeated column in CSV.',
    example: 'Bus',
    source: importing,
  },
  {
    path: 'ChannelType',
    type: 'string',
    format: 'channelType',
    values: channels.map((channel) => channel.name),
    help: 'The channel by which messages reach the endpoint. New endpoints need it.',
    example: 'EMAIL',
    source: endpointReference,
  },
  {
    path: 'Demographic.AppVersion',
    type: 'string',
    format: 'text',
    maxLength: 50,
    help: 'The version of the app.',
    example: '1.4.2',
    source: endpointReference,
  },
  {
    path: 'Demographic.Locale',
    type: 'string',
    format: 'locale',
    maxLength: limits.valueLength,
    help: 'The locale: a language, an underscore and a country.',
    example: 'en_US',
    source: importing,
  },
  {
    path: 'Demographic.Make',
    type: 'string',
    format: 'text',
    maxLength: 50,
    help: 'The maker of the device.',
    example: 'Apple',
    source: endpointReference,
  },
  {
    path: 'Demographic.Model',
    type: 'string',
    format: 'text',
    maxLength: 100,
    help: 'The model of the device.',
    example: 'iPhone',
    source: endpointReference,
  },
  {
    path: 'Demographic.ModelVersion',
    type: 'string',
    format: 'text',
    maxLength: 50,
    help: 'The version of the model.',
    example: '15',
    source: endpointReference,
  },
  {
    path: 'Demographic.Platform',
    type: 'string',
    format: 'text',
    maxLength: 50,
    help: 'The operating system.',
    example: 'ios',
    source: endpointReference,
  },
  {
    path: 'Demographic.PlatformVersion',
    type: 'string',
    format: 'text',
    maxLength: 50,
    help: 'The version of the operating system.',
    example: '17.1',
    source: endpointReference,
  },
  {
    path: 'Demographic.Timezone',
    type: 'string',
    format: 'timezone',
    maxLength: limits.valueLength,
    help: 'The time zone, by its name in the tz database.',
    example: 'America/Los_Angeles',
    source: importing,
  },
  {
    path: 'EffectiveDate',
    type: 'string',
    format: 'date',
    help: 'When the endpoint was created or last updated, in ISO 8601. AWS lists it as importable and, on the same page, as not supported.',
    example: '2019-08-23T10:54:35.220Z',
    source: importing,
  },
  {
    path: 'Id',
    type: 'string',
    format: 'id',
    maxLength: limits.valueLength,
    help: 'The Id of the endpoint, not case-sensitive. With it, an existing endpoint is updated.',
    example: '2ab5fe49-7c10-4c0f-9d1d-8a0c1cfbe1a8',
    source: endpointReference,
  },
  {
    path: 'Location.City',
    type: 'string',
    format: 'text',
    maxLength: 75,
    help: 'The city.',
    example: 'Seattle',
    source: endpointReference,
  },
  {
    path: 'Location.Country',
    type: 'string',
    format: 'country',
    maxLength: limits.valueLength,
    help: 'The country, by the two letters of ISO 3166-1.',
    example: 'US',
    source: importing,
  },
  {
    path: 'Location.Latitude',
    type: 'number',
    format: 'latitude',
    help: 'Degrees of latitude from -90 to 90. The service rounds to one decimal. Needs Longitude.',
    example: '47.6',
    source: endpointReference,
  },
  {
    path: 'Location.Longitude',
    type: 'number',
    format: 'longitude',
    help: 'Degrees of longitude from -180 to 180. The service rounds to one decimal. Needs Latitude.',
    example: '-122.3',
    source: endpointReference,
  },
  {
    path: 'Location.PostalCode',
    type: 'string',
    format: 'text',
    maxLength: limits.valueLength,
    help: 'The postal code.',
    example: '98109',
    source: importing,
  },
  {
    path: 'Location.Region',
    type: 'string',
    format: 'text',
    maxLength: 75,
    help: 'The state or province.',
    example: 'Washington',
    source: endpointReference,
  },
  {
    path: 'Metrics.*',
    type: 'number',
    format: 'number',
    help: 'A number of your own that the service calculates with.',
    example: '12',
    source: importing,
  },
  {
    path: 'OptOut',
    type: 'string',
    format: 'optOut',
    values: ['ALL', 'NONE'],
    help: 'ALL: the user wants no messages. NONE: all messages are welcome.',
    example: 'NONE',
    source: importing,
  },
  {
    path: 'RequestId',
    type: 'string',
    format: 'text',
    maxLength: limits.valueLength,
    help: 'The Id of the last request that changed the endpoint.',
    example: '7e2f9a30-33c4-4bd5-9a3a-7a1b0b3b7a11',
    source: importing,
  },
  {
    path: 'User.UserAttributes.*',
    type: 'strings',
    format: 'text',
    maxLength: limits.valueLength,
    help: 'An attribute of your own that describes the user; it holds for all endpoints of the user. It may have several values: an array in JSON, a repeated column in CSV.',
    example: 'Jane',
    source: quotas,
  },
  {
    path: 'User.UserId',
    type: 'string',
    format: 'userId',
    maxLength: limits.valueLength,
    help: 'The Id of the user that the endpoint belongs to. A user may have 15 endpoints.',
    example: 'user-1',
    source: endpointReference,
  },
];

/** Members that exports hold and imports do not read (User Guide, Importing segments; API Reference, Endpoint). */
export const responseOnly: readonly Attribute[] = [
  ['ApplicationId', 'The Id of the project that the endpoint is in.', '810c7aab86d42fb2b56c8c966example'],
  ['CohortId', 'A number that the service assigns to the endpoint.', '42'],
  ['CreationDate', 'When the endpoint was created.', '2019-10-10T23:43:02.725Z'],
  ['EndpointStatus', 'ACTIVE or INACTIVE: whether messages can be sent to it.', 'ACTIVE'],
].map(([path, help, example]) => ({
  path: path!,
  type: 'string',
  format: 'responseOnly',
  help: `${help!} Exports hold it; imports do not read it.`,
  example: example!,
  source: importing,
}));

/** Says of an exported endpoint whether it is active: not imported, but checked. */
export const endpointStatus = responseOnly.find(({ path }) => path === 'EndpointStatus')!;

const families = attributes.filter(({ path }) => path.endsWith('.*'));
const byPath = new Map([...attributes, ...responseOnly].map((attribute) => [attribute.path, attribute]));

/** The attribute that a dotted path names, custom ones by their family; `undefined` where it is none (names are case-sensitive). */
export function attributeOf(path: string): Attribute | undefined {
  return byPath.get(path) ?? familyOf(path);
}

/** The family that a path with a custom name belongs to, such as `Attributes.*` for `Attributes.Plan`. */
export function familyOf(path: string): Attribute | undefined {
  return families.find((family) => {
    const prefix = family.path.slice(0, -1);
    return path.length > prefix.length && path.startsWith(prefix);
  });
}

/** The custom name in a path: `Plan` in `Attributes.Plan`; `undefined` where it has none. */
export function customName(path: string): string | undefined {
  return familyOf(path) === undefined ? undefined : path.slice(familyOf(path)!.path.length - 1);
}

/** A path that may be shown whatever is in the file: `Attributes.*` for one with a custom name. */
export function withoutCustomName(path: string): string {
  return familyOf(path)?.path ?? path;
}

/**
 * The supported path that was most likely meant by an unknown one, or `undefined` where none is near.
 * Near is: another case, or at most two letters (one in short names) more, fewer or different.
 */
export function nearestPath(path: string): string | undefined {
  if (nearestPaths.has(path)) return nearestPaths.get(path);
  const nearest = findNearestPath(path);
  if (nearestPaths.size === maxNearestPaths) nearestPaths.clear();
  nearestPaths.set(path, nearest);
  return nearest;
}

/** The last answers: the same names come again and again. */
const nearestPaths = new Map<string, string | undefined>();
const maxNearestPaths = 1000;

function findNearestPath(path: string): string | undefined {
  const lower = path.toLowerCase();
  for (const family of families) {
    const prefix = family.path.slice(0, -1);
    if (lower.startsWith(prefix.toLowerCase()) && path.length > prefix.length) {
      return prefix + path.slice(prefix.length);
    }
  }
  let best: string | undefined;
  let bestDistance = path.length < 6 ? 2 : 3;
  for (const [form, candidate] of comparedForms) {
    const distance = editDistance(lower, form, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** What names are compared with: paths and their last parts, in lower case. A line without line feeds may have a million names. */
const comparedForms: readonly (readonly [form: string, path: string])[] = [...byPath.keys()]
  .filter((path) => !path.endsWith('.*'))
  .flatMap((path) =>
    [...new Set([path, path.slice(path.indexOf('.') + 1)])].map(
      (form) => [form.toLowerCase(), path] as const,
    ),
  );

/**
 * The attribute that a name which is not supported certainly stands for: it differs in case, or by one letter. Its values
 * then count as there, so that one mistake in a name is one finding.
 */
export function meantAttribute(path: string): Attribute | undefined {
  const near = nearestPath(path);
  if (near === undefined || path.length < 6) return undefined;
  const isNear = editDistance(path.toLowerCase(), near.toLowerCase(), 2) < 2;
  return isNear ? attributeOf(near) : undefined;
}

/** Levenshtein's distance, or `atMost` where it is not smaller. */
function editDistance(a: string, b: string, atMost: number): number {
  if (Math.abs(a.length - b.length) >= atMost) return atMost;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    // It can only grow from here.
    if (next.every((distance) => distance >= atMost)) return atMost;
    row = next;
  }
  return Math.min(row[b.length]!, atMost);
}
