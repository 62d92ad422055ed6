import * as abi from './abi';
import { report, setPosition } from './findings';
import { spillBlock, unspillBlock } from './hostCalls';
import { facts, newNameBytes, newNames, openBlocks, userCountsAt } from './memory';
import { newNameCount } from './ndjson';
import { factCount } from './record';

/*
 * The rules across records: duplicate Ids and addresses, and users with too many endpoints.
 *
 * While a file is read, the keyed 128-bit hash of each Id, address and user is stored in one of 256 partitions, by its first
 * eight bits, with the number of the record (its ordinal) after the other 120. Partitions are chains of blocks, in memory up to
 * a budget and in a file beyond it. At the end each partition is grouped separately, which gives each record the first one with
 * the same value; a last pass over the records in their order applies the rules to these numbers. So the results depend neither
 * on the order of records in the partitions nor on the number of workers.
 *
 * The ranges of a record's values are stored in a log, which is only read for records with findings.
 */

const partitions: i32 = 256;
const entryBytes: usize = 18;

// A block: the previous one in its chain, the first and last ordinal in it, and the end of its content.
const blockPrevious: usize = 0;
const blockFirst: usize = 4;
const blockLast: usize = 8;
const blockUsed: usize = 12;
const blockHeader: usize = 16;
const noBlock: u32 = 0xffffffff;
/** Added to the number of a block that is in the file. */
const inFile: u32 = 0x80000000;

// Shared by all workers, at the start of the ledger's memory.
const sharedBlocks: usize = 0;
const sharedMaxBlocks: usize = 4;
const sharedBlockBytes: usize = 8;
const sharedBlocksStart: usize = 12;
const sharedFacts: usize = 16;
/** The end of the memory that was ever written to. */
const sharedDirty: usize = 20;
/** The start of free memory after the blocks, once everything is read. */
const sharedNext: usize = 24;
const sharedArrays: usize = 28;
const sharedRepeated: usize = 32;
/** Partitions that were started, and those that are done. */
const sharedBegun: usize = 36;
const sharedDone: usize = 40;
/** The first ordinal that couldn't be stored, plus one; 0 if there is none. */
const sharedLost: usize = 44;
const sharedNameCount: usize = 48;
const sharedNames: usize = 64;
const maxNames: u32 = 512;
const sharedHeads: usize = 64 + 512 * 16;
const chains: usize = 3 * 256 + 1;
const logChain: usize = 3 * 256;
const headsBytes: usize = 1024 * 4;

let shared: usize = 0;
let heads: usize = 0;
let workerCount: i32 = 0;
let blockBytes: usize = 0;
let blocksStart: usize = 0;

/** Bytes before the blocks. */
export function ledgerHeaderBytes(workers: i32): usize {
  return (sharedHeads + <usize>workers * headsBytes + 4095) & ~4095;
}

/** Sets the ledger of a file, and which of its workers this one is. */
export function setLedger(start: usize, worker: i32, workers: i32): void {
  shared = start;
  workerCount = workers;
  heads = start + sharedHeads + <usize>worker * headsBytes;
  memory.fill(openBlocks, 0, chains * 8);
  logLine = logOrdinal = 0;
}

/** Starts a file, before any of its workers stores facts. `budget`: bytes of blocks in memory. */
export function clearLedger(budget: f64): void {
  const dirty = load<u32>(shared, sharedDirty);
  memory.fill(shared, 0, sharedHeads);
  memory.fill(shared + sharedHeads, 0xff, <usize>workerCount * headsBytes);
  blocksStart = shared + ledgerHeaderBytes(workerCount);
  // Each partition of each worker has an open block.
  let bytes: usize = 8192;
  while (bytes > 256 && <f64>bytes * <f64>(chains * workerCount) * 2 > budget) bytes >>= 1;
  store<u32>(shared, <u32>bytes, sharedBlockBytes);
  store<u32>(shared, <u32>blocksStart, sharedBlocksStart);
  store<u32>(shared, <u32>min(budget / <f64>bytes, 0x7fffffff), sharedMaxBlocks);
  store<u32>(shared, max(dirty, <u32>blocksStart), sharedDirty);
}

/** Numbers the facts of a chunk; returns the first number. Call in file order. */
export function numberFacts(): u32 {
  const first = load<u32>(shared, sharedFacts);
  store<u32>(shared, first + <u32>factCount, sharedFacts);
  return first;
}

/** The number of facts of the file so far. */
export function factsOfFile(): u32 {
  return load<u32>(shared, sharedFacts);
}

function reach(end: usize): bool {
  const pages = <i32>((end + 65535) >> 16);
  const missing = pages - memory.size();
  return missing <= 0 || memory.grow(max(missing, min(256, 65536 - memory.size()))) >= 0;
}

function allocateBlock(): usize {
  const number = atomic.add<u32>(shared, 1, sharedBlocks);
  const block = blocksStart + <usize>number * blockBytes;
  if (!reach(block + blockBytes)) unreachable();
  return block;
}

/** The next block of a chain, after `block` (0: none) is full. */
function nextBlock(open: usize, block: usize, end: usize, ordinal: u32): usize {
  let previous = noBlock;
  if (block !== 0) {
    store<u32>(block, <u32>(end - block), blockUsed);
    if (load<u32>(shared, sharedBlocks) < load<u32>(shared, sharedMaxBlocks)) {
      previous = <u32>((block - blocksStart) / blockBytes);
      block = 0;
    } else {
      const place = spillBlock(block, blockBytes);
      if (place < 0) {
        noteLost(load<u32>(block, blockFirst));
        previous = load<u32>(block, blockPrevious);
      } else previous = (<u32>place) | inFile;
    }
  }
  if (block === 0) block = allocateBlock();
  store<u32>(open, <u32>block);
  store<u32>(block, previous, blockPrevious);
  store<u32>(block, ordinal, blockFirst);
  store<u32>(block, ordinal, blockLast);
  return block + blockHeader;
}

function noteLost(ordinal: u32): void {
  let lost = atomic.load<u32>(shared, sharedLost);
  while (lost === 0 || ordinal + 1 < lost) {
    const before = atomic.cmpxchg<u32>(shared, lost, ordinal + 1, sharedLost);
    if (before === lost) return;
    lost = before;
  }
}

/** The first record that couldn't be stored, or -1. */
export function firstLost(): i32 {
  return <i32>load<u32>(shared, sharedLost) - 1;
}

/**
 * Stores the facts of what was read, numbered from `first` on. `lines`: lines before it. `isLogged`: store their ranges as
 * well.
 */
export function keepFacts(first: u32, lines: i32, isLogged: bool): void {
  blockBytes = load<u32>(shared, sharedBlockBytes);
  blocksStart = load<u32>(shared, sharedBlocksStart);
  const end = facts + factCount * abi.factBytes;
  let ordinal = first;
  for (let fact = facts; fact < end; fact += abi.factBytes, ordinal++) {
    const hasId: u32 = load<u32>(fact, abi.factId + abi.factEnd) !== 0 ? 1 : 0;
    if (hasId !== 0) keep(0, fact + abi.factId, ordinal, 0);
    if (load<u32>(fact, abi.factAddress + abi.factEnd) !== 0) keep(1, fact + abi.factAddress, ordinal, hasId);
    if (load<u32>(fact, abi.factUser + abi.factEnd) !== 0) keep(2, fact + abi.factUser, ordinal, 0);
    if (isLogged) log(fact, ordinal, load<i32>(fact, abi.factLine) + lines);
  }
}

/** After 15 bytes of the hash: the distance from the block's first ordinal, and a mark in the highest bit. */
function keep(kind: i32, hashAt: usize, ordinal: u32, mark: u32): void {
  const high = load<u64>(hashAt, 8);
  const open = openBlocks + ((<usize>kind * partitions + <usize>(high >> 56)) << 3);
  const block = <usize>load<u32>(open);
  let to = <usize>load<u32>(open, 4);
  if (
    block === 0 ||
    to + entryBytes > block + blockBytes ||
    ordinal - load<u32>(block, blockFirst) >= 1 << 23
  ) {
    to = nextBlock(open, block, to, ordinal);
  }
  const current = <usize>load<u32>(open);
  const distance = (ordinal - load<u32>(current, blockFirst)) | (mark << 23);
  store<u64>(to, load<u64>(hashAt));
  store<u64>(to, (high & 0x00ffffffffffffff) | ((<u64>distance) << 56), 8);
  store<u16>(to, <u16>(distance >> 8), 16);
  store<u32>(open, <u32>(to + entryBytes), 4);
}

// The log: a few numbers of variable length per record. Read by host/ledgerReader.ts.

let logLine: i32 = 0;
let logOrdinal: u32 = 0;
let logAt: usize = 0;

function put(value: u32): void {
  while (value >= 0x80) {
    store<u8>(logAt++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(logAt++, <u8>value);
}

/** Maximum bytes of one record: a head with two numbers, and four numbers for each of three values. */
const maxLogBytes: usize = 15 + 3 * 20;

function log(fact: usize, ordinal: u32, line: i32): void {
  const open = openBlocks + (logChain << 3);
  const block = <usize>load<u32>(open);
  logAt = <usize>load<u32>(open, 4);
  let isFar = ordinal !== logOrdinal + 1 || line < logLine;
  if (block === 0 || logAt + maxLogBytes > block + blockBytes) {
    logAt = nextBlock(open, block, logAt, ordinal);
    isFar = true;
  }
  const lineStart = <usize>load<u32>(fact, abi.factLineStart);
  let end: usize = 0;
  let present: u32 = 0;
  for (let kind: usize = 0; kind < 3; kind++) {
    const stop = <usize>load<u32>(fact + abi.factId + kind * abi.factValueBytes, abi.factEnd);
    if (stop !== 0) present |= 1 << (<u32>kind);
    end = max(end, stop);
  }
  const isPlain = hasOnlyPlain(lineStart, end);
  const head = (isPlain ? 0 : 8) | (isFar ? 16 : 0) | present;
  put(((<u32>(isFar ? 0 : line - logLine)) << 5) | head);
  if (isFar) {
    put(ordinal);
    put(line);
  }
  for (let kind: usize = 0; kind < 3; kind++) {
    const value = fact + abi.factId + kind * abi.factValueBytes;
    const stop = <usize>load<u32>(value, abi.factEnd);
    if (stop === 0) continue;
    const start = <usize>load<u32>(value, abi.factStart);
    if (isPlain) {
      put(<u32>(start - lineStart));
      put(<u32>(stop - start));
    } else {
      putPlace(lineStart, start);
      putPlace(lineStart, stop);
    }
  }
  logLine = line;
  logOrdinal = ordinal;
  store<u32>(open, <u32>logAt, 4);
  store<u32>(load<u32>(open), ordinal, blockLast);
}

/** True if each byte is a code unit and none ends a line. */
function hasOnlyPlain(start: usize, end: usize): bool {
  let here = start;
  for (; here < end; here += 16) {
    const odd = <u32>i8x16.bitmask(i8x16.lt_s(v128.load(here), i8x16.splat(0x0e)));
    if (odd !== 0 && here + ctz(odd) < end) return false;
  }
  return true;
}

/** Stores the line of a position, relative to the first line of its record, and its column in UTF-16 code units. */
function putPlace(lineStart: usize, place: usize): void {
  let lines = 0;
  let units = 0;
  let here = lineStart;
  while (here < place) {
    const byte = load<u8>(here);
    if (byte === 0x0a || (byte === 0x0d && load<u8>(here + 1) !== 0x0a)) {
      lines++;
      units = 0;
      here++;
    } else {
      const length = sequenceLength(here, place);
      units += 1 + <i32>(length === 4);
      here += length;
    }
  }
  put(lines);
  put(units);
}

/**
 * The length of a UTF-8 sequence or, if it is invalid, of the bytes that a decoder replaces with one U+FFFD
 * (https://encoding.spec.whatwg.org/#utf-8-decoder). Four bytes are always a valid sequence.
 */
function sequenceLength(start: usize, end: usize): usize {
  const lead = load<u8>(start);
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const wanted: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let lowest: u8 = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let highest: u8 = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  let length: usize = 1;
  for (; length < wanted && start + length < end; length++) {
    const byte = load<u8>(start + length);
    if (byte < lowest || byte > highest) break;
    lowest = 0x80;
    highest = 0xbf;
  }
  return length;
}

/** Publishes this worker's blocks, when there is nothing more to read. */
export function closeBlocks(): void {
  for (let chain: usize = 0; chain < chains; chain++) {
    const block = <usize>load<u32>(openBlocks + (chain << 3));
    if (block === 0) continue;
    store<u32>(block, load<u32>(openBlocks + (chain << 3), 4) - <u32>block, blockUsed);
    store<u32>(heads + (chain << 2), <u32>((block - blocksStart) / blockBytes));
  }
}

// Grouping. Per record: the first one with its Id, its address and its user, each plus one; the record from which its endpoint
// has its user; and the number of endpoints of a user.
const maxOrdinals: u32 = 0x7ffffff0;
const markBit: u32 = 0x80000000;

let factsInAll: usize = 0;
let firsts: usize = 0;
let froms: usize = 0;
let endpoints: usize = 0;

function takeMemory(bytes: usize): usize {
  const start = <usize>atomic.add<u32>(shared, (<u32>bytes + 63) & ~63, sharedNext);
  return start + bytes >= start && reach(start + bytes + 64) ? start : 0;
}

/** Reserves memory for the grouping, once all workers have closed their blocks; false if there isn't enough. */
export function beginGrouping(): bool {
  const count = <usize>load<u32>(shared, sharedFacts);
  const blocksEnd =
    load<u32>(shared, sharedBlocksStart) +
    load<u32>(shared, sharedBlocks) * load<u32>(shared, sharedBlockBytes);
  store<u32>(shared, (blocksEnd + 4095) & ~4095, sharedNext);
  const bytes = <u64>count * 21 + 64;
  if (count > maxOrdinals || <u64>blocksEnd + bytes > 0xf0000000) return false;
  const arrays = takeMemory(<usize>bytes);
  if (arrays === 0) return false;
  store<u32>(shared, <u32>arrays, sharedArrays);
  const dirty = <usize>load<u32>(shared, sharedDirty);
  if (dirty > arrays) memory.fill(arrays, 0, min(dirty, arrays + <usize>bytes) - arrays);
  return true;
}

/** Call in each worker before it groups. */
export function joinGrouping(): void {
  blockBytes = load<u32>(shared, sharedBlockBytes);
  blocksStart = load<u32>(shared, sharedBlocksStart);
  factsInAll = load<u32>(shared, sharedFacts);
  firsts = load<u32>(shared, sharedArrays);
  froms = firsts + 12 * factsInAll;
  endpoints = froms + 8 * factsInAll;
  slots = slotCapacity = 0;
  readBlock = 0;
}

// The table of the values of a partition: 16 bytes of hash without the first, the first ordinal with it plus one, and whether
// there are others.
const slotBytes: usize = 24;
const slotFirst: usize = 16;
const slotCount: usize = 20;
let slots: usize = 0;
let slotCapacity: usize = 0;
let slotMask: usize = 0;
let distinct: usize = 0;
let readBlock: usize = 0;

function blockOf(number: u32): usize {
  if ((number & inFile) === 0) return blocksStart + <usize>number * blockBytes;
  if (readBlock === 0) readBlock = takeMemory(blockBytes);
  if (readBlock === 0) unreachable();
  unspillBlock(number ^ inFile, readBlock, blockBytes);
  return readBlock;
}

function resetTable(size: usize): void {
  if (size > slotCapacity) {
    slots = takeMemory(size * slotBytes);
    if (slots === 0) unreachable();
    slotCapacity = size;
  }
  slotMask = size - 1;
  memory.fill(slots, 0, size * slotBytes);
  distinct = 0;
}

function slotFor(low: u64, high: u64): usize {
  let place = (<usize>low) & slotMask;
  while (true) {
    const slot = slots + place * slotBytes;
    if (load<u32>(slot, slotFirst) === 0) return slot;
    if (load<u64>(slot) === low && load<u64>(slot, 8) === high) return slot;
    place = (place + 1) & slotMask;
  }
}

function growTable(): void {
  const before = slots;
  const end = slots + (slotMask + 1) * slotBytes;
  // Forces new memory.
  slotCapacity = 0;
  resetTable(2 * (slotMask + 1));
  for (let slot = before; slot < end; slot += slotBytes) {
    if (load<u32>(slot, slotFirst) === 0) continue;
    memory.copy(slotFor(load<u64>(slot), load<u64>(slot, 8)), slot, slotBytes);
    distinct++;
  }
}

/** Groups partitions until none are left, alongside other workers; true for the one that finishes the last. */
export function groupPartitions(): bool {
  let isLast = false;
  while (true) {
    const partition = atomic.add<u32>(shared, 1, sharedBegun);
    if (partition >= <u32>logChain) return isLast;
    groupPartition(<i32>partition);
    isLast = atomic.add<u32>(shared, 1, sharedDone) === <u32>logChain - 1;
  }
}

function isEmpty(partition: i32): bool {
  for (let worker = 0; worker < workerCount; worker++) {
    const head = shared + sharedHeads + <usize>worker * headsBytes + ((<usize>partition) << 2);
    if (load<u32>(head) !== noBlock) return false;
  }
  return true;
}

/** Groups one partition: 256 of Ids, then of addresses, then of users. */
function groupPartition(partition: i32): void {
  if (isEmpty(partition)) return;
  let size: usize = 256;
  while (size * partitions < factsInAll + (factsInAll >> 1)) size <<= 1;
  resetTable(size);
  const kind = partition / partitions;
  let repeated = false;
  for (let worker = 0; worker < workerCount; worker++) {
    const head = shared + sharedHeads + <usize>worker * headsBytes + ((<usize>partition) << 2);
    for (let number = load<u32>(head); number !== noBlock;) {
      const block = blockOf(number);
      number = load<u32>(block, blockPrevious);
      if (countBlock(block)) repeated = true;
    }
  }
  if (repeated) atomic.store<u32>(shared, 1, sharedRepeated + 0);
  if (!repeated && kind !== 2) return;
  const array = firsts + <usize>kind * 4 * factsInAll;
  for (let worker = 0; worker < workerCount; worker++) {
    const head = shared + sharedHeads + <usize>worker * headsBytes + ((<usize>partition) << 2);
    for (let number = load<u32>(head); number !== noBlock;) {
      const block = blockOf(number);
      number = load<u32>(block, blockPrevious);
      noteFirsts(block, array, kind === 2);
    }
  }
}

function countBlock(block: usize): bool {
  const end = block + load<u32>(block, blockUsed);
  const base = load<u32>(block, blockFirst);
  let repeated = false;
  for (let entry = block + blockHeader; entry < end; entry += entryBytes) {
    const low = load<u64>(entry);
    const word = load<u64>(entry, 8);
    const high = word & 0x00ffffffffffffff;
    const ordinal = base + (((<u32>(word >> 56)) | ((<u32>load<u16>(entry, 16)) << 8)) & 0x7fffff);
    const slot = slotFor(low, high);
    const first = load<u32>(slot, slotFirst);
    if (first !== 0) {
      store<u32>(slot, min(first, ordinal + 1), slotFirst);
      store<u32>(slot, 1, slotCount);
      repeated = true;
      continue;
    }
    store<u64>(slot, low);
    store<u64>(slot, high, 8);
    store<u32>(slot, ordinal + 1, slotFirst);
    if (++distinct * 5 > (slotMask + 1) * 4) growTable();
  }
  return repeated;
}

function noteFirsts(block: usize, array: usize, all: bool): void {
  const end = block + load<u32>(block, blockUsed);
  const base = load<u32>(block, blockFirst);
  for (let entry = block + blockHeader; entry < end; entry += entryBytes) {
    const word = load<u64>(entry, 8);
    const slot = slotFor(load<u64>(entry), word & 0x00ffffffffffffff);
    if (!all && load<u32>(slot, slotCount) === 0) continue;
    const distance = (<u32>(word >> 56)) | ((<u32>load<u16>(entry, 16)) << 8);
    const ordinal = base + (distance & 0x7fffff);
    store<u32>(array + ((<usize>ordinal) << 2), load<u32>(slot, slotFirst) | ((distance >> 23) << 31));
  }
}

// The results of the rules: totals by rule, and for each the first records with the one they repeat.
let found: usize = 0;
let foundCapacity: usize = 0;
export let foundIds: u32 = 0;
export let foundAddresses: u32 = 0;
export let foundUsers: u32 = 0;

/**
 * Applies the rules once all partitions are grouped. `cap`: the number of records kept per rule. Returns the address of their
 * ordinals and the ordinals they repeat, rule by rule; 0 if memory is short.
 */
export function applyRules(cap: u32): usize {
  foundCapacity = min(<usize>cap, factsInAll);
  found = takeMemory(foundCapacity * 24 + 64);
  if (found === 0) return 0;
  foundIds = foundAddresses = foundUsers = 0;
  const ids = firsts;
  const addresses = ids + 4 * factsInAll;
  const users = addresses + 4 * factsInAll;
  if (atomic.load<u32>(shared, sharedRepeated) !== 0) {
    findUsersOfEndpoints(ids, addresses, users);
    for (let index: usize = 0; index < factsInAll; index++) {
      const at = index << 2;
      const id = load<u32>(ids + at);
      if (id !== 0 && id !== <u32>index + 1) foundIds = note(0, foundIds, <u32>index, id - 1);
      const address = load<u32>(addresses + at) & ~markBit;
      if (address !== 0 && address !== <u32>index + 1) {
        if (id === 0 || load<u32>(ids + ((<usize>(address - 1)) << 2)) !== id) {
          foundAddresses = note(1, foundAddresses, <u32>index, address - 1);
        }
      }
      const user = load<u32>(users + at);
      if (user === 0 || !givesUser(index, id, load<u32>(addresses + at))) continue;
      const count = endpoints + <usize>(user - 1);
      const before = <i32>load<u8>(count);
      if (before <= abi.maxEndpoints) store<u8>(count, <u8>(before + 1));
      if (before >= abi.maxEndpoints) foundUsers = note(2, foundUsers, <u32>index, user - 1);
    }
  } else {
    for (let index: usize = 0; index < factsInAll; index++) {
      if (load<u32>(users + (index << 2)) !== 0) store<u8>(endpoints + index, 1);
    }
  }
  return found;
}

function note(rule: usize, count: u32, ordinal: u32, first: u32): u32 {
  if (<usize>count < foundCapacity) {
    const at = found + rule * foundCapacity * 8 + ((<usize>count) << 3);
    store<u32>(at, ordinal);
    store<u32>(at, first, 4);
  }
  return count + 1;
}

/**
 * An endpoint is identified by its Id, or without one by channel and address, and belongs to the user in its last record that
 * has one. Stores for each endpoint with several records from which of them on it has that user.
 */
function findUsersOfEndpoints(ids: usize, addresses: usize, users: usize): void {
  for (let index: usize = 0; index < factsInAll; index++) {
    const user = load<u32>(users + (index << 2));
    if (user === 0) continue;
    const from = fromOf(load<u32>(ids + (index << 2)), load<u32>(addresses + (index << 2)));
    if (from === 0) continue;
    const before = load<u32>(from);
    if (before === 0 || load<u32>(users + ((<usize>(before - 1)) << 2)) !== user) {
      store<u32>(from, <u32>index + 1);
    }
  }
}

/** The address of the record from which the endpoint of a record has its user; 0 for an endpoint with one record. */
function fromOf(id: u32, address: u32): usize {
  if (id !== 0) return froms + ((<usize>(id - 1)) << 2);
  if (address === 0 || (address & markBit) !== 0) return 0;
  return froms + ((factsInAll + <usize>(address - 1)) << 2);
}

function givesUser(index: usize, id: u32, address: u32): bool {
  const from = fromOf(id, address);
  return from === 0 || load<u32>(from) === <u32>index + 1;
}

/** Counts users by number of endpoints, after the rules were applied. */
export function countUsers(): void {
  memory.fill(userCountsAt, 0, abi.userCounts * 4);
  for (let index: usize = 0; index < factsInAll; index++) {
    const count = userCountsAt + ((<usize>load<u8>(endpoints + index)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Stores the end of written memory for the next file. */
export function endLedger(): void {
  store<u32>(shared, max(load<u32>(shared, sharedDirty), load<u32>(shared, sharedNext)), sharedDirty);
}

/** The last block of a worker's log, or -1. */
export function logHead(worker: i32): i32 {
  return <i32>load<u32>(shared + sharedHeads + <usize>worker * headsBytes, logChain << 2);
}

/** The address of a block, which is read first if it is in the file. */
export function blockAt(number: i32): usize {
  return blockOf(<u32>number);
}

/** Adds the custom names of the chunk to those of the file, and reports the 251st. Call in file order. */
export function validateNames(): void {
  for (let index = 0; index < newNameCount; index++) {
    const name = newNames + index * newNameBytes;
    if (addName(load<u64>(name), load<u64>(name, 24)) !== abi.maxCustomNames + 1) continue;
    setPosition(load<i32>(name + 8), load<u32>(name + 12));
    report(abi.tooManyAttributes, abi.severityError, load<u32>(name + 16), load<u32>(name + 20));
  }
}

/** Adds a custom name by its hash; returns the new number of names, or 0 if it isn't new or there are very many. */
function addName(low: u64, high: u64): u32 {
  const count = load<u32>(shared, sharedNameCount);
  const names = shared + sharedNames;
  for (let index: u32 = 0; index < count; index++) {
    if (load<u64>(names + (index << 4)) === low && load<u64>(names + (index << 4), 8) === high) return 0;
  }
  if (count === maxNames) return 0;
  store<u64>(names + (count << 4), low);
  store<u64>(names + (count << 4), high, 8);
  store<u32>(shared, count + 1, sharedNameCount);
  return count + 1;
}
