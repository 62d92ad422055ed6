import { hashKey } from './memory';
import * as abi from './abi';

/*
 * Hashes of bytes. Up to 15 bytes after the end are read, but not used.
 */

const k0: u64 = 0x9e3779b97f4a7c15;
const k1: u64 = 0xbf58476d1ce4e5b9;
const k2: u64 = 0x94d049bb133111eb;

/** The last bytes of a value, fewer than eight. */
function tail(at: usize, count: usize): u64 {
  return load<u64>(at) & (((<u64>1) << ((<u64>count) << 3)) - 1);
}

function finish(hash: u64): u64 {
  hash ^= hash >> 30;
  hash *= k1;
  hash ^= hash >> 27;
  hash *= k2;
  return hash ^ (hash >> 31);
}

/** A 64-bit hash. `seed` separates kinds of values. */
export function hash64(start: usize, end: usize, seed: u64): u64 {
  let hash: u64 = (seed ^ (<u64>(end - start))) * k0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    hash = (hash ^ load<u64>(at)) * k1;
    hash ^= hash >> 32;
  }
  if (at < end) {
    hash = (hash ^ tail(at, end - at)) * k1;
    hash ^= hash >> 32;
  }
  return finish(hash);
}

/** The same for the value with A-Z replaced by a-z. */
export function hash64IgnoringCase(start: usize, end: usize, seed: u64): u64 {
  let hash: u64 = (seed ^ (<u64>(end - start))) * k0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    hash = (hash ^ lowerCase(load<u64>(at))) * k1;
    hash ^= hash >> 32;
  }
  if (at < end) {
    hash = (hash ^ lowerCase(tail(at, end - at))) * k1;
    hash ^= hash >> 32;
  }
  return finish(hash);
}

/** Eight bytes with A-Z replaced by a-z. */
export function lowerCase(word: u64): u64 {
  const low = word & 0x7f7f7f7f7f7f7f7f;
  const fromA = low + 0x3f3f3f3f3f3f3f3f;
  const aboveZ = low + 0x2525252525252525;
  return word | ((fromA & ~aboveZ & ~word & 0x8080808080808080) >> 2);
}

/** True if all bytes are ASCII. */
export function isAscii(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const others = <u32>i8x16.bitmask(v128.load(at));
    if (others !== 0 && at + ctz(others) < end) return false;
  }
  return true;
}

/** True if two ranges of the same length have the same bytes. */
export function sameBytes(one: usize, other: usize, length: usize): bool {
  let at: usize = 0;
  for (; at + 8 <= length; at += 8) if (load<u64>(one + at) !== load<u64>(other + at)) return false;
  return at >= length || tail(one + at, length - at) === tail(other + at, length - at);
}

/** The result of the last `hash128`. */
export let hashLow: u64 = 0;
export let hashHigh: u64 = 0;

const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
const maxBlocks: usize = 64;

/**
 * A 128-bit hash with a secret random key: NH of UMAC (Black et al., 1999), four times with overlapping keys, so that any two
 * values have the same sums with a probability of 2^-128, followed by a mix of the sums. Among n values, the probability that
 * any two are taken for the same is about n² / 2^129: below 10^-24 for 20 million. `seed` separates kinds of values.
 */
export function hash128(start: usize, end: usize, seed: u64, ignoresCase: bool): void {
  let block = i64x2.replace_lane(i64x2.splat(seed), 1, <u64>(end - start));
  let at = start;
  while (true) {
    let first = i64x2.splat(0);
    let second = first;
    let third = first;
    let fourth = first;
    let key = hashKey;
    while (true) {
      first = i64x2.add(first, products(block, v128.load(key)));
      second = i64x2.add(second, products(block, v128.load(key, 16)));
      third = i64x2.add(third, products(block, v128.load(key, 32)));
      fourth = i64x2.add(fourth, products(block, v128.load(key, 48)));
      key += 16;
      if (at >= end || key === hashKey + (maxBlocks << 4)) break;
      block = v128.load(at);
      const left = end - at;
      if (left < 16) block = v128.and(block, i8x16.lt_u(lanes, i8x16.splat(<i8>left)));
      if (ignoresCase) {
        const capitals = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x41)), i8x16.splat(26));
        block = v128.or(block, v128.and(capitals, i8x16.splat(0x20)));
      }
      at += 16;
    }
    const multipliers = hashKey + <usize>(abi.hashKeyBytes - 32);
    hashLow = finish(
      sumOf(first) * (load<u64>(multipliers) | 1) +
        rotl<u64>(sumOf(second) * (load<u64>(multipliers, 8) | 1), 32),
    );
    hashHigh = finish(
      sumOf(third) * (load<u64>(multipliers, 16) | 1) +
        rotl<u64>(sumOf(fourth) * (load<u64>(multipliers, 24) | 1), 32),
    );
    if (at >= end) return;
    // In long values, the hash of each part starts the next.
    block = i64x2.replace_lane(i64x2.splat(hashLow), 1, hashHigh);
  }
}

function products(block: v128, key: v128): v128 {
  const sums = i32x4.add(block, key);
  return i64x2.extmul_low_i32x4_u(sums, i64x2.shuffle(sums, sums, 1, 0));
}

function sumOf(pair: v128): u64 {
  return <u64>i64x2.extract_lane(pair, 0) + <u64>i64x2.extract_lane(pair, 1);
}
