import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import { uriOf } from '../../host/audiencePlaces.ts';
import { formatTime } from '../../host/format.ts';
import { pagesOf } from '../../aws/pinpoint/pages.ts';
import { askOne } from '../../host/prompts.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { inert } from '../../host/inertText.ts';
import { chooseSegment, type ChosenSegment } from './chooseSegment.ts';

type Services = Pick<CommandServices, 'session' | 'memory'>;

/** Shows two versions side by side, the older one on the left. Resolves with their numbers. */
export async function compareVersions(
  call: Invocation,
  services: Services,
): Promise<{ readonly before: number; readonly after: number }> {
  const title = vscode.l10n.t('Compare Versions');
  const options = readOptions(call, { before: 'number', after: 'number' });
  const chosen = await chooseSegment(call, title, services, 'dynamic');
  const versions = await listVersions(chosen);
  const ask = async (placeholder: string, among: readonly Segment[]): Promise<number> => {
    if (!call.isInteractive) throw missing('versions', 'Pass the options before and after.');
    return askForVersion(title, placeholder, among);
  };
  const after = options.after ?? (await ask(vscode.l10n.t('The newer version'), versions.slice(0, -1)));
  const older = versions.filter((version) => (version.version ?? 0) < after);
  const before = options.before ?? (await ask(vscode.l10n.t('The older version'), older));
  await showDifferences(chosen, before, after);
  return { before, after };
}

/** All versions, the newest first. Rejects with `not-found` if there is only one. */
async function listVersions({ connection, project, segment }: ChosenSegment): Promise<readonly Segment[]> {
  const versions: Segment[] = [];
  for await (const page of pagesOf((request) =>
    connection.segments.listVersions(project.id, segment.id, request),
  )) {
    versions.push(...page);
  }
  if (versions.length < 2) {
    throw new AudienceError('not-found', 'The segment has only one version', {
      help: 'Each save creates a version.',
    });
  }
  return versions.sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
}

function askForVersion(title: string, placeholder: string, among: readonly Segment[]): Promise<number> {
  return askOne(title, (asker) =>
    asker.pick({
      placeholder,
      choices: among.map((version) => ({
        label: vscode.l10n.t('Version {0}', version.version ?? 0),
        description: version.name ?? '',
        detail: formatTime(version.modified ?? version.created),
        value: version.version ?? 0,
      })),
    }),
  );
}

async function showDifferences(
  { connection, project, segment }: ChosenSegment,
  before: number,
  after: number,
): Promise<void> {
  const name = segment.name ?? segment.id;
  const document = (version: number): vscode.Uri =>
    uriOf({
      connectionId: connection.id,
      projectId: project.id,
      kind: 'versions',
      id: `${segment.id}:${version}`,
      title: `${name} v${version}`,
    });
  await vscode.commands.executeCommand(
    'vscode.diff',
    document(before),
    document(after),
    inert(vscode.l10n.t('{0}: version {1} ↔ {2}', name, before, after), 200),
  );
}
