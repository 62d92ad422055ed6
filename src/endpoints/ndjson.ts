import { limits } from './attributes.ts';
import { ByteMap, hash64, type Text } from './bytes.ts';
import { judgeCustomName, responseOnlyName, unknownName } from './csvHeader.ts';
import type { Findings } from './findings.ts';
import { memberOf, scopes, type Member } from './jsonMembers.ts';
import { simpleEscapes, unescape, type RecordJudge, type RecordSource } from './record.ts';
import { leafFlag, type Slots } from './slots.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const minus = 0x2d;
const lf = 0x0a;
const cr = 0x0d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Bytes that end the plain part of a string: its end, an escape, or what must not be in it. */
const endsPlain = new Uint8Array(256);
endsPlain.fill(1, 0, 0x20);
endsPlain[quote] = endsPlain[backslash] = 1;

/** What kind of value a place has. */
const stringKind = 0;
const numberKind = 1;

/** Places before the first value of a line, behind its end, and where it stops being JSON. */
const lineStart = 0;
const lineEnd = -1;
const notJson = -2;

/** More names than a project may have by far; names beyond are judged without a memory. */
const mostNames = 4096;
const mostStepsOfPlace = 8;
const mostSteps = 1 << 15;
const mostBytesOfStep = 1024;

/** A name in one of the objects of an endpoint. */
interface Key {
  readonly scope: number;
  readonly name: string;
  readonly member: Member;
  /** The place in `Slots` of its values; -1 for an object. */
  readonly slot: number;
  /** True where the name itself is to be reported, each time it occurs. */
  readonly noted: boolean;
}

/** A custom name that this reader has not seen before. */
export interface NewName {
  readonly line: number;
  readonly lineStart: number;
  readonly start: number;
  readonly end: number;
  readonly high: number;
  readonly low: number;
}

/**
 * Reads the records of an NDJSON text and has them judged.
 *
 * Endpoints in one file look alike: what stands between two values is nearly always what stood there in an earlier line.
 * So the reader remembers, for each place of a value, the bytes that led from there to the next value (a step), and compares
 * them as a whole; only where none of them match does it parse.
 */
export class NdjsonReader implements RecordSource {
  readonly csv = false;
  readonly manyValues = true;
  lines = 0;
  records = 0;
  /** Custom names that were new in this stretch. */
  newNames: NewName[] = [];
  readonly #text: Text;
  readonly #slots: Slots;
  readonly #judge: RecordJudge;
  readonly #found: Findings;
  #start = 0;
  #end = 0;
  #count = 0;
  #record = 0;
  #here = 0;

  // Names.
  readonly #keys: Key[] = [];
  readonly #keyMaps = scopes.map(() => new ByteMap(mostNames));
  /** The record in which a key was last seen. */
  #seen = new Int32Array(64);
  readonly #unnamed = new Set<string>();
  #unnamedRecord = 0;

  // Places: where a value has just been read.
  readonly #placeOf = new Map<number, number>();
  readonly #scopes: number[] = [];
  readonly #inArray: boolean[] = [];
  #placeSlots = new Int32Array(64);
  #placeKinds = new Uint8Array(64);
  #placeWrong = new Uint8Array(64);
  #firstStep = new Int32Array(64).fill(-1);
  #stepCounts = new Uint8Array(64);

  // Steps from one place to the next: the bytes between, and the names in them.
  #steps = 0;
  #nextStep = new Int32Array(256);
  #stepTarget = new Int32Array(256);
  #stepLength = new Int32Array(256);
  #stepWords = new Int32Array(256);
  #stepKeys = new Int32Array(257);
  #words = new Int32Array(1024);
  #wordCount = 0;
  #keysOfSteps = new Int32Array(512);
  #keyCount = 0;

  // Of the step that is being parsed.
  #stepStart = 0;
  #learnable = false;
  readonly #keysSeen: number[] = [];

  constructor(text: Text, slots: Slots, judge: RecordJudge, found: Findings) {
    this.#text = text;
    this.#slots = slots;
    this.#judge = judge;
    this.#found = found;
    this.#addPlace(0, false, -1, stringKind, false);
  }

  /** Begins a new stretch of the file. */
  clear(): void {
    this.lines = 0;
    this.records = 0;
    this.newNames = [];
  }

  emptyValue(form: number): readonly [number, number] | undefined {
    const { slots, starts, ends } = this.#judge.leaves;
    for (let leaf = 0; leaf < this.#count; leaf++) {
      if (this.#slots.forms[slots[leaf]!] === form && starts[leaf] === ends[leaf]) {
        return [starts[leaf]! - 1, ends[leaf]! + 1];
      }
    }
    return undefined;
  }

  recordBytes(): number {
    return this.#end - this.#start;
  }

  /**
   * Reads the records that begin at `from` or later and before `limit`, and returns where the next one begins.
   * Where that is before `limit`, the record goes on behind the end of the text; unless `final`, more is needed to read it.
   */
  read(from: number, limit: number, final: boolean): number {
    const { bytes, end } = this.#text;
    const complete = final ? end : bytes.lastIndexOf(lf, end - 1) + 1;
    const stop = Math.min(limit, complete);
    let here = from;
    while (here < stop) {
      this.lines++;
      here = this.#readLine(here);
    }
    return Math.min(here, end);
  }

  /** Reads the line that begins at `start`; returns where the next one begins. */
  #readLine(start: number): number {
    const { bytes, view } = this.#text;
    const leaves = this.#judge.leaves;
    this.#start = start;
    const record = ++this.#record;
    let place = lineStart;
    let here = start;
    let count = 0;
    for (;;) {
      let step = this.#firstStep[place]!;
      for (; step >= 0; step = this.#nextStep[step]!) {
        const words = this.#words;
        let length = this.#stepLength[step]!;
        let word = this.#stepWords[step]!;
        let at = here;
        while (length >= 4 && view.getInt32(at, true) === words[word]) {
          at += 4;
          word++;
          length -= 4;
        }
        if (length >= 4) continue;
        if (length > 0) {
          if ((view.getInt32(at, true) & ((1 << (length << 3)) - 1)) !== words[word]) continue;
          at += length;
        }
        // The names on the way: `keysOfSteps` has number, offset and length of each.
        const keys = this.#keysOfSteps;
        for (let key = this.#stepKeys[step]!; key < this.#stepKeys[step + 1]!; key += 3) {
          const number = keys[key]!;
          if (number >= 0 && this.#seen[number] !== record) this.#seen[number] = record;
          else this.#onKey(number, here + keys[key + 1]!, here + keys[key + 1]! + keys[key + 2]!);
        }
        here = at;
        break;
      }
      if (step >= 0) place = this.#stepTarget[step]!;
      else {
        this.#count = count;
        place = this.#parseStep(place, here);
        count = this.#count;
        here = this.#here;
      }
      if (place < 0) break;

      const valueStart = here;
      let flag = 0;
      if (this.#placeKinds[place] === stringKind) {
        flag = leafFlag.quoted;
        while (endsPlain[bytes[here]!] === 0) here++;
        if (bytes[here] !== quote) {
          flag |= leafFlag.backslashes;
          here = this.#endOfString(here);
          if (here < 0) {
            place = notJson;
            break;
          }
        }
      } else {
        here = this.#endOfNumber(here);
        if (here < 0) {
          place = notJson;
          break;
        }
      }
      if (count === leaves.capacity) leaves.reserve(2 * count);
      if (this.#placeWrong[place] === 1) {
        flag = this.#reportType(place, valueStart, here);
        leaves.starts[count] = valueStart - (this.#placeKinds[place] === stringKind ? 1 : 0);
        leaves.ends[count] = here + (this.#placeKinds[place] === stringKind ? 1 : 0);
      } else {
        leaves.starts[count] = valueStart;
        leaves.ends[count] = here;
      }
      leaves.slots[count] = this.#placeSlots[place]!;
      leaves.flags[count] = flag;
      count++;
      if (this.#placeKinds[place] === stringKind) here++;
    }
    if (place === lineEnd) {
      while (isSpace(bytes[here]!)) here++;
      if (bytes[here] === lf) {
        const next = here + 1;
        while (isSpace(bytes[here - 1]!)) here--;
        this.records++;
        this.#end = here;
        this.#count = count;
        this.#judge.judge(this, count, this.lines, start, here);
        return next;
      }
      this.#here = here;
      place = notJson;
    }
    const next = bytes.indexOf(lf, this.#here) + 1;
    if (place === notJson) this.#reportOdd(start, next - 1);
    return next;
  }

  // The slow way: parsing from the place behind one value to the next value.

  /** Parses from the place behind a value to the next value; returns its place and remembers the step. */
  #parseStep(from: number, start: number): number {
    const { bytes } = this.#text;
    this.#found.at(this.lines, this.#start);
    this.#here = this.#stepStart = start;
    this.#learnable = true;
    this.#keysSeen.length = 0;
    let scope = this.#scopes[from]!;
    let inArray = this.#inArray[from]!;
    let slot = this.#placeSlots[from]!;
    let target = lineEnd;

    let expectsKey = false;
    let mayClose = false;
    if (from === lineStart) {
      this.#skipSpace();
      if (bytes[this.#here] !== openBrace) return notJson;
      this.#here++;
      scope = 0;
      expectsKey = mayClose = true;
    }
    parsing: for (;;) {
      this.#skipSpace();
      const byte = bytes[this.#here]!;
      if (inArray) {
        // Behind an element.
        if (byte === closeBracket) {
          this.#here++;
          inArray = false;
          continue;
        }
        if (byte !== comma) return notJson;
        this.#here++;
        this.#skipSpace();
        target = this.#parseElement(scope, slot);
        if (target === notJson) return notJson;
        if (target !== lineEnd) break;
        continue;
      }
      if (!expectsKey) {
        // Behind a member.
        if (byte === comma) {
          this.#here++;
          expectsKey = true;
          mayClose = false;
          continue;
        }
        if (byte !== closeBrace) return notJson;
        this.#here++;
        scope = scopes[scope]!.parent;
        if (scope < 0) break;
        continue;
      }
      if (byte === closeBrace && mayClose) {
        expectsKey = false;
        this.#here++;
        scope = scopes[scope]!.parent;
        if (scope < 0) break;
        continue;
      }
      if (byte !== quote) return notJson;
      const key = this.#parseKey(scope);
      if (key === undefined) return notJson;
      this.#skipSpace();
      if (bytes[this.#here] !== colon) return notJson;
      this.#here++;
      this.#skipSpace();
      const { member } = key;
      const first = bytes[this.#here]!;
      expectsKey = false;
      if (member.scope >= 0 && first === openBrace) {
        this.#here++;
        scope = member.scope;
        expectsKey = mayClose = true;
        continue;
      }
      slot = key.slot;
      if (member.attribute?.type === 'strings' && first === openBracket) {
        this.#here++;
        this.#skipSpace();
        inArray = true;
        if (bytes[this.#here] === closeBracket) {
          this.#here++;
          inArray = false;
          continue;
        }
        target = this.#parseElement(scope, slot);
        if (target === notJson) return notJson;
        if (target !== lineEnd) break parsing;
        continue;
      }
      target = this.#parseMember(scope, key, first);
      if (target === notJson) return notJson;
      if (target !== lineEnd) break;
    }
    if (scope < 0) target = lineEnd;
    this.#learn(from, target);
    return target;
  }

  /** Parses the first byte of an element of an array: its place, or `lineEnd` where it was no value that can be judged and is skipped. */
  #parseElement(scope: number, slot: number): number {
    const first = this.#text.bytes[this.#here]!;
    if (first === quote) {
      this.#here++;
      return this.#place(scope, true, slot, stringKind, false);
    }
    if (isNumberStart(first)) return this.#place(scope, true, slot, numberKind, true);
    return this.#skipWrong(slot);
  }

  /** The same of a member that has one value. */
  #parseMember(scope: number, key: Key, first: number): number {
    const type = key.member.attribute?.type;
    const any = type === undefined ? key.member.scope < 0 : key.member.attribute?.form === 'responseOnly';
    if (key.slot >= 0 && first === quote) {
      this.#here++;
      return this.#place(scope, false, key.slot, stringKind, !any && type !== 'string');
    }
    if (key.slot >= 0 && isNumberStart(first)) {
      return this.#place(scope, false, key.slot, numberKind, !any && type !== 'number');
    }
    if (!any) return this.#skipWrong(key.slot, key);
    this.#learnable = false;
    return this.#skipValue() ? lineEnd : notJson;
  }

  /** Skips a value of the wrong type and reports it; it counts as present. */
  #skipWrong(slot: number, key?: Key): number {
    this.#learnable = false;
    const start = this.#here;
    if (!this.#skipValue()) return notJson;
    const end = this.#here;
    if (this.#found.wants('json-type')) {
      const name = slot >= 0 ? this.#slots.names[slot]! : `${scopes[key!.scope]!.prefix}${key!.name}`;
      const expected = slot >= 0 ? this.#expectedOf(slot) : 'an object';
      this.#found.add(start, end, `${name} has a value of the wrong type. Expected: ${expected}.`);
    }
    if (slot >= 0) {
      const { leaves } = this.#judge;
      leaves.reserve(this.#count + 1);
      leaves.slots[this.#count] = slot;
      leaves.starts[this.#count] = start;
      leaves.ends[this.#count] = end;
      leaves.flags[this.#count] = leafFlag.wrongType;
      this.#count++;
    }
    return lineEnd;
  }

  #reportType(place: number, start: number, end: number): number {
    this.#found.at(this.lines, this.#start);
    const quotes = this.#placeKinds[place] === stringKind ? 1 : 0;
    if (this.#found.wants('json-type')) {
      const slot = this.#placeSlots[place]!;
      this.#found.add(
        start - quotes,
        end + quotes,
        `${this.#slots.names[slot]!} has a ${quotes === 1 ? 'string' : 'number'}. Expected: ${
          this.#inArray[place]! ? 'strings in the array' : this.#expectedOf(slot)
        }.`,
      );
    }
    return leafFlag.wrongType;
  }

  #expectedOf(slot: number): string {
    const name = this.#slots.names[slot]!;
    const type = this.#keys.find((key) => key.slot === slot)?.member.attribute?.type;
    return type === 'number'
      ? 'a number'
      : type === 'strings' || (type === undefined && name.endsWith('.*'))
        ? 'an array of strings'
        : 'a string';
  }

  /** Parses a name; `undefined` where it is not JSON. */
  #parseKey(scope: number): Key | undefined {
    const text = this.#text;
    const { bytes } = text;
    const start = this.#here + 1;
    let end = start;
    while (endsPlain[bytes[end]!] === 0) end++;
    let from = start;
    let to = end;
    if (bytes[end] !== quote) {
      end = this.#endOfString(end);
      if (end < 0) return undefined;
      from = text.scratch;
      to = from + unescape(text, start, end, leafFlag.backslashes);
    }
    this.#here = end + 1;
    const map = this.#keyMaps[scope]!;
    let number = map.get(text, from, to);
    if (number < 0 && this.#keys.length < mostNames) {
      number = this.#addKey(scope, text.string(from, to));
      map.set(text, from, to, number);
      this.#noteNewName(number, start - 1, end + 1, from, to);
    }
    if (number < 0) return this.#unnamedKey(scope, text.string(from, to), start - 1, end + 1);
    this.#keysSeen.push(number, start - 1 - this.#stepStart, end + 2 - start);
    const key = this.#keys[number]!;
    if (this.#seen[number] === this.#record || key.noted) this.#onKey(number, start - 1, end + 1);
    this.#seen[number] = this.#record;
    return key;
  }

  #addKey(scope: number, name: string): number {
    const number = this.#keys.length;
    this.#keys.push(this.#newKey(scope, name));
    if (number === this.#seen.length) this.#seen = grown(this.#seen);
    return number;
  }

  #newKey(scope: number, name: string): Key {
    const member = memberOf(scope, name);
    const { prefix } = scopes[scope]!;
    const { attribute } = member;
    const group = attribute?.type === 'strings' ? this.#slots.newGroup() : -1;
    const slot = member.scope >= 0 ? -1 : this.#slots.add(attribute, prefix + name, group);
    const custom = member.known && attribute?.path.endsWith('.*') === true;
    const noted =
      !member.known ||
      attribute?.form === 'responseOnly' ||
      (custom && (Array.from(name).length > limits.nameLength || /[#:?\\/]/.test(name)));
    return { scope, name, member, slot, noted };
  }

  #noteNewName(number: number, start: number, end: number, from: number, to: number): void {
    const { scope, member } = this.#keys[number]!;
    if (!member.known || member.attribute?.path.endsWith('.*') !== true) return;
    const out = new Int32Array(2);
    hash64(this.#text.view, from, to, scope + 1, false, out);
    this.newNames.push({
      line: this.lines,
      lineStart: this.#start,
      start,
      end,
      high: out[0]!,
      low: out[1]!,
    });
  }

  /** A name beyond those that are remembered. */
  #unnamedKey(scope: number, name: string, start: number, end: number): Key {
    this.#learnable = false;
    if (this.#unnamedRecord !== this.#record) {
      this.#unnamedRecord = this.#record;
      this.#unnamed.clear();
    }
    const path = scopes[scope]!.prefix + name;
    if (this.#unnamed.has(path)) this.#reportDuplicate(start, end);
    this.#unnamed.add(path);
    const member = memberOf(scope, name);
    const { attribute } = member;
    const key = this.#keyOfFamily(scope, member);
    if (!member.known || attribute?.form === 'responseOnly')
      this.#reportName(scope, name, member, start, end);
    else judgeCustomName(name, start, end, this.#found);
    return key;
  }

  readonly #familyKeys = new Map<string, Key>();

  /** One key for all names of a kind that are beyond those that are remembered. */
  #keyOfFamily(scope: number, member: Member): Key {
    const { prefix } = scopes[scope]!;
    const id = `${scope} ${member.attribute?.path ?? ''}`;
    let key = this.#familyKeys.get(id);
    if (key === undefined) {
      const slot = this.#slots.add(member.attribute, `${prefix}*`);
      key = { scope, name: '*', member, slot, noted: false };
      this.#familyKeys.set(id, key);
    }
    return key;
  }

  /** Reports what there is to say of a name where it stands: that it is there twice, that it is not known, … A negative number is -1 - key. */
  #onKey(number: number, start: number, end: number): void {
    const key = this.#keys[number < 0 ? -1 - number : number]!;
    const at = number < 0 ? -1 - number : number;
    this.#found.at(this.lines, this.#start);
    if (this.#seen[at] === this.#record) {
      this.#reportDuplicate(start, end);
      if (key.member.scope >= 0) this.#forgetMembers(key.member.scope);
    }
    this.#seen[at] = this.#record;
    if (key.noted) this.#reportName(key.scope, key.name, key.member, start, end);
  }

  /** A second object of one name has members of its own. */
  #forgetMembers(scope: number): void {
    this.#keys.forEach((key, number) => {
      if (key.scope !== scope) return;
      this.#seen[number] = 0;
      if (key.member.scope >= 0) this.#forgetMembers(key.member.scope);
    });
  }

  #reportDuplicate(start: number, end: number): void {
    if (this.#found.wants('json-duplicate-key')) {
      this.#found.add(
        start,
        end,
        'This name is there twice in one object. Most readers keep the last value.',
      );
    }
  }

  #reportName(scope: number, name: string, member: Member, start: number, end: number): void {
    if (!member.known) {
      if (this.#found.wants('json-unknown-member')) {
        const path = scopes[scope]!.prefix + name;
        this.#found.add(start, end, unknownName(path, 'member', member.meant));
      }
    } else if (member.attribute?.form === 'responseOnly') {
      if (this.#found.wants('json-response-only'))
        this.#found.add(start, end, responseOnlyName(name, 'member'));
    } else judgeCustomName(name, start, end, this.#found);
  }

  // Places and steps.

  #place(scope: number, inArray: boolean, slot: number, kind: number, wrong: boolean): number {
    const id = slot * 4 + (inArray ? 2 : 0) + kind;
    return this.#placeOf.get(id) ?? this.#addPlace(scope, inArray, slot, kind, wrong, id);
  }

  #addPlace(scope: number, inArray: boolean, slot: number, kind: number, wrong: boolean, id = -1): number {
    const place = this.#scopes.length;
    if (place === this.#placeSlots.length) {
      this.#placeSlots = grown(this.#placeSlots);
      this.#placeKinds = grown(this.#placeKinds);
      this.#placeWrong = grown(this.#placeWrong);
      this.#firstStep = grown(this.#firstStep).fill(-1, place);
      this.#stepCounts = grown(this.#stepCounts);
    }
    this.#scopes.push(scope);
    this.#inArray.push(inArray);
    this.#placeSlots[place] = slot;
    this.#placeKinds[place] = kind;
    this.#placeWrong[place] = wrong ? 1 : 0;
    if (id >= 0) this.#placeOf.set(id, place);
    return place;
  }

  /** Remembers the bytes between a place and the next, unless there is something in them that differs from line to line. */
  #learn(from: number, target: number): void {
    const length = this.#here - this.#stepStart;
    if (!this.#learnable || length > mostBytesOfStep) return;
    if (this.#stepCounts[from]! >= mostStepsOfPlace || this.#steps >= mostSteps) return;
    const step = this.#steps++;
    if (step === this.#nextStep.length) {
      this.#nextStep = grown(this.#nextStep);
      this.#stepTarget = grown(this.#stepTarget);
      this.#stepLength = grown(this.#stepLength);
      this.#stepWords = grown(this.#stepWords);
      const keys = new Int32Array(2 * step + 1);
      keys.set(this.#stepKeys);
      this.#stepKeys = keys;
    }
    const words = (length + 3) >> 2;
    while (this.#wordCount + words > this.#words.length) this.#words = grown(this.#words);
    while (this.#keyCount + this.#keysSeen.length > this.#keysOfSteps.length) {
      this.#keysOfSteps = grown(this.#keysOfSteps);
    }
    this.#stepWords[step] = this.#wordCount;
    for (let at = 0; at < length; at += 4) {
      const word = this.#text.view.getInt32(this.#stepStart + at, true);
      this.#words[this.#wordCount++] = length - at >= 4 ? word : word & ((1 << ((length - at) << 3)) - 1);
    }
    for (let at = 0; at < this.#keysSeen.length; at += 3) {
      const number = this.#keysSeen[at]!;
      this.#keysOfSteps[this.#keyCount++] = this.#keys[number]!.noted ? -1 - number : number;
      this.#keysOfSteps[this.#keyCount++] = this.#keysSeen[at + 1]!;
      this.#keysOfSteps[this.#keyCount++] = this.#keysSeen[at + 2]!;
    }
    this.#stepKeys[step + 1] = this.#keyCount;
    this.#stepLength[step] = length;
    this.#stepTarget[step] = target;
    this.#nextStep[step] = this.#firstStep[from]!;
    this.#firstStep[from] = step;
    this.#stepCounts[from]!++;
  }

  // Reading JSON.

  #skipSpace(): void {
    const { bytes } = this.#text;
    let here = this.#here;
    while (isSpace(bytes[here]!)) here++;
    this.#here = here;
  }

  /** The closing quote of a string, from somewhere in it on; -1 where it is not JSON. */
  #endOfString(start: number): number {
    const { bytes } = this.#text;
    let here = start;
    for (;;) {
      while (endsPlain[bytes[here]!] === 0) here++;
      const byte = bytes[here]!;
      if (byte === quote) return here;
      if (byte === backslash) {
        const sign = bytes[++here]!;
        if (sign === 0x75) {
          for (let digit = 0; digit < 4; digit++) {
            if (!isHex(bytes[++here]!)) return this.#fail(here);
          }
          here++;
        } else if (simpleEscapes[sign] !== 0) here++;
        else return this.#fail(here);
      } else return this.#fail(here);
    }
  }

  /** The end of a number that begins at `start`; -1 where it is not JSON. */
  #endOfNumber(start: number): number {
    const { bytes } = this.#text;
    let here = start;
    if (bytes[here] === minus) here++;
    if (bytes[here] === 0x30) here++;
    else {
      if (!isDigit(bytes[here]!)) return this.#fail(here);
      while (isDigit(bytes[here]!)) here++;
    }
    if (bytes[here] === 0x2e) {
      if (!isDigit(bytes[++here]!)) return this.#fail(here);
      while (isDigit(bytes[here]!)) here++;
    }
    if ((bytes[here]! | 0x20) === 0x65) {
      here++;
      if (bytes[here] === minus || bytes[here] === 0x2b) here++;
      if (!isDigit(bytes[here]!)) return this.#fail(here);
      while (isDigit(bytes[here]!)) here++;
    }
    return here;
  }

  #fail(at: number): number {
    this.#here = at;
    return -1;
  }

  /** Skips any value; false where it is not JSON. Nesting of any depth takes no stack. */
  #skipValue(): boolean {
    const { bytes } = this.#text;
    const open: number[] = [];
    for (;;) {
      this.#skipSpace();
      let byte = bytes[this.#here]!;
      if (byte === openBrace || byte === openBracket) {
        open.push(byte);
        this.#here++;
        this.#skipSpace();
        if (bytes[this.#here] === byte + 2) this.#here++;
        else {
          if (byte === openBrace && !this.#skipKey()) return false;
          continue;
        }
        open.pop();
      } else if (!this.#skipScalar(byte)) return false;
      for (;;) {
        if (open.length === 0) return true;
        this.#skipSpace();
        byte = bytes[this.#here]!;
        const container = open.at(-1)!;
        if (byte === comma) {
          this.#here++;
          if (container === openBrace && !this.#skipKey()) return false;
          break;
        }
        if (byte !== container + 2) return false;
        this.#here++;
        open.pop();
      }
    }
  }

  #skipKey(): boolean {
    const { bytes } = this.#text;
    this.#skipSpace();
    if (bytes[this.#here] !== quote) return false;
    const end = this.#endOfString(this.#here + 1);
    if (end < 0) return false;
    this.#here = end + 1;
    this.#skipSpace();
    if (bytes[this.#here] !== colon) return false;
    this.#here++;
    return true;
  }

  #skipScalar(first: number): boolean {
    if (first === quote) {
      const end = this.#endOfString(this.#here + 1);
      if (end < 0) return false;
      this.#here = end + 1;
      return true;
    }
    if (isNumberStart(first)) {
      const end = this.#endOfNumber(this.#here);
      if (end < 0) return false;
      this.#here = end;
      return true;
    }
    const word = first === 0x74 ? 'true' : first === 0x66 ? 'false' : first === 0x6e ? 'null' : '';
    if (word === '') return false;
    for (let index = 0; index < word.length; index++, this.#here++) {
      if (this.#text.bytes[this.#here] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  // Lines that are no endpoints.

  /** Reports a line that is blank, no object, or no JSON from `#here` on. */
  #reportOdd(start: number, lineFeed: number): void {
    const { bytes } = this.#text;
    const end = lineFeed > start && bytes[lineFeed - 1] === cr ? lineFeed - 1 : lineFeed;
    const found = this.#found;
    found.at(this.lines, start);
    let first = start;
    while (isSpace(bytes[first]!)) first++;
    if (first === lineFeed) {
      if (found.wants('json-blank-line')) {
        found.add(start, end, 'An empty line. AWS does not say what the service makes of it.');
      }
      return;
    }
    this.records++;
    if (end - start > limits.recordBytes) this.#judge.reportTooLarge(start, end);
    if (bytes[first] !== openBrace) {
      this.#here = first;
      if (this.#skipValue()) {
        const valueEnd = this.#here;
        this.#skipSpace();
        if (this.#here === lineFeed) {
          if (found.wants('json-not-object')) {
            found.add(
              first,
              valueEnd,
              'The line is JSON, but no object. Expected: one endpoint, as an object.',
            );
          }
          return;
        }
      }
    }
    const at = Math.min(this.#here, end);
    if (found.wants('json-syntax')) {
      let to = Math.min(at + 1, end);
      while (to < end && (bytes[to]! & 0xc0) === 0x80) to++;
      found.add(
        at,
        to,
        at === end
          ? 'The line ends here, but the JSON object does not. Expected: one complete object a line.'
          : 'The line is not JSON from here on.',
      );
    }
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === cr;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isNumberStart(byte: number): boolean {
  return byte === minus || isDigit(byte);
}

function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function grown<T extends Int32Array | Uint8Array>(array: T): T {
  const bigger = (
    array instanceof Int32Array ? new Int32Array(2 * array.length) : new Uint8Array(2 * array.length)
  ) as T;
  bigger.set(array);
  return bigger;
}
