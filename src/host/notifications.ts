import * as vscode from 'vscode';
import { inert } from './inertText.ts';

export type Severity = 'info' | 'warning' | 'error';

/** Shows a message with buttons. Resolves with the title of the button that was clicked. */
export async function notify<B extends string>(
  severity: Severity,
  text: string,
  ...buttons: readonly B[]
): Promise<B | undefined> {
  return show(severity, text, {}, buttons);
}

/** The same in a modal dialog; `details` are its paragraphs or lines. */
export async function askInDialog<B extends string>(
  severity: Severity,
  question: string,
  details: readonly string[],
  ...buttons: readonly B[]
): Promise<B | undefined> {
  const detail = details.map((line) => inert(line)).join('\n');
  return show(severity, question, { modal: true, detail }, buttons);
}

/** Shows briefly in the status bar that something is done. */
export function flash(text: string, ms: number): void {
  vscode.window.setStatusBarMessage(`$(check) ${inert(text, 100)}`, ms);
}

type Display = <T extends vscode.MessageItem>(
  message: string,
  options: vscode.MessageOptions,
  ...items: T[]
) => Thenable<T | undefined>;

async function show<B extends string>(
  severity: Severity,
  text: string,
  options: vscode.MessageOptions,
  buttons: readonly B[],
): Promise<B | undefined> {
  const display: Display = {
    info: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[severity];
  const items = buttons.map((button) => ({ title: inert(button, 100), button }));
  return (await display(inert(text), options, ...items))?.button;
}
