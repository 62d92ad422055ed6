import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../../errors.ts';
import { rules } from '../../endpoints/rules/ruleTable.ts';
import { commandIds } from '../../host/commandIds.ts';
import { textOf, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { openDialog, openWebPage } from '../../host/prompts.ts';

type Services = Pick<CommandServices, 'log' | 'extensionUri'>;
type Ids = Pick<typeof commandIds, 'showRule' | 'showLog' | 'whatNow' | 'openSampleWorkspace'>;

export function documentCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { log } = services;
  return {
    [commandIds.showRule]: (call) => showRule(call, services),
    [commandIds.showLog]: () => log.show(),
    [commandIds.whatNow]: () => openWebPage(migrationPage),
    [commandIds.openSampleWorkspace]: (call) => openSampleWorkspace(call, services),
  };
}

/** AWS's page on the end of support and on Pinpoint's successors. */
const migrationPage = 'https://docs.aws.amazon.com/pinpoint/latest/userguide/migrate.html';

/** The page of a rule, which the code of each finding links to. */
async function showRule(call: Invocation, { extensionUri }: Services): Promise<void> {
  const code = textOf(call);
  if (code === undefined || !Object.hasOwn(rules, code)) {
    throw new AudienceError('not-found', `Unknown rule: ${code ?? '(none)'}`, {
      help: 'Click the code of a problem in the Problems view.',
    });
  }
  const page = vscode.Uri.joinPath(extensionUri, 'media', 'rules', `${code}.md`);
  await vscode.commands.executeCommand('vscode.openWith', page, 'vscode.markdown.preview.editor');
}

/** Copies the sample files to a folder that the person selects, and opens it in a new window. */
async function openSampleWorkspace(call: Invocation, { extensionUri }: Services): Promise<string> {
  if (!call.isInteractive) {
    throw new AudienceError('bad-input', 'No folder selected for the sample files', {
      help: 'Run the command without confirm: false.',
    });
  }
  const [parent] = await openDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: vscode.l10n.t('Copy Sample Files Here'),
  });
  if (!parent) throw cancelled();
  const folder = join(parent.fsPath, 'pinpoint-audience-sample');
  if (
    await stat(folder).then(
      () => true,
      () => false,
    )
  ) {
    throw new AudienceError('conflict', `Folder already exists: ${folder}`, {
      help: 'Select another location, or open that folder.',
    });
  }
  await cp(vscode.Uri.joinPath(extensionUri, 'media', 'sample-workspace').fsPath, folder, {
    recursive: true,
  });
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), {
    forceNewWindow: true,
  });
  return folder;
}
