import { channels, limits, type Attribute } from './attributes.ts';
import * as is from './engine/shared.ts';
import { timezoneOfAnyCase, twoLetterCountry } from './forms.ts';
import type { Member } from './jsonMembers.ts';
import { attributeOf, awkwardNameSigns, nearestPath } from './attributes.ts';
import type { RuleCode } from './rules.ts';

/** A finding of the engine, as far as messages need to know it. */
export interface Found {
  /** What the value is called: a column or a dotted path; the name of the custom attribute included. */
  readonly name: string;
  readonly attribute: Attribute | undefined;
  readonly detail: number;
  readonly slot: number;
  /** The JSON name that the finding is about, with what it stands for. */
  readonly key: { readonly path: string; readonly name: string; readonly member: Member } | undefined;
  /** The bytes that are marked, without quotes around them. Only for values that name nobody: channels, countries, locales, zones. */
  value(): string;
}

/** A message for each rule that the engine judges by: what is wrong, what is expected, and where AWS's pages disagree. */
const messages: Partial<Readonly<Record<RuleCode, (found: Found) => string>>> = {
  'csv-column-count': ({ detail, slot }) => `The record has ${detail} cells. The header has ${slot} columns.`,
  'csv-quote': ({ detail }) => quoteMessages[detail]!,
  'csv-line-break': () => 'A line break inside a value. Expected: a space.',
  'csv-tab': () => 'A tab in a value. Expected: a space.',
  'csv-blank-line': () => 'An empty line. AWS does not say what the service makes of it.',
  'json-syntax': ({ detail }) =>
    detail === 1
      ? 'The line ends here, but the JSON object does not. Expected: one complete object a line.'
      : 'The line is not JSON from here on.',
  'json-not-object': () => 'The line is JSON, but no object. Expected: one endpoint, as an object.',
  'json-duplicate-key': () => 'This name is there twice in one object. Most readers keep the last value.',
  'json-unknown-member': ({ key }) => unknownName(key!.path, 'member', key!.member.meant),
  'json-response-only': ({ key }) => responseOnlyName(key!.name, 'member'),
  'json-type': wrongType,
  'json-blank-line': () => 'An empty line. AWS does not say what the service makes of it.',
  'channel-type-missing': () =>
    'The record has no ChannelType. New endpoints need ChannelType and Address, updates an Id.',
  'channel-type-unknown': (found) => {
    const meant = meantChannel(found.value());
    return meant === undefined
      ? `ChannelType is ${shown(found)}. Expected: ${channels.map(({ name }) => name).join(', ')}.`
      : `ChannelType is ${shown(found)}. Expected: ${meant}, in this spelling.`;
  },
  'channel-type-push': () =>
    'ChannelType is PUSH: such endpoints are never targeted. Expected: the push service that the token is of, such as GCM or APNS.',
  'address-missing': (found) =>
    found.detail === 1
      ? 'The record has no Address. Where the endpoint has none yet, it is opted out until it has one and OptOut is set to NONE.'
      : 'The record has no Address. New endpoints need ChannelType and Address, updates an Id.',
  'address-email': ({ detail }) =>
    `ChannelType is ${channels[detail]!.name}, but Address is no e-mail address. Expected: name@domain.`,
  'address-phone': ({ detail }) =>
    `ChannelType is ${channels[detail]!.name}, but Address is no phone number in E.164 form. Expected: + and up to 15 digits, such as +12065550100. AWS's pages disagree: the User Guide says that this form is a must, examples in the Developer Guide leave out the plus sign.`,
  'address-token': ({ detail }) =>
    `ChannelType is ${channels[detail]!.name}, but Address is no device token: it has blanks or fewer than 8 characters.`,
  'address-duplicate': ({ detail }) =>
    detail === is.detailFull
      ? stopped('addresses')
      : 'This channel and address are there before, with another Id or none: two endpoints with one address.',
  'opt-out-unknown': (found) => `OptOut is ${shown(found)}. Expected: ALL or NONE.`,
  'country-unknown': (found) =>
    `Country is ${shown(found)}. Expected: the two letters of ISO 3166-1, such as US.`,
  'country-alpha3': (found) =>
    `Country is ${shown(found)}. Expected: ${twoLetterCountry(found.value().trim()) ?? 'two letters'}. AWS's pages disagree: the User Guide asks for two letters, the API Reference accepts three as well.`,
  'locale-form': (found) =>
    `Locale is ${shown(found)}. Expected: language_COUNTRY such as en_US. AWS's pages disagree: the User Guide asks for ISO 639-1 and ISO 3166-1, the API Reference also accepts es_419 and haw_US.`,
  'timezone-unknown': (found) =>
    `Timezone is ${shown(found)}. Expected: a name of the tz database such as ${timezoneOfAnyCase(found.value().trim()) ?? 'America/Los_Angeles'}.`,
  'latitude-range': (found) => degrees(found, 90),
  'longitude-range': (found) => degrees(found, 180),
  'location-unpaired': ({ name, attribute }) =>
    `${name} needs Location.${attribute?.form === 'latitude' ? 'Longitude' : 'Latitude'}, too.`,
  'effective-date-form': () =>
    "EffectiveDate is no date of ISO 8601. Expected: 2019-08-23T10:54:35.220Z. AWS's pages disagree on EffectiveDate: the User Guide lists it as importable and, on the same page, as not supported.",
  'metric-not-number': ({ name }) =>
    `The value of ${name} is no number. Expected: a number with a decimal point, such as 12.5.`,
  'id-characters': ({ name }) => `${name} must not hold $, { or }.`,
  'id-duplicate': ({ detail }) =>
    detail === is.detailFull
      ? stopped('Ids')
      : 'This Id is there before; upper and lower case are not told apart. It is one endpoint, and the later record wins.',
  'id-only': () =>
    "An update by Id alone: it needs an endpoint that exists. AWS's pages disagree: one asks only new endpoints for ChannelType and Address, another requires both for every segment.",
  'user-ids-spaces': () =>
    "Several user IDs in one cell. Expected: one a line. AWS's pages disagree: some show several with spaces between them.",
  'value-too-long': ({ name, attribute, detail }) =>
    `The value of ${name} has ${detail} characters. It may have ${attribute?.maxLength ?? limits.valueLength}.`,
  'value-blanks': ({ name }) =>
    `The value of ${name} begins or ends with a blank. AWS does not say whether the service removes it.`,
  'name-too-long': ({ key }) => longName(key!.name),
  'name-characters': ({ key }) => awkwardName(key!.name),
  'too-many-values': ({ name }) => `${name} has more than ${limits.values} values. This is the 51st.`,
  'too-many-attributes': () => tooManyAttributes,
  'too-many-endpoints-per-user': ({ detail }) =>
    detail === is.detailFull
      ? stopped('user IDs')
      : `This user has more than ${limits.endpointsPerUser} endpoints in this file. A user may have ${limits.endpointsPerUser}.`,
  'record-too-large': ({ detail }) => {
    const limit = `The endpoint has more than ${limits.recordBytes.toLocaleString('en-US')} bytes (15 KB) as a line of JSON`;
    return detail === 1
      ? `${limit}: the line is so long that it is not looked into any further.`
      : `${limit}.`;
  },
};

/** The message of a finding of the engine. */
export function messageOf(code: RuleCode, found: Found): string {
  return messages[code]!(found);
}

const quoteMessages: Readonly<Record<number, string>> = {
  [is.quoteInside]:
    'A double quote inside a value that is not quoted. Expected: the whole value between double quotes, and each quote inside it doubled.',
  [is.quoteNeverClosed]: 'This double quote is never closed.',
  [is.quoteTextBehind]:
    'Text behind the closing double quote. Expected: a comma or the end of the line; a quote inside a value has to be doubled.',
};

/** The message on a quote in a header, which has no other findings of quotes. */
export const quoteInHeader = 'A double quote in the wrong place. Quotes inside a name have to be doubled.';

export const tooManyAttributes = `This is the 251st custom name in Attributes, Metrics and User.UserAttributes. A project may have ${limits.customNames}.`;

function stopped(what: string): string {
  return `The file has more ${what} than this check keeps in memory: from here on, those that are new are not compared with later ones.`;
}

function shown(found: Found): string {
  const value = found.value();
  return value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`;
}

function degrees({ name, detail }: Found, most: number): string {
  const what = detail === 1 ? 'is no number' : `is not between -${most} and ${most}`;
  return `The value of ${name} ${what}. Expected: degrees with a decimal point.`;
}

/** `detail`: 1 for a number, 2 for a string, 0 for anything else; 4 more in an array; 8 where an object is due. */
function wrongType({ name, attribute, detail }: Found): string {
  const is = ['a value of the wrong type', 'a number', 'a string'][detail & 3]!;
  const expected =
    (detail & 8) !== 0
      ? 'an object'
      : (detail & 4) !== 0
        ? 'strings in the array'
        : attribute?.type === 'number'
          ? 'a number'
          : attribute?.type === 'strings'
            ? 'an array of strings'
            : 'a string';
  return `${name} has ${is}. Expected: ${expected}.`;
}

/** The channel that was meant by another spelling: `GCM` for `fcm`, `EMAIL` for ` E-mail`; `undefined` where there is none. */
export function meantChannel(value: string): string | undefined {
  const bare = value.toUpperCase().replace(/[^A-Z]/g, '');
  if (bare === 'FCM') return 'GCM';
  return channels.find(({ name }) => name.replaceAll('_', '') === bare)?.name;
}

/** The message on a name that is no supported attribute; `near` is the one that was most likely meant. */
export function unknownName(
  name: string,
  kind: 'column' | 'member',
  near: string | undefined = nearestPath(name),
): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const problem = `The ${kind} "${short}" is no supported attribute.`;
  if (near === undefined) {
    return `${problem} Expected: one of the listed attributes, or Attributes.…, Metrics.…, User.UserAttributes.… for your own.`;
  }
  return attributeOf(name) !== undefined && near === name
    ? `${problem} Expected: an object in an object, such as {"${name.slice(0, name.indexOf('.'))}":{…}}.`
    : `${problem} Did you mean ${near}? Names are case-sensitive.`;
}

/** The message on a name that only exports have. */
export function responseOnlyName(name: string, kind: 'column' | 'member'): string {
  return `The ${kind} "${name}" is written by exports and cannot be imported.`;
}

export function longName(name: string): string {
  return `The name has ${Array.from(name).length} characters. It may have ${limits.nameLength}.`;
}

export function awkwardName(name: string): string {
  const sign = Array.from(awkwardNameSigns).find((character) => name.includes(character));
  return `The console cannot show a name with "${sign ?? ''}".`;
}
