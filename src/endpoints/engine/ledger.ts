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
 * a budget and in a file beyond it. At the end each partition is counted separately. Only if that finds repetitions, they are
 * noted: Ids, then addresses, then users are grouped once more, which gives each record the first one with the same value. A
 * last pass over the records in their order applies the rules to these numbers. So the results depend neither on the order of
 * records in the partitions nor on the number of workers.
 *
 * Memory: 17 bytes per value, and about 7 per record for a log of the ranges of its values, which is only read for records with
 * findings. The numbers that are noted are stored in blocks that are no longer needed, except the first four bytes per record.
 */

const partitions: i32 = 256;
const kinds: i32 = 3;
const entryBytes: usize = 17;
/** The distance of an entry that only moves the ordinal: its first four bytes hold it. */
const farDistance: u32 = 0x7fff;
/** In the distance of an address: the record has an Id. */
const markOfDistance: u32 = 0x8000;

// A block: the previous one in its chain, the first and last ordinal in it, and the end of its content.
const blockPrevious: usize = 0;
const blockFirst: usize = 4;
const blockLast: usize = 8;
const blockUsed: usize = 12;
const blockHeader: usize = 16;
const maxBlockBytes: usize = 4096;
const noBlock: u32 = 0xffffffff;
/** Added to the number of a block that is in the file. */
const inFile: u32 = 0x80000000;

// Per worker and chain: the address of the next entry, the last ordinal, and the full blocks in memory and in the file.
const openTo: usize = 0;
const openOrdinal: usize = 4;
const openInMemory: usize = 8;
const openInFile: usize = 12;
const openBytes: usize = 16;

// Shared by all workers, at the start of the ledger's memory.
const sharedBlocks: usize = 0;
const sharedMaxBlocks: usize = 4;
const sharedBlockBytes: usize = 8;
const sharedFacts: usize = 12;
/** The start of free memory after the blocks, once everything is read. */
const sharedNext: usize = 16;
/** Blocks that are no longer needed. */
const sharedFree: usize = 20;
/** Partitions of the current step that were started. */
const sharedBegun: usize = 24;
/** 1 if an Id or an address is repeated, and if a user has too many endpoints. */
const sharedRepeated: usize = 28;
const sharedCrowded: usize = 32;
/** 1 if memory was short. */
const sharedShort: usize = 36;
/** The first ordinal that couldn't be stored, plus one; 0 if there is none. */
const sharedLost: usize = 40;
const sharedNameCount: usize = 44;
/** The pages of the numbers that are noted, by kind. */
const sharedArrays: usize = 48;
const sharedUserCounts: usize = 64;
const sharedNames: usize = 192;
const maxNames: u32 = 512;
/** By partition: 1 if it has repetitions. */
const sharedHasRepetitions: usize = sharedNames + 512 * 16;
const sharedHeads: usize = sharedHasRepetitions + 1024;
const chains: usize = 3 * 256 + 1;
const logChain: usize = 3 * 256;
/** The last blocks of each chain of a worker: in memory, and in the file. */
const headBytes: usize = 8;
const headsBytes: usize = 1024 * 8;

let shared: usize = 0;
let heads: usize = 0;
let workerCount: i32 = 0;
let blockBytes: usize = 0;
let blockMask: usize = 0;
let blockShift: usize = 0;
let blocksStart: usize = 0;

/** Bytes before the blocks, which are aligned to their size. */
export function ledgerHeaderBytes(workers: i32): usize {
  return sharedHeads + <usize>workers * headsBytes + maxBlockBytes;
}

/** Sets the ledger of a file, and which of its workers this one is. */
export function setLedger(start: usize, worker: i32, workers: i32): void {
  shared = start;
  workerCount = workers;
  heads = start + sharedHeads + <usize>worker * headsBytes;
  blocksStart = (start + ledgerHeaderBytes(workers)) & ~(maxBlockBytes - 1);
  memory.fill(openBlocks, 0xff, chains * openBytes);
  logOrdinal = 0xffffffff;
}

/** The end of the memory that blocks may use: what is reserved for grouping comes on top. */
const maxBlocksEnd: f64 = 0xd0000000;

/** Starts a file, before any of its workers stores facts. `budget`: bytes of blocks in memory. */
export function clearLedger(budget: f64): void {
  memory.fill(shared, 0, sharedHeads);
  memory.fill(shared + sharedHeads, 0xff, <usize>workerCount * headsBytes);
  store<u32>(shared, noBlock, sharedFree);
  // Each partition of each worker has an open block.
  let bytes: usize = maxBlockBytes;
  while (bytes > 256 && <f64>bytes * <f64>(chains * workerCount) * 2 > budget) bytes >>= 1;
  store<u32>(shared, <u32>bytes, sharedBlockBytes);
  store<u32>(shared, <u32>(min(budget, maxBlocksEnd - <f64>blocksStart) / <f64>bytes), sharedMaxBlocks);
}

/** Numbers the facts of a chunk; returns the first number. Call in file order. */
export function numberFacts(): u32 {
  const first = load<u32>(shared, sharedFacts);
  store<u32>(shared, first + <u32>factCount, sharedFacts);
  return first;
}

/** Bytes that comparing the records took, after the rules were applied. */
export function ledgerBytes(): f64 {
  return <f64>(load<u32>(shared, sharedNext) - <u32>shared);
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

function setBlockBytes(): void {
  blockBytes = load<u32>(shared, sharedBlockBytes);
  blockMask = blockBytes - 1;
  blockShift = ctz(blockBytes);
}

function allocateBlock(): usize {
  const number = atomic.add<u32>(shared, 1, sharedBlocks);
  const block = blocksStart + <usize>number * blockBytes;
  if (!reach(block + blockBytes)) unreachable();
  return block;
}

/** The start of the block that ends at `end` or later. */
function blockBefore(end: usize): usize {
  return (end - 1) & ~blockMask;
}

function numberOf(block: usize): u32 {
  return <u32>((block - blocksStart) >> blockShift);
}

/** Starts the next block of a chain; returns the address of its first entry. */
function nextBlock(open: usize, ordinal: u32): usize {
  const to = load<u32>(open, openTo);
  let block: usize = 0;
  if (to !== noBlock) {
    block = blockBefore(<usize>to);
    store<u32>(block, to - <u32>block, blockUsed);
    if (load<u32>(shared, sharedBlocks) < load<u32>(shared, sharedMaxBlocks)) {
      closeBlock(open, block);
      block = 0;
    } else {
      store<u32>(block, load<u32>(open, openInFile), blockPrevious);
      const place = spillBlock(block, blockBytes);
      if (place < 0) noteLost(load<u32>(block, blockFirst));
      else store<u32>(open, (<u32>place) | inFile, openInFile);
    }
  }
  if (block === 0) block = allocateBlock();
  store<u32>(block, ordinal, blockFirst);
  store<u32>(block, ordinal, blockLast);
  store<u32>(open, ordinal, openOrdinal);
  return block + blockHeader;
}

function closeBlock(open: usize, block: usize): void {
  store<u32>(block, load<u32>(open, openInMemory), blockPrevious);
  store<u32>(open, numberOf(block), openInMemory);
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
  setBlockBytes();
  const end = facts + factCount * abi.factBytes;
  let ordinal = first;
  for (let fact = facts; fact < end; fact += abi.factBytes, ordinal++) {
    const hasId = load<u32>(fact, abi.factId + abi.factEnd) !== 0;
    if (hasId) keep(0, fact + abi.factId, ordinal, 0);
    if (load<u32>(fact, abi.factAddress + abi.factEnd) !== 0) {
      keep(1, fact + abi.factAddress, ordinal, hasId ? markOfDistance : 0);
    }
    if (load<u32>(fact, abi.factUser + abi.factEnd) !== 0) keep(2, fact + abi.factUser, ordinal, 0);
    if (isLogged) log(fact, ordinal, load<i32>(fact, abi.factLine) + lines);
  }
}

/** After 15 bytes of the hash: the distance from the previous ordinal of the block, with a mark. */
function keep(kind: i32, hashAt: usize, ordinal: u32, mark: u32): void {
  const high = load<u64>(hashAt, 8);
  const open = openBlocks + (<usize>kind * partitions + <usize>(high >> 56)) * openBytes;
  let to = <usize>load<u32>(open, openTo);
  if (isFull(to)) to = nextBlock(open, ordinal);
  let distance = ordinal - load<u32>(open, openOrdinal);
  if (distance >= farDistance) {
    put(to, <u64>ordinal, (<u64>farDistance) << 56, farDistance);
    to += entryBytes;
    if (isFull(to)) {
      store<u32>(open, <u32>to, openTo);
      to = nextBlock(open, ordinal);
    }
    distance = 0;
  }
  distance |= mark;
  put(to, load<u64>(hashAt), (high & 0x00ffffffffffffff) | ((<u64>distance) << 56), distance);
  store<u32>(open, <u32>(to + entryBytes), openTo);
  store<u32>(open, ordinal, openOrdinal);
}

/** True if the block has no room for another entry, or there is none yet. */
function isFull(to: usize): bool {
  return (to & blockMask) - 1 > blockBytes - 1 - entryBytes;
}

function put(to: usize, low: u64, high: u64, distance: u32): void {
  store<u64>(to, low);
  store<u64>(to, high, 8);
  store<u8>(to, <u8>(distance >> 8), 16);
}

/*
 * The log: per record a few numbers of variable length. Read by host/ledgerReader.ts.
 *
 * First comes what the record has (bits 0 to 2: Id, address, user), whether its values contain or follow line breaks (bit 3),
 * whether its ordinal and its line follow (bit 4), and else how many lines it is after the previous record. Then, for each value,
 * its start compared with that of the previous record, and its length, both in UTF-16 code units; after line breaks, start and
 * end as lines and columns.
 */
const logBreaks: u32 = 8;
const logFar: u32 = 16;
const logLines: u32 = 5;

let logLine: i32 = 0;
let logOrdinal: u32 = 0;
let logAt: usize = 0;
/** The starts of the last values. */
let lastId: i32 = 0;
let lastAddress: i32 = 0;
let lastUser: i32 = 0;

function putNumber(value: u32): void {
  while (value >= 0x80) {
    store<u8>(logAt++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(logAt++, <u8>value);
}

/** Maximum bytes of one record: a head with two numbers, and four numbers for each of three values. */
const maxLogBytes: usize = 15 + 3 * 20;

function log(fact: usize, ordinal: u32, line: i32): void {
  const open = openBlocks + logChain * openBytes;
  logAt = <usize>load<u32>(open, openTo);
  let isFar = ordinal !== logOrdinal + 1 || line < logLine;
  if (<u32>logAt === noBlock || ((logAt - 1) & blockMask) + 1 + maxLogBytes > blockBytes) {
    logAt = nextBlock(open, ordinal);
    isFar = true;
    lastId = lastAddress = lastUser = 0;
  }
  const lineStart = <usize>load<u32>(fact, abi.factLineStart);
  const idEnd = <usize>load<u32>(fact, abi.factId + abi.factEnd);
  const addressEnd = <usize>load<u32>(fact, abi.factAddress + abi.factEnd);
  const userEnd = <usize>load<u32>(fact, abi.factUser + abi.factEnd);
  const end = max(idEnd, max(addressEnd, userEnd));
  const isPlain = hasOnlyPlain(lineStart, end);
  const hasBreaks = !isPlain && hasLineBreak(lineStart, end);
  let head: u32 = (idEnd !== 0 ? 1 : 0) | (addressEnd !== 0 ? 2 : 0) | (userEnd !== 0 ? 4 : 0);
  if (hasBreaks) head |= logBreaks;
  if (isFar) {
    putNumber(head | logFar);
    putNumber(ordinal);
    putNumber(line);
  } else putNumber(head | ((<u32>(line - logLine)) << logLines));
  if (hasBreaks) {
    logPlaces(lineStart, fact + abi.factId);
    logPlaces(lineStart, fact + abi.factAddress);
    logPlaces(lineStart, fact + abi.factUser);
  } else {
    if (idEnd !== 0) lastId = logRange(lineStart, fact + abi.factId, isPlain, lastId);
    if (addressEnd !== 0) lastAddress = logRange(lineStart, fact + abi.factAddress, isPlain, lastAddress);
    if (userEnd !== 0) lastUser = logRange(lineStart, fact + abi.factUser, isPlain, lastUser);
  }
  logLine = line;
  logOrdinal = ordinal;
  store<u32>(open, <u32>logAt, openTo);
  store<u32>(blockBefore(logAt), ordinal, blockLast);
}

/** Stores a range that no line break precedes; returns its start. */
function logRange(lineStart: usize, value: usize, isPlain: bool, before: i32): i32 {
  const from = <usize>load<u32>(value, abi.factStart);
  const to = <usize>load<u32>(value, abi.factEnd);
  const start = isPlain ? <i32>(from - lineStart) : unitsBetween(lineStart, from);
  const length = isPlain ? <i32>(to - from) : unitsBetween(from, to);
  const distance = start - before;
  const zigzag = <u32>((distance << 1) ^ (distance >> 31));
  if ((zigzag | (<u32>length)) < 0x80) {
    store<u16>(logAt, <u16>(zigzag | ((<u32>length) << 8)));
    logAt += 2;
  } else {
    putNumber(zigzag);
    putNumber(<u32>length);
  }
  return start;
}

function logPlaces(lineStart: usize, value: usize): void {
  const end = <usize>load<u32>(value, abi.factEnd);
  if (end === 0) return;
  logPlace(lineStart, <usize>load<u32>(value, abi.factStart));
  logPlace(lineStart, end);
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

/** True if a line ends here. A carriage return before a line feed is a character of its line. */
function endsLine(here: usize): bool {
  const byte = load<u8>(here);
  return byte === 0x0a || (byte === 0x0d && load<u8>(here + 1) !== 0x0a);
}

function hasLineBreak(start: usize, end: usize): bool {
  for (let here = start; here < end; here++) if (endsLine(here)) return true;
  return false;
}

/** UTF-16 code units between two positions. */
function unitsBetween(start: usize, end: usize): i32 {
  let units = 0;
  for (let here = start; here < end;) {
    const length = sequenceLength(here, end);
    units += 1 + <i32>(length === 4);
    here += length;
  }
  return units;
}

/** Stores the line of a position, relative to the first line of its record, and its column in UTF-16 code units. */
function logPlace(lineStart: usize, place: usize): void {
  let lines = 0;
  let start = lineStart;
  for (let here = lineStart; here < place; here++) {
    if (!endsLine(here)) continue;
    lines++;
    start = here + 1;
  }
  putNumber(lines);
  putNumber(<u32>unitsBetween(start, place));
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
  setBlockBytes();
  for (let chain: usize = 0; chain < chains; chain++) {
    const open = openBlocks + chain * openBytes;
    const to = load<u32>(open, openTo);
    if (to !== noBlock) {
      const block = blockBefore(<usize>to);
      store<u32>(block, to - <u32>block, blockUsed);
      closeBlock(open, block);
    }
    store<u64>(heads + chain * headBytes, load<u64>(open, openInMemory));
  }
}

// Grouping. Step 0 counts all partitions; the next three note the repetitions of a kind each.
const maxOrdinals: u32 = 0x7ffffff0;
const markBit: u32 = 0x80000000;

let factsInAll: usize = 0;

/** Takes memory after the blocks; 0 if there isn't enough. */
function takeMemory(bytes: usize): usize {
  const size = (bytes + 63) & ~63;
  if (<u64>load<u32>(shared, sharedNext) + <u64>size > 0xf8000000) {
    atomic.store<u32>(shared, 1, sharedShort);
    return 0;
  }
  const start = <usize>atomic.add<u32>(shared, <u32>size, sharedNext);
  if (reach(start + size)) return start;
  atomic.store<u32>(shared, 1, sharedShort);
  return 0;
}

function needsNoting(): bool {
  return load<u32>(shared, sharedRepeated) !== 0 || load<u32>(shared, sharedCrowded) !== 0;
}

/** Starts a step, while all other workers wait; false if memory is short. */
export function beginStep(step: i32): bool {
  setBlockBytes();
  store<u32>(shared, 0, sharedBegun);
  factsInAll = load<u32>(shared, sharedFacts);
  if (step === 0) {
    const end = blocksStart + <usize>load<u32>(shared, sharedBlocks) * blockBytes;
    store<u32>(shared, <u32>end, sharedNext);
    return factsInAll <= maxOrdinals;
  }
  if (load<u32>(shared, sharedShort) !== 0) return false;
  if (!needsNoting()) return true;
  const kind = step - 1;
  const array = createArray(factsInAll << 2, kind === 2 || hasRepetitions(kind));
  store<u32>(shared + ((<usize>kind) << 2), <u32>array, sharedArrays);
  return array !== 0;
}

function hasRepetitions(kind: i32): bool {
  for (let partition = 0; partition < partitions; partition++) {
    if (load<u8>(shared + <usize>(kind * partitions + partition), sharedHasRepetitions) !== 0) return true;
  }
  return false;
}

/**
 * Groups the next partition of a step, alongside other workers; false if none is left. Call once per partition: V8 optimizes a function
 * only between calls.
 */
export function groupPartition(step: i32): bool {
  if (step !== 0 && !needsNoting()) return false;
  const index = <i32>atomic.add<u32>(shared, 1, sharedBegun);
  const count = step === 0 ? kinds * partitions : partitions;
  if (index >= count || atomic.load<u32>(shared, sharedShort) !== 0) return false;
  if (step === 0) countPartition(index);
  else notePartition((step - 1) * partitions + index);
  return true;
}

/** Call in each worker before it takes part in a step. */
export function joinStep(step: i32): void {
  setBlockBytes();
  factsInAll = load<u32>(shared, sharedFacts);
  if (step === 0) readBlock = slots = 0;
}

function headOf(worker: i32, chain: usize): usize {
  return shared + sharedHeads + <usize>worker * headsBytes + chain * headBytes;
}

function isEmpty(partition: i32): bool {
  for (let worker = 0; worker < workerCount; worker++) {
    // No block in memory, and none in the file.
    if (load<u64>(headOf(worker, <usize>partition)) !== u64.MAX_VALUE) return false;
  }
  return true;
}

function countPartition(partition: i32): void {
  if (isEmpty(partition) || !fillTable(partition)) return;
  if (partition / partitions === 2) countSlots();
  else if (isRepeated) {
    store<u8>(shared + <usize>partition, 1, sharedHasRepetitions);
    atomic.store<u32>(shared, 1, sharedRepeated);
  } else freeBlocks(partition);
}

function notePartition(partition: i32): void {
  const kind = partition / partitions;
  if (kind !== 2 && load<u8>(shared + <usize>partition, sharedHasRepetitions) === 0) return;
  if (isEmpty(partition) || !fillTable(partition)) return;
  const array = <usize>load<u32>(shared + ((<usize>kind) << 2), sharedArrays);
  for (let worker = 0; worker < workerCount; worker++) {
    for (let place: usize = 0; place < headBytes; place += 4) {
      for (let number = load<u32>(headOf(worker, <usize>partition) + place); number !== noBlock;) {
        const block = blockOf(number);
        number = load<u32>(block, blockPrevious);
        noteFirsts(block, array, kind === 2);
      }
    }
  }
  freeBlocks(partition);
}

/** Lets arrays use the blocks of a partition. No array is created meanwhile. */
function freeBlocks(partition: i32): void {
  for (let worker = 0; worker < workerCount; worker++) {
    for (let number = load<u32>(headOf(worker, <usize>partition)); number !== noBlock;) {
      const block = blockOf(number);
      const previous = load<u32>(block, blockPrevious);
      let free = atomic.load<u32>(shared, sharedFree);
      while (true) {
        store<u32>(block, free, blockPrevious);
        const before = atomic.cmpxchg<u32>(shared, free, number, sharedFree);
        if (before === free) break;
        free = before;
      }
      number = previous;
    }
  }
}

// Arrays consist of pages with the size of a block.

/** Creates an array of zeros; returns the addresses of its pages, or 0 if memory is short. If not `isWritable`, all are the same. */
function createArray(bytes: usize, isWritable: bool): usize {
  const count = (bytes >> blockShift) + 1;
  const pages = takeMemory(count << 2);
  if (pages === 0) return 0;
  let page: usize = 0;
  for (let index: usize = 0; index < count; index++) {
    if (page === 0 || isWritable) {
      page = takePage();
      if (page === 0) return 0;
      memory.fill(page, 0, blockBytes);
    }
    store<u32>(pages + (index << 2), <u32>page);
  }
  return pages;
}

function takePage(): usize {
  const number = load<u32>(shared, sharedFree);
  if (number === noBlock) return takeMemory(blockBytes);
  const block = blockOf(number);
  store<u32>(shared, load<u32>(block, blockPrevious), sharedFree);
  return block;
}

/** The address of a byte of an array. */
function byteOf(pages: usize, offset: usize): usize {
  return <usize>load<u32>(pages + ((offset >> blockShift) << 2)) + (offset & blockMask);
}

/** The address of a 32-bit number of an array. */
function numberAt(pages: usize, index: usize): usize {
  return byteOf(pages, index << 2);
}

// The table of the values of a partition: 15 bytes of hash, the first ordinal with it plus one, and how many there are.
const slotBytes: usize = 24;
const slotFirst: usize = 16;
const slotCount: usize = 20;
let slots: usize = 0;
let slotCapacity: u64 = 0;
let slotsInUse: u64 = 0;
let distinct: u64 = 0;
let isRepeated: bool = false;
let readBlock: usize = 0;

function blockOf(number: u32): usize {
  if ((number & inFile) === 0) return blocksStart + ((<usize>number) << blockShift);
  if (readBlock === 0) readBlock = takeMemory(blockBytes);
  if (readBlock === 0) unreachable();
  unspillBlock(number ^ inFile, readBlock, blockBytes);
  return readBlock;
}

/** Counts the values of a partition; false if memory is short. */
function fillTable(partition: i32): bool {
  // Hashes are spread evenly, so this is nearly always enough.
  const usual = <u64>(factsInAll / partitions);
  if (!resetTable(usual + (usual >> 1) + 64)) return false;
  for (let worker = 0; worker < workerCount; worker++) {
    for (let place: usize = 0; place < headBytes; place += 4) {
      for (let number = load<u32>(headOf(worker, <usize>partition) + place); number !== noBlock;) {
        const block = blockOf(number);
        number = load<u32>(block, blockPrevious);
        if (!countBlock(block)) return false;
      }
    }
  }
  return true;
}

function resetTable(size: u64): bool {
  if (slots === 0 || size > slotCapacity) {
    slots = takeMemory(<usize>size * slotBytes);
    if (slots === 0) return false;
    slotCapacity = size;
  }
  slotsInUse = size;
  memory.fill(slots, 0, <usize>size * slotBytes);
  distinct = 0;
  isRepeated = false;
  return true;
}

function slotFor(low: u64, high: u64): usize {
  const end = slots + <usize>slotsInUse * slotBytes;
  let slot = slots + <usize>(((low & 0xffffffff) * slotsInUse) >> 32) * slotBytes;
  while (true) {
    if (load<u32>(slot, slotFirst) === 0) return slot;
    if (load<u64>(slot) === low && load<u64>(slot, 8) === high) return slot;
    slot += slotBytes;
    if (slot === end) slot = slots;
  }
}

function growTable(): bool {
  const before = slots;
  const end = slots + <usize>slotsInUse * slotBytes;
  const repeated = isRepeated;
  // Forces new memory.
  slotCapacity = 0;
  if (!resetTable(2 * slotsInUse)) return false;
  isRepeated = repeated;
  for (let slot = before; slot < end; slot += slotBytes) {
    if (load<u32>(slot, slotFirst) === 0) continue;
    memory.copy(slotFor(load<u64>(slot), load<u64>(slot, 8)), slot, slotBytes);
    distinct++;
  }
  return true;
}

function distanceOf(entry: usize, word: u64): u32 {
  return (<u32>(word >> 56)) | ((<u32>load<u8>(entry, 16)) << 8);
}

function countBlock(block: usize): bool {
  const end = block + load<u32>(block, blockUsed);
  let ordinal = load<u32>(block, blockFirst);
  for (let entry = block + blockHeader; entry < end; entry += entryBytes) {
    const low = load<u64>(entry);
    const word = load<u64>(entry, 8);
    const distance = distanceOf(entry, word) & farDistance;
    if (distance === farDistance) {
      ordinal = <u32>low;
      continue;
    }
    ordinal += distance;
    const high = word & 0x00ffffffffffffff;
    const slot = slotFor(low, high);
    const first = load<u32>(slot, slotFirst);
    if (first !== 0) {
      store<u32>(slot, min(first, ordinal + 1), slotFirst);
      store<u32>(slot, load<u32>(slot, slotCount) + 1, slotCount);
      isRepeated = true;
      continue;
    }
    store<u64>(slot, low);
    store<u64>(slot, high, 8);
    store<u32>(slot, ordinal + 1, slotFirst);
    store<u32>(slot, 1, slotCount);
    if (++distinct * 5 > slotsInUse * 4 && !growTable()) return false;
  }
  return true;
}

/** Counts users by number of records, which are endpoints unless Ids or addresses are repeated. */
function countSlots(): void {
  memory.fill(userCountsAt, 0, abi.userCounts * 4);
  const end = slots + <usize>slotsInUse * slotBytes;
  for (let slot = slots; slot < end; slot += slotBytes) {
    const count = min(load<u32>(slot, slotCount), abi.userCounts - 1);
    const at = userCountsAt + ((<usize>count) << 2);
    if (load<u32>(slot, slotFirst) !== 0) store<u32>(at, load<u32>(at) + 1);
  }
  for (let count: usize = 0; count < <usize>abi.userCounts; count++) {
    atomic.add<u32>(shared + (count << 2), load<u32>(userCountsAt + (count << 2)), sharedUserCounts);
  }
  if (load<u32>(userCountsAt, (abi.userCounts - 1) << 2) !== 0) {
    atomic.store<u32>(shared, 1, sharedCrowded);
  }
}

function noteFirsts(block: usize, array: usize, all: bool): void {
  const end = block + load<u32>(block, blockUsed);
  let ordinal = load<u32>(block, blockFirst);
  for (let entry = block + blockHeader; entry < end; entry += entryBytes) {
    const low = load<u64>(entry);
    const word = load<u64>(entry, 8);
    const distance = distanceOf(entry, word);
    if ((distance & farDistance) === farDistance) {
      ordinal = <u32>low;
      continue;
    }
    ordinal += distance & farDistance;
    const slot = slotFor(low, word & 0x00ffffffffffffff);
    if (!all && load<u32>(slot, slotCount) === 1) continue;
    const mark = (distance & markOfDistance) !== 0 ? markBit : 0;
    store<u32>(numberAt(array, ordinal), load<u32>(slot, slotFirst) | mark);
  }
}

// The results of the rules: totals by rule, and for each the first records with the one they repeat.
let found: usize = 0;
let foundCapacity: usize = 0;
export let foundIds: u32 = 0;
export let foundAddresses: u32 = 0;
export let foundUsers: u32 = 0;

// What is noted per record: the first one with its Id, its address and its user, each plus one; the record from which its
// endpoint, by Id or by address, has its user; and the number of endpoints of a user.
let ids: usize = 0;
let addresses: usize = 0;
let users: usize = 0;
let fromsOfIds: usize = 0;
let fromsOfAddresses: usize = 0;
let endpoints: usize = 0;

/**
 * Starts applying the rules after all steps. `cap`: the number of records kept per rule. Returns the address of their ordinals and the
 * ordinals they repeat, rule by rule; 0 if memory is short.
 */
export function beginRules(cap: u32): usize {
  factsInAll = load<u32>(shared, sharedFacts);
  foundCapacity = min(<usize>cap, factsInAll);
  found = takeMemory(foundCapacity * 24 + 64);
  foundIds = foundAddresses = foundUsers = 0;
  if (needsNoting()) {
    const isMovable = load<u32>(shared, sharedRepeated) !== 0;
    endpoints = createArray(factsInAll, true);
    fromsOfIds = createArray(factsInAll << 2, isMovable);
    fromsOfAddresses = createArray(factsInAll << 2, isMovable);
    ids = load<u32>(shared, sharedArrays);
    addresses = load<u32>(shared, sharedArrays + 4);
    users = load<u32>(shared, sharedArrays + 8);
  }
  return load<u32>(shared, sharedShort) === 0 ? found : 0;
}

/** Records per call of the two passes: V8 optimizes a function only between calls. */
const recordsPerCall: usize = 1 << 16;

/** The first pass, from a record on; returns the next record, or -1 after the last one. */
export function findUsers(start: u32): i32 {
  if (load<u32>(shared, sharedRepeated) === 0 || <usize>start >= factsInAll) return -1;
  const end = min(<usize>start + recordsPerCall, factsInAll);
  for (let index = <usize>start; index < end; index++) findUserOfEndpoint(index);
  return <i32>end;
}

/** The second pass, from a record on; returns the next record, or -1 after the last one. */
export function applyRules(start: u32): i32 {
  if (!needsNoting() || <usize>start >= factsInAll) return -1;
  const end = min(<usize>start + recordsPerCall, factsInAll);
  for (let index = <usize>start; index < end; index++) applyTo(index);
  return <i32>end;
}

function applyTo(index: usize): void {
  const ordinal = <u32>index;
  const id = load<u32>(numberAt(ids, index));
  if (id !== 0 && id !== ordinal + 1) foundIds = note(0, foundIds, ordinal, id - 1);
  const marked = load<u32>(numberAt(addresses, index));
  const address = marked & ~markBit;
  if (address !== 0 && address !== ordinal + 1) {
    if (id === 0 || load<u32>(numberAt(ids, <usize>(address - 1))) !== id) {
      foundAddresses = note(1, foundAddresses, ordinal, address - 1);
    }
  }
  const user = load<u32>(numberAt(users, index));
  if (user === 0 || !givesUser(index, id, marked)) return;
  const count = byteOf(endpoints, <usize>(user - 1));
  const before = <i32>load<u8>(count);
  if (before <= abi.maxEndpoints) store<u8>(count, <u8>(before + 1));
  if (before >= abi.maxEndpoints) foundUsers = note(2, foundUsers, ordinal, user - 1);
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
 * has one. Stores for the endpoint of a record, if it has several records, from which of them on it has that user.
 */
function findUserOfEndpoint(index: usize): void {
  const user = load<u32>(numberAt(users, index));
  if (user === 0) return;
  const from = fromOf(load<u32>(numberAt(ids, index)), load<u32>(numberAt(addresses, index)));
  if (from === 0) return;
  const before = load<u32>(from);
  if (before === 0 || load<u32>(numberAt(users, <usize>(before - 1))) !== user) {
    store<u32>(from, <u32>index + 1);
  }
}

/** The address of the record from which the endpoint of a record has its user; 0 for an endpoint with one record. */
function fromOf(id: u32, address: u32): usize {
  if (id !== 0) return numberAt(fromsOfIds, <usize>(id - 1));
  if (address === 0 || (address & markBit) !== 0) return 0;
  return numberAt(fromsOfAddresses, <usize>(address - 1));
}

function givesUser(index: usize, id: u32, address: u32): bool {
  const from = fromOf(id, address);
  return from === 0 || load<u32>(from) === <u32>index + 1;
}

/** Counts users by number of endpoints, after the rules were applied. */
export function countUsers(): void {
  if (!needsNoting()) {
    memory.copy(userCountsAt, shared + sharedUserCounts, abi.userCounts * 4);
    return;
  }
  memory.fill(userCountsAt, 0, abi.userCounts * 4);
  if (load<u32>(shared, sharedShort) !== 0) return;
  for (let index: usize = 0; index < factsInAll; index++) {
    const count = userCountsAt + ((<usize>load<u8>(byteOf(endpoints, index))) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** The last block of a worker's log in memory, or in the file; -1 if there is none. */
export function logHead(worker: i32, isInFile: bool): i32 {
  return <i32>load<u32>(headOf(worker, logChain) + (isInFile ? 4 : 0));
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
