import * as vscode from 'vscode';
import { inert } from './inertText.ts';

/** A code lens. Pass the icon by name, not in the title. */
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

/** An entry in Problems and a mark in the editor. `code` is a link. */
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

/** A document can't be read or written: VS Code shows the reason in a message. */
export function fileUnavailable(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.Unavailable(inert(reason));
}

export function fileNotFound(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.FileNotFound(inert(reason));
}

export function notPermitted(reason: string): vscode.FileSystemError {
  return vscode.FileSystemError.NoPermissions(inert(reason));
}
