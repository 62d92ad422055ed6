import * as vscode from 'vscode';
import { AudienceError } from '../errors.ts';
import { parseRoleArn } from '../aws/arn.ts';
import type { Connection } from '../aws/connection.ts';
import { getSetting } from '../host/settings.ts';
import { projectOf } from '../host/targets.ts';
import { requireConnection } from './connection.ts';
import { commandIds } from '../host/commandIds.ts';
import { readOptions, type Invocation } from './invocation.ts';
import type { CommandTable } from './register.ts';
import type { CommandServices } from './services.ts';

/** One thing that an import or export needs, and how it stands. */
export interface SetupCheck {
  readonly id:
    'identity' | 'project' | 'audience' | 'bucket' | 'bucket-region' | 'import-role' | 'export-role';
  readonly status: 'ok' | 'warning' | 'failed' | 'unknown';
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
}

type Services = Pick<CommandServices, 'session' | 'memory' | 'documents'>;

export function setupCommands(services: Services): Pick<CommandTable, typeof commandIds.checkSetup> {
  return { [commandIds.checkSetup]: (call) => checkSetup(call, services) };
}

async function checkSetup(call: Invocation, services: Services): Promise<readonly SetupCheck[]> {
  const options = readOptions(call, { projectId: 'string' });
  const connection = await requireConnection(services, call);
  const projectId = options.projectId ?? projectOf(call.targets[0])?.id;
  const checks = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Checking the set-up') },
    async () => [
      identityCheck(connection),
      ...(await serviceChecks(connection, projectId)),
      ...(await bucketChecks(connection)),
      roleCheck('import', connection),
      roleCheck('export', connection),
    ],
  );
  if (!call.byProgram) await services.documents.showText('Set-up', asMarkdown(checks, connection));
  return checks;
}

function identityCheck({ identity }: Connection): SetupCheck {
  return {
    id: 'identity',
    status: 'ok',
    message: vscode.l10n.t('{0} in {1}', identity.arn, identity.region),
  };
}

/** Whether projects answer, and whether audiences do: after the end of support the two may differ. */
async function serviceChecks(
  { audience, identity }: Connection,
  projectId: string | undefined,
): Promise<readonly SetupCheck[]> {
  let id = projectId;
  let project: SetupCheck;
  try {
    if (id === undefined) {
      const { items } = await audience.listProjects({});
      id = items[0]?.id;
      project = items[0]
        ? {
            id: 'project',
            status: 'ok',
            message: vscode.l10n.t('Projects can be listed in {0}', identity.region),
          }
        : {
            id: 'project',
            status: 'failed',
            message: vscode.l10n.t('There is no project in {0}', identity.region),
            fix: vscode.l10n.t('Choose the region of your project with "Select Region…".'),
          };
    } else {
      project = {
        id: 'project',
        status: 'ok',
        message: vscode.l10n.t('The project {0} is there', (await audience.getProject(id)).name),
      };
    }
  } catch (error) {
    return [failure('project', error)];
  }
  if (id === undefined) return [project];
  try {
    await audience.listSegments(id, { pageSize: 1 });
    return [
      project,
      {
        id: 'audience',
        status: 'ok',
        message: vscode.l10n.t('Segments can be listed: audiences are served here'),
      },
    ];
  } catch (error) {
    return [project, failure('audience', error)];
  }
}

async function bucketChecks({ staging, identity }: Connection): Promise<readonly SetupCheck[]> {
  const bucket = getSetting('staging.bucket');
  if (bucket === '') {
    return [
      {
        id: 'bucket',
        status: 'failed',
        message: vscode.l10n.t('No staging bucket is set'),
        fix: vscode.l10n.t('Run "Select Staging Bucket…", or set pinpointAudience.staging.bucket.'),
      },
    ];
  }
  try {
    const region = await staging.bucketRegion(bucket);
    return [
      { id: 'bucket', status: 'ok', message: vscode.l10n.t('The bucket {0} is there', bucket) },
      region === identity.region
        ? {
            id: 'bucket-region',
            status: 'ok',
            message: vscode.l10n.t('The bucket is in {0}, as the project is', region),
          }
        : {
            id: 'bucket-region',
            status: 'warning',
            message: vscode.l10n.t('The bucket is in {0}, the project in {1}', region, identity.region),
            fix: vscode.l10n.t('Use a bucket in the region of the project.'),
          },
    ];
  } catch (error) {
    return [failure('bucket', error)];
  }
}

function roleCheck(kind: 'import' | 'export', { identity, settings }: Connection): SetupCheck {
  const id = `${kind}-role` as const;
  const arn = getSetting(`roles.${kind}Arn`);
  const set = vscode.l10n.t('Set {0} to the ARN of the {1} role.', `pinpointAudience.roles.${kind}Arn`, kind);
  if (arn === '') {
    return {
      id,
      status: 'warning',
      message: vscode.l10n.t('No {0} role is set; it is asked for with each {1}', kind, kind),
      fix: set,
    };
  }
  try {
    const { account } = parseRoleArn(arn, `${kind} role`);
    if (account !== identity.account && settings.endpointUrl === undefined) {
      return {
        id,
        status: 'warning',
        message: vscode.l10n.t(
          'The {0} role is of account {1}, you are of {2}',
          kind,
          account,
          identity.account,
        ),
        fix: vscode.l10n.t('Use a role of the account that the project is in.'),
      };
    }
    return {
      id,
      status: 'unknown',
      message: vscode.l10n.t(
        'The {0} role has the form of a role; its trust and permissions are not looked at',
        kind,
      ),
    };
  } catch (error) {
    return failure(id, error);
  }
}

function failure(id: SetupCheck['id'], error: unknown): SetupCheck {
  if (!(error instanceof AudienceError)) throw error;
  return {
    id,
    status: 'failed',
    message: error.message,
    ...(error.help !== undefined && { fix: error.help }),
  };
}

const marks: Readonly<Record<SetupCheck['status'], string>> = {
  ok: '[ok]      ',
  warning: '[careful] ',
  failed: '[failed]  ',
  unknown: '[unknown] ',
};

function asMarkdown(checks: readonly SetupCheck[], { identity }: Connection): string {
  const lines = checks.map(({ status, message, fix }) =>
    [`${marks[status]}${message}`, ...(fix === undefined ? [] : [`          → ${fix}`])].join('\n'),
  );
  return [
    `# ${vscode.l10n.t('Set-up of account {0} in {1}', identity.account, identity.region)}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
