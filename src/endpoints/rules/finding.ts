import type { FileType } from '../model/fileType.ts';
import type { Severity } from './rule.ts';
import type { RuleCode } from './ruleTable.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

/**
 * One range in which a file breaks a rule. Lines and columns are 1-based, columns count UTF-16 code units, the end is
 * exclusive.
 */
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
  /** Endpoint records, without the CSV header. */
  readonly records: number;
  /** True totals, including findings that `issues` omits. */
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** True totals by code; a code without findings is absent. */
  readonly counts: Readonly<Partial<Record<RuleCode, number>>>;
  /** True if `issues` omits findings. */
  readonly truncated: boolean;
  /** In file order: by line, then column. */
  readonly issues: readonly Finding[];
  /** Statistics of the values, if requested: see profile.ts. */
  readonly statistics?: Counts;
}

/** The user's severities by code; absent ones keep that of the rule. */
export type SeverityOverrides = Readonly<Partial<Record<RuleCode, Severity | 'off'>>>;

export interface ValidateOptions {
  /** Derived from the file name by default: `.csv` is CSV, everything else NDJSON. */
  readonly type?: FileType | undefined;
  readonly severity?: SeverityOverrides | undefined;
  /** Maximum number of findings in `issues`; default 1000. Errors come before warnings before infos. */
  readonly maxIssues?: number | undefined;
  /** Maximum number of findings per code in `issues`; default 200. */
  readonly maxIssuesPerCode?: number | undefined;
  /** True to collect statistics in the same pass: see profile.ts. */
  readonly statistics?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called regularly with the bytes read so far and the total (`undefined` if unknown). */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
}

/** Validates files in other threads. One validator serves a whole process, and can validate several files at once. */
export interface Validator {
  /**
   * Reads a file from disk in pieces; memory doesn't grow with the file, except for comparing records. Rejects with
   * `not-found`, `bad-input` (such as a folder), `changed` (the file changed during the check) or `cancelled`.
   */
  file(path: string, options?: ValidateOptions): Promise<ValidationResult>;
  /** Reads a stream such as standard input or an object in S3; `options.type` is required. */
  stream(
    source: AsyncIterable<Uint8Array>,
    options: ValidateOptions & { readonly type: FileType },
  ): Promise<ValidationResult>;
  dispose(): Promise<void>;
}
