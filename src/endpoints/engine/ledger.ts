import { report, setPlace } from './findings';
import { batch, batchRecords, facts, newNameBytes, newNames, userCountsAt } from './memory';
import { newNameCount } from './ndjson';
import { factCount } from './record';
import * as abi from './abi';

/*
 * Remembers which values there were in earlier records, in bounded memory that the workers of one file share, one at a time.
 *
 * A value is kept as 40 bits of its hash (35 of a user's), in a bucket that about 19 more bits choose: among 5 million Ids
 * the chance of taking any two for one is below 1 in 10,000. A table that is full is followed by a larger one, until the memory is used up.
 *
 * A bucket is a cache line: tags of four bytes, then the first extra byte of each entry, then, for addresses, the second.
 * A tag of 0 is a free place. The last four bytes have a bit for each 32nd of all values, which is set when one of them
 * found the bucket full and went on: in a table that is nearly full, nearly all buckets are, and without these bits a new
 * value would have to be looked for in ten of them.
 */

const bucketBytes: usize = 64;
const bucketPassed: usize = 60;
const maxLoad: f64 = 0.98;
const maxLevels: i32 = 24;

// The header: bytes used, custom names there are, then each kind; then the hashes of custom names.
// Of a kind: its levels, whether it said that it is full, and how many values were claimed; and of each level where its buckets begin, how many there are, how many entries are in them, and how many there may be.
const kindLevels: usize = 0;
const kindSaid: usize = 4;
const kindClaimed: usize = 8;
const kindFirstLevel: usize = 16;
const levelStart: usize = 0;
const levelBuckets: usize = 4;
const levelUsed: usize = 8;
const levelMost: usize = 12;
const levelBytes: usize = 16;
const kindBytes: usize = 16 + 24 * 16;
const namesAt: usize = 8 + 3 * kindBytes;
const maxNames: u32 = 512;
const headerBytes: usize = (namesAt + 512 * 8 + 63) & ~63;

let memoryStart: usize = 0;
let memoryBytes: usize = 0;
/** The number of values to expect of each kind in the whole file; 0 where that is not known. */
let expected: f64 = 0;

export function setLedger(start: usize, bytes: usize, values: f64): void {
  memoryStart = start;
  memoryBytes = bytes;
  expected = values;
}

/** Sets how many values of each kind to expect in the whole file, as far as that can be told by now. */
export function expectValues(values: f64): void {
  expected = values;
}

/** Forgets everything. */
export function clearLedger(): void {
  if (load<u32>(memoryStart) > 0) memory.fill(memoryStart, 0, load<u32>(memoryStart));
  store<u32>(memoryStart, <u32>headerBytes);
}

/** Bytes that are used. */
export function ledgerUsed(): usize {
  return load<u32>(memoryStart);
}

function entriesOf(kind: i32): u32 {
  return kind === abi.ledgerAddress ? 10 : 12;
}

/** Which bits of the first extra byte belong to the hash. A user's other five bits count its endpoints. */
function checkMaskOf(kind: i32): u32 {
  return kind === abi.ledgerUser ? 0xe0 : 0xff;
}

function kindAt(kind: i32): usize {
  return memoryStart + 8 + <usize>kind * kindBytes;
}

/** The bucket of a level that 32 bits choose: at first the upper half of a hash. */
function bucketOf(level: usize, bits: u32): usize {
  const place = (<u64>bits * <u64>load<u32>(level, levelBuckets)) >> 32;
  return <usize>load<u32>(level, levelStart) + <usize>place * bucketBytes;
}

/** The bits that choose the bucket behind a full one, somewhere else: a neighbour would be full as well. They return to where they began only after all others. */
function nextBits(bits: u32): u32 {
  return bits * 0x9e3779b1 + 0x7f4a7c15;
}

/** Which of four entries have a tag: a bit for each. */
function entriesWith(four: v128, tag: v128): u32 {
  return <u32>i32x4.bitmask(i32x4.eq(four, tag));
}

/** How many values a new level is for: those that are to come, as far as can be told from those that came. */
function valuesToCome(kind: i32): f64 {
  const header = kindAt(kind);
  const claimed = <f64>load<u32>(header, kindClaimed);
  let known: f64 = 0;
  let level = header + kindFirstLevel;
  for (let left = load<i32>(header, kindLevels); left > 0; left--, level += levelBytes) {
    known += <f64>load<u32>(level, levelUsed);
  }
  // Without a size to go by, each level is as large as all before it.
  if (expected === 0) return max(50_000, known);
  // Nearly every record has an Id and an address of its own; of users, the first quarter tells.
  if (known === 0) return expected * (kind === abi.ledgerUser ? 0.25 : 0.9);
  return max((expected - claimed) * (known / max(claimed, known)) * 1.02, known / 16);
}

/** Begins another level; returns 0 where there is no memory for it. */
function addLevel(kind: i32): usize {
  const header = kindAt(kind);
  const levels = load<i32>(header, kindLevels);
  if (levels === maxLevels) return 0;
  const used = <usize>load<u32>(memoryStart);
  const room = <u32>((memoryBytes - used) / bucketBytes);
  const wanted = <u32>(valuesToCome(kind) / (<f64>entriesOf(kind) * maxLoad)) + 8;
  const buckets = min(wanted, room);
  if (buckets < 8) return 0;
  const level = header + kindFirstLevel + <usize>levels * levelBytes;
  store<u32>(level, <u32>(memoryStart + used), levelStart);
  store<u32>(level, buckets, levelBuckets);
  store<u32>(level, 0, levelUsed);
  store<u32>(level, <u32>(<f64>(buckets * entriesOf(kind)) * maxLoad), levelMost);
  store<u32>(memoryStart, <u32>(used + <usize>buckets * bucketBytes));
  store<i32>(header, levels + 1, kindLevels);
  return level;
}

/*
 * Values are looked up many at a time, because waiting for memory is what takes the time, and a processor waits for many
 * places at once if only nobody needs one of them first. So the bucket of each is touched before any is looked into, and
 * values that have to look into another bucket wait until all others had their turn, while theirs is fetched. The more are
 * looked up together, the less often only the last few are waited for.
 * Equal values take the same way at the same time, so the earlier of them still comes first.
 */

// A value that is looked up: where its hash is, the bucket and level that it is looked for in, and the bits that chose the bucket.
const itemBytes: usize = 16;
const itemHash: usize = 0;
const itemBucket: usize = 4;
const itemLevel: usize = 8;
const itemBits: usize = 12;
// When that is done: where the entry's first extra byte is, or 0 where it is new and there is no room; and whether it was there.
const itemEntry: usize = 4;
const itemFound: usize = 8;
const waitingAt: usize = batchRecords * itemBytes;

/** What was touched: only there so that it is read. */
export let touched: u32 = 0;

/** Looks the first `count` of the batch up, and adds those that are new. */
function lookUp(kind: i32, count: usize): void {
  const header = kindAt(kind);
  const first = header + kindFirstLevel;
  if (load<i32>(header, kindLevels) === 0 && addLevel(kind) === 0) {
    for (let item = batch; item < batch + count * itemBytes; item += itemBytes) {
      store<u64>(item, 0, itemEntry);
    }
    return;
  }
  const waiting = batch + waitingAt;
  const start = load<u32>(first, levelStart);
  const buckets = <u64>load<u32>(first, levelBuckets);
  for (let index: usize = 0; index < count; index++) {
    const item = batch + index * itemBytes;
    const bits = load<u32>(load<u32>(item, itemHash), 4);
    const place = (<u64>bits * buckets) >> 32;
    const bucket = start + <u32>place * <u32>bucketBytes;
    store<u32>(item, bucket, itemBucket);
    store<u32>(item, <u32>first, itemLevel);
    store<u32>(item, bits, itemBits);
    store<u32>(waiting + (index << 2), <u32>item);
  }
  let left = count;
  while (left > 0) {
    touch(left);
    left = lookIntoBuckets(kind, left);
  }
}

/** Fetches the buckets of those that wait. The loop has nothing else in it, so that as many as possible are on their way at once. */
function touch(count: usize): void {
  const waiting = batch + waitingAt;
  let read: u32 = 0;
  for (let index: usize = 0; index < count; index++) {
    read += load<u32>(load<u32>(load<u32>(waiting + (index << 2)), itemBucket));
  }
  touched += read;
}

/** Gives each of those that wait a look into its bucket; returns how many wait for another one. */
function lookIntoBuckets(kind: i32, count: usize): usize {
  const header = kindAt(kind);
  const entries = entriesOf(kind);
  const all = (1 << entries) - 1;
  const mask = checkMaskOf(kind);
  const none = i32x4.splat(0);
  const waiting = batch + waitingAt;
  let levelsEnd = header + kindFirstLevel + <usize>load<i32>(header, kindLevels) * levelBytes;
  let still: usize = 0;
  for (let index: usize = 0; index < count; index++) {
    const item = <usize>load<u32>(waiting + (index << 2));
    const hash = load<u64>(load<u32>(item, itemHash));
    let bucket = <usize>load<u32>(item, itemBucket);
    const tag = max(<u32>hash, 1);
    const tags = i32x4.splat(tag);
    const check = (<u32>(hash >> 32)) & mask;
    const one = v128.load(bucket);
    const two = v128.load(bucket, 16);
    const three = v128.load(bucket, 32);
    let same = entriesWith(one, tags) | (entriesWith(two, tags) << 4) | (entriesWith(three, tags) << 8);
    let entry: usize = 0;
    for (same &= all; same !== 0; same &= same - 1) {
      const candidate = bucket + (entries << 2) + ctz(same);
      if ((load<u8>(candidate) & mask) !== check) continue;
      entry = candidate;
      break;
    }
    if (entry !== 0) {
      store<u32>(item, <u32>entry, itemEntry);
      store<u32>(item, 1, itemFound);
      continue;
    }
    // Where there is a free place, or no such value went on, the search ends: the level does not have it.
    let free = entriesWith(one, none) | (entriesWith(two, none) << 4) | (entriesWith(three, none) << 8);
    free &= all;
    let level = <usize>load<u32>(item, itemLevel);
    const passed = load<u32>(bucket, bucketPassed);
    const bit = (<u32>1) << (tag & 31);
    const isLast = level + levelBytes === levelsEnd;
    const isOpen = isLast && load<u32>(level, levelUsed) < load<u32>(level, levelMost);
    if (free === 0 && ((passed & bit) !== 0 || isOpen)) {
      store<u32>(bucket, passed | bit, bucketPassed);
      const bits = nextBits(load<u32>(item, itemBits));
      store<u32>(item, bits, itemBits);
      bucket = bucketOf(level, bits);
    } else if (!isLast) {
      level += levelBytes;
      store<u32>(item, <u32>level, itemLevel);
      store<u32>(item, <u32>(hash >> 32), itemBits);
      bucket = bucketOf(level, <u32>(hash >> 32));
    } else {
      if (!isOpen) {
        level = addLevel(kind);
        if (level === 0) {
          store<u64>(item, 0, itemEntry);
          continue;
        }
        levelsEnd = level + levelBytes;
        bucket = bucketOf(level, <u32>(hash >> 32));
        free = all;
      }
      store<u32>(level, load<u32>(level, levelUsed) + 1, levelUsed);
      const at = ctz(free);
      store<u32>(bucket + (at << 2), tag);
      entry = bucket + (entries << 2) + at;
      store<u8>(entry, <u8>check);
      store<u32>(item, <u32>entry, itemEntry);
      store<u32>(item, 0, itemFound);
      continue;
    }
    store<u32>(item, <u32>bucket, itemBucket);
    store<u32>(waiting + (still << 2), <u32>item);
    still++;
  }
  return still;
}

/** Judges the records of the chunk by the rules that look across records. To be called in the order of the file. */
export function validateAcross(): void {
  validateIds();
  validateAddresses();
  validateUsers();
}

// The same in three parts, which other workers may come between: each in the order of the file, and one after the other.

/** Also judges the names that are new in the chunk. */
export function validateIds(): void {
  const end = facts + factCount * abi.factBytes;
  for (let from = facts; from < end; from += batchRecords * abi.factBytes) {
    const to = min(end, from + batchRecords * abi.factBytes);
    let item = batch;
    for (let fact = from; fact < to; fact += abi.factBytes) {
      store<u32>(fact, 0, abi.factIdIsThere);
      if (load<u32>(fact, abi.factId + abi.factEnd) === 0) continue;
      store<u32>(item, <u32>(fact + abi.factId), itemHash);
      item += itemBytes;
    }
    lookUpUntil(abi.ledgerId, item);
    for (let done = batch; done < item; done += itemBytes) {
      const id = <usize>load<u32>(done, itemHash);
      if (load<u32>(done, itemFound) !== 0) {
        store<u32>(id - abi.factId, 1, abi.factIdIsThere);
        reportFact(abi.idDuplicate, abi.severityWarning, id - abi.factId, id);
      } else if (load<u32>(done, itemEntry) === 0) {
        reportFull(abi.ledgerId, abi.idDuplicate, abi.idDuplicateMemoryFull, id - abi.factId, id);
      }
    }
  }
  validateNames();
}

export function validateAddresses(): void {
  const end = facts + factCount * abi.factBytes;
  for (let from = facts; from < end; from += batchRecords * abi.factBytes) {
    const to = min(end, from + batchRecords * abi.factBytes);
    let item = batch;
    for (let fact = from; fact < to; fact += abi.factBytes) {
      if (load<u32>(fact, abi.factAddress + abi.factEnd) === 0) continue;
      store<u32>(item, <u32>(fact + abi.factAddress), itemHash);
      item += itemBytes;
    }
    lookUpUntil(abi.ledgerAddress, item);
    for (let done = batch; done < item; done += itemBytes) {
      const address = <usize>load<u32>(done, itemHash);
      const fact = address - abi.factAddress;
      const entry = <usize>load<u32>(done, itemEntry);
      const print = entry + entriesOf(abi.ledgerAddress);
      if (entry === 0)
        reportFull(abi.ledgerAddress, abi.addressDuplicate, abi.addressDuplicateMemoryFull, fact, address);
      else if (load<u32>(done, itemFound) === 0) store<u8>(print, <u8>printOfId(fact));
      else if (load<u32>(fact, abi.factIdIsThere) === 0 || load<u8>(print) !== printOfId(fact)) {
        reportFact(abi.addressDuplicate, abi.severityWarning, fact, address);
      }
    }
  }
}

/** Of the first record with an address, eight bits of its Id are kept; 0 is none. */
function printOfId(fact: usize): u8 {
  if (load<u32>(fact, abi.factId + abi.factEnd) === 0) return 0;
  return <u8>max((<u32>(load<u64>(fact, abi.factId + abi.factHash) >> 40)) & 0xff, 1);
}

export function validateUsers(): void {
  const end = facts + factCount * abi.factBytes;
  for (let from = facts; from < end; from += batchRecords * abi.factBytes) {
    const to = min(end, from + batchRecords * abi.factBytes);
    let item = batch;
    for (let fact = from; fact < to; fact += abi.factBytes) {
      // The same endpoint again is no other endpoint.
      if (load<u32>(fact, abi.factUser + abi.factEnd) === 0 || load<u32>(fact, abi.factIdIsThere) !== 0)
        continue;
      store<u32>(item, <u32>(fact + abi.factUser), itemHash);
      item += itemBytes;
    }
    lookUpUntil(abi.ledgerUser, item);
    for (let done = batch; done < item; done += itemBytes) {
      const user = <usize>load<u32>(done, itemHash);
      const fact = user - abi.factUser;
      const entry = <usize>load<u32>(done, itemEntry);
      if (entry === 0) {
        reportFull(
          abi.ledgerUser,
          abi.tooManyEndpointsPerUser,
          abi.tooManyEndpointsPerUserMemoryFull,
          fact,
          user,
        );
        continue;
      }
      const endpoints = (<i32>load<u8>(entry)) & 0x1f;
      if (endpoints <= abi.maxEndpoints) store<u8>(entry, load<u8>(entry) + 1);
      if (endpoints >= abi.maxEndpoints) {
        reportFact(abi.tooManyEndpointsPerUser, abi.severityError, fact, user);
      }
    }
  }
}

/** Looks the batch up, which ends at `end`. */
function lookUpUntil(kind: i32, end: usize): void {
  const count = (end - batch) / itemBytes;
  if (count === 0) return;
  lookUp(kind, count);
  const claimed = kindAt(kind) + kindClaimed;
  store<u32>(claimed, load<u32>(claimed) + <u32>count);
}

function reportFact(code: i32, severity: i32, fact: usize, value: usize, variant: i32 = 0): void {
  setPlace(load<i32>(fact, abi.factLine), load<u32>(fact, abi.factLineStart));
  report(code, severity, load<u32>(value, abi.factStart), load<u32>(value, abi.factEnd), -1, variant);
}

/** Says once that a rule stopped looking, because its memory is used up. */
function reportFull(kind: i32, code: i32, full: i32, fact: usize, value: usize): void {
  const said = kindAt(kind) + kindSaid;
  if (load<u32>(said) !== 0) return;
  store<u32>(said, 1);
  reportFact(code, abi.severityInfo, fact, value, full);
}

/** Counts users by how many endpoints they have; false where not all users could be remembered. To be called once all of a file is judged. */
export function countUsers(): bool {
  const header = kindAt(abi.ledgerUser);
  const entries = entriesOf(abi.ledgerUser);
  memory.fill(userCountsAt, 0, abi.userCounts * 4);
  let level = header + kindFirstLevel;
  for (let left = load<i32>(header, kindLevels); left > 0; left--, level += levelBytes) {
    let bucket = <usize>load<u32>(level, levelStart);
    const end = bucket + <usize>load<u32>(level, levelBuckets) * bucketBytes;
    for (; bucket < end; bucket += bucketBytes) {
      for (let index: u32 = 0; index < entries; index++) {
        if (load<u32>(bucket + (index << 2)) === 0) continue;
        const count = userCountsAt + (((<usize>load<u8>(bucket + (entries << 2) + index)) & 0x1f) << 2);
        store<u32>(count, load<u32>(count) + 1);
      }
    }
  }
  return load<u32>(header, kindSaid) === 0;
}

/** Adds the custom names of the chunk to those of the file, and reports the 251st. */
function validateNames(): void {
  for (let index = 0; index < newNameCount; index++) {
    const name = newNames + index * newNameBytes;
    if (addName(load<u64>(name)) !== abi.maxCustomNames + 1) continue;
    setPlace(load<i32>(name + 8), load<u32>(name + 12));
    report(abi.tooManyAttributes, abi.severityError, load<u32>(name + 16), load<u32>(name + 20));
  }
}

/** Adds a custom name by its hash and returns how many there are then; 0 where it was there, or there are very many. */
function addName(hash: u64): u32 {
  const count = load<u32>(memoryStart + 4);
  for (let index: u32 = 0; index < count; index++) {
    if (load<u64>(memoryStart + namesAt + index * 8) === hash) return 0;
  }
  if (count === maxNames) return 0;
  store<u64>(memoryStart + namesAt + count * 8, hash);
  store<u32>(memoryStart + 4, count + 1);
  return count + 1;
}
