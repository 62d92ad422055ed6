import { extname } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import type { Segment } from '../aws/audience.ts';
import type { Connection } from '../aws/connection.ts';
import type { RunRecord, SourceFile } from '../jobs/record.ts';
import type { ImportPlan } from '../jobs/runs.ts';
import { totalsOf, type CheckedFile } from '../host/checks.ts';
import { formatOf, type LocalFile } from '../host/files.ts';
import { baseName, formatBytes, formatCount } from '../host/format.ts';
import { withCancellableProgress, withQuietProgress } from '../host/progress.ts';
import { askSteps, type Choice } from '../host/prompts.ts';
import { getSetting } from '../host/settings.ts';
import { chooseFiles, missing, saveBeforeSending } from './choose.ts';
import { confirm, whoAndWhere } from './confirm.ts';
import { requireConnection } from './connection.ts';
import {
  destinationOf,
  destinationSteps,
  rememberDestination,
  settled,
  type Destination,
  type Settled,
} from './destination.ts';
import { commandIds } from '../host/commandIds.ts';
import { readOptions, type Invocation } from './invocation.ts';
import { segmentQuestion } from './questions.ts';
import type { CommandTable } from './register.ts';
import type { CommandServices } from './services.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'checks' | 'memory'>;

export function importCommands(services: Services): Pick<CommandTable, typeof commandIds.importFile> {
  return { [commandIds.importFile]: (call) => importFile(call, services) };
}

/** What becomes of the endpoints: a new segment, an existing one's new content, or nothing but endpoints. */
type Outcome = 'new' | 'update' | 'endpoints';

/** What a person or a program has said so far. */
interface Draft extends Destination {
  outcome: Outcome | undefined;
  segment: Pick<Segment, 'id' | 'name'> | undefined;
  segmentName: string | undefined;
  readonly registerEndpoints: boolean;
  readonly insist: boolean;
}

/**
 * Checks the files, asks what is not said, confirms once, stages, and creates the job.
 * Resolves with the run's record once the service has created the job.
 */
async function importFile(call: Invocation, services: Services): Promise<RunRecord> {
  const files = await saveBeforeSending(call, await chooseFiles(call, vscode.l10n.t('Import')));
  const format = oneFormat(files);
  const connection = await requireConnection(services, call);
  const draft = await draftFrom(call, connection, services);

  // The check runs while the questions are asked.
  const checking = startCheck(files, services);
  try {
    if (call.mayAsk) await askWhatIsMissing(draft, files, connection, services);
    const to = settled(draft, 'import');
    const plan = planOf(draft, to, format);
    const bucketRegion = await connection.staging.bucketRegion(plan.bucket);
    const checked = await checking.results;
    const { errors } = totalsOf(checked);
    if (call.mayAsk) await confirmImport(plan, checked, bucketRegion, connection);
    else if (errors > 0 && !draft.insist) throw refusal(checked);
    await rememberDestination(to, 'import', services);
    await rememberName(plan, files, services);
    throwIfCancelled(call.signal);
    return await withCancellableProgress(
      importTitle(files),
      (signal, report) =>
        services.runs.startImport(
          connection,
          { ...plan, files: checked.map(sourceOf) },
          {
            signal,
            onProgress: (done, total, what) =>
              report(done, total, total ? `${what} ${formatBytes(done)} / ${formatBytes(total)}` : what),
          },
        ),
      call.signal,
    );
  } catch (error) {
    checking.stop();
    throw error;
  }
}

/** A job reads one format, chosen by the files' names (user guide, segments-importing). */
function oneFormat(files: readonly LocalFile[]): 'CSV' | 'JSON' {
  const [first, ...others] = new Set(files.map((file) => formatOf(file.path)));
  if (first !== undefined && others.length === 0) return first;
  throw new AudienceError('bad-input', 'One import takes either CSV or NDJSON files, not both', {
    help: 'Import the CSV files and the NDJSON files one after the other.',
  });
}

async function draftFrom(call: Invocation, connection: Connection, services: Services): Promise<Draft> {
  const options = readOptions(call, {
    segmentName: 'string',
    segmentId: 'string',
    defineSegment: 'boolean',
    registerEndpoints: 'boolean',
    importAnyway: 'boolean',
  });
  if (options.defineSegment === false && options.registerEndpoints === false) {
    throw new AudienceError(
      'bad-input',
      'An import that defines no segment and registers no endpoints does nothing',
      { help: 'Leave defineSegment or registerEndpoints out, or make one of them true.' },
    );
  }
  const destination = await destinationOf(call, 'import', connection, services);
  const target = call.targets[0];
  const segmentId = options.segmentId ?? (target?.kind === 'segment' ? target.segment.id : undefined);
  const segment =
    destination.project && segmentId !== undefined
      ? await connection.audience.getSegment(destination.project.id, segmentId)
      : undefined;
  if (segment?.kind === 'dynamic') {
    throw new AudienceError(
      'bad-input',
      `The segment ${segment.name ?? segment.id} is made of rules, not of a file`,
      { help: 'Choose an imported segment, or import into a new one.' },
    );
  }
  return {
    ...destination,
    outcome: segment ? 'update' : outcomeOf(options),
    segment,
    segmentName: options.segmentName,
    registerEndpoints: options.registerEndpoints ?? true,
    insist: options.importAnyway ?? false,
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

async function askWhatIsMissing(
  draft: Draft,
  files: readonly LocalFile[],
  connection: Connection,
  services: Services,
): Promise<void> {
  const given = { ...draft };
  const steps = destinationSteps(draft, 'import', connection, services);
  const path = files[0]!.path;
  await askSteps(importTitle(files), [
    steps.project,
    {
      skip: () => given.outcome !== undefined,
      ask: async (asker) => {
        draft.outcome = await asker.pick({
          placeholder: vscode.l10n.t('What becomes of the endpoints in {0}?', draft.project?.name ?? ''),
          choices: outcomeChoices(),
          isActive: (outcome) => outcome === draft.outcome,
        });
      },
    },
    {
      skip: () =>
        draft.outcome === 'update' || draft.outcome === 'endpoints' || given.segmentName !== undefined,
      ask: async (asker) => {
        draft.segmentName = await asker.input({
          prompt: vscode.l10n.t('Name of the new segment'),
          value:
            draft.segmentName ??
            services.memory.get('segment.names')?.[path] ??
            baseName(path).slice(0, -extname(path).length),
          check: (name) =>
            name === '' ? vscode.l10n.t('A segment without a name does not show in the console.') : undefined,
        });
      },
    },
    {
      skip: () => draft.outcome !== 'update' || given.segment !== undefined,
      ask: async (asker) => {
        draft.segment = await asker.pick(segmentQuestion(connection, draft.project!, 'imported'));
      },
    },
    steps.bucket,
    steps.role,
  ]);
}

function outcomeChoices(): readonly Choice<Outcome>[] {
  return [
    {
      label: vscode.l10n.t('New segment'),
      iconPath: new vscode.ThemeIcon('add'),
      detail: vscode.l10n.t('Saves the endpoints in the project and makes a segment of them.'),
      value: 'new',
    },
    {
      label: vscode.l10n.t('Update a segment'),
      iconPath: new vscode.ThemeIcon('sync'),
      detail: vscode.l10n.t(
        'Saves the endpoints and gives them to an imported segment. AWS does not say whether they replace the others or join them.',
      ),
      value: 'update',
    },
    {
      label: vscode.l10n.t('Register endpoints only'),
      iconPath: new vscode.ThemeIcon('person-add'),
      detail: vscode.l10n.t('Saves the endpoints in the project, without a segment.'),
      value: 'endpoints',
    },
  ];
}

type PlanWithoutFiles = Omit<ImportPlan, 'files'>;

function planOf(draft: Draft, to: Settled, format: 'CSV' | 'JSON'): PlanWithoutFiles {
  const { outcome } = draft;
  if (!outcome) {
    throw missing(
      'a segment',
      'Pass segmentName, segmentId, or registerEndpoints: true for endpoints alone.',
    );
  }
  return {
    projectId: to.project.id,
    projectName: to.project.name,
    format,
    bucket: to.bucket,
    prefix: to.prefix,
    kmsKeyId: getSetting('staging.kmsKeyId') || undefined,
    roleArn: to.roleArn,
    defineSegment: outcome !== 'endpoints',
    registerEndpoints: draft.registerEndpoints,
    segmentId: draft.segment?.id,
    segmentName: outcome === 'endpoints' ? undefined : (draft.segmentName ?? draft.segment?.name),
  };
}

function startCheck(
  files: readonly LocalFile[],
  { checks }: Services,
): { readonly results: Promise<readonly CheckedFile[]>; stop(): void } {
  const controller = new AbortController();
  const results = withQuietProgress(vscode.l10n.t('Validating before the import'), (signal, report) =>
    checks.check(files, AbortSignal.any([signal, controller.signal]), report),
  );
  results.catch(() => undefined); // heard of when it is awaited, if the questions get that far
  return { results, stop: () => controller.abort() };
}

/** The one question before anything is written: who, where, what, and how good the data is. */
async function confirmImport(
  plan: PlanWithoutFiles,
  checked: readonly CheckedFile[],
  bucketRegion: string,
  connection: Connection,
): Promise<void> {
  const { records, errors, warnings } = totalsOf(checked);
  const files = checked.map(({ file }) => file);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const { region } = connection.identity;
  const proceed = errors > 0 ? vscode.l10n.t('Import Anyway') : vscode.l10n.t('Import');
  const showProblems = vscode.l10n.t('Show Problems');
  const into = plan.projectName ?? plan.projectId;
  const question =
    errors > 0
      ? vscode.l10n.t('The file has {0} errors. Import it into {1} all the same?', formatCount(errors), into)
      : vscode.l10n.t('Import {0} records into {1}?', formatCount(records), into);
  const answer = await confirm(
    question,
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), `${plan.projectName ?? ''} (${plan.projectId})`],
      [vscode.l10n.t('Segment'), segmentFact(plan)],
      [vscode.l10n.t('Bucket'), `s3://${plan.bucket}/${plan.prefix}`],
      [
        vscode.l10n.t('Careful'),
        bucketRegion === region
          ? undefined
          : vscode.l10n.t(
              'the bucket is in {0}, the project in {1}: the import may fail',
              bucketRegion,
              region,
            ),
      ],
      [vscode.l10n.t('Role'), plan.roleArn],
      [
        vscode.l10n.t('Files'),
        `${files.map((file) => baseName(file.path)).join(', ')} (${formatBytes(bytes)})`,
      ],
      [vscode.l10n.t('Records'), formatCount(records)],
      [vscode.l10n.t('Errors'), formatCount(errors)],
      [vscode.l10n.t('Warnings'), formatCount(warnings)],
    ],
    errors > 0 ? [showProblems, proceed] : [proceed],
  );
  if (answer === proceed) return;
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  throw new vscode.CancellationError();
}

function segmentFact({ defineSegment, segmentId, segmentName }: PlanWithoutFiles): string {
  if (!defineSegment) return vscode.l10n.t('none, endpoints only');
  const name = segmentName ?? vscode.l10n.t('(no name)');
  return segmentId === undefined
    ? vscode.l10n.t('{0} (new)', name)
    : vscode.l10n.t('{0} (updates {1})', name, segmentId);
}

function refusal(checked: readonly CheckedFile[]): AudienceError {
  const { errors } = totalsOf(checked);
  const names = checked.filter(({ result }) => result.errors > 0).map(({ file }) => baseName(file.path));
  return new AudienceError('bad-input', `Not imported: ${errors} errors in ${names.join(', ')}`, {
    help: 'Mend what Problems shows, or pass importAnyway: true.',
  });
}

async function rememberName(
  { segmentId, segmentName }: PlanWithoutFiles,
  files: readonly LocalFile[],
  { memory }: Services,
): Promise<void> {
  if (segmentName === undefined || segmentId !== undefined) return;
  const names = { ...memory.get('segment.names'), [files[0]!.path]: segmentName };
  await memory.set('segment.names', Object.fromEntries(Object.entries(names).slice(-50)));
}

function sourceOf({ file, result }: CheckedFile): SourceFile {
  return {
    path: file.path,
    bytes: file.bytes,
    modified: file.modified,
    records: result.records,
    errors: result.errors,
  };
}

function importTitle(files: readonly LocalFile[]): string {
  return files.length === 1
    ? vscode.l10n.t('Import {0}', baseName(files[0]!.path))
    : vscode.l10n.t('Import {0} files', formatCount(files.length));
}
