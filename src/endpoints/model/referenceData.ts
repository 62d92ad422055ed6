import bcp47 from 'cldr-bcp47/bcp47/timezone.json' with { type: 'json' };
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };

/*
 * Reference data for value formats. The engine validates values with it (src/endpoints/engine/formats.ts).
 */

/** All two- and three-letter ISO 3166-1 codes, plus the user-assigned XK that is commonly used for Kosovo. */
export const countryCodes: readonly (readonly [two: string, three: string])[] = codes.map(([two, three]) => [
  two!,
  three!,
]);

const twoOfThree = new Map(countryCodes.map(([two, three]) => [three, two]));

/** All two-letter codes. */
export const countries: readonly string[] = countryCodes.map(([two]) => two);

/** The two-letter code for a three-letter one in any case: `US` for `USA`. */
export function twoLetterCountry(threeLetters: string): string | undefined {
  return twoOfThree.get(threeLetters.toUpperCase());
}

/** A CLDR zone: its names, its current name in the tz database if that isn't the first, and the zone that replaced it. */
interface Zone {
  readonly _alias?: string;
  readonly _iana?: string;
  readonly _preferred?: string;
}

const { unk: _unknown, ...knownZones } = bcp47.keyword.u.tz;
const zones = Object.values<string | Zone>(knownZones).filter((zone) => typeof zone === 'object');

/** All names of the tz database, including links such as `US/Pacific` and former names (CLDR, "bcp47/timezone.xml"). */
export const timezoneNames: readonly string[] = [
  ...zones.flatMap(({ _alias }) => _alias?.split(' ') ?? []),
  // Names that platforms may no longer know, but that the service rewrites (User Guide, Importing segments).
  'Canada/East-Saskatchewan',
  'US/Pacific-New',
];

/** The names to suggest: the current one of each zone in the tz database, and UTC. */
export const timezones: readonly string[] = [
  ...zones
    .filter(({ _preferred }) => _preferred === undefined)
    .map(({ _alias, _iana }) => _iana ?? _alias?.split(' ')[0] ?? '')
    .filter((name) => name.includes('/') && !name.startsWith('Etc/'))
    .sort(),
  'UTC',
];

let timezonesByLowerCase: Map<string, string> | undefined;

/** The listed name, ignoring case. */
export function timezoneOfAnyCase(name: string): string | undefined {
  timezonesByLowerCase ??= new Map(timezones.map((zone) => [zone.toLowerCase(), zone]));
  return timezonesByLowerCase.get(name.toLowerCase());
}
