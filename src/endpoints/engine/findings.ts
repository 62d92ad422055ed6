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
 * What the rules find in a chunk: true totals always, details up to a cap for each code and severity.
 */

/** Details found and not yet fetched. */
export let findingCount: i32 = 0;

/** Where details kept by earlier chunks are counted, by code and severity, and the most of one. */
let keptBefore: usize = 0;
let cap: u32 = 0;

// Where the record under judgement begins.
let line: i32 = 0;
let lineStart: usize = 0;

export function setCaps(before: usize, most: u32): void {
  keptBefore = before;
  cap = most;
}

/** Begins a new chunk. */
export function clearFindings(): void {
  findingCount = 0;
  memory.fill(counts, 0, ruleCount * 3 * 4);
  memory.fill(kept, 0, ruleCount * 3 * 4);
}

/** True where there may be no room for what the next record brings: findings are to be fetched, or facts to be judged. */
export function isFull(): bool {
  return 2 * findingCount > findingCapacity || factsAreFull;
}

let factsAreFull: bool = false;

export function setFactsFull(full: bool): void {
  factsAreFull = full;
}

/** Details were fetched: there is room for others. */
export function fetched(): void {
  findingCount = 0;
}

export function setPosition(recordLine: i32, recordStart: usize): void {
  line = recordLine;
  lineStart = recordStart;
}

/** Counts a finding in the bytes from `start` to `end`, unless the user switched it off, and keeps its details unless there are too many. */
export function report(
  code: i32,
  severity: i32,
  start: usize,
  end: usize,
  columnIndex: i32 = -1,
  variant: i32 = 0,
): void {
  const judged = load<i8>(severities + code * 3 + severity);
  if (judged < 0) return;
  const place = <usize>((code * 3 + judged) << 2);
  store<u32>(counts + place, load<u32>(counts + place) + 1);
  if (load<u32>(kept + place) + load<u32>(keptBefore + place) >= cap) return;
  if (findingCount === findingCapacity) return;
  store<u32>(kept + place, load<u32>(kept + place) + 1);
  const at = findings + findingCount * findingBytes;
  findingCount++;
  store<i32>(at, code, findingCode);
  store<i32>(at, judged, findingSeverity);
  store<u32>(at, <u32>(start - text), findingStart);
  store<u32>(at, <u32>(end - text), findingEnd);
  store<i32>(at, line, findingLine);
  store<u32>(at, <u32>(lineStart - text), findingLineStart);
  store<i32>(at, columnIndex, findingColumn);
  store<i32>(at, variant, findingVariant);
}
