import * as vscode from 'vscode';
import type { Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { BulkKind } from '../../jobs/bulk/bulkRecord.ts';
import { localFile, type LocalFile } from '../../host/files.ts';
import { baseName, formatCount, formatDuration, plural } from '../../host/format.ts';
import { AudienceError } from '../../errors.ts';
import type { Invocation } from '../framework/invocation.ts';
import { outsideFact } from '../framework/unattended.ts';
import { confirmIn } from '../prompts/chooseProject.ts';

export interface BulkRequest {
  readonly connection: Connection;
  readonly project: Project;
  readonly file: LocalFile;
  readonly kind: BulkKind;
  readonly change?: EndpointDefinition | undefined;
}

/** How many records a file has, how many of them can't be sent, and the reason for the first of these. */
interface ItemCounts {
  /** The file as it was then. */
  readonly file: LocalFile;
  readonly total: number;
  readonly problems: number;
  readonly problem: string;
}

/** Reads the file and counts its records. Rejects with `bad-input` if none can be sent. */
export async function countItems({ file: { uri }, kind, change }: BulkRequest): Promise<ItemCounts> {
  const file = await localFile(uri);
  const { bulkItems } = await import('../../jobs/bulk/bulkItems.ts');
  let total = 0;
  let problems = 0;
  let first = '';
  for await (const { problem, line } of bulkItems(file.path, kind, change)) {
    total++;
    if (problem === undefined) continue;
    if (problems++ === 0) first = vscode.l10n.t('{0} (line {1})', problem, line);
  }
  if (total > 0 && problems === total) {
    throw new AudienceError('bad-input', `No record of ${baseName(file.path)} can be sent: ${first}`, {
      help: 'Select a file with a column Id or User.UserId, or a text file with one Id per line.',
    });
  }
  return { file, total, problems, problem: first };
}

/** The one question before an operation starts. Resolves with its name, such as "Update". */
export async function confirmBulk(
  call: Invocation,
  request: BulkRequest,
  { total, problems, problem }: ItemCounts,
): Promise<string> {
  const { file, kind, change } = request;
  const { question, action, seconds } = describe(kind, total - problems);
  await confirmIn(
    call,
    question,
    request,
    [
      [vscode.l10n.t('File'), baseName(file.path)],
      await outsideFact([file]),
      [vscode.l10n.t('Records'), formatCount(total)],
      [
        vscode.l10n.t('Caution'),
        problems > 0
          ? plural(
              problems,
              "1 record can't be sent: {1}",
              "{0} records can't be sent, the first: {1}",
              problem,
            )
          : undefined,
      ],
      [vscode.l10n.t('Change'), change && JSON.stringify(change)],
      [
        vscode.l10n.t('Duration'),
        vscode.l10n.t(
          '{0} at the rate that the service allows',
          formatDuration(Math.max(1, Math.round(seconds)) * 1000),
        ),
      ],
    ],
    action,
    'warning',
  );
  return action;
}

function describe(
  kind: BulkKind,
  total: number,
): { readonly question: string; readonly action: string; readonly seconds: number } {
  switch (kind) {
    case 'update-endpoints':
      return {
        question: plural(total, 'Update 1 endpoint?', 'Update {0} endpoints?'),
        action: vscode.l10n.t('Update'),
        seconds: Math.ceil(total / 100) / 2,
      };
    case 'delete-endpoints':
      return {
        question: plural(total, 'Permanently delete 1 endpoint?', 'Permanently delete {0} endpoints?'),
        action: vscode.l10n.t('Delete'),
        seconds: total / 5,
      };
    case 'delete-users':
      return {
        question: plural(
          total,
          'Permanently delete 1 user and all their endpoints?',
          'Permanently delete {0} users and all their endpoints?',
        ),
        action: vscode.l10n.t('Delete'),
        seconds: total / 5,
      };
  }
}
