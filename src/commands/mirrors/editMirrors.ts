import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { createMirrorsFile } from '../../jobs/mirror/mirrorDeclaration.ts';
import { declaringFiles } from '../../host/mirrorFiles.ts';
import { type Invocation } from '../framework/invocation.ts';

/** Opens the file that declares a mirror, or creates one in the first folder of the workspace. Resolves with its path. */
export async function editMirrors(call: Invocation): Promise<string> {
  const target = call.targets.find((each) => each.kind === 'mirror');
  const [first] = await declaringFiles();
  const path = target?.declaredIn ?? first?.uri.fsPath ?? (await beginMirrors());
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const editor = await vscode.window.showTextDocument(document);
  const at = target ? document.getText().indexOf(JSON.stringify(target.name)) : -1;
  if (at >= 0) {
    const position = document.positionAt(at);
    editor.selection = new vscode.Selection(position, position);
    editor.revealRange(
      new vscode.Range(position, position),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
  }
  return path;
}

async function beginMirrors(): Promise<string> {
  const root = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  if (!root) {
    throw new AudienceError('not-found', 'No folder is open', {
      help: 'Open a folder to declare mirrors in.',
    });
  }
  return createMirrorsFile(root.fsPath);
}
