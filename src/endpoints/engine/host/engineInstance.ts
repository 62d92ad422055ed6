import {
  awkwardNameSigns,
  channels,
  familyOf,
  limits,
  type AddressKind,
  type Attribute,
} from '../../model/attributes.ts';
import * as is from '../abi.ts';
import { engineCode } from './engineCode.ts';
import type { FileType, Issue, SeverityOverrides } from '../../rules/finding.ts';
import { placeOf, severities } from '../../validation/findingList.ts';
import { countryCodes, timezoneNames } from '../../model/referenceData.ts';
import { memberOf, scopes, type Member } from '../../model/jsonMembers.ts';
import { messageOf, type Found } from '../../rules/messages.ts';
import { ruleCodes } from '../../rules/rules.ts';
import { Statistics, type CountingExports } from './statisticsReader.ts';
import { Text } from '../../model/byteText.ts';

/** What the WebAssembly module offers: see src/endpoints/engine/index.ts. Globals are addresses and counts. */
interface Exports extends CountingExports {
  readonly addressKinds: Global;
  readonly alpha2: Global;
  readonly alpha3: Global;
  readonly counts: Global;
  readonly factCount: Global;
  readonly facts: Global;
  readonly findingCount: Global;
  readonly findings: Global;
  readonly kept: Global;
  readonly keys: Global;
  readonly leafCount: Global;
  readonly leaves: Global;
  readonly lines: Global;
  readonly newNameBytes: Global;
  readonly newNameCount: Global;
  readonly newNames: Global;
  readonly records: Global;
  readonly scratch: Global;
  readonly severities: Global;
  readonly slots: Global;
  readonly text: Global;
  addChannel(length: number, channel: number): void;
  addZone(length: number): void;
  begin(sure: boolean): void;
  clearLedger(): void;
  fetched(): void;
  expectValues(values: number): void;
  finishText(length: number): void;
  isFull(): number;
  isRecord(start: number): number;
  judgeAcross(): void;
  judgeAddresses(): void;
  judgeIds(): void;
  judgeUsers(): void;
  ledgerUsed(): number;
  readCsv(from: number, limit: number, final: boolean): number;
  readNdjson(from: number, limit: number, final: boolean): number;
  regionBytes(textBytes: number, slotCapacity: number, factCapacity: number): number;
  resetNdjson(parents: bigint): void;
  setCaps(keptBefore: number, most: number): void;
  setHeader(delimiter: number, columns: number, bytes: number, repeated: number): void;
  keepAll(all: boolean): void;
  lineFeed(from: number): number;
  setLedger(start: number, bytes: number, values: number): void;
  setPushChannel(channel: number): void;
  setUp(base: number, textBytes: number, slotCapacity: number, factCapacity: number): number;
  settled(): void;
  skipRecord(from: number): void;
  splitLine(start: number, end: number, delimiter: number): void;
  unitsOf(from: number, to: number): number;
}

interface Global {
  value: number;
}

const formCodes = {
  text: is.formText,
  address: is.formAddress,
  channelType: is.formChannelType,
  optOut: is.formOptOut,
  country: is.formCountry,
  locale: is.formLocale,
  timezone: is.formTimezone,
  latitude: is.formLatitude,
  longitude: is.formLongitude,
  date: is.formDate,
  number: is.formNumber,
  id: is.formId,
  userId: is.formUserId,
  responseOnly: is.formResponseOnly,
} as const satisfies Record<Attribute['form'], number>;

const typeCodes = {
  string: is.typeString,
  number: is.typeNumber,
  strings: is.typeStrings,
} as const satisfies Record<Attribute['type'], number>;

const addressCodes = {
  any: is.kindAny,
  email: is.kindEmail,
  phone: is.kindPhone,
  token: is.kindToken,
} as const satisfies Record<AddressKind, number>;

/** How much room an engine has. */
export interface Room {
  /** Bytes of text that fit. */
  readonly textBytes: number;
  /** Columns that fit. */
  readonly columns: number;
  /** Records that fit until what rules across records need to know of them has to be judged. */
  readonly facts: number;
}

/** What an engine judges a file by. */
export interface EngineOptions {
  readonly severity: SeverityOverrides;
  /** The address of how many details earlier stretches have kept, by code and severity, and the most of one. */
  readonly keptBefore: number;
  readonly cap: number;
  /** Where values are remembered, how many bytes there are, and how many values to expect of each kind. */
  readonly ledger: { readonly start: number; readonly bytes: number; readonly values: number };
  /** True where the values are counted. */
  readonly counts?: boolean;
}

/** What the rules across records need to know of the records of a stretch. */
export interface Across {
  readonly facts: Uint8Array;
  readonly names: Uint8Array;
}

/** A name in an object of JSON. */
interface Key {
  readonly name: string;
  readonly path: string;
  readonly member: Member;
}

/** A cell of a line that was split: the value's offsets without quotes. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
}

const encoder = new TextEncoder();

let compiled: WebAssembly.Module | undefined;

function moduleOf(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(Buffer.from(engineCode, 'base64')));
}

/** Bytes of memory that an engine needs. */
export function regionBytes(room: Room): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory }, hostCalls: noHost });
  return (exports as Exports).regionBytes(room.textBytes, room.columns, room.facts);
}

const noHost = { lowerCaseOf: never, jsonBytes: never, newKey: never, unnamedKey: never };

function never(): never {
  throw new Error('There is no text to judge');
}

/**
 * Judges the records of a text: a thin layer over the WebAssembly module, which is fast because it makes no strings.
 * What needs strings is done here, on rare occasions: names and messages.
 */
export class Engine {
  readonly text: Text;
  readonly statistics: Statistics;
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #words: DataView;
  readonly #textStart: number;
  readonly #textBytes: number;
  readonly #mostFacts: number;
  readonly #attributes: (Attribute | undefined)[] = [];
  readonly #names: string[] = [];
  readonly #keys: Key[] = [];
  #groups = 0;
  // Names in JSON beyond those that are remembered.
  readonly #unnamed = new Set<string>();
  #unnamedRecord = 0;
  readonly #unnamedKeys = new Map<string, number>();

  /** Works in a region of memory that begins at `base`. */
  constructor(memory: WebAssembly.Memory, base: number, room: Room) {
    const host = {
      lowerCaseOf: (start: number, end: number, to: number) => this.#lowerCaseOf(start, end, to),
      jsonBytes: (count: number) => this.#jsonBytes(count),
      newKey: (key: number, scope: number, start: number, end: number) => {
        this.#newKey(key, scope, this.#string(start, end));
      },
      unnamedKey: (scope: number, start: number, end: number, record: number) =>
        this.#unnamedKey(scope, this.#string(start, end), record),
    };
    const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory }, hostCalls: host });
    this.#exports = exports as Exports;
    this.#memory = new Uint8Array(memory.buffer);
    this.#words = new DataView(memory.buffer);
    this.statistics = new Statistics(this.#exports, this.#memory);
    this.#exports.setUp(base, room.textBytes, room.columns, room.facts);
    this.#textStart = this.#exports.text.value;
    this.#textBytes = room.textBytes;
    this.#mostFacts = room.facts;
    this.text = new Text(this.#memory.subarray(this.#textStart, this.#textStart + room.textBytes + is.slack));
    this.#fillTables();
  }

  /** Begins a file. */
  start({ severity, keptBefore, cap, ledger, counts = false }: EngineOptions): void {
    this.#names.length = this.#attributes.length = this.#keys.length = this.#groups = 0;
    this.#unnamed.clear();
    this.#unnamedKeys.clear();
    this.#unnamedRecord = 0;
    this.#setSeverities(severity);
    this.#exports.setCaps(keptBefore, cap);
    this.#exports.setLedger(ledger.start, ledger.bytes, ledger.values);
    this.#exports.begin(true);
    this.statistics.begin(counts);
  }

  #fillTables(): void {
    const { alpha2, alpha3, addressKinds } = this.#exports;
    for (const [two, three] of countryCodes) {
      this.#memory[alpha2.value + letterIndex(two)] = 1;
      this.#memory[alpha3.value + letterIndex(three)] = 1;
    }
    channels.forEach(({ name, address }, index) => {
      this.#memory[addressKinds.value + index] = addressCodes[address];
      this.#exports.addChannel(this.#write(name), index);
      if (name === 'PUSH') this.#exports.setPushChannel(index);
    });
    for (const zone of timezoneNames) this.#exports.addZone(this.#write(zone));
  }

  /** Writes a string at the beginning of the text; returns its bytes. */
  #write(value: string): number {
    return encoder.encodeInto(value, this.text.bytes).written;
  }

  #setSeverities(wishes: SeverityOverrides): void {
    const start = this.#exports.severities.value;
    ruleCodes.forEach((code, index) => {
      severities.forEach((severity, number) => {
        const judged = wishes[code] ?? severity;
        this.#words.setInt8(start + 3 * index + number, judged === 'off' ? -1 : severities.indexOf(judged));
      });
    });
  }

  /** Bytes of text that fit. */
  get capacity(): number {
    return this.#textBytes;
  }

  /** Sets where the text ends. To be called whenever its bytes were changed. */
  finish(end: number): void {
    this.text.end = end;
    this.#exports.finishText(end);
  }

  // What values are.

  /** Makes the columns of a CSV file known, and begins it. */
  setColumns(
    columns: readonly {
      readonly name: string;
      readonly attribute: Attribute | undefined;
      readonly known: boolean;
    }[],
    delimiter: number,
  ): void {
    const groups = new Map<string, number>();
    for (const { attribute, known, name } of columns) {
      const group = attribute?.type === 'strings' ? (groups.get(name) ?? this.#groups++) : -1;
      groups.set(name, group);
      const slot = this.#addSlot(attribute, known, name, group);
      this.statistics.setSlot(slot, name, known ? attribute : undefined);
    }
    const bytes = columns.reduce((sum, { name }) => sum + 2 * name.length + 10, 10);
    const counts = new Map<string, number>();
    for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
    const repeated = [...counts.values()].reduce((most, count) => Math.max(most, count), 0);
    this.#exports.setHeader(delimiter, columns.length, bytes, repeated);
  }

  /** Begins an NDJSON file. */
  setNdjson(): void {
    const parents = scopes.reduce(
      (all, { parent }, scope) => all | (BigInt.asUintN(8, BigInt(parent)) << BigInt(8 * scope)),
      0n,
    );
    this.#exports.resetNdjson(parents);
  }

  #addSlot(attribute: Attribute | undefined, known: boolean, name: string, group: number): number {
    const slot = this.#names.push(name) - 1;
    this.#attributes.push(attribute);
    const at = this.#exports.slots.value + slot * is.slotBytes;
    const form = attribute === undefined ? is.formIgnored : formCodes[attribute.form];
    this.#words.setInt32(at + is.slotForm, known ? form : form + is.formMeant, true);
    this.#words.setInt32(at + is.slotLimit, attribute?.maxLength ?? most, true);
    this.#words.setInt32(at + is.slotGroup, group, true);
    const isText = known && form === is.formText;
    const isUnjudged = form === is.formIgnored || form === is.formResponseOnly;
    const short = isUnjudged ? most : isText ? (attribute?.maxLength ?? most) : -1;
    this.#words.setInt32(at + is.slotShort, short, true);
    return slot;
  }

  #newKey(number: number, scope: number, name: string): void {
    const member = memberOf(scope, name);
    const { attribute } = member;
    const { prefix } = scopes[scope]!;
    const group = attribute?.type === 'strings' ? this.#groups++ : -1;
    this.#keys[number] = { name, path: prefix + name, member };
    const custom = member.known && attribute?.path.endsWith('.*') === true;
    const type =
      member.scope >= 0
        ? is.typeObject
        : attribute === undefined || attribute.form === 'responseOnly' || !member.known
          ? is.typeAny
          : typeCodes[attribute.type];
    const at = this.#exports.keys.value + number * is.keyBytes;
    const slot = this.#addSlot(attribute, member.known, prefix + name, group);
    const isOne = number < is.mostKeys - keysForUnnamed;
    this.statistics.setSlot(slot, prefix + name, member.known ? attribute : undefined, isOne);
    this.#words.setInt32(at + is.keySlot, slot, true);
    // What JSON takes for a number is one.
    if (attribute?.form === 'number' && member.known) {
      const slotAt = this.#exports.slots.value + slot * is.slotBytes;
      this.#words.setInt32(slotAt + is.slotForm, is.formText, true);
      this.#words.setInt32(slotAt + is.slotShort, most, true);
    }
    this.#words.setInt32(at + is.keyObject, member.scope, true);
    this.#words.setInt32(at + is.keyType, type, true);
    this.#words.setInt32(at + is.keyCustom, custom ? 1 : 0, true);
    this.#words.setInt32(at + is.keyNotes, notesOf(member, custom ? name : ''), true);
  }

  /** A key that stands for all names of a kind beyond those that are remembered; -1 - key where the record has the name already. */
  #unnamedKey(scope: number, name: string, record: number): number {
    if (this.#unnamedRecord !== record) {
      this.#unnamedRecord = record;
      this.#unnamed.clear();
    }
    const path = scopes[scope]!.prefix + name;
    const isThere = this.#unnamed.has(path);
    this.#unnamed.add(path);
    const member = memberOf(scope, name);
    const custom = member.known && member.attribute?.path.endsWith('.*') === true;
    const notes = notesOf(member, custom ? name : '');
    const kind = `${scope} ${member.scope} ${member.attribute?.path ?? ''} ${notes}`;
    let key = this.#unnamedKeys.get(kind);
    if (key === undefined) {
      key = is.mostKeys - 1 - this.#unnamedKeys.size;
      this.#unnamedKeys.set(kind, key);
      this.#newKey(key, scope, name);
      this.#words.setInt32(this.#exports.keys.value + key * is.keyBytes + is.keyScope, scope, true);
    }
    // Messages are to have this name.
    this.#keys[key] = { name, path, member };
    return isThere ? -1 - key : key;
  }

  // Reading.

  /** Begins a stretch of the file. `isSure`: what is read of it will not be read again from another place. */
  begin(isSure = true): void {
    this.#exports.begin(isSure);
  }

  /** True where the line at `start` is a record of a CSV file by itself, and so no part of another one. */
  isCsvRecord(start: number): boolean {
    return this.#exports.isRecord(start) !== 0;
  }

  /**
   * Reads the records that begin at `from` or later and before `limit`, and returns where the next one begins.
   * Where that is before `limit`, either `isFull`, or more text is needed to read it.
   */
  read(type: FileType, from: number, limit: number, final: boolean): number {
    return type === 'csv'
      ? this.#exports.readCsv(from, limit, final)
      : this.#exports.readNdjson(from, limit, final);
  }

  /** True where the last `read` stopped because facts have to be settled, or details fetched, before it can go on. */
  get isFull(): boolean {
    return this.#exports.isFull() !== 0;
  }

  /** True where facts have to be settled before more can be read. */
  get factsAreFull(): boolean {
    return this.#exports.factCount.value === this.#mostFacts || this.statistics.isFull;
  }

  /** The next line feed from an offset of the text on, or where the text ends. */
  lineFeed(from: number): number {
    return this.#exports.lineFeed(from);
  }

  /** UTF-16 code units between two offsets of the text. */
  unitsOf(start: number, end: number): number {
    return this.#exports.unitsOf(start, end);
  }

  /** Counts a record that is too long to be looked into: only its beginning, at `from`, is in the text. */
  skipRecord(from: number): void {
    this.#exports.skipRecord(from);
  }

  /** Judges what was read by the rules that look across records. To be called in the order of the file. */
  judgeAcross(): void {
    this.#exports.judgeAcross();
  }

  /** The same by one kind of value: each in the order of the file, and one after the other. */
  judgeKind(kind: 'ids' | 'addresses' | 'users'): void {
    if (kind === 'ids') this.#exports.judgeIds();
    else if (kind === 'addresses') this.#exports.judgeAddresses();
    else this.#exports.judgeUsers();
  }

  /** What `judgeAcross` would judge: to be kept, and given back with `putAcross`. */
  takeAcross(): Across {
    const { facts, factCount, newNames, newNameCount, newNameBytes } = this.#exports;
    const copy = (start: number, bytes: number): Uint8Array => this.#memory.slice(start, start + bytes);
    return {
      facts: copy(facts.value, factCount.value * is.factBytes),
      names: copy(newNames.value, newNameCount.value * newNameBytes.value),
    };
  }

  putAcross({ facts, names }: Across): void {
    const exports = this.#exports;
    this.#memory.set(facts, exports.facts.value);
    this.#memory.set(names, exports.newNames.value);
    exports.factCount.value = facts.length / is.factBytes;
    exports.newNameCount.value = names.length / exports.newNameBytes.value;
  }

  /** True where details were found since the last `fetch`. */
  get hasDetails(): boolean {
    return this.#exports.findingCount.value > 0;
  }

  /** Sets how many records to expect in the whole file, as far as that can be told by now. */
  expectRecords(count: number): void {
    this.#exports.expectValues(count);
  }

  /** Forgets the facts that were judged: the stretch goes on. */
  settled(): void {
    this.#exports.settled();
  }

  /** Forgets all values that are remembered. To be called once for a file. */
  clearLedger(): void {
    this.#exports.clearLedger();
  }

  /** Lines and records of the stretch that were read. */
  get lines(): number {
    return this.#exports.lines.value;
  }

  get records(): number {
    return this.#exports.records.value;
  }

  /** Findings of the stretch and details kept, by code and severity. */
  get counts(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#exports.counts.value, 3 * is.ruleCount);
  }

  get kept(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#exports.kept.value, 3 * is.ruleCount);
  }

  /** The details that were found since the last call; lines are those of the stretch. */
  fetch(): Issue[] {
    const count = this.#exports.findingCount.value;
    const issues: Issue[] = [];
    for (let index = 0; index < count; index++) {
      issues.push(this.#issueAt(this.#exports.findings.value + index * is.findingBytes));
    }
    this.#exports.fetched();
    return issues;
  }

  #issueAt(at: number): Issue {
    const words = this.#words;
    const field = (offset: number): number => words.getInt32(at + offset, true);
    const start = field(is.findingStart);
    const end = field(is.findingEnd);
    const slot = field(is.findingSlot);
    const detail = field(is.findingDetail);
    const code = ruleCodes[field(is.findingCode)]!;
    const found: Found = {
      name: this.#names[slot] ?? '',
      attribute: this.#attributes[slot],
      detail,
      slot,
      key: aboutNames.has(code) ? this.#keyAt(detail, start, end) : undefined,
      firstSign: String.fromCharCode(this.text.bytes[start]!),
      value: () => unquoted(this.text.string(start, end)),
    };
    return {
      ...placeOf(this.text, field(is.findingLine), field(is.findingLineStart), start, end),
      severity: severities[field(is.findingSeverity)]!,
      code,
      message: messageOf(code, found),
    };
  }

  /** A key that stands for several names has the one that is in the text. */
  #keyAt(number: number, start: number, end: number): Key {
    const key = this.#keys[number]!;
    if (number < is.mostKeys - keysForUnnamed) return key;
    const name = JSON.parse(this.text.string(start, end)) as string;
    return { ...key, name, path: key.path.slice(0, key.path.length - key.name.length) + name };
  }

  // What is rare.

  /** Splits a line into cells by a delimiter. */
  splitLine(start: number, end: number, delimiter: number): Cell[] {
    const text = this.#textStart;
    this.#exports.splitLine(text + start, text + end, delimiter);
    return Array.from({ length: this.#exports.leafCount.value }, (_, index) => {
      const leaf = this.#leaf(index);
      return { start: leaf.start - text, end: leaf.end - text, flags: leaf.flags };
    });
  }

  /** Keeps all values of each record for `values`, also those that need no judgement. */
  keepAllValues(): void {
    this.#exports.keepAll(true);
  }

  /** The values of the record that was read last, in their order, as far as they are kept. */
  get values(): { readonly name: string; readonly slot: number; readonly value: string }[] {
    return Array.from({ length: this.#exports.leafCount.value }, (_, index) => {
      const leaf = this.#leaf(index);
      return { name: this.#names[leaf.slot] ?? '', slot: leaf.slot, value: this.#valueOf(leaf) };
    });
  }

  #leaf(index: number): Cell & { readonly slot: number } {
    const at = this.#exports.leaves.value + index * is.leafBytes;
    return {
      slot: this.#words.getInt32(at + is.leafSlot, true),
      start: this.#words.getInt32(at + is.leafStart, true),
      end: this.#words.getInt32(at + is.leafEnd, true),
      flags: this.#words.getInt32(at + is.leafFlags, true),
    };
  }

  #valueOf({ start, end, flags }: Cell): string {
    const value = this.#string(start, end);
    if ((flags & is.flagDoubled) !== 0) return value.replaceAll('""', '"');
    return (flags & is.flagEscaped) !== 0 ? (JSON.parse(`"${value}"`) as string) : value;
  }

  /** Addresses of memory, not offsets of the text. */
  #string(start: number, end: number): string {
    return this.text.string(start - this.#textStart, end - this.#textStart);
  }

  #lowerCaseOf(start: number, end: number, to: number): number {
    const room = this.#memory.subarray(to, this.#textStart + 2 * (this.#textBytes + is.slack));
    return encoder.encodeInto(this.#string(start, end).toLowerCase(), room).written;
  }

  /** Bytes of a CSV record as one line of JSON. */
  #jsonBytes(count: number): number {
    const root = emptyObject();
    let quotesOfNumbers = 0;
    for (let index = 0; index < count; index++) {
      const leaf = this.#leaf(index);
      const attribute = this.#attributes[leaf.slot];
      if (attribute === undefined || leaf.start === leaf.end) continue;
      if (attribute.type === 'number') quotesOfNumbers += 2;
      put(root, this.#names[leaf.slot]!, this.#valueOf(leaf), attribute.type === 'strings');
    }
    return Buffer.byteLength(JSON.stringify(root)) - quotesOfNumbers;
  }
}

/** As good as no limit. */
const most = 0x7fffffff;

/** Keys at the end of the table, for names that are not remembered: see findKey in src/endpoints/engine/ndjson.ts. */
const keysForUnnamed = 64;

/** Rules that are about a name in JSON. */
const aboutNames: ReadonlySet<string> = new Set([
  'json-unknown-member',
  'json-response-only',
  'name-too-long',
  'name-characters',
]);

/** What there is to say of a name wherever it occurs; `custom` is empty where it is not one of the user's own. */
function notesOf(member: Member, custom: string): number {
  if (!member.known) return is.noteUnknown;
  if (member.attribute?.form === 'responseOnly') return is.noteResponseOnly;
  const tooLong = Array.from(custom).length > limits.nameLength ? is.noteTooLong : 0;
  const awkward = Array.from(awkwardNameSigns).some((sign) => custom.includes(sign)) ? is.noteCharacters : 0;
  return tooLong | awkward;
}

function letterIndex(code: string): number {
  return Array.from(code).reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 65, 0);
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

interface JsonObject {
  [name: string]: string | string[] | JsonObject;
}

/** An object without a prototype: names in files may be any, `__proto__` too. */
function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** Puts a value where its dotted path says, as the JSON of an endpoint has it. */
function put(root: JsonObject, path: string, value: string, several: boolean): void {
  const custom = familyOf(path)?.path.slice(0, -2);
  const objects = custom?.split('.') ?? path.split('.').slice(0, -1);
  const name = custom === undefined ? path.slice(path.lastIndexOf('.') + 1) : path.slice(custom.length + 1);
  let at = root;
  for (const object of objects) at = (at[object] ??= emptyObject()) as JsonObject;
  if (several) ((at[name] ??= []) as string[]).push(value);
  else at[name] = value;
}
