import { readSync } from 'node:fs';
import type { Text } from './bytes.ts';
import { FileJudge, longestLine } from './fileJudge.ts';
import type { Issue } from './finding.ts';
import { Ledger } from './ledger.ts';
import type { Job } from './protocol.ts';
import { SharedState } from './sharedState.ts';

const lf = 10;

/** What is read beyond a stretch at first: enough for most records that begin in it and end behind it. */
const lookAhead = 16 * 1024;

/** UTF-16 code units of UTF-8. */
function unitsOf(bytes: Uint8Array): number {
  let units = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  return units;
}

/**
 * Judges stretches of a file until there are none left, together with other workers that do the same.
 * A stretch has the records that begin in it; it is cut anywhere, and the first whole line is searched for.
 */
export function judgeStretches(
  text: Text,
  descriptor: number,
  job: Job,
  report: (issues: readonly Issue[]) => void,
): void {
  const state = new SharedState(job.state);
  const ledger = new Ledger(job.memory, job.expectedRecords);
  const judge = new FileJudge(text, job, state);
  const { dataStart } = judge;
  const { size, stretchBytes } = job;
  const stretches = dataStart === undefined ? 1 : Math.max(1, Math.ceil((size - dataStart) / stretchBytes));

  for (let stretch = state.takeNext(); stretch < stretches && !state.stopped; stretch = state.takeNext()) {
    // The first stretch need not wait for its turn.
    if (stretch === 0) {
      report(judge.settleHead());
      report(judge.settleSize(size));
    }
    const file = new Stretch(text, descriptor, size);
    let start = 0;
    let end = 0;
    let limit = 0;
    if (dataStart !== undefined) {
      const from = dataStart + stretch * stretchBytes;
      const to = Math.min(size, from + stretchBytes);
      file.load(Math.max(0, from - 1), Math.min(size, to + lookAhead));
      limit = to - file.base;
      const isFirstLine = stretch === 0 && job.type === 'ndjson';
      start = isFirstLine ? from - file.base : text.bytes.indexOf(lf) + 1;
      end = start < limit ? readRecords(judge, file, start, limit) : start;
    }
    if (!state.waitForTurn(stretch)) return;
    if (dataStart !== undefined && start < limit) {
      const consumed = state.consumed - file.base;
      if (consumed > start) {
        start = consumed;
        end = start < limit ? readRecords(judge, file, start, limit) : start;
      }
      if (start < limit) {
        report(judge.settle(ledger, start, end - start));
        state.consumed = file.base + end;
      }
    }
    state.endTurn(stretch);
  }
}

/** Reads the records of a stretch from `start` on; returns where in the text the last of them ends. */
function readRecords(judge: FileJudge, file: Stretch, start: number, limit: number): number {
  const { text } = judge;
  judge.begin();
  let at = start;
  for (;;) {
    at = judge.read(at, limit, file.isAtEnd);
    if (at >= limit) break;
    if (text.end - at > longestLine) {
      const { units, next } = file.restOfLine(unitsOf(text.bytes.subarray(at, text.end)));
      judge.skipLongLine(at, units);
      return next - file.base;
    }
    file.loadMore(text.end - at);
  }
  judge.checkEncoding(start, at);
  return at;
}

/** A part of a file in memory. */
class Stretch {
  /** Where in the file the text begins. */
  base = 0;
  readonly text: Text;
  readonly #descriptor: number;
  readonly #size: number;

  constructor(text: Text, descriptor: number, size: number) {
    this.text = text;
    this.#descriptor = descriptor;
    this.#size = size;
  }

  get isAtEnd(): boolean {
    return this.base + this.text.end >= this.#size;
  }

  load(from: number, to: number): void {
    this.base = from;
    this.text.end = 0;
    this.#append(to - from);
  }

  /** Reads at least as much again as the record that is cut off has already. */
  loadMore(begun: number): void {
    this.#append(Math.min(Math.max(begun, lookAhead), this.#size - this.base - this.text.end));
  }

  #append(length: number): void {
    const { text } = this;
    const { end } = text;
    if (end + length > text.capacity) text.grow(end + length);
    let at = end;
    while (at < end + length) {
      const read = readSync(this.#descriptor, text.bytes, at, end + length - at, this.base + at);
      if (read === 0) throw new ShorterThanBefore();
      at += read;
    }
    text.finish(at);
  }

  /** Where the line after the one that the text is cut in begins, and the cut line's length. */
  restOfLine(unitsBefore: number): { readonly units: number; readonly next: number } {
    const piece = new Uint8Array(256 * 1024);
    let units = unitsBefore;
    let at = this.base + this.text.end;
    for (;;) {
      const read = readSync(this.#descriptor, piece, 0, piece.length, at);
      const stop = piece.subarray(0, read).indexOf(lf);
      units += unitsOf(piece.subarray(0, stop < 0 ? read : stop));
      if (stop >= 0) return { units, next: at + stop + 1 };
      at += read;
      if (read === 0 || at >= this.#size) return { units, next: at };
    }
  }
}

/** The file is shorter than it was when the check began. */
export class ShorterThanBefore extends Error {}

/** Judges a stream, block by block as they come. */
export class StreamRun {
  readonly #text: Text;
  readonly #state: SharedState;
  readonly #ledger: Ledger;
  readonly #judge: FileJudge;
  readonly #report: (issues: readonly Issue[]) => void;
  #bytes = 0;
  /** Bytes that are still to be skipped: what stands before the first record. */
  #skip: number;
  /** Code units so far of a line that is too long to be looked into; -1 where there is none. */
  #longLine = -1;

  constructor(text: Text, job: Job, report: (issues: readonly Issue[]) => void) {
    this.#text = text;
    this.#state = new SharedState(job.state);
    this.#ledger = new Ledger(job.memory, job.expectedRecords);
    this.#judge = new FileJudge(text, job, this.#state);
    this.#report = report;
    report(this.#judge.settleHead());
    this.#skip = this.#judge.dataStart ?? Infinity;
    if (job.type === 'csv' && !job.headIsAll && this.#skip === job.head.length) {
      if (job.head[this.#skip - 1] !== lf) this.#longLine = 0;
    }
    text.finish(0);
  }

  add(block: Uint8Array): void {
    const text = this.#text;
    this.#bytes += block.length;
    let from = Math.min(block.length, this.#skip);
    this.#skip -= from;
    if (this.#longLine >= 0) {
      const stop = block.indexOf(lf, from);
      this.#longLine += unitsOf(block.subarray(from, stop < 0 ? block.length : stop));
      if (stop < 0) return;
      this.#endLongLine();
      from = stop + 1;
    }
    const length = block.length - from;
    const { end } = text;
    if (end + length > text.capacity) text.grow(end + length);
    text.bytes.set(block.subarray(from), end);
    text.finish(end + length);
    this.#readRecords(false);
  }

  end(): void {
    if (this.#longLine >= 0) this.#endLongLine();
    if (this.#text.end > 0) this.#readRecords(true);
    this.#report(this.#judge.settleSize(this.#bytes));
  }

  #readRecords(final: boolean): void {
    if (this.#judge.dataStart === undefined) return;
    const text = this.#text;
    this.#judge.begin();
    const at = this.#judge.read(0, text.end, final);
    this.#judge.checkEncoding(0, at);
    this.#report(this.#judge.settle(this.#ledger, 0, at));
    let rest = text.end - at;
    if (rest > longestLine) {
      this.#longLine = unitsOf(text.bytes.subarray(at, text.end));
      rest = 0;
    } else text.bytes.copyWithin(0, at, text.end);
    text.finish(rest);
  }

  #endLongLine(): void {
    this.#judge.begin();
    this.#judge.skipLongLine(0, this.#longLine);
    this.#report(this.#judge.settle(this.#ledger, 0, this.#longLine));
    this.#longLine = -1;
  }
}
