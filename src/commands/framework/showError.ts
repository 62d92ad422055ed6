import * as vscode from 'vscode';
import { AudienceError, type ErrorCode } from '../../errors.ts';
import type { Log } from '../../host/outputLog.ts';
import { commandIds, type CommandId } from '../../host/commandIds.ts';
import { notify } from '../../host/notifications.ts';

/** Shows what happened, why and what to do next, with a fitting action and the log as buttons. */
export function showError(error: unknown, log: Log, retry: () => unknown): void {
  const known = error instanceof AudienceError ? error : undefined;
  const action = known && actions(retry)[known.code];
  const showLog = vscode.l10n.t('Show Log');
  const buttons = [...(action ? [action.title] : []), showLog];
  void notify('error', errorText(error), ...buttons).then((choice) => {
    if (choice === showLog) log.show();
    else if (choice !== undefined) action?.run();
  });
}

/** The error in words for a person: message, then help. */
export function errorText(error: unknown): string {
  if (error instanceof AudienceError) {
    return error.help ? `${withStop(error.message)} ${error.help}` : error.message;
  }
  // Its own text may quote a row, as a JSON parser's does.
  const kind = error instanceof Error ? error.name : typeof error;
  return vscode.l10n.t('Internal error: {0}. The log shows where. Please report it.', kind);
}

function withStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

/** The next step for a kind of error, if one click can take it. */
function actions(retry: () => unknown): Partial<Record<ErrorCode, Action>> {
  const again = { title: vscode.l10n.t('Retry'), run: retry };
  return {
    credentials: command(vscode.l10n.t('Sign In'), commandIds.signIn),
    'access-denied': command(vscode.l10n.t('Check Setup'), commandIds.checkSetup),
    throttled: again,
    network: again,
    changed: again,
    retired: command(vscode.l10n.t('Open AWS Migration Guide'), commandIds.whatNow),
  };
}

function command(title: string, id: CommandId): Action {
  return { title, run: () => vscode.commands.executeCommand(id) };
}
