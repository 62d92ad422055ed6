import {
  countDistinct,
  hasOnlyRegisters,
  hashOf,
  hashOfNumber,
  mix,
  entryOf,
  rankOf,
  registerOf,
  valueSeed,
} from './distinctCounts';
import { shortNumber } from './formats';
import { lowerCase } from './hash';
import { hashes } from './memory';
import * as abi from './abi';
import { maxShortCut, shortCutFor, shortCutsOf, shortValue } from './shortCuts';
import { addToSum, countUnusual, maxWhole } from './values';

/*
 * Counts values of an attribute in batches, so that shared work is done once and the data stays in the cache. A cell holds the
 * range of a value.
 *
 * Each step is its own loop without calls, so that everything it needs is in registers. What it can't count is handled
 * afterwards, value by value.
 */

/** Counts the cells from `first` on, one every `step` bytes, as values of an attribute; at most maxRowBytes / cellBytes. */
export function countCells(at: usize, first: usize, end: usize, step: usize): void {
  if (load<i32>(at, abi.statisticTrust) > 0) return countByShortCuts(at, first, end, step);
  if (load<i32>(at, abi.statisticKind) < abi.statisticOfNumbers) hashTexts(at, first, end, step);
  else hashNumbers(at, first, end, step);
  if (hasOnlyRegisters(at)) countInRegisters(at, first, end, step);
  else countInTable(at, first, end, step);
}

/** The cell of a value, which may be empty. */
export function cellOf(start: usize, end: usize, flags: i32): u64 {
  const written = ((<u32>(end - start)) << abi.cellFlagBits) | (<u32>flags);
  return (<u64>start) | ((<u64>written) << 32);
}

function startOf(cell: u64): usize {
  return <usize>cell;
}

export function lengthOf(cell: u64): u64 {
  return cell >> (32 + abi.cellFlagBits);
}

function flagsOf(cell: u64): i32 {
  return (<i32>(cell >> 32)) & ((1 << abi.cellFlagBits) - 1);
}

/** True for a non-empty cell of at most `maxBytes` bytes that needs no unescaping: any other flag makes the number higher. */
function isUsual(cell: u64, maxBytes: u32): bool {
  return rotr<u32>((<u32>(cell >> 32)) & ~abi.flagQuoted, abi.cellFlagBits) - 1 < maxBytes;
}

/** Counts texts that mostly are short and occurred before, as most texts are. */
function countByShortCuts(at: usize, first: usize, end: usize, step: usize): void {
  const shortCuts = shortCutsOf(at);
  const maxBytes = min(load<u32>(at, abi.statisticUsual), maxShortCut);
  let filled: u32 = 0;
  let missed = hashes;
  for (let here = first; here < end; here += step) {
    const cell = load<u64>(here);
    filled += <u32>(lengthOf(cell) !== 0);
    if (isUsual(cell, maxBytes)) {
      const value = shortValue(startOf(cell), <usize>lengthOf(cell));
      const shortCut = shortCuts + shortCutFor(i64x2.extract_lane(value, 0), i64x2.extract_lane(value, 1));
      if (i8x16.all_true(i8x16.eq(value, v128.load(shortCut)))) {
        const entry = <usize>load<u32>(shortCut, 16);
        store<u32>(entry, load<u32>(entry, 8) + 1, 8);
        continue;
      }
    }
    store<u64>(missed, cell);
    missed += 8;
  }
  addFilled(at, filled);
  const misses = <i32>((missed - hashes) >> 3);
  store<i32>(
    at,
    min(abi.maxTrust, load<i32>(at, abi.statisticTrust) + ((<i32>filled) >> 2) - misses),
    abi.statisticTrust,
  );
  for (let place = hashes; place < missed; place += 8) countMissed(at, load<u64>(place), maxBytes);
}

/** Counts a value without a shortcut, and adds one. */
function countMissed(at: usize, cell: u64, maxBytes: u32): void {
  const from = startOf(cell);
  const to = from + <usize>lengthOf(cell);
  if (from === to) return;
  if (!isUsual(cell, maxBytes)) return countUnusual(at, from, to, flagsOf(cell));
  const hash = hashOf(from, to);
  countDistinct(at, hash, from, to);
  if (load<i32>(at, abi.statisticEstimates) !== 0) return;
  const value = shortValue(from, to - from);
  const shortCut = shortCutsOf(at) + shortCutFor(i64x2.extract_lane(value, 0), i64x2.extract_lane(value, 1));
  v128.store(shortCut, value);
  store<u32>(shortCut, <u32>entryOf(at, hash), 16);
}

/** Hashes texts or Ids: 0 for empty and unusual cells. */
function hashTexts(at: usize, first: usize, end: usize, step: usize): void {
  const isId = load<i32>(at, abi.statisticKind) === abi.statisticOfIds;
  // A value has no more characters than bytes, so most lengths need no counting.
  const usual = isId ? min(load<u32>(at, abi.statisticShort), 16) : load<u32>(at, abi.statisticUsual);
  let filled: u32 = 0;
  let to = hashes;
  for (let here = first; here < end; here += step) {
    const cell = load<u64>(here);
    const length = lengthOf(cell);
    filled += <u32>(length !== 0);
    let hash: u64 = 0;
    if (isUsual(cell, usual)) {
      const start = startOf(cell);
      const stop = start + <usize>length;
      let last = load<u64>(stop - 8);
      let begin = load<u64>(start);
      if (length > 16) {
        begin = (begin * 0xff51afd7ed558ccd) ^ rotl<u64>(load<u64>(start, 8) * 0xc4ceb9fe1a85ec53, 32);
        last = (load<u64>(stop - 16) * 0x9fb21c651e98df25) ^ rotl<u64>(last * 0xd6e8feb86659fd93, 29);
      } else {
        begin = select<u64>(begin, last >> (64 - (length << 3)), length > 8);
        last = select<u64>(last, 0, length > 8);
        if (isId) {
          begin = lowerCase(begin);
          last = lowerCase(last);
        }
      }
      hash = mix(begin ^ (length + valueSeed), last);
    }
    store<u64>(to, hash);
    to += 8;
  }
  addFilled(at, filled);
}

/** The same for numbers in short notation, with a sum if needed. */
function hashNumbers(at: usize, first: usize, end: usize, step: usize): void {
  const isSummed = load<i32>(at, abi.statisticKind) === abi.statisticOfNumbers;
  const short = load<u32>(at, abi.statisticShort);
  let filled: u32 = 0;
  let to = hashes;
  let numbers: u32 = 0;
  let smallest = load<f64>(at, abi.statisticMin);
  let largest = load<f64>(at, abi.statisticMax);
  const sum = <usize>load<u32>(at, abi.statisticSum);
  for (let here = first; here < end; here += step) {
    const cell = load<u64>(here);
    filled += <u32>(lengthOf(cell) !== 0);
    let hash: u64 = 0;
    if (isUsual(cell, short)) {
      const start = startOf(cell);
      const number = shortNumber(start, start + <usize>lengthOf(cell));
      if (abs(number) < maxWhole) {
        hash = hashOfNumber(number);
        if (isSummed) {
          numbers++;
          if (number < smallest) smallest = number;
          if (number > largest) largest = number;
          addToSum(sum, number);
        }
      }
    }
    store<u64>(to, hash);
    to += 8;
  }
  store<u32>(at, load<u32>(at, abi.statisticNumbers) + numbers, abi.statisticNumbers);
  store<f64>(at, smallest, abi.statisticMin);
  store<f64>(at, largest, abi.statisticMax);
  addFilled(at, filled);
}

function addFilled(at: usize, filled: u32): void {
  store<u32>(at, load<u32>(at, abi.statisticFilled) + filled, abi.statisticFilled);
}

/** Counts values by their hashes if the attribute has a table. */
function countInTable(at: usize, first: usize, end: usize, step: usize): void {
  let table = <usize>load<u32>(at, abi.statisticTable);
  let mask = load<u32>(at, abi.statisticMask) << 4;
  let here = hashes;
  for (let cell = first; cell < end; cell += step) {
    const hash = load<u64>(here);
    here += 8;
    let place = ((<u32>hash) << 4) & mask;
    let there = load<u64>(table + place);
    while (there !== hash && there !== 0) {
      place = (place + 16) & mask;
      there = load<u64>(table + place);
    }
    if (there !== 0) store<u32>(table + place, load<u32>(table + place, 8) + 1, 8);
    else {
      countAlone(at, hash, load<u64>(cell));
      table = <usize>load<u32>(at, abi.statisticTable);
      mask = load<u32>(at, abi.statisticMask) << 4;
    }
  }
}

/** The same if it only has registers. */
function countInRegisters(at: usize, first: usize, end: usize, step: usize): void {
  const registers = <usize>load<u32>(at, abi.statisticRegisters);
  let minRank = load<i32>(at, abi.statisticMinRank);
  let here = hashes;
  for (let cell = first; cell < end; cell += step) {
    const hash = load<u64>(here);
    here += 8;
    const rank = rankOf(hash);
    if (hash !== 0 && (rank <= minRank || rank <= <i32>load<u8>(registers + registerOf(hash)))) continue;
    countAlone(at, hash, load<u64>(cell));
    minRank = load<i32>(at, abi.statisticMinRank);
  }
}

/** Counts the value of a cell, if it isn't empty. */
function countAlone(at: usize, hash: u64, cell: u64): void {
  const from = startOf(cell);
  const to = from + <usize>lengthOf(cell);
  if (from === to) return;
  if (hash === 0) countUnusual(at, from, to, flagsOf(cell));
  else countDistinct(at, hash, from, to);
}
