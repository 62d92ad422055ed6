import {
  attributeOf,
  channels,
  endpointStatus,
  withoutCustomName,
  type AddressKind,
  type Attribute,
} from '../../model/attributes.ts';
import * as abi from '../abi.ts';
import { engineCode } from './engineCode.ts';
import type { Finding, SeverityOverrides } from '../../rules/finding.ts';
import type { FileType } from '../../model/fileType.ts';
import { rangeOf, RangeFinder, severities, severityOf } from '../../validation/findingList.ts';
import { countryCodes, timezoneNames } from '../../model/referenceData.ts';
import { memberOf, scopes, type Member } from '../../model/jsonMembers.ts';
import { putMember } from '../../model/memberPaths.ts';
import { isKnownHeader, subjectOfColumn, type Facts } from '../../rules/about.ts';
import { messageOf, ruleCodes, type RuleCode } from '../../rules/ruleTable.ts';
import { bytesOf, Ledger, type LedgerExports, type RecordRanges, type Spill } from './ledgerReader.ts';
import { Statistics, type CountingExports } from './statisticsReader.ts';
import { Text } from '../../model/byteText.ts';
import { findingsOfCustomName } from '../../model/customNameRules.ts';

/** The exports of the WebAssembly module: see src/endpoints/engine/index.ts. Globals are addresses and counts. */
interface Exports extends CountingExports, LedgerExports {
  readonly addressKinds: Global;
  readonly alpha2: Global;
  readonly alpha3: Global;
  readonly counts: Global;
  readonly factCount: Global;
  readonly facts: Global;
  readonly hashKey: Global;
  readonly findingCount: Global;
  readonly findings: Global;
  readonly kept: Global;
  readonly keys: Global;
  readonly valueCount: Global;
  readonly values: Global;
  readonly lines: Global;
  readonly newNameBytes: Global;
  readonly newNameCount: Global;
  readonly newNames: Global;
  readonly records: Global;
  readonly scratch: Global;
  readonly severities: Global;
  readonly columnTable: Global;
  readonly text: Global;
  addChannel(length: number, channel: number): void;
  addZone(length: number): void;
  begin(sure: boolean): void;
  clearLedger(budget: number): void;
  fetched(): void;
  finishText(length: number): void;
  isFull(): number;
  isRecord(start: number): number;
  keepFacts(first: number, lines: number, isLogged: boolean): void;
  ledgerHeaderBytes(workers: number): number;
  numberFacts(): number;
  validateNames(): void;
  readCsv(from: number, limit: number, final: boolean): number;
  readNdjson(from: number, limit: number, final: boolean): number;
  regionBytes(textBytes: number, columnCapacity: number, factCapacity: number): number;
  resetNdjson(parents: bigint): void;
  setCaps(keptBefore: number, max: number): void;
  setHeader(delimiter: number, columns: number, bytes: number, repeated: number): void;
  keepAll(all: boolean): void;
  lineFeed(from: number): number;
  setLedger(start: number, worker: number, workers: number): void;
  setPushChannel(channel: number): void;
  setUp(base: number, textBytes: number, columnCapacity: number, factCapacity: number): number;
  settled(): void;
  skipRecord(from: number): void;
  splitLine(start: number, end: number, delimiter: number): void;
  unitsOf(from: number, to: number): number;
}

interface Global {
  value: number;
}

const formatCodes = {
  text: abi.formatText,
  address: abi.formatAddress,
  channelType: abi.formatChannelType,
  optOut: abi.formatOptOut,
  country: abi.formatCountry,
  locale: abi.formatLocale,
  timezone: abi.formatTimezone,
  latitude: abi.formatLatitude,
  longitude: abi.formatLongitude,
  date: abi.formatDate,
  number: abi.formatNumber,
  id: abi.formatId,
  userId: abi.formatUserId,
  responseOnly: abi.formatResponseOnly,
} as const satisfies Record<Attribute['format'], number>;

const typeCodes = {
  string: abi.typeString,
  number: abi.typeNumber,
  strings: abi.typeStrings,
} as const satisfies Record<Attribute['type'], number>;

const addressCodes = {
  any: abi.kindAny,
  email: abi.kindEmail,
  phone: abi.kindPhone,
  token: abi.kindToken,
} as const satisfies Record<AddressKind, number>;

/** The capacity of an engine. */
export interface Room {
  /** Bytes of text that fit. */
  readonly textBytes: number;
  /** Columns. */
  readonly columns: number;
  /** Records whose facts for the rules across records fit before they must be settled. */
  readonly facts: number;
}

/** Options for validating a file. */
export interface EngineOptions {
  readonly severity: SeverityOverrides;
  /** The address of the numbers of details kept by earlier chunks, by code and severity, and the maximum of each. */
  readonly keptBefore: number;
  readonly cap: number;
  /** The memory that the workers of a file share for the rules across records, the index of this worker, and their number. */
  readonly ledger: { readonly start: number; readonly worker: number; readonly workers: number };
  /** The key of the hashes: the same for all workers of a file. */
  readonly hashKey: Uint8Array;
  /** Stores ledger blocks that exceed the memory budget. */
  readonly spill: Spill;
  /** True to collect statistics. */
  readonly counts?: boolean;
}

/** The facts of a chunk for the rules across records. */
export interface Across {
  readonly facts: Uint8Array;
  readonly names: Uint8Array;
}

/** A name in a JSON object. */
interface Key {
  readonly scope: number;
  readonly name: string;
  readonly path: string;
  readonly member: Member;
}

/** A cell of a line: the offsets of its value, without quotes. */
export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

let compiled: WebAssembly.Module | undefined;

function moduleOf(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(Buffer.from(engineCode, 'base64')));
}

/** Bytes of memory for an engine. */
export function regionBytes(room: Room): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory }, hostCalls: noHost });
  return (exports as Exports).regionBytes(room.textBytes, room.columns, room.facts);
}

/** Bytes at the start of a ledger, for this number of workers. */
export function ledgerHeaderBytes(workers: number): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory }, hostCalls: noHost });
  return (exports as Exports).ledgerHeaderBytes(workers);
}

const noHost = {
  lowerCaseOf: never,
  jsonBytes: never,
  newKey: never,
  unnamedKey: never,
  longNumber: never,
  spillBlock: never,
  unspillBlock: never,
};

function never(): never {
  throw new Error('Not available without a text');
}

/**
 * Validates the records of a text: a thin layer over the WebAssembly module, which is fast because it creates no strings. What
 * needs strings, names and messages, is done here, on rarely used paths.
 */
export class Engine {
  readonly text: Text;
  readonly statistics: Statistics;
  readonly ledger: Ledger;
  #spill: Spill | undefined;
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #words: DataView;
  readonly #textStart: number;
  readonly #textBytes: number;
  readonly #maxFacts: number;
  readonly #attributes: (Attribute | undefined)[] = [];
  readonly #names: string[] = [];
  /** The subjects of messages by column: see `subjectOfColumn`. */
  readonly #subjects: string[] = [];
  readonly #keys: Key[] = [];
  #groups = 0;
  // JSON names that aren't stored in the engine.
  readonly #unnamed = new Set<string>();
  #unnamedRecord = 0;
  readonly #unnamedKeys = new Map<string, number>();
  readonly #unnamedCustom = new Set<string>();

  /** Uses a region of memory at `base`. */
  constructor(memory: WebAssembly.Memory, base: number, room: Room) {
    const host = {
      lowerCaseOf: (start: number, end: number, to: number) => this.#lowerCaseOf(start, end, to),
      jsonBytes: (count: number) => this.#jsonBytes(count),
      newKey: (key: number, scope: number, start: number, end: number) => {
        this.#newKey(key, scope, this.#string(start, end));
      },
      unnamedKey: (scope: number, start: number, end: number, record: number) =>
        this.#unnamedKey(scope, this.#string(start, end), record),
      longNumber: (statistic: number, start: number, end: number) =>
        this.statistics.readNumber(statistic, this.#string(start, end)),
      spillBlock: (block: number, bytes: number) => this.#spill!.write(bytesOf(memory, block, bytes)),
      unspillBlock: (number: number, to: number, bytes: number) => {
        this.#spill!.read(number, bytesOf(memory, to, bytes));
      },
    };
    const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory }, hostCalls: host });
    this.#exports = exports as Exports;
    this.#memory = new Uint8Array(memory.buffer);
    this.#words = new DataView(memory.buffer);
    this.statistics = new Statistics(this.#exports, this.#memory);
    this.ledger = new Ledger(this.#exports, memory);
    this.#exports.setUp(base, room.textBytes, room.columns, room.facts);
    this.#textStart = this.#exports.text.value;
    this.#textBytes = room.textBytes;
    this.#maxFacts = room.facts;
    this.text = new Text(
      this.#memory.subarray(this.#textStart, this.#textStart + room.textBytes + abi.slack),
    );
    this.#fillTables();
  }

  /** Starts a file. */
  start({ severity, keptBefore, cap, ledger, hashKey, spill, counts = false }: EngineOptions): void {
    this.#names.length =
      this.#subjects.length =
      this.#attributes.length =
      this.#keys.length =
      this.#groups =
        0;
    this.#unnamed.clear();
    this.#unnamedKeys.clear();
    this.#unnamedCustom.clear();
    this.#unnamedRecord = 0;
    this.#setSeverities(severity);
    this.#exports.setCaps(keptBefore, cap);
    this.#exports.setLedger(ledger.start, ledger.worker, ledger.workers);
    this.#memory.set(hashKey, this.#exports.hashKey.value);
    this.#spill = spill;
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

  /** Writes a string at the start of the text; returns its number of bytes. */
  #write(value: string): number {
    return encoder.encodeInto(value, this.text.bytes).written;
  }

  #setSeverities(overrides: SeverityOverrides): void {
    const start = this.#exports.severities.value;
    ruleCodes.forEach((code, index) => {
      severities.forEach((severity, number) => {
        const effective = severityOf(code, severity, overrides);
        this.#words.setInt8(
          start + 3 * index + number,
          effective === 'off' ? -1 : severities.indexOf(effective),
        );
      });
    });
  }

  /** Bytes of text that fit. */
  get capacity(): number {
    return this.#textBytes;
  }

  /** Sets the end of the text. Call after changing its bytes. */
  finish(end: number): void {
    this.text.end = end;
    this.#exports.finishText(end);
  }

  // Columns and names.

  /** Sets the columns of a CSV file, and starts it. */
  setColumns(
    columns: readonly {
      readonly name: string;
      readonly attribute: Attribute | undefined;
      readonly known: boolean;
    }[],
    delimiter: number,
  ): void {
    const groups = new Map<string, number>();
    const isHeader = isKnownHeader(columns);
    columns.forEach(({ attribute, known, name }, index) => {
      const group = attribute?.type === 'strings' ? (groups.get(name) ?? this.#groups++) : -1;
      groups.set(name, group);
      const subject = subjectOfColumn(name, index, isHeader);
      const columnIndex = this.#addColumn(attribute, known, name, subject, group);
      this.statistics.setColumn(columnIndex, name, known ? attribute : undefined);
    });
    const bytes = columns.reduce((sum, { name }) => sum + 2 * name.length + 10, 10);
    const counts = new Map<string, number>();
    for (const { name } of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
    const repeated = [...counts.values()].reduce((max, count) => Math.max(max, count), 0);
    this.#exports.setHeader(delimiter, columns.length, bytes, repeated);
  }

  /** Starts an NDJSON file. */
  setNdjson(): void {
    const parents = scopes.reduce(
      (all, { parent }, scope) => all | (BigInt.asUintN(8, BigInt(parent)) << BigInt(8 * scope)),
      0n,
    );
    this.#exports.resetNdjson(parents);
  }

  #addColumn(
    attribute: Attribute | undefined,
    known: boolean,
    name: string,
    subject: string,
    group: number,
  ): number {
    const columnIndex = this.#names.push(name) - 1;
    this.#subjects.push(subject);
    this.#attributes.push(attribute);
    const at = this.#exports.columnTable.value + columnIndex * abi.columnBytes;
    const format = formatOf(attribute);
    this.#words.setInt32(at + abi.columnFormat, known ? format : format + abi.formatMeant, true);
    this.#words.setInt32(at + abi.columnLimit, attribute?.maxLength ?? noLimit, true);
    this.#words.setInt32(at + abi.columnGroup, group, true);
    const isText = known && format === abi.formatText;
    const isUnchecked = format === abi.formatIgnored || format === abi.formatResponseOnly;
    const short = isUnchecked ? noLimit : isText ? (attribute?.maxLength ?? noLimit) : -1;
    this.#words.setInt32(at + abi.columnShort, short, true);
    return columnIndex;
  }

  #newKey(number: number, scope: number, name: string): void {
    const member = memberOf(scope, name);
    const { attribute } = member;
    const { prefix } = scopes[scope]!;
    const group = attribute?.type === 'strings' ? this.#groups++ : -1;
    this.#keys[number] = { scope, name, path: prefix + name, member };
    const custom = member.known && attribute?.path.endsWith('.*') === true;
    const type =
      member.scope >= 0
        ? abi.typeObject
        : attribute === undefined || attribute.format === 'responseOnly' || !member.known
          ? abi.typeAny
          : typeCodes[attribute.type];
    const at = this.#exports.keys.value + number * abi.keyBytes;
    const columnIndex = this.#addColumn(
      attribute,
      member.known,
      prefix + name,
      subjectOfMember(prefix + name, member),
      group,
    );
    const isOne = number < abi.maxKeys - abi.sharedKeys;
    this.statistics.setColumn(columnIndex, prefix + name, member.known ? attribute : undefined, isOne);
    this.#words.setInt32(at + abi.keyColumn, columnIndex, true);
    // Numbers in JSON need no further validation.
    if (attribute?.format === 'number' && member.known) {
      const columnAt = this.#exports.columnTable.value + columnIndex * abi.columnBytes;
      this.#words.setInt32(columnAt + abi.columnFormat, abi.formatText, true);
      this.#words.setInt32(columnAt + abi.columnShort, noLimit, true);
    }
    this.#words.setInt32(at + abi.keyObject, member.scope, true);
    this.#words.setInt32(at + abi.keyType, type, true);
    this.#words.setInt32(at + abi.keyCustom, custom ? 1 : 0, true);
    this.#words.setInt32(at + abi.keyNotes, notesOf(member, custom ? name : ''), true);
  }

  /** The key shared by all names of a kind that aren't stored; -1 - key if the record has the name already. */
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
      key = abi.maxKeys - 1 - this.#unnamedKeys.size;
      this.#unnamedKeys.set(kind, key);
      this.#newKey(key, scope, name);
      this.#words.setInt32(this.#exports.keys.value + key * abi.keyBytes + abi.keyScope, scope, true);
    }
    // Messages use the current name.
    this.#keys[key] = { scope, name, path, member };
    const isNew = custom && this.#unnamedCustom.size <= abi.maxCustomNames && !this.#unnamedCustom.has(path);
    if (isNew) this.#unnamedCustom.add(path);
    this.#words.setInt32(this.#exports.keys.value + key * abi.keyBytes + abi.keyCustom, isNew ? 1 : 0, true);
    return isThere ? -1 - key : key;
  }

  // Reading.

  /** Starts a chunk of the file. `isSure`: it won't be read again from another offset. */
  begin(isSure = true): void {
    this.#exports.begin(isSure);
  }

  /** True if the line at `start` is a CSV record by itself, and so never part of another one. */
  isCsvRecord(start: number): boolean {
    return this.#exports.isRecord(start) !== 0;
  }

  /**
   * Reads the records that start at or after `from` and before `limit`; returns the start of the next one. If that is before
   * `limit`, either `isFull`, or more text is needed.
   */
  read(type: FileType, from: number, limit: number, final: boolean): number {
    return type === 'csv'
      ? this.#exports.readCsv(from, limit, final)
      : this.#exports.readNdjson(from, limit, final);
  }

  /** True if the last `read` stopped because facts must be settled or details fetched first. */
  get isFull(): boolean {
    return this.#exports.isFull() !== 0;
  }

  /** True if facts must be settled before reading more. */
  get factsAreFull(): boolean {
    return this.#exports.factCount.value === this.#maxFacts || this.statistics.isFull;
  }

  /** The next line feed at or after an offset, or the end of the text. */
  lineFeed(from: number): number {
    return this.#exports.lineFeed(from);
  }

  /** UTF-16 code units between two offsets of the text. */
  unitsOf(start: number, end: number): number {
    return this.#exports.unitsOf(start, end);
  }

  /** Counts a record that is too long to be checked: only its start, at `from`, is in the text. */
  skipRecord(from: number): void {
    this.#exports.skipRecord(from);
  }

  /** Adds the custom names that were read to those of the file. Call in file order. */
  validateNames(): void {
    this.#exports.validateNames();
  }

  /** Numbers the facts that were read; returns the first number. Call in file order. */
  numberFacts(): number {
    return this.#exports.numberFacts();
  }

  /** Stores them for the rules across records. `lines`: lines before them in the file. `isLogged`: store their ranges as well. */
  keepFacts(first: number, lines: number, isLogged: boolean): void {
    this.#exports.keepFacts(first, lines, isLogged);
  }

  /** The facts that were read, for a later `putAcross`. */
  takeAcross(): Across {
    const { facts, factCount, newNames, newNameCount, newNameBytes } = this.#exports;
    const copy = (start: number, bytes: number): Uint8Array => this.#memory.slice(start, start + bytes);
    return {
      facts: copy(facts.value, factCount.value * abi.factBytes),
      names: copy(newNames.value, newNameCount.value * newNameBytes.value),
    };
  }

  putAcross({ facts, names }: Across): void {
    const exports = this.#exports;
    this.#memory.set(facts, exports.facts.value);
    this.#memory.set(names, exports.newNames.value);
    exports.factCount.value = facts.length / abi.factBytes;
    exports.newNameCount.value = names.length / exports.newNameBytes.value;
  }

  /** True if details were found since the last `fetch`. */
  get hasDetails(): boolean {
    return this.#exports.findingCount.value > 0;
  }

  /** The number of facts in a result of `takeAcross`. */
  factsIn({ facts }: Across): number {
    return facts.length / abi.factBytes;
  }

  /** The ranges of one of them, in the text from which it was taken. */
  rangesOfFact({ facts }: Across, index: number): RecordRanges {
    const words = new DataView(facts.buffer, facts.byteOffset + index * abi.factBytes, abi.factBytes);
    const line = words.getInt32(abi.factLine, true);
    const lineStart = words.getUint32(abi.factLineStart, true) - this.#textStart;
    const values = [abi.factId, abi.factAddress, abi.factUser].map((at) => {
      const end = words.getUint32(at + abi.factEnd, true);
      if (end === 0) return undefined;
      const start = words.getUint32(at + abi.factStart, true) - this.#textStart;
      return rangeOf(this.text, line, lineStart, start, end - this.#textStart);
    });
    return { line, values };
  }

  /** Drops the settled facts; the chunk continues. */
  settled(): void {
    this.#exports.settled();
  }

  /** Starts the ledger of a file. `budget`: maximum bytes in memory. Call once per file. */
  clearLedger(budget: number): void {
    this.#exports.clearLedger(budget);
  }

  /** Lines and records read of the chunk. */
  get lines(): number {
    return this.#exports.lines.value;
  }

  get records(): number {
    return this.#exports.records.value;
  }

  /** Findings of the chunk and details kept, by code and severity. */
  get counts(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#exports.counts.value, 3 * abi.ruleCount);
  }

  get kept(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#exports.kept.value, 3 * abi.ruleCount);
  }

  /** The findings since the last call; line numbers are those of the chunk. */
  fetch(): Finding[] {
    const count = this.#exports.findingCount.value;
    const issues: Finding[] = [];
    const finder = new RangeFinder(this.text);
    for (let index = 0; index < count; index++) {
      issues.push(this.#issueAt(this.#exports.findings.value + index * abi.findingBytes, finder));
    }
    this.#exports.fetched();
    return issues;
  }

  #issueAt(at: number, finder: RangeFinder): Finding {
    const words = this.#words;
    const field = (offset: number): number => words.getInt32(at + offset, true);
    const start = field(abi.findingStart);
    const end = field(abi.findingEnd);
    const columnIndex = field(abi.findingColumn);
    const number = field(abi.findingVariant);
    const code = ruleCodes[field(abi.findingCode)]!;
    const facts: Facts & { readonly variant?: string } = rulesOfNames.has(code)
      ? factsOfName(code, this.#keyAt(number, start, end))
      : {
          subject: this.#subjects[columnIndex] ?? 'The value',
          attribute: this.#attributes[columnIndex],
          number,
          expected: columnIndex,
          text: () =>
            code === 'json-type'
              ? this.text.string(start, start + 1)
              : unquoted(this.text.string(start, end)),
        };
    return {
      ...finder.rangeOf(field(abi.findingLine), field(abi.findingLineStart), start, end),
      severity: severities[field(abi.findingSeverity)]!,
      code,
      message: messageOf(code, facts, facts.variant),
    };
  }

  /** The name of a shared key is the one in the text. */
  #keyAt(number: number, start: number, end: number): Key {
    const key = this.#keys[number]!;
    if (number < abi.maxKeys - abi.sharedKeys) return key;
    const name = JSON.parse(this.text.string(start, end)) as string;
    return {
      scope: key.scope,
      name,
      path: scopes[key.scope]!.prefix + name,
      member: memberOf(key.scope, name),
    };
  }

  // Rarely used.

  /** Splits a line into cells by a delimiter. */
  splitLine(start: number, end: number, delimiter: number): Cell[] {
    const text = this.#textStart;
    this.#exports.splitLine(text + start, text + end, delimiter);
    return Array.from({ length: this.#exports.valueCount.value }, (_, index) => {
      const value = this.#value(index);
      return { start: value.start - text, end: value.end - text, flags: value.flags };
    });
  }

  /** Keeps all values of each record for `values`, even those that need no validation. */
  keepAllValues(): void {
    this.#exports.keepAll(true);
  }

  /** The stored values of the last record, in order. */
  get values(): { readonly name: string; readonly columnIndex: number; readonly value: string }[] {
    return Array.from({ length: this.#exports.valueCount.value }, (_, index) => {
      const value = this.#value(index);
      return {
        name: this.#names[value.columnIndex] ?? '',
        columnIndex: value.columnIndex,
        value: this.#valueOf(value),
      };
    });
  }

  #value(index: number): Cell & { readonly columnIndex: number } {
    const at = this.#exports.values.value + index * abi.valueBytes;
    return {
      columnIndex: this.#words.getInt32(at + abi.valueColumn, true),
      start: this.#words.getInt32(at + abi.valueStart, true),
      end: this.#words.getInt32(at + abi.valueEnd, true),
      flags: this.#words.getInt32(at + abi.valueFlags, true),
    };
  }

  #valueOf({ start, end, flags }: Cell): string {
    const value = this.#string(start, end);
    if ((flags & abi.flagDoubled) !== 0) return value.replaceAll('""', '"');
    return (flags & abi.flagEscaped) !== 0 ? (JSON.parse(`"${value}"`) as string) : value;
  }

  /** Takes memory addresses, not offsets in the text. */
  #string(start: number, end: number): string {
    return decoder.decode(this.#memory.subarray(start, end));
  }

  #lowerCaseOf(start: number, end: number, to: number): number {
    const room = this.#memory.subarray(to, this.#textStart + 2 * (this.#textBytes + abi.slack));
    return encoder.encodeInto(this.#string(start, end).toLowerCase(), room).written;
  }

  /** The size of a CSV record as one line of JSON in bytes. */
  #jsonBytes(count: number): number {
    const root = {};
    const lists = new Map<string, string[]>();
    let quotesOfNumbers = 0;
    for (let index = 0; index < count; index++) {
      const value = this.#value(index);
      const attribute = this.#attributes[value.columnIndex];
      if (attribute === undefined || value.start === value.end) continue;
      if (attribute.type === 'number') quotesOfNumbers += 2;
      const name = this.#names[value.columnIndex]!;
      const known = lists.get(name);
      if (known === undefined) {
        const list = attribute.type === 'strings' ? [this.#valueOf(value)] : undefined;
        if (list) lists.set(name, list);
        putMember(root, name, list ?? this.#valueOf(value));
      } else known.push(this.#valueOf(value));
    }
    return Buffer.byteLength(JSON.stringify(root)) - quotesOfNumbers;
  }
}

/** In effect, no limit. */
const noLimit = 0x7fffffff;

/** Rules about a JSON name. */
const rulesOfNames: ReadonlySet<string> = new Set([
  'json-unknown-member',
  'json-response-only',
  'name-too-long',
  'name-characters',
]);

/** The findings of a name that apply wherever it occurs. `custom`: the name if it is custom, else empty. */
function notesOf(member: Member, custom: string): number {
  if (!member.known) return abi.noteUnknown;
  if (member.attribute?.format === 'responseOnly') return abi.noteResponseOnly;
  const codes = findingsOfCustomName(custom).map(([code]) => code);
  return (
    (codes.includes('name-too-long') ? abi.noteTooLong : 0) |
    (codes.includes('name-characters') ? abi.noteCharacters : 0)
  );
}

/** The facts for a message about a JSON name: never the name itself, which can be row content. */
function factsOfName(code: RuleCode, { name, path, member }: Key): Facts & { readonly variant?: string } {
  if (code === 'json-response-only') return { attribute: member.attribute };
  if (code !== 'json-unknown-member') return findingsOfCustomName(name).find(([found]) => found === code)![1];
  const { meant } = member;
  const isDotted = attributeOf(path) !== undefined && meant === path;
  return {
    variant: isDotted ? 'dotted' : 'unknown',
    word: path.slice(0, path.indexOf('.')),
    meant: meant && withoutCustomName(meant),
  };
}

/** The subject of messages about a JSON member. */
function subjectOfMember(path: string, { scope, attribute, known }: Member): string {
  if (!known || (attribute === undefined && scope < 0)) return 'The member';
  return attribute?.path.endsWith('.*') === true ? `${attribute.path.slice(0, -1)}…` : path;
}

function formatOf(attribute: Attribute | undefined): number {
  if (attribute === undefined) return abi.formatIgnored;
  return attribute === endpointStatus ? abi.formatEndpointStatus : formatCodes[attribute.format];
}

function letterIndex(code: string): number {
  return Array.from(code).reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 65, 0);
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
