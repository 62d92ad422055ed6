import { hash64, hash64IgnoringCase, lowerCase } from './hash';
import { statistics } from './memory';
import * as abi from './abi';
import { clearShortCuts } from './shortCuts';

/*
 * Counts distinct values of an attribute by 64-bit hashes. Up to `maxExact` are counted individually in a table; beyond it, an
 * attribute has the registers of a HyperLogLog (Flajolet et al., 2007), read by host/distinctEstimate.ts.
 */

export const valueSeed: u64 = 0x7a1e;

/** The second tables, followed by the registers. */
export function tables(): usize {
  return statistics + abi.statisticsBytes;
}

/** A hash of two words that is never 0: a bit that is never used on its own is always set. */
export function mix(first: u64, second: u64): u64 {
  let hash = (first * 0x9e3779b97f4a7c15) ^ rotl<u64>(second * 0xbf58476d1ce4e5b9, 32);
  hash = (hash ^ (hash >> 32)) * 0x94d049bb133111eb;
  return (hash ^ (hash >> 29)) | 0x100000;
}

/** Longer values are hashed in a loop. */
export const usualBytes: i32 = 32;

/** The hash of a value, the same as hashTexts in cells.ts computes. May read bytes before and after it, which don't count. */
export function hashOf(start: usize, end: usize): u64 {
  const length = <u64>(end - start);
  if (length > 16) return hashOfLong(start, end);
  const last = load<u64>(end - 8);
  if (length > 8) return mix(load<u64>(start) ^ (length + valueSeed), last);
  return mix((last >> (64 - (length << 3))) ^ (length + valueSeed), 0);
}

/** The hash of an Id, without regard to case. */
export function hashOfId(start: usize, end: usize): u64 {
  const length = <u64>(end - start);
  if (length > 16) return hash64IgnoringCase(start, end, valueSeed);
  const last = lowerCase(load<u64>(end - 8));
  if (length > 8) return mix(lowerCase(load<u64>(start)) ^ (length + valueSeed), last);
  return mix((last >> (64 - (length << 3))) ^ (length + valueSeed), 0);
}

/** For more than 16 bytes. */
function hashOfLong(start: usize, end: usize): u64 {
  const length = <u64>(end - start);
  if (length > 32) return hash64(start, end, valueSeed);
  const first =
    (load<u64>(start) * 0xff51afd7ed558ccd) ^ rotl<u64>(load<u64>(start, 8) * 0xc4ceb9fe1a85ec53, 32);
  const second =
    (load<u64>(end - 16) * 0x9fb21c651e98df25) ^ rotl<u64>(load<u64>(end - 8) * 0xd6e8feb86659fd93, 29);
  return mix(first ^ (length + valueSeed), second);
}

/** 1, 1.0 and 1e0 are the same number, and so are 0 and -0. */
export function hashOfNumber(number: f64): u64 {
  return mix(reinterpret<u64>(number + 0.0) ^ valueSeed, 0);
}

/** Counts a value by its hash. */
export function countDistinct(at: usize, hash: u64, start: usize, end: usize): void {
  if (hasOnlyRegisters(at)) return countInRegister(at, hash);
  const estimates = load<i32>(at, abi.statisticEstimates) !== 0;
  let entry = entryOf(at, hash);
  if (load<u64>(entry) === hash) {
    store<u32>(entry, load<u32>(entry, 8) + 1, 8);
    return;
  }
  if (estimates) return countInRegister(at, hash);
  const count = load<i32>(at, abi.statisticDistinct);
  if (count === abi.maxInFirst) {
    moveToSecondTable(at);
    entry = entryOf(at, hash);
  } else if (count === abi.maxExact) {
    estimate(at);
    return countInRegister(at, hash);
  }
  store<i32>(at, count + 1, abi.statisticDistinct);
  store<u64>(entry, hash);
  store<u32>(entry, 1, 8);
  store<u32>(entry, keepText(at, start, end), 12);
}

/**
 * The entry of a hash, or a free one for it. A hash of 0 looks like a free entry: only long values can have it, one in 18
 * quintillion.
 */
export function entryOf(at: usize, hash: u64): usize {
  const table = <usize>load<u32>(at, abi.statisticTable);
  const mask = load<u32>(at, abi.statisticMask);
  let place = (<u32>hash) & mask;
  while (true) {
    const entry = table + ((<usize>place) << 4);
    const there = load<u64>(entry);
    if (there === hash || there === 0) return entry;
    place = (place + 1) & mask;
  }
}

function moveToSecondTable(at: usize): void {
  const first = at + abi.statisticFirstTable;
  const second = tables() + ((at - statistics) / abi.statisticBytes) * abi.tableBytes;
  memory.fill(second, 0, abi.tableBytes);
  clearShortCuts(at);
  store<u32>(at, <u32>second, abi.statisticTable);
  store<u32>(at, abi.tablePlaces - 1, abi.statisticMask);
  for (
    let entry = first;
    entry < first + abi.firstPlaces * abi.statisticEntryBytes;
    entry += abi.statisticEntryBytes
  ) {
    const hash = load<u64>(entry);
    if (hash !== 0) memory.copy(entryOf(at, hash), entry, abi.statisticEntryBytes);
  }
}

/** Stores a value as text if there is room; returns its number, or 0. */
function keepText(at: usize, start: usize, end: usize): u32 {
  const length = <i32>(end - start);
  const used = load<i32>(at, abi.statisticTextCount);
  if (length === 0 || length >= abi.statisticTextBytes || used === load<i32>(at, abi.statisticTextRoom)) {
    return 0;
  }
  const text = <usize>load<u32>(at, abi.statisticTexts) + <usize>used * abi.statisticTextBytes;
  store<u8>(text, <u8>length);
  memory.copy(text + 1, start, length);
  store<i32>(at, used + 1, abi.statisticTextCount);
  return used + 1;
}

/** True if the table was full and no texts need to be counted in it. */
export function hasOnlyRegisters(at: usize): bool {
  return load<i32>(at, abi.statisticEstimates) !== 0 && load<i32>(at, abi.statisticTextRoom) <= abi.fewTexts;
}

/** Switches to estimates: there are too many distinct values to count individually. */
function estimate(at: usize): void {
  store<i32>(at, 1, abi.statisticEstimates);
  store<i32>(at, 0, abi.statisticTrust);
  memory.fill(<usize>load<u32>(at, abi.statisticRegisters), 0, abi.registerCount);
  store<i32>(at, 0, abi.statisticMinRank);
  store<i32>(at, abi.registerCount, abi.statisticMinRankCount);
  const table = <usize>load<u32>(at, abi.statisticTable);
  for (let entry = table; entry < table + abi.tableBytes; entry += abi.statisticEntryBytes) {
    const hash = load<u64>(entry);
    if (hash !== 0) countInRegister(at, hash);
  }
}

/** Most values change no register, and most of those have a rank that every register already has. */
function countInRegister(at: usize, hash: u64): void {
  const rank = rankOf(hash);
  const minRank = load<i32>(at, abi.statisticMinRank);
  if (rank <= minRank) return;
  const register = <usize>load<u32>(at, abi.statisticRegisters) + registerOf(hash);
  const before = <i32>load<u8>(register);
  if (rank <= before) return;
  store<u8>(register, <u8>rank);
  if (before > minRank) return;
  const others = load<i32>(at, abi.statisticMinRankCount) - 1;
  store<i32>(at, others, abi.statisticMinRankCount);
  if (others === 0) findMinRank(at);
}

export function registerOf(hash: u64): usize {
  return <usize>(hash >> (64 - abi.registerBits));
}

export function rankOf(hash: u64): i32 {
  return <i32>clz((hash << abi.registerBits) | ((<u64>1) << (abi.registerBits - 1))) + 1;
}

/** Finds the lowest rank of all registers, and the number of registers that have it. */
function findMinRank(at: usize): void {
  const registers = <usize>load<u32>(at, abi.statisticRegisters);
  let minRank: u8 = 255;
  let count = 0;
  for (let register = registers; register < registers + abi.registerCount; register++) {
    const rank = load<u8>(register);
    if (rank < minRank) {
      minRank = rank;
      count = 1;
    } else if (rank === minRank) count++;
  }
  store<i32>(at, <i32>minRank, abi.statisticMinRank);
  store<i32>(at, count, abi.statisticMinRankCount);
}
