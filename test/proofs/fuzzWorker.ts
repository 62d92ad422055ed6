import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { seeded } from '../support/random.ts';
import { validate, validateOnDisk, maxOfCode } from './validateInProcess.ts';
import type { Outcome } from './validateInProcess.ts';
import { mutation } from './mutations.ts';

/*
 * Validates mutated files until the time is up, in its own thread so that the test can detect a hang: the current seed is in
 * shared memory.
 */

export interface FuzzData {
  readonly firstSeed: number;
  readonly milliseconds: number;
  /** The seed in hand. */
  readonly current: SharedArrayBuffer;
  readonly scratchFile: string;
}

/** What came of it; `failure` names the seed. */
export interface FuzzReport {
  readonly files: number;
  /** By CPU time of all threads: the same however busy the machine is. */
  readonly slowest: { readonly seed: number; readonly milliseconds: number };
  /** Most bytes of buffers at a time. */
  readonly buffers: number;
  readonly failure?: string;
}

const { firstSeed, milliseconds, current, scratchFile } = workerData as FuzzData;
/** Kept open: opening a file takes longer than validating it. */
const scratch = openSync(scratchFile, 'w+');
parentPort!.postMessage(fuzz());

function fuzz(): FuzzReport {
  const inHand = new Int32Array(current);
  const end = performance.now() + milliseconds;
  let slowest = { seed: firstSeed, milliseconds: 0 };
  let buffers = 0;
  let seed = firstSeed;
  for (; performance.now() < end; seed++) {
    inHand[0] = seed;
    const { type, bytes } = mutation(seed);
    const start = process.cpuUsage();
    try {
      check(bytes, type, seed);
    } catch (error) {
      const failure = `PROOF_SEED=${seed}: ${type}\n${(error as Error).stack}\n${JSON.stringify(Buffer.from(bytes).toString('latin1')).slice(0, 3000)}`;
      return { files: seed - firstSeed, slowest, buffers, failure };
    }
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    if (took > slowest.milliseconds) slowest = { seed, milliseconds: took };
    if (seed % 256 === 0) buffers = Math.max(buffers, process.memoryUsage().arrayBuffers);
  }
  return { files: seed - firstSeed, slowest, buffers };
}

function check(bytes: Uint8Array, type: FileType, seed: number): void {
  const random = seeded(seed);
  const whole = validate(bytes, type);
  assertInside(whole, bytes);
  assertTotals(whole);
  // It must not matter where a file is cut. (One file in three, because it takes longer than everything else.)
  if (random.chance(0.3))
    assert.deepEqual(validate(bytes, type, 1 + random.int(64)), whole, 'as a stream in blocks');
  if (bytes.length > 0 && random.chance(0.3))
    assert.deepEqual(validateOnDisk(bytes, type, scratch, 1 + random.int(200)), whole, 'from disk in chunks');
}

/** Every finding has a place in the file. */
function assertInside({ issues, lines, records }: Outcome, bytes: Uint8Array): void {
  const texts = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  for (const issue of issues) {
    const { line, column, endLine, endColumn } = issue;
    const context = JSON.stringify(issue);
    assert.ok(line >= 1 && column >= 1, context);
    assert.ok(endLine > line || (endLine === line && endColumn >= column), context);
    assert.ok(endLine <= texts.length, `${context}: there are ${texts.length} lines`);
    assert.ok(column <= texts[line - 1]!.length + 1, `${context}: the line has ${texts[line - 1]!.length}`);
    assert.ok(
      endColumn <= texts[endLine - 1]!.length + 1,
      `${context}: the line has ${texts[endLine - 1]!.length}`,
    );
  }
  assert.ok(lines <= texts.length, `${lines} lines of ${texts.length}`);
  assert.ok(records <= lines, `${records} records on ${lines} lines`);
}

/** The totals are those of the details, where these were not cut. */
function assertTotals({ issues, totals }: Outcome): void {
  const details = (['error', 'warning', 'info'] as const).map(
    (severity) => issues.filter((issue) => issue.severity === severity).length,
  );
  const cut = issues.length >= maxOfCode;
  details.forEach((count, index) =>
    assert.ok(cut ? count <= totals[index]! : count === totals[index], `${count} of ${totals[index]}`),
  );
}
