import { cellOf, countCells, lengthOf } from './cells';
import { tables } from './distinctCounts';
import { setFactsFull } from './findings';
import {
  keptValueCapacity,
  keptValues,
  valueCapacity,
  values,
  lists,
  nextColumns,
  columnStatistics,
  statistics,
} from './memory';
import * as abi from './abi';
import { clearShortCuts, fillMasks } from './shortCuts';

/*
 * Collects statistics of the values of a file by attribute, on request.
 *
 * A chunk that may not start with a record may need to be read again from another offset. Its values are stored while it is
 * read, and counted once it is settled: they are still in the text then.
 *
 * Values are counted by attribute in batches (cells.ts). Cells of CSV are stored in rows, so each column has its own; records
 * of JSON are distributed over lists, one per attribute.
 */

/** True if statistics of this file are collected. */
export let isCounting: bool = false;

let statisticCount: i32 = 0;
let nextPool: usize = 0;
let poolEnd: usize = 0;

/** True if values of this chunk are counted at once. */
let isSure: bool = true;

/** Values stored for this chunk if they aren't. Each record starts with an entry without a column, which holds their number. */
let keptCount: i32 = 0;

/** Counted records. */
export let countedRecords: i32 = 0;

/** Bytes of the cells of a CSV record; 0 in NDJSON, and without statistics. */
let rowBytes: usize = 0;

/** The row for the cells of the current record, after those of the previous ones. */
let row: usize = 0;

/** Starts a file. */
export function setCounting(on: bool): void {
  isCounting = on;
  rowBytes = 0;
  if (on) fillMasks();
  statisticCount = keptCount = countedRecords = 0;
  nextPool = tables() + abi.tablesBytes + abi.registersBytes;
  poolEnd = nextPool + abi.statisticPoolBytes;
}

/**
 * Reserves the statistics of an attribute; returns their address, or 0 if there is no room. `near`: characters from which on a
 * value is near the limit. `texts`: distinct values to store as text.
 */
export function addStatistic(kind: i32, limit: i32, near: i32, texts: i32): usize {
  const poolBytes = <usize>texts * abi.statisticTextBytes;
  if (statisticCount === abi.maxStatistics || nextPool + poolBytes > poolEnd) return 0;
  const at = statistics + <usize>statisticCount * abi.statisticBytes;
  const registers = tables() + abi.tablesBytes + <usize>statisticCount * abi.registerCount;
  statisticCount++;
  // The memory may hold the statistics of another file. What isn't needed isn't touched.
  memory.fill(at, 0, abi.statisticBytes);
  store<i32>(at, -1, abi.statisticRecord);
  store<i32>(at, kind, abi.statisticKind);
  store<i32>(at, limit, abi.statisticLimit);
  store<i32>(at, near, abi.statisticNear);
  store<u32>(at, <u32>nextPool, abi.statisticTexts);
  store<i32>(at, texts, abi.statisticTextRoom);
  store<u32>(at, <u32>(at + abi.statisticFirstTable), abi.statisticTable);
  store<u32>(at, abi.firstPlaces - 1, abi.statisticMask);
  store<u32>(at, <u32>registers, abi.statisticRegisters);
  if (kind === abi.statisticOfTexts) {
    store<i32>(at, abi.maxTrust, abi.statisticTrust);
    clearShortCuts(at);
  }
  store<u32>(at, <u32>(lists + <usize>(statisticCount - 1) * abi.listBytes), abi.statisticListEnd);
  store<i32>(at, -1, abi.statisticFirstColumn);
  store<i32>(at, -1, abi.statisticLastColumn);
  if (kind === abi.statisticOfNumbers) {
    const sums =
      tables() + abi.tablesBytes + abi.registersBytes + abi.statisticPoolBytes + abi.allShortCutsBytes;
    const sum = sums + <usize>(statisticCount - 1) * abi.sumBytes;
    memory.fill(sum, 0, abi.sumBytes);
    store<u32>(at, <u32>sum, abi.statisticSum);
  }
  store<f64>(at, Infinity, abi.statisticMin);
  store<f64>(at, -Infinity, abi.statisticMax);
  nextPool += poolBytes;
  return at;
}

/** Sets the statistics that the values of a column belong to; 0 for none. */
export function setStatistic(columnIndex: i32, statistic: usize): void {
  store<u32>(columnStatistics + (columnIndex << 2), <u32>statistic);
  store<i32>(nextColumns + (columnIndex << 2), -1);
  if (statistic === 0) return;
  const last = load<i32>(statistic, abi.statisticLastColumn);
  if (last < 0) store<i32>(statistic, columnIndex, abi.statisticFirstColumn);
  else store<i32>(nextColumns + (last << 2), columnIndex);
  store<i32>(statistic, columnIndex, abi.statisticLastColumn);
}

/** Starts the records of a CSV file. */
export function keepRows(columns: i32): void {
  if (!isCounting) return;
  rowBytes = columns * abi.cellBytes;
  row = keptValues;
}

/** Stores a cell of the current record, even an empty one. */
export function keepCell(column: i32, start: usize, end: usize, flags: i32): void {
  store<u64>(row + column * abi.cellBytes, cellOf(start, end, flags));
}

/** Starts a chunk, or reads it again. `sure`: it is known to start with a record. */
export function beginValues(sure: bool): void {
  keptCount = 0;
  isSure = sure;
  row = keptValues;
}

/** Counts or stores the values of the current record. */
export function takeValues(count: i32): void {
  if (rowBytes > 0) {
    row += rowBytes;
    if (isSure) {
      if (row - keptValues >= <usize>abi.maxRowBytes) countKeptRows();
    } else if (rowsAreFull()) setFactsFull(true);
    return;
  }
  if (isSure) {
    spreadRecord(values, values + count * abi.valueBytes);
    return;
  }
  const at = keptValues + keptCount * abi.valueBytes;
  store<i32>(at, -1, abi.valueColumn);
  store<i32>(at, count, abi.valueStart);
  memory.copy(at + abi.valueBytes, values, count * abi.valueBytes);
  keptCount += count + 1;
  if (keptCount + valueCapacity >= keptValueCapacity) setFactsFull(true);
}

/** True if stored values must be counted before more is read. */
export function valuesAreFull(): bool {
  if (rowBytes > 0) return rowsAreFull();
  return keptCount + valueCapacity >= keptValueCapacity;
}

/** True if there is no room for another row. */
function rowsAreFull(): bool {
  return row + rowBytes > keptValues + keptValueCapacity * abi.valueBytes;
}

/** Call before the text changes. */
export function endValues(): void {
  if (!isCounting || !isSure) return;
  if (rowBytes > 0) countKeptRows();
  else countLists();
}

/** Counts the stored values, and drops them. */
export function countValues(): void {
  if (rowBytes > 0) return countKeptRows();
  const end = keptValues + keptCount * abi.valueBytes;
  let value = keptValues;
  while (value < end) {
    const next = value + (load<i32>(value, abi.valueStart) + 1) * abi.valueBytes;
    spreadRecord(value + abi.valueBytes, next);
    value = next;
  }
  countLists();
  keptCount = 0;
}

/** Counts the stored rows column by column, and drops them. */
function countKeptRows(): void {
  const step = max<usize>(1, <usize>abi.maxRowBytes / rowBytes) * rowBytes;
  for (let first = keptValues; first < row; first += step) {
    const end = min(row, first + step);
    for (let place: usize = 0; place < rowBytes; place += abi.cellBytes) {
      const at = statisticOf(<i32>(place / abi.cellBytes));
      if (at !== 0) countCells(at, first + place, end, rowBytes);
    }
    countExtraValues(first, end);
  }
  countedRecords += <i32>((row - keptValues) / rowBytes);
  row = keptValues;
}

/**
 * For attributes with several columns, corrects the values beyond the first in each row: each column was counted as the only
 * one.
 */
function countExtraValues(first: usize, end: usize): void {
  for (let column = 0; column < <i32>(rowBytes / abi.cellBytes); column++) {
    const at = statisticOf(column);
    if (at === 0 || load<i32>(at, abi.statisticFirstColumn) !== column) continue;
    if (load<i32>(at, abi.statisticLastColumn) === column) continue;
    let more: u32 = 0;
    for (let cells = first; cells < end; cells += rowBytes) {
      let values: u32 = 0;
      for (let next = column; next >= 0; next = load<i32>(nextColumns + (next << 2))) {
        values += <u32>(lengthOf(load<u64>(cells + next * abi.cellBytes)) !== 0);
      }
      more += max(values, 1) - 1;
    }
    add(at, abi.statisticFilled, -more);
    add(at, abi.statisticMore, more);
  }
}

/** Distributes the values of a record over the lists of their attributes. */
function spreadRecord(first: usize, end: usize): void {
  const record = countedRecords++;
  for (let value = first; value < end; value += abi.valueBytes) {
    const at = statisticOf(load<i32>(value, abi.valueColumn));
    const start = <usize>load<u32>(value, abi.valueStart);
    const stop = <usize>load<u32>(value, abi.valueEnd);
    if (at === 0 || start === stop) continue;
    if (load<i32>(at, abi.statisticRecord) === record) {
      // A list counts each value as the first of its record.
      add(at, abi.statisticFilled, -1);
      add(at, abi.statisticMore, 1);
    } else store<i32>(at, record, abi.statisticRecord);
    let place = <usize>load<u32>(at, abi.statisticListEnd);
    store<u64>(place, cellOf(start, stop, load<i32>(value, abi.valueFlags)));
    place += abi.cellBytes;
    if ((place & (abi.listBytes - 1)) === 0) {
      place -= abi.listBytes;
      countCells(at, place, place + abi.listBytes, abi.cellBytes);
    }
    store<u32>(at, <u32>place, abi.statisticListEnd);
  }
}

/** Counts the values in the lists. */
function countLists(): void {
  for (let index = 0; index < statisticCount; index++) {
    const at = statistics + <usize>index * abi.statisticBytes;
    const list = lists + <usize>index * abi.listBytes;
    const end = <usize>load<u32>(at, abi.statisticListEnd);
    if (end === list) continue;
    countCells(at, list, end, abi.cellBytes);
    store<u32>(at, <u32>list, abi.statisticListEnd);
  }
}

function statisticOf(columnIndex: i32): usize {
  return <usize>load<u32>(columnStatistics + (columnIndex << 2));
}

function add(at: usize, field: usize, count: u32): void {
  store<u32>(at + field, load<u32>(at + field) + count);
}
