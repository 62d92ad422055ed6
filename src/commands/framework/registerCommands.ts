import * as vscode from 'vscode';
import { AudienceError, cancelled, isCancelled, type ErrorCode } from '../../errors.ts';
import type { Log } from '../../host/outputLog.ts';
import { commandIds, type CommandId } from '../../host/commandIds.ts';
import { readInvocation, type Invocation } from './invocation.ts';
import { allowed } from './unattended.ts';
import { notify } from '../../host/notifications.ts';
import { inertError } from '../../host/inertText.ts';

type Handler = (call: Invocation) => unknown;

/** One handler for every id, which the compiler checks. */
export type CommandTable = Readonly<Record<CommandId, Handler>>;

/**
 * Registers all commands. Each run is logged, cancelling isn't an error, and a failure is reported once: to the person who
 * clicked, or as a rejection to the program that called (see `Invocation.isProgrammatic`).
 */
export function registerCommands(
  table: CommandTable,
  log: Log,
  /** True for errors that are already on the screen. */
  isShown: (error: AudienceError) => boolean = () => false,
): vscode.Disposable {
  const registrations = Object.entries(table).map(([id, handler]) => {
    const run = async (...raw: unknown[]): Promise<unknown> => {
      const started = Date.now();
      let isProgrammatic = true;
      try {
        const call = readInvocation(raw);
        isProgrammatic = call.isProgrammatic;
        const result = await handler(await allowed(call, id as CommandId));
        log.debug(`${id}: done in ${Date.now() - started} ms`);
        return result;
      } catch (thrown) {
        const error = thrown instanceof vscode.CancellationError ? cancelled() : thrown;
        if (isCancelled(error)) log.debug(`${id}: cancelled`);
        else log.error(id, error);
        if (isProgrammatic) throw inertError(error);
        const isAlreadyShown = error instanceof AudienceError && isShown(error);
        if (!isCancelled(error) && !isAlreadyShown) showError(error, log, () => run(...raw));
        return undefined;
      }
    };
    return vscode.commands.registerCommand(id, run);
  });
  return vscode.Disposable.from(...registrations);
}

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
  const reason = error instanceof Error ? error.message : String(error);
  return vscode.l10n.t('Internal error: {0}. Please report it.', reason);
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
