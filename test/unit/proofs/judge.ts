import { Text } from '../../../src/endpoints/bytes.ts';
import type { FileType, Issue } from '../../../src/endpoints/finding.ts';
import { Ledger } from '../../../src/endpoints/ledger.ts';
import { SharedState } from '../../../src/endpoints/sharedState.ts';
import { StreamRun } from '../../../src/endpoints/stretches.ts';
import { byPlace } from '../../../src/endpoints/validate.ts';

/** What is found in a file by the code that the workers run, but on this thread: for a hundred thousand files in a minute. */
export interface Judgement {
  readonly records: number;
  readonly lines: number;
  readonly issues: readonly Issue[];
  /** True totals: errors, warnings, informations. */
  readonly totals: readonly [number, number, number];
}

/** The most findings of one code that `judge` gives details of. */
export const mostOfCode = 1000;

const expectedRecords = 64;
const text = new Text(1 << 16);
const memory = new SharedArrayBuffer(Ledger.bytesFor(expectedRecords));
const wiped = new Uint8Array(memory);

/** Judges a small file as a whole, or cut into blocks of `blockBytes`. */
export function judge(bytes: Uint8Array, type: FileType, blockBytes = bytes.length): Judgement {
  const issues: Issue[] = [];
  const state = new SharedArrayBuffer(SharedState.bytes);
  wiped.fill(0);
  const run = new StreamRun(
    text,
    {
      type,
      severity: {},
      cap: mostOfCode,
      head: bytes,
      headIsAll: true,
      size: 0,
      stretchBytes: 0,
      state,
      memory,
      expectedRecords,
    },
    (found) => issues.push(...found),
  );
  for (let at = 0; at < bytes.length; at += blockBytes) run.add(bytes.subarray(at, at + blockBytes));
  run.end();
  const { records, lines, counts } = new SharedState(state);
  const total = (severity: number): number =>
    counts.reduce((sum, count, index) => (index % 3 === severity ? sum + count : sum), 0);
  return { records, lines, issues: issues.sort(byPlace), totals: [total(0), total(1), total(2)] };
}
