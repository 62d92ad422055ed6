import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as vscode from 'vscode';
import { isNamedNdjson, namedFileType } from '../endpoints/model/fileType.ts';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import { withoutRepeats } from '../fileIdentity.ts';
import { rm } from '../fileOperations.ts';
import { baseName } from './format.ts';

/** A file on the disk of the extension host, with its size and time when it was looked up. */
export interface LocalFile {
  readonly uri: vscode.Uri;
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export function isEndpointFile(uri: vscode.Uri): boolean {
  return namedFileType(uri.path) !== undefined;
}

/** The format to send to the service, by file name: imports choose objects by name, too. */
export function formatOf(path: string): 'CSV' | 'JSON' {
  return extname(path).toLowerCase() === '.csv' ? 'CSV' : 'JSON';
}

/** Looks a file up. Rejects with `bad-input` if it is a folder or not on disk, with `not-found` if it doesn't exist. */
export async function localFile(uri: vscode.Uri): Promise<LocalFile> {
  const entry = await lookUp(uri);
  if (entry.isFolder) {
    throw new AudienceError('bad-input', `${baseName(uri.fsPath)} is a folder`, {
      help: 'Select a CSV or NDJSON file.',
    });
  }
  return entry.file;
}

/**
 * The files, and the endpoint files below the folders. In folders, `.json` files are skipped, since most of them aren't data,
 * and so are hidden folders and `node_modules`. A `.json` file that is passed itself is accepted.
 */
export async function localFiles(
  uris: readonly vscode.Uri[],
  signal?: AbortSignal,
): Promise<readonly LocalFile[]> {
  const files = new Map<string, LocalFile>();
  for (const uri of uris) {
    throwIfCancelled(signal);
    const entry = await lookUp(uri);
    if (!entry.isFolder) files.set(entry.file.path, entry.file);
    else for await (const file of filesBelow(uri.fsPath, signal)) files.set(file.path, file);
  }
  if (files.size === 0) {
    const where = uris.map((uri) => baseName(uri.fsPath)).join(', ');
    throw new AudienceError('not-found', `No endpoint file in ${where}`, {
      help: 'Endpoint files end in .csv, .ndjson or .jsonl; select a .json file itself, not its folder.',
    });
  }
  const paths = new Set(await withoutRepeats([...files.keys()]));
  return [...files.values()].filter(({ path }) => paths.has(path));
}

/** The endpoint file of the active tab, even if it is too large for the editor or another extension shows it. */
export function activeEndpointFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom
      ? input.uri
      : vscode.window.activeTextEditor?.document.uri;
  return uri && isEndpointFile(uri) ? uri : undefined;
}

/** Open documents of these files with unsaved changes. */
export function unsavedDocuments(files: readonly LocalFile[]): readonly vscode.TextDocument[] {
  const paths = new Set(files.map((file) => file.path));
  return vscode.workspace.textDocuments.filter(
    (document) => document.isDirty && paths.has(document.uri.fsPath),
  );
}

/** Writes all files or none: if `work` fails, the paths that it added to its list are removed. */
export async function allOrNone<T>(work: (written: string[]) => Promise<T>): Promise<T> {
  const written: string[] = [];
  try {
    return await work(written);
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw error;
  }
}

async function lookUp(uri: vscode.Uri): Promise<{ readonly file: LocalFile; readonly isFolder: boolean }> {
  if (uri.scheme !== 'file') {
    throw new AudienceError('bad-input', `Not a file on disk: ${uri.scheme}:`, {
      help: 'Save it to a folder on disk, and select it there.',
    });
  }
  try {
    const entry = await stat(uri.fsPath);
    if (!entry.isFile() && !entry.isDirectory()) {
      // Reading a named pipe waits for a writer, and a few such reads block all file access of the extension host.
      throw new AudienceError('bad-input', `${baseName(uri.fsPath)} is neither a file nor a folder`, {
        help: 'Select a CSV or NDJSON file.',
      });
    }
    const file = { uri, path: uri.fsPath, bytes: entry.size, modified: entry.mtimeMs };
    return { file, isFolder: entry.isDirectory() };
  } catch (error) {
    throw fileError(error, 'read', uri.fsPath);
  }
}

async function* filesBelow(folder: string, signal: AbortSignal | undefined): AsyncGenerator<LocalFile> {
  throwIfCancelled(signal);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') yield* filesBelow(path, signal);
    } else if (entry.isFile() && (namedFileType(entry.name) === 'csv' || isNamedNdjson(entry.name))) {
      yield await localFile(vscode.Uri.file(path));
    }
  }
}
