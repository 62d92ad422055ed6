import type { ValidationResult } from '../rules/finding.ts';
import type { Severity } from '../rules/rule.ts';
import type { FileType } from '../model/fileType.ts';
import { attributeOf } from '../model/attributes.ts';
import { addUp, profileOf, type AttributeProfile, type Profile } from './profile.ts';
import { rules, type RuleCode } from '../rules/ruleTable.ts';
import { MarkdownWriter } from './markdownWriter.ts';

/** The range of a finding, without its message, which may quote the file. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The findings of one rule in one file. */
export interface RuleFindings {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly title: string;
  /** True total. */
  readonly count: number;
  /** The first of them. */
  readonly places: readonly Place[];
}

export interface FileReport {
  readonly path: string;
  readonly type: FileType;
  /** Size of the file in bytes, and the time of its last change (milliseconds since 1970), when it was counted. */
  readonly bytes: number;
  readonly modified: number;
  /** True for a gzip file: ranges are those of the unpacked text. */
  readonly packed: boolean;
  readonly records: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly findings: readonly RuleFindings[];
}

/**
 * The content and the problems of one or several files. Holds no addresses, Ids or other values that identify anybody: see
 * `profileOf`.
 */
export interface AudienceReport {
  readonly version: 1;
  /** ISO 8601. */
  readonly counted: string;
  readonly files: readonly FileReport[];
  /** For all files together. Users are counted per file. */
  readonly profile: Profile;
}

/** A file that was validated with `statistics`. */
export interface ValidatedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
  readonly packed: boolean;
  readonly result: ValidationResult;
}

/** Maximum number of ranges listed per rule and file. */
const maxPlaces = 10;
const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** The report of validated files. */
export function reportOf(files: readonly ValidatedFile[], counted: Date): AudienceReport {
  return {
    version: 1,
    counted: counted.toISOString(),
    files: files.map(fileReport),
    profile: profileOf(addUp(files.flatMap(({ result }) => result.statistics ?? []))),
  };
}

function fileReport({ path, bytes, modified, packed, result }: ValidatedFile): FileReport {
  const { type, records, errors, warnings, infos } = result;
  const findings = (Object.entries(result.counts) as [RuleCode, number][]).map(([code, count]) => {
    const issues = result.issues.filter((issue) => issue.code === code);
    return {
      code,
      severity: issues[0]?.severity ?? rules[code].severity,
      title: rules[code].title,
      count,
      places: issues
        .slice(0, maxPlaces)
        .map(({ line, column, endLine, endColumn }) => ({ line, column, endLine, endColumn })),
    };
  });
  findings.sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.count - a.count,
  );
  return { path, type, bytes, modified, packed, records, errors, warnings, infos, findings };
}

/** A percentage as shown in reports: never 0 % of something, and never 100 % of less than all. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const value = (100 * part) / whole;
  if (part > 0 && value < 0.1) return '< 0.1 %';
  if (part < whole && value > 99.9) return '> 99.9 %';
  return `${value.toFixed(value === 0 || value === 100 ? 0 : 1)} %`;
}

/** What the counts of an attribute's values are percentages of: records or, if a record can have several, values. */
export function wholeOf(
  { path, values }: AttributeProfile,
  records: number,
): { readonly of: 'records' | 'values'; readonly count: number } {
  return attributeOf(path)?.type === 'strings'
    ? { of: 'values', count: values }
    : { of: 'records', count: records };
}

/** The report as Markdown, in English like rules and messages. */
export function markdownOf({ counted, files, profile }: AudienceReport): string {
  const document = new MarkdownWriter();
  const count = (value: number): string => value.toLocaleString('en-US');
  document.heading(1, 'Audience report');
  document.paragraph(`Counted ${counted.slice(0, 16).replace('T', ' ')} UTC.`);
  document.table(
    ['File', 'Records', 'Errors', 'Warnings', 'Infos', 'Bytes'],
    files.map(({ path, records, errors, warnings, infos, bytes }) => [
      path.replace(/^.*[\\/]/s, ''),
      ...[records, errors, warnings, infos, bytes].map(count),
    ]),
  );
  document.heading(2, 'Findings');
  for (const { path, findings } of files) {
    if (files.length > 1) document.heading(3, path.replace(/^.*[\\/]/s, ''));
    if (findings.length === 0) document.paragraph('No problems found.');
    else {
      document.table(
        ['Finding', 'Code', 'Severity', 'Count', 'First lines'],
        findings.map(({ title, code, severity, count: total, places }) => [
          title,
          code,
          severity,
          count(total),
          places.map(({ line }) => line).join(', '),
        ]),
      );
    }
  }
  const unread = files.reduce((sum, { records }) => sum + records, 0) - profile.records;
  if (unread > 0) document.paragraph(`Unreadable records, not counted below: ${count(unread)}`);
  for (const attribute of profile.attributes) {
    const { path, top } = attribute;
    if (top === undefined || top.values.length === 0) continue;
    const whole = wholeOf(attribute, profile.records);
    document.heading(2, path);
    const rows = top.values.map(({ value, count: of }) => [
      value,
      `${top.atLeast ? '≥ ' : ''}${count(of)}`,
      percent(of, whole.count),
    ]);
    if (top.others > 0)
      rows.push([
        `(other values)`,
        `${top.atLeast ? '≤ ' : ''}${count(top.others)}`,
        percent(top.others, whole.count),
      ]);
    document.table(['Value', 'Count', `Of all ${whole.of}`], rows);
  }
  if (profile.attributes.length > 0) {
    document.heading(2, 'Attributes');
    document.table(
      ['Attribute', 'Filled', 'Of all records', 'Distinct', 'Longest', 'Limit', 'Near the limit', 'Over it'],
      profile.attributes.map(({ path, filled, distinct, longest, limit, near, over }) => [
        path,
        count(filled),
        percent(filled, profile.records),
        `${distinct.exact ? '' : '≈ '}${count(distinct.count)}`,
        count(longest),
        limit === undefined ? '–' : count(limit),
        ...(limit === undefined ? ['–', '–'] : [count(near), count(over)]),
      ]),
    );
    document.paragraph('≈: estimate; two of three are within 0.8 %, nearly all within 2.5 %.');
  }
  if (profile.left.count > 0) {
    document.paragraph(
      `And ${profile.left.atLeast ? 'at least ' : ''}${count(profile.left.count)} other attributes.`,
    );
  }
  const metrics = profile.attributes.filter(({ numbers }) => numbers !== undefined);
  if (metrics.length > 0) {
    document.heading(2, 'Metrics');
    document.table(
      ['Metric', 'Numbers', 'Min', 'Mean', 'Max'],
      metrics.map(({ path, numbers }) => [
        path,
        count(numbers!.count),
        numbers!.exactLeast ?? String(numbers!.least),
        String(numbers!.mean),
        numbers!.exactMost ?? String(numbers!.most),
      ]),
    );
  }
  const { byEndpoints, complete } = profile.users;
  if (byEndpoints.some((users) => users > 0)) {
    document.heading(2, 'Endpoints of a user');
    document.table(
      ['Endpoints', 'Users'],
      byEndpoints.flatMap((users, index) =>
        users === 0
          ? []
          : [[index === byEndpoints.length - 1 ? `${index + 1} or more` : String(index + 1), count(users)]],
      ),
    );
    if (files.length > 1) document.paragraph('Users are counted per file.');
    if (!complete) document.paragraph('There were too many users to count: the others are not included.');
  }
  return document.text;
}
