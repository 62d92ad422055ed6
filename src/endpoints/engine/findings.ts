import {
  findingBytes,
  findingCode,
  findingVariant,
  findingEnd,
  findingLine,
  findingLineStart,
  findingSeverity,
  findingColumn,
  findingStart,
  ruleCount,
} from './abi';
import { counts, findingCapacity, findings, kept, severities, text } from './memory';

/*
 * The findings of a chunk: true totals, and details up to a cap per code and severity.
 */

/** Details that haven't been fetched yet. */
export let findingCount: i32 = 0;

/** The address of the numbers of details kept by earlier chunks, by code and severity, and the cap. */
let keptBefore: usize = 0;
let cap: u32 = 0;

// The start of the current record.
let line: i32 = 0;
let lineStart: usize = 0;

export function setCaps(before: usize, max: u32): void {
  keptBefore = before;
  cap = max;
}

/** Starts a new chunk. */
export function clearFindings(): void {
  findingCount = 0;
  memory.fill(counts, 0, ruleCount * 3 * 4);
  memory.fill(kept, 0, ruleCount * 3 * 4);
}

/** True if the next record may not fit: findings must be fetched or facts settled first. */
export function isFull(): bool {
  return 2 * findingCount > findingCapacity || factsAreFull;
}

let factsAreFull: bool = false;

export function setFactsFull(full: bool): void {
  factsAreFull = full;
}

/** Details were fetched, which frees their room. */
export function fetched(): void {
  findingCount = 0;
}

export function setPosition(recordLine: i32, recordStart: usize): void {
  line = recordLine;
  lineStart = recordStart;
}

/** Counts a finding for the bytes from `start` to `end` unless its rule is off, and keeps its details up to the cap. */
export function report(
  code: i32,
  severity: i32,
  start: usize,
  end: usize,
  columnIndex: i32 = -1,
  variant: i32 = 0,
): void {
  const effective = load<i8>(severities + code * 3 + severity);
  if (effective < 0) return;
  const place = <usize>((code * 3 + effective) << 2);
  store<u32>(counts + place, load<u32>(counts + place) + 1);
  if (load<u32>(kept + place) + load<u32>(keptBefore + place) >= cap) return;
  if (findingCount === findingCapacity) return;
  store<u32>(kept + place, load<u32>(kept + place) + 1);
  const at = findings + findingCount * findingBytes;
  findingCount++;
  store<i32>(at, code, findingCode);
  store<i32>(at, effective, findingSeverity);
  store<u32>(at, <u32>(start - text), findingStart);
  store<u32>(at, <u32>(end - text), findingEnd);
  store<i32>(at, line, findingLine);
  store<u32>(at, <u32>(lineStart - text), findingLineStart);
  store<i32>(at, columnIndex, findingColumn);
  store<i32>(at, variant, findingVariant);
}
