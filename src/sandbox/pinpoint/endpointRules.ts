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
export class BadEndpoint extends Error {
  /** The same error of a member's member. */
  within(name: string): BadEndpoint {
    return new BadEndpoint(`${name}.${this.message}`);
  }
}

/**
 * Returns the value as it is stored, or throws `BadEndpoint` with a message that starts with the member's name. Names of outer members
 * are only added to errors: building paths for all values would take much of an import's time.
 */
type Check = (value: unknown, name: string) => unknown;

const text =
  (maxLength = Number.POSITIVE_INFINITY): Check =>
  (value, name) => {
    if (typeof value !== 'string') throw new BadEndpoint(`${name} must be a string`);
    if (isLongerThan(value, maxLength)) throw new BadEndpoint(`${name} exceeds ${maxLength} characters`);
    return value;
  };

const shortText = text(limits.valueLength);

/** A character is a Unicode code point: an emoji counts once. */
function isLongerThan(value: string, maxLength: number): boolean {
  return value.length > maxLength && (value.length > 2 * maxLength || Array.from(value).length > maxLength);
}

const oneOf =
  (...values: readonly string[]): Check =>
  (value, name) => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw new BadEndpoint(`${name} must be one of ${values.join(', ')}`);
  };

/** API reference, Endpoint: Ids of endpoints and users may not contain these. */
const identifier: Check = (value, name) => {
  if (typeof value !== 'string' || value === '') throw new BadEndpoint(`${name} must be a string`);
  if (/[${}]/.test(value)) throw new BadEndpoint(`${name} can't contain the characters $, { or }`);
  return value;
};

/** API reference, Endpoint: coordinates are rounded to one decimal. */
const degrees =
  (bound: number): Check =>
  (value, name) => {
    if (typeof value !== 'number' || !(Math.abs(value) <= bound)) {
      throw new BadEndpoint(`${name} must be a number between -${bound} and ${bound}`);
    }
    return Math.round(value * 10) / 10;
  };

const dateForm = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

const date: Check = (value, name) => {
  const normal =
    typeof value !== 'string'
      ? undefined
      : isUsualDate(value)
        ? `${value.slice(0, -1)}.000Z`
        : normalDate(value);
  if (normal === undefined) throw new BadEndpoint(`${name} must be a date and time in ISO 8601 format`);
  return normal;
};

/** Most dates are of the form `2026-01-31T12:00:00Z`, which needs no conversion: a fast path for imports. */
function isUsualDate(text: string): boolean {
  if (text.length !== 20) return false;
  for (let at = 0; at < 20; at++) {
    const [code, form] = [text.charCodeAt(at), usualDate.charCodeAt(at)];
    if (form === 0x30 ? code < 0x30 || code > 0x39 : code !== form) return false;
  }
  const number = (at: number): number => 10 * (text.charCodeAt(at) - 0x30) + text.charCodeAt(at + 1) - 0x30;
  const [month, day] = [number(5), number(8)];
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(100 * number(0) + number(2), month) &&
    number(11) < 24 &&
    number(14) < 60 &&
    number(17) < 60
  );
}

const usualDate = '0000-00-00T00:00:00Z';

/** The date in UTC with milliseconds; `undefined` if it doesn't exist. */
function normalDate(text: string): string | undefined {
  const parts = dateForm.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  // Date.parse takes February 30 as March 2.
  if (Number(day) > daysIn(Number(year), Number(month))) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = Date.parse(`${year!}-${month!}-${day!}T${hour}:${minute}:${second}${fraction}${offset}`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
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

const timezone: Check = (value, name) => {
  const zone = shortText(value, name) as string;
  return renamedTimezones.get(zone) ?? zone;
};

/** Lower case in exports. */
const platform: Check = (value, name) => (text(50)(value, name) as string).toLowerCase();

/** API reference, Location: two or three letters of ISO 3166-1. */
const country: Check = (value, name) => {
  if (typeof value === 'string' && /^[A-Za-z]{2,3}$/.test(value)) return value;
  throw new BadEndpoint(`${name} must be a country code of ISO 3166-1`);
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks all members of an object. Returns the object itself if all members stay as they are: copies would take much of an import's time.
 *
 * @param check returns the value to keep; `undefined` to leave the member out
 */
function checkMembers(
  value: Readonly<Record<string, unknown>>,
  name: string,
  check: (member: unknown, name: string) => unknown,
): Readonly<Record<string, unknown>> {
  let changed: Map<string, unknown> | undefined;
  try {
    for (const key of Object.keys(value)) {
      const member = getOwn(value, key);
      const kept = check(member, key);
      if (kept !== member) (changed ??= new Map<string, unknown>()).set(key, kept);
    }
  } catch (error) {
    throw error instanceof BadEndpoint && name !== '' ? error.within(name) : error;
  }
  if (changed === undefined) return value;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = changed.has(key) ? changed.get(key) : getOwn(value, key);
    if (member !== undefined) setOwn(kept, key, member);
  }
  return kept;
}

/** A map with custom names. */
const named = (check: Check): Check => {
  const checkMember: Check = (member, name) => {
    if (member === null) return undefined;
    if (isLongerThan(name, limits.nameLength)) {
      throw new BadEndpoint(`${name}: the name exceeds ${limits.nameLength} characters`);
    }
    return check(member, name);
  };
  return (value, name) => {
    if (!isObject(value)) throw new BadEndpoint(`${name} must be an object`);
    if (Object.hasOwn(value, '')) throw new BadEndpoint(`${name} has an attribute without a name`);
    return checkMembers(value, name, checkMember);
  };
};

const values: Check = (value, name) => {
  if (!Array.isArray(value)) throw new BadEndpoint(`${name} must be an array of strings`);
  if (value.length > limits.valuesPerAttribute) {
    throw new BadEndpoint(`${name} exceeds ${limits.valuesPerAttribute} values`);
  }
  for (const item of value) shortText(item, name);
  return value as unknown[];
};

const metric: Check = (value, name) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new BadEndpoint(`${name} must be a number`);
};

type UnknownMembers = 'ignore' | 'refuse';

const members = (
  checks: Readonly<Record<string, Check>>,
  unknown: UnknownMembers,
  ignored: readonly string[] = [],
): Check => {
  const checkOf = new Map(Object.entries(checks));
  const checkMember: Check = (member, name) => {
    const check = checkOf.get(name);
    if (check !== undefined) return member === null ? undefined : check(member, name);
    if (unknown === 'refuse' && !ignored.includes(name)) {
      throw new BadEndpoint(`${name} isn't a supported attribute`);
    }
    return undefined;
  };
  return (value, name) => {
    if (!isObject(value)) throw new BadEndpoint(`${name || 'The endpoint'} must be an object`);
    return checkMembers(value, name, checkMember);
  };
};

/** User guide, segments-importing: the supported attributes; API reference, Endpoint: the lengths. */
function endpointCheck(unknown: UnknownMembers): Check {
  const demographic = members(
    {
      AppVersion: text(50),
      Locale: shortText,
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
      PostalCode: shortText,
      Region: text(75),
    },
    unknown,
  );
  const location: Check = (value, name) => {
    const kept = place(value, name) as EndpointRequest['Location'];
    if ((kept?.Latitude === undefined) !== (kept?.Longitude === undefined)) {
      throw new BadEndpoint(`${name} must have both Latitude and Longitude, or neither`);
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
