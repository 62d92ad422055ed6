import { isFull, report, setPosition } from './findings';
import { jsonBytes } from './hostCalls';
import { classes, endings, searchedBytes, columnTable, text, textEnd } from './memory';
import {
  addValue,
  beginRecord,
  endRecord,
  skipLongLine,
  validateRecord,
  keepAll,
  keepValue,
  valueCount,
  recordEnd,
  recordStart,
  reportTooLarge,
  setColumns,
  startOfCell,
} from './record';
import * as abi from './abi';
import { isCounting, keepCell, keepRows } from './statistics';
import { countLine, countRecord, countReturns, lines } from './readProgress';

/*
 * Reads the records of a CSV text and validates them.
 *
 * Every line feed ends a record, unless it is in quotes. Then the following lines are examined, up to the maximum length of a
 * record. If one of them closes the quote, the lines are one record with a `csv-line-break` at each break. If one of them is a
 * complete record, or none closes the quote, the quote was never closed (`csv-quote`), and the next record starts on the next
 * line.
 */

const quote: u8 = 0x22;
const lf: u8 = 0x0a;
const cr: u8 = 0x0d;
const tab: u8 = 0x09;

// Classes of bytes outside of quotes.
const plain: u8 = 0;
const delimiterClass: u8 = 1;
const lfClass: u8 = 2;
const crClass: u8 = 3;
const oddClass: u8 = 4;

let delimiter: u8 = 0;
let columns: i32 = 0;
/** Maximum bytes of all column names in a line of JSON. */
let headerBytes: i32 = 0;

// No line between these offsets decides whether a quote that is open before it is closed.
let undecidedFrom: usize = 0;
let undecidedTo: usize = 0;

/** `repeated`: the maximum number of columns of one name. */
export function setHeader(byte: u8, count: i32, bytes: i32, repeated: i32): void {
  keepAll(repeated > abi.maxValues);
  keepRows(count);
  delimiter = byte;
  columns = count;
  headerBytes = bytes;
  setColumns(byte, count);
  memory.fill(classes, plain, 256);
  store<u8>(classes + quote, oddClass);
  store<u8>(classes + tab, oddClass);
  store<u8>(classes + cr, crClass);
  store<u8>(classes + lf, lfClass);
  store<u8>(classes + byte, delimiterClass);
}

export function clearCsv(): void {
  undecidedFrom = undecidedTo = 0;
}

/*
 * Bytes that may end a cell are found in a separate pass without branches that depend on the text. The reader then takes them
 * from a list and has no branches to mispredict.
 */

/** The end of the endings that were found but not used yet, and of the searched text. */
let endingsEnd: usize = 0;
let searchedTo: usize = 0;

/** Starts searching for endings at an offset. Returns the address of the first. */
function searchFrom(place: usize): usize {
  searchedTo = place;
  endingsEnd = endings;
  store<u32>(endingsEnd, <u32>textEnd);
  return endings;
}

/**
 * Lists all bytes that may end a cell in the next part of the text. Returns the address of the first. The line feed after the
 * text follows the last one: since it isn't a delimiter, only code that finds it must check for the end.
 */
function searchNext(): usize {
  const stop = min(searchedTo + searchedBytes, textEnd + 1);
  const quotes = i8x16.splat(quote);
  const delimiters = i8x16.splat(delimiter);
  let to = endings;
  let block = searchedTo;
  for (; block < stop; block += 64) {
    let mask = endingsIn(block, quotes, delimiters);
    const end = to + ((<usize>popcnt(mask)) << 2);
    // The number per block can't be predicted, but is rarely more than twelve. Surplus entries are overwritten.
    for (; ; to += 48) {
      mask = putFour(to, block, mask);
      mask = putFour(to + 16, block, mask);
      mask = putFour(to + 32, block, mask);
      if (to + 48 >= end) break;
    }
    to = end;
  }
  searchedTo = block;
  endingsEnd = to;
  store<u32>(to, <u32>textEnd);
  return endings;
}

/** Lists the first four of a block; returns the others. */
function putFour(to: usize, block: usize, mask: u64): u64 {
  store<u32>(to, <u32>(block + <usize>ctz(mask)));
  mask &= mask - 1;
  store<u32>(to, <u32>(block + <usize>ctz(mask)), 4);
  mask &= mask - 1;
  store<u32>(to, <u32>(block + <usize>ctz(mask)), 8);
  mask &= mask - 1;
  store<u32>(to, <u32>(block + <usize>ctz(mask)), 12);
  return mask & (mask - 1);
}

/** The bytes of 64 that may end a cell: quotes, delimiters, and all controls up to the carriage return. */
function endingsIn(at: usize, quotes: v128, delimiters: v128): u64 {
  const first = endingsOf(v128.load(at), quotes, delimiters);
  const second = endingsOf(v128.load(at, 16), quotes, delimiters);
  const third = endingsOf(v128.load(at, 32), quotes, delimiters);
  const fourth = endingsOf(v128.load(at, 48), quotes, delimiters);
  return first | (second << 16) | (third << 32) | (fourth << 48);
}

function endingsOf(block: v128, quotes: v128, delimiters: v128): u64 {
  const controls = i8x16.eq(i8x16.min_u(block, i8x16.splat(cr)), block);
  const special = v128.or(v128.or(i8x16.eq(block, quotes), i8x16.eq(block, delimiters)), controls);
  return <u64>(<u32>i8x16.bitmask(special));
}

/** The address of the next ending. */
function nextEnding(ending: usize): usize {
  const next = ending + 4;
  return next === endingsEnd ? searchNext() : next;
}

/** The end of the last complete line of the text, or of the text. */
function stopOf(limit: usize, final: bool): usize {
  if (final) return min(limit, textEnd);
  let end = textEnd;
  while (end > text && load<u8>(end - 1) !== lf) end--;
  return min(limit, end);
}

/**
 * Reads the records that start at or after `from` and before `limit`; returns the start of the next one. If that is before
 * `limit`, the record extends beyond the text; unless `final`, more text is needed.
 */
export function readCsvRecords(from: usize, limit: usize, final: bool): usize {
  const stop = stopOf(limit, final);
  let here = from;
  /** The address of the next ending. */
  let next = searchFrom(here);
  while (here < stop && !isFull()) {
    const start = here;
    here = skipLongLine(start);
    if (here !== start) {
      next = searchFrom(here);
      continue;
    }
    let column = 0;
    let kind: u8 = plain;
    beginRecord(start);
    while (true) {
      const cell = here;
      here = load<u32>(next);
      const byte = load<u8>(here);
      if (byte === delimiter) {
        if (column < columns) {
          if (here > cell) addValue(column, cell, here, 0);
          if (isCounting) keepCell(column, cell, here, 0);
        }
        column++;
        here++;
        next += 4;
        continue;
      }
      if (next === endingsEnd) {
        next = searchNext();
        here = cell;
        continue;
      }
      if (byte !== quote || here !== cell) {
        kind = load<u8>(classes + byte);
        if (kind === plain) {
          // A control character that is allowed in a value.
          next += 4;
          here = cell;
          continue;
        }
        if (column < columns) {
          if (here > cell) addValue(column, cell, here, 0);
          if (isCounting) keepCell(column, cell, here, 0);
        }
        column++;
        break;
      }
      let flags = abi.flagQuoted;
      // Up to the closing quote, past doubled ones.
      while (true) {
        next = nextEnding(next);
        here = load<u32>(next);
        const inner = load<u8>(here);
        if (inner === quote) {
          if (load<u8>(here + 1) !== quote) break;
          flags = abi.flagQuoted | abi.flagDoubled;
          next = nextEnding(next);
        } else if (inner === lf || inner === cr || (inner === tab && delimiter !== tab)) break;
      }
      if (load<u8>(here) !== quote) {
        kind = oddClass;
        break;
      }
      if (column < columns) {
        if (here > cell + 1) addValue(column, cell + 1, here, flags);
        if (isCounting) keepCell(column, cell + 1, here, flags);
      }
      column++;
      kind = load<u8>(classes + load<u8>(++here));
      if (kind !== delimiterClass) {
        if (kind === plain) kind = oddClass;
        else next = nextEnding(next);
        break;
      }
      here++;
      next = nextEnding(next) + 4;
    }
    const end = here;
    if (kind === crClass && load<u8>(here + 1) === lf) {
      here++;
      next = nextEnding(next);
    } else if (kind !== lfClass) {
      here = readUnusual(start, final);
      if (here === 0) return start;
      while (next !== endingsEnd && load<u32>(next) < <u32>here) next += 4;
      searchedTo = max(searchedTo, here);
      continue;
    }
    here++;
    next += 4;
    countLine();
    endRecord(end);
    if (end === start) reportBlankLine();
    else {
      countRecord();
      if (column === columns) {
        validateRecord(lines, true);
        checkSize();
      } else reportColumns(column, lines);
    }
  }
  return min(here, textEnd);
}

/** Reports a record that is too large as a line of JSON. */
function checkSize(): void {
  const length = <i32>(recordEnd - recordStart);
  if (6 * length + headerBytes <= abi.maxRecordBytes) return;
  // In JSON, quotes and backslashes take two bytes, control characters six.
  let maxBytes = 2 * length + headerBytes;
  for (let at = recordStart; at < recordEnd; at++) if (load<u8>(at) < 0x20) maxBytes += 4;
  if (maxBytes <= abi.maxRecordBytes) return;
  splitLine(recordStart, recordEnd, delimiter);
  if (jsonBytes(valueCount) > abi.maxRecordBytes) reportTooLarge();
}

function reportBlankLine(): void {
  setPosition(lines, recordStart);
  report(abi.csvBlankLine, abi.severityWarning, recordStart, recordStart);
}

function reportColumns(count: i32, line: i32): void {
  setPosition(line, recordStart);
  const from = count > columns ? startOfCell(columns) : recordStart;
  report(abi.csvColumnCount, abi.severityError, from, recordEnd, columns, count);
}

/** Reads a record in which anything is unusual. Returns the start of the next one, or 0 if more text is needed. */
function readUnusual(start: usize, final: bool): usize {
  beginRecord(start);
  let brokenLines = 0;
  let column = 0;
  let tidy = true;
  let here = start;
  while (true) {
    const cell = here;
    let from = here;
    let flags = 0;
    let to: usize;
    if (load<u8>(here) === quote) {
      from++;
      flags = abi.flagQuoted;
      for (here++; ; here++) {
        const byte = load<u8>(here);
        if (byte === quote) {
          if (load<u8>(here + 1) !== quote) break;
          flags |= abi.flagDoubled;
          here++;
        } else if (byte === tab || byte === cr) tidy = false;
        else if (byte === lf) {
          const closed = isClosedAfter(here, final);
          if (closed < 0) return 0;
          if (closed === 0) return giveUp(cell, cell + 1, abi.csvQuoteNeverClosed, here);
          tidy = false;
          brokenLines++;
        }
      }
      to = here++;
      if (!endsCell(here)) {
        const textStart = here;
        while (!endsCell(here)) here++;
        return giveUp(textStart, here, abi.csvQuoteTextAfter, endOfLine(here));
      }
    } else {
      while (!endsCell(here)) {
        const byte = load<u8>(here);
        if (byte === quote) return giveUp(here, here + 1, abi.csvQuoteInside, endOfLine(here));
        if (byte === tab || byte === cr) tidy = false;
        here++;
      }
      to = here;
    }
    if (column < columns) {
      if (to > from) addValue(column, from, to, flags);
      if (isCounting) keepCell(column, from, to, flags);
    }
    column++;
    if (load<u8>(here) !== delimiter) break;
    here++;
  }
  const lineFeed = load<u8>(here) === cr ? here + 1 : here;
  if (lineFeed >= textEnd && !final) return 0;
  endRecord(here);
  countRecord();
  const line = lines + 1;
  setPosition(line, start);
  if (!tidy) reportTabsAndBreaks();
  if (column === columns) {
    validateRecord(line, true);
    checkSize();
  } else reportColumns(column, line);
  for (let count = 0; count <= brokenLines; count++) countLine();
  countReturns(start, lineFeed);
  return lineFeed + 1;
}

/** True if a cell without quotes ends here: at a delimiter or the end of the line. */
function endsCell(at: usize): bool {
  const byte = load<u8>(at);
  return byte === delimiter || byte === lf || (byte === cr && load<u8>(at + 1) === lf);
}

function endOfLine(from: usize): usize {
  let here = from;
  while (load<u8>(here) !== lf) here++;
  return here;
}

/** Reports every tab and line break in the record. */
function reportTabsAndBreaks(): void {
  for (let here = recordStart; here < recordEnd; here++) {
    const byte = load<u8>(here);
    if (byte === tab && delimiter !== tab) report(abi.csvTab, abi.severityError, here, here + 1);
    else if (byte === cr && load<u8>(here + 1) === lf) {
      report(abi.csvLineBreak, abi.severityError, here, here + 2);
      here++;
    } else if (byte === cr || byte === lf) report(abi.csvLineBreak, abi.severityError, here, here + 1);
  }
}

/** Reports a quote and abandons the record: the next one starts after the line feed. */
function giveUp(from: usize, to: usize, why: i32, lineFeed: usize): usize {
  countRecord();
  setPosition(lines + 1, recordStart);
  report(abi.csvQuote, abi.severityError, from, to, -1, why);
  for (let here = recordStart; here <= lineFeed; here++) if (load<u8>(here) === lf) countLine();
  countReturns(recordStart, lineFeed);
  return lineFeed + 1;
}

/**
 * Whether a line after the line feed at `from` closes the open quote before a line is a complete record: 1 for yes, 0 for no,
 * -1 if more text is needed.
 */
function isClosedAfter(from: usize, final: bool): i32 {
  const last = from + abi.maxRecordBytes;
  let line = from + 1;
  if (line >= undecidedFrom && line < undecidedTo) line = undecidedTo;
  else undecidedFrom = line;
  while (true) {
    undecidedTo = line;
    if (line >= textEnd && final) return 0;
    const next = line >= textEnd ? textEnd : endOfLine(line);
    if (next > last) return 0;
    if (next >= textEnd && !final) return textEnd > last ? 0 : -1;
    const lineEnd = next > line && load<u8>(next - 1) === cr ? next - 1 : next;
    const verdict = quoteVerdict(line, lineEnd);
    if (verdict >= 0) return verdict;
    line = next + 1;
  }
}

/** What a line implies for a quote that is open before it: 1 if it closes here, 0 if it never does, -1 if neither. */
function quoteVerdict(start: usize, end: usize): i32 {
  let firstQuote = start;
  while (firstQuote < end && load<u8>(firstQuote) !== quote) firstQuote++;
  if (firstQuote === end && columns === 1) return -1;
  if (isCompleteRecord(start, end)) return 0;
  for (let here = firstQuote; here < end; here++) {
    if (load<u8>(here) !== quote) continue;
    if (here + 1 < end && load<u8>(here + 1) === quote) here++;
    else return here + 1 === end || load<u8>(here + 1) === delimiter ? 1 : -1;
  }
  return -1;
}

/** True for a line that is a well-formed record with a cell per column. */
function isCompleteRecord(start: usize, end: usize): bool {
  let cells = 0;
  for (let here = start; here <= end; here++) {
    if (here < end && load<u8>(here) === quote) {
      for (here++; here < end; here++) {
        if (load<u8>(here) !== quote) continue;
        if (here + 1 === end || load<u8>(here + 1) !== quote) break;
        here++;
      }
      if (here >= end) return false;
      here++;
      if (here < end && load<u8>(here) !== delimiter) return false;
    } else {
      for (; here < end && load<u8>(here) !== delimiter; here++) if (load<u8>(here) === quote) return false;
    }
    cells++;
  }
  return cells === columns;
}

/**
 * True if the line at `start` is complete and a well-formed record. It is never part of a record of several lines: see
 * `isClosedAfter`.
 */
export function isRecord(start: i32): bool {
  const from = text + start;
  let end = from;
  while (end < textEnd && load<u8>(end) !== lf) end++;
  if (end === textEnd || columns === 1) return false;
  return isCompleteRecord(from, end > from && load<u8>(end - 1) === cr ? end - 1 : end);
}

/**
 * Splits a line, such as a header, into values: one per cell, including empty ones. An unclosed cell, and one with text after
 * it, has `flagWrong`.
 */
export function splitLine(start: usize, end: usize, byte: u8): void {
  beginRecord(start);
  let column = 0;
  for (let here = start; here <= end; here++) {
    if (here < end && load<u8>(here) === quote) {
      const from = ++here;
      let flags = abi.flagQuoted;
      for (; here < end; here++) {
        if (load<u8>(here) !== quote) continue;
        if (here + 1 === end || load<u8>(here + 1) !== quote) break;
        flags |= abi.flagDoubled;
        here++;
      }
      const to = min(here, end);
      here++;
      if (to === end || (here < end && load<u8>(here) !== byte)) flags |= abi.flagWrong;
      while (here < end && load<u8>(here) !== byte) here++;
      keepValue(column++, from, to, flags);
    } else {
      const from = here;
      let flags = 0;
      for (; here < end && load<u8>(here) !== byte; here++)
        if (load<u8>(here) === quote) flags = abi.flagWrong;
      keepValue(column++, from, here, flags);
    }
  }
}
