import { createArena, type Arena } from '../validation/sharedMemory.ts';
import { hashKeyBytes, maxLineBytes } from '../engine/abi.ts';
import { readHeader, type CsvHeader } from '../model/csvHeader.ts';
import { FileValidator } from '../validation/fileValidator.ts';
import { textStart } from '../model/fileKind.ts';
import type { Finding, SeverityOverrides } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { ruleCodes, type RuleCode } from '../rules/ruleTable.ts';
import { SharedState } from '../validation/sharedState.ts';
import { roomFor } from '../validation/chunks.ts';

/** Maximum number of bytes validated at once, in addition to a record that started earlier. */
export const pieceBytes = 256 * 1024;

/** Nothing is compared here, so hashes need no secret. */
const hashKey = new Uint8Array(hashKeyBytes);
const defaultColumns = 8192;
const idleArenas: Arena[] = [];

/** Memory for validating one file at a time. Return it with `giveArena`. */
export function takeArena(columns: number): Arena {
  const wide = Math.max(defaultColumns, columns);
  return (
    (wide === defaultColumns ? idleArenas.pop() : undefined) ??
    createArena(roomFor(pieceBytes, wide), 1, wide === defaultColumns)
  );
}

export function giveArena(arena: Arena): void {
  if (arena.isReused) idleArenas.push(arena);
}

/** The findings of some records on their own. */
export interface ValidatedRecords {
  /** Line 1 is the first line of these records. */
  readonly issues: readonly Finding[];
  /** The end of the last complete record. */
  readonly end: number;
  readonly lines: number;
  readonly records: number;
}

/** Checks the records of a file for some rules, some records at a time, based on the start of the file. */
export class RecordValidator {
  /** The findings in the start of the file; lines and columns are the file's. */
  readonly headIssues: readonly Finding[];
  /** The offset of the first record in `head`; `undefined` if no records can be read. */
  readonly dataStart: number | undefined;
  /** For CSV only. */
  readonly header: CsvHeader | undefined;
  readonly #type: FileType;
  readonly #validator: FileValidator;

  /**
   * `head`: the start of the file, at least its header. `codes`: the rules to check, unless the user's severities disable
   * them. Only the validator created last can use its arena.
   */
  constructor(
    arena: Arena,
    type: FileType,
    head: Uint8Array,
    headIsAll: boolean,
    codes: ReadonlySet<RuleCode>,
    severity: SeverityOverrides,
  ) {
    // Disabled rules cost nothing.
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

  /** Validates the complete records; `final`: these are the last bytes. `bytes`: at most a piece plus a line within the limit. */
  validate(bytes: Uint8Array, final: boolean): ValidatedRecords {
    const { engine } = this.#validator;
    engine.text.bytes.set(bytes);
    engine.finish(bytes.length);
    engine.begin();
    const issues: Finding[] = [];
    for (let at = 0; ;) {
      const next = engine.read(this.#type, at, bytes.length, final);
      issues.push(...engine.fetch());
      const isStopped = next < bytes.length && engine.isFull;
      if (engine.factsAreFull) engine.settled();
      if (!isStopped) return { issues, end: next, lines: engine.lines, records: engine.records };
      at = next;
    }
  }

  /** True if a line is too long to be checked. */
  static isTooLong(bytes: number): boolean {
    return bytes > maxLineBytes;
  }
}
