import * as abi from '../engine/abi.ts';

const docs = 'https://docs.aws.amazon.com/pinpoint/latest';
const importing = `${docs}/userguide/segments-importing.html`;
const endpointReference = `${docs}/apireference/apps-application-id-endpoints-endpoint-id.html`;
const quotas = `${docs}/developerguide/quotas.html`;

/**
 * How a value is validated.
 *
 * `text` only has a length limit, `number` is any number; the others are what their names say.
 * `responseOnly` is in exports but not read by imports: its value isn't validated.
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

/** One attribute of an endpoint, as named in import files. */
export interface Attribute {
  /** Dotted path, as in the header of a CSV file. A family of custom attributes ends in `.*`. */
  readonly path: string;
  /** The type in NDJSON. `strings` is an array of strings, and in CSV a column that may be repeated. */
  readonly type: 'string' | 'number' | 'strings';
  readonly format: ValueFormat;
  /** Maximum number of characters (Unicode code points) per value; absent if AWS documents none. */
  readonly maxLength?: number;
  /** The possible values. */
  readonly values?: readonly string[];
  /** One or two sentences for hovers, completion and the JSON schema. */
  readonly help: string;
  /** A value as written in CSV. */
  readonly example: string;
  /** The AWS documentation page about it. */
  readonly source: string;
}

/** The kind of Address of a channel. */
export type AddressKind = 'email' | 'phone' | 'token' | 'any';

/** One of the values of ChannelType. */
export interface Channel {
  readonly name: string;
  readonly address: AddressKind;
  readonly help: string;
}

/** The channels of an endpoint (API Reference, Endpoint). If AWS documents no format for the address, any is accepted. */
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
  { name: 'CUSTOM', address: 'any', help: 'Your own channel, through a Lambda function or a webhook.' },
  { name: 'EMAIL', address: 'email', help: 'Email: the address of the recipient.' },
  {
    name: 'GCM',
    address: 'token',
    help: 'Firebase Cloud Messaging (not named FCM here): the registration token.',
  },
  { name: 'IN_APP', address: 'any', help: 'Messages inside an app.' },
  { name: 'PUSH', address: 'any', help: 'Not for endpoints: PUSH endpoints are never targeted.' },
  { name: 'SMS', address: 'phone', help: 'Text messages: the phone number in E.164 form.' },
  { name: 'VOICE', address: 'phone', help: 'Voice messages: the phone number in E.164 form.' },
];

/** Limits for all files (User Guide, Importing segments; Developer Guide, Quotas). */
export const limits = {
  /** Characters per value, unless its attribute has its own limit. */
  valueLength: 100,
  /** Characters per custom attribute or metric name. */
  nameLength: abi.maxNameLength,
  /** Values per attribute. */
  values: abi.maxValues,
  /** Distinct names in Attributes, Metrics and User.UserAttributes together. */
  customNames: abi.maxCustomNames,
  endpointsPerUser: abi.maxEndpoints,
  /** Bytes per endpoint. */
  recordBytes: abi.maxRecordBytes,
  /** Bytes per import job: more is an error. */
  fileBytes: 1024 ** 3,
  /** The other reading of "1 GB": more is a warning. */
  fileBytesWarning: 1_000_000_000,
} as const;

/** Characters that custom names should avoid, because the console doesn't show such names (API Reference, Endpoint). */
export const charactersHiddenInConsole = '#:?\\/';

/** The attributes of import files (User Guide, Importing segments: "Supported attributes"). */
export const attributes: readonly Attribute[] = [
  {
    path: 'Address',
    type: 'string',
    format: 'address',
    help: 'The destination of messages: an email address, an E.164 phone number or a device token, depending on ChannelType. Required for new endpoints.',
    example: 'jane@example.com',
    source: importing,
  },
  {
    path: 'Attributes.*',
    type: 'strings',
    format: 'text',
    maxLength: limits.valueLength,
    help: 'A custom attribute that describes the endpoint. It can have several values: an array in JSON, a repeated column in CSV.',
    example: 'Bus',
    source: importing,
  },
  {
    path: 'ChannelType',
    type: 'string',
    format: 'channelType',
    values: channels.map((channel) => channel.name),
    help: 'The channel that delivers messages to the endpoint. Required for new endpoints.',
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
    help: 'The time zone, as named in the tz database.',
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
    help: 'The country, as a two-letter ISO 3166-1 code.',
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
    help: 'A custom number that the service can calculate with.',
    example: '12',
    source: importing,
  },
  {
    path: 'OptOut',
    type: 'string',
    format: 'optOut',
    values: ['ALL', 'NONE'],
    help: 'ALL: the user receives no messages. NONE: the user receives all messages.',
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
    help: 'A custom attribute that describes the user and applies to all of their endpoints. It can have several values: an array in JSON, a repeated column in CSV.',
    example: 'Jane',
    source: quotas,
  },
  {
    path: 'User.UserId',
    type: 'string',
    format: 'userId',
    maxLength: limits.valueLength,
    help: 'The Id of the user that the endpoint belongs to. A user can have up to 15 endpoints.',
    example: 'user-1',
    source: endpointReference,
  },
];

/** Members in exports that imports don't read (User Guide, Importing segments; API Reference, Endpoint). */
export const responseOnly: readonly Attribute[] = [
  ['ApplicationId', 'The Id of the project that contains the endpoint.', '810c7aab86d42fb2b56c8c966example'],
  ['CohortId', 'A number that the service assigns to the endpoint.', '42'],
  ['CreationDate', 'When the endpoint was created.', '2019-10-10T23:43:02.725Z'],
  ['EndpointStatus', 'ACTIVE or INACTIVE: whether messages can be sent to it.', 'ACTIVE'],
].map(([path, help, example]) => ({
  path: path!,
  type: 'string',
  format: 'responseOnly',
  help: `${help!} In exports only; imports ignore it.`,
  example: example!,
  source: importing,
}));

/** Whether an exported endpoint is active: not imported, but checked. */
export const endpointStatus = responseOnly.find(({ path }) => path === 'EndpointStatus')!;

const families = attributes.filter(({ path }) => path.endsWith('.*'));
const byPath = new Map([...attributes, ...responseOnly].map((attribute) => [attribute.path, attribute]));

/** The attribute at a dotted path (case-sensitive), for custom ones the family; `undefined` if it isn't supported. */
export function attributeOf(path: string): Attribute | undefined {
  return byPath.get(path) ?? familyOf(path);
}

/** The family of a path with a custom name, such as `Attributes.*` for `Attributes.Plan`. */
export function familyOf(path: string): Attribute | undefined {
  return families.find((family) => {
    const prefix = family.path.slice(0, -1);
    return path.length > prefix.length && path.startsWith(prefix);
  });
}

/** The custom name in a path: `Plan` in `Attributes.Plan`. */
export function customName(path: string): string | undefined {
  return familyOf(path) === undefined ? undefined : path.slice(familyOf(path)!.path.length - 1);
}

/** A path without file content: `Attributes.*` instead of a custom name. */
export function withoutCustomName(path: string): string {
  return familyOf(path)?.path ?? path;
}

/**
 * The supported path closest to an unknown one, or `undefined`. Close means: another case, or at most two letters (one in
 * short names) added, removed or replaced.
 */
export function nearestPath(path: string): string | undefined {
  if (nearestPaths.has(path)) return nearestPaths.get(path);
  const nearest = findNearestPath(path);
  if (nearestPaths.size === maxNearestPaths) nearestPaths.clear();
  nearestPaths.set(path, nearest);
  return nearest;
}

/** A cache of recent results, because the same names recur. */
const nearestPaths = new Map<string, string | undefined>();
const maxNearestPaths = 10_000;

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

/** Lowercase paths and last path parts to compare with, computed once: a single line can have a million names. */
const comparedForms: readonly (readonly [form: string, path: string])[] = [...byPath.keys()]
  .filter((path) => !path.endsWith('.*'))
  .flatMap((path) =>
    [...new Set([path, path.slice(path.indexOf('.') + 1)])].map(
      (form) => [form.toLowerCase(), path] as const,
    ),
  );

/**
 * The attribute that an unknown name clearly means: it differs only in case or by one letter. Its values then count as
 * present, so that one mistake in a name is one finding.
 */
export function meantAttribute(path: string): Attribute | undefined {
  const near = nearestPath(path);
  if (near === undefined || path.length < 6) return undefined;
  const isNear = editDistance(path.toLowerCase(), near.toLowerCase(), 2) < 2;
  return isNear ? attributeOf(near) : undefined;
}

const maxDistance = 3;
let rows = [new Uint8Array(64), new Uint8Array(64)] as const;

/**
 * The Levenshtein distance, capped at `limit`, which is at most `maxDistance`. Only distances below the limit matter, and these are
 * close to the diagonal.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  if (b.length + 2 > rows[0].length) rows = [new Uint8Array(2 * b.length), new Uint8Array(2 * b.length)];
  let [row, next] = rows;
  for (let j = 0; j <= b.length; j++) row[j] = Math.min(j, maxDistance);
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - limit + 1);
    const to = Math.min(b.length, i + limit - 1);
    next[from - 1] = from === 1 ? Math.min(i, maxDistance) : maxDistance;
    let smallest = next[from - 1]!;
    for (let j = from; j <= to; j++) {
      const replaced = row[j - 1]! + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const distance = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, maxDistance);
      next[j] = distance;
      if (distance < smallest) smallest = distance;
    }
    next[to + 1] = maxDistance;
    // The distance can only grow from here.
    if (smallest >= limit) return limit;
    [row, next] = [next, row];
  }
  return Math.min(row[b.length]!, limit);
}
