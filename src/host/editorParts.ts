import * as vscode from 'vscode';
import { inert } from './inertText.ts';

/** A lens over a line. An icon of its title is passed by name. */
export function codeLens(
  range: vscode.Range,
  lens: {
    readonly title: string;
    readonly icon?: string;
    readonly command: string;
    readonly args: readonly unknown[];
  },
): vscode.CodeLens {
  const title = `${lens.icon === undefined ? '' : `$(${lens.icon}) `}${inert(lens.title, 200)}`;
  return new vscode.CodeLens(range, { title, command: lens.command, arguments: [...lens.args] });
}

/** What Problems and the editor show at a place. `code` leads somewhere. */
export function diagnostic(
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
  source: string,
  code?: { readonly value: string; readonly target: vscode.Uri },
): vscode.Diagnostic {
  const made = new vscode.Diagnostic(range, inert(message), severity);
  made.source = source;
  if (code !== undefined) made.code = code;
  return made;
}

export function codeAction(title: string, kind: vscode.CodeActionKind): vscode.CodeAction {
  return new vscode.CodeAction(inert(title, 200), kind);
}

/** A mark on a file in the Explorer. */
export function fileMark(badge: string, tooltip: string, color: string): vscode.FileDecoration {
  return new vscode.FileDecoration(badge, inert(tooltip), new vscode.ThemeColor(color));
}

/** Why a document cannot be read or written: the editor shows the text in a message of its own. */
export function fileUnavailable(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.Unavailable(inert(reason));
}

export function fileNotFound(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.FileNotFound(inert(reason));
}

export function notPermitted(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.NoPermissions(inert(reason));
}
