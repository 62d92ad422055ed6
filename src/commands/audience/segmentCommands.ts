import * as vscode from 'vscode';
import type { Segment, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { commandIds } from '../../host/commandIds.ts';
import { pagesOf } from '../../aws/pinpoint/pages.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { confirmIn } from '../prompts/chooseProject.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import { segmentPage } from '../../pages/segment/segmentPage.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { createSegment } from './createSegment.ts';
import { compareVersions } from './compareSegmentVersions.ts';
import { copySegment } from './copySegment.ts';
import { countSegment } from './countSegment.ts';
import { chooseSegment, uriFor, type ChosenSegment, askForName } from './chooseSegment.ts';

type Services = Pick<
  CommandServices,
  'session' | 'memory' | 'runs' | 'views' | 'documents' | 'audienceFiles'
>;

type Ids = Pick<
  typeof commandIds,
  | 'createSegment'
  | 'openSegment'
  | 'compareSegmentVersions'
  | 'renameSegment'
  | 'deleteSegment'
  | 'copySegment'
  | 'countSegment'
>;

export function segmentCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.createSegment]: (call) => createSegment(call, services),
    [commandIds.openSegment]: (call) => openSegment(call, services),
    [commandIds.compareSegmentVersions]: (call) => compareVersions(call, services),
    [commandIds.renameSegment]: (call) => renameSegment(call, services),
    [commandIds.deleteSegment]: (call) => deleteSegment(call, services),
    [commandIds.copySegment]: (call) => copySegment(call, services),
    [commandIds.countSegment]: (call) => countSegment(call, services),
  };
}

/** Opens a dynamic segment as an editable document, an imported one as a page. Resolves with the segment. */
async function openSegment(call: Invocation, services: Services): Promise<Segment> {
  const chosen = await chooseSegment(call, vscode.l10n.t('Open Segment'), services);
  const { segment } = chosen;
  if (segment.imported) await showImported(chosen, services);
  else await services.audienceFiles.open(uriFor(chosen, 'segments'), { ask: call.isInteractive });
  return segment;
}

async function showImported(
  { connection, project, segment }: ChosenSegment,
  { documents }: Services,
): Promise<void> {
  const jobs: ServiceJob[] = [];
  for await (const page of pagesOf((request) =>
    connection.segments.listImportJobs(project.id, segment.id, request),
  )) {
    jobs.push(...page);
  }
  await documents.showPage(vscode.l10n.t('Segment {0}', segment.name ?? segment.id), () =>
    segmentPage(segment, project, jobs),
  );
}

/** Renames a segment. A dynamic one's criteria are sent along, since AWS doesn't document what omitting them does. */
async function renameSegment(call: Invocation, services: Services): Promise<Segment> {
  const title = vscode.l10n.t('Rename Segment');
  const options = readOptions(call, { name: 'string' });
  const chosen = await chooseSegment(call, title, services);
  const { connection, project, segment } = chosen;
  if (options.name === undefined && !call.isInteractive) throw missing('a name', 'Pass the option name.');
  const name = options.name ?? (await askForName(title, segment.name ?? ''));
  await confirmIn(
    call,
    vscode.l10n.t('Rename {0} to {1}?', segment.name ?? segment.id, name),
    chosen,
    [[vscode.l10n.t('Segment'), segment.id]],
    vscode.l10n.t('Rename'),
  );
  const { definition } = await connection.segments.readSegment(project.id, segment.id);
  const request = segment.imported ? { Name: name } : { ...definition, Name: name };
  const renamed = await connection.segments.updateSegment(project.id, segment.id, request);
  services.views.refreshSegments(project.id);
  services.audienceFiles.refresh(uriFor(chosen, 'segments'));
  return renamed;
}

async function deleteSegment(call: Invocation, services: Services): Promise<Segment> {
  const chosen = await chooseSegment(call, vscode.l10n.t('Delete Segment'), services);
  const { connection, project, segment } = chosen;
  await confirmIn(
    call,
    vscode.l10n.t('Delete segment {0}?', segment.name ?? segment.id),
    chosen,
    [
      [vscode.l10n.t('Segment'), segment.id],
      [vscode.l10n.t('Caution'), vscode.l10n.t('campaigns that use it will fail')],
      [vscode.l10n.t('Kept'), vscode.l10n.t('the endpoints themselves')],
    ],
    vscode.l10n.t('Delete'),
    'warning',
  );
  const deleted = await connection.segments.deleteSegment(project.id, segment.id);
  services.views.refreshSegments(project.id);
  return deleted;
}
