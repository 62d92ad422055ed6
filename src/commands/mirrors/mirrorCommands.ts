import { join } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { mirrorsFile, type MirrorDeclaration } from '../../jobs/mirror/mirrorDeclaration.ts';
import type { MirrorResources, MirrorPlan, MirrorRequest } from '../../jobs/mirror/mirrors.ts';
import type { MirrorCounts, MirrorRecord } from '../../jobs/mirror/mirrorRecord.ts';
import { totalsOf, type CheckedFile } from '../../host/fileChecks.ts';
import { commandIds } from '../../host/commandIds.ts';
import type { LocalFile } from '../../host/files.ts';
import { baseName, formatCount, plural } from '../../host/format.ts';
import { declaringFiles, sourcesOf } from '../../host/mirrorFiles.ts';
import { withCancellableProgress, withQuietProgress, type Report } from '../../host/progress.ts';
import { askOne, askSteps } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { saveBeforeSending } from '../prompts/chooseFiles.ts';
import { confirm, whoAndWhere, type Fact } from '../prompts/confirm.ts';
import { destinationOf, destinationSteps } from '../prompts/destination.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import { mirrorPage } from '../../pages/mirror/mirrorPage.ts';
import { type CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { showError } from '../framework/showError.ts';

export type MirrorServices = Pick<
  CommandServices,
  'session' | 'memory' | 'checks' | 'views' | 'documents' | 'mirrors' | 'log'
>;
type Services = MirrorServices;
type Ids = Pick<typeof commandIds, 'runMirror' | 'runAllMirrors' | 'dryRunMirror' | 'openMirrors'>;

export function mirrorCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.runMirror]: async (call) => {
      const records = await runMirrors(call, await chooseMirrors(call), services);
      return records.length === 1 ? records[0] : records;
    },
    [commandIds.runAllMirrors]: async (call) => runMirrors(call, await allDeclared(), services),
    [commandIds.dryRunMirror]: (call) => dryRun(call, services),
    [commandIds.openMirrors]: (call) => openMirrors(call),
  };
}

interface DeclaredMirror {
  readonly declaration: MirrorDeclaration;
  readonly declaredIn: string;
}

/** What a dry run resolves with. */
interface DryRun extends MirrorCounts {
  readonly name: string;
  /** What the files were compared with: the last run, an export of the segment, or nothing if there is no segment. */
  readonly against: MirrorPlan['against'];
  readonly members: number;
}

/** Compares the files of mirrors with their segments, and shows what a run would do. */
async function dryRun(call: Invocation, services: Services): Promise<readonly DryRun[]> {
  const mirrors = await chooseMirrors(call);
  const { plans } = await planAll(call, mirrors, services);
  if (!call.isProgrammatic && plans.some(({ against }) => against === 'state'))
    void offerExport(call, services);
  return plans.map((plan) => ({
    name: plan.request.declaration.name,
    against: plan.against,
    members: plan.members,
    ...countsOf(plan),
  }));
}

/** The state of the last run contains neither which members are removed nor what others changed since. */
async function offerExport(call: Invocation, services: Services): Promise<void> {
  const button = vscode.l10n.t('Compare with Export…');
  const text = vscode.l10n.t(
    'Compared with the last run. An export also shows which members are removed, and changes by others.',
  );
  if ((await notify('info', text, button)) !== button) return;
  const again = { ...call, options: { ...call.options, fresh: true } };
  try {
    await dryRun(again, services);
  } catch (error) {
    if (!isCancelled(error)) showError(error, services.log, () => offerExport(call, services));
  }
}

/** Dry run, one confirmation, import, verification. Resolves with the records of the runs, one per mirror. */
export async function runMirrors(
  wanted: Invocation,
  mirrors: readonly DeclaredMirror[],
  services: Services,
): Promise<readonly MirrorRecord[]> {
  const { newSegment } = readOptions(wanted, { newSegment: 'boolean' });
  const { call, plans, resources, connection, checked } = await planAll(wanted, mirrors, services);
  const { errors } = totalsOf(checked);
  if (call.isInteractive) await confirmRun(plans, resources, connection, errors);
  else if (errors > 0 && call.options['importAnyway'] !== true) throw refusal(checked, errors);
  const refused: unknown[] = [];
  const records = await withCancellableProgress(
    vscode.l10n.t('Mirroring'),
    async (signal, report) => {
      const done: MirrorRecord[] = [];
      for (const [index, plan] of plans.entries()) {
        try {
          // Mirrors that weren't started keep their last state.
          throwIfCancelled(signal);
          const onProgress = progressOf(plan, report, index, plans.length);
          const record = await services.mirrors.run(connection, plan, resources, {
            signal,
            onProgress,
            newSegment,
          });
          done.push(record);
          if (!call.isProgrammatic)
            void notifyOutcome(record, plan, () => runIntoNewSegment(call, mirrors[index]!, services));
        } catch (error) {
          // If one runs in another window, the others still run.
          refused.push(error);
        }
      }
      return done;
    },
    call.signal,
  );
  for (const plan of plans) services.views.refreshSegments(plan.project.id);
  if (refused.length > 0) throw refused[0];
  return records;
}

interface Planned {
  /** The call, interactive if these files may not be sent without asking. */
  readonly call: Invocation;
  readonly plans: readonly MirrorPlan[];
  readonly resources: MirrorResources;
  readonly connection: Connection;
  readonly checked: readonly CheckedFile[];
}

async function planAll(
  wanted: Invocation,
  mirrors: readonly DeclaredMirror[],
  services: Services,
): Promise<Planned> {
  let call = wanted;
  const sources: (readonly LocalFile[])[] = [];
  for (const { declaredIn, declaration } of mirrors) {
    const allowed = await saveBeforeSending(call, await sourcesOf(declaredIn, declaration));
    call = allowed.call;
    sources.push(allowed.files);
  }
  const { fresh } = readOptions(call, { fresh: 'boolean' });
  const connection = await requireConnection(services, call);
  const resources = await askForResources(call, connection, services);
  const plans: MirrorPlan[] = [];
  const checked: CheckedFile[] = [];
  for (const [index, { declaration, declaredIn }] of mirrors.entries()) {
    const results = await withQuietProgress(
      vscode.l10n.t('Validating {0}', declaration.name),
      (signal, report) => services.checks.check(sources[index]!, signal, report),
    );
    checked.push(...results);
    const request: MirrorRequest = {
      declaration,
      declaredIn,
      files: results.map(({ file, result }) => ({
        path: file.path,
        bytes: file.bytes,
        modified: file.modified,
        records: result.records,
        errors: result.errors,
      })),
    };
    plans.push(
      await withCancellableProgress(
        vscode.l10n.t('Comparing {0}', declaration.name),
        (signal, report) =>
          services.mirrors.plan(connection, request, resources, {
            signal,
            fresh,
            onProgress: (_done, _total, what) => report(0, undefined, stepText(what)),
            beforeExport: async ({ name, id }, project) => {
              if (!call.isInteractive) return;
              await confirm(
                vscode.l10n.t('Export {0} to preview changes?', name ?? id),
                [
                  ...whoAndWhere(connection),
                  [vscode.l10n.t('Project'), `${project.name} (${project.id})`],
                  [vscode.l10n.t('Bucket'), `s3://${resources.bucket}/${resources.prefix}`],
                  [vscode.l10n.t('Role'), resources.exportRoleArn],
                ],
                [vscode.l10n.t('Export')],
              );
            },
          }),
        call.signal,
      ),
    );
  }
  if (!call.isProgrammatic)
    await services.documents.showPage(vscode.l10n.t('Mirror Changes'), () => mirrorPage(plans));
  return { call, plans, resources, connection, checked };
}

async function confirmRun(
  plans: readonly MirrorPlan[],
  resources: MirrorResources,
  connection: Connection,
  errors: number,
): Promise<void> {
  const [first] = plans;
  const question =
    plans.length === 1 && first
      ? vscode.l10n.t(
          'Make {0} the exact content of segment {1}?',
          first.request.files.map(({ path }) => baseName(path)).join(', '),
          first.request.declaration.segment,
        )
      : plural(plans.length, 'Run 1 mirror?', 'Run {0} mirrors?');
  await confirm(
    question,
    [
      ...whoAndWhere(connection),
      ...plans.map((plan): Fact => [plan.request.declaration.name, summaryOf(plan)]),
      [vscode.l10n.t('Bucket'), `s3://${resources.bucket}/${resources.prefix}`],
      [vscode.l10n.t('Roles'), [...new Set([resources.importRoleArn, resources.exportRoleArn])].join(', ')],
      [
        vscode.l10n.t('Caution'),
        errors > 0 ? plural(errors, 'the files have 1 error', 'the files have {0} errors') : undefined,
      ],
    ],
    [vscode.l10n.t('Mirror')],
    plans.some(({ segment }) => segment !== undefined) || errors > 0 ? 'warning' : 'info',
  );
}

function summaryOf(plan: MirrorPlan): string {
  const { added, changed, removed, unchanged } = countsOf(plan);
  const to = plan.segment?.id ?? vscode.l10n.t('a new segment');
  const counts = vscode.l10n.t(
    '{0} added, {1} changed, {2} removed, {3} unchanged',
    formatCount(added),
    formatCount(changed),
    formatCount(removed),
    formatCount(unchanged),
  );
  return `${counts} · ${plan.project.name}, ${to}`;
}

function countsOf({ difference }: MirrorPlan): MirrorCounts {
  const { added, changed, removed, unchanged } = difference;
  return { added, changed, removed, unchanged };
}

/** Mirrors into a new segment, from the button of a notification. */
async function runIntoNewSegment(
  call: Invocation,
  mirror: DeclaredMirror,
  services: Services,
): Promise<void> {
  const again = { ...call, options: { ...call.options, newSegment: true } };
  try {
    await runMirrors(again, [mirror], services);
  } catch (error) {
    if (!isCancelled(error)) showError(error, services.log, () => runIntoNewSegment(call, mirror, services));
  }
}

/** Notifies of the outcome; if the service added instead of replacing, offers a new segment. */
async function notifyOutcome(
  record: MirrorRecord,
  plan: MirrorPlan,
  renewed: () => Promise<void>,
): Promise<void> {
  const { name, outcome, after, companions, trouble } = record;
  switch (outcome) {
    case 'mirrored': {
      const exact = plural(
        record.members,
        '{1}: verified. The segment has exactly the 1 member of the files.',
        '{1}: verified. The segment has exactly the {0} members of the files.',
        name,
      );
      const said = [exact, otherEndpointsText(companions), declaredText(plan, record)];
      void notify('info', said.filter(Boolean).join(' '));
      return;
    }
    case 'appended': {
      const button = vscode.l10n.t('New Segment…');
      const text = plural(
        after?.removed ?? 0,
        "{1}: the import added members but didn't replace others: 1 isn't in the files. Use a new segment, and select it in your campaigns.",
        "{1}: the import added members but didn't replace others: {0} aren't in the files. Use a new segment, and select it in your campaigns.",
        name,
      );
      if ((await notify('warning', text, button)) === button) await renewed();
      return;
    }
    case 'different':
      void notify(
        'warning',
        vscode.l10n.t(
          "{0}: the segment doesn't match the files: {1} missing, {2} different.",
          name,
          formatCount(after?.added ?? 0),
          formatCount(after?.changed ?? 0),
        ),
      );
      return;
    default:
      if (trouble && !isCancelled(new AudienceError(trouble.code, trouble.message))) {
        void notify('error', [`${name}: ${trouble.message}`, trouble.help].filter(Boolean).join('. '));
      }
  }
}

function otherEndpointsText(companions: number | undefined): string {
  return companions === undefined
    ? ''
    : vscode.l10n.t('Pinpoint also added {0} other endpoints of the same users.', formatCount(companions));
}

/** A reminder if the file names an old segment. */
function declaredText({ request }: MirrorPlan, { segmentId }: MirrorRecord): string {
  const { segmentId: declaredId } = request.declaration;
  return declaredId === undefined || declaredId === segmentId
    ? ''
    : vscode.l10n.t(
        'Set segmentId to {0} in {1}, or the next run updates the old segment.',
        segmentId ?? '',
        mirrorsFile,
      );
}

function progressOf(
  plan: MirrorPlan,
  report: Report,
  index: number,
  count: number,
): (done: number, total: number | undefined, what: string) => void {
  const { name } = plan.request.declaration;
  const place = count > 1 ? `${name} (${index + 1}/${count})` : name;
  return (_done, _total, what) => report(index, count, `${place}: ${stepText(what)}`);
}

/** Steps of the core in words; others, such as the name of a download, are shown as they are. */
function stepText(step: string): string {
  switch (step) {
    case 'reading':
      return vscode.l10n.t('reading the files');
    case 'importing':
      return vscode.l10n.t('importing');
    case 'exporting':
      return vscode.l10n.t('exporting the segment');
    case 'verifying':
      return vscode.l10n.t('comparing the segment with the files');
    default:
      return step;
  }
}

function refusal(checked: readonly CheckedFile[], errors: number): AudienceError {
  const names = checked.filter(({ result }) => result.errors > 0).map(({ file }) => baseName(file.path));
  return new AudienceError(
    'bad-input',
    `Not mirrored: ${plural(errors, '1 error', '{0} errors')} in ${names.join(', ')}`,
    {
      help: 'Fix the errors in Problems, or pass importAnyway: true.',
    },
  );
}

/** Bucket and both roles: from options and settings, else prompted for. */
async function askForResources(
  call: Invocation,
  connection: Connection,
  services: Services,
): Promise<MirrorResources> {
  const { exportRoleArn } = readOptions(call, { exportRoleArn: 'string' });
  const project = { id: '', arn: '', name: '' };
  const incoming = { ...(await destinationOf(call, 'import', connection, services)), project };
  const exporting = await destinationOf(call, 'export', connection, services);
  const outgoing = { ...exporting, project };
  // Option roleArn applies to both roles unless exportRoleArn is passed.
  outgoing.roleArn = exportRoleArn ?? (getSetting('roles.exportArn') || outgoing.roleArn);
  if (call.isInteractive) {
    const steps = {
      import: destinationSteps(incoming, 'import', connection, services),
      export: destinationSteps(outgoing, 'export', connection, services),
    };
    await askSteps(vscode.l10n.t('Mirror'), [steps.import.bucket, steps.import.role, steps.export.role]);
  }
  const { bucket, prefix } = incoming;
  if (bucket === '')
    throw missing('a bucket', 'Pass the option bucket, or set pinpointAudience.staging.bucket.');
  if (incoming.roleArn === '' || outgoing.roleArn === '') {
    throw missing('roles', 'Pass the options roleArn and exportRoleArn, or set pinpointAudience.roles.');
  }
  await services.memory.set('bucket.last', bucket);
  await services.memory.set('role.import', incoming.roleArn);
  await services.memory.set('role.export', outgoing.roleArn);
  return {
    bucket,
    prefix,
    kmsKeyId: getSetting('staging.kmsKeyId') || undefined,
    importRoleArn: incoming.roleArn,
    exportRoleArn: outgoing.roleArn,
  };
}

/** Every mirror of the workspace. Rejects if a declaring file can't be read, or there is none. */
export async function allDeclared(): Promise<readonly DeclaredMirror[]> {
  const { all, unreadable } = await readDeclarations();
  if (unreadable.length > 0) throw unreadable[0];
  if (all.length > 0) return all;
  throw new AudienceError('not-found', `No mirror declared in ${mirrorsFile}`, {
    help: 'Run "Pinpoint Audience: Edit Mirrors" to create one.',
  });
}

/** What the workspace declares, and why some of it can't be read. */
async function readDeclarations(): Promise<{
  readonly all: readonly DeclaredMirror[];
  readonly unreadable: readonly unknown[];
}> {
  if (!vscode.workspace.isTrusted) {
    throw new AudienceError('bad-input', "Mirrors don't run in Restricted Mode", {
      help: 'Trust the workspace, or import the file.',
    });
  }
  const all: DeclaredMirror[] = [];
  const unreadable: unknown[] = [];
  for (const { uri, mirrors, error } of await declaringFiles()) {
    if (!mirrors) unreadable.push(error);
    else all.push(...mirrors.map((declaration) => ({ declaration, declaredIn: uri.fsPath })));
  }
  return { all, unreadable };
}

/** The mirrors to act on: selected in the tree, named, the only one, or prompted for. */
export async function chooseMirrors(call: Invocation): Promise<readonly DeclaredMirror[]> {
  const { all: readable } = await readDeclarations();
  const selected = call.targets.flatMap((target) =>
    target.kind === 'mirror'
      ? readable.filter((one) => one.declaredIn === target.declaredIn && one.declaration.name === target.name)
      : [],
  );
  if (selected.length > 0) return selected;
  const name = textOf(call);
  const named = readable.filter(({ declaration }) => declaration.name === name);
  if (named.length > 0) return named;
  const all = await allDeclared();
  if (name !== undefined) {
    throw new AudienceError('not-found', `Unknown mirror: ${name}`, {
      help: `Declared: ${all.map(({ declaration }) => declaration.name).join(', ')}.`,
    });
  }
  if (all.length === 1) return all;
  if (!call.isInteractive) throw missing('a mirror', 'Pass its name.');
  return askOne(vscode.l10n.t('Mirror'), async (asker) => [
    await asker.pick({
      placeholder: vscode.l10n.t('Select a mirror'),
      choices: all.map((value) => ({
        label: value.declaration.name,
        description: value.declaration.source,
        detail: `${value.declaration.project} · ${value.declaration.segment}`,
        value,
      })),
    }),
  ]);
}

const template = `{
  "mirrors": [
    {
      "name": "Customers",
      "source": "customers.csv",
      "project": "",
      "segment": "Customers",
      "identifier": "Id"
    }
  ]
}
`;

/** Opens the file that declares a mirror, or creates one in the first folder of the workspace. Resolves with its path. */
async function openMirrors(call: Invocation): Promise<string> {
  const target = call.targets.find((each) => each.kind === 'mirror');
  const [first] = await declaringFiles();
  const path = target?.declaredIn ?? first?.uri.fsPath ?? (await createMirrorsFile());
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const editor = await vscode.window.showTextDocument(document);
  const at = target ? document.getText().indexOf(JSON.stringify(target.name)) : -1;
  if (at >= 0) {
    const position = document.positionAt(at);
    editor.selection = new vscode.Selection(position, position);
    editor.revealRange(
      new vscode.Range(position, position),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
  }
  return path;
}

async function createMirrorsFile(): Promise<string> {
  const root = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  if (!root) {
    throw new AudienceError('not-found', 'No folder is open', {
      help: 'Open a folder to declare mirrors in.',
    });
  }
  const path = join(root.fsPath, mirrorsFile);
  await vscode.workspace.fs.writeFile(vscode.Uri.file(path), Buffer.from(template));
  return path;
}
