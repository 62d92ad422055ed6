import * as vscode from 'vscode';
import { cancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { AudiencePlace, ConflictChoice, RemoteChange } from '../../host/audiencePlaces.ts';
import { formatMoment } from '../../host/format.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { askInDialog } from '../../host/notifications.ts';

/** The one question before a document is saved to the service. */
export async function confirmSave(
  change: RemoteChange,
  { projectId, kind }: AudiencePlace,
  connection: Connection,
): Promise<void> {
  const project = await connection.audience.getProject(projectId);
  await confirm(
    change.question,
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), `${project.name} (${project.id})`],
      ...change.facts,
    ],
    [change.action],
    kind === 'drafts' ? 'info' : 'warning',
  );
}

/** The question if the service has a newer version than the one that was edited. */
export async function askAboutConflict({ title }: AudiencePlace, changed: number): Promise<ConflictChoice> {
  const overwrite = vscode.l10n.t('Overwrite');
  const compare = vscode.l10n.t('Compare');
  const answer = await askInDialog(
    'warning',
    vscode.l10n.t('{0} changed in the service since you opened it.', title),
    [
      vscode.l10n.t('Last change: {0}', formatMoment(new Date(changed).toISOString())),
      '',
      vscode.l10n.t(
        'Overwrite sends your changes only and keeps other changes in the service. Compare shows both; save again when you are done.',
      ),
    ],
    compare,
    overwrite,
  );
  if (answer === undefined) throw cancelled();
  return answer === overwrite ? 'overwrite' : 'compare';
}
