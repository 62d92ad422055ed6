import { extname } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../../errors.ts';
import { activeEndpointFile, localFile, unsavedDocuments, type LocalFile } from '../../host/files.ts';
import { baseName } from '../../host/format.ts';
import { urisOf, type Invocation, missing } from '../framework/invocation.ts';
import { allowedToSend } from '../framework/unattended.ts';
import { openDialog } from '../../host/prompts.ts';
import { notify, askInDialog } from '../../host/notifications.ts';

const endpointExtensions = ['csv', 'ndjson', 'jsonl', 'json'];

/** The files and folders that a call is about: named by it, else the active editor's, else chosen in a dialog. */
export async function chooseUris(
  call: Invocation,
  openLabel: string,
  extensions: readonly string[] = endpointExtensions,
): Promise<readonly vscode.Uri[]> {
  const named = urisOf(call);
  if (named.length > 0) return named;
  const active = activeEndpointFile();
  if (active && extensions.includes(extname(active.path).slice(1).toLowerCase())) return [active];
  if (!call.isInteractive) throw missing('a file', 'Pass its URI, or several in an array.');
  const chosen = await openDialog({
    canSelectMany: true,
    openLabel,
    filters: { [vscode.l10n.t('Endpoint files')]: [...extensions] },
  });
  if (chosen.length === 0) throw cancelled();
  return chosen;
}

/** Like `chooseUris`, but only existing files. */
export async function chooseFiles(
  call: Invocation,
  openLabel: string,
  extensions?: readonly string[],
): Promise<readonly LocalFile[]> {
  const uris = await chooseUris(call, openLabel, extensions);
  return Promise.all(uris.map(localFile));
}

/** Asks to save unsaved changes, since only files on disk are used; `why` explains that. */
export async function saveBefore(
  call: Invocation,
  files: readonly LocalFile[],
  why: string,
): Promise<readonly LocalFile[]> {
  const unsaved = unsavedDocuments(files);
  if (unsaved.length === 0) return files;
  const names = unsaved.map((document) => baseName(document.fileName)).join(', ');
  if (!call.isInteractive) {
    throw new AudienceError('bad-input', `Unsaved changes in ${names}`, {
      help: `Save them first. ${why}`,
    });
  }
  const save = vscode.l10n.t('Save and Continue');
  const answer = await askInDialog('warning', vscode.l10n.t('Unsaved changes in {0}.', names), [why], save);
  if (answer !== save) throw cancelled();
  await saveAll(unsaved);
  return Promise.all(files.map((file) => localFile(file.uri)));
}

/** Like `saveBefore`, for files that are sent. The returned call is interactive if these files may not be sent without asking. */
export async function saveBeforeSending(
  call: Invocation,
  files: readonly LocalFile[],
): Promise<{ readonly call: Invocation; readonly files: readonly LocalFile[] }> {
  const allowed = await allowedToSend(call, files);
  const saved = await saveBefore(allowed, files, vscode.l10n.t('The file on disk is sent.'));
  return { call: allowed, files: saved };
}

/** Offers to save before a check. Either way, the file on disk is validated. */
export async function offerToSave(call: Invocation, files: readonly LocalFile[]): Promise<void> {
  const unsaved = unsavedDocuments(files);
  if (unsaved.length === 0 || call.isProgrammatic || !call.isInteractive) return;
  const names = unsaved.map((document) => baseName(document.fileName)).join(', ');
  const save = vscode.l10n.t('Save and Validate');
  const asIs = vscode.l10n.t('Validate Without Saving');
  const answer = await notify('info', vscode.l10n.t('Unsaved changes in {0}.', names), save, asIs);
  if (answer === undefined) throw cancelled();
  if (answer === save) await saveAll(unsaved);
}

async function saveAll(documents: readonly vscode.TextDocument[]): Promise<void> {
  for (const document of documents) {
    if (await document.save()) continue;
    throw new AudienceError('disk', `Can't save ${baseName(document.fileName)}`, {
      help: 'Save it, then try again.',
    });
  }
}
