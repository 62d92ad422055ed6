import * as vscode from 'vscode';
import { AudienceError, reasonOf } from '../../errors.ts';
import { changeOf, parseDocument } from '../../endpoints/editing/endpointChange.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { BulkKind } from '../../jobs/bulk/bulkRecord.ts';
import { localFile, type LocalFile } from '../../host/files.ts';
import { askOne } from '../../host/prompts.ts';
import { chooseUris, saveBeforeSending } from '../prompts/chooseFiles.ts';
import { type Invocation, missing } from '../framework/invocation.ts';

const idFiles = ['csv', 'ndjson', 'jsonl', 'txt'];

export async function chooseIdFile(
  call: Invocation,
  title: string,
): Promise<{ readonly call: Invocation; readonly file: LocalFile }> {
  const uris = await chooseUris(call, title, idFiles);
  if (uris.length > 1) {
    throw new AudienceError('bad-input', 'Only one file at a time', {
      help: 'Select one file.',
    });
  }
  const allowed = await saveBeforeSending(call, [await localFile(uris[0]!)]);
  return { call: allowed.call, file: allowed.files[0]! };
}

/** The change to make to each endpoint, if the file only has their Ids. */
export async function askForChange(
  call: Invocation,
  file: LocalFile,
): Promise<EndpointDefinition | undefined> {
  if (!(await hasOnlyIds(file))) return undefined;
  if (!call.isInteractive)
    throw missing('a change', 'The file only has Ids: pass the option change, as JSON.');
  const text = await askOne(vscode.l10n.t('Update Endpoints'), (asker) =>
    asker.input({
      prompt: vscode.l10n.t('The file only has Ids. Change to make to each endpoint, as JSON'),
      placeholder: '{"OptOut":"ALL"}',
      check: (json) => {
        try {
          readChange(json);
          return undefined;
        } catch (error) {
          return error instanceof AudienceError ? error.message : reasonOf(error);
        }
      },
    }),
  );
  return readChange(text);
}

async function hasOnlyIds(file: LocalFile): Promise<boolean> {
  if (/\.txt$/i.test(file.path)) return true;
  const { bulkItems } = await import('../../jobs/bulk/bulkItems.ts');
  for await (const { item } of bulkItems(file.path, 'update-endpoints')) {
    return item !== undefined && Object.keys(item).length === 1;
  }
  return false;
}

export function readChange(text: string): EndpointDefinition {
  const change = changeOf({ Id: '' }, { Id: '', ...(parseDocument(text) as object) });
  if (change) return change.request;
  throw new AudienceError('bad-input', 'The change is empty', { help: 'Write it like {"OptOut":"ALL"}.' });
}

export async function chooseKind(call: Invocation, given: string | undefined): Promise<BulkKind> {
  if (given === 'endpoints' || given === 'users') return `delete-${given}`;
  if (given !== undefined || !call.isInteractive) {
    throw new AudienceError('bad-input', 'Not specified whether the file lists endpoints or users', {
      help: 'Pass the option what: "endpoints" or "users".',
    });
  }
  return askOne(vscode.l10n.t('Delete Endpoints'), (asker) =>
    asker.pick<BulkKind>({
      placeholder: vscode.l10n.t('What does the file list?'),
      choices: [
        {
          label: vscode.l10n.t('Endpoints'),
          description: vscode.l10n.t('by column Id'),
          value: 'delete-endpoints',
        },
        {
          label: vscode.l10n.t('Users'),
          description: vscode.l10n.t('by column User.UserId, with all endpoints of each'),
          value: 'delete-users',
        },
      ],
    }),
  );
}
