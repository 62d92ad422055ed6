import * as vscode from 'vscode';
import type { CheckStatus } from '../../jobs/setup/checkFindings.ts';
import type { CheckResult } from '../../jobs/setup/setupChecks.ts';
import { groups } from '../../jobs/setup/setupChecks.ts';
import type { PlanStep, SetupPlan } from '../../jobs/setup/setupPlan.ts';
import type { SetupReport } from '../../jobs/setup/setupReport.ts';
import { commandIds } from '../../host/commandIds.ts';
import { formatCount } from '../../host/format.ts';
import { CallNode } from '../../host/targets.ts';
import { PageWriter, webLink, type Link, type Page } from '../page.ts';

/** The status of everything that imports and exports need: problems first, with their fixes. */
export function setupPage({ scope, project, results, fixes }: SetupReport): Page {
  const { account, region } = scope.identity;
  const page = new PageWriter();
  page.heading(
    1,
    project === undefined
      ? vscode.l10n.t('Setup of account {0} in {1}', account, region)
      : vscode.l10n.t('Setup for {0}, account {1}, {2}', project.name, account, region),
  );
  page.action(vscode.l10n.t('Check Again'), commandIds.checkSetup);
  page.action(vscode.l10n.t('Create Setup…'), commandIds.createSetup);
  page.line(summary(results));
  for (const { status, title } of statuses) {
    const own = results.filter((result) => result.status === status);
    if (own.length === 0 || status === 'ok') continue;
    page.heading(2, title());
    for (const result of own) writeProblem(page, result, fixes.get(result.id), project?.id);
  }
  for (const group of groups) {
    const own = results.filter((result) => result.group === group);
    if (own.length === 0) continue;
    page.heading(2, titleOfGroup(group));
    for (const result of own) writeResult(page, result);
  }
  return page.page;
}

/** Exactly what "Create Setup" would do: every AWS API call, with its input. */
export function planPage({ wanted, steps }: SetupPlan): Page {
  const { identity, bucket, prefix } = wanted;
  const page = new PageWriter();
  page.heading(1, vscode.l10n.t('Setup to create in account {0}, {1}', identity.account, identity.region));
  page.line(
    vscode.l10n.t(
      'Nothing has been changed yet. Imports and exports will use {0}',
      `s3://${bucket}/${prefix}`,
    ),
  );
  const sections: readonly (readonly [title: string, action: PlanStep['action']])[] = [
    [vscode.l10n.t('To create'), 'create'],
    [vscode.l10n.t('Existing but different: changed only if you choose so'), 'change'],
    [vscode.l10n.t('Existing and unchanged'), 'none'],
  ];
  for (const [title, action] of sections) {
    const own = steps.filter((step) => step.action === action);
    if (own.length === 0) continue;
    page.heading(2, title);
    for (const step of own) writeStep(page, step);
  }
  return page.page;
}

/** In order of severity. */
const statuses: readonly {
  readonly status: CheckStatus;
  readonly mark: string;
  readonly word: () => string;
  readonly title: () => string;
}[] = [
  {
    status: 'failed',
    mark: '✗',
    word: () => vscode.l10n.t('Problem'),
    title: () => vscode.l10n.t('Problems: imports or exports fail'),
  },
  {
    status: 'warning',
    mark: '!',
    word: () => vscode.l10n.t('Warning'),
    title: () => vscode.l10n.t('Warnings'),
  },
  {
    status: 'unknown',
    mark: '?',
    word: () => vscode.l10n.t('Unknown'),
    title: () => vscode.l10n.t('Unknown'),
  },
  { status: 'ok', mark: '✓', word: () => vscode.l10n.t('OK'), title: () => vscode.l10n.t('OK') },
];

function summary(results: readonly CheckResult[]): string {
  return statuses
    .map(({ status, word }) => [results.filter((result) => result.status === status).length, word()] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${word}: ${formatCount(count)}`)
    .join(' · ');
}

function titleOfGroup(group: CheckResult['group']): string {
  const titles: Readonly<Record<CheckResult['group'], string>> = {
    You: vscode.l10n.t('You'),
    Project: vscode.l10n.t('Project'),
    'Staging bucket': vscode.l10n.t('Staging bucket'),
    'Import role': vscode.l10n.t('Import role'),
    'Export role': vscode.l10n.t('Export role'),
  };
  return titles[group];
}

/** What is wrong, what to do, and the commands for it. */
function writeProblem(
  page: PageWriter,
  result: CheckResult,
  commands: readonly string[] | undefined,
  projectId: string | undefined,
): void {
  const { id, group, message, fix } = result;
  // For the setup in the settings, without questions.
  const fixArguments = [new CallNode({ kind: 'other' }), 'fix', projectId];
  if (commands) page.action(vscode.l10n.t('Fix…'), commandIds.createSetup, ...fixArguments);
  else if (/^(bucket|import-role|export-role)$/.test(id)) {
    page.action(vscode.l10n.t('Create Setup…'), commandIds.createSetup);
  }
  if (id === 'bucket' || id === 'bucket-region') {
    page.action(vscode.l10n.t('Select Bucket…'), commandIds.selectBucket);
  }
  if (id === 'project') page.action(vscode.l10n.t('Select Region…'), commandIds.selectRegion);
  if (id === 'audience') page.action(vscode.l10n.t('Open AWS Migration Guide'), commandIds.whatNow);
  page.line(`- ${titleOfGroup(group)}: ${message}`);
  if (fix !== undefined) page.line(`  ${fix}`);
  page.line('  ', source(result));
  for (const command of commands ?? []) {
    page.line();
    for (const line of command.split('\n')) page.line(`      ${line}`);
  }
  page.line();
}

function writeResult(page: PageWriter, result: CheckResult): void {
  const { mark, word } = statuses.find(({ status }) => status === result.status)!;
  const text = result.status === 'ok' ? result.message : `${word()}: ${result.message}`;
  page.line(`- ${mark} ${text}  `, source(result));
}

function writeStep(page: PageWriter, { title, summary, call, now, action }: PlanStep): void {
  page.line(`- ${title}: ${summary}`);
  if (call === undefined || action === 'none') return;
  if (now !== undefined) {
    page.line();
    page.line(`    ${vscode.l10n.t('Now:')}`);
    writeJson(page, now);
  }
  page.line();
  page.line(`    ${call.service === 's3' ? 'Amazon S3' : 'IAM'} ${call.operation}`);
  writeJson(page, call.input);
  page.line();
}

function writeJson(page: PageWriter, value: unknown): void {
  for (const line of JSON.stringify(value, undefined, 2).split('\n')) page.line(`        ${line}`);
}

/** The page of AWS's guides that documents it. */
function source({ page }: CheckResult): Link {
  const name = page.slice(page.lastIndexOf('/') + 1).replace(/\.html$/, '');
  return webLink(page, `[${name}]`);
}
