import { isUtf8 } from 'node:buffer';
import type { Text } from './bytes.ts';
import { judgeAcross, judgeNames } from './crossRecord.ts';
import { CsvReader } from './csv.ts';
import { judgeHeader, readHeader, type CsvHeader } from './csvHeader.ts';
import { Facts } from './facts.ts';
import { firstNotUtf8, judgeFileKind, judgeSize, textStart } from './fileKind.ts';
import type { FileType, Issue, SeverityOverrides } from './finding.ts';
import { Findings } from './findings.ts';
import type { Ledger } from './ledger.ts';
import { NdjsonReader } from './ndjson.ts';
import { RecordJudge } from './record.ts';
import type { SharedState } from './sharedState.ts';
import { Slots } from './slots.ts';

/** A line of more bytes is reported as too large and not looked into: the limit of an endpoint is 15 KB. */
export const longestLine = 4 * 1024 * 1024;

/** The most bytes of a header. */
export const longestHeader = 1024 * 1024;

export interface JudgeOptions {
  readonly type: FileType;
  readonly severity: SeverityOverrides;
  /** The most details of one code. */
  readonly cap: number;
  /** The beginning of the file: its header at least, or all of it. */
  readonly head: Uint8Array;
  /** True where `head` is all of the file. */
  readonly headIsAll: boolean;
}

/**
 * Judges one file, stretch by stretch: `read` finds what a stretch can tell by itself, `settle` adds what depends on earlier
 * stretches and has to be called in their order. One for each worker that takes part.
 */
export class FileJudge {
  readonly text: Text;
  /** Where the first record begins, and the line it is on; `undefined` where there is none to read. */
  readonly dataStart: number | undefined;
  readonly #dataLine: number = 1;
  readonly #found: Findings;
  readonly #facts = new Facts();
  readonly #reader: CsvReader | NdjsonReader | undefined;
  readonly #state: SharedState;
  readonly #headIssues: readonly Issue[];
  readonly #headCounts: Float64Array;
  readonly #headKept: Int32Array;
  #notUtf8At = -1;

  /** `text` is reused from file to file. */
  constructor(text: Text, options: JudgeOptions, state: SharedState) {
    this.text = text;
    this.#state = state;
    this.#found = new Findings(text, options.severity, options.cap, state.kept);
    const { head } = options;
    if (head.length > text.capacity) text.grow(head.length);
    text.bytes.set(head);
    text.finish(head.length);
    const slots = new Slots();
    const judge = new RecordJudge(text, slots, this.#found, this.#facts);
    if (judgeFileKind(text, options.type, options.headIsAll, this.#found)) {
      if (options.type === 'ndjson') {
        this.dataStart = textStart(text);
        this.#reader = new NdjsonReader(text, slots, judge, this.#found);
      } else {
        const header = readHeader(text, textStart(text), slots);
        if (header === undefined) this.#reportNoHeader();
        else {
          this.#reportLinesBefore(header);
          judgeHeader(text, header, this.#found);
          this.#dataLine = header.line + 1;
          this.dataStart = Math.min(header.next, head.length);
          this.#reader = new CsvReader(text, header, slots, judge, this.#found);
        }
      }
    }
    this.#headIssues = this.#found.issues;
    this.#headCounts = this.#found.counts.slice();
    this.#headKept = this.#found.kept.slice();
  }

  #reportNoHeader(): void {
    this.#found.at(1, 0);
    if (this.#found.wants('file-empty')) {
      const start = textStart(this.text);
      this.#found.add(
        start,
        start,
        'The file has no header. Expected: a line with the names of the columns.',
      );
    }
  }

  #reportLinesBefore(header: CsvHeader): void {
    for (let line = 1, at = textStart(this.text); line < header.line; line++) {
      this.#found.at(line, at);
      if (this.#found.wants('csv-blank-line')) this.#found.add(at, at, 'An empty line before the header.');
      at = this.text.bytes.indexOf(10, at) + 1;
    }
  }

  /** What the beginning of the file says of it as a whole. To be called once for a file, before the first stretch is settled. */
  settleHead(): readonly Issue[] {
    this.#state.add(this.#dataLine - 1, 0, this.dataStart ?? 0, this.#headCounts, this.#headKept);
    this.#state.consumed = this.dataStart ?? 0;
    return this.#headIssues;
  }

  /** Begins a stretch. */
  begin(): void {
    this.#found.clear();
    this.#facts.clear();
    this.#reader?.clear();
    this.#notUtf8At = -1;
  }

  /** Reads records: see `CsvReader.read`. */
  read(from: number, limit: number, final: boolean): number {
    return this.#reader!.read(from, limit, final);
  }

  /** Notes where the bytes that were read are not UTF-8. `from` is where the stretch begins. */
  checkEncoding(from: number, to: number): void {
    if (isUtf8(this.text.bytes.subarray(from, to))) return;
    this.#notUtf8At = firstNotUtf8(this.text.bytes, from, to);
  }

  /** Counts a line that begins at `from` and is too long to be looked into. `units`: its length in UTF-16 code units. */
  skipLongLine(from: number, units: number): void {
    const reader = this.#reader!;
    reader.lines++;
    reader.records++;
    this.#found.at(reader.lines, from);
    if (!this.#found.wants('record-too-large')) return;
    this.#found.addPlace(
      { line: reader.lines, column: 1, endLine: reader.lines, endColumn: 1 + units },
      'The endpoint has more than 15,360 bytes (15 KB): the line is so long that it is not looked into any further.',
    );
  }

  /** Adds the stretch to what the file's earlier stretches found; returns its details. `from` is where it begins in the text. */
  settle(ledger: Ledger, from: number, bytes: number): Issue[] {
    const found = this.#found;
    const reader = this.#reader!;
    const state = this.#state;
    judgeAcross(this.#facts, ledger, found);
    if (reader instanceof NdjsonReader) judgeNames(reader.newNames, state, found);
    if (this.#notUtf8At >= 0 && state.claimNotUtf8() && found.wants('file-encoding')) {
      found.at(1, from);
      found.add(
        this.#notUtf8At,
        this.#notUtf8At + 1,
        'The file is not UTF-8: this byte cannot stand here. Expected: UTF-8.',
      );
    }
    const lines = state.lines;
    state.add(reader.lines, reader.records, bytes, found.counts, found.kept);
    return moved(found.issues, lines);
  }

  /** Judges the size of the file, which of a stream is known only at its end. */
  settleSize(bytes: number): Issue[] {
    this.begin();
    judgeSize(bytes, this.#found);
    this.#state.add(0, 0, 0, this.#found.counts, this.#found.kept);
    return this.#found.issues;
  }
}

function moved(issues: readonly Issue[], lines: number): Issue[] {
  return issues.map((issue) => ({ ...issue, line: issue.line + lines, endLine: issue.endLine + lines }));
}
