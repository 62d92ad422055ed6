import { meaningOf } from './record';
import * as abi from './abi';

/*
 * The grammar of JSON, byte by byte. A line feed isn't whitespace here: it ends the line.
 */

export const quote: u8 = 0x22;
export const backslash: u8 = 0x5c;
export const comma: u8 = 0x2c;
export const colon: u8 = 0x3a;
export const minus: u8 = 0x2d;
export const lf: u8 = 0x0a;
export const cr: u8 = 0x0d;
export const openBrace: u8 = 0x7b;
export const closeBrace: u8 = 0x7d;
export const openBracket: u8 = 0x5b;
export const closeBracket: u8 = 0x5d;

/** The parser's position; after a result of 0 or false, the position of the error. */
export let here: usize = 0;

export function goTo(place: usize): void {
  here = place;
}

export function isSpace(byte: u8): bool {
  return byte === 0x20 || byte === 0x09 || byte === cr;
}

export function skipSpace(): void {
  while (isSpace(load<u8>(here))) here++;
}

function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) <= 9;
}

function isHex(byte: u8): bool {
  return isDigit(byte) || <u8>((byte | 0x20) - 0x61) < 6;
}

export function isNumberStart(byte: u8): bool {
  return byte === minus || isDigit(byte);
}

/** What was expected at the position of the error. */
export let expected: i32 = 0;

function fail(at: usize, what: i32): usize {
  here = at;
  expected = what;
  return 0;
}

/** The end of the plain part of a string: a quote, an escape or a control character. */
export function endOfPlain(start: usize): usize {
  let at = start;
  while (true) {
    const block = v128.load(at);
    const special = v128.or(
      v128.or(i8x16.eq(block, i8x16.splat(quote)), i8x16.eq(block, i8x16.splat(backslash))),
      i8x16.lt_u(block, i8x16.splat(0x20)),
    );
    const mask = <u32>i8x16.bitmask(special);
    if (mask !== 0) return at + ctz(mask);
    at += 16;
  }
}

/** The closing quote of a string, searched from inside it; 0 if it isn't valid JSON. */
export function endOfString(start: usize): usize {
  let at = start;
  while (true) {
    at = endOfPlain(at);
    const byte = load<u8>(at);
    if (byte === quote) return at;
    if (byte !== backslash) return fail(at, abi.jsonSyntaxString);
    const escape = load<u8>(++at);
    if (escape === 0x75) {
      for (let digit = 0; digit < 4; digit++)
        if (!isHex(load<u8>(++at))) return fail(at, abi.jsonSyntaxEscape);
    } else if (meaningOf(escape) === 0) return fail(at, abi.jsonSyntaxEscape);
    at++;
  }
}

/** The end of a number that starts at `start`; 0 if it isn't valid JSON. */
export function endOfNumber(start: usize): usize {
  let at = start;
  if (load<u8>(at) === minus) at++;
  if (load<u8>(at) === 0x30) at++;
  else {
    if (!isDigit(load<u8>(at))) return fail(at, abi.jsonSyntaxDigit);
    while (isDigit(load<u8>(at))) at++;
  }
  if (load<u8>(at) === 0x2e) {
    if (!isDigit(load<u8>(++at))) return fail(at, abi.jsonSyntaxDigit);
    while (isDigit(load<u8>(at))) at++;
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    at++;
    if (load<u8>(at) === minus || load<u8>(at) === 0x2b) at++;
    if (!isDigit(load<u8>(at))) return fail(at, abi.jsonSyntaxDigit);
    while (isDigit(load<u8>(at))) at++;
  }
  return at;
}

/** A bit per object or array around a skipped value: 1 for an object. */
let nestingBits: usize = 0;

export function setNesting(area: usize): void {
  nestingBits = area;
}

function setBit(depth: usize, value: bool): void {
  const at = nestingBits + (depth >> 3);
  const bit = 1 << ((<i32>depth) & 7);
  store<u8>(at, <u8>(value ? load<u8>(at) | bit : load<u8>(at) & ~bit));
}

function getBit(depth: usize): bool {
  return (load<u8>(nestingBits + (depth >> 3)) & (1 << ((<i32>depth) & 7))) !== 0;
}

/** Skips any value; false if it isn't valid JSON. Uses no stack, however deep the nesting. */
export function skipValue(): bool {
  let depth: usize = 0;
  while (true) {
    skipSpace();
    const first = load<u8>(here);
    if (first === openBrace || first === openBracket) {
      here++;
      skipSpace();
      if (load<u8>(here) === first + 2) here++;
      else {
        setBit(depth++, first === openBrace);
        if (first === openBrace && !skipKey()) return false;
        continue;
      }
    } else if (!skipScalar(first)) return false;
    while (true) {
      if (depth === 0) return true;
      skipSpace();
      const isObject = getBit(depth - 1);
      const byte = load<u8>(here);
      if (byte === comma) {
        here++;
        if (isObject && !skipKey()) return false;
        break;
      }
      if (byte !== (isObject ? closeBrace : closeBracket)) {
        expected = isObject ? abi.jsonSyntaxMember : abi.jsonSyntaxElement;
        return false;
      }
      here++;
      depth--;
    }
  }
}

function skipKey(): bool {
  skipSpace();
  expected = abi.jsonSyntaxName;
  if (load<u8>(here) !== quote) return false;
  const end = endOfString(here + 1);
  if (end === 0) return false;
  here = end + 1;
  skipSpace();
  expected = abi.jsonSyntaxColon;
  if (load<u8>(here) !== colon) return false;
  here++;
  return true;
}

function skipScalar(first: u8): bool {
  if (first === quote) {
    const end = endOfString(here + 1);
    if (end === 0) return false;
    here = end + 1;
    return true;
  }
  if (isNumberStart(first)) {
    const end = endOfNumber(here);
    if (end === 0) return false;
    here = end;
    return true;
  }
  // true, false, null
  expected = abi.jsonSyntaxValue;
  if (first === 0x74) return skipWord(0x65757274, 4, 0);
  if (first === 0x66) return skipWord(0x736c6166, 4, 0x65);
  return first === 0x6e && skipWord(0x6c6c756e, 4, 0);
}

/** Skips a word of four letters, the first in the lowest byte, plus `last` unless it is 0. */
function skipWord(letters: u32, count: i32, last: u8): bool {
  for (let index = 0; index < count; index++, here++) {
    if (load<u8>(here) !== <u8>(letters >> (index << 3))) return false;
  }
  if (last === 0) return true;
  if (load<u8>(here) !== last) return false;
  here++;
  return true;
}
