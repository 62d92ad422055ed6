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

/** Validates files for commands, and shows the findings in Problems. */
export interface Checks {
  /** Validates the files as they are on disk, one after another; progress is in bytes of all of them. */
  check(files: readonly LocalFile[], signal: AbortSignal, report: Report): Promise<readonly CheckedFile[]>;
  /** The same, and counts their content; gzip files are unpacked while they are read. */
  report(files: readonly LocalFile[], signal: AbortSignal, report: Report): Promise<AudienceReport>;
  /** The last result of each file, the newest last. */
  readonly results: readonly CheckedFile[];
  /** Totals of a file by its path: of its text while it is validated as you type, else of the file on disk. */
  lastOf(path: string): Totals | undefined;
  /** Fires when `results` or `lastOf` changes. */
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
