import { mapGet } from './byteMap';
import { isAscii } from './hash';
import { alpha2, alpha3, inDomain, inLocalPart, zoneCache, zoneMap } from './memory';

/*
 * Checks of value formats, on bytes. All offsets are those of the value itself, without quotes and escapes.
 */

const plus: u8 = 0x2b;
const comma: u8 = 0x2c;
const hyphen: u8 = 0x2d;
const dot: u8 = 0x2e;
const colon: u8 = 0x3a;
const at: u8 = 0x40;
const quote: u8 = 0x22;
const underscore: u8 = 0x5f;

function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) <= 9;
}

/** True for spaces, tabs, line breaks and other control characters. */
export function isWhitespace(byte: u8): bool {
  return byte <= 0x20;
}

/** True if a character is invisible: a Unicode space other than U+0020, or one without a width. */
function hasInvisible(start: usize, end: usize): bool {
  for (let here = start; here < end; here++) {
    const lead = load<u8>(here);
    if (lead < 0xc2) continue;
    const second = load<u8>(here + 1);
    if (lead === 0xc2 && (second === 0xa0 || second === 0xad)) return true;
    // The two bytes after the first. Joiners are meaningful in some scripts.
    const rest = ((<u32>second) << 8) | (<u32>load<u8>(here + 2));
    if (lead === 0xe1 && rest === 0x9a80) return true;
    if (lead === 0xe2 && rest >= 0x8080 && rest <= 0x81af) {
      const isJoiner = rest === 0x808c || rest === 0x808d;
      const isSign = rest >= 0x8090 && rest <= 0x80a7;
      const isMark = rest >= 0x80b0 && rest <= 0x819e;
      if (!isJoiner && !isSign && !isMark) return true;
    }
    if (lead === 0xe3 && rest === 0x8080) return true;
    if (lead === 0xef && rest === 0xbbbf) return true;
  }
  return false;
}

/** Fills the tables of bytes allowed in the two parts of an email address. */
export function fillTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a && byte < 0x80;
    const any = byte >= 0x80 || isLetter || isDigit(<u8>byte);
    store<u8>(inDomain + byte, any || byte === hyphen ? 1 : 0);
    // RFC 5322, atext: printable ASCII except these, and the dot, which separates atoms.
    const special =
      byte <= 0x20 ||
      byte === 0x22 ||
      byte === 0x28 ||
      byte === 0x29 ||
      byte === comma ||
      byte === dot ||
      byte === colon ||
      byte === 0x3b ||
      byte === 0x3c ||
      byte === 0x3e ||
      byte === at ||
      (byte >= 0x5b && byte <= 0x5d) ||
      byte === 0x7f;
    store<u8>(inLocalPart + byte, special ? 0 : 1);
  }
}

/** True for most valid addresses of up to 32 letters, digits, dots and hyphens, all checked at once. */
function isUsualEmail(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 6 || length > 32) return false;
  const all = ((<u64>1) << length) - 1;
  const ats = matchesAt(start, at) & all;
  const dots = matchesAt(start, dot) & all;
  const hyphens = matchesAt(start, hyphen) & all;
  if ((alphanumericsAt(start) & all) !== (all ^ (ats | dots | hyphens))) return false;
  if (ats === 0 || (ats & (ats - 1)) !== 0) return false;
  // Including a bit before and one after the value: no two neighbors may be borders.
  const borders = ((ats | dots) << 1) | 1 | ((<u64>2) << length);
  const edges = borders | (hyphens << 1);
  if ((borders & ((edges << 1) | (edges >> 1))) !== 0) return false;
  // A dot in the domain, and at least two characters after the last one that don't end with a digit.
  return dots > ats && ((dots >> (length - 2)) & 1) === 0 && !isDigit(load<u8>(end - 1));
}

/** A bit for each of the first 32 bytes that equals this one. */
function matchesAt(start: usize, byte: u8): u64 {
  const bytes = i8x16.splat(byte);
  const low = <u32>i8x16.bitmask(i8x16.eq(v128.load(start), bytes));
  const high = <u32>i8x16.bitmask(i8x16.eq(v128.load(start, 16), bytes));
  return <u64>(low | (high << 16));
}

/** A bit for each of the first 32 bytes that is an ASCII letter or digit. */
function alphanumericsAt(start: usize): u64 {
  return <u64>(alphanumericsOf(v128.load(start)) | (alphanumericsOf(v128.load(start, 16)) << 16));
}

function alphanumericsOf(block: v128): u32 {
  const digits = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x30)), i8x16.splat(10));
  const lower = v128.or(block, i8x16.splat(0x20));
  const letters = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(0x61)), i8x16.splat(26));
  return <u32>i8x16.bitmask(v128.or(digits, letters));
}

/**
 * True for `local@domain.tld` by RFC 5321 and RFC 6531: a local part of atoms with single dots between them (or quoted), and a
 * domain of at least two labels. Doesn't check whether the mailbox exists.
 */
export function isEmail(start: usize, end: usize): bool {
  if (isUsualEmail(start, end)) return true;
  let here = start;
  if (load<u8>(here) === quote) {
    for (here++; here < end && load<u8>(here) !== quote; here++) if (load<u8>(here) === 0x5c) here++;
    here++;
    if (here >= end || load<u8>(here) !== at) return false;
  } else {
    let before: u8 = dot;
    for (; here < end; here++) {
      const byte = load<u8>(here);
      if (load<u8>(inLocalPart + byte) === 0) {
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
  let last: usize = 0;
  for (here = label; here <= end; here++) {
    if (here < end && load<u8>(inDomain + load<u8>(here)) === 1) continue;
    if (here < end && load<u8>(here) !== dot) return false;
    const length = here - label;
    if (length === 0 || length > 63 || load<u8>(label) === hyphen || load<u8>(here - 1) === hyphen) {
      return false;
    }
    labels++;
    last = label;
    label = here + 1;
  }
  if (labels < 2 || end - last < 2 || isDigit(load<u8>(end - 1))) return false;
  return isAscii(start, end) || !hasInvisible(start, end);
}

/** A bit for each of the first 16 bytes that is a digit. */
function digitsAt(start: usize): u32 {
  const block = i8x16.sub(v128.load(start), i8x16.splat(0x30));
  return <u32>i8x16.bitmask(i8x16.lt_u(block, i8x16.splat(10)));
}

/** A bit for each of the first `count` bytes, up to 16. */
function first(count: usize): u32 {
  return (1 << (<u32>count)) - 1;
}

/** True for a plus sign and up to 15 digits, the first not 0 (E.164). */
export function isPhone(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 3 || length > 16 || load<u8>(start) !== plus || load<u8>(start + 1) === 0x30) return false;
  return (~digitsAt(start) & first(length)) === 1;
}

/** True for a plausible push token: at least 8 characters, without spaces. */
export function isToken(start: usize, end: usize): bool {
  let characters = 0;
  for (let here = start; here < end; here++) {
    const byte = load<u8>(here);
    if (isWhitespace(byte)) return false;
    if ((byte & 0xc0) !== 0x80) characters++;
  }
  return characters >= 8 && (characters === <i32>(end - start) || !hasInvisible(start, end));
}

function isCapital(byte: u8): bool {
  return <u8>(byte - 0x41) < 26;
}

/** True for `en_US`, `haw_US`, `es_419`: the forms in the User Guide and the API Reference. */
export function isLocale(start: usize, end: usize): bool {
  let here = start;
  while (here < end && <u8>(load<u8>(here) - 0x61) < 26) here++;
  const language = here - start;
  if (language < 2 || language > 3 || here >= end || load<u8>(here) !== underscore) return false;
  const region = end - ++here;
  if (region === 2) return isCapital(load<u8>(here)) && isCapital(load<u8>(here + 1));
  return (
    region === 3 && isDigit(load<u8>(here)) && isDigit(load<u8>(here + 1)) && isDigit(load<u8>(here + 2))
  );
}

/** True for a decimal number with an optional fraction and exponent. */
export function isNumber(start: usize, end: usize): bool {
  const length = end - start;
  if (length <= 16 && length !== 0 && (~digitsAt(start) & first(length)) === 0) return true;
  return !isNaN(numberOf(start, end));
}

/** True for a number from -`max` to `max`, which has at least two digits. */
export function isWithin(start: usize, end: usize, max: i32): bool {
  const unsigned = start + <usize>(load<u8>(start) === hyphen);
  const length = end - unsigned;
  if (length - 1 < 16) {
    // Up to three digits, then nothing or a dot and others: the fraction doesn't matter. Signs and lengths differ from value to
    // value, so there is no branch until everything is known.
    const others = ~digitsAt(unsigned) & first(length);
    const whole = ctz(others | (1 << (<u32>length)));
    const isDot = load<u8>(unsigned + whole) === dot;
    const rest = isDot ? others & (others - 1) : others;
    const digits = load<u32>(unsigned) << ((4 - whole) << 3);
    const value = ((digits >> 8) & 15) * 100 + ((digits >> 16) & 15) * 10 + ((digits >> 24) & 15);
    const isSimple = (<u32>(rest === 0)) & (<u32>(whole - 1 < 3));
    if ((isSimple & (<u32>(value < <u32>max))) !== 0) return true;
  }
  const value = numberOf(start, end);
  return value >= <f64>-max && value <= <f64>max;
}

const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

/** Like `numberOf`, all bytes at once, for an optional sign and up to 16 digits with an optional dot; otherwise NaN. */
export function shortNumber(start: usize, end: usize): f64 {
  // Signs differ from value to value, so no branch depends on them.
  const sign = load<u8>(start);
  const isMinus = <u32>(sign === hyphen);
  const length = end - start - <usize>(isMinus | (<u32>(sign === plus)));
  if (length - 1 > 15) return NaN;
  const from = end - 16;
  const before = 16 - <u32>length;
  const values = i8x16.sub(v128.load(from), i8x16.splat(0x30));
  const others = ~(<u32>i8x16.bitmask(i8x16.lt_u(values, i8x16.splat(10)))) & (0xffff << before) & 0xffff;
  let digits = v128.and(values, i8x16.ge_u(lanes, i8x16.splat(<i8>before)));
  let scale: u64 = 1;
  if (others !== 0) {
    const at = ctz(others);
    if ((others & (others - 1)) !== 0 || length === 1 || load<u8>(from + at) !== dot) return NaN;
    // Moves the digits before the dot up to it.
    digits = i8x16.swizzle(digits, i8x16.add(lanes, i8x16.le_u(lanes, i8x16.splat(<i8>at))));
    const places = 15 - at;
    scale =
      select<u64>(10, 1, (places & 1) !== 0) *
      select<u64>(100, 1, (places & 2) !== 0) *
      select<u64>(10_000, 1, (places & 4) !== 0) *
      select<u64>(100_000_000, 1, (places & 8) !== 0);
  }
  const tens = i16x8.mul(v128.and(digits, i16x8.splat(0xff)), i16x8.splat(10));
  const pairs = i16x8.add(tens, i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const narrow = i16x8.narrow_i32x4_u(fours, fours);
  const eights = i32x4.dot_i16x8_s(narrow, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1));
  const high = <u64>(<u32>i32x4.extract_lane(eights, 0));
  const whole = high * 100_000_000 + <u64>(<u32>i32x4.extract_lane(eights, 1));
  const value = <f64>whole / <f64>scale;
  return reinterpret<f64>(reinterpret<u64>(value) | ((<u64>isMinus) << 63));
}

/**
 * The decimal number with an optional fraction and exponent; NaN if it isn't one. Digits after the 18th are ignored: the result
 * is for comparisons with whole numbers.
 */
export function numberOf(start: usize, end: usize): f64 {
  let here = start;
  const sign = load<u8>(here);
  if (sign === hyphen || sign === plus) here++;
  let digits = 0;
  let power = 0;
  let inFraction = false;
  let whole: u64 = 0;
  for (; here < end; here++) {
    const byte = load<u8>(here);
    if (isDigit(byte)) {
      digits++;
      if (whole < 100_000_000_000_000_000) {
        whole = whole * 10 + <u64>(byte - 0x30);
        if (inFraction) power--;
      } else if (!inFraction) power++;
    } else if (byte === dot && !inFraction) inFraction = true;
    else break;
  }
  if (digits === 0) return NaN;
  if (here < end) {
    if ((load<u8>(here) | 0x20) !== 0x65) return NaN;
    here++;
    const exponentSign = load<u8>(here);
    if (exponentSign === hyphen || exponentSign === plus) here++;
    if (here >= end) return NaN;
    let exponent = 0;
    for (; here < end; here++) {
      if (!isDigit(load<u8>(here))) return NaN;
      if (exponent < 10000) exponent = exponent * 10 + <i32>(load<u8>(here) - 0x30);
    }
    power += exponentSign === hyphen ? -exponent : exponent;
  }
  let value = <f64>whole;
  if (power !== 0 && whole !== 0) {
    if (power > 400) value = Infinity;
    else if (power < -800) value = 0;
    else {
      const scale = tenTo(power < 0 ? -power : power);
      value = power < 0 ? value / scale : value * scale;
    }
  }
  return sign === hyphen ? -value : value;
}

function tenTo(power: i32): f64 {
  let result: f64 = 1;
  let factor: f64 = 10;
  for (let left = power; left !== 0; left >>= 1) {
    if ((left & 1) !== 0) result *= factor;
    factor *= factor;
  }
  return result;
}

/** The number of two digits; a large one if they aren't digits. */
function pair(start: usize): u32 {
  const tens = <u32>load<u8>(start) - 0x30;
  const ones = <u32>load<u8>(start + 1) - 0x30;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 1000;
}

function daysOf(month: u32, year: u32): u32 {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** True for nearly all valid dates in the form `2019-08-23T10:54:35Z` or `2019-08-23T10:54:35.220Z`. */
function isUsualDate(start: usize, length: usize): bool {
  if (length !== 20 && length !== 24) return false;
  // After XOR with these, digits have values up to 9.
  const pattern = i8x16(
    0x30,
    0x30,
    0x30,
    0x30,
    0x2d,
    0x30,
    0x30,
    0x2d,
    0x30,
    0x30,
    0x54,
    0x30,
    0x30,
    0x3a,
    0x30,
    0x30,
  );
  const maxDigits = i8x16(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9);
  const digits = v128.xor(v128.load(start), pattern);
  if (i8x16.bitmask(i8x16.gt_u(digits, maxDigits)) !== 0) return false;
  const early = <u64>i64x2.extract_lane(digits, 0);
  const late = <u64>i64x2.extract_lane(digits, 1);
  const month = <u32>((early >> 40) & 15) * 10 + <u32>((early >> 48) & 15);
  const day = <u32>(late & 15) * 10 + <u32>((late >> 8) & 15);
  const hour = <u32>((late >> 24) & 15) * 10 + <u32>((late >> 32) & 15);
  const minute = <u32>((late >> 48) & 15) * 10 + <u32>(late >> 56);
  // Later days and hours, and leap seconds, are left to the full check.
  if (month - 1 > 11 || day - 1 > 27 || hour > 23 || minute > 59) return false;
  // `:35Z` or `:35.220Z`: each byte may differ from the pattern only so much that adding the rest to 127 stays below 128.
  if (length === 20) {
    const rest = load<u32>(start + 16) ^ 0x5a30303a;
    return ((rest | (rest + 0x7f76767f)) & 0x80808080) === 0 && ((rest >> 8) & 15) < 6;
  }
  const rest = load<u64>(start + 16) ^ 0x5a3030302e30303a;
  return ((rest | (rest + 0x7f7676767f76767f)) & 0x8080808080808080) === 0 && ((rest >> 8) & 15) < 6;
}

/**
 * True for an ISO 8601 calendar date with or without a time, in the extended form (`2019-08-23T10:54:35.220Z`) or the basic one
 * (`20190823T105435Z`), with `Z`, an offset or nothing after the time.
 */
export function isDate(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 8) return false;
  if (isUsualDate(start, length)) return true;
  const extended = load<u8>(start + 4) === hyphen;
  const dateEnd = start + (extended ? 10 : 8);
  if (dateEnd > end || (extended && load<u8>(start + 7) !== hyphen)) return false;
  const century = pair(start);
  const yearOfCentury = pair(start + 2);
  const month = pair(start + (extended ? 5 : 4));
  const day = pair(dateEnd - 2);
  if (century > 99 || yearOfCentury > 99 || month < 1 || month > 12) return false;
  if (day < 1 || day > daysOf(month, century * 100 + yearOfCentury)) return false;
  return dateEnd === end || (load<u8>(dateEnd) === 0x54 && isTime(dateEnd + 1, end, extended));
}

function isTime(start: usize, end: usize, extended: bool): bool {
  const step: usize = extended ? 3 : 2;
  let here = start + 2;
  if (here > end) return false;
  const hour = pair(start);
  if (hour > 24) return false;
  let parts = 1;
  while (parts < 3 && here < end && (extended ? load<u8>(here) === colon : isDigit(load<u8>(here)))) {
    if (here + step > end) return false;
    const value = pair(here + step - 2);
    if (value > <u32>(parts === 2 ? 60 : 59) || (hour === 24 && value !== 0)) return false;
    here += step;
    parts++;
  }
  if (parts < 2) return false;
  if (here < end && (load<u8>(here) === dot || load<u8>(here) === comma)) {
    const fraction = ++here;
    while (here < end && isDigit(load<u8>(here))) here++;
    if (here === fraction) return false;
  }
  if (here === end) return true;
  const sign = load<u8>(here);
  if (sign === 0x5a) return here + 1 === end;
  if (sign !== plus && sign !== hyphen) return false;
  const offset = end - ++here;
  if (offset < 2 || pair(here) > 23) return false;
  if (offset === 2) return true;
  const colons: usize = load<u8>(here + 2) === colon ? 1 : 0;
  return offset === 4 + colons && pair(here + 2 + colons) <= 59;
}

/** The kind of ISO 3166-1 code in any case: 2 for two letters, 3 for three, 0 for none. */
export function countryKind(start: usize, end: usize): i32 {
  const length = <i32>(end - start);
  if (length !== 2 && length !== 3) return 0;
  let index: u32 = 0;
  for (let here = start; here < end; here++) {
    const letter = <u32>(load<u8>(here) | 0x20) - 0x61;
    if (letter > 25 || load<u8>(here) >= 0x80) return 0;
    index = index * 26 + letter;
  }
  return load<u8>((length === 2 ? alpha2 : alpha3) + index) === 1 ? length : 0;
}

/** The cache of zone lookups: names of up to 32 bytes, their length, and whether they exist. */
const cachedZones: usize = 64;
const cachedZoneBytes: usize = 48;

export function clearZoneCache(): void {
  memory.fill(zoneCache, 0, cachedZones * cachedZoneBytes);
}

/** The first 16 bytes, with those from `count` on set to 0. */
function bytesAt(start: usize, count: usize): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(start), i8x16.lt_u(places, i8x16.splat(<u8>count)));
}

/** True for a name of the tz database, including links such as `US/Pacific`. Case-sensitive. */
export function isTimezone(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 8 || length > 32) return mapGet(zoneMap, start, end) === 1;
  const one = bytesAt(start, length);
  const two = length > 16 ? bytesAt(start + 16, length - 16) : i64x2.splat(0);
  const entry =
    zoneCache + <usize>(((load<u64>(end - 8) ^ length) * 0x9e3779b97f4a7c15) >> 58) * cachedZoneBytes;
  const same = v128.or(v128.xor(one, v128.load(entry)), v128.xor(two, v128.load(entry, 16)));
  if (v128.any_true(same) || load<u32>(entry, 32) !== <u32>length) {
    v128.store(entry, one);
    v128.store(entry, two, 16);
    store<u32>(entry, <u32>length, 32);
    store<u32>(entry, mapGet(zoneMap, start, end) === 1 ? 1 : 0, 36);
  }
  return load<u32>(entry, 36) === 1;
}
