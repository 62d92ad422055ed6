import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Text } from '../../../src/endpoints/bytes.ts';
import type { FileType, Issue } from '../../../src/endpoints/finding.ts';
import { Ledger } from '../../../src/endpoints/ledger.ts';
import type { Job } from '../../../src/endpoints/protocol.ts';
import { SharedState } from '../../../src/endpoints/sharedState.ts';
import { judgeStretches, StreamRun } from '../../../src/endpoints/stretches.ts';
import { byPlace } from '../../../src/endpoints/validate.ts';

/** What is found in a file by the code that the workers run, but on this thread: for a hundred thousand files in a minute. */
export interface Judgement {
  readonly records: number;
  readonly lines: number;
  readonly issues: readonly Issue[];
  /** True totals: errors, warnings, informations. */
  readonly totals: readonly [number, number, number];
}

/** The most findings of one code that a judgement gives details of. */
export const mostOfCode = 1000;

const expectedRecords = 64;
const text = new Text(1 << 16);
const memory = new SharedArrayBuffer(Ledger.bytesFor(expectedRecords));
const wiped = new Uint8Array(memory);

function jobFor(bytes: Uint8Array, type: FileType, size: number, stretchBytes: number): Job {
  wiped.fill(0);
  return {
    type,
    severity: {},
    cap: mostOfCode,
    head: bytes,
    headIsAll: true,
    size,
    stretchBytes,
    state: new SharedArrayBuffer(SharedState.bytes),
    memory,
    expectedRecords,
  };
}

function judgement(job: Job, issues: Issue[]): Judgement {
  const { records, lines, counts } = new SharedState(job.state);
  const total = (severity: number): number =>
    counts.reduce((sum, count, index) => (index % 3 === severity ? sum + count : sum), 0);
  return { records, lines, issues: issues.sort(byPlace), totals: [total(0), total(1), total(2)] };
}

/** Judges a small file as a stream: as a whole, or cut into blocks of `blockBytes`. */
export function judge(bytes: Uint8Array, type: FileType, blockBytes = bytes.length): Judgement {
  const issues: Issue[] = [];
  const job = jobFor(bytes, type, 0, 0);
  const run = new StreamRun(text, job, (found) => issues.push(...found));
  for (let at = 0; at < bytes.length; at += blockBytes) run.add(bytes.subarray(at, at + blockBytes));
  run.end();
  return judgement(job, issues);
}

/** Judges a small file from disk, in stretches that begin anywhere. It is written to `path` first. */
export function judgeOnDisk(
  bytes: Uint8Array,
  type: FileType,
  path: string,
  stretchBytes: number,
): Judgement {
  writeFileSync(path, bytes);
  const issues: Issue[] = [];
  const job = jobFor(bytes, type, bytes.length, stretchBytes);
  const descriptor = openSync(path, 'r');
  try {
    judgeStretches(text, descriptor, job, (found) => issues.push(...found));
  } finally {
    closeSync(descriptor);
  }
  return judgement(job, issues);
}
