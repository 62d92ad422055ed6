import * as vscode from 'vscode';
import { AudienceError, cancelled, isCancelled } from '../../errors.ts';
import { publicResult } from '../../jobs/runs/publicRun.ts';
import type { Log } from '../../host/outputLog.ts';
import { type CommandId } from '../../host/commandIds.ts';
import { readInvocation, type Invocation } from './invocation.ts';
import { errorText, showError } from './showError.ts';
import { allowed } from './unattended.ts';
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
        return publicResult(result);
      } catch (thrown) {
        const error = thrown instanceof vscode.CancellationError ? cancelled() : thrown;
        if (isCancelled(error)) log.debug(`${id}: cancelled`);
        else log.error(id, error);
        if (isProgrammatic) throw isExpected(error) ? inertError(error) : unexpected(error);
        const isAlreadyShown = error instanceof AudienceError && isShown(error);
        if (!isCancelled(error) && !isAlreadyShown) showError(error, log, () => run(...raw));
        return undefined;
      }
    };
    return vscode.commands.registerCommand(id, run);
  });
  return vscode.Disposable.from(...registrations);
}

function isExpected(error: unknown): boolean {
  return error instanceof AudienceError || isCancelled(error);
}

/** An error that isn't ours, without its text and stack: both may quote a row. */
function unexpected(error: unknown): AudienceError {
  return new AudienceError('internal', errorText(error));
}
