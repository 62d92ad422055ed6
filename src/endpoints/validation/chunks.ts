import { readSync } from 'node:fs';
import type { Engine, Room } from '../engine/host/engineInstance.ts';
import { isUtf8 } from 'node:buffer';
import { maxLineBytes } from '../engine/abi.ts';
import { firstNotUtf8 } from '../model/fileKind.ts';
import { FileValidator } from './fileValidator.ts';
import type { Finding } from '../rules/finding.ts';
import type { Job } from './workerProtocol.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

const lf = 10;

/** Bytes read beyond a chunk at first: enough to complete most of its last records. */
const lookAhead = 16 * 1024;

/** Bytes read at a time while a line is skipped. */
const pieceBytes = 512 * 1024;

/** Reads from a page boundary of the file to one of memory: copying is several times slower otherwise. */
const pageBytes = 4096;

/** The room an engine needs for a chunk size and a number of columns. */
export function roomFor(chunkBytes: number, columns: number): Room {
  const textBytes = Math.max(chunkBytes, 65_536) + pageBytes + 2 * lookAhead + 2 * maxLineBytes;
  return { textBytes, columns, facts: Math.max(1024, chunkBytes >> 4) };
}

/**
 * Validates chunks of a file until none are left, alongside other workers. A chunk contains the records that start in it; it
 * can be cut anywhere, and reading starts at its first whole line. Returns this worker's statistics, if requested.
 */
export function validateChunks(
  descriptor: number,
  job: Job,
  report: (issues: readonly Finding[]) => void,
  openSpill?: () => void,
): Counts | undefined {
  const validator = new FileValidator(job, openSpill);
  const { state, dataStart } = validator;
  const { size, chunkBytes } = job;
  const chunks = dataStart === undefined ? 1 : Math.max(1, Math.ceil((size - dataStart) / chunkBytes));
  state.join();
  let number = state.takeNext();
  if (number >= chunks) {
    state.leave();
    return validator.takeCounts(false);
  }
  for (; number < chunks && !state.stopped; number = state.takeNext()) {
    // The first chunk never waits for its turn.
    if (number === 0) {
      report(validator.settleHead());
      report(validator.settleSize(size));
    }
    if (dataStart === undefined) {
      state.endTurn(number);
      continue;
    }
    const chunk = new Chunk(number, validator, descriptor, job, report);
    chunk.read(dataStart);
    if (!chunk.settle()) return undefined;
  }
  validator.close();
  const isEnd = state.closeAndWait(chunks) && validator.validateAcross(report);
  return validator.takeCounts(isEnd);
}

/** The file became shorter during the check. */
export class ShorterThanBefore extends Error {}

/** One chunk: read independently, then settled when its turn comes. */
class Chunk {
  readonly #number: number;
  readonly #validator: FileValidator;
  readonly #engine: Engine;
  readonly #descriptor: number;
  readonly #job: Job;
  readonly #report: (issues: readonly Finding[]) => void;
  /** File offset of the start of the text. */
  #base = 0;
  // Offsets in the text: the first record of the chunk, the end of what has been read, and the end of the chunk.
  #start = 0;
  #end = 0;
  #limit = 0;
  /** Offset of the first unsettled record. */
  #unsettled = 0;
  #stopped = false;
  /** True if the chunk is known to start with a record. */
  #isSure = false;

  constructor(
    number: number,
    validator: FileValidator,
    descriptor: number,
    job: Job,
    report: (issues: readonly Finding[]) => void,
  ) {
    this.#number = number;
    this.#validator = validator;
    this.#engine = validator.engine;
    this.#descriptor = descriptor;
    this.#job = job;
    this.#report = report;
  }

  read(dataStart: number): void {
    const { chunkBytes, size, type } = this.#job;
    const from = dataStart + this.#number * chunkBytes;
    const to = Math.min(size, from + chunkBytes);
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

  /** Settles the chunk in file order; false if the check was stopped. */
  settle(): boolean {
    const { state } = this.#validator;
    if (this.#stopped || !state.waitForTurn(this.#number)) return false;
    this.#skipConsumed();
    this.#settleSoFar(true);
    return true;
  }

  /** A record of an earlier chunk may extend into this one. */
  #skipConsumed(): void {
    const consumed = this.#validator.state.consumed - this.#base;
    const isUnsettled = this.#unsettled === this.#start && this.#start < this.#limit;
    if (!isUnsettled || consumed <= this.#start) return;
    if (this.#isSure) throw new Error('A record began in the middle of another one');
    this.#isSure = true;
    this.#readFrom(consumed);
  }

  #readFrom(start: number): void {
    this.#start = this.#unsettled = this.#end = start;
    if (start >= this.#limit) return;
    const validator = this.#validator;
    validator.begin(this.#isSure);
    for (;;) {
      const at = validator.read(this.#end, this.#limit, this.#base + this.#engine.text.end >= this.#job.size);
      validator.checkEncoding(this.#end, at);
      this.#end = at;
      if (at >= this.#limit) return;
      if (this.#engine.factsAreFull) {
        if (!this.#settleEarly()) return;
      } else if (this.#engine.text.end - at > maxLineBytes) {
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

  /** Settles early because the records are so short that their facts fill up. False if there is nothing more to read. */
  #settleEarly(): boolean {
    const { state } = this.#validator;
    if (!state.waitForTurn(this.#number)) {
      this.#stopped = true;
      return false;
    }
    const start = this.#start;
    this.#skipConsumed();
    if (this.#start !== start) return false;
    this.#settleSoFar(false);
    return true;
  }

  /** Settles what was read since the last call. `isAll`: this completes the chunk. */
  #settleSoFar(isAll: boolean): void {
    const validator = this.#validator;
    const { state } = validator;
    const hasRecords = this.#start < this.#limit;
    if (hasRecords) {
      state.consumed = this.#base + this.#end;
      this.#report(validator.settle(this.#start, this.#end - this.#unsettled));
    }
    if (isAll) state.endTurn(this.#number);
    // Other workers don't wait for this.
    if (hasRecords) validator.keep();
    this.#unsettled = this.#end;
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

  /** Skips a line of which only the start fits: the rest is read over it piece by piece, with its length and encoding checked. */
  #skipLine(from: number): void {
    const engine = this.#engine;
    const { text } = engine;
    const line = new LongLine(engine);
    line.add(from, text.end);
    let at = this.#base + text.end;
    while (!this.#validator.state.stopped) {
      const read = readSync(this.#descriptor, text.bytes, from, pieceBytes, at);
      engine.finish(from + read);
      const stop = engine.lineFeed(from);
      line.add(from, stop);
      at += stop - from;
      if (stop < text.end) at++;
      if (stop < text.end || read === 0) break;
    }
    this.#validator.skipLongLine(from, line.units, line.notUtf8);
    this.#end = at - this.#base;
  }
}

/** A line that is too long to be checked: only its length and its encoding are, piece by piece. */
class LongLine {
  /** UTF-16 code units so far. */
  units = 0;
  readonly #engine: Engine;
  #notUtf8: number | undefined;
  /** The start of a character whose other bytes are in the next piece, and the code units before it. */
  #cut = new Uint8Array(0);
  #unitsBeforeCut = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The code units before the first byte that isn't UTF-8, once all pieces were added; `undefined` if all bytes are. */
  get notUtf8(): number | undefined {
    return this.#notUtf8 ?? (this.#cut.length > 0 ? this.#unitsBeforeCut : undefined);
  }

  /** Adds the bytes of the text between two offsets. */
  add(from: number, to: number): void {
    const piece = this.#engine.text.bytes.subarray(from, to);
    if (this.#notUtf8 === undefined) this.#check(Buffer.concat([this.#cut, piece]));
    this.units += this.#engine.unitsOf(from, to);
  }

  #check(bytes: Buffer): void {
    const whole = endOfWholeCharacters(bytes);
    const isValid = isUtf8(bytes.subarray(0, whole));
    const end = isValid ? whole : firstNotUtf8(bytes, 0, whole);
    const unitsBefore = this.#unitsBeforeCut + bytes.toString('utf8', 0, end).length;
    if (!isValid) this.#notUtf8 = unitsBefore;
    this.#cut = Uint8Array.from(bytes.subarray(whole));
    this.#unitsBeforeCut = unitsBefore;
  }
}

/** The end of the bytes without the start of a character that continues after them. */
function endOfWholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Validates a stream block by block. */
export class StreamRun {
  readonly #validator: FileValidator;
  readonly #engine: Engine;
  readonly #report: (issues: readonly Finding[]) => void;
  #bytes = 0;
  /** Bytes still to skip before the first record. */
  #skip: number;
  #longLine: LongLine | undefined;

  constructor(job: Job, report: (issues: readonly Finding[]) => void, openSpill?: () => void) {
    this.#validator = new FileValidator(job, openSpill);
    this.#engine = this.#validator.engine;
    this.#report = report;
    report(this.#validator.settleHead());
    this.#skip = this.#validator.dataStart ?? Infinity;
    this.#engine.finish(0);
  }

  /** Bytes of memory that comparing the records took, after the end. */
  get comparisonBytes(): number {
    return this.#engine.ledger.bytes;
  }

  /** Validates the records completed by this block of at most `chunkBytes` of the job. */
  add(block: Uint8Array): void {
    this.#bytes += block.length;
    let from = Math.min(block.length, this.#skip);
    this.#skip -= from;
    const { text } = this.#engine;
    if (this.#longLine !== undefined) {
      const stop = block.indexOf(lf, from);
      const part = block.subarray(from, stop < 0 ? block.length : stop);
      text.bytes.set(part);
      this.#longLine.add(0, part.length);
      if (stop < 0) return;
      this.#engine.finish(0);
      this.#endLongLine(this.#longLine);
      from = stop + 1;
    }
    const end = text.end;
    text.bytes.set(block.subarray(from), end);
    this.#engine.finish(end + block.length - from);
    this.#readRecords(false);
  }

  end(): Counts | undefined {
    if (this.#longLine !== undefined) this.#endLongLine(this.#longLine);
    this.#readRecords(true);
    this.#report(this.#validator.settleSize(this.#bytes));
    this.#validator.close();
    this.#validator.state.closeAlone();
    return this.#validator.takeCounts(this.#validator.validateAcross(this.#report));
  }

  #readRecords(final: boolean): void {
    if (this.#validator.dataStart === undefined) return;
    const { text } = this.#engine;
    this.#validator.begin();
    let at = 0;
    for (;;) {
      const next = this.#validator.read(at, text.end, final);
      const { factsAreFull } = this.#engine;
      this.#validator.checkEncoding(at, next);
      this.#settle(next - at);
      at = next;
      if (at >= text.end || !factsAreFull) break;
    }
    let rest = text.end - at;
    if (rest > maxLineBytes) {
      this.#longLine = new LongLine(this.#engine);
      this.#longLine.add(at, text.end);
      rest = 0;
    } else text.bytes.copyWithin(0, at, text.end);
    this.#engine.finish(rest);
  }

  #endLongLine({ units, notUtf8 }: LongLine): void {
    this.#validator.begin();
    this.#validator.skipLongLine(0, units, notUtf8);
    this.#settle(units);
    this.#longLine = undefined;
  }

  #settle(bytes: number): void {
    this.#report(this.#validator.settle(0, bytes));
    this.#validator.keep();
  }
}
