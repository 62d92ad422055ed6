import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };

/*
 * The tables behind the forms of values. How values are judged by them is the engine's (src/endpoints/engine/forms.ts).
 */

/** All codes of ISO 3166-1, of two letters and of three. */
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

/** All time zones that this platform lists, and UTC. Older names (links) are known as well, but not listed. */
export const timezones: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC'];

/** Names of the tz database that platforms may not know any more, but the service rewrites (User Guide, Importing segments). */
export const rewrittenTimezones: readonly string[] = ['Canada/East-Saskatchewan', 'US/Pacific-New'];

let timezonesByLowerCase: Map<string, string> | undefined;

/** The listed name that differs at most in case. */
export function timezoneOfAnyCase(name: string): string | undefined {
  timezonesByLowerCase ??= new Map(timezones.map((zone) => [zone.toLowerCase(), zone]));
  return timezonesByLowerCase.get(name.toLowerCase());
}

/** Names of three letters that ICU, and so the platform, keeps for old programs. The tz database has never had them (CLDR, "bcp47/timezone.xml"). */
const namesOfIcu = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
    ' ',
  ),
);

/** True for names that are not listed but known to the platform: links such as `US/Pacific`. Takes some microseconds. */
export function isUnlistedTimezone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  if (namesOfIcu.has(name) || timezoneOfAnyCase(name) !== undefined) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
