import { randomBytes } from 'node:crypto';
import { ftruncateSync, writeSync } from 'node:fs';
import { hashKeyBytes } from '../../src/endpoints/engine/abi.ts';
import { createArena, type Arena } from '../../src/endpoints/validation/sharedMemory.ts';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import type { Job } from '../../src/endpoints/validation/workerProtocol.ts';
import { SharedState } from '../../src/endpoints/validation/sharedState.ts';
import { validateChunks, roomFor, StreamRun } from '../../src/endpoints/validation/chunks.ts';
import { byPosition } from '../../src/endpoints/validation/validator.ts';

/** The result of the code that the workers run, on this thread: fast enough for a hundred thousand files a minute. */
export interface Outcome {
  readonly records: number;
  readonly lines: number;
  readonly issues: readonly Finding[];
  /** True totals: errors, warnings, infos. */
  readonly totals: readonly [number, number, number];
}

/** Maximum number of findings per code. */
export const maxOfCode = 1000;

/** Memory for validating a file, and the budget for comparing its records. */
interface Memory {
  readonly arena: Arena;
  readonly memoryBytes: number;
}

/** Memory with this budget for comparing records; the rest is spilled. */
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

/** Validates a small file as a stream, whole or in blocks of `blockBytes`. */
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

/** Validates a stream of blocks of up to 64 KiB; returns the bytes of memory that comparing its records took. */
export function bytesToCompare(blocks: Iterable<Uint8Array>, type: FileType): number {
  const memory = memoryFor(2 ** 31);
  let run: StreamRun | undefined;
  for (const block of blocks) {
    run ??= new StreamRun({ ...jobFor(block, type, 0, 65_536, memory), headIsAll: false }, () => undefined);
    run.add(block);
  }
  run!.end();
  return run!.comparisonBytes;
}

/** Validates a small file from disk, in chunks that start anywhere. Overwrites the open file with it. */
export function validateOnDisk(bytes: Uint8Array, type: FileType, file: number, chunkBytes: number): Outcome {
  ftruncateSync(file);
  writeSync(file, bytes, 0, bytes.length, 0);
  const issues: Finding[] = [];
  validateChunks(file, jobFor(bytes, type, bytes.length, chunkBytes), (found) => issues.push(...found));
  return outcomeOf(issues);
}
