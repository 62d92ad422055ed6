import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import type { MirrorResources, MirrorPlan, MirrorRequest } from '../../jobs/mirror/mirrorPlan.ts';
import { type CheckedFile } from '../../host/fileChecks.ts';
import type { LocalFile } from '../../host/files.ts';
import { sourcesOf } from '../../host/mirrorFiles.ts';
import { withCancellableProgress, withQuietProgress } from '../../host/progress.ts';
import { askSteps } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { saveBeforeSending } from '../prompts/chooseFiles.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { destinationOf, destinationSteps, type Destination } from '../prompts/destination.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { mirrorPage } from '../../pages/mirror/mirrorPage.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { roleQuestion } from '../prompts/questions.ts';
import type { DeclaredMirror } from './chooseMirrors.ts';

type PlanServices = Pick<CommandServices, 'session' | 'memory' | 'checks' | 'documents' | 'mirrors'>;

export interface PlannedMirrors {
  /** The call, interactive if these files may not be sent without asking. */
  readonly call: Invocation;
  readonly plans: readonly MirrorPlan[];
  readonly resources: MirrorResources;
  readonly connection: Connection;
  readonly checked: readonly CheckedFile[];
}

export async function planMirrors(
  wanted: Invocation,
  mirrors: readonly DeclaredMirror[],
  services: PlanServices,
): Promise<PlannedMirrors> {
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

/** Bucket and both roles: from options and settings, else prompted for. */
async function askForResources(
  call: Invocation,
  connection: Connection,
  services: PlanServices,
): Promise<MirrorResources> {
  const { exportRoleArn } = readOptions(call, { exportRoleArn: 'string' });
  const { memory } = services;
  const outgoing = await destinationOf(call, 'export', connection, services);
  const given: ResourceAnswers = {
    ...(await destinationOf(call, 'import', connection, services)),
    // Option roleArn applies to both roles unless exportRoleArn is passed.
    exportRoleArn: exportRoleArn ?? (getSetting('roles.exportArn') || outgoing.roleArn),
  };
  const answers = call.isInteractive ? await promptForResources(given, connection, services) : given;
  if (answers.bucket === '')
    throw missing('a bucket', 'Pass the option bucket, or set pinpointAudience.staging.bucket.');
  if (answers.roleArn === '' || answers.exportRoleArn === '') {
    throw missing('roles', 'Pass the options roleArn and exportRoleArn, or set pinpointAudience.roles.');
  }
  await memory.set('bucket.last', answers.bucket);
  await memory.set('role.import', answers.roleArn);
  await memory.set('role.export', answers.exportRoleArn);
  return {
    bucket: answers.bucket,
    prefix: answers.prefix,
    kmsKeyId: getSetting('staging.kmsKeyId') || undefined,
    importRoleArn: answers.roleArn,
    exportRoleArn: answers.exportRoleArn,
  };
}

/** The role of the destination is the import role. */
interface ResourceAnswers extends Destination {
  readonly exportRoleArn: string;
}

function promptForResources(
  given: ResourceAnswers,
  connection: Connection,
  services: PlanServices,
): Promise<ResourceAnswers> {
  const { memory, session } = services;
  const steps = destinationSteps(given, 'import', connection, services);
  return askSteps(vscode.l10n.t('Mirror'), given, [
    steps.bucket,
    steps.role,
    {
      skip: () => given.exportRoleArn !== '',
      ask: async (asker, answers) => {
        const last = answers.exportRoleArn || memory.get('role.export');
        const question = roleQuestion('export', connection, last, session.isSandbox);
        return { ...answers, exportRoleArn: await asker.input(question) };
      },
    },
  ]);
}

/** Steps of the core in words; others, such as the name of a download, are shown as they are. */
export function stepText(step: string): string {
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
