import { isFull, report, setPosition } from './findings';
import { hash128, hash64, hashHigh, hashLow, sameBytes } from './hash';
import { newKey, unnamedKey } from './hostCalls';
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  cr,
  expected,
  endOfNumber,
  endOfPlain,
  endOfString,
  goTo,
  here,
  isNumberStart,
  isSpace,
  lf,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  skipValue,
} from './json';
import {
  keys,
  keysSeen,
  literalBytes,
  literals,
  maxKeysInStep,
  maxPlaces,
  maxStepKeys,
  maxSteps,
  nameMap,
  namePool,
  namePoolBytes,
  newNameBytes,
  newNames,
  placeBytes,
  placeTable,
  places,
  scopeKeys,
  scratch,
  stepBytes,
  stepKeys,
  steps,
  text,
  textEnd,
} from './memory';
import { countLine, countRecord, countReturns, lines } from './readProgress';
import {
  addValue,
  beginRecord,
  endRecord,
  skipLongLine,
  validateRecord,
  keepAll,
  lineStart,
  reportTooLarge,
  startRecordAt,
  unescape,
} from './record';
import * as abi from './abi';
import { isCounting } from './statistics';

/*
 * Reads the records of an NDJSON text and validates them.
 *
 * Endpoints in one file look alike: the bytes between two values are nearly always the same as in an earlier line. So the
 * reader stores, for each place of a value, the bytes that led from there to the next value (a step), and compares them as a
 * whole; it parses only if none match.
 */

// A place: the state after a value. Places and steps are identified by their addresses.
const placeScope: usize = 0;
const placeInArray: usize = 4;
const placeColumn: usize = 8;
/** 0 for a string, 1 for a number. */
const placeIsNumber: usize = 12;
/** 1 if the value is of the wrong type. */
const placeWrong: usize = 16;
/** 0 if there is none. */
const placeFirstStep: usize = 20;
const placeStepCount: usize = 24;

// A step: the bytes from a place to the next value, and the names in them.
const stepNext: usize = 0;
const stepTarget: usize = 4;
const stepLength: usize = 8;
const stepLiteral: usize = 12;
/** A bit for each of the last 16 or fewer bytes that must match. */
const stepMask: usize = 16;
/** The address of the record in which the step's name was last seen; 0 unless it has exactly one name, without findings. */
const stepSeen: usize = 20;
const stepFirstKey: usize = 24;
const stepKeyCount: usize = 28;
/** 1 if the next value is a number. */
const stepToNumber: usize = 32;

// Per object: the last of its names, from which the others follow, and its own name.
const ownKey: usize = 4;
const maxScopes: i32 = 64;

/** Instead of a place: after the end of a line, and at invalid JSON. */
const lineEnd: usize = 0;
const notJson: usize = 1;

const maxStepsOfPlace: i32 = 8;
const maxBytesOfStep: usize = 512;

/** The parent of each object of an endpoint by scope, a byte each. The endpoint itself has none. */
let parents: u64 = 0;

let placeCount: i32 = 0;
let stepCount: i32 = 0;
let stepKeyCountAll: i32 = 0;
let literalsUsed: usize = 0;
let keyCount: i32 = 0;
let namesUsed: usize = 0;
let record: i32 = 0;
export let newNameCount: i32 = 0;

/** The place before the first value of a line. */
let beforeLine: usize = 0;

/** Starts a file. `parentScopes`: the parent of each scope in 8 bits, the first one lowest. */
export function resetNdjson(parentScopes: u64): void {
  parents = parentScopes;
  placeCount = stepCount = stepKeyCountAll = keyCount = record = 0;
  literalsUsed = namesUsed = 0;
  keepAll(isCounting);
  memory.fill(nameMap, 0xff, 4 * abi.maxKeys * 4);
  memory.fill(scopeKeys, 0xff, maxScopes * 8);
  markedRecord = forgottenRecord = 0;
  memory.fill(placeTable, 0, maxPlaces * 4);
  beforeLine = addPlace(0, false, -1, false, false);
}

/** Starts a chunk. */
export function clearNdjson(): void {
  newNameCount = 0;
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
export function readNdjsonRecords(from: usize, limit: usize, final: bool): usize {
  const stop = stopOf(limit, final);
  let next = from;
  while (next < stop && !isFull()) {
    const start = next;
    next = skipLongLine(start);
    if (next !== start) continue;
    countLine();
    mayHaveReturns = false;
    next = readLine(start);
    if (mayHaveReturns) countReturns(start, next - 1);
  }
  return min(next, textEnd);
}

/** True if the line may have carriage returns, which never occur in values or learned steps. */
let mayHaveReturns: bool = false;

/** True if the bytes at `at` are those of a step. */
function isStepAt(step: usize, at: usize): bool {
  let literal = <usize>load<u32>(step, stepLiteral);
  let from = at;
  for (let left = load<i32>(step, stepLength); left > 16; left -= 16, from += 16, literal += 16) {
    if (differences(from, literal) !== 0) return false;
  }
  return (differences(from, literal) & load<u32>(step, stepMask)) === 0;
}

/** A bit for each of 16 bytes that differs. */
function differences(one: usize, other: usize): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(v128.load(one), v128.load(other)));
}

/** Reads the line at `start`; returns the start of the next one. */
function readLine(start: usize): usize {
  beginRecord(start);
  record++;
  valuesOfColumn = 0;
  let place = beforeLine;
  let at = start;
  while (true) {
    let step = <usize>load<u32>(place, placeFirstStep);
    while (step !== 0 && !isStepAt(step, at)) step = <usize>load<u32>(step, stepNext);
    const end = at + (step === 0 ? 0 : load<u32>(step, stepLength));
    // The bytes before a number are also those before a value of another type, which starts differently.
    if (step !== 0 && (load<i32>(step, stepToNumber) === 0 || isNumberStart(load<u8>(end)))) {
      const seen = <usize>load<u32>(step, stepSeen);
      if (seen !== 0 && load<i32>(seen) !== record) store<i32>(seen, record);
      else passKeys(step, at);
      at = end;
      place = <usize>load<u32>(step, stepTarget);
    } else {
      mayHaveReturns = true;
      place = parseStep(place, at);
      at = here;
    }
    if (place <= notJson) break;

    const from = at;
    const columnIndex = load<i32>(place, placeColumn);
    let flags = 0;
    let closing: usize = 0;
    if (load<i32>(place, placeIsNumber) === 1) at = endOfNumber(at);
    else {
      closing = 1;
      flags = abi.flagQuoted;
      at = endOfPlain(at);
      if (load<u8>(at) !== quote) {
        flags |= abi.flagEscaped;
        at = endOfString(at);
      }
    }
    if (at === 0) {
      place = notJson;
      break;
    }
    if (load<i32>(place, placeInArray) === 1 && at !== from) countValue(columnIndex, closing, from, at);
    if (load<i32>(place, placeWrong) === 1) reportWrong(columnIndex, closing === 0, place, from, at);
    else addValue(columnIndex, from, at, flags);
    at += closing;
  }
  if (place === lineEnd) {
    const valueEnd = at;
    while (isSpace(load<u8>(at))) at++;
    if (at > valueEnd + 1) mayHaveReturns = true;
    if (load<u8>(at) === lf) {
      const next = at + 1;
      while (isSpace(load<u8>(at - 1))) at--;
      countRecord();
      while (isSpace(load<u8>(start))) start++;
      startRecordAt(start);
      endRecord(at);
      validateRecord(lines, false);
      if (<i32>(at - start) > abi.maxRecordBytes) reportTooLarge();
      return next;
    }
    goTo(at);
  }
  mayHaveReturns = true;
  let lineFeed = here;
  while (load<u8>(lineFeed) !== lf) lineFeed++;
  reportUnusual(start, lineFeed);
  return lineFeed + 1;
}

/** The number of consecutive values of one array, and its column. */
let valuesOfColumn: i32 = 0;
let countedColumn: i32 = -1;

/** Counts the values of an array, and reports the first one beyond the limit. */
function countValue(columnIndex: i32, quotes: usize, start: usize, end: usize): void {
  if (columnIndex !== countedColumn) valuesOfColumn = 0;
  countedColumn = columnIndex;
  if (++valuesOfColumn !== abi.maxValues + 1) return;
  setPosition(lines, lineStart);
  report(abi.tooManyValues, abi.severityError, start - quotes, end + quotes, columnIndex);
}

/** Marks the names of a step as seen in this record, and reports their findings. */
function passKeys(step: usize, at: usize): void {
  let entry = stepKeys + load<u32>(step, stepFirstKey) * 12;
  for (let left = load<i32>(step, stepKeyCount); left > 0; left--, entry += 12) {
    const key = load<i32>(entry);
    const keyAt = keys + key * abi.keyBytes;
    const from = at + load<u32>(entry + 4);
    if (load<i32>(keyAt, abi.keySeen) === record || load<i32>(keyAt, abi.keyNotes) !== 0) {
      onKey(key, from, from + load<u32>(entry + 8));
    } else store<i32>(keyAt, record, abi.keySeen);
  }
}

/** Reports the findings of a name at its position: duplicate, unknown and so on. */
function onKey(key: i32, start: usize, end: usize): void {
  const keyAt = keys + key * abi.keyBytes;
  setPosition(lines, lineStart);
  const notes = load<i32>(keyAt, abi.keyNotes);
  const object = load<i32>(keyAt, abi.keyObject);
  let isThere = load<i32>(keyAt, abi.keySeen) === record;
  if (object >= 0 && beginObject(object, (notes & abi.noteUnknown) !== 0, isThere)) isThere = false;
  if (isThere) report(abi.jsonDuplicateKey, abi.severityWarning, start, end);
  store<i32>(keyAt, record, abi.keySeen);
  reportNotes(notes, key, start, end);
}

/** A bit for each object that this record has under a misspelled name, whose own name was marked as seen for that reason. */
let markedObjects: u64 = 0;
let markedRecord: i32 = 0;

/**
 * Starts an object: its members are separate from those of an earlier object of the same name, or of a name that is taken for
 * it (`isGuess`). True if its name was marked as seen only because of that guess, which also makes the step call this.
 */
function beginObject(object: i32, isGuess: bool, isThere: bool): bool {
  if (markedRecord !== record) markedObjects = 0;
  markedRecord = record;
  const bit = (<u64>1) << (<u64>object);
  const isMarked = (markedObjects & bit) !== 0;
  if (isGuess) {
    const own = load<i32>(scopeKeys + (object << 3), ownKey);
    const ownSeen = keys + own * abi.keyBytes + abi.keySeen;
    if (own < 0) markedObjects |= bit;
    else if (load<i32>(ownSeen) !== record) {
      markedObjects |= bit;
      store<i32>(ownSeen, record);
    }
  } else if (isMarked) markedObjects &= ~bit;
  else if (!isThere) return false;
  forgetMembers(object);
  return isMarked && !isGuess;
}

function reportNotes(notes: i32, key: i32, start: usize, end: usize): void {
  if (notes === 0) return;
  if ((notes & abi.noteUnknown) !== 0) report(abi.jsonUnknownMember, abi.severityError, start, end, -1, key);
  if ((notes & abi.noteResponseOnly) !== 0)
    report(abi.jsonResponseOnly, abi.severityWarning, start, end, -1, key);
  if ((notes & abi.noteTooLong) !== 0) report(abi.nameTooLong, abi.severityError, start, end, -1, key);
  if ((notes & abi.noteCharacters) !== 0)
    report(abi.nameCharacters, abi.severityWarning, start, end, -1, key);
}

/**
 * Names that may be examined for this in one record. Beyond it, in records with very many repeated objects of very many names,
 * members count as repeated, too.
 */
const maxForgotten: i32 = 1 << 20;
let forgotten: i32 = 0;
let forgottenRecord: i32 = 0;

/** A second object of the same name has its own members. Nested objects are only examined if they exist. */
function forgetMembers(scope: i32): void {
  if (forgottenRecord !== record) forgotten = 0;
  forgottenRecord = record;
  if (forgotten > maxForgotten) return;
  for (let key = load<i32>(scopeKeys + (scope << 3)); key >= 0;) {
    const keyAt = keys + key * abi.keyBytes;
    key = load<i32>(keyAt, abi.keyNext);
    forgotten++;
    if (load<i32>(keyAt, abi.keySeen) !== record) continue;
    store<i32>(keyAt, 0, abi.keySeen);
    const object = load<i32>(keyAt, abi.keyObject);
    if (object >= 0) forgetMembers(object);
  }
}

function reportWrong(columnIndex: i32, isNumber: bool, place: usize, start: usize, end: usize): void {
  setPosition(lines, lineStart);
  const quotes: usize = isNumber ? 0 : 1;
  const variant = load<i32>(place, placeInArray) === 1 ? abi.jsonTypeElement : abi.jsonTypeValue;
  report(abi.jsonType, abi.severityError, start - quotes, end + quotes, columnIndex, variant);
  addValue(columnIndex, start - quotes, end + quotes, abi.flagWrong);
}

// The slow path: parsing from one value to the next.

let stepStart: usize = 0;
/** True if a step contains nothing that differs from line to line. */
let learnable: bool = false;
let keysSeenCount: i32 = 0;

/** Parses from the end of a value to the next value; returns its place and stores the step. */
function parseStep(from: usize, start: usize): usize {
  setPosition(lines, lineStart);
  goTo(start);
  stepStart = start;
  learnable = true;
  keysSeenCount = 0;
  let scope = load<i32>(from, placeScope);
  let inArray = load<i32>(from, placeInArray) === 1;
  let columnIndex = load<i32>(from, placeColumn);
  let target = lineEnd;
  let expectsKey = false;
  let mayClose = false;
  if (from === beforeLine) {
    skipSpace();
    if (load<u8>(here) !== openBrace) return notJson;
    goTo(here + 1);
    scope = 0;
    expectsKey = mayClose = true;
  }
  while (scope >= 0) {
    skipSpace();
    const byte = load<u8>(here);
    if (inArray) {
      // After an element.
      if (byte === closeBracket) {
        goTo(here + 1);
        inArray = false;
        continue;
      }
      if (byte !== comma) return notJson;
      goTo(here + 1);
      skipSpace();
      target = parseElement(scope, columnIndex);
      if (target === lineEnd) continue;
      break;
    }
    if (!expectsKey) {
      // After a member.
      if (byte === comma) {
        goTo(here + 1);
        expectsKey = true;
        mayClose = false;
        continue;
      }
      if (byte !== closeBrace) return notJson;
      goTo(here + 1);
      scope = parentOf(scope);
      continue;
    }
    if (byte === closeBrace && mayClose) {
      expectsKey = false;
      goTo(here + 1);
      scope = parentOf(scope);
      continue;
    }
    if (byte !== quote) return notJson;
    const key = parseKey(scope);
    if (key < 0) return notJson;
    skipSpace();
    if (load<u8>(here) !== colon) return notJson;
    goTo(here + 1);
    skipSpace();
    const keyAt = keys + key * abi.keyBytes;
    const first = load<u8>(here);
    expectsKey = false;
    if (load<i32>(keyAt, abi.keyType) === abi.typeObject && first === openBrace) {
      goTo(here + 1);
      scope = load<i32>(keyAt, abi.keyObject);
      expectsKey = mayClose = true;
      continue;
    }
    columnIndex = load<i32>(keyAt, abi.keyColumn);
    if (load<i32>(keyAt, abi.keyType) === abi.typeStrings && first === openBracket) {
      goTo(here + 1);
      skipSpace();
      if (load<u8>(here) === closeBracket) {
        goTo(here + 1);
        continue;
      }
      inArray = true;
      target = parseElement(scope, columnIndex);
      if (target === lineEnd) continue;
      break;
    }
    target = parseMember(scope, keyAt, columnIndex, first);
    if (target === lineEnd) continue;
    break;
  }
  if (target === notJson) return notJson;
  if (scope < 0) target = lineEnd;
  learn(from, target);
  return target;
}

/** -1 for the endpoint itself. */
function parentOf(scope: i32): i32 {
  return <i32>(<i8>(parents >> ((<u64>scope) << 3)));
}

/** Parses up to the first byte of an array element: its place, or `lineEnd` if it can't be validated and is skipped. */
function parseElement(scope: i32, columnIndex: i32): usize {
  const first = load<u8>(here);
  if (first === quote) {
    goTo(here + 1);
    return placeFor(scope, true, columnIndex, false, false);
  }
  if (isNumberStart(first)) return placeFor(scope, true, columnIndex, true, true);
  return skipWrong(columnIndex, abi.jsonTypeElement);
}

/** The same for a member with a single value. */
function parseMember(scope: i32, key: usize, columnIndex: i32, first: u8): usize {
  const type = load<i32>(key, abi.keyType);
  if (type !== abi.typeObject) {
    if (first === quote) {
      goTo(here + 1);
      return placeFor(scope, false, columnIndex, false, type !== abi.typeString && type !== abi.typeAny);
    }
    if (isNumberStart(first)) {
      return placeFor(scope, false, columnIndex, true, type !== abi.typeNumber && type !== abi.typeAny);
    }
    if (type !== abi.typeAny) return skipWrong(columnIndex, abi.jsonTypeValue);
    learnable = false;
    return skipValue() ? lineEnd : notJson;
  }
  return skipWrong(columnIndex, abi.jsonTypeObject);
}

/** Skips and reports a value of the wrong type; it counts as present. */
function skipWrong(columnIndex: i32, variant: i32): usize {
  learnable = false;
  const start = here;
  if (!skipValue()) return notJson;
  report(abi.jsonType, abi.severityError, start, here, columnIndex, variant);
  if (variant !== abi.jsonTypeObject) addValue(columnIndex, start, here, abi.flagWrong);
  return lineEnd;
}

/** Parses a name and returns its key, or -1 if it isn't valid JSON. */
function parseKey(scope: i32): i32 {
  const start = here;
  let from = start + 1;
  let to = endOfPlain(from);
  let end = to;
  if (load<u8>(to) !== quote) {
    end = endOfString(to);
    if (end === 0) return -1;
    const length = unescape(from, end, abi.flagEscaped);
    from = scratch;
    to = from + length;
  }
  goTo(end + 1);
  let key = findKey(scope, from, to);
  if (key < 0) {
    learnable = false;
    key = unnamedKey(scope, from, to, record);
    const isDuplicate = key < 0;
    if (isDuplicate) {
      key = -1 - key;
      report(abi.jsonDuplicateKey, abi.severityWarning, start, end + 1);
    }
    reportNotes(load<i32>(keys + key * abi.keyBytes + abi.keyNotes), key, start, end + 1);
    if (load<i32>(keys + key * abi.keyBytes, abi.keyCustom) === 1) noteNewName(scope, from, to);
    // Names with the same key aren't one array.
    countedColumn = -1;
    return key;
  }
  if (keysSeenCount < maxKeysInStep) {
    const entry = keysSeen + keysSeenCount * 12;
    keysSeenCount++;
    store<i32>(entry, key);
    store<u32>(entry + 4, <u32>(start - stepStart));
    store<u32>(entry + 8, <u32>(end + 1 - start));
  } else learnable = false;
  onKey(key, start, end + 1);
  return key;
}

/** The key of a name, which may be new; -1 if it can't be stored. */
function findKey(scope: i32, start: usize, end: usize): i32 {
  const length = end - start;
  const hash = <u32>hash64(start, end, scope);
  const mask: u32 = 4 * abi.maxKeys - 1;
  let place = hash & mask;
  while (true) {
    const key = load<i32>(nameMap + (place << 2));
    if (key < 0) break;
    const keyAt = keys + key * abi.keyBytes;
    if (
      load<u32>(keyAt, abi.keyHash) === hash &&
      load<i32>(keyAt, abi.keyScope) === scope &&
      <usize>(load<u32>(keyAt, abi.keyNameEnd) - load<u32>(keyAt, abi.keyName)) === length &&
      sameBytes(namePool + load<u32>(keyAt, abi.keyName), start, length)
    ) {
      return key;
    }
    place = (place + 1) & mask;
  }
  if (keyCount >= abi.maxKeys - abi.sharedKeys || length > <usize>abi.maxStoredName) return -1;
  if (namesUsed + length + 16 > namePoolBytes) return -1;
  const key = keyCount++;
  store<i32>(nameMap + (place << 2), key);
  const keyAt = keys + key * abi.keyBytes;
  memory.copy(namePool + namesUsed, start, length);
  store<i32>(keyAt, scope, abi.keyScope);
  store<u32>(keyAt, hash, abi.keyHash);
  store<u32>(keyAt, <u32>namesUsed, abi.keyName);
  store<u32>(keyAt, <u32>(namesUsed + length), abi.keyNameEnd);
  store<i32>(keyAt, 0, abi.keySeen);
  namesUsed += length;
  const ofScope = scopeKeys + (scope << 3);
  store<i32>(keyAt, load<i32>(ofScope), abi.keyNext);
  store<i32>(ofScope, key);
  newKey(key, scope, start, end);
  const object = load<i32>(keyAt, abi.keyObject);
  const isKnown = (load<i32>(keyAt, abi.keyNotes) & abi.noteUnknown) === 0;
  if (object >= 0 && isKnown) store<i32>(scopeKeys + (object << 3), key, ownKey);
  if (load<i32>(keyAt, abi.keyCustom) === 1) noteNewName(scope, start, end);
  return key;
}

/** Stores a custom name that is new to this reader. */
function noteNewName(scope: i32, start: usize, end: usize): void {
  const at = newNames + newNameCount * newNameBytes;
  newNameCount++;
  hash128(start, end, scope + 1, false);
  store<u64>(at, hashLow);
  store<u64>(at + 24, hashHigh);
  store<i32>(at + 8, lines);
  store<u32>(at + 12, <u32>lineStart);
  store<u32>(at + 16, <u32>nameStartInText(start));
  store<u32>(at + 20, <u32>here);
}

/** The start of a name in the text, including its quote: the name itself may be an unescaped copy. */
function nameStartInText(start: usize): usize {
  if (start < textEnd) return start - 1;
  let at = here - 2;
  while (load<u8>(at) !== quote || load<u8>(at - 1) === backslash) at--;
  return at;
}

// Places and steps.

function placeFor(scope: i32, inArray: bool, columnIndex: i32, isNumber: bool, wrong: bool): usize {
  const entry = placeTable + ((columnIndex * 4 + (inArray ? 2 : 0) + (isNumber ? 1 : 0)) << 2);
  const known = <usize>load<u32>(entry);
  if (known !== 0) return known;
  const place = addPlace(scope, inArray, columnIndex, isNumber, wrong);
  store<u32>(entry, <u32>place);
  return place;
}

function addPlace(scope: i32, inArray: bool, columnIndex: i32, isNumber: bool, wrong: bool): usize {
  const place = places + placeCount++ * placeBytes;
  store<i32>(place, scope, placeScope);
  store<i32>(place, inArray ? 1 : 0, placeInArray);
  store<i32>(place, columnIndex, placeColumn);
  store<i32>(place, isNumber ? 1 : 0, placeIsNumber);
  store<i32>(place, wrong ? 1 : 0, placeWrong);
  store<u32>(place, 0, placeFirstStep);
  store<i32>(place, 0, placeStepCount);
  return place;
}

/** Stores the bytes between a place and the next. */
function learn(from: usize, target: usize): void {
  const length = here - stepStart;
  if (!learnable || length > maxBytesOfStep || hasReturn(stepStart, here)) return;
  if (load<i32>(from, placeStepCount) >= maxStepsOfPlace || stepCount >= maxSteps) return;
  if (stepKeyCountAll + keysSeenCount > maxStepKeys || literalsUsed + length + 32 > literalBytes) return;
  const step = steps + stepCount++ * stepBytes;
  store<u32>(step, load<u32>(from, placeFirstStep), stepNext);
  store<u32>(step, <u32>target, stepTarget);
  store<u32>(step, <u32>length, stepLength);
  store<u32>(step, <u32>(literals + literalsUsed), stepLiteral);
  store<u32>(step, (1 << (((<u32>length - 1) & 15) + 1)) - 1, stepMask);
  store<u32>(step, <u32>seenOfOnlyKey(), stepSeen);
  store<u32>(step, stepKeyCountAll, stepFirstKey);
  store<i32>(step, keysSeenCount, stepKeyCount);
  store<i32>(step, target > notJson ? load<i32>(target, placeIsNumber) : 0, stepToNumber);
  memory.copy(literals + literalsUsed, stepStart, length);
  literalsUsed += (length + 15) & ~15;
  memory.copy(stepKeys + stepKeyCountAll * 12, keysSeen, keysSeenCount * 12);
  stepKeyCountAll += keysSeenCount;
  store<u32>(from, <u32>step, placeFirstStep);
  store<i32>(from, load<i32>(from, placeStepCount) + 1, placeStepCount);
}

function hasReturn(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) if (load<u8>(at) === cr) return true;
  return false;
}

/** The address of the record in which the step's only name was last seen; 0 if it has others, or findings. */
function seenOfOnlyKey(): usize {
  if (keysSeenCount !== 1) return 0;
  const key = keys + load<i32>(keysSeen) * abi.keyBytes;
  return load<i32>(key, abi.keyNotes) === 0 ? key + abi.keySeen : 0;
}

/** Reports a line that is empty, isn't an object, or contains invalid JSON. */
function reportUnusual(start: usize, lineFeed: usize): void {
  const end = lineFeed > start && load<u8>(lineFeed - 1) === cr ? lineFeed - 1 : lineFeed;
  setPosition(lines, start);
  let first = start;
  while (isSpace(load<u8>(first))) first++;
  if (first === lineFeed) {
    report(abi.jsonBlankLine, abi.severityWarning, start, end);
    return;
  }
  countRecord();
  startRecordAt(first);
  endRecord(end);
  if (<i32>(end - first) > abi.maxRecordBytes) reportTooLarge();
  goTo(first);
  let wanted = abi.jsonSyntaxLineEnd;
  if (skipValue()) {
    const valueEnd = here;
    skipSpace();
    if (here === lineFeed) {
      report(abi.jsonNotObject, abi.severityError, first, valueEnd);
      return;
    }
    if (load<u8>(here - 1) === cr) wanted = abi.jsonSyntaxLineFeed;
  } else wanted = here === first ? abi.jsonSyntaxObject : expected;
  const at = min(here, end);
  let to = min(at + 1, end);
  while (to < end && (load<u8>(to) & 0xc0) === 0x80) to++;
  report(abi.jsonSyntax, abi.severityError, at, to, -1, at === end ? abi.jsonSyntaxCut : wanted);
}
