import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { AudienceError } from '../../errors.ts';
import { applySetup } from '../../jobs/setup/apply.ts';
import type { SetupPlan, StepId } from '../../jobs/setup/setupPlan.ts';
import type { WantedSetup } from '../../jobs/setup/wantedSetup.ts';
import { planSetup, scopeOfWanted, stepsToTake } from '../../jobs/setup/setupPlan.ts';
import { wantedOfScope } from '../../jobs/setup/setupReport.ts';
import {
  cliScript,
  cloudFormation,
  scriptLanguages,
  terraform,
  type ScriptKind,
} from '../../jobs/setup/scripts.ts';
import type { Log } from '../../host/outputLog.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { askOne, type Choice } from '../../host/prompts.ts';
import { getSetting, setSetting, type SettingKey } from '../../host/settings.ts';
import { projectOf } from '../../host/targets.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { askForSetup, checkNames } from './setupQuestions.ts';
import { readSetup, scopeOfSettings } from './setupScope.ts';
import { notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'documents' | 'setups' | 'log'>;

/** A setup that exists, or that a script would create. */
export interface CreatedSetup {
  readonly bucket: string;
  readonly prefix: string;
  readonly importRoleArn: string;
  readonly exportRoleArn: string;
  /** The steps that were taken; none with a script, or if everything existed. */
  readonly done: readonly StepId[];
  /** The script or template, if one was requested. */
  readonly text?: string;
}

type Method =
  | { readonly as: 'aws'; readonly changeExisting: boolean }
  | { readonly as: ScriptKind; readonly changeExisting: boolean };

const methods = ['aws', 'cli', 'cloudformation', 'terraform'] as const;

const writers: Readonly<Record<ScriptKind, (plan: SetupPlan, changeExisting: boolean) => string>> = {
  cli: cliScript,
  cloudformation: cloudFormation,
  terraform,
};

/** Asks for a setup, shows every call that it takes, and creates it, or writes it as a script or template. */
export async function createSetup(call: Invocation, services: Services): Promise<CreatedSetup> {
  const options = readOptions(call, {
    projectId: 'string',
    bucket: 'string',
    prefix: 'string',
    kmsKeyId: 'string',
    importRole: 'string',
    exportRole: 'string',
    as: 'string',
    allProjects: 'boolean',
    changeExisting: 'boolean',
    saveSettings: 'boolean',
  });
  const as = methods.find((method) => method === options.as);
  if (options.as !== undefined && as === undefined) {
    throw new AudienceError('bad-input', `Option as can't be ${options.as}`, {
      help: `Pass one of ${methods.join(', ')}.`,
    });
  }
  const connection = await requireConnection(services, call);
  const isFix = call.args[0] === 'fix';
  const fixedProjectId = isFix && typeof call.args[1] === 'string' ? call.args[1] : undefined;
  const projectId = options.projectId ?? fixedProjectId ?? projectOf(call.targets[0])?.id;
  if (options.allProjects === true && projectId !== undefined) {
    throw new AudienceError('bad-input', "Options projectId and allProjects can't be combined", {
      help: 'Pass one of them.',
    });
  }
  const scope = scopeOfSettings(connection, projectId);
  const ofSettings = wantedOfScope(scope, scope.projectId);
  const given: WantedSetup = {
    ...ofSettings,
    bucket: options.bucket ?? ofSettings.bucket,
    prefix: folderPrefix(options.prefix ?? ofSettings.prefix),
    kmsKeyId: options.kmsKeyId ?? ofSettings.kmsKeyId,
    roles: {
      import: options.importRole ?? ofSettings.roles.import,
      export: options.exportRole ?? ofSettings.roles.export,
    },
  };
  // A fix needs no questions, except for the project if none is known.
  const asks = call.isInteractive && !call.isProgrammatic && !(isFix && projectId !== undefined);
  if (!asks && projectId === undefined && options.allProjects !== true) {
    throw new AudienceError('bad-input', 'No project specified', {
      help: 'Pass projectId, or allProjects: true for roles for all projects of the account in the region.',
    });
  }
  const wanted = asks ? await askForSetup(given, connection, services.memory, scope.bucket !== '') : given;
  checkNames(wanted);

  const facts = await readSetup(connection, scopeOfWanted(wanted));
  const plan = planSetup(wanted, facts, await services.setups.begun(wanted));
  if (stepsToTake(plan, true).length === 0)
    return finish(plan, { as: 'aws', changeExisting: false }, [], call, options.saveSettings, services.log);

  const fixed = { as: as ?? 'aws', changeExisting: options.changeExisting === true };
  if (!call.isProgrammatic) await services.documents.showPlan(plan);
  const method =
    as === undefined && !call.isProgrammatic && call.isInteractive ? await askForMethod(plan) : fixed;
  if (method.as !== 'aws') return writeScript(plan, method.as, method.changeExisting, call);
  if (call.isInteractive) await confirmPlan(plan, method.changeExisting, connection);
  const done = await withCancellableProgress(vscode.l10n.t('Creating the setup'), async (signal, report) =>
    applySetup(plan, {
      services: await connection.setup(),
      records: services.setups,
      changeExisting: method.changeExisting,
      signal,
      onProgress: report,
      wait: (ms) => wait(ms, undefined, { signal }),
    }),
  );
  services.log.info(`Setup: ${done.map(({ id }) => id).join(', ') || 'nothing to do'}`);
  return finish(
    plan,
    method,
    done.map(({ id }) => id),
    call,
    options.saveSettings,
    services.log,
  );
}

/** How to carry out the plan that is on the screen. */
async function askForMethod(plan: SetupPlan): Promise<Method> {
  const creates = stepsToTake(plan, false).length;
  const changes = stepsToTake(plan, true).length - creates;
  const create: readonly Choice<Method>[] = [
    ...(creates > 0
      ? [
          {
            label: changes === 0 ? vscode.l10n.t('Create') : vscode.l10n.t('Create missing parts only'),
            iconPath: new vscode.ThemeIcon('add'),
            value: { as: 'aws', changeExisting: false } as const,
          },
        ]
      : []),
    ...(changes > 0
      ? [
          {
            label:
              creates > 0
                ? vscode.l10n.t('Create missing parts and change existing ones')
                : vscode.l10n.t('Change existing parts'),
            iconPath: new vscode.ThemeIcon('edit'),
            value: { as: 'aws', changeExisting: true } as const,
          },
        ]
      : []),
  ];
  const script = (label: string, as: ScriptKind): Choice<Method> => ({
    label,
    iconPath: new vscode.ThemeIcon('file-code'),
    description: vscode.l10n.t('opens in an editor; nothing is created'),
    value: { as, changeExisting: changes > 0 && creates === 0 },
  });
  return askOne(vscode.l10n.t('Create Setup'), (asker) =>
    asker.pick<Method>({
      placeholder: vscode.l10n.t('Review the calls in the editor. Create them?'),
      choices: [
        ...create,
        script(vscode.l10n.t('AWS CLI Script'), 'cli'),
        script(vscode.l10n.t('CloudFormation Template'), 'cloudformation'),
        script(vscode.l10n.t('Terraform'), 'terraform'),
      ],
    }),
  );
}

async function confirmPlan(plan: SetupPlan, changeExisting: boolean, connection: Connection): Promise<void> {
  const { wanted } = plan;
  const steps = stepsToTake(plan, changeExisting);
  const ids = new Set(steps.filter(({ action }) => action === 'create').map(({ id }) => id));
  // Settings and policies are created with their bucket or role; the document lists them all.
  const isPart = (id: StepId): boolean =>
    /^(public-access|encryption|lifecycle)$/.test(id)
      ? ids.has('bucket')
      : /-(trust|policy)$/.test(id) && ids.has(id.replace(/-.*/, '-role') as StepId);
  const titles = (action: 'create' | 'change'): string =>
    steps
      .filter((step) => step.action === action && !isPart(step.id))
      .map(({ title }) => title)
      .join(', ');
  await confirm(
    vscode.l10n.t('Create this setup?'),
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), wanted.projectId ?? vscode.l10n.t('all projects in the region')],
      [vscode.l10n.t('Bucket'), `s3://${wanted.bucket}/${wanted.prefix}`],
      [vscode.l10n.t('Create'), titles('create')],
      [vscode.l10n.t('Change'), titles('change')],
      [
        vscode.l10n.t('Deleted after 7 days'),
        vscode.l10n.t('everything in {0}', `s3://${wanted.bucket}/${wanted.prefix}`),
      ],
    ],
    [vscode.l10n.t('Create')],
    steps.some(({ action }) => action === 'change') ? 'warning' : 'info',
  );
}

async function writeScript(
  plan: SetupPlan,
  kind: ScriptKind,
  changeExisting: boolean,
  call: Invocation,
): Promise<CreatedSetup> {
  const text = writers[kind](plan, changeExisting);
  if (!call.isProgrammatic) {
    const known = await vscode.languages.getLanguages();
    const language = known.includes(scriptLanguages[kind]) ? scriptLanguages[kind] : 'plaintext';
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ content: text, language }),
      {
        preview: false,
      },
    );
  }
  return { ...resultOf(plan, []), text };
}

/** Says that the setup is complete, and offers to save it in the settings. */
async function finish(
  plan: SetupPlan,
  method: Method,
  done: readonly StepId[],
  call: Invocation,
  saves: boolean | undefined,
  log: Log,
): Promise<CreatedSetup> {
  if (saves === true) await save(plan);
  else if (!call.isProgrammatic) {
    const left = stepsToTake(plan, true).length - stepsToTake(plan, method.changeExisting).length;
    const text =
      done.length === 0 && left === 0
        ? vscode.l10n.t('The setup is already complete.')
        : left > 0
          ? vscode.l10n.t('Setup created. Existing parts that differ were not changed.')
          : vscode.l10n.t('Setup created.');
    // The command doesn't wait for the answer.
    offerToSave(plan, text).catch((error: unknown) => {
      log.error('Saving the setup in the settings failed', error);
    });
  }
  return resultOf(plan, done);
}

async function offerToSave(plan: SetupPlan, text: string): Promise<void> {
  const isSaved = Object.entries(settingsOf(plan)).every(
    ([key, value]) => getSetting(key as SettingKey) === value,
  );
  const button = vscode.l10n.t('Save in Settings');
  const choice = await notify('info', text, ...(isSaved ? [] : [button]));
  if (choice === button) await save(plan);
}

async function save(plan: SetupPlan): Promise<void> {
  for (const [key, value] of Object.entries(settingsOf(plan))) {
    if (getSetting(key as SettingKey) !== value)
      await setSetting(key as keyof ReturnType<typeof settingsOf>, value);
  }
}

function settingsOf({ wanted, roleArns }: SetupPlan) {
  return {
    'staging.bucket': wanted.bucket,
    'staging.prefix': wanted.prefix,
    'staging.kmsKeyId': wanted.kmsKeyId,
    'roles.importArn': roleArns.import,
    'roles.exportArn': roleArns.export,
  };
}

function resultOf({ wanted, roleArns }: SetupPlan, done: readonly StepId[]): CreatedSetup {
  return {
    bucket: wanted.bucket,
    prefix: wanted.prefix,
    importRoleArn: roleArns.import,
    exportRoleArn: roleArns.export,
    done,
  };
}
