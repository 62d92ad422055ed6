import * as vscode from 'vscode';
import type { Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { BulkKind } from '../../jobs/bulk/bulkRecord.ts';
import type { LocalFile } from '../../host/files.ts';
import { plural } from '../../host/format.ts';

export interface BulkRequest {
  readonly connection: Connection;
  readonly project: Project;
  readonly file: LocalFile;
  readonly kind: BulkKind;
  readonly change?: EndpointDefinition | undefined;
}

/** How many records the file has, how many of them can't be sent, and why the first of those can't. */
export async function countItems({ file, kind, change }: BulkRequest): Promise<{
  readonly total: number;
  readonly problems: number;
  readonly problem: string;
}> {
  const { bulkItems } = await import('../../jobs/bulk/bulkItems.ts');
  let total = 0;
  let problems = 0;
  let first = '';
  for await (const { problem, line } of bulkItems(file.path, kind, change)) {
    total++;
    if (problem === undefined) continue;
    if (problems++ === 0) first = vscode.l10n.t('{0} (line {1})', problem, line);
  }
  return { total, problems, problem: first };
}

export function describe(
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
