import { cellOf, countCells, lengthOf } from './cells';
import { tables } from './distinctCounts';
import { setFactsFull } from './findings';
import {
  keptValueCapacity,
  keptValues,
  leafCapacity,
  leaves,
  lists,
  nextColumns,
  slotStatistics,
  statistics,
} from './memory';
import * as is from './abi';
import { clearShortCuts, fillMasks } from './shortCuts';

/*
 * Counts what the values of a file are like, attribute by attribute, for those who ask for it.
 *
 * Where it is not sure that a stretch begins with a record, it may have to be read again from another place. Then its values
 * are only kept while it is read, and counted once it is settled: they are still in the text.
 *
 * Values are counted attribute by attribute, many at a time (cells.ts). Cells of CSV are kept in rows, so each column has its
 * own; from records of JSON they are spread over lists, one for each attribute.
 */

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

/** Bytes of the cells of a CSV record; 0 in NDJSON, and where nothing is counted. */
let rowBytes: usize = 0;

/** Where the cells of the record that is read go: a row behind those of the records before it. */
let row: usize = 0;

/** Begins a file. */
export function setCounting(on: bool): void {
  isCounting = on;
  rowBytes = 0;
  if (on) fillMasks();
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
  if (kind === is.statisticOfTexts) {
    store<i32>(at, is.mostTrust, is.statisticTrust);
    clearShortCuts(at);
  }
  store<u32>(at, <u32>(lists + <usize>(statisticCount - 1) * is.listBytes), is.statisticListEnd);
  store<i32>(at, -1, is.statisticFirstColumn);
  store<i32>(at, -1, is.statisticLastColumn);
  store<f64>(at, Infinity, is.statisticLeast);
  store<f64>(at, -Infinity, is.statisticMost);
  nextPool += poolBytes;
  return at;
}

/** Says what the values of a slot are counted as; 0 for not at all. */
export function setStatistic(slot: i32, statistic: usize): void {
  store<u32>(slotStatistics + (slot << 2), <u32>statistic);
  store<i32>(nextColumns + (slot << 2), -1);
  if (statistic === 0) return;
  const last = load<i32>(statistic, is.statisticLastColumn);
  if (last < 0) store<i32>(statistic, slot, is.statisticFirstColumn);
  else store<i32>(nextColumns + (last << 2), slot);
  store<i32>(statistic, slot, is.statisticLastColumn);
}

/** Begins the records of a CSV file. */
export function keepRows(columns: i32): void {
  if (!isCounting) return;
  rowBytes = columns * is.cellBytes;
  row = keptValues;
}

/** Keeps a cell of the record that is read, empty or not. */
export function keepCell(column: i32, start: usize, end: usize, flags: i32): void {
  store<u64>(row + column * is.cellBytes, cellOf(start, end, flags));
}

/** Begins a stretch, or reads it again. `sure`: it begins with a record for sure. */
export function beginValues(sure: bool): void {
  keptCount = 0;
  isSure = sure;
  row = keptValues;
}

/** Counts the leaves of the record under judgement, or keeps them. */
export function takeValues(count: i32): void {
  if (rowBytes > 0) {
    row += rowBytes;
    if (isSure) {
      if (row - keptValues >= <usize>is.mostRowBytes) countKeptRows();
    } else if (rowsAreFull()) setFactsFull(true);
    return;
  }
  if (isSure) {
    spreadRecord(leaves, leaves + count * is.leafBytes);
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
  if (rowBytes > 0) return rowsAreFull();
  return keptCount + leafCapacity >= keptValueCapacity;
}

/** True where there is no room for another row. */
function rowsAreFull(): bool {
  return row + rowBytes > keptValues + keptValueCapacity * is.leafBytes;
}

/** Ends the reading: the text may change now. */
export function endValues(): void {
  if (!isCounting || !isSure) return;
  if (rowBytes > 0) countKeptRows();
  else countLists();
}

/** Counts the values that were kept, and forgets them. */
export function countValues(): void {
  if (rowBytes > 0) return countKeptRows();
  const end = keptValues + keptCount * is.leafBytes;
  let leaf = keptValues;
  while (leaf < end) {
    const next = leaf + (load<i32>(leaf, is.leafStart) + 1) * is.leafBytes;
    spreadRecord(leaf + is.leafBytes, next);
    leaf = next;
  }
  countLists();
  keptCount = 0;
}

/** Counts the rows that were kept column by column, and forgets them. */
function countKeptRows(): void {
  const step = max<usize>(1, <usize>is.mostRowBytes / rowBytes) * rowBytes;
  for (let first = keptValues; first < row; first += step) {
    const end = min(row, first + step);
    for (let place: usize = 0; place < rowBytes; place += is.cellBytes) {
      const at = statisticOf(<i32>(place / is.cellBytes));
      if (at !== 0) countCells(at, first + place, end, rowBytes);
    }
    tellMore(first, end);
  }
  countedRecords += <i32>((row - keptValues) / rowBytes);
  row = keptValues;
}

/** Where an attribute has several columns, tells the values beyond the first of each row: each column was taken for the only one. */
function tellMore(first: usize, end: usize): void {
  for (let column = 0; column < <i32>(rowBytes / is.cellBytes); column++) {
    const at = statisticOf(column);
    if (at === 0 || load<i32>(at, is.statisticFirstColumn) !== column) continue;
    if (load<i32>(at, is.statisticLastColumn) === column) continue;
    let more: u32 = 0;
    for (let cells = first; cells < end; cells += rowBytes) {
      let values: u32 = 0;
      for (let next = column; next >= 0; next = load<i32>(nextColumns + (next << 2))) {
        values += <u32>(lengthOf(load<u64>(cells + next * is.cellBytes)) !== 0);
      }
      more += max(values, 1) - 1;
    }
    add(at, is.statisticFilled, -more);
    add(at, is.statisticMore, more);
  }
}

/** Spreads the values of a record over the lists of their attributes. */
function spreadRecord(first: usize, end: usize): void {
  const record = countedRecords++;
  for (let leaf = first; leaf < end; leaf += is.leafBytes) {
    const at = statisticOf(load<i32>(leaf, is.leafSlot));
    const start = <usize>load<u32>(leaf, is.leafStart);
    const stop = <usize>load<u32>(leaf, is.leafEnd);
    if (at === 0 || start === stop) continue;
    if (load<i32>(at, is.statisticRecord) === record) {
      // A list counts each as the first of its record.
      add(at, is.statisticFilled, -1);
      add(at, is.statisticMore, 1);
    } else store<i32>(at, record, is.statisticRecord);
    let place = <usize>load<u32>(at, is.statisticListEnd);
    store<u64>(place, cellOf(start, stop, load<i32>(leaf, is.leafFlags)));
    place += is.cellBytes;
    if ((place & (is.listBytes - 1)) === 0) {
      place -= is.listBytes;
      countCells(at, place, place + is.listBytes, is.cellBytes);
    }
    store<u32>(at, <u32>place, is.statisticListEnd);
  }
}

/** Counts what is in the lists. */
function countLists(): void {
  for (let index = 0; index < statisticCount; index++) {
    const at = statistics + <usize>index * is.statisticBytes;
    const list = lists + <usize>index * is.listBytes;
    const end = <usize>load<u32>(at, is.statisticListEnd);
    if (end === list) continue;
    countCells(at, list, end, is.cellBytes);
    store<u32>(at, <u32>list, is.statisticListEnd);
  }
}

function statisticOf(slot: i32): usize {
  return <usize>load<u32>(slotStatistics + (slot << 2));
}

function add(at: usize, field: usize, count: u32): void {
  store<u32>(at + field, load<u32>(at + field) + count);
}
