import type { EndpointRequest } from './types.ts';
import { getOwn, setOwn } from '../../ownMember.ts';

/** API reference, Endpoint: ChannelType. */
const channelTypes = [
  'PUSH',
  'GCM',
  'APNS',
  'APNS_SANDBOX',
  'APNS_VOIP',
  'APNS_VOIP_SANDBOX',
  'ADM',
  'SMS',
  'VOICE',
  'EMAIL',
  'BAIDU',
  'CUSTOM',
  'IN_APP',
] as const;

/** Developer guide, quotas: endpoint size, attributes, values. */
export const limits = {
  endpointBytes: 15 * 1024,
  nameLength: 50,
  valueLength: 100,
  valuesPerAttribute: 50,
  endpointsPerUser: 15,
  attributesPerApp: 250,
} as const;

/** An invalid endpoint definition; callers see the message. */
export class BadEndpoint extends Error {}

type Check = (value: unknown, path: string) => unknown;

const text =
  (maxLength = Number.POSITIVE_INFINITY): Check =>
  (value, path) => {
    if (typeof value !== 'string') throw new BadEndpoint(`${path} must be a string`);
    if (isLongerThan(value, maxLength)) throw new BadEndpoint(`${path} exceeds ${maxLength} characters`);
    return value;
  };

/** A character is a Unicode code point: an emoji counts once. */
function isLongerThan(value: string, maxLength: number): boolean {
  return value.length > maxLength && (value.length > 2 * maxLength || Array.from(value).length > maxLength);
}

const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw new BadEndpoint(`${path} must be one of ${values.join(', ')}`);
  };

/** API reference, Endpoint: Ids of endpoints and users may not contain these. */
const identifier: Check = (value, path) => {
  if (typeof value !== 'string' || value === '') throw new BadEndpoint(`${path} must be a string`);
  if (/[${}]/.test(value)) throw new BadEndpoint(`${path} can't contain the characters $, { or }`);
  return value;
};

/** API reference, Endpoint: coordinates are rounded to one decimal. */
const degrees =
  (bound: number): Check =>
  (value, path) => {
    if (typeof value !== 'number' || !(Math.abs(value) <= bound)) {
      throw new BadEndpoint(`${path} must be a number between -${bound} and ${bound}`);
    }
    return Math.round(value * 10) / 10;
  };

const dateForm = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

const date: Check = (value, path) => {
  const parts = typeof value === 'string' ? dateForm.exec(value) : null;
  const normal = parts === null ? undefined : normalDate(parts);
  if (normal === undefined) throw new BadEndpoint(`${path} must be a date and time in ISO 8601 format`);
  return normal;
};

/** The date in UTC with milliseconds; `undefined` if it doesn't exist. */
function normalDate(parts: RegExpExecArray): string | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  // Date.parse takes February 30 as March 2.
  if (Number(day) > daysIn(Number(year), Number(month))) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = Date.parse(`${year!}-${month!}-${day!}T${hour}:${minute}:${second}${fraction}${offset}`);
  if (Number.isNaN(time)) return undefined;
  // Fast path: no conversion needed.
  if (zone === 'Z' && fraction === '' && hour < '24')
    return `${year!}-${month!}-${day!}T${hour}:${minute}:${second}.000Z`;
  return new Date(time).toISOString();
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** User guide, segments-importing: names that the service replaces. */
const renamedTimezones = new Map([
  ['Canada/East-Saskatchewan', 'America/Managua'],
  ['US/Pacific-New', 'America/Los_Angeles'],
]);

const timezone: Check = (value, path) => {
  const name = text(limits.valueLength)(value, path) as string;
  return renamedTimezones.get(name) ?? name;
};

/** Lower case in exports. */
const platform: Check = (value, path) => (text(50)(value, path) as string).toLowerCase();

/** API reference, Location: two or three letters of ISO 3166-1. */
const country: Check = (value, path) => {
  if (typeof value === 'string' && /^[A-Za-z]{2,3}$/.test(value)) return value;
  throw new BadEndpoint(`${path} must be a country code of ISO 3166-1`);
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map with custom names. */
const named =
  (check: Check): Check =>
  (value, path) => {
    if (!isObject(value)) throw new BadEndpoint(`${path} must be an object`);
    const kept: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const member = getOwn(value, name);
      if (member === null) continue;
      if (name === '') throw new BadEndpoint(`${path} has an attribute without a name`);
      if (isLongerThan(name, limits.nameLength)) {
        throw new BadEndpoint(`${path}.${name}: the name exceeds ${limits.nameLength} characters`);
      }
      setOwn(kept, name, check(member, `${path}.${name}`));
    }
    return kept;
  };

const values: Check = (value, path) => {
  if (!Array.isArray(value)) throw new BadEndpoint(`${path} must be an array of strings`);
  if (value.length > limits.valuesPerAttribute) {
    throw new BadEndpoint(`${path} exceeds ${limits.valuesPerAttribute} values`);
  }
  return value.map((item) => text(limits.valueLength)(item, path));
};

const metric: Check = (value, path) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new BadEndpoint(`${path} must be a number`);
};

type UnknownMembers = 'ignore' | 'refuse';

const members = (
  checks: Readonly<Record<string, Check>>,
  unknown: UnknownMembers,
  ignored: readonly string[] = [],
): Check => {
  return (value, path) => {
    if (!isObject(value)) throw new BadEndpoint(`${path || 'The endpoint'} must be an object`);
    const kept: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const member = getOwn(value, name);
      const memberPath = path === '' ? name : `${path}.${name}`;
      const check = getOwn(checks, name);
      if (check !== undefined) {
        if (member !== null) setOwn(kept, name, check(member, memberPath));
      } else if (unknown === 'refuse' && !ignored.includes(name)) {
        throw new BadEndpoint(`${memberPath} isn't a supported attribute`);
      }
    }
    return kept;
  };
};

/** User guide, segments-importing: the supported attributes; API reference, Endpoint: the lengths. */
function endpointCheck(unknown: UnknownMembers): Check {
  const demographic = members(
    {
      AppVersion: text(50),
      Locale: text(limits.valueLength),
      Make: text(50),
      Model: text(100),
      ModelVersion: text(50),
      Platform: platform,
      PlatformVersion: text(50),
      Timezone: timezone,
    },
    unknown,
  );
  const place = members(
    {
      City: text(75),
      Country: country,
      Latitude: degrees(90),
      Longitude: degrees(180),
      PostalCode: text(limits.valueLength),
      Region: text(75),
    },
    unknown,
  );
  const location: Check = (value, path) => {
    const kept = place(value, path) as EndpointRequest['Location'];
    if ((kept?.Latitude === undefined) !== (kept?.Longitude === undefined)) {
      throw new BadEndpoint(`${path} must have both Latitude and Longitude, or neither`);
    }
    return kept;
  };
  const common = {
    // The service stores addresses unchecked, even an email address without `@`.
    Address: text(),
    Attributes: named(values),
    ChannelType: oneOf(...channelTypes),
    Demographic: demographic,
    EffectiveDate: date,
    Id: identifier,
    Location: location,
    Metrics: named(metric),
    OptOut: oneOf('ALL', 'NONE'),
    RequestId: text(),
    User: members({ UserId: identifier, UserAttributes: named(values) }, unknown),
  };
  // Imports support neither EndpointStatus (User guide, segments-importing) nor response-only members, but don't reject them:
  // exports can be imported again.
  return unknown === 'refuse'
    ? members(common, 'refuse', ['EndpointStatus', 'ApplicationId', 'CohortId', 'CreationDate'])
    : members({ ...common, EndpointStatus: oneOf('ACTIVE', 'INACTIVE') }, 'ignore');
}

const requestCheck = endpointCheck('ignore');
const importCheck = endpointCheck('refuse');

/** Checks the body of UpdateEndpoint or an item of UpdateEndpointsBatch. Throws `BadEndpoint`. */
export function validateRequest(value: unknown): EndpointRequest {
  return requestCheck(value, '') as EndpointRequest;
}

/** Checks one record of an import file, in the form of an NDJSON line. Throws `BadEndpoint`. */
export function validateImportRecord(value: unknown): EndpointRequest {
  return importCheck(value, '') as EndpointRequest;
}
