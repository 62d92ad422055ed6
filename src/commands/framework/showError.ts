import * as vscode from 'vscode';
import { AudienceError, isCancelled, type ErrorCode } from '../../errors.ts';
import type { Log } from '../../host/outputLog.ts';
import { commandIds } from '../../host/commandIds.ts';
import { commandStep, notifyWithSteps, type NextStep } from './nextSteps.ts';

/** Shows what happened, why and what to do next, with a fitting action and the log as buttons. */
export function showError(error: unknown, log: Log, retry: () => unknown): void {
  const step = error instanceof AudienceError ? stepFor(error.code, retry) : undefined;
  const showLog = { title: vscode.l10n.t('Show Log'), run: () => log.show() };
  notifyWithSteps('error', errorText(error), step ? [step, showLog] : [showLog]);
}

/** Runs what a button starts. Failures are shown, with a button to retry if that can help. */
export async function runFromButton(work: () => Promise<unknown>, log: Log): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isCancelled(error)) showError(error, log, () => runFromButton(work, log));
  }
}

/** The text of an error for a person: message, then help. */
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

/** The next step for a kind of error, if one click can take it. */
function stepFor(code: ErrorCode, retry: () => unknown): NextStep | undefined {
  switch (code) {
    case 'credentials':
      return commandStep(vscode.l10n.t('Sign In'), commandIds.signIn);
    case 'access-denied':
      return commandStep(vscode.l10n.t('Check Setup'), commandIds.checkSetup);
    case 'retired':
      return commandStep(vscode.l10n.t('Open AWS Migration Guide'), commandIds.whatNow);
    case 'throttled':
    case 'network':
    case 'changed':
      return { title: vscode.l10n.t('Retry'), run: retry };
    default:
      return undefined;
  }
}
