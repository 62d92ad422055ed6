import * as vscode from 'vscode';
import { randomUUID } from 'node:crypto';
import { AudienceError } from '../../errors.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { mayHaveHappened } from '../../aws/connection/serviceErrors.ts';
import { readSegment, type SegmentDefinition } from '../../endpoints/model/segmentDefinition.ts';
import { uriOf } from '../../host/audiencePlaces.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { askForName } from './chooseSegment.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'views' | 'audienceFiles'>;

/**
 * Opens a document that becomes a dynamic segment when it is saved. With the option `definition`, creates the segment at once.
 */
export async function createSegment(call: Invocation, services: Services): Promise<Segment | undefined> {
  const title = vscode.l10n.t('New Dynamic Segment');
  const options = readOptions(call, { name: 'string' });
  const given = call.options['definition'];
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, title, connection, services);
  if (given !== undefined) {
    const definition = readSegment(given);
    await confirmIn(
      call,
      vscode.l10n.t('Create segment {0}?', definition.Name ?? ''),
      { connection, project },
      [],
      vscode.l10n.t('Create'),
    );
    const segment = await createOnce(connection, project, definition);
    services.views.refreshSegments(project.id);
    return segment;
  }
  if (options.name === undefined && !call.isInteractive)
    throw missing('a segment', 'Pass the option definition.');
  const name = options.name ?? (await askForName(title, ''));
  const draft = {
    connectionId: connection.id,
    projectId: project.id,
    kind: 'drafts',
    id: randomUUID(),
  } as const;
  await services.audienceFiles.open(uriOf({ ...draft, title: name }), { ask: call.isInteractive });
  return undefined;
}

/** Sends one request; if the response is lost, the error warns that the segment may exist. */
export async function createOnce(
  connection: Connection,
  project: Project,
  definition: SegmentDefinition,
): Promise<Segment> {
  try {
    return await connection.segments.createSegment(project.id, definition);
  } catch (error) {
    if (!(error instanceof AudienceError) || !mayHaveHappened(error)) throw error;
    throw new AudienceError(error.code, error.message, {
      help: 'It may have been created anyway: refresh the segments before you try again.',
      cause: error,
    });
  }
}
