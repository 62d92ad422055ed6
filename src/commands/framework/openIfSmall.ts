import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { getSetting } from '../../host/settings.ts';

const opensBelow = 5_000_000;

/** Opens a file that a command wrote, if it is the only one, small, and the settings allow it. Resolves with whether it did. */
export async function openIfSmall(files: readonly string[]): Promise<boolean> {
  const [only] = files;
  if (only === undefined || files.length !== 1 || !getSetting('jobs.openDownloads')) return false;
  const { size } = await stat(only);
  if (size >= opensBelow) return false;
  await vscode.window.showTextDocument(vscode.Uri.file(only));
  return true;
}
