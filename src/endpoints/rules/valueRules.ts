import { limits } from '../model/attributes.ts';
import { countries, timezoneOfAnyCase, twoLetterCountry } from '../model/referenceData.ts';
import { counted } from './about.ts';
import { csv, ndjson, pages, undocumented, type Rule } from './rule.ts';

/** Codes that aren't in ISO 3166-1, but clearly mean a country. */
const usualCountries: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
]);

/** The locale intended by another separator or case: `en_US` for `en-us`; `undefined` if there is none. */
export function meantLocale(value: string): string | undefined {
  const [, language, region] = /^([A-Za-z]{2,3})[-_]([A-Za-z]{2}|[0-9]{3})$/.exec(value.trim()) ?? [];
  return language && region ? `${language.toLowerCase()}_${region.toUpperCase()}` : undefined;
}

function localeOfCountry(value: string): string | undefined {
  const locale = meantLocale(value);
  return locale !== undefined && /_([0-9]{3}|[A-Z]{2})$/.test(locale) && isRegion(locale.split('_')[1]!)
    ? locale
    : undefined;
}

function isRegion(region: string): boolean {
  return /^[0-9]{3}$/.test(region) || countries.includes(region);
}

/** Rules about values of single attributes. */
export const valueRules = {
  'country-unknown': {
    severity: 'error',
    title: 'Unknown country',
    what: "A Location.Country that isn't an ISO 3166-1 code. Case doesn't matter, and XK is accepted for Kosovo.",
    why: 'Segments by country find the endpoint only by a known code.',
    fix: 'Write the two letters of ISO 3166-1: US, DE, JP; GB for the United Kingdom.',
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,Location.Country\n1,UK\n', 'Id,Location.Country\n1,GB\n'),
      ndjson('{"Id":"1","Location":{"Country":"Germany"}}\n', '{"Id":"1","Location":{"Country":"DE"}}\n'),
    ],
    nearMiss: (value) => usualCountries.get(value.trim().toUpperCase()),
    message: ({ near, shape }) =>
      near === undefined
        ? `Unknown country: ${shape}. Expected: the two letters of ISO 3166-1, such as US.`
        : `Unknown country "${near.written}". Did you mean ${near.meant}?`,
  },
  'country-alpha3': {
    severity: 'warning',
    title: 'Three-letter country code',
    what: 'A Location.Country that is the three-letter code of ISO 3166-1.',
    why: "A segment for US doesn't include USA.",
    fix: 'Write the two-letter code.',
    fixability: 'certain',
    sources: [pages.importing, pages.endpoint],
    disputed: 'The User Guide asks for two letters. The API Reference accepts two or three.',
    examples: [
      csv('Id,Location.Country\n1,USA\n', 'Id,Location.Country\n1,US\n'),
      ndjson('{"Id":"1","Location":{"Country":"DEU"}}\n', '{"Id":"1","Location":{"Country":"DE"}}\n'),
    ],
    nearMiss: (value) => twoLetterCountry(value.trim()),
    message: ({ near }) =>
      `Three-letter country code${near ? ` "${near.written}"` : ''}. Expected: ${near?.meant ?? 'two letters'}. AWS's pages disagree.`,
  },
  'locale-form': {
    severity: 'warning',
    title: 'Not a locale',
    what: "A Demographic.Locale that doesn't have the form of en_US: two or three lowercase letters for the language, an underscore, and two uppercase letters for the country or three digits for a region.",
    why: 'Segments and templates find the endpoint only by the form that the service uses.',
    fix: 'Write en_US instead of en-US or en_us.',
    fixability: 'certain',
    sources: [pages.importing, pages.endpoint],
    disputed:
      'The User Guide asks for a language of ISO 639-1 and a country of ISO 3166-1. The API Reference also accepts es_419 and haw_US.',
    examples: [
      csv('Id,Demographic.Locale\n1,en-US\n', 'Id,Demographic.Locale\n1,en_US\n'),
      ndjson('{"Id":"1","Demographic":{"Locale":"de"}}\n', '{"Id":"1","Demographic":{"Locale":"de_DE"}}\n'),
    ],
    nearMiss: localeOfCountry,
    message: ({ near, shape }) =>
      near === undefined
        ? `Not a locale: ${shape}. Expected: language_COUNTRY, such as en_US.`
        : `Not a locale: "${near.written}". Did you mean ${near.meant}?`,
  },
  'timezone-unknown': {
    severity: 'warning',
    title: 'Unknown time zone',
    what: "A Demographic.Timezone that isn't a name of the tz database known to this version.",
    why: "Messages that are sent at the recipient's local time need a known time zone.",
    fix: 'Write a name such as America/Los_Angeles or Europe/Berlin, not an offset.',
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,Demographic.Timezone\n1,Europe/Munich\n', 'Id,Demographic.Timezone\n1,Europe/Berlin\n'),
      ndjson(
        '{"Id":"1","Demographic":{"Timezone":"+01:00"}}\n',
        '{"Id":"1","Demographic":{"Timezone":"Europe/Berlin"}}\n',
      ),
    ],
    nearMiss: (value) => timezoneOfAnyCase(value.trim()),
    message: ({ near, shape }) =>
      near === undefined
        ? `Unknown time zone: ${shape}. Expected: a tz database name, such as America/Los_Angeles.`
        : `Unknown time zone "${near.written}". Did you mean ${near.meant}?`,
  },
  'latitude-range': {
    severity: 'error',
    title: 'Not a latitude',
    what: "A Location.Latitude that isn't a number or is outside -90 to 90.",
    why: 'There is no such place. Often latitude and longitude are swapped, or the decimal separator is a comma.',
    fix: 'Write degrees with a decimal point: 47.6.',
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,122.3,47.6\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Latitude":90.5,"Longitude":0}}\n',
        '{"Id":"1","Location":{"Latitude":90,"Longitude":0}}\n',
      ),
    ],
    message: {
      outOfRange: () => 'Latitude is out of range. Expected: degrees from -90 to 90.',
      notANumber: () => "Latitude isn't a number. Expected: degrees with a decimal point, such as 47.6.",
    },
  },
  'longitude-range': {
    severity: 'error',
    title: 'Not a longitude',
    what: "A Location.Longitude that isn't a number or is outside -180 to 180.",
    why: 'There is no such place. Often the decimal separator is a comma.',
    fix: 'Write degrees with a decimal point: -122.3.',
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3W\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Latitude":0,"Longitude":-181}}\n',
        '{"Id":"1","Location":{"Latitude":0,"Longitude":-180}}\n',
      ),
    ],
    message: {
      outOfRange: () => 'Longitude is out of range. Expected: degrees from -180 to 180.',
      notANumber: () => "Longitude isn't a number. Expected: degrees with a decimal point, such as -122.3.",
    },
  },
  'location-unpaired': {
    severity: 'error',
    title: 'Latitude without longitude, or the reverse',
    what: 'A Latitude without a Longitude, or the reverse. The one that is present is marked.',
    why: 'Each of them requires the other.',
    fix: 'Add the other one, or remove both.',
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,47.6,\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Longitude":-122.3}}\n',
        '{"Id":"1","Location":{"Latitude":47.6,"Longitude":-122.3}}\n',
      ),
    ],
    message: ({ attribute }) =>
      attribute?.format === 'latitude'
        ? 'Latitude without Longitude. Add Location.Longitude or remove both.'
        : 'Longitude without Latitude. Add Location.Latitude or remove both.',
  },
  'effective-date-form': {
    severity: 'error',
    title: 'Not an ISO 8601 date',
    what: "An EffectiveDate that isn't an ISO 8601 calendar date with or without a time, in the extended form (2019-08-23T10:54:35.220Z) or the basic one (20190823T105435Z).",
    why: "The service doesn't read other forms.",
    fix: 'Write 2019-08-23T10:54:35.220Z, or leave the attribute out.',
    sources: [pages.importing],
    disputed:
      'The User Guide lists EffectiveDate among the attributes that can be imported, and on the same page names it as not supported.',
    examples: [
      csv('Id,EffectiveDate\n1,08/23/2019\n', 'Id,EffectiveDate\n1,2019-08-23T10:54:35.220Z\n'),
      ndjson(
        '{"Id":"1","EffectiveDate":"2019-02-30T00:00:00Z"}\n',
        '{"Id":"1","EffectiveDate":"2019-02-28T00:00:00Z"}\n',
      ),
    ],
    message: () => "EffectiveDate isn't an ISO 8601 date. Expected: a form like 2019-08-23T10:54:35.220Z.",
  },
  'metric-not-number': {
    severity: 'error',
    title: "Metric isn't a number",
    what: "A Metrics value in a CSV file that isn't a number. (In JSON, see json-type.)",
    why: 'The service calculates with metrics.',
    fix: 'Write a number with a decimal point and without separators, or use Attributes for text.',
    sources: [pages.importing, pages.endpoint],
    examples: [csv('Id,Metrics.Visits\n1,many\n', 'Id,Metrics.Visits\n1,12\n')],
    message: ({ subject }) =>
      `${subject} isn't a number. Expected: digits with a decimal point, such as 12.5.`,
  },
  'value-too-long': {
    severity: 'error',
    title: 'Value is too long',
    what: 'A value of more than 100 characters, or of more than its attribute allows: 50 for Demographic.AppVersion, Make, ModelVersion, Platform and PlatformVersion, 75 for Location.City and Region. Characters are counted as Unicode code points. An Address has no such limit: push tokens are longer.',
    why: 'The service refuses it.',
    fix: 'Shorten the value.',
    sources: [pages.importing, pages.quotas, pages.endpoint],
    examples: [
      csv(`Id,Location.City\n1,${'x'.repeat(76)}\n`, `Id,Location.City\n1,${'x'.repeat(75)}\n`),
      ndjson(
        `{"Id":"1","Attributes":{"Plan":["${'x'.repeat(101)}"]}}\n`,
        `{"Id":"1","Attributes":{"Plan":["${'x'.repeat(100)}"]}}\n`,
      ),
    ],
    message: ({ subject, number, attribute }) =>
      `${subject} has ${counted(number, 'character')}. The limit is ${attribute?.maxLength ?? limits.valueLength}.`,
  },
  'value-blanks': {
    severity: 'info',
    title: 'Leading or trailing spaces',
    what: 'A value that begins or ends with a space, of an attribute with a fixed form: Id, User.UserId, Address, ChannelType, OptOut, Country, Locale, Timezone, EffectiveDate, coordinates and metrics. Custom attributes and other text may have such spaces.',
    why: `${undocumented}; the spaces may become part of the value.`,
    fix: 'Remove the spaces.',
    fixability: 'certain',
    sources: [pages.importing],
    examples: [
      csv('Id,Location.Country\n1, US\n', 'Id,Location.Country\n1,US\n'),
      ndjson('{"User":{"UserId":"user-1 "}}\n', '{"User":{"UserId":"user-1"}}\n'),
    ],
    message: ({ subject }) => `${subject} has leading or trailing spaces. ${undocumented}.`,
  },
} as const satisfies Readonly<Record<string, Rule>>;
