import type { FileType, Issue, SeverityOverrides, ValidationResult } from '../rules/finding.ts';
import { rules } from '../rules/rules.ts';

const formatNames = { csv: 'CSV', ndjson: 'NDJSON' } as const;

/**
 * Judges files that are to be imported together, each judged by itself before: where their formats differ, those of another
 * format than the first one's get the finding `file-mixed-formats`. Returns the results in the same order.
 */
export function validateTogether(
  results: readonly ValidationResult[],
  overrides: SeverityOverrides = {},
): readonly ValidationResult[] {
  const [first] = results;
  return first ? results.map((result) => validateBeside(first.type, result, overrides)) : results;
}

/** The same for one file, where the first one that it is to be imported with has the format `first`. */
export function validateBeside(
  first: FileType,
  result: ValidationResult,
  overrides: SeverityOverrides = {},
): ValidationResult {
  const code = 'file-mixed-formats';
  const severity = overrides[code] ?? rules[code].severity;
  if (result.type === first || severity === 'off') return result;
  const issue: Issue = {
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    severity,
    code,
    message: `This file is ${formatNames[result.type]}, others of the selection are ${formatNames[first]}. An import job reads one format. AWS's pages disagree: one says that a path should only hold files of one type, another that files of another format are left out.`,
  };
  const total = `${severity}s` as const;
  return {
    ...result,
    [total]: result[total] + 1,
    counts: { ...result.counts, [code]: 1 },
    issues: [issue, ...result.issues],
  };
}
