import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../host/commandIds.ts';
import { getSetting } from '../../host/settings.ts';
import { confirm, type Fact } from '../prompts/confirm.ts';
import type { Invocation } from './invocation.ts';

/*
 * Where `confirm: false` applies. VS Code doesn't tell a command who called it: another extension, a task, a keybinding or a
 * link. So in Restricted Mode, commands that write, send or delete ask anyway, and files from outside the workspace are sent
 * without asking only if a setting of this machine allows it.
 */

/**
 * What a command does if a program calls it in a workspace that isn't trusted.
 * `harmless`: only reads or shows, or has a person choose. `asks`: asks for confirmation itself, which it then always does.
 * `acts`: writes, connects or stops something without asking, so it is confirmed here.
 */
const effects: Readonly<Record<CommandId, 'harmless' | 'asks' | 'acts'>> = {
  [commandIds.validateFile]: 'harmless',
  [commandIds.uploadFile]: 'asks',
  [commandIds.importFile]: 'asks',
  [commandIds.validateObject]: 'harmless',
  [commandIds.importFromS3]: 'asks',
  [commandIds.deleteStaged]: 'asks',
  [commandIds.endUploads]: 'asks',
  [commandIds.exportProject]: 'asks',
  [commandIds.exportSegment]: 'asks',
  [commandIds.downloadExport]: 'acts',
  [commandIds.listEndpointIds]: 'acts',
  [commandIds.deleteExport]: 'asks',

  [commandIds.writeFixedCopy]: 'acts',
  [commandIds.convertFile]: 'acts',
  [commandIds.toNdjson]: 'acts',
  [commandIds.makeImportable]: 'acts',
  [commandIds.splitFile]: 'acts',
  [commandIds.compareFiles]: 'harmless',

  [commandIds.runMirror]: 'asks',
  [commandIds.runAllMirrors]: 'asks',
  [commandIds.dryRunMirror]: 'asks',
  [commandIds.openMirrors]: 'acts',

  [commandIds.createSegment]: 'asks',
  [commandIds.openSegment]: 'asks',
  [commandIds.compareSegmentVersions]: 'harmless',
  [commandIds.renameSegment]: 'asks',
  [commandIds.deleteSegment]: 'asks',
  [commandIds.copySegment]: 'asks',
  [commandIds.countSegment]: 'asks',

  [commandIds.openEndpoint]: 'asks',
  [commandIds.openUser]: 'asks',
  [commandIds.deleteEndpoint]: 'asks',
  [commandIds.deleteUser]: 'asks',
  [commandIds.updateEndpoints]: 'asks',
  [commandIds.deleteEndpoints]: 'asks',
  [commandIds.resumeBulk]: 'asks',
  [commandIds.removeAttributes]: 'asks',

  [commandIds.connect]: 'acts',
  [commandIds.signIn]: 'harmless',
  [commandIds.disconnect]: 'harmless',
  [commandIds.selectRegion]: 'harmless',
  [commandIds.selectBucket]: 'acts',
  [commandIds.connectionMenu]: 'harmless',
  [commandIds.checkSetup]: 'harmless',
  [commandIds.createSetup]: 'asks',
  [commandIds.startSandbox]: 'harmless',
  [commandIds.stopSandbox]: 'acts',
  [commandIds.openSampleWorkspace]: 'harmless',

  [commandIds.refresh]: 'harmless',
  [commandIds.loadMore]: 'harmless',
  [commandIds.retry]: 'harmless',
  [commandIds.copyId]: 'harmless',
  [commandIds.copyArn]: 'harmless',
  [commandIds.copyS3Url]: 'harmless',
  [commandIds.openConsole]: 'harmless',

  [commandIds.showJob]: 'harmless',
  [commandIds.showFailures]: 'harmless',
  [commandIds.markFailures]: 'harmless',
  [commandIds.retryRun]: 'asks',
  [commandIds.cancelRun]: 'acts',
  [commandIds.watchJob]: 'harmless',
  [commandIds.runAgain]: 'asks',
  [commandIds.filterJobs]: 'harmless',
  [commandIds.clearJobsFilter]: 'harmless',
  [commandIds.forgetRun]: 'asks',
  [commandIds.showReport]: 'harmless',
  [commandIds.showRule]: 'harmless',
  [commandIds.showLog]: 'harmless',
  [commandIds.whatNow]: 'harmless',
};

/** The call that may run: confirmed, or interactive. Throws `cancelled()` if the person declines. */
export async function allowed(call: Invocation, id: CommandId): Promise<Invocation> {
  const effect = effects[id];
  if (vscode.workspace.isTrusted || effect === 'harmless' || !(call.isProgrammatic || !call.isInteractive))
    return call;
  if (effect === 'acts') await confirmAct(call, id);
  return { ...call, isInteractive: true };
}

/** Names the command and all of its arguments. */
async function confirmAct({ args, options }: Invocation, id: CommandId): Promise<void> {
  const given = [...args.flat(), ...Object.entries(options).map(([name, value]) => [name, value])];
  await confirm(
    vscode.l10n.t('Run "{0}"? A link, a task or another extension requested it.', titleOf(id)),
    [
      [vscode.l10n.t('Workspace'), vscode.l10n.t('not trusted')],
      ...given.map((value, index): Fact =>
        Array.isArray(value)
          ? [String(value[0]), textOf(value[1])]
          : [vscode.l10n.t('Argument {0}', index + 1), textOf(value)],
      ),
    ],
    [vscode.l10n.t('Run')],
    'warning',
  );
}

function textOf(value: unknown): string {
  if (value instanceof vscode.Uri) return value.scheme === 'file' ? value.fsPath : value.toString(true);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function titleOf(id: CommandId): string {
  const manifest = vscode.extensions.getExtension('pinpoint-audience.pinpoint-audience')?.packageJSON as
    | {
        readonly contributes: {
          readonly commands: readonly { readonly command: string; readonly title: string }[];
        };
      }
    | undefined;
  return manifest?.contributes.commands.find(({ command }) => command === id)?.title ?? id;
}

/** The same for a call that sends files: interactive if some are outside the workspace. */
export async function allowedToSend(
  call: Invocation,
  files: readonly { readonly path: string }[],
): Promise<Invocation> {
  if (call.isInteractive || getSetting('automation.allowFilesOutsideWorkspace')) return call;
  const folders = await Promise.all(
    (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => realpath(uri.fsPath)),
  );
  // A link in the workspace may lead out of it.
  const paths = await Promise.all(files.map(({ path }) => realpath(path).catch(() => undefined)));
  const areInside = paths.every(
    (path) => path !== undefined && folders.some((folder) => isBelow(folder, path)),
  );
  return areInside ? call : { ...call, isInteractive: true };
}

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !isAbsolute(path) && path.split(/[\\/]/)[0] !== '..';
}
