import { randomBytes } from 'node:crypto';
import { createArena, type Arena } from './sharedMemory.ts';
import type { Across, Engine } from '../engine/host/engineInstance.ts';
import { FileValidator } from './fileValidator.ts';
import type { Finding, SeverityOverrides, ValidationResult } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { SharedState } from './sharedState.ts';
import { SpillFile } from './spill.ts';
import { AcrossFindings } from './acrossFindings.ts';
import { indexOf, type Range } from './findingList.ts';
import type { RecordRanges, Repetitions } from '../engine/host/ledgerReader.ts';
import { hashKeyBytes, ruleCount } from '../engine/abi.ts';
import { roomFor, StreamRun } from './chunks.ts';
import { repeatAsBefore } from './repetitionCheck.ts';
import { resultOf, defaultColumns } from './validator.ts';
import { columnsAtMost } from '../model/csvHeader.ts';

/** A text change as reported by editors: 0-based positions in the previous text, columns in UTF-16 code units. */
export interface TextChange {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

export interface DocumentOptions {
  readonly type: FileType;
  readonly severity?: SeverityOverrides | undefined;
  /** As in `ValidateOptions`. */
  readonly maxIssues?: number | undefined;
  readonly maxIssuesPerCode?: number | undefined;
  /** Lines per section; default 512. */
  readonly sectionLines?: number | undefined;
}

/** Lines validated together, and again when one of them changes. */
const defaultSectionLines = 512;
/** Larger sections, with very long lines, aren't validated separately. */
const maxSectionBytes = 2 * 1024 * 1024;
/** UTF-16 code units from which the kind of file is detected. */
const headUnits = 64 * 1024;
/** Spare bytes after the text of a section or header. */
const textMargin = 2 * headUnits * 3;

/** The rules across records may use this much: the document is in memory anyway. */
const maxMemory = 2 ** 31;

const encoder = new TextEncoder();
const lf = 10;

/** Some lines, joined by line feeds, and their own findings, whose line numbers start at 1 with the section. */
interface Section {
  readonly text: string;
  readonly lineCount: number;
  result?: SectionResult | undefined;
}

interface SectionResult {
  readonly issues: readonly Finding[];
  readonly records: number;
  readonly counts: Uint32Array;
  readonly kept: Uint32Array;
  readonly across: Across;
}

const noLines: Section = { text: '', lineCount: 0 };

/**
 * Validates the text in an editor, and after each change only the affected part. The findings equal those of a file with this
 * text.
 */
export class DocumentValidator {
  readonly #type: FileType;
  readonly #severity: SeverityOverrides;
  readonly #caps: { readonly issues: number; readonly ofCode: number };
  readonly #sectionLines: number;
  /** What validations took so far: sections read, and records compared. */
  readonly work = { sections: 0, compared: 0 };
  /** The lines before the first record: the header of a CSV file. */
  #head: Section = noLines;
  #sections: Section[];
  #arena: Arena | undefined;
  /** What was compared last, and the result. */
  #compared:
    | { readonly across: readonly Across[]; readonly repetitions: readonly Repetitions[] | undefined }
    | undefined;
  /** Constant, because facts of sections are kept. */
  readonly #hashKey = randomBytes(hashKeyBytes);

  /** `text`: the entire text; lines can end in LF, CRLF or CR. */
  constructor(
    text: string,
    {
      type,
      severity = {},
      maxIssues = 1000,
      maxIssuesPerCode = 200,
      sectionLines = defaultSectionLines,
    }: DocumentOptions,
  ) {
    this.#type = type;
    this.#severity = severity;
    this.#caps = { issues: maxIssues, ofCode: Math.min(maxIssues, maxIssuesPerCode) };
    this.#sectionLines = sectionLines;
    this.#sections = this.#sectionsOf(withLineFeeds(text));
  }

  /** Applies changes in order, each to the text that the previous ones produced. */
  update(changes: readonly TextChange[]): void {
    for (const change of changes) this.#apply(change);
  }

  /** Validates the current text. */
  result(): ValidationResult {
    const validator = this.#validateHead();
    return this.#validateSections(validator) ?? this.#validateWhole();
  }

  #apply({ startLine, startCharacter, endLine, endCharacter, text }: TextChange): void {
    if (startLine < this.#head.lineCount) this.#forgetHead();
    const first = this.#sectionOf(startLine);
    const last = this.#sectionOf(endLine);
    const start = first.section.text.slice(0, offsetIn(first, startLine, startCharacter));
    const end = last.section.text.slice(offsetIn(last, endLine, endCharacter));
    const sections = this.#sectionsOf(start + withLineFeeds(text) + end);
    this.#sections.splice(first.index, last.index - first.index + 1, ...sections);
  }

  #sectionOf(line: number): PlacedSection {
    let at = this.#head.lineCount;
    for (const [index, section] of this.#sections.entries()) {
      if (line < at + section.lineCount) return { section, index, line: at };
      at += section.lineCount;
    }
    throw new RangeError(`No line ${line} in a text of ${at} lines`);
  }

  /** Returns the lines before the first record to the others, whose results become invalid. */
  #forgetHead(): void {
    const sections = [this.#head, ...this.#sections].filter(({ lineCount }) => lineCount > 0);
    this.#sections = sections.map(({ text, lineCount }) => ({ text, lineCount }));
    this.#head = noLines;
  }

  #sectionsOf(text: string): Section[] {
    const max = this.#sectionLines;
    const sections: Section[] = [];
    for (let start = 0; start <= text.length;) {
      const { end, lineCount } = endOfLines(text, start, max);
      sections.push({ text: text.slice(start, end), lineCount });
      start = end + 1;
    }
    // One section may have twice as many lines.
    const [one, other] = sections;
    return sections.length === 2 ? [{ text, lineCount: one!.lineCount + other!.lineCount }] : sections;
  }

  /** Validates the start of the text. */
  #validateHead(): FileValidator {
    if (this.#head.lineCount > 0 && this.#type === 'csv') return this.#readHead(this.#head, false);
    const start = firstLines(this.#sections, headUnits);
    const isAll = start.lineCount === this.#lineCount();
    const validator = this.#readHead(start, isAll);
    if (validator.dataStart === undefined || this.#type === 'ndjson') return validator;
    const head = validator.engine.text.bytes.subarray(0, validator.dataStart);
    const breaks = head.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
    this.#takeHead(head.at(-1) === 10 ? breaks : breaks + 1);
    return validator;
  }

  /** Separates the first lines from the others. */
  #takeHead(lineCount: number): void {
    const sections = this.#sections;
    let next = 0;
    for (let lines = 0; lines < lineCount; next++) lines += sections[next]!.lineCount;
    const text = joined(sections.slice(0, next));
    const { end } = endOfLines(text, 0, lineCount);
    this.#head = { text: text.slice(0, end), lineCount };
    const rest = end < text.length ? this.#sectionsOf(text.slice(end + 1)) : [];
    this.#sections = [...rest, ...sections.slice(next)];
    if (this.#sections.length === 0) this.#sections = [{ ...noLines }];
  }

  #readHead({ text }: Section, isAll: boolean): FileValidator {
    const head = encoder.encode(text + (isAll ? '' : '\n'));
    const arena = this.#takeArena(head);
    const state = stateOf(arena);
    state.clear();
    return new FileValidator({
      type: this.#type,
      severity: this.#severity,
      cap: this.#caps.ofCode,
      head,
      headIsAll: isAll,
      arena,
      hashKey: this.#hashKey,
      memoryBytes: maxMemory,
      spill: false,
    });
  }

  #lineCount(): number {
    return this.#sections.reduce((count, { lineCount }) => count + lineCount, this.#head.lineCount);
  }

  /** Memory to validate in, reused until a header outgrows it. */
  #takeArena(head: Uint8Array): Arena {
    const columns = this.#type === 'csv' ? columnsAtMost(head) : 0;
    const { room } = this.#arena ?? {};
    if (room === undefined || head.length > room.textBytes - textMargin || columns > room.columns) {
      const textBytes = Math.max(maxSectionBytes, head.length) + textMargin;
      const newRoom = {
        textBytes,
        columns: Math.max(defaultColumns, columns),
        facts: 4 * this.#sectionLines,
      };
      this.#arena = createArena(newRoom, 1, true);
    }
    return this.#arena!;
  }

  /** Validates the sections that changed, then applies the rules across records. `undefined` if a record spans sections. */
  #validateSections(validator: FileValidator): ValidationResult | undefined {
    const { engine, state } = validator;
    const issues = [...validator.settleHead()];
    let bytes = 0;
    if (validator.dataStart !== undefined) {
      const isLast = (index: number): boolean => index === this.#sections.length - 1;
      for (const [index, section] of this.#sections.entries()) {
        section.result ??= this.#validateSection(engine, state, section, isLast(index));
        if (section.result === undefined) return undefined;
      }
      engine.begin();
      const across = this.#sections.map(({ result }) => result!.across);
      // Most changes leave what records are compared by as it is.
      const known = this.#compared !== undefined && repeatAsBefore(this.#compared.across, across);
      const list = new CappedList(this.#caps.ofCode);
      let line = this.#head.lineCount;
      for (const section of this.#sections) {
        const { result, lineCount } = section;
        const hasNames = result!.across.names.length > 0;
        if (!known || hasNames) engine.putAcross(result!.across);
        if (hasNames) engine.validateNames();
        if (!known) engine.keepFacts(engine.numberFacts(), 0, false);
        if (engine.hasDetails) {
          this.#putText(engine, section, true);
          list.addAll(engine.fetch(), line);
        }
        list.addAll(result!.issues, line);
        line += lineCount;
      }
      issues.push(...list.issues);
      const { counts, kept } = engine;
      state.add(0, 0, 0, counts, kept);
      engine.settled();
      this.#compared = {
        across,
        repetitions: known ? this.#compared!.repetitions : this.#compare(engine),
      };
      issues.push(...this.#validateAcross(engine, state));
      for (const { result } of this.#sections) state.add(0, result!.records, 0, result!.counts, result!.kept);
    }
    if (this.#head.lineCount > 0) bytes += this.#head.text.length + 1;
    return resultOf(this.#type, state, issues, this.#caps, bytes);
  }

  #validateSection(
    engine: Engine,
    state: SharedState,
    section: Section,
    isLast: boolean,
  ): SectionResult | undefined {
    if (this.#type === 'ndjson') this.#restart(engine, state);
    engine.begin();
    const bytes = this.#putText(engine, section, !isLast);
    if (bytes > maxSectionBytes) return undefined;
    this.work.sections++;
    const issues: Finding[] = [];
    for (let at = 0; at < bytes;) {
      const next = engine.read(this.#type, at, bytes, isLast);
      issues.push(...engine.fetch());
      if (next === at && !engine.isFull) return undefined;
      at = next;
    }
    // A record that spans sections has lines of the next one.
    if (!isLast && engine.lines !== section.lineCount) return undefined;
    const result = {
      issues,
      records: engine.records,
      counts: engine.counts.slice(),
      kept: engine.kept.slice(),
      across: engine.takeAcross(),
    };
    engine.settled();
    return result;
  }

  /** Compares the records of all sections; `undefined` if there are too many. */
  #compare({ ledger }: Engine): readonly Repetitions[] | undefined {
    this.work.compared += ledger.records;
    ledger.close();
    return ledger.group((begin) => begin()) ? ledger.applyRules(this.#caps.ofCode) : undefined;
  }

  /** The findings of the rules across records. */
  #validateAcross(engine: Engine, state: SharedState): readonly Finding[] {
    const findings = new AcrossFindings(this.#severity, this.#caps.ofCode);
    const repetitions = this.#compared?.repetitions;
    if (repetitions === undefined) findings.addIncomplete('tooMany', undefined);
    else findings.addAll(repetitions, this.#placesOf(engine, repetitions));
    state.add(0, 0, 0, findings.counts, findings.kept);
    return findings.issues;
  }

  /** The ranges of records that repeat others, and of those they repeat. */
  #placesOf(engine: Engine, repetitions: readonly Repetitions[]): ReadonlyMap<number, RecordRanges> {
    const ordinals = new Set(
      repetitions.flatMap(({ first }) => first.flatMap((each) => [each.ordinal, each.first])),
    );
    const places = new Map<number, RecordRanges>();
    let next = 0;
    let line = this.#head.lineCount;
    const sorted = [...ordinals].sort((one, other) => one - other).values();
    let wanted = sorted.next();
    for (const section of this.#sections) {
      const { across } = section.result!;
      const end = next + engine.factsIn(across);
      if (wanted.done !== true && wanted.value < end) this.#putText(engine, section, true);
      for (; wanted.done !== true && wanted.value < end; wanted = sorted.next()) {
        const place = engine.rangesOfFact(across, wanted.value - next);
        places.set(wanted.value, {
          line: place.line + line,
          values: place.values.map((range) => range && moved(range, line)),
        });
      }
      next = end;
      line += section.lineCount;
    }
    return places;
  }

  /** Each section must report its custom names as new, because names are counted per section. */
  #restart(engine: Engine, state: SharedState): void {
    const { ledgerStart } = this.#arena!;
    engine.start({
      severity: this.#severity,
      keptBefore: state.keptAt,
      cap: this.#caps.ofCode,
      ledger: { start: ledgerStart, worker: 0, workers: 1 },
      hashKey: this.#hashKey,
      spill: new SpillFile(state, false, () => undefined),
    });
    engine.setNdjson();
  }

  /** Returns the number of bytes; one more than a section may have if there are more. */
  #putText(engine: Engine, { text }: Section, endsLine: boolean): number {
    const { bytes } = engine.text;
    const room = bytes.subarray(0, maxSectionBytes + 1);
    const { written: textBytes, read } = encoder.encodeInto(text, room);
    if (read < text.length) return maxSectionBytes + 1;
    if (endsLine) bytes[textBytes] = lf;
    const length = endsLine ? textBytes + 1 : textBytes;
    engine.finish(length);
    return length;
  }

  /** For texts that can't be cut at lines: validates everything. */
  #validateWhole(): ValidationResult {
    const bytes = encoder.encode(joined([this.#head, ...this.#sections]));
    const issues: Finding[] = [];
    const columns = this.#type === 'csv' ? columnsAtMost(bytes) : 0;
    const arena = createArena(roomFor(bytes.length, Math.max(defaultColumns, columns)), 1);
    const run = new StreamRun(
      {
        type: this.#type,
        severity: this.#severity,
        cap: this.#caps.ofCode,
        head: bytes,
        headIsAll: true,
        size: 0,
        chunkBytes: bytes.length,
        arena,
        hashKey: this.#hashKey,
        memoryBytes: maxMemory,
        spill: false,
      },
      (found) => issues.push(...found),
    );
    run.add(bytes);
    run.end();
    return resultOf(this.#type, stateOf(arena), issues, this.#caps, bytes.length);
  }
}

/** Collects findings in file order, up to a cap per code and severity: the result never lists more. */
class CappedList {
  readonly issues: Finding[] = [];
  readonly #cap: number;
  /** By code and severity. */
  readonly #kept = new Uint32Array(3 * ruleCount);

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** `lines`: the lines before them. */
  addAll(issues: readonly Finding[], lines: number): void {
    for (const issue of issues) {
      const kind = indexOf(issue.code, issue.severity);
      if (this.#kept[kind]! >= this.#cap) continue;
      this.#kept[kind]!++;
      this.issues.push(moved(issue, lines));
    }
  }
}

function stateOf(arena: Arena): SharedState {
  return new SharedState(arena.memory.buffer, arena.stateStart);
}

interface PlacedSection {
  readonly section: Section;
  readonly index: number;
  /** The number of its first line. */
  readonly line: number;
}

/** The offset of a position in the text of its section. */
function offsetIn({ section: { text }, line }: PlacedSection, wanted: number, character: number): number {
  const start = wanted === line ? 0 : endOfLines(text, 0, wanted - line).end + 1;
  return Math.min(start + character, endOfLines(text, start, 1).end);
}

/** The text with the lines that editors show, each line ending as a line feed. */
function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** The end of up to `max` lines that start at an offset, and how many they are. */
function endOfLines(
  text: string,
  start: number,
  max: number,
): { readonly end: number; readonly lineCount: number } {
  let end = start - 1;
  let lineCount = 0;
  while (lineCount < max && end < text.length) {
    const next = text.indexOf('\n', end + 1);
    end = next < 0 ? text.length : next;
    lineCount++;
  }
  return { end, lineCount };
}

function joined(sections: readonly Section[]): string {
  return sections
    .filter(({ lineCount }) => lineCount > 0)
    .map(({ text }) => text)
    .join('\n');
}

/** The first lines with at least this many UTF-16 code units, if there are as many. */
function firstLines(sections: readonly Section[], units: number): Section {
  const first: Section[] = [];
  let length = 0;
  for (const section of sections) {
    if (length + section.text.length + 1 >= units) {
      const end = section.text.indexOf('\n', Math.max(0, units - length - 1));
      if (end >= 0) first.push(sectionOf(section.text.slice(0, end)));
      else first.push(section);
      break;
    }
    first.push(section);
    length += section.text.length + 1;
  }
  return { text: joined(first), lineCount: first.reduce((count, each) => count + each.lineCount, 0) };
}

function sectionOf(text: string): Section {
  return { text, lineCount: endOfLines(text, 0, Infinity).lineCount };
}

function moved<T extends Range>(range: T, lines: number): T {
  return lines === 0 ? range : { ...range, line: range.line + lines, endLine: range.endLine + lines };
}
