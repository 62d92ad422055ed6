import { attributeOf, attributes, channels, familyOf, responseOnly } from '../model/attributes.ts';
import { addToRegisters, estimateDistinct, joinRegisters } from '../engine/host/distinctEstimate.ts';
import * as abi from '../engine/abi.ts';
import { countryCodes, timezoneNames } from '../model/referenceData.ts';
import type { AttributeCounts, Counts, UserCounts } from '../engine/host/statisticsReader.ts';
import { getOwn } from '../../ownMember.ts';

/** A value that names nobody, and how often it occurs. */
interface NamedValue {
  readonly value: string;
  readonly count: number;
}

/** What the values of one attribute are like. */
export interface AttributeProfile {
  /** Dotted path, a custom name included. */
  readonly path: string;
  /** Records that have it. */
  readonly filled: number;
  /** Values of the right type; an attribute may have several in a record. */
  readonly values: number;
  /** Distinct values; where `exact` is false, an estimate with the standard error in distinct.ts. Those of Id do not tell a-z from A-Z, numbers are compared as such. */
  readonly distinct: { readonly count: number; readonly exact: boolean };
  /** Characters (Unicode code points) of the longest value, and of the longest that AWS allows. */
  readonly longest: number;
  readonly limit?: number;
  /** Values with nine tenths of that or more, and values with too many. */
  readonly near: number;
  readonly over: number;
  /** Of Metrics: what can be read as numbers. */
  readonly numbers?: {
    readonly count: number;
    readonly least: number;
    readonly most: number;
    readonly mean: number;
  };
  /** The most frequent values, where they may be named; `others` counts all values that are not. */
  readonly top?: {
    readonly values: readonly NamedValue[];
    readonly others: number;
    /** True where there were too many distinct values to count each of them: counts may be too low then. */
    readonly atLeast: boolean;
  };
}

/** What is in a file, or in several. */
export interface Profile {
  /** Records whose values could be read. */
  readonly records: number;
  /** Those of the service in the order of its documentation, then custom ones by name. */
  readonly attributes: readonly AttributeProfile[];
  /** Attributes that there was no room for. */
  readonly left: { readonly count: number; readonly atLeast: boolean };
  /** Users by the number of their endpoints, each endpoint counted once. */
  readonly users: UserCounts;
}

/** Values of a custom attribute are named where there are so few distinct ones… */
const maxToName = 20;
/** …and where so many records share one, so that it cannot tell who somebody is. */
const fewestToName = 5;
/** The most values of an attribute that a profile names. */
const maxNamed = 50;
const maxLeft = 10_000;

/** Adds up what several workers counted of a file, or what was counted of several files. */
export function addUp(parts: readonly Counts[]): Counts {
  const left = new Set(parts.flatMap((part) => part.left).slice(0, maxLeft));
  const byPath = new Map<string, AttributeCounts[]>();
  for (const { attributes: counted } of parts) {
    for (const attribute of counted) {
      const { path } = attribute;
      const known = byPath.get(path);
      if (known !== undefined) known.push(attribute);
      // What one worker had no room for cannot be told of the whole file.
      else if (!left.has(path) && byPath.size < abi.maxStatistics) byPath.set(path, [attribute]);
      else if (left.size < maxLeft) left.add(path);
    }
  }
  return {
    records: sum(parts, (part) => part.records),
    attributes: [...byPath.values()].map(join),
    left: [...left],
    unnamed: parts.some((part) => part.unnamed),
    users: usersOf(parts),
  };
}

function usersOf(parts: readonly Counts[]): UserCounts | undefined {
  const users = parts.flatMap((part) => part.users ?? []);
  if (users.length === 0) return undefined;
  return {
    byEndpoints: users[0]!.byEndpoints.map((_, index) => sum(users, (one) => one.byEndpoints[index]!)),
    complete: users.every(({ complete }) => complete),
  };
}

function sum<T>(parts: readonly T[], of: (part: T) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}

function join(parts: readonly AttributeCounts[]): AttributeCounts {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const counts = new Map<bigint, { count: number; text: string | undefined }>();
  for (const part of parts) {
    part.hashes.forEach((hash, index) => {
      const known = counts.get(hash);
      if (known === undefined) counts.set(hash, { count: part.counts[index]!, text: part.texts[index] });
      else {
        known.count += part.counts[index]!;
        known.text ??= part.texts[index];
      }
    });
  }
  return {
    path: first!.path,
    filled: sum(parts, (part) => part.filled),
    values: sum(parts, (part) => part.values),
    longest: Math.max(...parts.map((part) => part.longest)),
    near: sum(parts, (part) => part.near),
    over: sum(parts, (part) => part.over),
    hashes: BigUint64Array.from(counts.keys()),
    counts: Uint32Array.from([...counts.values()].map(({ count }) => count)),
    texts: [...counts.values()].map(({ text }) => text),
    registers: joined(parts, [...counts.keys()]),
    numbers: {
      count: sum(parts, ({ numbers }) => numbers.count),
      least: Math.min(...parts.map(({ numbers }) => numbers.least)),
      most: Math.max(...parts.map(({ numbers }) => numbers.most)),
      sum: sum(parts, ({ numbers }) => numbers.sum),
    },
  };
}

/** As if one worker had counted all values: so the result does not depend on how many there are. */
function joined(parts: readonly AttributeCounts[], hashes: readonly bigint[]): Uint8Array | undefined {
  const estimated = parts.flatMap(({ registers }) => registers ?? []);
  if (estimated.length === 0 && hashes.length <= abi.maxExact) return undefined;
  const all = new Uint8Array(abi.registerCount);
  for (const registers of estimated) joinRegisters(all, registers);
  for (const hash of hashes) addToRegisters(all, hash);
  return all;
}

/** What people are told of the counts. */
export function profileOf(counts: Counts): Profile {
  const order = new Map([...attributes, ...responseOnly].map(({ path }, index) => [path, index]));
  const sortKeyOf = (path: string): number => order.get(path) ?? order.size;
  return {
    records: counts.records,
    attributes: counts.attributes
      .filter(({ filled }) => filled > 0)
      .map(attributeProfile)
      .sort((a, b) => sortKeyOf(a.path) - sortKeyOf(b.path) || (a.path < b.path ? -1 : 1)),
    left: { count: counts.left.length, atLeast: counts.unnamed || counts.left.length >= maxLeft },
    users: counts.users ?? { byEndpoints: [], complete: true },
  };
}

function attributeProfile(counted: AttributeCounts): AttributeProfile {
  const { path, filled, values, longest, near, over, hashes, registers, numbers } = counted;
  const attribute = attributeOf(path);
  const limit = attribute?.maxLength;
  const top = topOf(counted);
  return {
    path,
    filled,
    values,
    distinct:
      registers === undefined
        ? { count: hashes.length, exact: true }
        : { count: estimateDistinct(registers), exact: false },
    longest,
    ...(limit !== undefined && { limit }),
    near,
    over,
    ...(attribute?.format === 'number' &&
      numbers.count > 0 && {
        numbers: {
          count: numbers.count,
          least: numbers.least,
          most: numbers.most,
          // The order of summing up is not always the same; the last digits would tell.
          mean: Number((numbers.sum / numbers.count).toPrecision(12)),
        },
      }),
    ...(top !== undefined && { top }),
  };
}

/** What each value has to be to be named; other values of these attributes are not what they should be, and may be anything. */
const nameable: Readonly<Record<string, (value: string) => boolean>> = {
  ChannelType: (value) => channels.some(({ name }) => name === value),
  OptOut: (value) => value === 'ALL' || value === 'NONE',
  'Location.Country': (value) => knownCountries.has(value.toUpperCase()),
  'Demographic.Locale': (value) => /^[a-z]{2,3}_([A-Z]{2}|[0-9]{3})$/.test(value),
  'Demographic.Timezone': (value) => knownZones.has(value),
  EndpointStatus: (value) => value === 'ACTIVE' || value === 'INACTIVE',
};
const knownCountries = new Set(countryCodes.flat());
const knownZones = new Set(timezoneNames);

/** Attributes of the service that describe a device: their values are named where several records share them. */
const describing: ReadonlySet<string> = new Set([
  'Demographic.AppVersion',
  'Demographic.Make',
  'Demographic.Model',
  'Demographic.Platform',
  'Demographic.PlatformVersion',
]);

/**
 * The values that may be named: a report is passed on, the file is not. Addresses, Ids, places and whatever else may tell
 * who somebody is are never named. Values of custom attributes are where there are few of them, and each is shared.
 */
function topOf({ path, values, hashes, counts, texts, registers }: AttributeCounts): AttributeProfile['top'] {
  const isNameable = getOwn(nameable, path);
  const family = familyOf(path);
  const isFewValued = family?.type === 'strings' && registers === undefined && hashes.length <= maxToName;
  if (isNameable === undefined && !describing.has(path) && !isFewValued) return undefined;
  const byValue = new Map<string, number>();
  texts.forEach((text, index) => {
    if (text === undefined) return;
    const value = text.trim();
    byValue.set(value, (byValue.get(value) ?? 0) + counts[index]!);
  });
  const named = [...byValue]
    .filter(([value, count]) => isNameable?.(value) ?? count >= fewestToName)
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, maxNamed);
  return {
    values: named,
    others: values - sum(named, ({ count }) => count),
    atLeast: registers !== undefined,
  };
}
