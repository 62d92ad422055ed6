import type { FileType } from '../model/fileType.ts';
import type { Severity } from './rule.ts';
import type { RuleCode } from './ruleTable.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

/** One place where a file breaks a rule. Lines and columns are 1-based, columns count UTF-16 code units, the end is exclusive. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: RuleCode;
  readonly message: string;
}

/** The result of validating one file. */
export interface ValidationResult {
  readonly type: FileType;
  /** Bytes read. */
  readonly bytes: number;
  /** Endpoint records: lines that hold data, the CSV header not counted. */
  readonly records: number;
  /** True totals, also of findings that `issues` leaves out. */
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** True totals by code; a code without findings is absent. */
  readonly counts: Readonly<Partial<Record<RuleCode, number>>>;
  /** True where `issues` holds fewer findings than were made. */
  readonly truncated: boolean;
  /** In the order of the file: by line, then column. */
  readonly issues: readonly Finding[];
  /** What was counted of the values, where that was asked for: see profile.ts. */
  readonly statistics?: Counts;
}

/** How a user changes the severity of rules, by code; what is absent keeps the catalogue's severity. */
export type SeverityOverrides = Readonly<Partial<Record<RuleCode, Severity | 'off'>>>;

export interface ValidateOptions {
  /** By the file name where absent; `.csv` is CSV, everything else NDJSON. */
  readonly type?: FileType | undefined;
  readonly severity?: SeverityOverrides | undefined;
  /** The most findings that `issues` holds; default 1000. Where there are more, errors come before warnings before infos. */
  readonly maxIssues?: number | undefined;
  /** The most findings of one code that `issues` holds; default 200. */
  readonly maxIssuesPerCode?: number | undefined;
  /** True to have the values counted in the same pass: see profile.ts. */
  readonly statistics?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with bytes read so far and bytes in all (`undefined`: not known). */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
}

/** Validates files off the calling thread. One validator serves a whole process; it may validate several files at once. */
export interface Validator {
  /**
   * Reads a file from disk in pieces; memory does not grow with the file.
   * Rejects with `not-found`, `bad-input` (a directory, say), `changed` (another file at the end than at the beginning) or `cancelled`.
   */
  file(path: string, options?: ValidateOptions): Promise<ValidationResult>;
  /** Reads a stream such as standard input or an object in S3; `options.type` is due. */
  stream(
    source: AsyncIterable<Uint8Array>,
    options: ValidateOptions & { readonly type: FileType },
  ): Promise<ValidationResult>;
  dispose(): Promise<void>;
}
