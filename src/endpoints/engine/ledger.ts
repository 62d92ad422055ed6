import { report, setPlace } from './findings';
import { facts, newNameBytes, newNames } from './memory';
import { newNameCount } from './ndjson';
import { factCount } from './record';
import * as is from './shared';

/*
 * Remembers which values there were in earlier records, in bounded memory that the workers of one file share, one at a time.
 *
 * A value is kept as 40 bits of its hash (35 of a user's), in a bucket that about 19 more bits choose: among 5 million Ids
 * the chance of taking any two for one is below 1 in 10,000. A table that is full is followed by a larger one, until the memory is used up.
 *
 * A bucket is a cache line: tags of four bytes, then the first extra byte of each entry, then, for addresses, the second.
 * A tag of 0 is a free place.
 */

const bucketBytes: usize = 64;
const mostLoad: f64 = 0.95;
const mostLevels: i32 = 24;

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
const mostNames: u32 = 512;
const headerBytes: usize = (namesAt + 512 * 8 + 63) & ~63;

let memoryStart: usize = 0;
let memoryBytes: usize = 0;
/** The number of values to expect of each kind in the whole file; 0 where that is not known. */
let expected: f64 = 0;

/** True where the last `claim` found the value, false where it was new. */
let found: bool = false;

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
  return kind === is.ledgerAddress ? 10 : 12;
}

/** Which bits of the first extra byte belong to the hash. A user's other five bits count its endpoints. */
function checkMaskOf(kind: i32): u32 {
  return kind === is.ledgerUser ? 0xe0 : 0xff;
}

function kindAt(kind: i32): usize {
  return memoryStart + 8 + <usize>kind * kindBytes;
}

/** The bucket of a level that a hash belongs to. */
function bucketOf(level: usize, hash: u64): usize {
  const place = (<u64>(<u32>(hash >> 32)) * <u64>load<u32>(level, levelBuckets)) >> 32;
  return <usize>load<u32>(level, levelStart) + <usize>place * bucketBytes;
}

/** Which of four entries have a tag: a bit for each. */
function entriesWith(four: v128, tag: v128): u32 {
  return <u32>i32x4.bitmask(i32x4.eq(four, tag));
}

/**
 * Looks a hash up and adds it where it is new: `found` says which. Returns where the entry's first extra byte is,
 * or 0 where it is new and there is no room.
 */
function claim(kind: i32, hash: u64): usize {
  const header = kindAt(kind);
  const entries = entriesOf(kind);
  const all = (1 << entries) - 1;
  const mask = checkMaskOf(kind);
  const tag = max(<u32>hash, 1);
  const tags = i32x4.splat(tag);
  const none = i32x4.splat(0);
  const check = (<u32>(hash >> 32)) & mask;
  const levels = load<i32>(header, kindLevels);
  let bucket: usize = 0;
  let free: u32 = 0;
  let level = header + kindFirstLevel;
  for (let index = 0; index < levels; index++, level += levelBytes) {
    const start = <usize>load<u32>(level, levelStart);
    const end = start + <usize>load<u32>(level, levelBuckets) * bucketBytes;
    bucket = bucketOf(level, hash);
    while (true) {
      const one = v128.load(bucket);
      const two = v128.load(bucket, 16);
      const three = v128.load(bucket, 32);
      let same = entriesWith(one, tags) | (entriesWith(two, tags) << 4) | (entriesWith(three, tags) << 8);
      for (same &= all; same !== 0; same &= same - 1) {
        const entry = bucket + (entries << 2) + ctz(same);
        if ((load<u8>(entry) & mask) === check) {
          found = true;
          return entry;
        }
      }
      // Where there is a free place, the search ends: entries of this bucket would not be in the next.
      free = entriesWith(one, none) | (entriesWith(two, none) << 4) | (entriesWith(three, none) << 8);
      free &= all;
      if (free !== 0) break;
      bucket += bucketBytes;
      if (bucket === end) bucket = start;
    }
  }
  found = false;
  level -= levelBytes;
  if (levels === 0 || load<u32>(level, levelUsed) >= load<u32>(level, levelMost)) {
    level = addLevel(kind);
    if (level === 0) return 0;
    bucket = bucketOf(level, hash);
    free = all;
  }
  store<u32>(level, load<u32>(level, levelUsed) + 1, levelUsed);
  const at = ctz(free);
  store<u32>(bucket + (at << 2), tag);
  const entry = bucket + (entries << 2) + at;
  store<u8>(entry, <u8>check);
  return entry;
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
  if (known === 0) return expected * (kind === is.ledgerUser ? 0.25 : 0.9);
  return max((expected - claimed) * (known / max(claimed, known)) * 1.02, known / 16);
}

/** Begins another level; returns 0 where there is no memory for it. */
function addLevel(kind: i32): usize {
  const header = kindAt(kind);
  const levels = load<i32>(header, kindLevels);
  if (levels === mostLevels) return 0;
  const used = <usize>load<u32>(memoryStart);
  const room = <u32>((memoryBytes - used) / bucketBytes);
  const wanted = <u32>(valuesToCome(kind) / (<f64>entriesOf(kind) * mostLoad)) + 8;
  const buckets = min(wanted, room);
  if (buckets < 8) return 0;
  const level = header + kindFirstLevel + <usize>levels * levelBytes;
  store<u32>(level, <u32>(memoryStart + used), levelStart);
  store<u32>(level, buckets, levelBuckets);
  store<u32>(level, 0, levelUsed);
  store<u32>(level, <u32>(<f64>(buckets * entriesOf(kind)) * mostLoad), levelMost);
  store<u32>(memoryStart, <u32>(used + <usize>buckets * bucketBytes));
  store<i32>(header, levels + 1, kindLevels);
  return level;
}

/** Records whose places in the ledger are fetched from memory together: waiting for each by itself takes most of the time. */
const recordsTouched = 64;

/** What `touch` read: only there so that it is read. */
export let touched: u32 = 0;

/** Fetches what `claim` will look at for a kind of fact, which is at `first` in the first of some records. */
function touch(header: usize, first: usize, last: usize): void {
  let level = header + kindFirstLevel;
  let read: u32 = 0;
  for (let left = load<i32>(header, kindLevels); left > 0; left--, level += levelBytes) {
    const start = <usize>load<u32>(level, levelStart);
    const buckets = <u64>load<u32>(level, levelBuckets);
    // Also of facts that are not there: whatever their hash is, it is in the table.
    for (let fact = first; fact < last; fact += is.factBytes) {
      const place = (<u64>load<u32>(fact, is.factHash + 4) * buckets) >> 32;
      read += load<u32>(start + <usize>place * bucketBytes);
    }
  }
  touched += read;
}

/** Judges the records of the stretch by the rules that look across records. To be called in the order of the file. */
export function judgeAcross(): void {
  judgeIds();
  judgeAddresses();
  judgeUsers();
}

// The same in three parts, which other workers may come between: each in the order of the file, and one after the other.

/** Also judges the names that are new in the stretch. */
export function judgeIds(): void {
  const header = kindAt(is.ledgerId);
  const end = facts + factCount * is.factBytes;
  let claims = 0;
  for (let batch = facts; batch < end; batch += recordsTouched * is.factBytes) {
    const last = min(end, batch + recordsTouched * is.factBytes);
    touch(header, batch + is.factId, last);
    for (let fact = batch; fact < last; fact += is.factBytes) {
      store<u32>(fact, 0, is.factIdIsThere);
      const id = fact + is.factId;
      if (load<u32>(id, is.factEnd) === 0) continue;
      claims++;
      const entry = claim(is.ledgerId, load<u64>(id, is.factHash));
      if (found) {
        store<u32>(fact, 1, is.factIdIsThere);
        reportFact(is.idDuplicate, is.severityWarning, fact, id);
      } else if (entry === 0) reportFull(is.ledgerId, is.idDuplicate, fact, id);
    }
  }
  countClaims(header, claims);
  judgeNames();
}

export function judgeAddresses(): void {
  const header = kindAt(is.ledgerAddress);
  const end = facts + factCount * is.factBytes;
  let claims = 0;
  for (let batch = facts; batch < end; batch += recordsTouched * is.factBytes) {
    const last = min(end, batch + recordsTouched * is.factBytes);
    touch(header, batch + is.factAddress, last);
    for (let fact = batch; fact < last; fact += is.factBytes) {
      const address = fact + is.factAddress;
      if (load<u32>(address, is.factEnd) === 0) continue;
      claims++;
      const entry = claim(is.ledgerAddress, load<u64>(address, is.factHash));
      const print = entry + entriesOf(is.ledgerAddress);
      if (entry === 0) reportFull(is.ledgerAddress, is.addressDuplicate, fact, address);
      else if (!found) store<u8>(print, <u8>printOfId(fact));
      else if (load<u32>(fact, is.factIdIsThere) === 0 || load<u8>(print) !== printOfId(fact)) {
        reportFact(is.addressDuplicate, is.severityWarning, fact, address);
      }
    }
  }
  countClaims(header, claims);
}

/** Of the first record with an address, eight bits of its Id are kept; 0 is none. */
function printOfId(fact: usize): u8 {
  if (load<u32>(fact, is.factId + is.factEnd) === 0) return 0;
  return <u8>max((<u32>(load<u64>(fact, is.factId + is.factHash) >> 40)) & 0xff, 1);
}

export function judgeUsers(): void {
  const header = kindAt(is.ledgerUser);
  const end = facts + factCount * is.factBytes;
  let claims = 0;
  for (let batch = facts; batch < end; batch += recordsTouched * is.factBytes) {
    const last = min(end, batch + recordsTouched * is.factBytes);
    touch(header, batch + is.factUser, last);
    for (let fact = batch; fact < last; fact += is.factBytes) {
      const user = fact + is.factUser;
      // The same endpoint again is no other endpoint.
      if (load<u32>(user, is.factEnd) === 0 || load<u32>(fact, is.factIdIsThere) !== 0) continue;
      claims++;
      const entry = claim(is.ledgerUser, load<u64>(user, is.factHash));
      if (entry === 0) {
        reportFull(is.ledgerUser, is.tooManyEndpointsPerUser, fact, user);
        continue;
      }
      const endpoints = (<i32>load<u8>(entry)) & 0x1f;
      if (endpoints <= is.mostEndpoints) store<u8>(entry, load<u8>(entry) + 1);
      if (endpoints >= is.mostEndpoints) {
        reportFact(is.tooManyEndpointsPerUser, is.severityError, fact, user);
      }
    }
  }
  countClaims(header, claims);
}

function countClaims(header: usize, claims: i32): void {
  store<u32>(header, load<u32>(header, kindClaimed) + claims, kindClaimed);
}

function reportFact(code: i32, severity: i32, fact: usize, value: usize, detail: i32 = 0): void {
  setPlace(load<i32>(fact, is.factLine), load<u32>(fact, is.factLineStart));
  report(code, severity, load<u32>(value, is.factStart), load<u32>(value, is.factEnd), -1, detail);
}

/** Says once that a rule stopped looking, because its memory is used up. */
function reportFull(kind: i32, code: i32, fact: usize, value: usize): void {
  const said = kindAt(kind) + kindSaid;
  if (load<u32>(said) !== 0) return;
  store<u32>(said, 1);
  reportFact(code, is.severityInfo, fact, value, is.detailFull);
}

/** Adds the custom names of the stretch to those of the file, and reports the 251st. */
function judgeNames(): void {
  for (let index = 0; index < newNameCount; index++) {
    const name = newNames + index * newNameBytes;
    if (addName(load<u64>(name)) !== is.mostCustomNames + 1) continue;
    setPlace(load<i32>(name + 8), load<u32>(name + 12));
    report(is.tooManyAttributes, is.severityError, load<u32>(name + 16), load<u32>(name + 20));
  }
}

/** Adds a custom name by its hash and returns how many there are then; 0 where it was there, or there are very many. */
function addName(hash: u64): u32 {
  const count = load<u32>(memoryStart + 4);
  for (let index: u32 = 0; index < count; index++) {
    if (load<u64>(memoryStart + namesAt + index * 8) === hash) return 0;
  }
  if (count === mostNames) return 0;
  store<u64>(memoryStart + namesAt + count * 8, hash);
  store<u32>(memoryStart + 4, count + 1);
  return count + 1;
}
