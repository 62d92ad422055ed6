import { readSync } from 'node:fs';
import type { Engine, Room } from '../engine/host/engineInstance.ts';
import { FileJudge, longestLine } from './fileValidator.ts';
import type { Issue } from '../rules/finding.ts';
import type { Job } from './workerProtocol.ts';
import { stages } from './sharedState.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

const lf = 10;

/** What is read beyond a stretch at first: enough for most records that begin in it and end behind it. */
const lookAhead = 16 * 1024;

/** What is read at a time of a line that is skipped. */
const pieceBytes = 512 * 1024;

/** Stretches are read from the beginning of a page of the file to that of a page of memory: anywhere else, copying takes several times as long. */
const pageBytes = 4096;

/** The room that an engine needs for stretches of this size, and for this many columns. */
export function roomFor(stretchBytes: number, columns: number): Room {
  const textBytes = Math.max(stretchBytes, 65_536) + pageBytes + 2 * lookAhead + 2 * longestLine;
  return { textBytes, columns, facts: Math.max(1024, stretchBytes >> 4) };
}

/**
 * Judges stretches of a file until there are none left, together with other workers that do the same.
 * A stretch has the records that begin in it; it is cut anywhere, and the first whole line is searched for.
 * Returns what was counted here of their values, where that is asked for.
 */
export function judgeStretches(
  descriptor: number,
  job: Job,
  report: (issues: readonly Issue[]) => void,
): Counts | undefined {
  const judge = new FileJudge(job);
  const { state, dataStart } = judge;
  const { size, stretchBytes } = job;
  const stretches = dataStart === undefined ? 1 : Math.max(1, Math.ceil((size - dataStart) / stretchBytes));
  let isEnd = false;
  for (let number = state.takeNext(); number < stretches && !state.stopped; number = state.takeNext()) {
    // The first stretch need not wait for its turn.
    if (number === 0) {
      report(judge.settleHead());
      report(judge.settleSize(size));
    }
    isEnd = number === stretches - 1;
    if (dataStart === undefined) break;
    const stretch = new Stretch(number, judge, descriptor, job, report);
    stretch.read(dataStart);
    if (!stretch.settle()) return undefined;
  }
  return judge.takeCounts(isEnd);
}

/** The file is shorter than it was when the check began. */
export class ShorterThanBefore extends Error {}

/** A part of a file: read by itself, and settled when it is its turn. */
class Stretch {
  readonly #number: number;
  readonly #judge: FileJudge;
  readonly #engine: Engine;
  readonly #descriptor: number;
  readonly #job: Job;
  readonly #report: (issues: readonly Issue[]) => void;
  /** Where in the file the text begins. */
  #base = 0;
  // In the text: where the first record of the stretch begins, what is read, and where the stretch ends.
  #start = 0;
  #end = 0;
  #limit = 0;
  /** Where what is not settled yet begins. */
  #unsettled = 0;
  #stopped = false;
  /** True where the stretch is known to begin with a record. */
  #isSure = false;

  constructor(
    number: number,
    judge: FileJudge,
    descriptor: number,
    job: Job,
    report: (issues: readonly Issue[]) => void,
  ) {
    this.#number = number;
    this.#judge = judge;
    this.#engine = judge.engine;
    this.#descriptor = descriptor;
    this.#job = job;
    this.#report = report;
  }

  read(dataStart: number): void {
    const { stretchBytes, size, type } = this.#job;
    const from = dataStart + this.#number * stretchBytes;
    const to = Math.min(size, from + stretchBytes);
    const before = Math.max(0, from - 1);
    this.#base = before - (before % pageBytes);
    this.#engine.finish(0);
    this.#append(Math.min(size, to + lookAhead) - this.#base);
    this.#limit = to - this.#base;
    const isFirstLine = this.#number === 0 && type === 'ndjson';
    this.#start = isFirstLine ? from - this.#base : this.#engine.lineFeed(before - this.#base) + 1;
    this.#isSure =
      this.#job.counts === true &&
      (this.#number === 0 || type === 'ndjson' || this.#engine.isCsvRecord(this.#start));
    this.#readFrom(this.#start);
  }

  /** Adds the stretch up, in the order of the file; false where the file was stopped. */
  settle(): boolean {
    const { state } = this.#judge;
    if (this.#stopped || !state.waitForTurn(stages.ids, this.#number)) return false;
    this.#skipConsumed();
    return this.#settleSoFar(true);
  }

  /** A record of an earlier stretch may go on into this one. */
  #skipConsumed(): void {
    const consumed = this.#judge.state.consumed - this.#base;
    const isUnsettled = this.#unsettled === this.#start && this.#start < this.#limit;
    if (!isUnsettled || consumed <= this.#start) return;
    if (this.#isSure) throw new Error('A record began in the middle of another one');
    this.#isSure = true;
    this.#readFrom(consumed);
  }

  #readFrom(start: number): void {
    this.#start = this.#unsettled = this.#end = start;
    if (start >= this.#limit) return;
    const judge = this.#judge;
    judge.begin(this.#isSure);
    for (;;) {
      const at = judge.read(this.#end, this.#limit, this.#base + this.#engine.text.end >= this.#job.size);
      judge.checkEncoding(this.#end, at);
      this.#end = at;
      if (at >= this.#limit) return;
      if (this.#engine.factsAreFull) {
        if (!this.#settleEarly()) return;
      } else if (this.#engine.text.end - at > longestLine) {
        this.#skipLine(at);
        return;
      } else {
        this.#append(
          Math.min(
            Math.max(this.#engine.text.end - at, lookAhead),
            this.#job.size - this.#base - this.#engine.text.end,
          ),
        );
      }
    }
  }

  /** Records are so short that there is no room for all of the stretch. False where there is nothing more to read. */
  #settleEarly(): boolean {
    const { state } = this.#judge;
    if (!state.waitForTurn(stages.ids, this.#number)) {
      this.#stopped = true;
      return false;
    }
    const start = this.#start;
    this.#skipConsumed();
    if (this.#start !== start) return false;
    this.#stopped = !this.#settleSoFar(false);
    return !this.#stopped;
  }

  /** Settles what was read since it was last called; `isAll` where that is the rest of the stretch. False where the file was stopped. */
  #settleSoFar(isAll: boolean): boolean {
    const judge = this.#judge;
    const { state } = judge;
    const hasRecords = this.#start < this.#limit;
    if (hasRecords) state.consumed = this.#base + this.#end;
    for (const kind of ['ids', 'addresses', 'users'] as const) {
      if (!state.waitForTurn(stages[kind], this.#number)) return false;
      if (hasRecords) judge.judgeKind(kind);
      if (isAll) state.endTurn(stages[kind], this.#number);
    }
    if (!state.waitForTurn(stages.sum, this.#number)) return false;
    if (hasRecords) this.#report(judge.settle(this.#start, this.#end - this.#unsettled));
    if (isAll) state.endTurn(stages.sum, this.#number);
    // Others need not wait for it.
    if (hasRecords) judge.countValues();
    this.#unsettled = this.#end;
    return true;
  }

  #append(length: number): void {
    const { text } = this.#engine;
    const end = text.end + length;
    let at = text.end;
    while (at < end) {
      const read = readSync(this.#descriptor, text.bytes, at, end - at, this.#base + at);
      if (read === 0) throw new ShorterThanBefore();
      at += read;
    }
    this.#engine.finish(end);
  }

  /** Skips a line that is too long, of which the text has only the beginning: the rest is read over it, piece by piece. */
  #skipLine(from: number): void {
    const engine = this.#engine;
    const { text } = engine;
    let units = engine.unitsOf(from, text.end);
    let at = this.#base + text.end;
    while (!this.#judge.state.stopped) {
      const read = readSync(this.#descriptor, text.bytes, from, pieceBytes, at);
      engine.finish(from + read);
      const stop = engine.lineFeed(from);
      units += engine.unitsOf(from, stop);
      at += stop - from;
      if (stop < text.end) at++;
      if (stop < text.end || read === 0) break;
    }
    this.#judge.skipLongLine(from, units);
    this.#end = at - this.#base;
  }
}

/** Judges a stream, block by block as they come. */
export class StreamRun {
  readonly #judge: FileJudge;
  readonly #engine: Engine;
  readonly #report: (issues: readonly Issue[]) => void;
  #bytes = 0;
  /** Bytes that are still to be skipped: what stands before the first record. */
  #skip: number;
  /** Code units so far of a line that is too long to be looked into; -1 where there is none. */
  #longLine = -1;

  constructor(job: Job, report: (issues: readonly Issue[]) => void) {
    this.#judge = new FileJudge(job);
    this.#engine = this.#judge.engine;
    this.#report = report;
    report(this.#judge.settleHead());
    this.#skip = this.#judge.dataStart ?? Infinity;
    // Of a header that is too long, the rest is skipped like a line that is.
    const isCut = job.type === 'csv' && !job.headIsAll && this.#skip === job.head.length;
    if (isCut && job.head.at(-1) !== lf) this.#longLine = 0;
    this.#engine.finish(0);
  }

  /** Judges the records that are complete with this block, of at most the job's `stretchBytes`. */
  add(block: Uint8Array): void {
    this.#bytes += block.length;
    let from = Math.min(block.length, this.#skip);
    this.#skip -= from;
    const { text } = this.#engine;
    if (this.#longLine >= 0) {
      const stop = block.indexOf(lf, from);
      const part = block.subarray(from, stop < 0 ? block.length : stop);
      text.bytes.set(part);
      this.#longLine += this.#engine.unitsOf(0, part.length);
      if (stop < 0) return;
      this.#engine.finish(0);
      this.#endLongLine();
      from = stop + 1;
    }
    const end = text.end;
    text.bytes.set(block.subarray(from), end);
    this.#engine.finish(end + block.length - from);
    this.#readRecords(false);
  }

  end(): Counts | undefined {
    if (this.#longLine >= 0) this.#endLongLine();
    this.#readRecords(true);
    this.#report(this.#judge.settleSize(this.#bytes));
    return this.#judge.takeCounts(true);
  }

  #readRecords(final: boolean): void {
    if (this.#judge.dataStart === undefined) return;
    const { text } = this.#engine;
    this.#judge.begin();
    let at = 0;
    for (;;) {
      const next = this.#judge.read(at, text.end, final);
      const { factsAreFull } = this.#engine;
      this.#judge.checkEncoding(at, next);
      this.#settle(next - at);
      at = next;
      if (at >= text.end || !factsAreFull) break;
    }
    let rest = text.end - at;
    if (rest > longestLine) {
      this.#longLine = this.#engine.unitsOf(at, text.end);
      rest = 0;
    } else text.bytes.copyWithin(0, at, text.end);
    this.#engine.finish(rest);
  }

  #endLongLine(): void {
    this.#judge.begin();
    this.#judge.skipLongLine(0, this.#longLine);
    this.#settle(this.#longLine);
    this.#longLine = -1;
  }

  #settle(bytes: number): void {
    for (const kind of ['ids', 'addresses', 'users'] as const) this.#judge.judgeKind(kind);
    this.#report(this.#judge.settle(0, bytes));
    this.#judge.countValues();
  }
}
