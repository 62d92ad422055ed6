import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { readMirrors, mirrorsFile, type MirrorDeclaration } from '../jobs/mirror/mirrorDeclaration.ts';
import { localFile, type LocalFile } from './files.ts';

/** A file of the workspace that declares mirrors: its declarations, or why it can't be read. */
type DeclaringFile = { readonly uri: vscode.Uri } & (
  | { readonly mirrors: readonly MirrorDeclaration[]; readonly error?: undefined }
  | { readonly mirrors?: undefined; readonly error: unknown }
);

export const mirrorsPattern = `**/${mirrorsFile}`;

/** Every file of the workspace, on disk, that declares mirrors. Unsaved changes are ignored. */
export async function declaringFiles(): Promise<readonly DeclaringFile[]> {
  const uris = await vscode.workspace.findFiles(mirrorsPattern, '**/node_modules/**');
  const local = uris.filter(({ scheme }) => scheme === 'file');
  return Promise.all(
    local
      .sort((a, b) => a.fsPath.localeCompare(b.fsPath))
      .map(async (uri) => {
        try {
          const text = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
          return { uri, mirrors: readMirrors(text) };
        } catch (error) {
          return { uri, error };
        }
      }),
  );
}

/** The files of a mirror, sorted by name. Rejects with `not-found` if a plain path doesn't exist. */
export async function sourcesOf(
  declaredIn: string,
  { source }: MirrorDeclaration,
): Promise<readonly LocalFile[]> {
  const folder = dirname(declaredIn);
  if (!/[*?{[]/.test(source)) return [await localFile(vscode.Uri.file(join(folder, source)))];
  const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), source);
  const uris = await vscode.workspace.findFiles(pattern, null);
  return Promise.all(uris.sort((a, b) => a.fsPath.localeCompare(b.fsPath)).map(localFile));
}
