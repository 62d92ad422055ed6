import * as vscode from 'vscode';
import { type SetupPlan, type StepId, stepsToTake } from '../../jobs/setup/setupPlan.ts';
import {
  cliScript,
  cloudFormation,
  scriptLanguages,
  terraform,
  type ScriptKind,
} from '../../jobs/setup/setupScripts.ts';
import { getSetting, setSetting, type SettingKey } from '../../host/settings.ts';
import type { Invocation } from '../framework/invocation.ts';
import { notify } from '../../host/notifications.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import type { SetupDraft } from './setupDraft.ts';

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

const writers: Readonly<Record<ScriptKind, (plan: SetupPlan, changeExisting: boolean) => string>> = {
  cli: cliScript,
  cloudformation: cloudFormation,
  terraform,
};

/** Opens the plan as a script or template. Creates nothing. */
export async function writeScript(
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

/** Notifies that the setup is complete, and offers to save it in the settings. */
export async function finish(
  call: Invocation,
  plan: SetupPlan,
  changeExisting: boolean,
  done: readonly StepId[],
  { savesSettings }: Pick<SetupDraft, 'savesSettings'>,
  { log }: Pick<CommandServices, 'log'>,
): Promise<CreatedSetup> {
  if (savesSettings === true) await save(plan);
  else if (!call.isProgrammatic) {
    const left = stepsToTake(plan, true).length - stepsToTake(plan, changeExisting).length;
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
