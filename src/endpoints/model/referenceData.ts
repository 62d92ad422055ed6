import bcp47 from 'cldr-bcp47/bcp47/timezone.json' with { type: 'json' };
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };

/*
 * The tables behind the forms of values. How values are judged by them is the engine's (src/endpoints/engine/formats.ts).
 */

/** All codes of ISO 3166-1, of two letters and of three, and XK for Kosovo, which ISO leaves to its users and all of them use. */
export const countryCodes: readonly (readonly [two: string, three: string])[] = codes.map(([two, three]) => [
  two!,
  three!,
]);

const twoOfThree = new Map(countryCodes.map(([two, three]) => [three, two]));

/** All codes of two letters. */
export const countries: readonly string[] = countryCodes.map(([two]) => two);

/** The code of two letters for one of three, in any case: `US` for `USA`; `undefined` where there is none. */
export function twoLetterCountry(threeLetters: string): string | undefined {
  return twoOfThree.get(threeLetters.toUpperCase());
}

/** A zone in CLDR: its names, the one of today's tz database where that is not the first, and the zone that stands for it now. */
interface Zone {
  readonly _alias?: string;
  readonly _iana?: string;
  readonly _preferred?: string;
}

const { unk: _unknown, ...knownZones } = bcp47.keyword.u.tz;
const zones = Object.values<string | Zone>(knownZones).filter((zone) => typeof zone === 'object');

/** All names of the tz database, links such as `US/Pacific` and names of former versions included (CLDR, "bcp47/timezone.xml"). */
export const timezoneNames: readonly string[] = [
  ...zones.flatMap(({ _alias }) => _alias?.split(' ') ?? []),
  // What platforms may not know any more, but the service rewrites (User Guide, Importing segments).
  'Canada/East-Saskatchewan',
  'US/Pacific-New',
];

/** The names to choose from: one for each zone, as the tz database has it today, and UTC. */
export const timezones: readonly string[] = [
  ...zones
    .filter(({ _preferred }) => _preferred === undefined)
    .map(({ _alias, _iana }) => _iana ?? _alias?.split(' ')[0] ?? '')
    .filter((name) => name.includes('/') && !name.startsWith('Etc/'))
    .sort(),
  'UTC',
];

let timezonesByLowerCase: Map<string, string> | undefined;

/** The listed name that differs at most in case. */
export function timezoneOfAnyCase(name: string): string | undefined {
  timezonesByLowerCase ??= new Map(timezones.map((zone) => [zone.toLowerCase(), zone]));
  return timezonesByLowerCase.get(name.toLowerCase());
}
