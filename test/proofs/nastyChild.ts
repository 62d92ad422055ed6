import { createInterface } from 'node:readline';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { peakMemory } from '../../tools/peakMemory.ts';

/*
 * Validates the files named on standard input, one per line, in its own process, and writes each outcome as one line of JSON. A
 * test can measure its memory and time, and survives a crash.
 */

export interface NastyWish {
  readonly path: string;
  readonly type: FileType;
}

export interface NastyOutcome {
  readonly result: ValidationResult;
  /** Of CPU, in all threads: the same however busy the machine is. */
  readonly milliseconds: number;
  /** The most memory that the process had so far, in bytes. */
  readonly peak: number;
}

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const validator = createValidator({ workerFile, threads: 2 });
for await (const line of createInterface({ input: process.stdin })) {
  const { path, type } = JSON.parse(line) as NastyWish;
  const start = process.cpuUsage();
  const result = await validator.file(path, { type, maxIssues: 50 });
  const { user, system } = process.cpuUsage(start);
  const outcome: NastyOutcome = {
    result,
    milliseconds: (user + system) / 1000,
    peak: peakMemory(),
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
await validator.dispose();
