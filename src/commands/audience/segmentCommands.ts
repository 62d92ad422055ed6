import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Project, Segment, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { mayHaveHappened } from '../../aws/connection/serviceErrors.ts';
import { readSegment, type SegmentDefinition } from '../../endpoints/model/segmentDefinition.ts';
import { uriOf, type AudienceKind } from '../../host/audiencePlaces.ts';
import { commandIds } from '../../host/commandIds.ts';
import { formatTime, plural } from '../../host/format.ts';
import { pagesOf } from '../../aws/pinpoint/pages.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { askOne } from '../../host/prompts.ts';
import { looksLikeRegion, pinpointRegions } from '../../host/regions.ts';
import { startExport } from '../export/exports.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import { projectQuestion, segmentQuestion } from '../prompts/questions.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import { segmentPage } from '../../pages/segment/segmentPage.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { inert } from '../../host/inertText.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { getOwn } from '../../ownMember.ts';

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

interface Chosen {
  readonly connection: Connection;
  readonly project: Project;
  readonly segment: Segment;
}

/**
 * Opens a document that becomes a dynamic segment when it is saved. With the option `definition`, creates the segment at once.
 */
async function createSegment(call: Invocation, services: Services): Promise<Segment | undefined> {
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
    const segment = await create(connection, project, definition);
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

/** Creates once; if the response is lost, says that the segment may exist. */
async function create(
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

/** Opens a dynamic segment as an editable document, an imported one as a page. Resolves with the segment. */
async function openSegment(call: Invocation, services: Services): Promise<Segment> {
  const chosen = await choose(call, vscode.l10n.t('Open Segment'), services);
  const { segment } = chosen;
  if (segment.imported) await showImported(chosen, services);
  else await services.audienceFiles.open(uriFor(chosen, 'segments'), { ask: call.isInteractive });
  return segment;
}

async function showImported(
  { connection, project, segment }: Chosen,
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

/** Two versions side by side, the older one on the left. Resolves with their numbers. */
async function compareVersions(
  call: Invocation,
  services: Services,
): Promise<{ readonly before: number; readonly after: number }> {
  const title = vscode.l10n.t('Compare Versions');
  const options = readOptions(call, { before: 'number', after: 'number' });
  const chosen = await choose(call, title, services, 'dynamic');
  const { connection, project, segment } = chosen;
  const versions: Segment[] = [];
  for await (const page of pagesOf((request) =>
    connection.segments.listVersions(project.id, segment.id, request),
  )) {
    versions.push(...page);
  }
  versions.sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
  const latest = versions[0]?.version;
  if (latest === undefined || versions.length < 2) {
    throw new AudienceError('not-found', 'The segment has only one version', {
      help: 'Each save creates a version.',
    });
  }
  const ask = async (placeholder: string, among: readonly Segment[]): Promise<number> => {
    if (!call.isInteractive) throw missing('versions', 'Pass the options before and after.');
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
  };
  const after = options.after ?? (await ask(vscode.l10n.t('The newer version'), versions.slice(0, -1)));
  const older = versions.filter((version) => (version.version ?? 0) < after);
  const before = options.before ?? (await ask(vscode.l10n.t('The older version'), older));
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
  return { before, after };
}

/** Renames a segment. A dynamic one's criteria are sent along, since AWS doesn't document what omitting them does. */
async function renameSegment(call: Invocation, services: Services): Promise<Segment> {
  const title = vscode.l10n.t('Rename Segment');
  const options = readOptions(call, { name: 'string' });
  const chosen = await choose(call, title, services);
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
  const chosen = await choose(call, vscode.l10n.t('Delete Segment'), services);
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

/** Creates a dynamic segment with the same criteria in another project or region. Resolves with the new one. */
async function copySegment(call: Invocation, services: Services): Promise<Segment> {
  const title = vscode.l10n.t('Copy Segment');
  const options = readOptions(call, { toProjectId: 'string', toRegion: 'string', name: 'string' });
  const { connection, project, segment } = await choose(call, title, services, 'dynamic');
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
  const created = await create(to, target, copy);
  services.views.refreshSegments(target.id);
  return created;
}

/** Counts the current members of a segment by an export, the only exact way (User Guide, segments-troubleshooting). */
async function countSegment(call: Invocation, services: Services): Promise<number> {
  const started = await startExport(call, 'segment', services);
  const run = await withCancellableProgress(vscode.l10n.t('Counting segment members'), (signal) =>
    services.runs.waitFor(started.id, signal),
  );
  await services.runs.markNotified(run.id);
  const count = run.job?.totalProcessed;
  if (run.state !== 'completed' || count === undefined) {
    throw new AudienceError('service', "The export didn't report a count", {
      help: 'See the Jobs view for details.',
    });
  }
  if (!call.isProgrammatic) {
    void notify(
      'info',
      plural(count, '{1} has 1 member.', '{1} has {0} members.', run.export?.segmentName ?? ''),
    );
  }
  return count;
}

/** The segment to act on. With `only`, rejects imported ones. */
async function choose(
  call: Invocation,
  title: string,
  services: Services,
  only?: 'dynamic',
): Promise<Chosen> {
  const id = textOf(call) ?? readOptions(call, { segmentId: 'string' }).segmentId;
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, title, connection, services);
  const segment = await find(call, title, { connection, project, id, only });
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

async function find(
  call: Invocation,
  title: string,
  about: Omit<Chosen, 'segment'> & { readonly id: string | undefined; readonly only: 'dynamic' | undefined },
): Promise<Segment> {
  const { connection, project, id, only } = about;
  const [target] = call.targets;
  if (id !== undefined) return connection.audience.getSegment(project.id, id);
  if (target?.kind === 'segment') return target.segment;
  if (!call.isInteractive) throw missing('a segment', 'Pass its ID first, or the option segmentId.');
  return askOne(title, (asker) => asker.pick(segmentQuestion(connection, project, only)));
}

function uriFor({ connection, project, segment }: Chosen, kind: AudienceKind): vscode.Uri {
  return uriOf({
    connectionId: connection.id,
    projectId: project.id,
    kind,
    id: segment.id,
    title: segment.name ?? segment.id,
  });
}

async function askForName(title: string, value: string): Promise<string> {
  return askOne(title, (asker) =>
    asker.input({
      prompt: vscode.l10n.t('Name of the segment'),
      value,
      check: (text) => (text === '' ? vscode.l10n.t('Enter a name.') : undefined),
    }),
  );
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
