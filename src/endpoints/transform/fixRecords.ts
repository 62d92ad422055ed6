import { AudienceError } from '../../errors.ts';
import type { Arena } from '../validation/sharedMemory.ts';
import { columnsAtMost } from '../model/csvHeader.ts';
import { maxHeaderBytes } from '../validation/fileValidator.ts';
import type { TextChange } from '../validation/documentValidator.ts';
import type { Finding, SeverityOverrides } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import {
  fixOf,
  fixableCodes,
  isFixedInPlace,
  likelyFixes,
  withoutOverlaps,
  type Fix,
} from '../editing/fixes.ts';
import { ParsedLines } from '../editing/parsedLines.ts';
import type { RuleCode } from '../rules/ruleTable.ts';
import { ByteLines, loneReturns } from './byteLines.ts';
import { columnTrouble, withColumns, type ColumnPlan, type ColumnTrouble } from './columns.ts';
import { JsonObjects } from './jsonLines.ts';
import { giveArena, pieceBytes, RecordValidator, takeArena } from './recordValidator.ts';

/** Which fixes to apply. */
export interface FixOptions {
  /** Rules whose certain fixes are applied; default: all. */
  readonly codes?: readonly RuleCode[] | undefined;
  /** Those of `codes` whose likely fixes are applied as well. */
  readonly likely?: readonly RuleCode[] | undefined;
  /** Indices of the columns to remove, of those that can't be imported; default: all. */
  readonly columns?: readonly number[] | undefined;
  readonly severity?: SeverityOverrides | undefined;
}

/** The fixed findings of one rule. */
export interface Fixed {
  readonly code: RuleCode;
  readonly count: number;
  /** Lines of the first ones. If the file was a JSON array, lines of the resulting NDJSON. */
  readonly lines: readonly number[];
}

/** Why the columns of a file weren't rewritten. */
export interface LeftColumns {
  readonly codes: readonly RuleCode[];
  readonly reason: ColumnTrouble;
  /** Line of the first record that prevents it. */
  readonly line: number;
}

/** Some records, before and after. */
export interface Piece {
  readonly before: Buffer;
  readonly after: Buffer;
  /** Records in it, changed or not. */
  readonly records: number;
  /** The changes from `before` to `after`, in lines of the piece, if they are known exactly. */
  readonly edits?: readonly TextChange[] | undefined;
}

/** The bytes of a file; each call starts from the beginning. */
interface FixSource {
  readonly name: string;
  chunks(): AsyncIterable<Buffer>;
}

const maxLines = 10;
/** Each round fixes what an earlier one uncovered; no record needs more. */
const maxRounds = 20;
/** A round with more fixes may not have had details of all findings, and doesn't count. */
const maxFixesOfRound = 10_000;
const headBytes = 64 * 1024;

/**
 * Fixes the findings of a file, some records at a time: memory doesn't grow with the file, and everything else stays
 * byte for byte. The caller handles a byte order mark.
 */
export class FixRecords {
  /** Number of source lines with fixes in place, the header excluded. */
  changedLines = 0;
  /** How often the source is read: twice if columns are rewritten, because any record may prevent that. */
  passes = 1;
  /** True if the file was a JSON array: pieces then belong to the resulting NDJSON. */
  isRewritten = false;
  /** Set if columns should have been rewritten but couldn't be. */
  left: LeftColumns | undefined;
  readonly #type: FileType;
  readonly #codes: ReadonlySet<RuleCode>;
  readonly #likely: ReadonlySet<RuleCode>;
  readonly #options: FixOptions;
  #arena: Arena | undefined;
  readonly #fixed = new Map<RuleCode, { count: number; lines: number[] }>();

  constructor(type: FileType, options: FixOptions) {
    this.#type = type;
    this.#options = options;
    this.#codes = new Set(options.codes ?? fixableCodes);
    this.#likely = new Set((options.likely ?? []).filter((code) => likelyFixes.includes(code)));
  }

  /** The fixes so far by code, the most frequent first. */
  get fixed(): readonly Fixed[] {
    return [...this.#fixed]
      .map(([code, { count, lines }]) => ({ code, count, lines }))
      .toSorted((one, other) => other.count - one.count);
  }

  note(code: RuleCode, line: number): void {
    const fixed = this.#fixed.get(code) ?? { count: 0, lines: [] };
    this.#fixed.set(code, fixed);
    fixed.count++;
    if (fixed.lines.length < maxLines && fixed.lines.at(-1) !== line) fixed.lines.push(line);
  }

  /**
   * The file piece by piece, in order. Throws `bad-input` if it can't be read as records, and what the source throws.
   */
  async *pieces(source: FixSource): AsyncGenerator<Piece> {
    try {
      yield* this.#pieces(source);
    } finally {
      if (this.#arena) giveArena(this.#arena);
      this.#arena = undefined;
    }
  }

  async *#pieces(source: FixSource): AsyncGenerator<Piece> {
    let from = source;
    let start = await this.#begin(from);
    if (start.validator.headIssues.some(({ code }) => code === 'file-json-array')) {
      if (!this.#codes.has('file-json-array')) throw notOneALine(source.name);
      this.note('file-json-array', 1);
      this.isRewritten = true;
      from = { name: source.name, chunks: () => linesOfJson(source) };
      start = await this.#begin(from);
    }
    const { validator } = start;
    if (validator.dataStart === undefined) throw unreadable(source.name, start.head.length);
    if (this.#type === 'ndjson') yield* this.#records(from, 0, 0, validator, undefined);
    else yield* this.#csv(from, start.head.subarray(0, validator.dataStart));
  }

  async #begin(source: FixSource): Promise<{ readonly validator: RecordValidator; readonly head: Buffer }> {
    const parts: Buffer[] = [];
    let length = 0;
    let isAll = true;
    for await (const chunk of source.chunks()) {
      parts.push(chunk);
      length += chunk.length;
      const hasLine = this.#type === 'ndjson' || parts.some((part) => part.includes(10));
      isAll = false;
      if (length >= maxHeaderBytes || (length >= headBytes && hasLine)) break;
      isAll = true;
    }
    const head = Buffer.concat(parts).subarray(0, maxHeaderBytes);
    return { validator: this.#validator(head, isAll), head };
  }

  #validator(head: Uint8Array, isAll: boolean): RecordValidator {
    const { severity = {} } = this.#options;
    this.#arena ??= takeArena(this.#type === 'csv' ? columnsAtMost(head) : 0);
    return new RecordValidator(
      this.#arena,
      this.#type,
      head,
      isAll,
      new Set([...this.#codes, ...structure]),
      severity,
    );
  }

  async *#csv(source: FixSource, header: Buffer): AsyncGenerator<Piece> {
    const lines = newLines(header);
    const fixedHeader = this.#fixHeader(header);
    let plan = this.#columnPlan(fixedHeader);
    const validator = this.#validator(fixedHeader, false);
    if (plan !== undefined) {
      this.passes = 2;
      this.left = await this.#trouble(source, header.length, lines, validator, plan);
      if (this.left !== undefined) plan = undefined;
      else this.#notePlan(plan, fixedHeader);
    }
    const written = plan === undefined ? fixedHeader : rewritten(fixedHeader, plan);
    yield { before: header, after: written, records: 0 };
    yield* this.#records(source, header.length, lines, validator, plan);
  }

  #fixHeader(header: Buffer): Buffer {
    let now = header;
    for (let round = 0; round < maxRounds; round++) {
      const { headIssues } = this.#validator(now, true);
      const lines = new ByteLines(now, 'csv');
      const chosen = this.#choose(headIssues, lines);
      if (chosen.length === 0) break;
      for (const { code, line } of chosen) this.note(code, line);
      now = lines.changed(chosen.map(({ fix }) => fix.edit));
    }
    return now;
  }

  /** How to rewrite the columns; `undefined` if they stay as they are. */
  #columnPlan(header: Buffer): ColumnPlan | undefined {
    const { headIssues, header: { columns, delimiter } = noHeader } = this.#validator(header, true);
    const has = (code: RuleCode): boolean =>
      this.#codes.has(code) && headIssues.some((issue) => issue.code === code);
    const wanted = this.#options.columns;
    const exportOnly = has('csv-header-response-only')
      ? columns.flatMap(({ attribute, known }, index) =>
          known && attribute?.format === 'responseOnly' && (wanted?.includes(index) ?? true) ? [index] : [],
        )
      : [];
    // Removing all columns would leave nothing.
    const dropped = exportOnly.length === columns.length ? [] : exportOnly;
    const toCommas = has('csv-delimiter');
    if (!toCommas && dropped.length === 0) return undefined;
    return {
      delimiter: String.fromCharCode(delimiter),
      toCommas,
      dropped: new Set(dropped),
      width: columns.length,
    };
  }

  #notePlan({ toCommas, dropped }: ColumnPlan, header: Buffer): void {
    const line = newLines(header);
    if (toCommas) this.note('csv-delimiter', Math.max(1, line));
    for (let column = 0; column < dropped.size; column++) {
      this.note('csv-header-response-only', Math.max(1, line));
    }
  }

  /** Searches the whole file for a record that prevents the plan. */
  async #trouble(
    source: FixSource,
    skip: number,
    lines: number,
    validator: RecordValidator,
    plan: ColumnPlan,
  ): Promise<LeftColumns | undefined> {
    let line = lines;
    for await (const cut of cuts(source, skip, validator)) {
      const trouble = cut.tooLong
        ? { reason: 'cells' as const, line: 0 }
        : columnTrouble(latin1(cut.bytes), plan);
      if (trouble) {
        const codes: RuleCode[] = [];
        if (plan.toCommas) codes.push('csv-delimiter');
        if (plan.dropped.size > 0) codes.push('csv-header-response-only');
        return { codes, reason: trouble.reason, line: line + trouble.line + 1 };
      }
      line += cut.lines;
    }
    return undefined;
  }

  async *#records(
    source: FixSource,
    skip: number,
    lines: number,
    validator: RecordValidator,
    plan: ColumnPlan | undefined,
  ): AsyncGenerator<Piece> {
    let line = lines;
    for await (const cut of cuts(source, skip, validator)) {
      const before = cut.bytes;
      if (cut.tooLong) yield { before, after: before, records: cut.records, edits: [] };
      else {
        const { after, edits } = this.#fixPiece(before, cut.issues, line, validator);
        const { records } = cut;
        if (plan) yield { before, after: rewritten(after, plan), records };
        else yield { before, after, records, edits };
      }
      line += cut.lines;
    }
  }

  /** `line`: number of lines before the piece. */
  #fixPiece(
    bytes: Buffer,
    found: readonly Finding[],
    line: number,
    validator: RecordValidator,
  ): { readonly after: Buffer; readonly edits: readonly TextChange[] | undefined } {
    let after = bytes;
    let issues = found;
    let edits: readonly TextChange[] | undefined = [];
    for (let round = 0; round < maxRounds && issues.length > 0;) {
      const lines = new ByteLines(after, this.#type);
      const chosen = this.#choose(issues, lines);
      if (chosen.length === 0) break;
      for (const fix of chosen) this.note(fix.code, line + fix.line);
      const isFirst = after === bytes;
      if (isFirst) this.changedLines += new Set(chosen.map((fix) => fix.line)).size;
      const changes = chosen.map(({ fix }) => fix.edit);
      // Positions in a later round no longer match the original piece.
      edits = isFirst ? changes : undefined;
      if (chosen.length < maxFixesOfRound) round++;
      after = lines.changed(changes);
      issues = validator.validate(after, true).issues;
    }
    return { after, edits };
  }

  /** The fixes to apply in one round, in file order. */
  #choose(
    issues: readonly Finding[],
    lines: ByteLines,
  ): readonly { readonly code: RuleCode; readonly line: number; readonly fix: Fix }[] {
    const text = new ParsedLines(lines);
    const fixes = issues.flatMap((issue) => {
      if (!this.#codes.has(issue.code) || !isFixedInPlace(issue.code)) return [];
      const fix = fixOf(issue, text);
      return fix && (fix.safe || this.#likely.has(issue.code))
        ? [{ code: issue.code, line: issue.line, fix }]
        : [];
    });
    const compatible = new Set(withoutOverlaps(fixes.map(({ fix }) => fix)));
    return fixes
      .filter(({ fix }) => compatible.has(fix))
      .toSorted(
        ({ fix: { edit: a } }, { fix: { edit: b } }) =>
          a.startLine - b.startLine || a.startCharacter - b.startCharacter,
      );
  }
}

const noHeader = { columns: [], delimiter: 0 };

/** Findings that decide how a file is read, always checked. */
const structure: readonly RuleCode[] = ['file-json-array', 'csv-delimiter', 'csv-header-response-only'];

/** Whole records and their findings, or part of a line that is too long to be checked. */
interface Cut {
  readonly bytes: Buffer;
  readonly issues: readonly Finding[];
  readonly lines: number;
  readonly records: number;
  readonly tooLong: boolean;
}

/** Splits a file between records. `skip`: bytes before the first one. */
async function* cuts(source: FixSource, skip: number, validator: RecordValidator): AsyncGenerator<Cut> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let left = skip;
  let inLongLine = false;
  const tooLong = (bytes: Buffer, lines: number): Cut => ({
    bytes,
    issues: [],
    lines,
    records: lines,
    tooLong: true,
  });
  for await (const chunk of source.chunks()) {
    const from = Math.min(left, chunk.length);
    left -= from;
    for (let at = from; at < chunk.length; at += pieceBytes) {
      let block = chunk.subarray(at, at + pieceBytes);
      if (inLongLine) {
        const end = block.indexOf(10) + 1;
        yield tooLong(end === 0 ? block : block.subarray(0, end), end === 0 ? 0 : 1);
        if (end === 0) continue;
        inLongLine = false;
        block = block.subarray(end);
      }
      rest.push(block);
      restBytes += block.length;
      // Without a line feed no record ends here, so a long line is put together only once.
      if (block.includes(10)) {
        const bytes = Buffer.concat(rest);
        const { issues, end, lines, records } = validator.validate(bytes, false);
        if (end > 0) yield { bytes: bytes.subarray(0, end), issues, lines, records, tooLong: false };
        rest = [bytes.subarray(end)];
        restBytes = bytes.length - end;
      }
      if (!RecordValidator.isTooLong(restBytes)) continue;
      inLongLine = true;
      yield tooLong(Buffer.concat(rest), 0);
      rest = [];
      restBytes = 0;
    }
  }
  if (restBytes === 0) return;
  const bytes = Buffer.concat(rest);
  const { issues, lines, records } = validator.validate(bytes, true);
  yield { bytes, issues, lines, records, tooLong: false };
}

async function* linesOfJson(source: FixSource): AsyncGenerator<Buffer> {
  const objects = new JsonObjects(source);
  const bytes = (found: readonly string[]): Buffer =>
    Buffer.from(found.map((json) => `${json}\n`).join(''), 'latin1');
  for await (const chunk of source.chunks()) {
    const found = objects.take(chunk.toString('latin1'));
    if (found.length > 0) yield bytes(found);
  }
  const last = objects.finish();
  if (last.length > 0) yield bytes(last);
}

function rewritten(bytes: Buffer, plan: ColumnPlan): Buffer {
  return Buffer.from(withColumns(latin1(bytes), plan), 'latin1');
}

/** One character per byte: delimiters are the same in UTF-8. */
function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function newLines(bytes: Buffer): number {
  return bytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), loneReturns(bytes).length);
}

function unreadable(name: string, bytes: number): AudienceError {
  const what =
    bytes === 0 ? "it's empty" : 'it has no header, is not UTF-8, or has carriage returns as line endings';
  return new AudienceError('bad-input', `Could not fix ${name}: ${what}`, {
    help: 'Check that it is the right file. If it is, save it as UTF-8 with LF or CRLF line endings.',
  });
}

function notOneALine(name: string): AudienceError {
  return new AudienceError('bad-input', `${name} isn't one JSON object per line`, {
    help: 'Fix file-json-array as well.',
  });
}
