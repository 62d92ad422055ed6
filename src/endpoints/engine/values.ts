import { countDistinct, hashOf, hashOfId, hashOfNumber, usualBytes } from './distinctCounts';
import { isWhitespace, numberOf, shortNumber } from './formats';
import { longNumber } from './hostCalls';
import { clearScratch, scratch } from './memory';
import { codePoints, unescape } from './record';
import * as abi from './abi';

/*
 * Counts one value of an attribute, whatever it is like. Usual ones have faster paths: see cells.ts.
 */

export function countUnusual(at: usize, start: usize, end: usize, flags: i32): void {
  if (flags > abi.flagQuoted) {
    // A value of the wrong type is only counted.
    if ((flags & abi.flagWrong) !== 0) return increase(at, abi.statisticWrong);
    clearScratch();
    const written = withoutEscapes(start, end, flags);
    start = scratch;
    end = start + written;
    if (start === end) return;
  }
  if (<i32>(end - start) > load<i32>(at, abi.statisticShort)) countLength(at, codePoints(start, end));
  const kind = load<i32>(at, abi.statisticKind);
  let hash: u64;
  if (kind === abi.statisticOfTexts) hash = hashOf(start, end);
  else if (kind === abi.statisticOfIds) hash = hashOfId(start, end);
  else hash = countNumber(at, start, end);
  countDistinct(at, hash, start, end);
}

function increase(at: usize, field: usize): void {
  store<u32>(at + field, load<u32>(at + field) + 1);
}

/** Like `unescape`, 16 bytes at a time if only quotes, backslashes and slashes are escaped. */
function withoutEscapes(start: usize, end: usize, flags: i32): usize {
  const sign: u8 = (flags & abi.flagDoubled) !== 0 ? quote : backslash;
  const signs = i8x16.splat(sign);
  let to = scratch;
  let here = start;
  while (true) {
    const block = v128.load(here);
    v128.store(to, block);
    const found = <u32>i8x16.bitmask(i8x16.eq(block, signs));
    const run: usize = found === 0 ? 16 : ctz(found);
    if (here + run >= end) return to + (end - here) - scratch;
    here += run;
    to += run;
    if (found === 0) continue;
    const escaped = load<u8>(here + 1);
    if (escaped !== quote && escaped !== backslash && escaped !== slash) {
      return <usize>unescape(start, end, flags);
    }
    store<u8>(to++, escaped);
    here += 2;
  }
}

const quote: u8 = 0x22;
const backslash: u8 = 0x5c;
const slash: u8 = 0x2f;

function countLength(at: usize, length: i32): void {
  const near = load<i32>(at, abi.statisticNear);
  const longest = max(load<i32>(at, abi.statisticLongest), length);
  store<i32>(at, longest, abi.statisticLongest);
  const short = min(longest, near - 1);
  store<i32>(at, short, abi.statisticShort);
  if (load<i32>(at, abi.statisticKind) === abi.statisticOfTexts) {
    store<i32>(at, min(short, usualBytes), abi.statisticUsual);
  }
  if (length < near) return;
  increase(at, length > load<i32>(at, abi.statisticLimit) ? abi.statisticOver : abi.statisticNearCount);
}

/** Counts a value that should be a number, and adds it to the sum if there is one; returns its hash. */
function countNumber(at: usize, start: usize, end: usize): u64 {
  let from = start;
  let to = end;
  // Spaces around it have their own rule.
  while (from < to && isWhitespace(load<u8>(from))) from++;
  while (to > from && isWhitespace(load<u8>(to - 1))) to--;
  let number = shortNumber(from, to);
  const isShort = abs(number) < maxWhole;
  if (!isShort) {
    if (isNaN(numberOf(from, to))) return hashOf(start, end);
    number = longNumber(at, from, to);
  }
  if (!isFinite(number)) return hashOf(start, end);
  if (load<i32>(at, abi.statisticKind) !== abi.statisticOfNumbers) return hashOfNumber(number);
  increase(at, abi.statisticNumbers);
  if (isShort) {
    if (number < load<f64>(at, abi.statisticMin)) store<f64>(at, number, abi.statisticMin);
    if (number > load<f64>(at, abi.statisticMax)) store<f64>(at, number, abi.statisticMax);
  }
  addToSum(<usize>load<u32>(at, abi.statisticSum), number);
  return hashOfNumber(number);
}

/** Below it, different whole numbers are different as numbers of 64 bits. */
export const maxWhole: f64 = 9007199254740992;

/**
 * Adds a number to an exact sum: its 53 bits, shifted by its exponent, in three digits of 32 bits. Each digit has room for two billion
 * numbers. So the sum depends neither on the order of numbers nor on the number of workers, and never overflows.
 */
export function addToSum(sum: usize, number: f64): void {
  const bits = reinterpret<u64>(number);
  const exponent = (bits >> 52) & 0x7ff;
  const isNormal = <u64>(exponent !== 0);
  const mantissa = (bits & 0xfffffffffffff) | (isNormal << 52);
  const shift = exponent + (1 - isNormal);
  const digit = sum + ((<usize>(shift >> 5)) << 3);
  const low = mantissa << (shift & 31);
  // In two steps, since a shift by 64 is one by 0.
  const high = (mantissa >> 1) >> (63 - (shift & 31));
  const sign: i64 = 1 - ((<i64>(bits >> 63)) << 1);
  store<i64>(digit, load<i64>(digit) + sign * <i64>(low & 0xffffffff));
  store<i64>(digit, load<i64>(digit, 8) + sign * <i64>(low >> 32), 8);
  store<i64>(digit, load<i64>(digit, 16) + sign * <i64>high, 16);
}
