import * as vscode from 'vscode';
import type { Sample } from '../../jobs/mirror/mirrorContent.ts';
import type { MirrorPlan } from '../../jobs/mirror/mirrorPlan.ts';
import { baseName, formatCount } from '../../host/format.ts';
import { fileLink, PageWriter, type Page, type Part } from '../page.ts';

/** What runs of mirrors would change, with links to lines. Contains identifiers of members. */
export function mirrorPage(plans: readonly MirrorPlan[]): Page {
  const page = new PageWriter();
  page.heading(1, vscode.l10n.t('Mirror Changes'));
  for (const plan of plans) writePlan(page, plan);
  return page.page;
}

function writePlan(page: PageWriter, plan: MirrorPlan): void {
  const { declaration, files } = plan.request;
  const { added, changed, removed, unchanged, companions, samples } = plan.difference;
  const compared = {
    state: vscode.l10n.t('the last run'),
    export: vscode.l10n.t('a new export of the segment'),
    nothing: vscode.l10n.t("nothing: the segment doesn't exist yet"),
  }[plan.against];
  const row = (name: string, ...value: readonly Part[]): void => page.line(`- ${name}: `, ...value);
  page.heading(2, declaration.name);
  row(vscode.l10n.t('Files'), ...listed(files.map(({ path }) => link(path))));
  row(
    vscode.l10n.t('Segment'),
    `${declaration.segment}${plan.segment ? ` (${plan.segment.id})` : ''}, ${plan.project.name}`,
  );
  row(vscode.l10n.t('Identifier'), declaration.identifier);
  row(vscode.l10n.t('Compared with'), compared);
  if (plan.repeated > 0) row(vscode.l10n.t('Duplicate records'), formatCount(plan.repeated));
  page.line();
  row(vscode.l10n.t('Added'), formatCount(added), ...lines(samples.added));
  row(vscode.l10n.t('Changed'), formatCount(changed), ...lines(samples.changed));
  row(vscode.l10n.t('Removed'), `${formatCount(removed)}${removedText(plan)}`);
  row(vscode.l10n.t('Unchanged'), formatCount(unchanged));
  if (companions > 0)
    row(
      vscode.l10n.t('Other endpoints of the same users, which Pinpoint also adds'),
      formatCount(companions),
    );
  if (removed === 0) return;
  page.line();
  page.line(
    vscode.l10n.t(
      "AWS doesn't document whether an import replaces the members of a segment or adds to them. An export after the run shows it. Endpoints are kept in the project either way.",
    ),
  );
}

function lines(samples: readonly Sample[]): readonly Part[] {
  if (samples.length === 0) return [];
  const links = samples.slice(0, 10).map(({ path, line }) => link(path, line));
  return [
    samples.length === 1 ? vscode.l10n.t(', line ') : vscode.l10n.t(', lines '),
    ...listed(links),
    ...(samples.length > 10 ? [', …'] : []),
  ];
}

function listed(links: readonly Part[]): readonly Part[] {
  return links.flatMap((each, index) => (index === 0 ? [each] : [', ', each]));
}

function removedText({ difference }: MirrorPlan): string {
  const { removed, samples } = difference;
  if (removed === 0) return '';
  if (samples.removed === undefined) {
    return ` (${vscode.l10n.t('compare with an export to see which: only hashes of the last run are kept')})`;
  }
  const shown = samples.removed.slice(0, 10);
  return ` (${shown.join(', ')}${removed > shown.length ? ', …' : ''})`;
}

function link(path: string, line?: number): Part {
  return fileLink(line === undefined ? baseName(path) : String(line), vscode.Uri.file(path), line);
}
