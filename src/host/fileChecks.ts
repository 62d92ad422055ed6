import type { Event } from '../events.ts';
import type { ValidationResult } from '../endpoints/rules/finding.ts';
import type { AudienceReport } from '../endpoints/report/report.ts';
import type { LocalFile } from './files.ts';
import type { Report } from './progress.ts';

/** The last result for a file. */
export interface CheckedFile {
  readonly file: LocalFile;
  readonly result: ValidationResult;
  readonly at: Date;
}

/** The result for an object in S3. */
export interface CheckedObject {
  /** `s3://bucket/key` */
  readonly url: string;
  readonly result: ValidationResult;
  readonly at: Date;
}

/** Validation as commands see it: files go in, findings appear in Problems, results come back. */
export interface Checks {
  /** Validates the files as they are on disk, one after another; progress is in bytes of all of them. */
  check(files: readonly LocalFile[], signal: AbortSignal, report: Report): Promise<readonly CheckedFile[]>;
  /** The same, and counts what is in them; gzip files are unpacked while they are read. */
  report(files: readonly LocalFile[], signal: AbortSignal, report: Report): Promise<AudienceReport>;
  /** What was last found, by file, the newest last. */
  readonly results: readonly CheckedFile[];
  /** What was last found in a file, by its path: in its text, while that is checked as it is typed, else on disk. */
  lastOf(path: string): Totals | undefined;
  /** Fires when `results` or what `lastOf` says is another. */
  readonly onDidChange: Event<void>;
}

export interface Totals {
  readonly records: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

export function totalsOf(checked: readonly Pick<CheckedFile, 'result'>[]): Totals {
  const totals = { records: 0, errors: 0, warnings: 0, infos: 0 };
  for (const { result } of checked) {
    totals.records += result.records;
    totals.errors += result.errors;
    totals.warnings += result.warnings;
    totals.infos += result.infos;
  }
  return totals;
}
