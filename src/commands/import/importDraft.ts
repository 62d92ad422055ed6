import { extname } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { ImportPlan } from '../../jobs/runs/runs.ts';
import { baseName } from '../../host/format.ts';
import { askSteps, type Choice } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { destinationOf, destinationSteps, type Destination, type Settled } from '../prompts/destination.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { segmentQuestion } from '../prompts/questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { getOwn } from '../../ownMember.ts';

type Services = Pick<CommandServices, 'session' | 'memory'>;

/** How to import: as a new segment, into an existing one, as endpoints only, or as endpoints without an import job. */
type Outcome = 'new' | 'update' | 'endpoints' | 'direct';

/** An import as far as options and answers define it. */
export interface Draft extends Destination {
  readonly outcome: Outcome | undefined;
  readonly segment: Pick<Segment, 'id' | 'name'> | undefined;
  readonly segmentName: string | undefined;
  readonly registerEndpoints: boolean;
  readonly importAnyway: boolean;
}

/** What is imported. */
interface ImportSubject {
  readonly title: string;
  /** Path or key that a new segment is named after; its name is remembered by it. */
  readonly path: string;
  /** The bucket that the objects are in, which isn't asked for. */
  readonly bucket?: string | undefined;
  /** Small enough to be sent without an import job, which is offered if no bucket is set up. */
  readonly isSmall?: boolean | undefined;
}

/** The draft that options and the node clicked define. */
export async function draftFrom(
  call: Invocation,
  connection: Connection,
  services: Services,
): Promise<Draft> {
  const options = readOptions(call, {
    segmentName: 'string',
    segmentId: 'string',
    defineSegment: 'boolean',
    registerEndpoints: 'boolean',
    importAnyway: 'boolean',
  });
  if (options.defineSegment === false && options.registerEndpoints === false) {
    throw new AudienceError('bad-input', 'An import must define a segment or register endpoints', {
      help: 'Omit defineSegment or registerEndpoints, or set one of them to true.',
    });
  }
  const destination = await destinationOf(call, 'import', connection, services);
  const target = call.targets[0];
  const segmentId = options.segmentId ?? (target?.kind === 'segment' ? target.segment.id : undefined);
  const segment =
    destination.project && segmentId !== undefined
      ? await connection.audience.getSegment(destination.project.id, segmentId)
      : undefined;
  if (segment?.kind === 'dynamic') {
    throw new AudienceError('bad-input', `Segment ${segment.name ?? segment.id} is dynamic`, {
      help: 'Select an imported segment, or import into a new one.',
    });
  }
  return {
    ...destination,
    outcome: segment ? 'update' : outcomeOf(options),
    segment,
    segmentName: options.segmentName,
    registerEndpoints: options.registerEndpoints ?? true,
    importAnyway: options.importAnyway ?? false,
  };
}

/** How to import by options that don't name a segment by its ID. */
function outcomeOf(options: {
  readonly segmentName?: string;
  readonly defineSegment?: boolean;
  readonly registerEndpoints?: boolean;
}): Outcome | undefined {
  if (options.segmentName !== undefined || options.defineSegment === true) return 'new';
  return options.defineSegment === false || options.registerEndpoints === true ? 'endpoints' : undefined;
}

/** Prompts for what is missing. */
export async function promptForMissing(
  draft: Draft,
  { title, path, bucket, isSmall }: ImportSubject,
  connection: Connection,
  services: Services,
): Promise<Draft> {
  const given = bucket === undefined ? draft : { ...draft, bucket };
  const steps = destinationSteps(given, 'import', connection, services);
  const canSendDirectly = isSmall === true && given.bucket === '';
  const isDirect = ({ outcome }: Draft): boolean => outcome === 'direct';
  return askSteps(title, given, [
    steps.project,
    {
      skip: () => given.outcome !== undefined,
      ask: async (asker, answers) => ({
        ...answers,
        outcome: await asker.pick({
          placeholder: vscode.l10n.t('How do you want to import into {0}?', answers.project?.name ?? ''),
          choices: outcomeChoices(canSendDirectly),
          isActive: (outcome) => outcome === answers.outcome,
        }),
      }),
    },
    {
      skip: ({ outcome }) => outcome !== 'new' || given.segmentName !== undefined,
      ask: async (asker, answers) => ({
        ...answers,
        segmentName: await asker.input({
          prompt: vscode.l10n.t('Name of the new segment'),
          value:
            answers.segmentName ??
            getOwn(services.memory.get('segment.names') ?? {}, path) ??
            baseName(path).slice(0, -extname(path).length),
          check: (name) =>
            name === '' ? vscode.l10n.t("The console doesn't list segments without a name.") : undefined,
        }),
      }),
    },
    {
      skip: ({ outcome }) => outcome !== 'update' || given.segment !== undefined,
      ask: async (asker, answers) => ({
        ...answers,
        segment: await asker.pick(segmentQuestion(connection, answers.project!, 'imported')),
      }),
    },
    { ...steps.bucket, skip: (answers) => isDirect(answers) || steps.bucket.skip?.(answers) === true },
    { ...steps.role, skip: (answers) => isDirect(answers) || steps.role.skip?.(answers) === true },
  ]);
}

function outcomeChoices(canSendDirectly: boolean): readonly Choice<Outcome>[] {
  return [
    {
      label: vscode.l10n.t('New segment'),
      iconPath: new vscode.ThemeIcon('add'),
      detail: vscode.l10n.t('Saves the endpoints in the project and creates a segment of them.'),
      value: 'new',
    },
    {
      label: vscode.l10n.t('Update a segment'),
      iconPath: new vscode.ThemeIcon('sync'),
      detail: vscode.l10n.t(
        "Saves the endpoints in an imported segment. AWS doesn't document whether they replace its members or are added.",
      ),
      value: 'update',
    },
    {
      label: vscode.l10n.t('Register endpoints only'),
      iconPath: new vscode.ThemeIcon('person-add'),
      detail: vscode.l10n.t('Saves the endpoints in the project, without a segment.'),
      value: 'endpoints',
    },
    ...(canSendDirectly
      ? [
          {
            label: vscode.l10n.t('Send the endpoints directly'),
            iconPath: new vscode.ThemeIcon('zap'),
            detail: vscode.l10n.t('Needs no bucket, role or import job. Creates no segment.'),
            value: 'direct' as const,
          },
        ]
      : []),
  ];
}

export type PlanWithoutFiles = Omit<ImportPlan, 'files'>;

/** The plan of a complete draft. */
export function planOf(draft: Draft, to: Settled, format: 'CSV' | 'JSON'): PlanWithoutFiles {
  const { outcome } = draft;
  if (!outcome) {
    throw missing('a segment', 'Pass segmentName, segmentId, or registerEndpoints: true for endpoints only.');
  }
  return {
    projectId: to.project.id,
    projectName: to.project.name,
    format,
    bucket: to.bucket,
    prefix: to.prefix,
    kmsKeyId: getSetting('staging.kmsKeyId') || undefined,
    sourceNames: getSetting('staging.sourceNames'),
    deleteAfterImport: getSetting('staging.deleteAfterImport'),
    roleArn: to.roleArn,
    defineSegment: outcome !== 'endpoints',
    registerEndpoints: draft.registerEndpoints,
    segmentId: draft.segment?.id,
    segmentName: outcome === 'endpoints' ? undefined : (draft.segmentName ?? draft.segment?.name),
  };
}

export function segmentFact({ defineSegment, segmentId, segmentName }: PlanWithoutFiles): string {
  if (!defineSegment) return vscode.l10n.t('none, endpoints only');
  const name = segmentName ?? vscode.l10n.t('(no name)');
  return segmentId === undefined
    ? vscode.l10n.t('{0} (new)', name)
    : vscode.l10n.t('{0} (updates {1})', name, segmentId);
}

/** Remembers the name of a new segment for the next time. */
export async function rememberName(
  { segmentId, segmentName }: PlanWithoutFiles,
  path: string,
  { memory }: Services,
): Promise<void> {
  if (segmentName === undefined || segmentId !== undefined) return;
  const names = { ...memory.get('segment.names'), [path]: segmentName };
  await memory.set('segment.names', Object.fromEntries(Object.entries(names).slice(-50)));
}
