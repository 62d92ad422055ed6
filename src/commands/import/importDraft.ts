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

type Services = Pick<CommandServices, 'session' | 'memory'>;

/** How to import: as a new segment, into an existing one, as endpoints only, or as endpoints without an import job. */
type Outcome = 'new' | 'update' | 'endpoints' | 'direct';

/** What a person or a program has said so far. */
export interface Draft extends Destination {
  outcome: Outcome | undefined;
  segment: Pick<Segment, 'id' | 'name'> | undefined;
  segmentName: string | undefined;
  readonly registerEndpoints: boolean;
  readonly importAnyway: boolean;
}

/** What is imported, as far as the questions care. */
interface ImportSubject {
  readonly title: string;
  /** Path or key that a new segment is named after, and remembered by. */
  readonly path: string;
  /** The bucket is not asked for: what is imported is in it. */
  readonly bucket?: string | undefined;
  /** Small enough to be sent without an import job, which is offered where no bucket is set up. */
  readonly isSmall?: boolean | undefined;
}

/** What the options and the node clicked say. */
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

/** What options say of a segment, where none is named by its id. */
function outcomeOf(options: {
  readonly segmentName?: string;
  readonly defineSegment?: boolean;
  readonly registerEndpoints?: boolean;
}): Outcome | undefined {
  if (options.segmentName !== undefined || options.defineSegment === true) return 'new';
  return options.defineSegment === false || options.registerEndpoints === true ? 'endpoints' : undefined;
}

/** Asks what is not said. */
export async function askWhatIsMissing(
  draft: Draft,
  { title, path, bucket, isSmall }: ImportSubject,
  connection: Connection,
  services: Services,
): Promise<void> {
  if (bucket !== undefined) draft.bucket = bucket;
  const given = { ...draft };
  const steps = destinationSteps(draft, 'import', connection, services);
  const mayGoDirectly = isSmall === true && draft.bucket === '';
  const isDirect = (): boolean => draft.outcome === 'direct';
  await askSteps(title, [
    steps.project,
    {
      skip: () => given.outcome !== undefined,
      ask: async (asker) => {
        draft.outcome = await asker.pick({
          placeholder: vscode.l10n.t('How do you want to import into {0}?', draft.project?.name ?? ''),
          choices: outcomeChoices(mayGoDirectly),
          isActive: (outcome) => outcome === draft.outcome,
        });
      },
    },
    {
      skip: () =>
        draft.outcome === 'update' ||
        draft.outcome === 'endpoints' ||
        isDirect() ||
        given.segmentName !== undefined,
      ask: async (asker) => {
        draft.segmentName = await asker.input({
          prompt: vscode.l10n.t('Name of the new segment'),
          value:
            draft.segmentName ??
            services.memory.get('segment.names')?.[path] ??
            baseName(path).slice(0, -extname(path).length),
          check: (name) =>
            name === '' ? vscode.l10n.t("The console doesn't list segments without a name.") : undefined,
        });
      },
    },
    {
      skip: () => draft.outcome !== 'update' || given.segment !== undefined,
      ask: async (asker) => {
        draft.segment = await asker.pick(segmentQuestion(connection, draft.project!, 'imported'));
      },
    },
    { ...steps.bucket, skip: () => isDirect() || steps.bucket.skip?.() === true },
    { ...steps.role, skip: () => isDirect() || steps.role.skip?.() === true },
  ]);
}

function outcomeChoices(mayGoDirectly: boolean): readonly Choice<Outcome>[] {
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
    ...(mayGoDirectly
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

/** What is to be done, once nothing is open any more. */
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

/** Keeps the name of a new segment for the next time. */
export async function rememberName(
  { segmentId, segmentName }: PlanWithoutFiles,
  path: string,
  { memory }: Services,
): Promise<void> {
  if (segmentName === undefined || segmentId !== undefined) return;
  const names = { ...memory.get('segment.names'), [path]: segmentName };
  await memory.set('segment.names', Object.fromEntries(Object.entries(names).slice(-50)));
}
