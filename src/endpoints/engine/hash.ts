/*
 * Hashes of bytes. Up to fifteen bytes behind the end are read, and not used.
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

/** A hash of 64 bits. `seed` tells kinds of values apart. */
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

/** The same of the value with A to Z taken for a to z. */
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

/** Eight bytes with A to Z turned into a to z, all others as they are. */
export function lowerCase(word: u64): u64 {
  const low = word & 0x7f7f7f7f7f7f7f7f;
  const fromA = low + 0x3f3f3f3f3f3f3f3f;
  const aboveZ = low + 0x2525252525252525;
  return word | ((fromA & ~aboveZ & ~word & 0x8080808080808080) >> 2);
}

/** True where all bytes are ASCII. */
export function isAscii(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const others = <u32>i8x16.bitmask(v128.load(at));
    if (others !== 0 && at + ctz(others) < end) return false;
  }
  return true;
}

/** True where two ranges of the same length have the same bytes. */
export function sameBytes(one: usize, other: usize, length: usize): bool {
  let at: usize = 0;
  for (; at + 8 <= length; at += 8) if (load<u64>(one + at) !== load<u64>(other + at)) return false;
  return at >= length || tail(one + at, length - at) === tail(other + at, length - at);
}
