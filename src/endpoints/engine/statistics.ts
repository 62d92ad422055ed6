import { setFactsFull } from './findings';
import { numberOf, isBlank } from './forms';
import { hash64, hash64IgnoringCase } from './hash';
import {
  clearScratch,
  keptValueCapacity,
  keptValues,
  leafCapacity,
  leaves,
  scratch,
  slotStatistics,
  statistics,
} from './memory';
import { codePoints, unescape } from './record';
import * as is from './shared';

/*
 * Counts what the values of a file are like, attribute by attribute, for those who ask for it.
 *
 * Where it is not sure that a stretch begins with a record, it may have to be read again from another place. Then its values
 * are only kept while it is read, and counted once it is settled: they are still in the text.
 *
 * Distinct values are told apart by 64 bits of hash. Up to `mostExact` they are counted one by one; from then on an
 * attribute has the registers of a HyperLogLog (Flajolet et al., 2007), to be read by src/endpoints/distinct.ts.
 */

const valueSeed: u64 = 0x7a1e;

/** True where the values of this file are counted. */
export let isCounting: bool = false;

let statisticCount: i32 = 0;
let nextPool: usize = 0;
let poolEnd: usize = 0;

/** True where what is read of this stretch counts at once. */
let isSure: bool = true;

/** Leaves of the records of this stretch, where it is not: each record begins with one that has no slot, but their number. */
let keptCount: i32 = 0;

/** Records that were counted. */
export let countedRecords: i32 = 0;

/** Second tables, and behind them the registers. */
function tables(): usize {
  return statistics + is.statisticsBytes;
}

/** Begins a file. */
export function setCounting(on: bool): void {
  isCounting = on;
  statisticCount = keptCount = countedRecords = 0;
  nextPool = tables() + is.tablesBytes + is.registersBytes;
  poolEnd = nextPool + is.statisticPoolBytes;
}

/**
 * Makes room for what is counted of an attribute; returns where it is, or 0 where there is none left.
 * `near`: characters from which on a value is near the limit. `texts`: how many distinct values are kept as text.
 */
export function addStatistic(kind: i32, limit: i32, near: i32, texts: i32): usize {
  const poolBytes = <usize>texts * is.statisticTextBytes;
  if (statisticCount === is.mostStatistics || nextPool + poolBytes > poolEnd) return 0;
  const at = statistics + <usize>statisticCount * is.statisticBytes;
  const registers = tables() + is.tablesBytes + <usize>statisticCount * is.registerCount;
  statisticCount++;
  // Another file was counted here before, maybe. What of it is not needed is not touched.
  memory.fill(at, 0, is.statisticBytes);
  store<i32>(at, -1, is.statisticRecord);
  store<i32>(at, kind, is.statisticKind);
  store<i32>(at, limit, is.statisticLimit);
  store<i32>(at, near, is.statisticNear);
  store<u32>(at, <u32>nextPool, is.statisticTexts);
  store<i32>(at, texts, is.statisticTextRoom);
  store<u32>(at, <u32>(at + is.statisticFirstTable), is.statisticTable);
  store<u32>(at, is.firstPlaces - 1, is.statisticMask);
  store<u32>(at, <u32>registers, is.statisticRegisters);
  store<f64>(at, Infinity, is.statisticLeast);
  store<f64>(at, -Infinity, is.statisticMost);
  nextPool += poolBytes;
  return at;
}

/** Says what the values of a slot are counted as; 0 for not at all. */
export function setStatistic(slot: i32, statistic: usize): void {
  store<u32>(slotStatistics + (slot << 2), <u32>statistic);
}

/** Begins a stretch, or reads it again. `sure`: it begins with a record for sure. */
export function beginValues(sure: bool): void {
  keptCount = 0;
  isSure = sure;
}

/** Counts the leaves of the record under judgement, or keeps them. */
export function takeValues(count: i32): void {
  if (isSure) {
    countRecord(leaves, leaves + count * is.leafBytes);
    return;
  }
  const at = keptValues + keptCount * is.leafBytes;
  store<i32>(at, -1, is.leafSlot);
  store<i32>(at, count, is.leafStart);
  memory.copy(at + is.leafBytes, leaves, count * is.leafBytes);
  keptCount += count + 1;
  if (keptCount + leafCapacity >= keptValueCapacity) setFactsFull(true);
}

/** True where what was kept has to be counted before more is read. */
export function valuesAreFull(): bool {
  return keptCount + leafCapacity >= keptValueCapacity;
}

/** Counts the values that were kept, and forgets them. */
export function countValues(): void {
  const end = keptValues + keptCount * is.leafBytes;
  let leaf = keptValues;
  while (leaf < end) {
    const next = leaf + (load<i32>(leaf, is.leafStart) + 1) * is.leafBytes;
    countRecord(leaf + is.leafBytes, next);
    leaf = next;
  }
  keptCount = 0;
}

/** The usual values are counted here, which is what the cost of a report depends on; others in functions of their own. */
function countRecord(first: usize, end: usize): void {
  const record = countedRecords++;
  for (let leaf = first; leaf < end; leaf += is.leafBytes) {
    const at = <usize>load<u32>(slotStatistics + (load<i32>(leaf, is.leafSlot) << 2));
    const from = <usize>load<u32>(leaf, is.leafStart);
    const to = <usize>load<u32>(leaf, is.leafEnd);
    if (at === 0 || from === to) continue;
    if (load<i32>(at, is.statisticRecord) !== record) {
      store<i32>(at, record, is.statisticRecord);
      store<u32>(at, load<u32>(at, is.statisticFilled) + 1, is.statisticFilled);
    } else store<u32>(at, load<u32>(at, is.statisticMore) + 1, is.statisticMore);
    const flags = load<i32>(leaf, is.leafFlags);
    // A value has at most as many characters as bytes, so most lengths need no counting.
    if (flags > is.flagQuoted || <i32>(to - from) > load<i32>(at, is.statisticUsual)) {
      countUnusual(at, from, to, flags);
      continue;
    }
    const length = <u64>(to - from);
    // Bytes behind the value and before it may be read. What comes of them is left out, or is the same for the same value.
    const begin = load<u64>(from) & select<u64>(allOnes, ((<u64>1) << (length << 3)) - 1, length >= 8);
    const hash = mix(begin ^ (length + valueSeed), select<u64>(load<u64>(to - 8), 0, length > 8));
    const entry =
      <usize>load<u32>(at, is.statisticTable) + (((<u32>hash) & load<u32>(at, is.statisticMask)) << 4);
    if (load<u64>(entry) === hash) store<u32>(entry, load<u32>(entry, 8) + 1, 8);
    else countDistinct(at, hash, from, to);
  }
}

const allOnes: u64 = 0xffffffffffffffff;
/** Longer values are hashed in a loop. */
const usualBytes: i32 = 16;

function mix(first: u64, second: u64): u64 {
  let hash = first * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ second) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 29)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 32);
}

function countUnusual(at: usize, start: usize, end: usize, flags: i32): void {
  if (flags > is.flagQuoted) {
    // Of the wrong type: it is there, but what it is is not looked into.
    if ((flags & is.flagWrong) !== 0) return increase(at, is.statisticWrong);
    clearScratch();
    const written = withoutEscapes(start, end, flags);
    start = scratch;
    end = start + written;
    if (start === end) return;
  }
  if (<i32>(end - start) > load<i32>(at, is.statisticShort)) countLength(at, codePoints(start, end));
  const kind = load<i32>(at, is.statisticKind);
  let hash: u64;
  if (kind === is.statisticOfTexts) hash = hashOf(start, end);
  else if (kind === is.statisticOfIds) hash = hash64IgnoringCase(start, end, valueSeed);
  else hash = countNumber(at, start, end);
  countDistinct(at, hash, start, end);
}

function increase(at: usize, field: usize): void {
  store<u32>(at + field, load<u32>(at + field) + 1);
}

/** The same as `unescape`, sixteen bytes at a time where only quotes, backslashes and slashes are escaped. */
function withoutEscapes(start: usize, end: usize, flags: i32): usize {
  const sign: u8 = (flags & is.flagDoubled) !== 0 ? quote : backslash;
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

/** The same hash as in `countRecord`. */
function hashOf(start: usize, end: usize): u64 {
  const length = <u64>(end - start);
  if (length > 32) return hash64(start, end, valueSeed);
  if (length > <u64>usualBytes) {
    const first =
      (load<u64>(start) * 0xff51afd7ed558ccd) ^ rotl<u64>(load<u64>(start, 8) * 0xc4ceb9fe1a85ec53, 32);
    const last =
      (load<u64>(end - 16) * 0x9fb21c651e98df25) ^ rotl<u64>(load<u64>(end - 8) * 0xd6e8feb86659fd93, 29);
    return mix(first ^ (length + valueSeed), last);
  }
  const begin = load<u64>(start) & select<u64>(allOnes, ((<u64>1) << (length << 3)) - 1, length >= 8);
  return mix(begin ^ (length + valueSeed), select<u64>(load<u64>(end - 8), 0, length > 8));
}

/** True where values are texts, and looked up in a table. */
function isUsual(at: usize): bool {
  return (
    load<i32>(at, is.statisticKind) === is.statisticOfTexts &&
    (load<i32>(at, is.statisticEstimates) === 0 || hasManyTexts(at))
  );
}

function hasManyTexts(at: usize): bool {
  return load<i32>(at, is.statisticTextRoom) > is.fewTexts;
}

function countLength(at: usize, length: i32): void {
  const near = load<i32>(at, is.statisticNear);
  const longest = max(load<i32>(at, is.statisticLongest), length);
  store<i32>(at, longest, is.statisticLongest);
  const short = min(longest, near - 1);
  store<i32>(at, short, is.statisticShort);
  if (isUsual(at)) store<i32>(at, min(short, usualBytes), is.statisticUsual);
  if (length < near) return;
  increase(at, length > load<i32>(at, is.statisticLimit) ? is.statisticOver : is.statisticNearCount);
}

/** Counts a value that should be a number; returns its hash. Blanks around it are found by a rule of their own. */
function countNumber(at: usize, start: usize, end: usize): u64 {
  let from = start;
  let to = end;
  while (from < to && isBlank(load<u8>(from))) from++;
  while (to > from && isBlank(load<u8>(to - 1))) to--;
  let number = wholeNumber(from, to);
  if (number < 0) number = numberOf(from, to);
  if (!isFinite(number)) return hashOf(start, end);
  increase(at, is.statisticNumbers);
  if (number < load<f64>(at, is.statisticLeast)) store<f64>(at, number, is.statisticLeast);
  if (number > load<f64>(at, is.statisticMost)) store<f64>(at, number, is.statisticMost);
  // Sums up without losing what is small beside the sum (Neumaier).
  const before = load<f64>(at, is.statisticSum);
  const sum = before + number;
  const lost = abs(before) >= abs(number) ? before - sum + number : number - sum + before;
  store<f64>(at, sum, is.statisticSum);
  store<f64>(at, load<f64>(at, is.statisticLost) + lost, is.statisticLost);
  return hashOfNumber(number);
}

/** The number that up to eight digits are, all at once; -1 where there is something else, or more of them. */
function wholeNumber(start: usize, end: usize): f64 {
  const length = <u64>(end - start);
  if (length > 8 || length === 0) return -1;
  // Zeros before it, so that there are eight digits: the first one lowest.
  const missing = (8 - length) << 3;
  const digits = select<u64>(
    load<u64>(start),
    (load<u64>(start) << missing) | (zeros >> (length << 3)),
    length === 8,
  );
  if (
    ((digits & 0xf0f0f0f0f0f0f0f0) | (((digits + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) !==
    0x3333333333333333
  ) {
    return -1;
  }
  let number = digits - zeros;
  number = number * 10 + (number >> 8);
  const left = (number & 0x000000ff000000ff) * 0x000f424000000064;
  const right = ((number >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return <f64>(<u32>((left + right) >> 32));
}

const zeros: u64 = 0x3030303030303030;

/** 1, 1.0 and 1e0 are one number, and so are 0 and -0. */
function hashOfNumber(number: f64): u64 {
  return mix(reinterpret<u64>(number + 0.0) ^ valueSeed, 0);
}

function countDistinct(at: usize, hash: u64, start: usize, end: usize): void {
  const estimates = load<i32>(at, is.statisticEstimates) !== 0;
  if (estimates && !hasManyTexts(at)) return countInRegister(at, hash);
  let entry = placeOf(at, hash);
  if (load<u64>(entry) === hash) {
    store<u32>(entry, load<u32>(entry, 8) + 1, 8);
    return;
  }
  if (estimates) return countInRegister(at, hash);
  const count = load<i32>(at, is.statisticDistinct);
  if (count === is.mostInFirst) {
    moveToSecondTable(at);
    entry = placeOf(at, hash);
  } else if (count === is.mostExact) {
    estimate(at);
    return countInRegister(at, hash);
  }
  store<i32>(at, count + 1, is.statisticDistinct);
  store<u64>(entry, hash);
  store<u32>(entry, 1, 8);
  store<u32>(entry, keepText(at, start, end), 12);
}

/** Where a hash is in the table, or may be put. A hash of 0 is taken for a free place: one of 18 trillion. */
function placeOf(at: usize, hash: u64): usize {
  const table = <usize>load<u32>(at, is.statisticTable);
  const mask = load<u32>(at, is.statisticMask);
  let place = (<u32>hash) & mask;
  while (true) {
    const entry = table + ((<usize>place) << 4);
    const there = load<u64>(entry);
    if (there === hash || there === 0) return entry;
    place = (place + 1) & mask;
  }
}

function moveToSecondTable(at: usize): void {
  const first = at + is.statisticFirstTable;
  const second = tables() + ((at - statistics) / is.statisticBytes) * is.tableBytes;
  memory.fill(second, 0, is.tableBytes);
  store<u32>(at, <u32>second, is.statisticTable);
  store<u32>(at, is.tablePlaces - 1, is.statisticMask);
  for (
    let entry = first;
    entry < first + is.firstPlaces * is.statisticEntryBytes;
    entry += is.statisticEntryBytes
  ) {
    const hash = load<u64>(entry);
    if (hash !== 0) memory.copy(placeOf(at, hash), entry, is.statisticEntryBytes);
  }
}

/** Keeps a value as text where there is room; returns its number, or 0. */
function keepText(at: usize, start: usize, end: usize): u32 {
  const length = <i32>(end - start);
  const used = load<i32>(at, is.statisticTextCount);
  if (length === 0 || length >= is.statisticTextBytes || used === load<i32>(at, is.statisticTextRoom)) {
    return 0;
  }
  const text = <usize>load<u32>(at, is.statisticTexts) + <usize>used * is.statisticTextBytes;
  store<u8>(text, <u8>length);
  memory.copy(text + 1, start, length);
  store<i32>(at, used + 1, is.statisticTextCount);
  return used + 1;
}

/** There are too many distinct values to count one by one. */
function estimate(at: usize): void {
  store<i32>(at, 1, is.statisticEstimates);
  if (!isUsual(at)) store<i32>(at, 0, is.statisticUsual);
  memory.fill(<usize>load<u32>(at, is.statisticRegisters), 0, is.registerCount);
  const table = <usize>load<u32>(at, is.statisticTable);
  for (let entry = table; entry < table + is.tableBytes; entry += is.statisticEntryBytes) {
    const hash = load<u64>(entry);
    if (hash !== 0) countInRegister(at, hash);
  }
}

function countInRegister(at: usize, hash: u64): void {
  const register = <usize>load<u32>(at, is.statisticRegisters) + <usize>(hash >> (64 - is.registerBits));
  const rank = <u8>clz((hash << is.registerBits) | ((<u64>1) << (is.registerBits - 1))) + 1;
  if (load<u8>(register) < rank) store<u8>(register, rank);
}
