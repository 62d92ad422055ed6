import * as vscode from 'vscode';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { AudienceError, cancelled } from '../../errors.ts';
import { fileNameOf } from '../../jobs/download/publishFiles.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { formatTime, plural } from '../../host/format.ts';
import { askOne, openDialog } from '../../host/prompts.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { outsideOf } from '../framework/unattended.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory'>;

/** The segment of an export, else its project. */
export function nameOfRun(run: RunRecord): string {
  return run.export?.segmentName ?? run.projectName ?? run.projectId;
}

/** The completed export that is named, clicked or selected from a list. */
export async function chooseExport(call: Invocation, { runs }: Services): Promise<RunRecord> {
  const target = call.targets[0];
  const id =
    textOf(call) ??
    (target?.kind === 'run' ? target.run.id : target?.kind === 'job' ? target.job.id : undefined);
  if (id !== undefined) {
    const run = runs.get(id);
    if (!run?.export) {
      throw new AudienceError('not-found', `No export has this ID: ${id}`, {
        help: "Only exports started here can be downloaded: the service doesn't report where others were written.",
      });
    }
    if (run.state === 'completed') return run;
    throw new AudienceError('bad-input', "The export hasn't completed", {
      help: 'Download it once the Jobs view shows it as completed.',
    });
  }
  const exports = runs.list().filter((run) => run.export && run.state === 'completed');
  if (exports.length === 0) {
    throw new AudienceError('not-found', 'No completed export to download', {
      help: 'Export a project or a segment first.',
    });
  }
  if (!call.isInteractive) throw missing('an export', 'Pass its job ID.');
  return askOne(vscode.l10n.t('Download Export'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select an export'),
      choices: exports.map((run) => ({
        label: nameOfRun(run),
        description: formatTime(run.created),
        detail: plural(run.job?.totalProcessed ?? 0, '1 endpoint', '{0} endpoints'),
        value: run,
      })),
    }),
  );
}

/** The folder to download to, if it isn't an option. */
export async function chooseFolder(call: Invocation, run: RunRecord): Promise<string> {
  if (call.isInteractive) return askForFolder(run);
  const { folder, isOutside } = (await defaultFolder(folderName(run))) ?? {};
  if (folder !== undefined && isOutside !== true) return folder;
  const where = folder === undefined ? '' : 'The folder "exports" leads out of the workspace. ';
  throw missing('a folder', `${where}Pass the option folder.`);
}

interface DefaultFolder {
  readonly folder: string;
  readonly isOutside: boolean;
}

/**
 * A folder below `exports` in the first workspace folder; `undefined` without a workspace. If a link leads out of the workspace, as a
 * cloned repository may bring one, the real path.
 */
export async function defaultFolder(name: string): Promise<DefaultFolder | undefined> {
  const root = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  if (root === undefined) return undefined;
  const exports = join(root, 'exports');
  const wanted = join(exports, name);
  for (const existing of [wanted, exports].filter((path) => existsSync(path))) {
    const [outside] = await outsideOf([root], [existing]);
    if (outside !== undefined) return { folder: join(outside, relative(existing, wanted)), isOutside: true };
  }
  return { folder: wanted, isOutside: false };
}

function folderName(run: RunRecord): string {
  return `${fileNameOf(nameOfRun(run)).replaceAll(' ', '-')}-${run.created.slice(0, 19).replace(/[:T]/g, '-')}`;
}

async function askForFolder(run: RunRecord): Promise<string> {
  const standard = (await defaultFolder(folderName(run)))?.folder;
  const browse = 'browse';
  const choice =
    standard === undefined
      ? browse
      : await askOne(vscode.l10n.t('Download Export'), (asker) =>
          asker.pick({
            placeholder: vscode.l10n.t('Folder to download to'),
            choices: [
              {
                label: vscode.workspace.asRelativePath(standard),
                iconPath: new vscode.ThemeIcon('folder'),
                description: standard,
                value: standard,
              },
              {
                label: vscode.l10n.t('Another folder…'),
                iconPath: new vscode.ThemeIcon('folder-opened'),
                value: browse,
              },
            ],
          }),
        );
  if (choice !== browse) return choice;
  const [chosen] = await openDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    defaultUri: vscode.Uri.file(homedir()),
    openLabel: vscode.l10n.t('Download Here'),
  });
  if (!chosen) throw cancelled();
  return join(chosen.fsPath, folderName(run));
}
