import codes from 'i18n-iso-countries/codes.json' with { type: 'json' };
import { channels } from './attributes.ts';
import { byteMapOf, type Text } from './bytes.ts';

/*
 * The forms of values, judged on their bytes: no strings are made for values that are right.
 * All offsets are those of the value itself, without quotes and escapes.
 */

const plus = 0x2b;
const hyphen = 0x2d;
const dot = 0x2e;
const colon = 0x3a;
const at = 0x40;
const quote = 0x22;
const underscore = 0x5f;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** True for the bytes of blanks: space, tab, line breaks and other controls. */
export function isBlank(byte: number): boolean {
  return byte <= 0x20;
}

const inLocalPart = new Uint8Array(256);
const inDomain = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const sign = String.fromCharCode(byte);
  if (byte >= 0x80 || /[A-Za-z0-9]/.test(sign)) inLocalPart[byte] = inDomain[byte] = 1;
  if ("!#$%&'*+-/=?^_`{|}~".includes(sign)) inLocalPart[byte] = 1;
  if (sign === '-') inDomain[byte] = 1;
}

/**
 * True for `local@domain.tld` as RFC 5321 and RFC 6531 have it: a local part of atoms with single dots between them
 * (or quoted), and a domain of at least two labels. Whether the mailbox exists is another matter.
 */
export function isEmail(bytes: Uint8Array, start: number, end: number): boolean {
  let here = start;
  if (bytes[here] === quote) {
    for (here++; here < end && bytes[here] !== quote; here++) if (bytes[here] === 0x5c) here++;
    here++;
    if (here >= end || bytes[here] !== at) return false;
  } else {
    let before = dot;
    for (; here < end; here++) {
      const byte = bytes[here]!;
      if (inLocalPart[byte] === 0) {
        if (byte === at) break;
        if (byte !== dot || before === dot) return false;
      }
      before = byte;
    }
    if (here === end || before === dot) return false;
  }
  if (here - start > 64 || end - here > 256) return false;
  let label = here + 1;
  let labels = 0;
  let last = 0;
  for (here = label; here <= end; here++) {
    if (here < end && inDomain[bytes[here]!] === 1) continue;
    if (here < end && bytes[here] !== dot) return false;
    const length = here - label;
    if (length === 0 || length > 63 || bytes[label] === hyphen || bytes[here - 1] === hyphen) return false;
    labels++;
    last = label;
    label = here + 1;
  }
  return labels > 1 && end - last > 1 && !isDigit(bytes[end - 1]!);
}

/** True for a plus sign and up to 15 digits, the first of them not 0 (E.164). */
export function isPhone(bytes: Uint8Array, start: number, end: number): boolean {
  const digits = end - start - 1;
  if (digits < 2 || digits > 15 || bytes[start] !== plus || bytes[start + 1] === 0x30) return false;
  for (let here = start + 1; here < end; here++) if (!isDigit(bytes[here]!)) return false;
  return true;
}

/** True for what may be the token of a push service: at least 8 characters without a blank. */
export function isToken(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8) return false;
  let characters = 0;
  for (let here = start; here < end; here++) {
    const byte = bytes[here]!;
    if (isBlank(byte)) return false;
    if ((byte & 0xc0) !== 0x80) characters++;
  }
  return characters >= 8;
}

/** True for `en_US`, `haw_US`, `es_419`: the forms that the User Guide and the API Reference show. */
export function isLocale(bytes: Uint8Array, start: number, end: number): boolean {
  let here = start;
  while (here < end && bytes[here]! >= 0x61 && bytes[here]! <= 0x7a) here++;
  const language = here - start;
  if (language < 2 || language > 3 || bytes[here] !== underscore) return false;
  const region = end - ++here;
  if (region === 2)
    return (
      bytes[here]! >= 0x41 && bytes[here]! <= 0x5a && bytes[here + 1]! >= 0x41 && bytes[here + 1]! <= 0x5a
    );
  return region === 3 && isDigit(bytes[here]!) && isDigit(bytes[here + 1]!) && isDigit(bytes[here + 2]!);
}

/** The number that the bytes spell in decimal, with or without a fraction and an exponent; NaN where they spell none. */
export function numberOf(text: Text, start: number, end: number): number {
  const { bytes } = text;
  let here = start;
  const negative = bytes[here] === hyphen;
  if (negative || bytes[here] === plus) here++;
  let digits = 0;
  let fraction = -1;
  let value = 0;
  for (; here < end; here++) {
    const byte = bytes[here]!;
    if (isDigit(byte)) {
      value = value * 10 + (byte - 0x30);
      digits++;
    } else if (byte === dot && fraction < 0) fraction = digits;
    else break;
  }
  if (digits === 0) return NaN;
  if (here === end && digits <= 15) {
    const scaled = fraction < 0 ? value : value / powersOfTen[digits - fraction]!;
    return negative ? -scaled : scaled;
  }
  if (here < end) {
    if ((bytes[here]! | 0x20) !== 0x65) return NaN;
    here++;
    if (bytes[here] === hyphen || bytes[here] === plus) here++;
    if (here >= end) return NaN;
    for (; here < end; here++) if (!isDigit(bytes[here]!)) return NaN;
  }
  return Number(text.string(start, end));
}

const powersOfTen = Array.from({ length: 16 }, (_, power) => 10 ** power);

const daysInMonth = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * True for a calendar date of ISO 8601, alone or with a time, in the extended form (`2019-08-23T10:54:35.220Z`)
 * or the basic one (`20190823T105435Z`), with `Z`, an offset or nothing behind the time.
 */
export function isDate(bytes: Uint8Array, start: number, end: number): boolean {
  const extended = bytes[start + 4] === hyphen;
  const dateEnd = start + (extended ? 10 : 8);
  if (dateEnd > end) return false;
  const monthAt = start + (extended ? 5 : 4);
  const dayAt = dateEnd - 2;
  if (extended && bytes[start + 7] !== hyphen) return false;
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2);
  const month = pair(bytes, monthAt);
  const day = pair(bytes, dayAt);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth[month]!)) return false;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return false;
  if (dateEnd === end) return true;
  return bytes[dateEnd] === 0x54 && isTime(bytes, dateEnd + 1, end, extended);
}

function isTime(bytes: Uint8Array, start: number, end: number, extended: boolean): boolean {
  const step = extended ? 3 : 2;
  let here = start + 2;
  const hour = pair(bytes, start);
  if (here > end || !(hour >= 0 && hour <= 24)) return false;
  let parts = 1;
  while (parts < 3 && here < end && (extended ? bytes[here] === colon : isDigit(bytes[here]!))) {
    if (here + step > end) return false;
    const value = pair(bytes, here + step - 2);
    if (!(value >= 0 && value <= (parts === 2 ? 60 : 59)) || (hour === 24 && value !== 0)) return false;
    here += step;
    parts++;
  }
  if (parts < 2) return false;
  if (here < end && (bytes[here] === dot || bytes[here] === 0x2c)) {
    const fraction = ++here;
    while (here < end && isDigit(bytes[here]!)) here++;
    if (here === fraction) return false;
  }
  if (here === end) return true;
  if (bytes[here] === 0x5a) return here + 1 === end;
  if (bytes[here] !== plus && bytes[here] !== hyphen) return false;
  const offset = end - ++here;
  if (!(pair(bytes, here) <= 23)) return false;
  if (offset === 2) return true;
  const colons = bytes[here + 2] === colon ? 1 : 0;
  return offset === 4 + colons && pair(bytes, here + 2 + colons) <= 59;
}

/** The number of two digits; NaN where they are none. */
function pair(bytes: Uint8Array, start: number): number {
  const tens = bytes[start]! - 0x30;
  const ones = bytes[start + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** What kind of code of ISO 3166-1 the bytes are, in upper or lower case: of 2 letters, of 3 letters, or 0 for none. */
export function countryKind(bytes: Uint8Array, start: number, end: number): 0 | 2 | 3 {
  const length = end - start;
  if (length !== 2 && length !== 3) return 0;
  let index = 0;
  for (let here = start; here < end; here++) {
    const letter = (bytes[here]! | 0x20) - 0x61;
    if (letter < 0 || letter > 25 || bytes[here]! >= 0x80) return 0;
    index = index * 26 + letter;
  }
  return length === 2 ? (alpha2[index] === 1 ? 2 : 0) : alpha3[index] === 1 ? 3 : 0;
}

const alpha2 = new Uint8Array(26 ** 2);
const alpha3 = new Uint8Array(26 ** 3);
const alpha2Of = new Map<string, string>();
for (const [two, three] of codes) {
  alpha2[letters(two!)] = 1;
  alpha3[letters(three!)] = 1;
  alpha2Of.set(three!, two!);
}

function letters(code: string): number {
  return Array.from(code).reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 65, 0);
}

/** The code of two letters for one of three, in any case: `US` for `USA`; `undefined` where there is none. */
export function twoLetterCountry(threeLetters: string): string | undefined {
  return alpha2Of.get(threeLetters.toUpperCase());
}

/** All codes of two letters. */
export const countries: readonly string[] = [...alpha2Of.values()];

const channelMap = byteMapOf(channels.map((channel, index) => [channel.name, index]));

/** The channel's index in `channels`, or -1. */
export function channelOf(text: Text, start: number, end: number): number {
  return channelMap.get(text, start, end);
}

/** All time zones that this platform lists, and UTC. Older names (links) are known as well, but not listed. */
export const timezones: readonly string[] = [...Intl.supportedValuesOf('timeZone'), 'UTC'];

/** Two names of the tz database that the service rewrites (User Guide, Importing segments), so it knows them. */
const rewrittenTimezones = ['Canada/East-Saskatchewan', 'US/Pacific-New'];

/** Asking the platform for one name takes a while, and there are a few hundred names in all. */
const mostTimezonesAsked = 4096;

const knownTimezones = byteMapOf(
  [...timezones, ...rewrittenTimezones].map((name) => [name, 1]),
  timezones.length + rewrittenTimezones.length + mostTimezonesAsked,
);
let timezonesByLowerCase: Map<string, string> | undefined;

/** True for a name of the tz database, links such as `US/Pacific` included. Names are case-sensitive. */
export function isTimezone(text: Text, start: number, end: number): boolean {
  const known = knownTimezones.get(text, start, end);
  if (known >= 0) return known === 1;
  if (end - start > 64) return false;
  const answer = platformKnows(text.string(start, end));
  return knownTimezones.set(text, start, end, answer ? 1 : 0) && answer;
}

function platformKnows(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  if (timezoneOfAnyCase(name) !== undefined) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The listed name that differs only in case. */
export function timezoneOfAnyCase(name: string): string | undefined {
  timezonesByLowerCase ??= new Map(timezones.map((zone) => [zone.toLowerCase(), zone]));
  return timezonesByLowerCase.get(name.toLowerCase());
}
