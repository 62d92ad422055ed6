import { clearMap, mapSet } from './byteMap';
import { clearCsv, readCsvRecords } from './csv';
import { clearFindings, setPosition, report } from './findings';
import { fillTables, clearZoneCache } from './formats';
import { setNesting } from './json';
import { channelMap, layOut, nesting, text, zoneMap } from './memory';
import { clearNdjson, readNdjsonRecords } from './ndjson';
import { clearProgress, countLine, countRecord } from './readProgress';
import { beginRecord, clearFacts, endRecord, clearChannelCache } from './record';
import * as abi from './abi';
import { beginValues, endValues } from './statistics';

/*
 * The engine: reads endpoint files as bytes and validates them. It is written in AssemblyScript and runs as WebAssembly with
 * SIMD. Offsets in its interface are relative to the start of the text.
 */

export {
  addressKinds,
  alpha2,
  alpha3,
  counts,
  findings,
  findingCapacity,
  finishText,
  keys,
  kept,
  values,
  scratch,
  severities,
  columnTable,
  text,
  textEnd,
} from './memory';
export { isRecord, setHeader } from './csv';
export { fetched, findingCount, isFull, setCaps } from './findings';
export {
  applyRules,
  beginRules,
  beginStep,
  blockAt,
  clearLedger,
  closeBlocks,
  countUsers,
  factsOfFile,
  findUsers,
  firstLost,
  foundAddresses,
  foundIds,
  foundUsers,
  groupPartition,
  joinStep,
  keepFacts,
  ledgerBytes,
  ledgerHeaderBytes,
  logHead,
  numberFacts,
  setLedger,
  validateNames,
} from './ledger';
export {
  addStatistic,
  countedRecords,
  countValues,
  setCounting,
  setStatistic,
  valuesAreFull,
} from './statistics';
export { newNameCount, resetNdjson } from './ndjson';
export { lines, records } from './readProgress';
export { factCount, keepAll, valueCount, setPushChannel } from './record';
export { facts, hashKey, newNameBytes, newNames, userCountsAt } from './memory';

/** Lays out a region of memory and fills its tables; returns its end. */
export function setUp(base: usize, textBytes: i32, columnCapacity: i32, factCapacity: i32): usize {
  const end = layOut(base, textBytes, columnCapacity, factCapacity);
  fillTables();
  clearMap(channelMap);
  clearMap(zoneMap);
  setNesting(nesting);
  clearChannelCache();
  clearZoneCache();
  return end;
}

/** Adds a channel or time zone: the first bytes of the text. */
export function addChannel(length: i32, channel: i32): void {
  mapSet(channelMap, text, text + length, channel);
}

export function addZone(length: i32): void {
  mapSet(zoneMap, text, text + length, 1);
}

/** The size of a region in bytes. */
export function regionBytes(textBytes: i32, columnCapacity: i32, factCapacity: i32): usize {
  return layOut(0, textBytes, columnCapacity, factCapacity);
}

/** Drops the settled facts and names; the chunk continues. */
export function settled(): void {
  clearFacts();
  clearNdjson();
}

/** Starts a chunk of the file. `sure`: it won't be read again from another offset. */
export function begin(sure: bool): void {
  clearFindings();
  clearFacts();
  clearProgress();
  clearCsv();
  clearNdjson();
  beginValues(sure);
}

export function readCsv(from: i32, limit: i32, final: bool): i32 {
  const next = readCsvRecords(text + from, text + limit, final);
  endValues();
  return <i32>(next - text);
}

export function readNdjson(from: i32, limit: i32, final: bool): i32 {
  const next = readNdjsonRecords(text + from, text + limit, final);
  endValues();
  return <i32>(next - text);
}

/** The next line feed. There is one after the text. */
export function lineFeed(from: i32): i32 {
  let at = text + from;
  while (true) {
    const found = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(10)));
    if (found !== 0) return <i32>(at + ctz(found) - text);
    at += 16;
  }
}

/** UTF-16 code units of a part of the text: bytes that start a character, plus one for each that needs two units. */
export function unitsOf(from: i32, to: i32): i32 {
  let units = to - from;
  let at = text + from;
  const end = text + to;
  for (; at + 16 <= end; at += 16) units += additionalUnits(v128.load(at), 0xffff);
  const left = <u32>(end - at);
  if (left > 0) units += additionalUnits(v128.load(at), (1 << left) - 1);
  return units;
}

/** Units minus bytes, for those of 16 bytes that are in the mask. */
function additionalUnits(block: v128, mask: u32): i32 {
  const continuations = (<u32>i8x16.bitmask(i8x16.lt_s(block, i8x16.splat(-64)))) & mask;
  const fourByteLeads = (<u32>i8x16.bitmask(i8x16.gt_u(block, i8x16.splat(<i8>0xef)))) & mask;
  return popcnt(fourByteLeads) - popcnt(continuations);
}

/** Counts a record that is too long to be checked: only its start is in the text. */
export function skipRecord(from: i32): void {
  countLine();
  countRecord();
  setPosition(-1, text + from);
  beginRecord(text + from);
  endRecord(text + from);
  report(abi.recordTooLarge, abi.severityError, text + from, text + from, -1, abi.recordTooLargeNotRead);
}

export { splitLine } from './csv';
