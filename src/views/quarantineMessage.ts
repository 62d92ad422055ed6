import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds.ts';
import { notify } from '../host/notifications.ts';

/** Notifies, once for all, of records that can't be read. They stay in their folder. */
export function notifyOfQuarantined(messages: readonly string[], folder: string): void {
  const [first] = messages;
  if (first === undefined) return;
  const text =
    messages.length === 1
      ? first
      : vscode.l10n.t(
          "{0} job records can't be read. They stay in their folder; the log lists them.",
          messages.length,
        );
  const showFolder = vscode.l10n.t('Show Folder');
  const showLog = vscode.l10n.t('Show Log');
  void notify('warning', text, showFolder, showLog).then((choice) => {
    if (choice === showFolder) void vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(folder));
    if (choice === showLog) void vscode.commands.executeCommand(commandIds.showLog);
  });
}
