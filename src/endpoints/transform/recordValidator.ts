import { createArena, type Arena } from '../validation/sharedMemory.ts';
import { hashKeyBytes } from '../engine/abi.ts';
import { readHeader, type CsvHeader } from '../model/csvHeader.ts';
import { FileValidator, longestLine } from '../validation/fileValidator.ts';
import { textStart } from '../model/fileKind.ts';
import type { Issue, SeverityOverrides } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { ruleCodes, type RuleCode } from '../rules/ruleTable.ts';
import { SharedState } from '../validation/sharedState.ts';
import { roomFor } from '../validation/chunks.ts';

/** The most bytes that are validated at once, besides a record that began in the ones before. */
export const pieceBytes = 256 * 1024;

/** Nothing is compared here, so hashes need no secret. */
const hashKey = new Uint8Array(hashKeyBytes);
const usualColumns = 8192;
const idleArenas: Arena[] = [];

/** Memory to validate in, for one file at a time. To be given back with `giveArena`. */
export function takeArena(columns: number): Arena {
  const wide = Math.max(usualColumns, columns);
  return (
    (wide === usualColumns ? idleArenas.pop() : undefined) ??
    createArena(roomFor(pieceBytes, wide), 1, wide === usualColumns)
  );
}

export function giveArena(arena: Arena): void {
  if (arena.isReused) idleArenas.push(arena);
}

/** What was found in some records by themselves. */
export interface ValidatedRecords {
  /** Lines are counted from 1 with the records' first one. */
  readonly issues: readonly Issue[];
  /** Where the records end: behind it, one is not complete. */
  readonly end: number;
  readonly lines: number;
  readonly records: number;
}

/** Looks for some kinds of findings in the records of a file, some at a time, by what its beginning says of it. */
export class RecordValidator {
  /** What the beginning shows, where lines and columns are those of the file. */
  readonly headIssues: readonly Issue[];
  /** Where in `head` the first record begins; `undefined` where there is none to read. */
  readonly dataStart: number | undefined;
  /** Of a CSV file that has one. */
  readonly header: CsvHeader | undefined;
  readonly #type: FileType;
  readonly #validator: FileValidator;

  /**
   * `head`: the beginning of the file, its header at least. `codes`: what is looked for, as far as the user's severities
   * do not switch it off. In an arena, only the validator made last can be used.
   */
  constructor(
    arena: Arena,
    type: FileType,
    head: Uint8Array,
    headIsAll: boolean,
    codes: ReadonlySet<RuleCode>,
    severity: SeverityOverrides,
  ) {
    // What nobody looks for costs nothing when it is switched off.
    const off = ruleCodes.filter((code) => !codes.has(code)).map((code) => [code, 'off'] as const);
    new SharedState(arena.memory.buffer, arena.stateStart).clear();
    this.#type = type;
    this.#validator = new FileValidator({
      type,
      severity: { ...severity, ...Object.fromEntries(off) },
      cap: 0xffff_ffff,
      head,
      headIsAll,
      arena,
      hashKey,
      memoryBytes: 0,
      spill: false,
    });
    this.headIssues = this.#validator.settleHead();
    this.dataStart = this.#validator.dataStart;
    const { engine } = this.#validator;
    this.header = type === 'csv' ? readHeader(engine, textStart(engine.text)) : undefined;
  }

  /** Validates the records that are complete; with `final`, there are no more bytes. `bytes`: at most a piece and a line that is not too long. */
  validate(bytes: Uint8Array, final: boolean): ValidatedRecords {
    const { engine } = this.#validator;
    engine.text.bytes.set(bytes);
    engine.finish(bytes.length);
    engine.begin();
    const issues: Issue[] = [];
    for (let at = 0; ;) {
      const next = engine.read(this.#type, at, bytes.length, final);
      issues.push(...engine.fetch());
      const isStopped = next < bytes.length && engine.isFull;
      if (engine.factsAreFull) engine.settled();
      if (!isStopped) return { issues, end: next, lines: engine.lines, records: engine.records };
      at = next;
    }
  }

  /** True where what has come of a line is too long for it to be looked into. */
  static isTooLong(bytes: number): boolean {
    return bytes > longestLine;
  }
}
