import * as vscode from 'vscode';
import type { Finding, ValidationResult } from '../../endpoints/rules/finding.ts';
import type { Severity } from '../../endpoints/rules/rule.ts';
import { rules, type RuleCode } from '../../endpoints/rules/ruleTable.ts';
import { totalsOf, type CheckedObject } from '../../host/fileChecks.ts';
import { commandIds } from '../../host/commandIds.ts';
import { formatBytes, formatCount, formatMoment } from '../../host/format.ts';
import { commandLink, PageWriter, type Page, type Part } from '../page.ts';

/** Places listed per rule. */
const placesPerRule = 10;

/** Findings in objects in S3, by object and rule. Totals are complete; lists are cut, and say so. Links can't lead to lines in S3. */
export function objectReportPage(results: readonly CheckedObject[]): Page {
  const page = new PageWriter();
  page.heading(1, vscode.l10n.t('Validation in S3'));
  if (results.length > 1) {
    page.table([[vscode.l10n.t('Objects'), formatCount(results.length)], ...countRows(totalsOf(results))]);
  }
  for (const { url, result, at } of results) {
    const place = ({ line, column }: Finding): string =>
      vscode.l10n.t('line {0}, column {1}', formatCount(line), formatCount(column));
    writeFile(page, { title: url.split('/').at(-1) ?? url, name: url, place }, result, at);
  }
  page.line();
  page.line(commandLink(vscode.l10n.t('Import from S3…'), commandIds.importFromS3, commonUrl(results)));
  return page.page;
}

/** The object, or the common folder of several. */
function commonUrl(results: readonly CheckedObject[]): string {
  const [first, ...others] = results.map(({ url }) => url);
  if (first === undefined || others.length === 0) return first ?? '';
  let folder = first;
  do folder = folder.replace(/(?<![^/])[^/]*\/?$/, '');
  while (!others.every((url) => url.startsWith(folder)));
  return folder;
}

interface ReportSource {
  readonly title: string;
  readonly name: Part;
  readonly place: (issue: Finding) => Part;
}

function writeFile(page: PageWriter, source: ReportSource, result: ValidationResult, at: Date): void {
  page.heading(2, source.title);
  page.table([
    [vscode.l10n.t('File'), source.name],
    [vscode.l10n.t('Format'), result.type === 'csv' ? 'CSV' : 'NDJSON'],
    [vscode.l10n.t('Size'), formatBytes(result.bytes)],
    [vscode.l10n.t('Checked'), formatMoment(at.toISOString())],
    ...countRows(result),
  ]);
  const counts = Object.entries(result.counts) as [RuleCode, number][];
  if (counts.length === 0) {
    page.line();
    page.line(vscode.l10n.t('No problems found.'));
    return;
  }
  const byCode = new Map<RuleCode, Finding[]>();
  for (const issue of result.issues) byCode.set(issue.code, [...(byCode.get(issue.code) ?? []), issue]);
  const order = (code: RuleCode): number => severities.indexOf(severityOf(code, byCode));
  counts.sort(([a, m], [b, n]) => order(a) - order(b) || n - m);
  page.heading(3, vscode.l10n.t('By rule'));
  const width = Math.max(...counts.map(([, count]) => formatCount(count).length));
  for (const [code, count] of counts) {
    const severity = severityName(severityOf(code, byCode)).padEnd(8);
    page.line(
      `- ${formatCount(count).padStart(width)}  ${severity} `,
      commandLink(code, commandIds.showRule, code),
    );
  }
  for (const [code, count] of counts) {
    writeRule(page, source, code, count, severityOf(code, byCode), byCode.get(code) ?? []);
  }
}

function writeRule(
  page: PageWriter,
  source: ReportSource,
  code: RuleCode,
  count: number,
  severity: Severity,
  issues: readonly Finding[],
): void {
  page.heading(3, `${rules[code].title} (${severityName(severity)}, ${formatCount(count)})`);
  page.line(commandLink(code, commandIds.showRule, code), `  ${rules[code].fix}`);
  page.line();
  for (const issue of issues.slice(0, placesPerRule))
    page.line('- ', source.place(issue), `  ${issue.message}`);
  const more = count - Math.min(issues.length, placesPerRule);
  if (more > 0) page.line(`- ${vscode.l10n.t('and {0} more', formatCount(more))}`);
}

function countRows({
  records,
  errors,
  warnings,
  infos,
}: {
  readonly records: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}): readonly (readonly [string, string])[] {
  return [
    [vscode.l10n.t('Records'), formatCount(records)],
    [vscode.l10n.t('Errors'), formatCount(errors)],
    [vscode.l10n.t('Warnings'), formatCount(warnings)],
    [vscode.l10n.t('Infos'), formatCount(infos)],
  ];
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** The severity in this file, else the rule's default. */
function severityOf(code: RuleCode, byCode: ReadonlyMap<RuleCode, readonly Finding[]>): Severity {
  return byCode.get(code)?.[0]?.severity ?? rules[code].severity;
}

function severityName(severity: Severity): string {
  switch (severity) {
    case 'error':
      return vscode.l10n.t('error');
    case 'warning':
      return vscode.l10n.t('warning');
    case 'info':
      return vscode.l10n.t('info');
  }
}
