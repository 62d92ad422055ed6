import { mapGet } from './byteMap';
import { report, setFactsFull, setPlace } from './findings';
import {
  countryKind,
  isBlank,
  isDate,
  isEmail,
  isLocale,
  isNumber,
  isPhone,
  isTimezone,
  isToken,
  isWithin,
} from './formats';
import { hash64, hash64IgnoringCase, isAscii } from './hash';
import { lowerCaseOf } from './hostCalls';
import {
  addressKinds,
  channelCache,
  channelMap,
  clearScratch,
  factCapacity,
  facts,
  groupCounts,
  leafCapacity,
  leaves,
  scratch,
  setScratch,
  slots,
} from './memory';
import * as is from './abi';
import { isCounting, takeValues } from './statistics';

/*
 * Judges one record at a time by every rule that needs no other record, and notes what the other rules need.
 */

// Seeds that tell the facts apart.
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

/** The record under judgement: how many leaves it has, where it stands, and where its line begins. */
export let leafCount: i32 = 0;
export let lineStart: usize = 0;
export let recordStart: usize = 0;
export let recordEnd: usize = 0;

/** Facts of this stretch. */
export let factCount: i32 = 0;

/** Begins a new stretch, or goes on with it when its facts were judged. */
export function clearFacts(): void {
  factCount = 0;
  setFactsFull(false);
}

export function beginRecord(start: usize): void {
  leafCount = shortTexts = 0;
  lineStart = recordStart = start;
}

/** Blanks before a record are not a part of it. */
export function startRecordAt(start: usize): void {
  recordStart = start;
}

export function endRecord(end: usize): void {
  recordEnd = end;
}

/** Values of the record that need no judgement, and are there. */
let shortTexts: i32 = 0;

/** True where all values are kept: where those of JSON are counted, and for tests. */
let keepsAll: bool = false;

export function keepAll(all: bool): void {
  keepsAll = all;
}

/** Notes a value of the record. What is beyond all room is not judged: the record is far too large then, and reported as such. */
export function addLeaf(slot: i32, start: usize, end: usize, flags: i32): void {
  const slotAt = slots + slot * is.slotBytes;
  if (<i32>(end - start) <= load<i32>(slotAt, is.slotShort) && flags < is.flagWrong && !keepsAll) {
    if (load<i32>(slotAt, is.slotForm) === is.formText && end !== start) shortTexts++;
    return;
  }
  keepLeaf(slot, start, end, flags);
}

export function keepLeaf(slot: i32, start: usize, end: usize, flags: i32): void {
  if (leafCount === leafCapacity) return;
  const leaf = leaves + leafCount * is.leafBytes;
  leafCount++;
  // Slot and start, then end and flags.
  store<u64>(leaf, (<u64>(<u32>slot)) | ((<u64>start) << 32));
  store<u64>(leaf, (<u64>end) | ((<u64>(<u32>flags)) << 32), is.leafEnd);
}

// The values that rules look at together: leaves, 0 for none, and where the values are.
let address: usize = 0;
let addressStart: usize = 0;
let addressEnd: usize = 0;
let id: usize = 0;
let idStart: usize = 0;
let idEnd: usize = 0;
let user: usize = 0;
let userStart: usize = 0;
let userEnd: usize = 0;

/** Reports the value of a leaf, with its quotes. */
function reportLeaf(code: i32, severity: i32, leaf: usize, detail: i32 = 0): void {
  const quotes = load<i32>(leaf, is.leafFlags) & is.flagQuoted;
  report(
    code,
    severity,
    load<u32>(leaf, is.leafStart) - quotes,
    load<u32>(leaf, is.leafEnd) + quotes,
    load<i32>(leaf, is.leafSlot),
    detail,
  );
}

/** Judges the leaves of the record, which begins on `line` of the stretch. */
export function judgeRecord(line: i32, isCsv: bool): void {
  let present = shortTexts;
  let channel = -1;
  let channelLeaf: usize = 0;
  let latitude: usize = 0;
  let longitude: usize = 0;
  address = id = user = 0;
  addressStart = addressEnd = idStart = idEnd = userStart = userEnd = 0;
  clearScratch();
  setPlace(line, lineStart);

  const last = leaves + leafCount * is.leafBytes;
  for (let leaf = leaves; leaf < last; leaf += is.leafBytes) {
    const slot = slots + load<i32>(leaf, is.leafSlot) * is.slotBytes;
    let form = load<i32>(slot, is.slotForm);
    const isWrong = form >= is.formMeant;
    if (isWrong) form -= is.formMeant;
    let from: usize = load<u32>(leaf, is.leafStart);
    let to: usize = load<u32>(leaf, is.leafEnd);
    if (form >= is.formResponseOnly || from === to) continue;
    present++;
    const limit = load<i32>(slot, is.slotLimit);
    // Values are never longer than they are written.
    const isShort = <i32>(to - from) <= limit;
    if (form === is.formText && isShort) continue;
    const flags = load<i32>(leaf, is.leafFlags);
    if (isWrong || flags > is.flagQuoted) {
      if (isWrong || (flags & is.flagWrong) !== 0) {
        if (form === is.formAddress) {
          address = leaf;
          addressStart = addressEnd = 0;
        } else if (form === is.formId) {
          id = leaf;
          idStart = idEnd = 0;
        } else if (form === is.formUserId) {
          user = leaf;
          userStart = userEnd = 0;
        } else if (form === is.formChannelType) channelLeaf = leaf;
        else if (form === is.formLatitude) latitude = leaf;
        else if (form === is.formLongitude) longitude = leaf;
        continue;
      }
      const written = unescape(from, to, flags);
      from = scratch;
      to = from + written;
      // These three are looked at again when the whole record is known.
      if (form === is.formAddress || form === is.formId || form === is.formUserId) setScratch(to + 8);
    }
    if (!isShort) {
      const length = codePoints(from, to);
      if (length > limit) reportLeaf(is.valueTooLong, is.severityError, leaf, length);
    }
    if (form === is.formText) continue;
    if (isBlank(load<u8>(from)) || isBlank(load<u8>(to - 1))) {
      reportLeaf(is.valueBlanks, is.severityInfo, leaf);
      if (form !== is.formChannelType && form !== is.formOptOut) {
        while (from < to && isBlank(load<u8>(from))) from++;
        while (to > from && isBlank(load<u8>(to - 1))) to--;
      }
    }
    switch (form) {
      case is.formAddress:
        address = leaf;
        addressStart = from;
        addressEnd = to;
        break;
      case is.formChannelType:
        channelLeaf = leaf;
        channel = channelOf(from, to);
        if (channel < 0) reportLeaf(is.channelTypeUnknown, is.severityError, leaf);
        else if (channel === pushChannel) reportLeaf(is.channelTypePush, is.severityWarning, leaf);
        break;
      case is.formOptOut: {
        const length = to - from;
        const word = load<u32>(from);
        if (!(length === 4 && word === wordNone) && !(length === 3 && (word & 0xffffff) === wordAll)) {
          reportLeaf(is.optOutUnknown, is.severityError, leaf);
        }
        break;
      }
      case is.formCountry: {
        const kind = countryKind(from, to);
        if (kind === 3) reportLeaf(is.countryAlpha3, is.severityWarning, leaf);
        else if (kind === 0) reportLeaf(is.countryUnknown, is.severityError, leaf);
        break;
      }
      case is.formLocale:
        if (!isLocale(from, to)) reportLeaf(is.localeForm, is.severityWarning, leaf);
        break;
      case is.formTimezone:
        if (!isTimezone(from, to)) reportLeaf(is.timezoneUnknown, is.severityWarning, leaf);
        break;
      case is.formLatitude:
        latitude = leaf;
        checkDegrees(leaf, from, to, is.latitudeRange, 90);
        break;
      case is.formLongitude:
        longitude = leaf;
        checkDegrees(leaf, from, to, is.longitudeRange, 180);
        break;
      case is.formDate:
        if (!isDate(from, to)) reportLeaf(is.effectiveDateForm, is.severityError, leaf);
        break;
      case is.formNumber:
        if (!isNumber(from, to)) reportLeaf(is.metricNotNumber, is.severityError, leaf);
        break;
      case is.formId:
        id = leaf;
        idStart = from;
        idEnd = to;
        break;
      case is.formUserId:
        user = leaf;
        userStart = from;
        userEnd = to;
        break;
      default:
        break;
    }
  }

  if (id !== 0) checkIdSigns(id, idStart, idEnd);
  if (user !== 0) checkIdSigns(user, userStart, userEnd);
  if (channel >= 0 && address !== 0 && addressEnd !== 0) checkAddress(channel);
  if ((latitude === 0) !== (longitude === 0)) {
    reportLeaf(is.locationUnpaired, is.severityError, latitude === 0 ? longitude : latitude);
  }
  const usersOnly = present === 1 && user !== 0;
  if (usersOnly) {
    if (isCsv) checkSeveralUsers();
  } else if (channelLeaf === 0 || address === 0) {
    reportMissing(channelLeaf, isCsv);
  }
  if (keepsAll && isCsv && leafCount > is.mostValues) checkValues(last);
  note(line, channel, usersOnly);
  if (isCounting) takeValues(leafCount);
}

/** Reports a record that is too large, judged or not. */
export function reportTooLarge(): void {
  report(is.recordTooLarge, is.severityError, recordStart, recordEnd);
}

/** Where the channels are kept that were looked up: by a few bits of their bytes, the bytes and the channel. */
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

export function forgetChannels(): void {
  memory.fill(channelCache, 0, cachedChannels * 16);
}

/** Unicode code points of UTF-8. */
export function codePoints(start: usize, end: usize): i32 {
  let count = <i32>(end - start);
  for (let here = start; here < end; here++) if ((load<u8>(here) & 0xc0) === 0x80) count--;
  return count;
}

function checkDegrees(leaf: usize, from: usize, to: usize, code: i32, most: i32): void {
  if (isWithin(from, to, most)) return;
  reportLeaf(code, is.severityError, leaf, isNumber(from, to) ? 0 : 1);
}

function checkIdSigns(leaf: usize, from: usize, to: usize): void {
  for (let here = from; here < to; here += 16) {
    const block = v128.load(here);
    const dollars = i8x16.eq(block, i8x16.splat(0x24));
    const braces = v128.or(i8x16.eq(block, i8x16.splat(0x7b)), i8x16.eq(block, i8x16.splat(0x7d)));
    const signs = <u32>i8x16.bitmask(v128.or(dollars, braces));
    // Those behind the end do not count.
    if (signs === 0 || here + ctz(signs) >= to) continue;
    reportLeaf(is.idCharacters, is.severityError, leaf);
    return;
  }
}

function checkAddress(channel: i32): void {
  switch (<i32>load<u8>(addressKinds + channel)) {
    case is.kindEmail:
      if (!isEmail(addressStart, addressEnd)) reportLeaf(is.addressEmail, is.severityError, address, channel);
      break;
    case is.kindPhone:
      if (!isPhone(addressStart, addressEnd)) {
        reportLeaf(is.addressPhone, is.severityWarning, address, channel);
      }
      break;
    case is.kindToken:
      if (!isToken(addressStart, addressEnd)) {
        reportLeaf(is.addressToken, is.severityWarning, address, channel);
      }
      break;
    default:
      break;
  }
}

function checkSeveralUsers(): void {
  for (let here = userStart; here < userEnd; here++) {
    if (load<u8>(here) !== 0x20) continue;
    reportLeaf(is.userIdsSpaces, is.severityWarning, user);
    return;
  }
}

/** Where the record's first empty value of a form stands, with its quotes; the whole record where it has none. */
let emptyStart: usize = 0;
let emptyEnd: usize = 0;

/** The delimiter of a CSV file and its columns, for finding empty cells. */
let delimiter: u8 = 0;
let columns: i32 = 0;

export function setColumns(byte: u8, count: i32): void {
  delimiter = byte;
  columns = count;
}

function findEmpty(form: i32, isCsv: bool): void {
  emptyStart = recordStart;
  emptyEnd = recordEnd;
  if (isCsv) {
    for (let column = 0; column < columns; column++) {
      if (load<i32>(slots + column * is.slotBytes + is.slotForm) !== form) continue;
      emptyStart = startOfCell(column);
      emptyEnd = endOfCell(emptyStart);
      return;
    }
    return;
  }
  for (let index = 0; index < leafCount; index++) {
    const leaf = leaves + index * is.leafBytes;
    const from = load<u32>(leaf, is.leafStart);
    if (from !== load<u32>(leaf, is.leafEnd)) continue;
    if (load<i32>(slots + load<i32>(leaf, is.leafSlot) * is.slotBytes + is.slotForm) !== form) continue;
    emptyStart = from - 1;
    emptyEnd = from + 1;
    return;
  }
}

/** Where a cell of the record begins. The record is well formed. */
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

function reportMissing(channelLeaf: usize, isCsv: bool): void {
  if (id === 0) {
    if (channelLeaf === 0) {
      findEmpty(is.formChannelType, isCsv);
      report(is.channelTypeMissing, is.severityError, emptyStart, emptyEnd);
    }
    if (address === 0) {
      findEmpty(is.formAddress, isCsv);
      report(is.addressMissing, is.severityError, emptyStart, emptyEnd);
    }
    return;
  }
  if (address !== 0) return;
  if (channelLeaf === 0) reportLeaf(is.idOnly, is.severityInfo, id);
  else {
    findEmpty(is.formAddress, isCsv);
    report(is.addressMissing, is.severityInfo, emptyStart, emptyEnd, -1, 1);
  }
}

/** Counts values by group, and reports the first that is too many. */
function checkValues(last: usize): void {
  for (let leaf = leaves; leaf < last; leaf += is.leafBytes) {
    const group = load<i32>(slots + load<i32>(leaf, is.leafSlot) * is.slotBytes + is.slotGroup);
    if (group >= 0) store<i32>(groupCounts + (group << 2), 0);
  }
  for (let leaf = leaves; leaf < last; leaf += is.leafBytes) {
    const group = load<i32>(slots + load<i32>(leaf, is.leafSlot) * is.slotBytes + is.slotGroup);
    if (group < 0 || load<u32>(leaf, is.leafStart) === load<u32>(leaf, is.leafEnd)) continue;
    const count = load<i32>(groupCounts + (group << 2)) + 1;
    store<i32>(groupCounts + (group << 2), count);
    if (count === is.mostValues + 1) reportLeaf(is.tooManyValues, is.severityError, leaf);
  }
}

/** Notes what the rules across records need. */
function note(line: i32, channel: i32, usersOnly: bool): void {
  const hasAddress = channel >= 0 && address !== 0 && addressEnd > addressStart;
  const hasId = id !== 0 && idEnd > idStart;
  const hasUser = !usersOnly && user !== 0 && userEnd > userStart;
  if (!hasAddress && !hasId && !hasUser) return;
  const fact = facts + factCount * is.factBytes;
  factCount++;
  if (factCount === factCapacity) setFactsFull(true);
  store<i32>(fact, line, is.factLine);
  store<u32>(fact, <u32>lineStart, is.factLineStart);
  if (hasId) noteOne(fact + is.factId, id, idHash());
  else store<u32>(fact + is.factId + is.factEnd, 0);
  if (hasAddress)
    noteOne(fact + is.factAddress, address, hash64(addressStart, addressEnd, addressSeed + channel));
  else store<u32>(fact + is.factAddress + is.factEnd, 0);
  if (hasUser) noteOne(fact + is.factUser, user, hash64(userStart, userEnd, userSeed));
  else store<u32>(fact + is.factUser + is.factEnd, 0);
}

function idHash(): u64 {
  if (isAscii(idStart, idEnd)) return hash64IgnoringCase(idStart, idEnd, idSeed);
  const length = lowerCaseOf(idStart, idEnd, scratch);
  return hash64(scratch, scratch + length, idSeed);
}

function noteOne(fact: usize, leaf: usize, hash: u64): void {
  const quotes = load<i32>(leaf, is.leafFlags) & is.flagQuoted;
  store<u64>(fact, hash, is.factHash);
  store<u32>(fact, load<u32>(leaf, is.leafStart) - quotes, is.factStart);
  store<u32>(fact, load<u32>(leaf, is.leafEnd) + quotes, is.factEnd);
}

/** Writes a value without its escapes to the scratch room; returns the number of bytes. */
export function unescape(start: usize, end: usize, flags: i32): i32 {
  let to = scratch;
  let here = start;
  if ((flags & is.flagDoubled) !== 0) {
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
    const sign = load<u8>(here++);
    if (sign !== 0x75) {
      store<u8>(to++, meaningOf(sign));
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

/** What stands for what behind a backslash; 0 for what must not stand there. */
export function meaningOf(sign: u8): u8 {
  switch (sign) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return sign;
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

/** Four hexadecimal digits. What is behind the end of a value may be none, and then is not used. */
function hexUnit(start: usize): u32 {
  let unit: u32 = 0;
  for (let here = start; here < start + 4; here++) {
    const byte = <u32>load<u8>(here);
    unit = unit * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return unit;
}

/** Lone surrogates are written as three bytes, as if they were characters, so that they stay apart from each other. */
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
