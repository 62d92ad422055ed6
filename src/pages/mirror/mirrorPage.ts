import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { Sample } from '../../jobs/mirror/mirrorContent.ts';
import type { MirrorPlan } from '../../jobs/mirror/mirrors.ts';
import { formatCount } from '../../host/format.ts';

/** What runs of mirrors would do, as a page of Markdown with links to lines. Holds identifiers of members: for the user's eyes. */
export function mirrorPage(plans: readonly MirrorPlan[]): string {
  return [`# ${vscode.l10n.t('Dry run of mirrors')}`, '', ...plans.flatMap(section)].join('\n');
}

function section(plan: MirrorPlan): readonly string[] {
  const { declaration, files } = plan.request;
  const { added, changed, removed, unchanged, companions, samples } = plan.difference;
  const compared = {
    state: vscode.l10n.t('what was mirrored last'),
    export: vscode.l10n.t('a fresh export of the segment'),
    nothing: vscode.l10n.t('nothing: the segment is still to be made'),
  }[plan.against];
  return [
    `## ${declaration.name}`,
    '',
    `- ${vscode.l10n.t('Files')}: ${files.map(({ path }) => link(path)).join(', ')}`,
    `- ${vscode.l10n.t('Segment')}: ${declaration.segment}${plan.segment ? ` (${plan.segment.id})` : ''}, ${plan.project.name}`,
    `- ${vscode.l10n.t('Members are told apart by')}: ${declaration.identifier}`,
    `- ${vscode.l10n.t('Compared with')}: ${compared}`,
    ...(plan.repeated > 0
      ? [`- ${vscode.l10n.t('Records of a member that came before')}: ${formatCount(plan.repeated)}`]
      : []),
    '',
    `- ${vscode.l10n.t('Added')}: ${formatCount(added)}${lines(samples.added)}`,
    `- ${vscode.l10n.t('Changed')}: ${formatCount(changed)}${lines(samples.changed)}`,
    `- ${vscode.l10n.t('Removed')}: ${formatCount(removed)}${removedText(plan)}`,
    `- ${vscode.l10n.t('Unchanged')}: ${formatCount(unchanged)}`,
    ...(companions > 0
      ? [
          `- ${vscode.l10n.t('Other endpoints of users in the files, which Pinpoint makes members, too')}: ${formatCount(companions)}`,
        ]
      : []),
    '',
    ...(removed > 0
      ? [
          vscode.l10n.t(
            'AWS does not say whether an import replaces the members of a segment or adds to them: after the run an export shows it. Endpoints stay in the project either way.',
          ),
          '',
        ]
      : []),
  ];
}

function lines(samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const links = samples.slice(0, 10).map(({ path, line }) => link(path, line));
  const list = `${links.join(', ')}${samples.length > 10 ? ', …' : ''}`;
  return samples.length === 1 ? vscode.l10n.t(', line {0}', list) : vscode.l10n.t(', lines {0}', list);
}

function removedText({ difference }: MirrorPlan): string {
  const { removed, samples } = difference;
  if (removed === 0) return '';
  if (samples.removed === undefined) {
    return ` (${vscode.l10n.t('which ones, only an export can tell: of the last state hashes are kept, no content')})`;
  }
  const shown = samples.removed.slice(0, 10).map((key) => key.replaceAll('\n', ' '));
  return ` (${shown.join(', ')}${removed > shown.length ? ', …' : ''})`;
}

function link(path: string, line?: number): string {
  const url = pathToFileURL(path).href;
  return line === undefined ? `[${basename(path)}](<${url}>)` : `[${line}](<${url}#L${line}>)`;
}
