import { randomBytes } from 'node:crypto';
import { createArena, type Arena } from './sharedMemory.ts';
import { haveSameFacts, type Across, type Engine } from '../engine/host/engineInstance.ts';
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

/** Some lines and their own findings, whose line numbers start at 1 with the section. */
interface Section {
  lines: string[];
  result?: SectionResult | undefined;
}

interface SectionResult {
  readonly issues: readonly Finding[];
  readonly records: number;
  readonly counts: Uint32Array;
  readonly kept: Uint32Array;
  readonly across: Across;
}

/**
 * Validates the text in an editor, and after each change only the affected part. The findings equal those of a file with this
 * text.
 */
export class DocumentValidator {
  readonly #type: FileType;
  readonly #severity: SeverityOverrides;
  readonly #caps: { readonly issues: number; readonly ofCode: number };
  readonly #sectionLines: number;
  /** The lines before the first record: the header of a CSV file. */
  #head: string[] = [];
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
    this.#sections = this.#sectionsOf(splitLines(text));
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
    if (startLine < this.#head.length) this.#forgetHead();
    const first = this.#sectionOf(startLine);
    const last = this.#sectionOf(endLine);
    const before = first.section.lines.slice(0, startLine - first.line);
    const after = last.section.lines.slice(endLine - last.line + 1);
    const start = first.section.lines[startLine - first.line]!.slice(0, startCharacter);
    const end = last.section.lines[endLine - last.line]!.slice(endCharacter);
    const lines = before.concat(splitLines(start + text + end), after);
    this.#sections.splice(first.index, last.index - first.index + 1, ...this.#sectionsOf(lines));
  }

  #sectionOf(line: number): { readonly section: Section; readonly index: number; readonly line: number } {
    let at = this.#head.length;
    for (const [index, section] of this.#sections.entries()) {
      if (line < at + section.lines.length) return { section, index, line: at };
      at += section.lines.length;
    }
    throw new RangeError(`No line ${line} in a text of ${at} lines`);
  }

  /** Returns the lines before the first record to the others, whose results become invalid. */
  #forgetHead(): void {
    const lines = this.#head.concat(...this.#sections.map((section) => section.lines));
    this.#head = [];
    this.#sections = this.#sectionsOf(lines);
  }

  #sectionsOf(lines: string[]): Section[] {
    const max = this.#sectionLines;
    if (lines.length <= 2 * max) return [{ lines }];
    return Array.from({ length: Math.ceil(lines.length / max) }, (_, index) => ({
      lines: lines.slice(index * max, (index + 1) * max),
    }));
  }

  /** Validates the start of the text. */
  #validateHead(): FileValidator {
    if (this.#head.length > 0 && this.#type === 'csv') return this.#readHead(this.#head, false);
    const lines = firstLines(this.#sections, headUnits);
    const isAll = lines.length === this.#lineCount();
    const validator = this.#readHead(lines, isAll);
    if (validator.dataStart === undefined || this.#type === 'ndjson') return validator;
    const head = validator.engine.text.bytes.subarray(0, validator.dataStart);
    const breaks = head.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
    const headLines = head.at(-1) === 10 ? breaks : breaks + 1;
    const rest = ([] as string[]).concat(...this.#sections.map((section) => section.lines));
    this.#head = rest.splice(0, headLines);
    this.#sections = this.#sectionsOf(rest);
    return validator;
  }

  #readHead(lines: readonly string[], isAll: boolean): FileValidator {
    const head = encoder.encode(lines.join('\n') + (isAll ? '' : '\n'));
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
    return this.#sections.reduce((count, { lines }) => count + lines.length, this.#head.length);
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
      const known = this.#compared !== undefined && isSameAcross(this.#compared.across, across);
      const list = new CappedList(this.#caps.ofCode);
      let line = this.#head.length;
      for (const section of this.#sections) {
        const { result, lines } = section;
        const hasNames = result!.across.names.length > 0;
        if (!known || hasNames) engine.putAcross(result!.across);
        if (hasNames) engine.validateNames();
        if (!known) engine.keepFacts(engine.numberFacts(), 0, false);
        if (engine.hasDetails) {
          this.#putText(engine, textOf(section, true));
          list.addAll(engine.fetch(), line);
        }
        list.addAll(result!.issues, line);
        line += lines.length;
      }
      issues.push(...list.issues);
      const { counts, kept } = engine;
      state.add(0, 0, 0, counts, kept);
      engine.settled();
      if (!known) this.#compared = { across, repetitions: this.#compare(engine) };
      issues.push(...this.#validateAcross(engine, state));
      for (const { result } of this.#sections) state.add(0, result!.records, 0, result!.counts, result!.kept);
    }
    for (const line of this.#head) bytes += line.length + 1;
    return resultOf(this.#type, state, issues, this.#caps, bytes);
  }

  #validateSection(
    engine: Engine,
    state: SharedState,
    section: Section,
    isLast: boolean,
  ): SectionResult | undefined {
    const text = textOf(section, !isLast);
    if (text.length > maxSectionBytes) return undefined;
    if (this.#type === 'ndjson') this.#restart(engine, state);
    engine.begin();
    this.#putText(engine, text);
    const issues: Finding[] = [];
    for (let at = 0; at < text.length;) {
      const next = engine.read(this.#type, at, text.length, isLast);
      issues.push(...engine.fetch());
      if (next === at && !engine.isFull) return undefined;
      at = next;
    }
    // A record that spans sections has lines of the next one.
    if (!isLast && engine.lines !== section.lines.length) return undefined;
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
    let line = this.#head.length;
    const sorted = [...ordinals].sort((one, other) => one - other).values();
    let wanted = sorted.next();
    for (const section of this.#sections) {
      const { across } = section.result!;
      const end = next + engine.factsIn(across);
      if (wanted.done !== true && wanted.value < end) this.#putText(engine, textOf(section, true));
      for (; wanted.done !== true && wanted.value < end; wanted = sorted.next()) {
        const place = engine.rangesOfFact(across, wanted.value - next);
        places.set(wanted.value, {
          line: place.line + line,
          values: place.values.map((range) => range && moved(range, line)),
        });
      }
      next = end;
      line += section.lines.length;
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

  #putText(engine: Engine, text: Uint8Array): void {
    engine.text.bytes.set(text);
    engine.finish(text.length);
  }

  /** For texts that can't be cut at lines: validates everything. */
  #validateWhole(): ValidationResult {
    const lines = this.#head.concat(...this.#sections.map((section) => section.lines));
    const bytes = encoder.encode(lines.join('\n'));
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

/** True if records are compared by the same values in the same order, wherever these are. */
function isSameAcross(before: readonly Across[], now: readonly Across[]): boolean {
  return (
    before.length === now.length &&
    now.every((each, index) => each === before[index] || haveSameFacts(each, before[index]!))
  );
}

function stateOf(arena: Arena): SharedState {
  return new SharedState(arena.memory.buffer, arena.stateStart);
}

/** The lines as editors show them, without line endings. */
function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

function textOf({ lines }: Section, endsLine: boolean): Uint8Array {
  return encoder.encode(lines.join('\n') + (endsLine ? '\n' : ''));
}

/** The first lines with at least this many UTF-16 code units, if there are as many. */
function firstLines(sections: readonly Section[], units: number): string[] {
  const first: string[] = [];
  let length = 0;
  for (const { lines } of sections) {
    for (const line of lines) {
      first.push(line);
      length += line.length + 1;
      if (length >= units) return first;
    }
  }
  return first;
}

function moved<T extends Range>(range: T, lines: number): T {
  return lines === 0 ? range : { ...range, line: range.line + lines, endLine: range.endLine + lines };
}
