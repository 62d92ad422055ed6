import {
  attributeOf,
  attributes,
  channels,
  customName,
  familyOf,
  responseOnly,
} from '../model/attributes.ts';
import { addToRegisters, estimateDistinct, joinRegisters } from '../engine/host/distinctEstimate.ts';
import * as abi from '../engine/abi.ts';
import { countryCodes, timezoneNames } from '../model/referenceData.ts';
import type { AttributeCounts, Counts, UserCounts } from '../engine/host/statisticsReader.ts';
import { compareDecimals, extremeOf, meanOf } from '../model/decimals.ts';
import { getOwn } from '../../ownMember.ts';
import { looksLikeAddress } from '../rules/about.ts';

/** A value that doesn't identify a person, and its number of occurrences. */
interface NamedValue {
  readonly value: string;
  readonly count: number;
}

/** The statistics of one attribute. */
export interface AttributeProfile {
  /** Dotted path, including a custom name. */
  readonly path: string;
  /** Records with a value. */
  readonly filled: number;
  /** Values of the right type; an attribute may have several in a record. */
  readonly values: number;
  /**
   * Distinct values; if `exact` is false, an estimate with the standard error in distinctEstimate.ts. Ids are compared without
   * regard to case, numbers by value.
   */
  readonly distinct: { readonly count: number; readonly exact: boolean };
  /** Characters (Unicode code points) of the longest value, and the maximum that AWS allows. */
  readonly longest: number;
  readonly limit?: number;
  /** Values with at least nine tenths of that, and values with too many. */
  readonly near: number;
  readonly over: number;
  /** For metrics: the values that are numbers. */
  readonly numbers?: {
    readonly count: number;
    readonly least: number;
    readonly most: number;
    /** Rounded once, from the exact sum. */
    readonly mean: number;
    /** All digits of the extremes, if they have more than a number can hold. */
    readonly exactLeast?: string;
    readonly exactMost?: string;
  };
  /** The most frequent values, if they may be named; `others` counts all values that aren't. */
  readonly top?: {
    readonly values: readonly NamedValue[];
    readonly others: number;
    /** True if there were too many distinct values to count each: then the counts are minimums. */
    readonly atLeast: boolean;
  };
}

/** The content of one or several files, as statistics. */
export interface Profile {
  /** Records whose values could be read. */
  readonly records: number;
  /** The service's in the order of its documentation, then custom ones by name. */
  readonly attributes: readonly AttributeProfile[];
  /** Attributes without statistics for lack of room. */
  readonly left: { readonly count: number; readonly atLeast: boolean };
  /** Users by number of endpoints; each endpoint counts once. */
  readonly users: UserCounts;
}

/** Values of a custom attribute are named if there are at most this many distinct ones … */
const maxToName = 20;
/** … and at least this many records share each, so that none identifies anybody. */
const fewestToName = 5;
/** Maximum number of values that a profile names per attribute. */
const maxNamed = 50;
const maxLeft = 10_000;

/** Adds up the statistics of several workers or files. */
export function addUp(parts: readonly Counts[]): Counts {
  const left = new Set(parts.flatMap((part) => part.left).slice(0, maxLeft));
  const byPath = new Map<string, AttributeCounts[]>();
  for (const { attributes: counted } of parts) {
    for (const attribute of counted) {
      const { path } = attribute;
      const known = byPath.get(path);
      if (known !== undefined) known.push(attribute);
      // What one worker had no room for can't be given for the whole file.
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
      min: extremeOf(
        parts.flatMap(({ numbers }) => numbers.min ?? []),
        'min',
      ),
      max: extremeOf(
        parts.flatMap(({ numbers }) => numbers.max ?? []),
        'max',
      ),
      sum: parts.reduce((total, { numbers }) => total + numbers.sum, 0n),
    },
  };
}

/** As if one worker had counted all values, so that the result doesn't depend on their number. */
function joined(parts: readonly AttributeCounts[], hashes: readonly bigint[]): Uint8Array | undefined {
  const estimated = parts.flatMap(({ registers }) => registers ?? []);
  if (estimated.length === 0 && hashes.length <= abi.maxExact) return undefined;
  const all = new Uint8Array(abi.registerCount);
  for (const registers of estimated) joinRegisters(all, registers);
  for (const hash of hashes) addToRegisters(all, hash);
  return all;
}

/** The profile of the statistics. */
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
    path: shownPath(path),
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
          least: Number(numbers.min),
          most: Number(numbers.max),
          mean: meanOf(numbers.sum, numbers.count),
          ...exactIf('exactLeast', numbers.min!),
          ...exactIf('exactMost', numbers.max!),
        },
      }),
    ...(top !== undefined && { top }),
  };
}

function exactIf<Name extends string>(name: Name, text: string): Partial<Record<Name, string>> {
  return compareDecimals(String(Number(text)), text) === 0 ? {} : ({ [name]: text } as Record<Name, string>);
}

/** A custom name that looks like an address is left out: a record may have made it of one. */
function shownPath(path: string): string {
  const name = customName(path);
  return name !== undefined && looksLikeAddress(name)
    ? `${path.slice(0, -name.length)}(name left out)`
    : path;
}

/** Conditions for naming a value; other values of these attributes are invalid, and could be anything. */
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

/** The service's attributes that describe a device: values are named if several records share them. */
const describing: ReadonlySet<string> = new Set([
  'Demographic.AppVersion',
  'Demographic.Make',
  'Demographic.Model',
  'Demographic.Platform',
  'Demographic.PlatformVersion',
]);

/** True for an address or an Id, however many share it: an account manager's, say. A date has as many digits as a phone number. */
function mayNamePerson(value: string): boolean {
  const isDate = /^\d{4}-\d\d-\d\d(?:[T ][\d:.]{0,15}Z?)?$/.test(value);
  return (
    (!isDate && looksLikeAddress(value)) ||
    /(?<![\da-f])[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}/i.test(value)
  );
}

/**
 * The values that may be named: a report is passed on, unlike the file. Addresses, Ids, places and anything else that may
 * identify a person are never named. Values of custom attributes are named if they are few and each is shared.
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
    .filter(([value, count]) => isNameable?.(value) ?? (count >= fewestToName && !mayNamePerson(value)))
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, maxNamed);
  return {
    values: named,
    others: values - sum(named, ({ count }) => count),
    atLeast: registers !== undefined,
  };
}
