import { hash64, sameBytes } from './hash';

/*
 * A map from byte strings of up to 64 bytes to numbers: an open-addressing table of entry numbers, followed by the entries.
 */

const tableSize: u32 = 1 << 13;
const maxEntries: u32 = 1 << 12;
const entryBytes: usize = 72;
const entryValue: usize = 64;
const entryLength: usize = 68;
const headerBytes: usize = 64;
const maxKeyBytes: usize = 64;

/** Empties a map. */
export function clearMap(map: usize): void {
  memory.fill(map, 0, headerBytes + tableSize * 2);
}

function findPlace(map: usize, start: usize, end: usize): usize {
  const length = end - start;
  let place = (<u32>hash64(start, end, 0)) & (tableSize - 1);
  while (true) {
    const at = map + headerBytes + place * 2;
    const entry = load<u16>(at);
    if (entry === 0) return at;
    const entryAt = entryStart(map, entry);
    if (load<u32>(entryAt, entryLength) === <u32>length && sameBytes(entryAt, start, length)) return at;
    place = (place + 1) & (tableSize - 1);
  }
}

function entryStart(map: usize, entry: u32): usize {
  return map + headerBytes + tableSize * 2 + <usize>(entry - 1) * entryBytes;
}

/** The value for the bytes, or -1. */
export function mapGet(map: usize, start: usize, end: usize): i32 {
  if (end - start > maxKeyBytes) return -1;
  const entry = load<u16>(findPlace(map, start, end));
  return entry === 0 ? -1 : load<i32>(entryStart(map, entry), entryValue);
}

/** Adds bytes that aren't in the map yet. Ignored if it is full. */
export function mapSet(map: usize, start: usize, end: usize, value: i32): void {
  const count = load<u32>(map);
  if (count >= maxEntries || end - start > maxKeyBytes) return;
  const at = findPlace(map, start, end);
  store<u32>(map, count + 1);
  store<u16>(at, <u16>(count + 1));
  const entry = entryStart(map, count + 1);
  memory.copy(entry, start, end - start);
  store<i32>(entry, value, entryValue);
  store<u32>(entry, <u32>(end - start), entryLength);
}
