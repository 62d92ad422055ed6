import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { readMirrors, mirrorsFile, type MirrorDeclaration } from '../jobs/mirror/mirrorDeclaration.ts';
import { localFile, type LocalFile } from './files.ts';

/** A file of the workspace that declares mirrors: what it declares, or why it cannot be read. */
type DeclaringFile = { readonly uri: vscode.Uri } & (
  | { readonly mirrors: readonly MirrorDeclaration[]; readonly error?: undefined }
  | { readonly mirrors?: undefined; readonly error: unknown }
);

export const mirrorsPattern = `**/${mirrorsFile}`;

/** Every declaring file of the workspace on a disk of ours, as it is there. */
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

/** The files of a mirror, in the order of their names. Rejects with `not-found` if a plain path is not there. */
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
