import { randomBytes } from 'node:crypto';
import { ftruncateSync, writeSync } from 'node:fs';
import { hashKeyBytes } from '../../../src/endpoints/engine/abi.ts';
import { createArena, type Arena } from '../../../src/endpoints/validation/sharedMemory.ts';
import type { Finding } from '../../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import type { Job } from '../../../src/endpoints/validation/workerProtocol.ts';
import { SharedState } from '../../../src/endpoints/validation/sharedState.ts';
import { validateChunks, roomFor, StreamRun } from '../../../src/endpoints/validation/chunks.ts';
import { byPosition } from '../../../src/endpoints/validation/validator.ts';

/** What is found in a file by the code that the workers run, but on this thread: for a hundred thousand files in a minute. */
export interface Outcome {
  readonly records: number;
  readonly lines: number;
  readonly issues: readonly Finding[];
  /** True totals: errors, warnings, informations. */
  readonly totals: readonly [number, number, number];
}

/** The most findings of one code that a outcome gives details of. */
export const maxOfCode = 1000;

/** Where a file is validated, and how much of its records is kept in memory. */
interface Memory {
  readonly arena: Arena;
  readonly memoryBytes: number;
}

/** Memory in which so many bytes are kept of the records; what is beyond is spilled. */
export function memoryFor(memoryBytes: number): Memory {
  return { arena: createArena(roomFor(1 << 20, 8192), 1, true), memoryBytes };
}

const small = memoryFor(2 ** 30);

function jobFor(
  bytes: Uint8Array,
  type: FileType,
  size: number,
  chunkBytes: number,
  { arena, memoryBytes }: Memory = small,
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
    arena,
    hashKey: randomBytes(hashKeyBytes),
    memoryBytes,
    spill: true,
  };
}

function outcomeOf(issues: Finding[], { arena } = small): Outcome {
  const { records, lines, counts } = new SharedState(arena.memory.buffer, arena.stateStart);
  const total = (severity: number): number => {
    let sum = 0;
    for (let index = severity; index < counts.length; index += 3) sum += counts[index]!;
    return sum;
  };
  return { records, lines, issues: issues.sort(byPosition), totals: [total(0), total(1), total(2)] };
}

/** Judges a small file as a stream: as a whole, or cut into blocks of `blockBytes`. */
export function validate(
  bytes: Uint8Array,
  type: FileType,
  blockBytes = bytes.length,
  memory = small,
): Outcome {
  const issues: Finding[] = [];
  const run = new StreamRun(jobFor(bytes, type, 0, 65_536, memory), (found) => issues.push(...found));
  for (let at = 0; at < bytes.length; at += blockBytes) run.add(bytes.subarray(at, at + blockBytes));
  run.end();
  return outcomeOf(issues, memory);
}

/** Judges a small file from disk, in chunks that begin anywhere. It is written to the open file first, in place of all that is there. */
export function validateOnDisk(bytes: Uint8Array, type: FileType, file: number, chunkBytes: number): Outcome {
  ftruncateSync(file);
  writeSync(file, bytes, 0, bytes.length, 0);
  const issues: Finding[] = [];
  validateChunks(file, jobFor(bytes, type, bytes.length, chunkBytes), (found) => issues.push(...found));
  return outcomeOf(issues);
}
