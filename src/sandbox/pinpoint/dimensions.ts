import { badRequest } from './pinpointState.ts';
import type {
  AttributeDimension,
  Dimensions,
  Endpoint,
  MetricDimension,
  Mode,
  SegmentGroups,
  SetDimension,
} from './types.ts';
import { getOwn } from '../../ownMember.ts';

/** Developer guide, quotas: dimensions of a segment. */
const maxDimensions = 100;

type Check = (value: unknown, path: string) => void;

const members =
  (checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, path) => {
    const found = asObject(value, path);
    for (const name of required) {
      if ((getOwn(found, name) ?? undefined) === undefined) badRequest(`${path}.${name} is required`);
    }
    for (const [name, check] of Object.entries(checks)) {
      const member = getOwn(found, name) ?? undefined;
      if (member !== undefined) check(member, `${path}.${name}`);
    }
  };
const mapOf =
  (check: Check): Check =>
  (value, path) => {
    for (const [name, member] of Object.entries(asObject(value, path))) check(member, `${path}.${name}`);
  };
const listOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) badRequest(`${path} must be a list`);
    value.forEach((item: unknown, index) => {
      check(item, `${path}[${index}]`);
    });
  };
const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) => {
    if (!values.includes(value as string)) badRequest(`${path} must be one of ${values.join(', ')}`);
  };
const text: Check = (value, path) => {
  if (typeof value !== 'string') badRequest(`${path} must be a string`);
};
const number: Check = (value, path) => {
  if (typeof value !== 'number') badRequest(`${path} must be a number`);
};

const set = members({ DimensionType: oneOf('INCLUSIVE', 'EXCLUSIVE'), Values: listOf(text) }, ['Values']);
const attribute = members(
  {
    AttributeType: oneOf(
      'INCLUSIVE',
      'EXCLUSIVE',
      'CONTAINS',
      'BEFORE',
      'AFTER',
      'BETWEEN',
      'NOT_BETWEEN',
      'ON',
    ),
    Values: listOf(text),
  },
  ['Values'],
);
const mode = oneOf('ALL', 'ANY', 'NONE');

/** API reference, Segments: SegmentDimensions. */
const dimensionsForm = members({
  Attributes: mapOf(attribute),
  UserAttributes: mapOf(attribute),
  Metrics: mapOf(
    members(
      {
        ComparisonOperator: oneOf(
          'GREATER_THAN',
          'LESS_THAN',
          'GREATER_THAN_OR_EQUAL',
          'LESS_THAN_OR_EQUAL',
          'EQUAL',
        ),
        Value: number,
      },
      ['ComparisonOperator', 'Value'],
    ),
  ),
  Behavior: members({
    Recency: members(
      {
        Duration: oneOf('HR_24', 'DAY_7', 'DAY_14', 'DAY_30'),
        RecencyType: oneOf('ACTIVE', 'INACTIVE'),
      },
      ['Duration', 'RecencyType'],
    ),
  }),
  Demographic: members({
    AppVersion: set,
    Channel: set,
    DeviceType: set,
    Make: set,
    Model: set,
    Platform: set,
  }),
  Location: members({
    Country: set,
    GPSPoint: members(
      {
        Coordinates: members({ Latitude: number, Longitude: number }, ['Latitude', 'Longitude']),
        RangeInKilometers: number,
      },
      ['Coordinates'],
    ),
  }),
});

const groupsForm = members({
  Include: mode,
  Groups: listOf(
    members({
      Dimensions: listOf(dimensionsForm),
      SourceSegments: listOf(members({ Id: text, Version: number }, ['Id'])),
      SourceType: mode,
      Type: mode,
    }),
  ),
});

/** The dimensions of a request. Throws 400. */
export function readDimensions(value: unknown): Dimensions {
  dimensionsForm(value, 'Dimensions');
  checkCount([value as Dimensions]);
  return value as Dimensions;
}

/** The segment groups of a request. Throws 400. */
export function readGroups(value: unknown): SegmentGroups {
  groupsForm(value, 'SegmentGroups');
  const groups = (value as SegmentGroups).Groups ?? [];
  if (groups.length > 1) badRequest('SegmentGroups can have at most one group');
  checkCount(groups.flatMap(({ Dimensions }) => Dimensions ?? []));
  return value as SegmentGroups;
}

function checkCount(all: readonly Dimensions[]): void {
  const count = all
    .flatMap((one) => [
      one.Attributes,
      one.UserAttributes,
      one.Metrics,
      one.Behavior,
      one.Demographic,
      one.Location,
    ])
    .reduce((sum, family) => sum + Object.keys(family ?? {}).length, 0);
  if (count > maxDimensions) badRequest(`A segment can have at most ${maxDimensions} dimensions`);
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    badRequest(`${path} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

/** Whether an endpoint matches the dimensions; without dimensions, every endpoint does (User guide, segments-building). */
export function matches(dimensions: Dimensions, endpoint: Endpoint, now: number): boolean {
  const { Attributes, UserAttributes, Metrics, Behavior, Demographic, Location } = dimensions;
  return (
    every(Attributes, (name, dimension) =>
      attributeMatches(dimension, getOwn(endpoint.Attributes ?? {}, name)),
    ) &&
    every(UserAttributes, (name, dimension) =>
      attributeMatches(dimension, getOwn(endpoint.User?.UserAttributes ?? {}, name)),
    ) &&
    every(Metrics, (name, dimension) => metricMatches(dimension, getOwn(endpoint.Metrics ?? {}, name))) &&
    every(Demographic, (name, dimension) =>
      setMatches(name === 'Platform' ? inLowerCase(dimension) : dimension, demographicOf(endpoint, name)),
    ) &&
    recencyMatches(Behavior?.Recency, endpoint, now) &&
    locationMatches(Location, endpoint)
  );
}

/** Combines conditions. */
export function combine(mode: Mode | undefined, conditions: readonly (() => boolean)[]): boolean {
  const holds = (condition: () => boolean): boolean => condition();
  if (mode === 'ANY') return conditions.some(holds);
  return mode === 'NONE' ? !conditions.some(holds) : conditions.every(holds);
}

function every<T>(
  asked: Readonly<Record<string, T>> | undefined,
  holds: (name: string, dimension: T) => boolean,
): boolean {
  return Object.entries(asked ?? {}).every(([name, dimension]) => holds(name, dimension));
}

function setMatches({ DimensionType, Values }: SetDimension, value: string | undefined): boolean {
  const listed = value !== undefined && Values.includes(value);
  return DimensionType === 'EXCLUSIVE' ? !listed : listed;
}

/** Endpoints store their Platform in lower case. */
function inLowerCase(dimension: SetDimension): SetDimension {
  return { ...dimension, Values: dimension.Values.map((value) => value.toLowerCase()) };
}

/** Endpoints have no DeviceType; other names, except Channel, are the endpoint's own. */
function demographicOf(endpoint: Endpoint, name: string): string | undefined {
  return name === 'Channel' ? endpoint.ChannelType : getOwn(endpoint.Demographic ?? {}, name);
}

const dateTests: Readonly<
  Record<string, ((value: number, from: number, to: number) => boolean) | undefined>
> = {
  BEFORE: (value, from) => value < from,
  AFTER: (value, from) => value > from,
  ON: (value, from) => Math.floor(value / dayMs) === Math.floor(from / dayMs),
  BETWEEN: (value, from, to) => value >= from && value <= to,
  NOT_BETWEEN: (value, from, to) => value < from || value > to,
};

function attributeMatches(
  { AttributeType = 'INCLUSIVE', Values }: AttributeDimension,
  values: readonly string[] = [],
): boolean {
  if (AttributeType === 'INCLUSIVE') return values.some((value) => Values.includes(value));
  if (AttributeType === 'EXCLUSIVE') return !values.some((value) => Values.includes(value));
  if (AttributeType === 'CONTAINS')
    return values.some((value) => Values.some((part) => value.includes(part)));
  const [from = NaN, to = NaN] = Values.map((value) => Date.parse(value));
  return values.some((value) => getOwn(dateTests, AttributeType)?.(Date.parse(value), from, to) === true);
}

const comparisons: Readonly<Record<string, ((value: number, bound: number) => boolean) | undefined>> = {
  GREATER_THAN: (value, bound) => value > bound,
  LESS_THAN: (value, bound) => value < bound,
  GREATER_THAN_OR_EQUAL: (value, bound) => value >= bound,
  LESS_THAN_OR_EQUAL: (value, bound) => value <= bound,
  EQUAL: (value, bound) => value === bound,
};

function metricMatches(dimension: MetricDimension, value: number | undefined): boolean {
  return (
    value !== undefined &&
    getOwn(comparisons, dimension.ComparisonOperator)?.(value, dimension.Value) === true
  );
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const durations: Readonly<Record<string, number | undefined>> = {
  HR_24: dayMs,
  DAY_7: 7 * dayMs,
  DAY_14: 14 * dayMs,
  DAY_30: 30 * dayMs,
};

/** The sandbox doesn't track app sessions: EffectiveDate counts as the last activity. */
function recencyMatches(
  recency: { readonly Duration: string; readonly RecencyType: string } | undefined,
  endpoint: Endpoint,
  now: number,
): boolean {
  if (recency === undefined) return true;
  const active = now - Date.parse(endpoint.EffectiveDate) <= (getOwn(durations, recency.Duration) ?? 0);
  return active === (recency.RecencyType === 'ACTIVE');
}

function locationMatches(asked: Dimensions['Location'], { Location }: Endpoint): boolean {
  if (asked?.Country !== undefined && !setMatches(asked.Country, Location?.Country)) return false;
  if (asked?.GPSPoint === undefined) return true;
  const { Coordinates, RangeInKilometers = 0 } = asked.GPSPoint;
  if (Location?.Latitude === undefined || Location.Longitude === undefined) return false;
  const distance = kilometersBetween(
    Coordinates.Latitude,
    Coordinates.Longitude,
    Location.Latitude,
    Location.Longitude,
  );
  return distance <= RangeInKilometers;
}

/** Along the great circle. */
function kilometersBetween(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const radians = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * radians) / 2) ** 2 +
    Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * Math.sin(((lon2 - lon1) * radians) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(a)));
}
