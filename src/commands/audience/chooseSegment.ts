import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { uriOf, type AudienceKind } from '../../host/audiencePlaces.ts';
import { askOne } from '../../host/prompts.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { chooseProject } from '../prompts/chooseProject.ts';
import { segmentQuestion } from '../prompts/questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'memory'>;

/** A segment with its project and connection. */
export interface ChosenSegment {
  readonly connection: Connection;
  readonly project: Project;
  readonly segment: Segment;
}

/** The segment to act on. With `only`, rejects imported ones. */
export async function chooseSegment(
  call: Invocation,
  title: string,
  services: Services,
  only?: 'dynamic',
): Promise<ChosenSegment> {
  const id = textOf(call) ?? readOptions(call, { segmentId: 'string' }).segmentId;
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, title, connection, services);
  const segment = await findSegment(call, title, { connection, project, id, only });
  if (only !== undefined && segment.imported) {
    throw new AudienceError(
      'bad-input',
      `Segment ${segment.name ?? segment.id} was imported, so it has no criteria`,
      {
        help: 'Export it, and import the file instead.',
      },
    );
  }
  return { connection, project, segment };
}

async function findSegment(
  call: Invocation,
  title: string,
  about: Omit<ChosenSegment, 'segment'> & {
    readonly id: string | undefined;
    readonly only: 'dynamic' | undefined;
  },
): Promise<Segment> {
  const { connection, project, id, only } = about;
  const [target] = call.targets;
  if (id !== undefined) return connection.audience.getSegment(project.id, id);
  if (target?.kind === 'segment') return target.segment;
  if (!call.isInteractive) throw missing('a segment', 'Pass its ID first, or the option segmentId.');
  return askOne(title, (asker) => asker.pick(segmentQuestion(connection, project, only)));
}

/** The URI of a segment's document. */
export function uriFor({ connection, project, segment }: ChosenSegment, kind: AudienceKind): vscode.Uri {
  return uriOf({
    connectionId: connection.id,
    projectId: project.id,
    kind,
    id: segment.id,
    title: segment.name ?? segment.id,
  });
}

/** Prompts for the name of a segment. */
export async function askForName(title: string, value: string): Promise<string> {
  return askOne(title, (asker) =>
    asker.input({
      prompt: vscode.l10n.t('Name of the segment'),
      value,
      check: (text) => (text === '' ? vscode.l10n.t('Enter a name.') : undefined),
    }),
  );
}
