import { isUtf8 } from 'node:buffer';
import type { Arena } from './sharedMemory.ts';
import { validateHeader, readHeader, type CsvHeader } from '../model/csvHeader.ts';
import { Engine } from '../engine/host/engineInstance.ts';
import { firstNotUtf8, validateFileKind, validateSize, textStart } from '../model/fileKind.ts';
import type { Finding, SeverityOverrides } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { HeadFindings, type Range } from './findingList.ts';
import { messageOf } from '../rules/ruleTable.ts';
import { SharedState } from './sharedState.ts';
import { openSpill, SpillFile } from './spill.ts';
import { AcrossFindings } from './acrossFindings.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';
import type { Text } from '../model/byteText.ts';

const lf = 0x0a;
const cr = 0x0d;

/** Maximum bytes from the start of a file to the end of its header line. With a longer one, no record is checked. */
export const maxHeaderBytes = 1024 * 1024;

export interface FileValidatorOptions {
  readonly type: FileType;
  readonly severity: SeverityOverrides;
  /** Maximum number of detailed findings per code and severity. */
  readonly cap: number;
  /** The start of the file: at least its header, or all of it. */
  readonly head: Uint8Array;
  /** True if `head` is the entire file. */
  readonly headIsAll: boolean;
  /** Bytes of the file; 0 or absent if unknown. */
  readonly size?: number;
  readonly arena: Arena;
  /** The key of the hashes: random bytes, the same for all workers of the file. */
  readonly hashKey: Uint8Array;
  /** Bytes of memory for comparing records. The rest goes to a temporary file if `spill` is set. */
  readonly memoryBytes: number;
  readonly spill: boolean;
  /** True to collect statistics as well. */
  readonly counts?: boolean;
}

const notUtf8 = messageOf('file-encoding', {}, 'byte');

/**
 * The first carriage return of a file whose lines end in carriage returns only; `undefined` if it has line feeds, or just one
 * line.
 */
function returnWithoutLineFeed({ bytes, end }: Text, header: CsvHeader): number | undefined {
  if (header.next < end || bytes[end - 1] === lf) return undefined;
  const at = bytes.indexOf(cr, header.start);
  return at >= 0 && at < end - 1 ? at : undefined;
}

/** This thread's engines in reused arenas: creating one takes longer than validating a small file. */
const engines = new Map<number, Engine>();
const maxEngines = 4;

function engineFor(arena: Arena, workerIndex: number): Engine {
  const known = workerIndex === 0 ? engines.get(arena.id) : undefined;
  if (known !== undefined) return known;
  const engine = new Engine(arena.memory, arena.regionStart + workerIndex * arena.regionBytes, arena.room);
  if (arena.isReused && workerIndex === 0) {
    if (engines.size === maxEngines) engines.delete(engines.keys().next().value!);
    engines.set(arena.id, engine);
  }
  return engine;
}

/**
 * Validates one file chunk by chunk, one instance per worker: `read` does what needs no other chunk; `settle` adds what depends
 * on earlier chunks, and must be called in file order.
 */
export class FileValidator {
  readonly engine: Engine;
  readonly state: SharedState;
  /** The offset of the first record; `undefined` if none can be read. */
  readonly dataStart: number | undefined;
  readonly #options: FileValidatorOptions;
  #headLines = 0;
  readonly #head: HeadFindings;
  #headIsUtf8 = true;
  /** Findings of the current chunk; line numbers are those of the chunk. */
  #issues: Finding[] = [];
  // The settled part of the chunk.
  #linesSettled = 0;
  #recordsSettled = 0;
  /** The first byte in the chunk that isn't UTF-8: its offset in the text, or its range. */
  #notUtf8: number | Range | undefined;
  // For the part settled last: the number of its first fact, and the lines before it.
  #firstFact = 0;
  #linesBefore = 0;

  /** `open` has the spill file opened: see `SpillFile`. */
  constructor(options: FileValidatorOptions, open?: () => void) {
    this.#options = options;
    const { arena, severity, cap, head, type } = options;
    this.state = new SharedState(arena.memory.buffer, arena.stateStart);
    const worker = this.state.takeWorkerIndex();
    this.engine = engineFor(arena, worker);
    this.engine.start({
      severity,
      keptBefore: this.state.keptAt,
      cap,
      ledger: { start: arena.ledgerStart, worker, workers: arena.workerCount },
      hashKey: options.hashKey,
      spill: new SpillFile(this.state, options.spill, open ?? (() => openSpill(this.state))),
      counts: options.counts ?? false,
    });
    const { text } = this.engine;
    text.bytes.set(head);
    this.engine.finish(head.length);
    this.#head = new HeadFindings(text, severity, cap);
    if (!validateFileKind(text, type, options.headIsAll, this.#head)) return;
    if (type === 'ndjson') {
      this.engine.setNdjson();
      this.dataStart = textStart(text);
      return;
    }
    const header = readHeader(this.engine, textStart(text));
    if (header === undefined) {
      const start = textStart(text);
      this.#head.add('file-empty', 1, start, start, start, messageOf('file-empty', {}, 'header'));
      return;
    }
    this.#reportLinesBefore(header);
    const onlyReturn = returnWithoutLineFeed(text, header);
    if (onlyReturn !== undefined) {
      // Without a width: otherwise a fix would join the header and all records.
      const message = messageOf('csv-line-break', {}, 'onlyReturns');
      this.#head.add('csv-line-break', header.line, header.start, onlyReturn, onlyReturn, message);
      return;
    }
    const isCut = !options.headIsAll && header.next === head.length && head.at(-1) !== lf;
    if (isCut || header.next > maxHeaderBytes) {
      const { line, start } = header;
      this.#head.add(
        'check-incomplete',
        line,
        start,
        start,
        start,
        messageOf('check-incomplete', {}, 'header'),
      );
      return;
    }
    this.#checkEncodingOfHeader(header);
    validateHeader(text, header, this.#head);
    this.engine.setColumns(header.columns, header.delimiter);
    this.#headLines = header.line;
    for (
      let at = text.nextLine(header.start, header.end);
      at <= header.end;
      at = text.nextLine(at, header.end)
    )
      this.#headLines++;
    this.dataStart = header.next;
  }

  #reportLinesBefore(header: CsvHeader): void {
    for (let line = 1, at = textStart(this.engine.text); line < header.line; line++) {
      this.#head.add('csv-blank-line', line, at, at, at, messageOf('csv-blank-line', {}, 'beforeHeader'));
      at = this.engine.text.lineFeed(at) + 1;
    }
  }

  #checkEncodingOfHeader({ line, start, end }: CsvHeader): void {
    const { bytes } = this.engine.text;
    if (isUtf8(bytes.subarray(start, end))) return;
    const at = firstNotUtf8(bytes, start, end);
    this.#headIsUtf8 = false;
    this.#head.add('file-encoding', line, start, at, at + 1, notUtf8);
  }

  /** The findings in the start of the file. Call once per file, before the first chunk is settled. */
  settleHead(): readonly Finding[] {
    const { counts, kept, issues } = this.#head;
    this.engine.clearLedger(this.#options.memoryBytes);
    if (!this.#headIsUtf8) this.state.claimNotUtf8();
    this.state.add(this.#headLines, 0, this.dataStart ?? 0, counts, kept);
    this.state.consumed = this.dataStart ?? 0;
    return issues;
  }

  /** Starts a chunk. `isSure`: it won't be read again from another offset. */
  begin(isSure = true): void {
    this.engine.begin(isSure);
    this.#issues = [];
    this.#linesSettled = this.#recordsSettled = 0;
    this.#notUtf8 = undefined;
  }

  /**
   * Reads the records that start at or after `from` and before `limit`; returns the start of the next one. If that is before
   * `limit`, either `engine.factsAreFull` and the chunk must be settled so far, or more text is needed.
   */
  read(from: number, limit: number, final: boolean): number {
    let at = from;
    for (;;) {
      at = this.engine.read(this.#options.type, at, limit, final);
      const { isFull, factsAreFull } = this.engine;
      this.#issues.push(...this.engine.fetch());
      if (at >= limit || !isFull || factsAreFull) return at;
    }
  }

  /** Notes the first byte that isn't UTF-8. */
  checkEncoding(from: number, to: number): void {
    const { bytes } = this.engine.text;
    if (this.#notUtf8 === undefined && !isUtf8(bytes.subarray(from, to))) {
      this.#notUtf8 = firstNotUtf8(bytes, from, to);
    }
  }

  /** Counts a line at `from` that is too long to be checked. `units`: its length in UTF-16 code units; `notUtf8`: those before its first byte that isn't UTF-8. */
  skipLongLine(from: number, units: number, notUtf8: number | undefined): void {
    this.engine.skipRecord(from);
    const [issue] = this.engine.fetch();
    const line = this.engine.lines;
    if (issue !== undefined)
      this.#issues.push({ ...issue, line, endLine: line, column: 1, endColumn: 1 + units });
    if (notUtf8 === undefined) return;
    this.#notUtf8 ??= { line, endLine: line, column: 1 + notUtf8, endColumn: 2 + notUtf8 };
  }

  /** Adds what was read to the totals of the file; returns the findings. `from`: the start of the chunk in the text. */
  settle(from: number, bytes: number): Finding[] {
    const { engine, state } = this;
    engine.validateNames();
    this.#issues.push(...engine.fetch());
    this.#firstFact = engine.numberFacts();
    const { counts, kept } = engine;
    const head = new HeadFindings(engine.text, this.#options.severity, this.#options.cap);
    const bad = this.#notUtf8;
    if (bad !== undefined && state.claimNotUtf8()) {
      if (typeof bad === 'number') head.add('file-encoding', 1, from, bad, bad + 1, notUtf8);
      else head.addAt('file-encoding', () => bad, notUtf8);
      this.#issues.push(...head.issues);
    }
    const lines = state.lines - this.#linesSettled;
    this.#linesBefore = lines;
    state.add(engine.lines - this.#linesSettled, engine.records - this.#recordsSettled, bytes, counts, kept);
    state.add(0, 0, 0, head.counts, head.kept);
    this.#linesSettled = engine.lines;
    this.#recordsSettled = engine.records;
    counts.fill(0);
    kept.fill(0);
    const issues = this.#issues;
    this.#issues = [];
    return issues.map((issue) => ({ ...issue, line: issue.line + lines, endLine: issue.endLine + lines }));
  }

  /**
   * Stores the facts that were settled last for the rules across records, and counts values unless that was done while reading.
   * In any order.
   */
  keep(): void {
    this.engine.keepFacts(this.#firstFact, this.#linesBefore, true);
    this.engine.settled();
    this.engine.statistics.countValues();
  }

  /** Publishes this worker's facts. Call when it has nothing more to read. */
  close(): void {
    this.engine.ledger.close();
  }

  /**
   * Applies the rules across records, together with the other workers, once everything is settled and closed. True for the last
   * one.
   */
  validateAcross(report: (issues: readonly Finding[]) => void): boolean {
    const { engine, state } = this;
    const { arena, cap, severity } = this.#options;
    const meet = (begin: () => boolean): boolean =>
      state.meet(() => {
        if (begin()) return true;
        const findings = new AcrossFindings(severity, cap);
        findings.addIncomplete('tooMany', undefined);
        this.#add(findings, report);
        return false;
      });
    let isLast = false;
    const apply = (): boolean => {
      const repetitions = engine.ledger.applyRules(cap);
      if (repetitions === undefined) return false;
      const findings = new AcrossFindings(severity, cap);
      const { firstLost } = engine.ledger;
      const ordinals = new Set(firstLost < 0 ? [] : [firstLost]);
      for (const { first } of repetitions)
        for (const each of first) ordinals.add(each.ordinal).add(each.first);
      const places = engine.ledger.places(ordinals, arena.workerCount);
      findings.addAll(repetitions, places);
      const { spillFailure } = state;
      if (spillFailure !== undefined) findings.addIncomplete(spillFailure, places.get(firstLost)?.line);
      this.#add(findings, report);
      isLast = true;
      return true;
    };
    return engine.ledger.group(meet) && meet(apply) && isLast;
  }

  #add({ counts, kept, issues }: AcrossFindings, report: (issues: readonly Finding[]) => void): void {
    this.state.add(0, 0, 0, counts, kept);
    report(issues);
  }

  /** This worker's statistics. `isEnd`: the entire file is settled. */
  takeCounts(isEnd: boolean): Counts | undefined {
    return this.engine.statistics.take(isEnd);
  }

  /** Validates the file size, which for a stream is known only at the end. */
  settleSize(bytes: number): readonly Finding[] {
    const found = new HeadFindings(this.engine.text, this.#options.severity, this.#options.cap);
    validateSize(bytes, found);
    this.state.add(0, 0, 0, found.counts, found.kept);
    return found.issues;
  }
}
