import { channels, limits, type Attribute } from '../model/attributes.ts';
import * as abi from '../engine/abi.ts';
import { timezoneOfAnyCase, twoLetterCountry } from '../model/referenceData.ts';
import type { Member } from '../model/jsonMembers.ts';
import { attributeOf, charactersHiddenInConsole, nearestPath } from '../model/attributes.ts';
import type { RuleCode } from './rules.ts';

/** A finding of the engine, as far as messages need to know it. */
export interface Found {
  /** What the value is called: a column or a dotted path; the name of the custom attribute included. */
  readonly name: string;
  readonly attribute: Attribute | undefined;
  readonly variant: number;
  readonly columnIndex: number;
  /** The JSON name that the finding is about, with what it stands for. */
  readonly key: { readonly path: string; readonly name: string; readonly member: Member } | undefined;
  /** What is marked begins with it. */
  readonly firstSign: string;
  /** The bytes that are marked, without quotes around them. Only for values that name nobody: channels, countries, locales, zones. */
  value(): string;
}

/** A message for each rule that the engine judges by: what is wrong, what is expected, and where AWS's pages disagree. */
const messages: Partial<Readonly<Record<RuleCode, (found: Found) => string>>> = {
  'csv-column-count': ({ variant, columnIndex }) =>
    `The record has ${counted(variant, 'cell')}, the header ${counted(columnIndex, 'column')}. Expected: a cell for each column.`,
  'csv-quote': ({ variant }) => quoteMessages[variant as keyof typeof quoteMessages],
  'csv-line-break': () => 'A line break inside a value. Expected: a space.',
  'csv-tab': () => 'A tab in a value. Expected: a space.',
  'csv-blank-line': () => 'An empty line. AWS does not say what the service makes of it.',
  'json-syntax': ({ variant }) =>
    variant === abi.syntaxCut
      ? 'The line ends here, but the JSON object does not. Expected: one complete object a line.'
      : `The line is not JSON from here on. Expected: ${dueInJson[variant]!}.`,
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
    found.variant === 1
      ? 'The record has no Address. Where the endpoint has none yet, it is opted out until it has one and OptOut is set to NONE.'
      : 'The record has no Address. New endpoints need ChannelType and Address, updates an Id.',
  'address-email': (found) =>
    `ChannelType is ${channels[found.variant]!.name}, but Address is no e-mail address${unseen(found)}. Expected: name@domain.`,
  'address-phone': ({ variant }) =>
    `ChannelType is ${channels[variant]!.name}, but Address is no phone number in E.164 form. Expected: + and up to 15 digits, such as +12065550100. AWS's pages disagree: the User Guide says that this form is a must, examples in the Developer Guide leave out the plus sign.`,
  'address-token': ({ variant }) =>
    `ChannelType is ${channels[variant]!.name}, but Address is no device token: it has blanks or fewer than 8 characters. Expected: the token as the push service gave it.`,
  'address-duplicate': ({ variant }) =>
    variant === abi.variantFull
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
    `${name} needs Location.${attribute?.format === 'latitude' ? 'Longitude' : 'Latitude'}, too.`,
  'effective-date-form': () =>
    "EffectiveDate is no date of ISO 8601. Expected: 2019-08-23T10:54:35.220Z. AWS's pages disagree on EffectiveDate: the User Guide lists it as importable and, on the same page, as not supported.",
  'metric-not-number': ({ name }) =>
    `The value of ${name} is no number. Expected: a number with a decimal point, such as 12.5.`,
  'id-characters': ({ name }) => `${name} must not hold $, { or }.`,
  'id-duplicate': ({ variant }) =>
    variant === abi.variantFull
      ? stopped('Ids')
      : 'This Id is there before; upper and lower case are not told apart. It is one endpoint, and the later record wins.',
  'id-only': () =>
    "An update by Id alone: it needs an endpoint that exists. AWS's pages disagree: one asks only new endpoints for ChannelType and Address, another requires both for every segment.",
  'user-ids-spaces': () =>
    "Several user IDs in one cell. Expected: one a line. AWS's pages disagree: some show several with spaces between them.",
  'value-too-long': ({ name, attribute, variant }) =>
    `The value of ${name} has ${variant} characters. It may have ${attribute?.maxLength ?? limits.valueLength}.`,
  'value-blanks': ({ name }) =>
    `The value of ${name} begins or ends with a blank. AWS does not say whether the service removes it.`,
  'name-too-long': ({ key }) => longName(key!.name),
  'name-characters': ({ key }) => awkwardName(key!.name),
  'too-many-values': ({ name }) => `${name} has more than ${limits.values} values. This is the 51st.`,
  'too-many-attributes': () => tooManyAttributes,
  'too-many-endpoints-per-user': ({ variant }) =>
    variant === abi.variantFull
      ? stopped('user IDs')
      : `This user has more than ${limits.endpointsPerUser} endpoints in this file. A user may have ${limits.endpointsPerUser}.`,
  'record-too-large': ({ variant }) => {
    const limit = `The endpoint has more than ${limits.recordBytes.toLocaleString('en-US')} bytes (15 KB) as a line of JSON`;
    return variant === 1
      ? `${limit}: the line is so long that it is not looked into any further.`
      : `${limit}.`;
  },
};

/** The message of a finding of the engine. */
export function messageOf(code: RuleCode, found: Found): string {
  return messages[code]!(found);
}

/** By why a quote is wrong. */
export const quoteMessages = {
  [abi.quoteInside]:
    'A double quote inside a value that is not quoted. Expected: the whole value between double quotes, and each quote inside it doubled.',
  [abi.quoteNeverClosed]:
    'This double quote is never closed. Expected: another one at the end of the value, or none here.',
  [abi.quoteTextBehind]:
    'Text behind the closing double quote. Expected: a comma or the end of the line; a quote inside a value has to be doubled.',
} as const satisfies Readonly<Record<number, string>>;

/** What JSON has to go on with. */
const dueInJson: Readonly<Record<number, string>> = {
  [abi.syntaxObject]: 'an object, which begins with {',
  [abi.syntaxName]: 'a name between double quotes',
  [abi.syntaxColon]: 'a colon between name and value',
  [abi.syntaxValue]: 'a value: a string between double quotes, a number, an array or an object',
  [abi.syntaxMember]: 'a comma before the next name, or } at the end of the object',
  [abi.syntaxElement]: 'a comma before the next value, or ] at the end of the array',
  [abi.syntaxString]:
    'an escape such as \\t or \\u0000, which is how control characters are written in a string',
  [abi.syntaxEscape]: 'behind a backslash, one of " \\ / b f n r t, or u and four hexadecimal digits',
  [abi.syntaxDigit]: 'a digit',
  [abi.syntaxLineEnd]: 'the end of the line, for there is one object a line',
  [abi.syntaxLineFeed]: 'a line feed, for a carriage return alone does not end a line',
};

/** The messages on names of columns. */
export const quoteOpenInHeader =
  'This double quote is not closed on its line. Expected: the whole header on one line, and another quote at the end of the name.';
export const tabInName = 'A tab in a name. Expected: a space, or nothing.';
export const returnInName = 'A carriage return in a name. Expected: a space, or nothing.';
export const onlyReturns =
  'The lines end in carriage returns alone. Expected: line feeds, with or without carriage returns before them. The file is not looked into any further.';

/** A text from a file in which control characters, which break lines elsewhere, are seen as such: ␍ for a carriage return. */
export function legible(text: string): string {
  return text.replace(/[\0-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)));
}

export const tooManyAttributes = `This is the 251st custom name in Attributes, Metrics and User.UserAttributes. A project may have ${limits.customNames}.`;

function stopped(what: string): string {
  return `The file has more ${what} than this check keeps in memory: from here on, those that are new are not compared with later ones.`;
}

function shown(found: Found): string {
  const value = legible(found.value());
  return value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`;
}

/** A blank other than the usual one, or a sign without a width; in JSON perhaps as an escape. */
const unseenSigns =
  /[^ \S]|[\u00ad\u200b\u200e\u200f\u2060-\u206f]|\\u(?:00a[0d]|1680|20(?:0[0-9abef]|2[89a-f]|5f|6.)|3000|feff)/i;

/** Says so where what is wrong cannot be seen. */
function unseen(found: Found): string {
  return unseenSigns.test(found.value()) ? ': it has a blank, or a sign that cannot be seen' : '';
}

function degrees({ name, variant }: Found, most: number): string {
  const what = variant === 1 ? 'is no number' : `is not between -${most} and ${most}`;
  return `The value of ${name} ${what}. Expected: degrees with a decimal point.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What a value of JSON is, by the sign that it begins with; all others are numbers. */
const kinds: Readonly<Record<string, string>> = {
  '"': 'a string',
  '{': 'an object',
  '[': 'an array',
  t: 'true',
  f: 'false',
  n: 'null',
};

/** `variant`: 4 in an array, 8 where an object is due. */
function wrongType({ name, attribute, variant, firstSign }: Found): string {
  const kind = kinds[firstSign] ?? 'a number';
  if ((variant & 4) !== 0) return `The array ${name} holds ${kind}. Expected: strings.`;
  const expected =
    (variant & 8) !== 0
      ? 'an object'
      : attribute?.type === 'number'
        ? 'a number'
        : attribute?.type === 'strings'
          ? 'an array of strings'
          : 'a string';
  return `${name} is ${kind}. Expected: ${expected}.`;
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
  const short = legible(name.length > 60 ? `${name.slice(0, 60)}…` : name);
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
  const sign = Array.from(charactersHiddenInConsole).find((character) => name.includes(character));
  return `The console cannot show a name with "${sign ?? ''}".`;
}
