import * as vscode from 'vscode';
import type { Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { askOne } from '../../host/prompts.ts';
import { projectOf } from '../../host/targets.ts';
import { confirm, whoAndWhere, type Fact } from './confirm.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { projectQuestion } from './questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';

/** The project that a call is about: named by an option or the node clicked, else prompted for. A named one must exist. */
export async function chooseProject(
  call: Invocation,
  title: string,
  connection: Connection,
  { memory }: Pick<CommandServices, 'memory'>,
): Promise<Project> {
  const { projectId } = readOptions(call, { projectId: 'string' });
  const target = projectOf(call.targets[0]);
  if (projectId !== undefined) return connection.audience.getProject(projectId);
  if (target) return target;
  if (!call.isInteractive) throw missing('a project', 'Pass the option projectId.');
  const project = await askOne(title, (asker) =>
    asker.pick(projectQuestion(connection, memory.get('project.last'))),
  );
  await memory.set('project.last', project.id);
  return project;
}

/** The one question before something is changed in a project; none if the call isn't interactive. */
export async function confirmIn(
  call: Invocation,
  question: string,
  { connection, project }: { readonly connection: Connection; readonly project: Project },
  facts: readonly Fact[],
  action: string,
  severity: 'info' | 'warning' = 'info',
): Promise<void> {
  if (!call.isInteractive) return;
  await confirm(
    question,
    [...whoAndWhere(connection), [vscode.l10n.t('Project'), `${project.name} (${project.id})`], ...facts],
    [action],
    severity,
  );
}
