import type { Finding, SeverityOverrides, ValidationResult } from '../rules/finding.ts';
import type { FileType } from '../model/fileType.ts';
import { messageOf, rules } from '../rules/ruleTable.ts';

const formatNames = { csv: 'CSV', ndjson: 'NDJSON' } as const;

/**
 * Checks the results of files to be imported together: files whose format differs from the first get the finding
 * `file-mixed-formats`. Returns the results in the same order.
 */
export function validateTogether(
  results: readonly ValidationResult[],
  overrides: SeverityOverrides = {},
): readonly ValidationResult[] {
  const [first] = results;
  return first ? results.map((result) => validateBeside(first.type, result, overrides)) : results;
}

/** The same for one file, given the format of the first. */
export function validateBeside(
  first: FileType,
  result: ValidationResult,
  overrides: SeverityOverrides = {},
): ValidationResult {
  const code = 'file-mixed-formats';
  const severity = overrides[code] ?? rules[code].severity;
  if (result.type === first || severity === 'off') return result;
  const issue: Finding = {
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    severity,
    code,
    message: messageOf(code, { word: formatNames[result.type] }),
  };
  const total = `${severity}s` as const;
  return {
    ...result,
    [total]: result[total] + 1,
    counts: { ...result.counts, [code]: 1 },
    issues: [issue, ...result.issues],
  };
}
