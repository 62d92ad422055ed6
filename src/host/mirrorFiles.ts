import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { readMirrors, mirrorsFile, type MirrorDeclaration } from '../jobs/mirror/mirrorDeclaration.ts';
import { badInput } from '../errors.ts';
import { withRegularFile } from '../regularFile.ts';
import { localFile, type LocalFile } from './files.ts';

/** A file of the workspace that declares mirrors: its declarations, or why it can't be read. */
type DeclaringFile = { readonly uri: vscode.Uri } & (
  | { readonly mirrors: readonly MirrorDeclaration[]; readonly error?: undefined }
  | { readonly mirrors?: undefined; readonly error: unknown }
);

export const mirrorsPattern = `**/${mirrorsFile}`;

/** Every file of the workspace, on disk, that declares mirrors. Unsaved changes are ignored. */
export async function declaringFiles(): Promise<readonly DeclaringFile[]> {
  const uris = await vscode.workspace.findFiles(mirrorsPattern, '**/node_modules/**', maxFiles);
  const local = uris.filter(({ scheme }) => scheme === 'file');
  const files: DeclaringFile[] = [];
  for (const uri of local.sort((a, b) => a.fsPath.localeCompare(b.fsPath))) {
    try {
      files.push({ uri, mirrors: readMirrors(await textOf(uri)) });
    } catch (error) {
      files.push({ uri, error });
    }
  }
  return files;
}

/** They are read when a folder is opened, so that folder must not decide how long that takes. */
const maxFiles = 100;
const maxBytes = 1_000_000;

async function textOf(uri: vscode.Uri): Promise<string> {
  await localFile(uri);
  // Of some files of the system, the size is said to be 0.
  const buffer = Buffer.alloc(maxBytes + 1);
  const bytes = await withRegularFile(uri.fsPath, async (file) => {
    let read = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, read, buffer.length - read, read);
      if (bytesRead === 0) return read;
      read += bytesRead;
    }
  });
  if (bytes > maxBytes)
    throw badInput(`${mirrorsFile} is larger than 1 MB`, 'Declare mirrors in a file of up to 1 MB.');
  return buffer.toString('utf8', 0, bytes);
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
