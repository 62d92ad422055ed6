import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../host/commandIds.ts';
import { plural } from '../../host/format.ts';
import { getSetting } from '../../host/settings.ts';
import { confirm, type Fact } from '../prompts/confirm.ts';
import type { Invocation } from './invocation.ts';

/*
 * Where `confirm: false` applies. A command can't find out who called it: another extension, a task, a keybinding, a menu or
 * a link, which can pass exactly what a menu passes. So in Restricted Mode, commands that write, send or delete ask anyway, and
 * files from outside the workspace are sent without asking only if a setting of this machine allows it.
 */

/**
 * What a command does in a workspace that isn't trusted.
 * `harmless`: only reads or shows, or has a person choose. `asks`: asks for confirmation itself, which it then always does; before
 * that, it may send signed requests to what arguments name, so those are confirmed here.
 * `acts`: writes, connects or stops something without asking, so it is confirmed here. `obeys`: has a person choose, but acts,
 * or sends signed requests to what is named, without asking if arguments name everything.
 */
type Effect = 'harmless' | 'asks' | 'acts' | 'obeys';

const effects: Readonly<Record<CommandId, Effect>> = {
  [commandIds.validateFile]: 'harmless',
  [commandIds.uploadFile]: 'asks',
  [commandIds.importFile]: 'asks',
  [commandIds.validateObject]: 'obeys',
  [commandIds.importFromS3]: 'asks',
  [commandIds.deleteStaged]: 'asks',
  [commandIds.endUploads]: 'asks',
  [commandIds.exportProject]: 'asks',
  [commandIds.exportSegment]: 'asks',
  [commandIds.downloadExport]: 'obeys',
  [commandIds.listEndpointIds]: 'obeys',
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
  [commandIds.compareSegmentVersions]: 'obeys',
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

  [commandIds.connect]: 'obeys',
  [commandIds.signIn]: 'harmless',
  [commandIds.disconnect]: 'acts',
  [commandIds.selectRegion]: 'harmless',
  [commandIds.selectBucket]: 'harmless',
  [commandIds.connectionMenu]: 'harmless',
  [commandIds.checkSetup]: 'obeys',
  [commandIds.createSetup]: 'asks',
  [commandIds.startSandbox]: 'acts',
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
  [commandIds.watchJob]: 'acts',
  [commandIds.runAgain]: 'asks',
  [commandIds.filterJobs]: 'harmless',
  [commandIds.clearJobsFilter]: 'harmless',
  [commandIds.forgetRun]: 'asks',
  [commandIds.showReport]: 'obeys',
  [commandIds.showRule]: 'harmless',
  [commandIds.showLog]: 'harmless',
  [commandIds.whatNow]: 'harmless',
};

/** The call that may run: confirmed, or interactive. Throws `cancelled()` if the person declines. */
export async function allowed(call: Invocation, id: CommandId): Promise<Invocation> {
  if (vscode.workspace.isTrusted || effects[id] === 'harmless') return call;
  if (isConfirmedHere(call, id)) await confirmAct(call, id);
  return { ...call, isInteractive: true };
}

/** True if, in a workspace that isn't trusted, the call would do something without a question of its own. */
export function isConfirmedHere(call: Invocation, id: CommandId): boolean {
  const effect = effects[id];
  if (effect === 'harmless') return false;
  if (effect === 'asks') return namesMoreThanFiles(call);
  // VS Code replaces what a link passes as `$treeItemHandle` by a node of our trees, so even that may not be a click.
  return call.isProgrammatic || !call.isInteractive || effect === 'acts';
}

/** True if arguments say more than which files of a disk to work on: a bucket, project, segment, job or user. */
function namesMoreThanFiles({ args, options }: Invocation): boolean {
  const isFile = (value: unknown): boolean => {
    if (typeof value === 'string') return isAbsolute(value);
    return typeof value === 'object' && value !== null && 'scheme' in value && value.scheme === 'file';
  };
  const named = Object.keys(options).filter((name) => name !== 'confirm' && name !== 'signal');
  return named.length > 0 || !args.flat().every(isFile);
}

/** Names the command and its arguments. */
async function confirmAct({ args, options }: Invocation, id: CommandId): Promise<void> {
  const given = [
    ...args.flat().map((value, index): Fact => [vscode.l10n.t('Argument {0}', index + 1), textOf(value)]),
    ...Object.entries(options).map(([name, value]): Fact => [name, textOf(value)]),
  ];
  const more = given.length - maxFacts;
  await confirm(
    vscode.l10n.t('Run "{0}"? You, a link, a task or another extension requested it.', titleOf(id)),
    [
      [vscode.l10n.t('Workspace'), vscode.l10n.t('not trusted')],
      ...given.slice(0, maxFacts),
      [vscode.l10n.t('Not shown'), more > 0 ? plural(more, '1 more', '{0} more') : undefined],
    ],
    [vscode.l10n.t('Run')],
    'warning',
  );
}

/** More lines would push the buttons off the screen. */
const maxFacts = 20;

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
  return (await outsideWorkspace(files)).length === 0 ? call : { ...call, isInteractive: true };
}

/** The line of a confirmation that names files from outside the workspace: a name alone could be that of a file in it. */
export async function outsideFact(files: readonly { readonly path: string }[]): Promise<Fact> {
  const paths = await outsideWorkspace(files);
  const more = paths.length - maxFacts;
  return [
    vscode.l10n.t('Outside the workspace'),
    [...paths.slice(0, maxFacts), ...(more > 0 ? [plural(more, '1 more', '{0} more')] : [])].join(', '),
  ];
}

function outsideWorkspace(files: readonly { readonly path: string }[]): Promise<readonly string[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  return outsideOf(
    folders.map(({ uri }) => uri.fsPath),
    files.map(({ path }) => path),
  );
}

/**
 * The real paths of those files that are in none of the folders: a link in a folder may lead out of it, and a folder may be a link
 * itself. A file or folder that doesn't exist is in none.
 */
export async function outsideOf(
  folders: readonly string[],
  files: readonly string[],
): Promise<readonly string[]> {
  const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
  const realFolders = (await Promise.all(folders.map(real))).filter((folder) => folder !== undefined);
  const outside = await Promise.all(
    files.map(async (path) => {
      const file = await real(path);
      const isInside = file !== undefined && realFolders.some((folder) => isBelow(folder, file));
      return isInside ? [] : [file ?? path];
    }),
  );
  return outside.flat();
}

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !isAbsolute(path) && path.split(/[\\/]/)[0] !== '..';
}
