import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { askOne } from '../../host/prompts.ts';
import { looksLikeRegion, pinpointRegions } from '../../host/regions.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { confirmIn } from '../prompts/chooseProject.ts';
import { projectQuestion } from '../prompts/questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { getOwn } from '../../ownMember.ts';
import { chooseSegment, askForName } from './chooseSegment.ts';
import { createOnce } from './createSegment.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'views'>;

/** Creates a dynamic segment with the same criteria in another project or region. Resolves with the new one. */
export async function copySegment(call: Invocation, services: Services): Promise<Segment> {
  const title = vscode.l10n.t('Copy Segment');
  const options = readOptions(call, { toProjectId: 'string', toRegion: 'string', name: 'string' });
  const { connection, project, segment } = await chooseSegment(call, title, services, 'dynamic');
  const { definition } = await connection.segments.readSegment(project.id, segment.id);
  const region =
    options.toRegion ??
    (call.isInteractive ? await askForRegion(title, connection) : connection.identity.region);
  const to = await services.session.inRegion(region);
  if (options.toProjectId === undefined && !call.isInteractive) {
    throw missing('a project', 'Pass the option toProjectId.');
  }
  const target =
    options.toProjectId === undefined
      ? await askOne(title, (asker) => asker.pick(projectQuestion(to, undefined)))
      : await to.audience.getProject(options.toProjectId);
  const sources = (definition.SegmentGroups?.Groups ?? []).flatMap((group) => group.SourceSegments ?? []);
  if (sources.length > 0 && target.id !== project.id) {
    throw new AudienceError(
      'bad-input',
      `The segment is based on other segments of its project: ${sources.map(({ Id }) => Id).join(', ')}`,
      { help: 'Copy those first, then create a segment based on the copies.' },
    );
  }
  const name =
    options.name ?? (call.isInteractive ? await askForName(title, definition.Name ?? '') : definition.Name);
  const copy = { ...definition, Name: name };
  await confirmIn(
    call,
    vscode.l10n.t('Copy {0} to {1}?', segment.name ?? segment.id, target.name),
    { connection: to, project: target },
    [[vscode.l10n.t('Name'), name]],
    vscode.l10n.t('Copy'),
  );
  const created = await createOnce(to, target, copy);
  services.views.refreshSegments(target.id);
  return created;
}

async function askForRegion(title: string, { identity }: Connection): Promise<string> {
  const names = Object.keys(pinpointRegions).filter((region) => region !== identity.region);
  return askOne(title, (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Region to copy to'),
      choices: [identity.region, ...names].map((region) => ({
        label: region,
        description:
          region === identity.region
            ? vscode.l10n.t('current region')
            : (getOwn(pinpointRegions, region) ?? ''),
        value: region,
      })),
      typed: (text) => (looksLikeRegion(text) ? { label: text, value: text } : undefined),
    }),
  );
}
