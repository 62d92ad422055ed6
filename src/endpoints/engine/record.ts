import { mapGet } from './byteMap';
import { report, setFactsFull, setPosition } from './findings';
import {
  countryKind,
  isWhitespace,
  isDate,
  isEmail,
  isLocale,
  isNumber,
  isPhone,
  isTimezone,
  isToken,
  isWithin,
} from './formats';
import { hash128, hashHigh, hashLow, isAscii } from './hash';
import { lowerCaseOf } from './hostCalls';
import {
  addressKinds,
  channelCache,
  channelMap,
  clearScratch,
  factCapacity,
  facts,
  groupCounts,
  valueCapacity,
  values,
  scratch,
  setScratch,
  columnTable,
  textEnd,
} from './memory';
import * as abi from './abi';
import { countLine, countRecord, lines } from './readProgress';
import { isCounting, takeValues } from './statistics';

/*
 * Validates one record at a time by all rules that need no other record, and stores what the other rules need.
 */

// Seeds that separate the kinds of facts.
const idSeed: u64 = 0x1d;
const userSeed: u64 = 0x05e2;
const addressSeed: u64 = 0xadd2;

const wordAll: u32 = 0x4c4c41;
const wordNone: u32 = 0x454e4f4e;

/** The index of PUSH in the table of channels. */
let pushChannel: i32 = -1;

export function setPushChannel(channel: i32): void {
  pushChannel = channel;
}

/** The current record: its number of values, and its offsets. */
export let valueCount: i32 = 0;
export let lineStart: usize = 0;
export let recordStart: usize = 0;
export let recordEnd: usize = 0;

/** Facts of this chunk. */
export let factCount: i32 = 0;

/** Starts a new chunk, or continues it after its facts were settled. */
export function clearFacts(): void {
  factCount = 0;
  setFactsFull(false);
}

export function beginRecord(start: usize): void {
  valueCount = shortTexts = 0;
  lineStart = recordStart = start;
}

/** Whitespace before a record isn't part of it. */
export function startRecordAt(start: usize): void {
  recordStart = start;
}

export function endRecord(end: usize): void {
  recordEnd = end;
}

/** Values of the record that are present and need no validation. */
let shortTexts: i32 = 0;

/** True if all values are stored: for statistics of JSON, and for tests. */
let keepsAll: bool = false;

export function keepAll(all: bool): void {
  keepsAll = all;
}

/** Stores a value of the record. Values that don't fit aren't validated: the record is far too large then, and reported as such. */
export function addValue(columnIndex: i32, start: usize, end: usize, flags: i32): void {
  const columnAt = columnTable + columnIndex * abi.columnBytes;
  if (<i32>(end - start) <= load<i32>(columnAt, abi.columnShort) && flags < abi.flagWrong && !keepsAll) {
    if (load<i32>(columnAt, abi.columnFormat) === abi.formatText && end !== start) shortTexts++;
    return;
  }
  keepValue(columnIndex, start, end, flags);
}

export function keepValue(columnIndex: i32, start: usize, end: usize, flags: i32): void {
  if (valueCount === valueCapacity) return;
  const value = values + valueCount * abi.valueBytes;
  valueCount++;
  // Column and start, then end and flags.
  store<u64>(value, (<u64>(<u32>columnIndex)) | ((<u64>start) << 32));
  store<u64>(value, (<u64>end) | ((<u64>(<u32>flags)) << 32), abi.valueEnd);
}

// Values that rules combine: 0 for none, and their ranges.
let address: usize = 0;
let addressStart: usize = 0;
let addressEnd: usize = 0;
let id: usize = 0;
let idStart: usize = 0;
let idEnd: usize = 0;
let user: usize = 0;
let userStart: usize = 0;
let userEnd: usize = 0;

/** Reports a value, including its quotes. */
function reportValue(code: i32, severity: i32, value: usize, variant: i32 = 0): void {
  const quotes = load<i32>(value, abi.valueFlags) & abi.flagQuoted;
  report(
    code,
    severity,
    load<u32>(value, abi.valueStart) - quotes,
    load<u32>(value, abi.valueEnd) + quotes,
    load<i32>(value, abi.valueColumn),
    variant,
  );
}

/** Validates the values of the record, which starts on `line` of the chunk. */
export function validateRecord(line: i32, isCsv: bool): void {
  let present = shortTexts;
  let channel = -1;
  let channelValue: usize = 0;
  let latitude: usize = 0;
  let longitude: usize = 0;
  address = id = user = 0;
  addressStart = addressEnd = idStart = idEnd = userStart = userEnd = 0;
  clearScratch();
  setPosition(line, lineStart);

  const last = values + valueCount * abi.valueBytes;
  for (let value = values; value < last; value += abi.valueBytes) {
    const columnIndex = columnTable + load<i32>(value, abi.valueColumn) * abi.columnBytes;
    let format = load<i32>(columnIndex, abi.columnFormat);
    const isWrong = format >= abi.formatMeant;
    if (isWrong) format -= abi.formatMeant;
    let from: usize = load<u32>(value, abi.valueStart);
    let to: usize = load<u32>(value, abi.valueEnd);
    if (format === abi.formatEndpointStatus && !isWrong) checkStatus(value, from, to);
    if (format >= abi.formatResponseOnly || from === to) continue;
    present++;
    const limit = load<i32>(columnIndex, abi.columnLimit);
    // Unescaped values are never longer.
    const isShort = <i32>(to - from) <= limit;
    if (format === abi.formatText && isShort) continue;
    const flags = load<i32>(value, abi.valueFlags);
    if (isWrong || flags > abi.flagQuoted) {
      if (isWrong || (flags & abi.flagWrong) !== 0) {
        if (format === abi.formatAddress) {
          address = value;
          addressStart = addressEnd = 0;
        } else if (format === abi.formatId) {
          id = value;
          idStart = idEnd = 0;
        } else if (format === abi.formatUserId) {
          user = value;
          userStart = userEnd = 0;
        } else if (format === abi.formatChannelType) channelValue = value;
        else if (format === abi.formatLatitude) latitude = value;
        else if (format === abi.formatLongitude) longitude = value;
        continue;
      }
      const written = unescape(from, to, flags);
      from = scratch;
      to = from + written;
      // These three are needed again once the whole record is known.
      if (format === abi.formatAddress || format === abi.formatId || format === abi.formatUserId)
        setScratch(to + 8);
    }
    if (!isShort) {
      const length = codePoints(from, to);
      if (length > limit) reportValue(abi.valueTooLong, abi.severityError, value, length);
    }
    if (format === abi.formatText) continue;
    if (isWhitespace(load<u8>(from)) || isWhitespace(load<u8>(to - 1))) {
      reportValue(abi.valueBlanks, abi.severityInfo, value);
      if (format !== abi.formatChannelType && format !== abi.formatOptOut) {
        while (from < to && isWhitespace(load<u8>(from))) from++;
        while (to > from && isWhitespace(load<u8>(to - 1))) to--;
      }
    }
    switch (format) {
      case abi.formatAddress:
        address = value;
        addressStart = from;
        addressEnd = to;
        break;
      case abi.formatChannelType:
        channelValue = value;
        channel = channelOf(from, to);
        if (channel < 0) reportValue(abi.channelTypeUnknown, abi.severityError, value);
        else if (channel === pushChannel) reportValue(abi.channelTypePush, abi.severityWarning, value);
        break;
      case abi.formatOptOut: {
        const length = to - from;
        const word = load<u32>(from);
        if (!(length === 4 && word === wordNone) && !(length === 3 && (word & 0xffffff) === wordAll)) {
          reportValue(abi.optOutUnknown, abi.severityError, value);
        }
        break;
      }
      case abi.formatCountry: {
        const kind = countryKind(from, to);
        if (kind === 3) reportValue(abi.countryAlpha3, abi.severityWarning, value);
        else if (kind === 0) reportValue(abi.countryUnknown, abi.severityError, value);
        break;
      }
      case abi.formatLocale:
        if (!isLocale(from, to)) reportValue(abi.localeForm, abi.severityWarning, value);
        break;
      case abi.formatTimezone:
        if (!isTimezone(from, to)) reportValue(abi.timezoneUnknown, abi.severityWarning, value);
        break;
      case abi.formatLatitude:
        latitude = value;
        checkDegrees(value, from, to, abi.latitudeRange, 90);
        break;
      case abi.formatLongitude:
        longitude = value;
        checkDegrees(value, from, to, abi.longitudeRange, 180);
        break;
      case abi.formatDate:
        if (!isDate(from, to)) reportValue(abi.effectiveDateForm, abi.severityError, value);
        break;
      case abi.formatNumber:
        if (!isNumber(from, to)) reportValue(abi.metricNotNumber, abi.severityError, value);
        break;
      case abi.formatId:
        id = value;
        idStart = from;
        idEnd = to;
        break;
      case abi.formatUserId:
        user = value;
        userStart = from;
        userEnd = to;
        break;
      default:
        break;
    }
  }

  if (id !== 0) checkIdCharacters(id, idStart, idEnd);
  if (user !== 0) checkIdCharacters(user, userStart, userEnd);
  if (channel >= 0 && address !== 0 && addressEnd !== 0) checkAddress(channel);
  if ((latitude === 0) !== (longitude === 0)) {
    reportValue(abi.locationUnpaired, abi.severityError, latitude === 0 ? longitude : latitude);
  }
  const usersOnly = present === 1 && user !== 0;
  if (usersOnly) {
    if (isCsv) checkForSeveralUsers();
  } else if (channelValue === 0 || address === 0) {
    reportMissing(channelValue, isCsv);
  }
  if (keepsAll && isCsv && valueCount > abi.maxValues) checkValues(last);
  storeFacts(line, channel, usersOnly);
  if (isCounting) takeValues(valueCount);
}

/** Reports a record that is too large, whether or not it was validated. */
export function reportTooLarge(): void {
  report(abi.recordTooLarge, abi.severityError, recordStart, recordEnd);
}

/**
 * Skips and reports a line that is too long to be checked and ends in the text, however much of the text follows it. Returns the start
 * of the next line, or `start` if the line isn't too long.
 */
export function skipLongLine(start: usize): usize {
  if (textEnd - start <= <usize>abi.maxLineBytes) return start;
  let end = start;
  while (end < textEnd && load<u8>(end) !== 0x0a) end++;
  if (end - start <= <usize>abi.maxLineBytes) return start;
  countLine();
  countRecord();
  setPosition(lines, start);
  report(abi.recordTooLarge, abi.severityError, start, end, -1, abi.recordTooLargeNotRead);
  return end + 1;
}

/** The cache of channel lookups: by a few bits of their bytes, the bytes and the channel. */
const cachedChannels: usize = 16;

function channelOf(start: usize, end: usize): i32 {
  const length = end - start;
  if (length > 7) return mapGet(channelMap, start, end);
  const word = (load<u64>(start) & (((<u64>1) << ((<u64>length) << 3)) - 1)) | ((<u64>length + 1) << 56);
  const entry = channelCache + <usize>(((word * 0x9e3779b97f4a7c15) >> 60) << 4);
  if (load<u64>(entry) !== word) {
    store<u64>(entry, word);
    store<i32>(entry, mapGet(channelMap, start, end), 8);
  }
  return load<i32>(entry, 8);
}

export function clearChannelCache(): void {
  memory.fill(channelCache, 0, cachedChannels * 16);
}

/** The number of Unicode code points in UTF-8. */
export function codePoints(start: usize, end: usize): i32 {
  let count = <i32>(end - start);
  for (let here = start; here < end; here++) if ((load<u8>(here) & 0xc0) === 0x80) count--;
  return count;
}

function checkDegrees(value: usize, from: usize, to: usize, code: i32, max: i32): void {
  if (isWithin(from, to, max)) return;
  reportValue(
    code,
    abi.severityError,
    value,
    isNumber(from, to) ? abi.latitudeRangeOutOfRange : abi.latitudeRangeNotANumber,
  );
}

const wordInactive: u64 = 0x6576697463616e69;

/** Reports an endpoint that an import would reactivate: INACTIVE, in any case. */
function checkStatus(value: usize, from: usize, to: usize): void {
  const flags = load<i32>(value, abi.valueFlags);
  if (flags > abi.flagQuoted) {
    to = scratch + unescape(from, to, flags);
    from = scratch;
  }
  while (from < to && isWhitespace(load<u8>(from))) from++;
  while (to > from && isWhitespace(load<u8>(to - 1))) to--;
  if (to - from === 8 && (load<u64>(from) | 0x2020202020202020) === wordInactive) {
    reportValue(abi.endpointInactive, abi.severityWarning, value);
  }
}

function checkIdCharacters(value: usize, from: usize, to: usize): void {
  for (let here = from; here < to; here += 16) {
    const block = v128.load(here);
    const dollars = i8x16.eq(block, i8x16.splat(0x24));
    const braces = v128.or(i8x16.eq(block, i8x16.splat(0x7b)), i8x16.eq(block, i8x16.splat(0x7d)));
    const found = <u32>i8x16.bitmask(v128.or(dollars, braces));
    // Ignore those after the end.
    if (found === 0 || here + ctz(found) >= to) continue;
    reportValue(abi.idCharacters, abi.severityError, value);
    return;
  }
}

function checkAddress(channel: i32): void {
  switch (<i32>load<u8>(addressKinds + channel)) {
    case abi.kindEmail:
      if (!isEmail(addressStart, addressEnd))
        reportValue(abi.addressEmail, abi.severityError, address, channel);
      break;
    case abi.kindPhone:
      if (!isPhone(addressStart, addressEnd)) {
        reportValue(abi.addressPhone, abi.severityWarning, address, channel);
      }
      break;
    case abi.kindToken:
      if (!isToken(addressStart, addressEnd)) {
        reportValue(abi.addressToken, abi.severityWarning, address, channel);
      }
      break;
    default:
      break;
  }
}

function checkForSeveralUsers(): void {
  for (let here = userStart; here < userEnd; here++) {
    if (load<u8>(here) !== 0x20) continue;
    reportValue(abi.userIdsSpaces, abi.severityWarning, user);
    return;
  }
}

/** The range of the record's first empty value of a format, including its quotes; the whole record if it has none. */
let emptyStart: usize = 0;
let emptyEnd: usize = 0;

/** The delimiter and the columns of a CSV file, for finding empty cells. */
let delimiter: u8 = 0;
let columns: i32 = 0;

export function setColumns(byte: u8, count: i32): void {
  delimiter = byte;
  columns = count;
}

function findEmpty(format: i32, isCsv: bool): void {
  emptyStart = recordStart;
  emptyEnd = recordEnd;
  if (isCsv) {
    for (let column = 0; column < columns; column++) {
      if (load<i32>(columnTable + column * abi.columnBytes + abi.columnFormat) !== format) continue;
      emptyStart = startOfCell(column);
      emptyEnd = endOfCell(emptyStart);
      return;
    }
    return;
  }
  for (let index = 0; index < valueCount; index++) {
    const value = values + index * abi.valueBytes;
    const from = load<u32>(value, abi.valueStart);
    if (from !== load<u32>(value, abi.valueEnd)) continue;
    if (
      load<i32>(columnTable + load<i32>(value, abi.valueColumn) * abi.columnBytes + abi.columnFormat) !==
      format
    )
      continue;
    emptyStart = from - 1;
    emptyEnd = from + 1;
    return;
  }
}

/** The start of a cell of the record, which is well-formed. */
export function startOfCell(column: i32): usize {
  let here = recordStart;
  for (let index = 0; index < column; index++) here = endOfCell(here) + 1;
  return here;
}

function endOfCell(start: usize): usize {
  let here = start;
  let inQuotes = false;
  for (; here < recordEnd; here++) {
    const byte = load<u8>(here);
    if (byte === 0x22) inQuotes = !inQuotes;
    else if (byte === delimiter && !inQuotes) break;
  }
  return here;
}

function reportMissing(channelValue: usize, isCsv: bool): void {
  if (id === 0) {
    if (channelValue === 0) {
      findEmpty(abi.formatChannelType, isCsv);
      report(abi.channelTypeMissing, abi.severityError, emptyStart, emptyEnd);
    }
    if (address === 0) {
      findEmpty(abi.formatAddress, isCsv);
      report(abi.addressMissing, abi.severityError, emptyStart, emptyEnd);
    }
    return;
  }
  if (address !== 0) return;
  if (channelValue === 0) reportValue(abi.idOnly, abi.severityInfo, id);
  else {
    findEmpty(abi.formatAddress, isCsv);
    report(abi.addressMissing, abi.severityInfo, emptyStart, emptyEnd, -1, abi.addressMissingUpdate);
  }
}

/** Counts values by group, and reports the first one beyond the limit. */
function checkValues(last: usize): void {
  for (let value = values; value < last; value += abi.valueBytes) {
    const group = load<i32>(
      columnTable + load<i32>(value, abi.valueColumn) * abi.columnBytes + abi.columnGroup,
    );
    if (group >= 0) store<i32>(groupCounts + (group << 2), 0);
  }
  for (let value = values; value < last; value += abi.valueBytes) {
    const group = load<i32>(
      columnTable + load<i32>(value, abi.valueColumn) * abi.columnBytes + abi.columnGroup,
    );
    if (group < 0 || load<u32>(value, abi.valueStart) === load<u32>(value, abi.valueEnd)) continue;
    const count = load<i32>(groupCounts + (group << 2)) + 1;
    store<i32>(groupCounts + (group << 2), count);
    if (count === abi.maxValues + 1) reportValue(abi.tooManyValues, abi.severityError, value);
  }
}

/** Stores what the rules across records need. */
function storeFacts(line: i32, channel: i32, usersOnly: bool): void {
  const hasAddress = channel >= 0 && address !== 0 && addressEnd > addressStart;
  const hasId = id !== 0 && idEnd > idStart;
  const hasUser = !usersOnly && user !== 0 && userEnd > userStart;
  if (!hasAddress && !hasId && !hasUser) return;
  const fact = facts + factCount * abi.factBytes;
  factCount++;
  if (factCount === factCapacity) setFactsFull(true);
  store<i32>(fact, line, abi.factLine);
  store<u32>(fact, <u32>lineStart, abi.factLineStart);
  if (hasId) {
    hashId();
    storeFact(fact + abi.factId, id);
  } else store<u32>(fact + abi.factId + abi.factEnd, 0);
  if (hasAddress) {
    hash128(addressStart, addressEnd, addressSeed + channel, false);
    storeFact(fact + abi.factAddress, address);
  } else store<u32>(fact + abi.factAddress + abi.factEnd, 0);
  if (hasUser) {
    hash128(userStart, userEnd, userSeed, false);
    storeFact(fact + abi.factUser, user);
  } else store<u32>(fact + abi.factUser + abi.factEnd, 0);
}

function hashId(): void {
  if (isAscii(idStart, idEnd)) return hash128(idStart, idEnd, idSeed, true);
  const length = lowerCaseOf(idStart, idEnd, scratch);
  hash128(scratch, scratch + length, idSeed, false);
}

/** Stores the range of a value, and the last hash. */
function storeFact(fact: usize, value: usize): void {
  const quotes = load<i32>(value, abi.valueFlags) & abi.flagQuoted;
  store<u64>(fact, hashLow, abi.factHash);
  store<u64>(fact, hashHigh, abi.factHash + 8);
  store<u32>(fact, load<u32>(value, abi.valueStart) - quotes, abi.factStart);
  store<u32>(fact, load<u32>(value, abi.valueEnd) + quotes, abi.factEnd);
}

/** Writes an unescaped value to the scratch area; returns its length. */
export function unescape(start: usize, end: usize, flags: i32): i32 {
  let to = scratch;
  let here = start;
  if ((flags & abi.flagDoubled) !== 0) {
    while (here < end) {
      const byte = load<u8>(here++);
      store<u8>(to++, byte);
      if (byte === 0x22) here++;
    }
    return <i32>(to - scratch);
  }
  while (here < end) {
    const byte = load<u8>(here++);
    if (byte !== 0x5c) {
      store<u8>(to++, byte);
      continue;
    }
    const escape = load<u8>(here++);
    if (escape !== 0x75) {
      store<u8>(to++, meaningOf(escape));
      continue;
    }
    let unit = hexUnit(here);
    here += 4;
    if (unit >= 0xd800 && unit < 0xdc00 && load<u16>(here) === 0x755c) {
      const low = hexUnit(here + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        here += 6;
      }
    }
    to = writeCodePoint(to, unit);
  }
  return <i32>(to - scratch);
}

/** The meaning of a character after a backslash; 0 if it isn't allowed. */
export function meaningOf(character: u8): u8 {
  switch (character) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return character;
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    default:
      return 0;
  }
}

/** Four hexadecimal digits. After the end of a value there may be none, and the result isn't used. */
function hexUnit(start: usize): u32 {
  let unit: u32 = 0;
  for (let here = start; here < start + 4; here++) {
    const byte = <u32>load<u8>(here);
    unit = unit * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return unit;
}

/** Lone surrogates are written as three bytes, as if they were characters, so that different ones stay different. */
function writeCodePoint(start: usize, point: u32): usize {
  let to = start;
  if (point < 0x80) {
    store<u8>(to, <u8>point);
    return to + 1;
  }
  if (point < 0x800) store<u8>(to++, <u8>(0xc0 | (point >> 6)));
  else {
    if (point < 0x10000) store<u8>(to++, <u8>(0xe0 | (point >> 12)));
    else {
      store<u8>(to++, <u8>(0xf0 | (point >> 18)));
      store<u8>(to++, <u8>(0x80 | ((point >> 12) & 0x3f)));
    }
    store<u8>(to++, <u8>(0x80 | ((point >> 6) & 0x3f)));
  }
  store<u8>(to, <u8>(0x80 | (point & 0x3f)));
  return to + 1;
}
