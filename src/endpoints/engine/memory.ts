import {
  allShortCutsBytes,
  factBytes,
  findingBytes,
  hashKeyBytes,
  keyBytes,
  valueBytes,
  listBytes,
  maxCustomNames,
  maxKeys,
  maxRowBytes,
  maxNamedColumns,
  maxStatistics,
  ruleCount,
  slack,
  columnBytes,
  registersBytes,
  statisticPoolBytes,
  statisticsBytes,
  sumsBytes,
  tablesBytes,
  userCounts,
} from './abi';

/*
 * The memory layout. Each worker has its own region, which contains all of this. Untouched memory costs nothing, so areas have
 * the largest size they may need.
 */

/** The current text and its end, which is followed by a line feed. */
export let text: usize = 0;
export let textEnd: usize = 0;
/** After the text: room for the next unescaped value. */
export let scratch: usize = 0;

export let values: usize = 0;
export let valueCapacity: i32 = 0;
export let columnTable: usize = 0;
export let groupCounts: usize = 0;
export let keys: usize = 0;
export let facts: usize = 0;
/** The ends of the chains of the ledger: see ledger.ts. */
export let openBlocks: usize = 0;
/** The key of the hashes of this file. */
export let hashKey: usize = 0;
export let findings: usize = 0;
export let findingCapacity: i32 = 0;
export let factCapacity: i32 = 0;
/** Findings of this chunk and details kept, by code and severity. */
export let counts: usize = 0;
export let kept: usize = 0;
/** The user's severity for each code and severity, or -1. */
export let severities: usize = 0;

// Tables.
export let inLocalPart: usize = 0;
export let inDomain: usize = 0;
export let alpha2: usize = 0;
export let alpha3: usize = 0;
/** Byte classes in CSV, outside of quotes. */
export let classes: usize = 0;
/** Offsets of bytes that may end a cell in CSV. */
export let endings: usize = 0;

// Maps from bytes to numbers.
export let channelMap: usize = 0;
export let channelCache: usize = 0;
export let zoneMap: usize = 0;
export let zoneCache: usize = 0;
export let nameMap: usize = 0;
/** The kind of address by channel. */
export let addressKinds: usize = 0;

// What NDJSON readers learn.
export let places: usize = 0;
export let placeTable: usize = 0;
export let steps: usize = 0;
export let stepKeys: usize = 0;
export let literals: usize = 0;
export let namePool: usize = 0;
export let keysSeen: usize = 0;
export let scopeKeys: usize = 0;
/** Custom names that are new in this chunk. */
export let newNames: usize = 0;
export let nesting: usize = 0;

// Statistics of values, and of users at the end of a file.
export let keptValues: usize = 0;
export let keptValueCapacity: i32 = 0;
export let columnStatistics: usize = 0;
/** Uncounted NDJSON cells, a list per attribute. */
export let lists: usize = 0;
/** By length, up to 15: masks of the bytes of a value, then vectors that hold its length. */
export let masks: usize = 0;
/** Hashes of the values of a column, or cells to be counted individually: eight bytes each. */
export let hashes: usize = 0;
/** The next column that is counted together with each column, or -1. */
export let nextColumns: usize = 0;
export let statistics: usize = 0;
export let userCountsAt: usize = 0;

/** Bytes of CSV searched for endings at a time: few enough for the results to stay in the L1 cache. */
export const searchedBytes: usize = 4096;
export const mapBytes: i32 = 312 * 1024;
export const placeBytes: i32 = 32;
export const maxPlaces: i32 = 4 * maxNamedColumns;
export const stepBytes: i32 = 64;
export const maxSteps: i32 = 1 << 15;
export const maxStepKeys: i32 = 1 << 16;
export const literalBytes: usize = 1 << 21;
export const namePoolBytes: usize = 1 << 20;
export const maxKeysInStep: i32 = 64;
export const newNameBytes: i32 = 32;

let next: usize = 0;

function area(bytes: i32): usize {
  const start = next;
  next = (next + bytes + 63) & ~63;
  return start;
}

/** Lays out a region that starts at `base`. Returns its end. Both are at page boundaries of 4 KiB. */
export function layOut(base: usize, textBytes: i32, columnCapacity: i32, maxFacts: i32): usize {
  next = base;
  factCapacity = maxFacts;
  valueCapacity = max(1 << 17, columnCapacity + 1);
  findingCapacity = 1 << 15;
  counts = area(ruleCount * 3 * 4);
  kept = area(ruleCount * 3 * 4);
  severities = area(ruleCount * 3);
  inLocalPart = area(256);
  inDomain = area(256);
  alpha2 = area(26 * 26);
  alpha3 = area(26 * 26 * 26);
  classes = area(256);
  // Surplus entries reach eleven slots further.
  endings = area(4 * (<i32>searchedBytes + 12));
  addressKinds = area(256);
  channelCache = area(256);
  channelMap = area(mapBytes);
  zoneMap = area(mapBytes);
  zoneCache = area(4096);
  nameMap = area(4 * maxKeys * 4);
  keys = area(maxKeys * keyBytes);
  places = area(maxPlaces * placeBytes);
  placeTable = area(maxPlaces * 4);
  steps = area(maxSteps * stepBytes);
  stepKeys = area(maxStepKeys * 12);
  literals = area(<i32>literalBytes);
  namePool = area(<i32>namePoolBytes);
  scopeKeys = area(512);
  keysSeen = area(maxKeysInStep * 12);
  // The names that aren't stored in the table come on top, until there are too many anyway.
  newNames = area((maxKeys + maxCustomNames + 1) * newNameBytes);
  columnTable = area(max(columnCapacity, maxNamedColumns) * columnBytes);
  groupCounts = area(max(columnCapacity, maxNamedColumns) * 4);
  values = area(valueCapacity * valueBytes);
  openBlocks = area(1024 * 16);
  hashKey = area(hashKeyBytes);
  facts = area(factCapacity * factBytes);
  findings = area(findingCapacity * findingBytes);
  nesting = area(textBytes / 8 + 64);
  keptValueCapacity = valueCapacity + (1 << 18);
  keptValues = area(keptValueCapacity * valueBytes);
  columnStatistics = area(max(columnCapacity, maxNamedColumns) * 4);
  hashes = area(maxRowBytes);
  nextColumns = area(max(columnCapacity, maxNamedColumns) * 4);
  statistics = area(
    statisticsBytes + tablesBytes + registersBytes + statisticPoolBytes + allShortCutsBytes + sumsBytes,
  );
  lists = (area(maxStatistics * listBytes + listBytes) + listBytes - 1) & ~(listBytes - 1);
  masks = area(512);
  userCountsAt = area(userCounts * 4);
  next = (next + 4095) & ~4095;
  text = area(textBytes + slack);
  scratch = text + textBytes + slack;
  // Unescaped values are never longer than escaped ones.
  area(textBytes + 4 * slack);
  textEnd = text;
  return (next + 4095) & ~4095;
}

/** Sets the end of the text, and puts a line feed there so that scans needn't check for it. */
export function finishText(length: i32): void {
  textEnd = text + length;
  store<u8>(textEnd, 10);
  clearScratch();
}

export function clearScratch(): void {
  scratch = textEnd + slack;
}

export function setScratch(to: usize): void {
  scratch = to;
}
