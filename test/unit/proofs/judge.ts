import { ftruncateSync, writeSync } from 'node:fs';
import { createArena, ledgerBytesFor, type Arena } from '../../../src/endpoints/validation/sharedMemory.ts';
import type { Issue } from '../../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import type { Job } from '../../../src/endpoints/validation/workerProtocol.ts';
import { SharedState } from '../../../src/endpoints/validation/sharedState.ts';
import { validateChunks, roomFor, StreamRun } from '../../../src/endpoints/validation/chunks.ts';
import { byPosition } from '../../../src/endpoints/validation/validator.ts';

/** What is found in a file by the code that the workers run, but on this thread: for a hundred thousand files in a minute. */
export interface Judgement {
  readonly records: number;
  readonly lines: number;
  readonly issues: readonly Issue[];
  /** True totals: errors, warnings, informations. */
  readonly totals: readonly [number, number, number];
}

/** The most findings of one code that a judgement gives details of. */
export const maxOfCode = 1000;

/** Where a file is judged, and for how many records that looks like enough. */
interface Memory {
  readonly arena: Arena;
  readonly expectedRecords: number;
}

/** Memory in which the values of so many records of each kind are remembered. `expectedRecords`: what is told of the file. */
export function memoryFor(records: number, expectedRecords = records): Memory {
  const arena = createArena(roomFor(1 << 20, 8192), 1, ledgerBytesFor(records), true);
  return { arena, expectedRecords };
}

const small = memoryFor(192, 64);

function jobFor(
  bytes: Uint8Array,
  type: FileType,
  size: number,
  chunkBytes: number,
  { arena, expectedRecords }: Memory = small,
): Job {
  new SharedState(arena.memory.buffer, arena.stateStart).clear();
  return {
    type,
    severity: {},
    cap: maxOfCode,
    head: bytes,
    headIsAll: true,
    size,
    chunkBytes,
    expectedRecords,
    arena,
  };
}

function judgement(issues: Issue[], { arena } = small): Judgement {
  const { records, lines, counts } = new SharedState(arena.memory.buffer, arena.stateStart);
  const total = (severity: number): number => {
    let sum = 0;
    for (let index = severity; index < counts.length; index += 3) sum += counts[index]!;
    return sum;
  };
  return { records, lines, issues: issues.sort(byPosition), totals: [total(0), total(1), total(2)] };
}

/** Judges a small file as a stream: as a whole, or cut into blocks of `blockBytes`. */
export function judge(
  bytes: Uint8Array,
  type: FileType,
  blockBytes = bytes.length,
  memory = small,
): Judgement {
  const issues: Issue[] = [];
  const run = new StreamRun(jobFor(bytes, type, 0, 65_536, memory), (found) => issues.push(...found));
  for (let at = 0; at < bytes.length; at += blockBytes) run.add(bytes.subarray(at, at + blockBytes));
  run.end();
  return judgement(issues, memory);
}

/** Judges a small file from disk, in chunks that begin anywhere. It is written to the open file first, in place of all that is there. */
export function validateOnDisk(
  bytes: Uint8Array,
  type: FileType,
  file: number,
  chunkBytes: number,
): Judgement {
  ftruncateSync(file);
  writeSync(file, bytes, 0, bytes.length, 0);
  const issues: Issue[] = [];
  validateChunks(file, jobFor(bytes, type, bytes.length, chunkBytes), (found) => issues.push(...found));
  return judgement(issues);
}
