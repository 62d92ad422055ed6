import * as vscode from 'vscode';
import type { CommandId } from '../../host/commandIds.ts';
import { notify, type Severity } from '../../host/notifications.ts';

/** A button of a notification. */
export interface NextStep {
  readonly title: string;
  readonly run: () => unknown;
}

/** Notifies with buttons for the next steps. Doesn't wait for the answer. */
export function notifyWithSteps(severity: Severity, text: string, steps: readonly NextStep[]): void {
  void notify(severity, text, ...steps.map(({ title }) => title)).then((choice) =>
    steps.find(({ title }) => title === choice)?.run(),
  );
}

/** A step that starts a command as a click on its menu entry does: logged, with failures shown. */
export function commandStep(title: string, id: CommandId, ...args: readonly unknown[]): NextStep {
  return { title, run: () => vscode.commands.executeCommand(id, ...args) };
}

/** A step that selects a file in the Explorer. */
export function showInExplorerStep(uri: vscode.Uri): NextStep {
  return {
    title: vscode.l10n.t('Show in Explorer'),
    run: () => vscode.commands.executeCommand('revealInExplorer', uri),
  };
}
