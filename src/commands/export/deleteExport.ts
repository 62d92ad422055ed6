import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import type { ObjectSummary } from '../../aws/s3/stagingService.ts';
import { formatBytes, formatCount, plural } from '../../host/format.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { chooseExport, nameOfRun } from './chooseExport.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory'>;

/** Deletes exported objects, which stay in the bucket otherwise (User Guide, segments-exporting). Resolves with their URLs. */
export async function deleteExport(call: Invocation, services: Services): Promise<readonly string[]> {
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const { bucket, folder } = run.export!;
  const found = await listExported(connection, bucket, folder);
  if (call.isInteractive) await confirmDeletion(run, found, connection);
  // Only the objects that were listed, not later ones.
  await connection.staging.delete(found.map(({ key }) => ({ bucket, key })));
  if (!call.isProgrammatic) {
    void notify(
      'info',
      plural(
        found.length,
        'Deleted 1 object from {1}',
        'Deleted {0} objects from {1}',
        `s3://${bucket}/${folder}`,
      ),
    );
  }
  return found.map(({ key }) => formatS3Url({ bucket, key }));
}

async function listExported(
  { staging }: Connection,
  bucket: string,
  folder: string,
): Promise<readonly ObjectSummary[]> {
  const found: ObjectSummary[] = [];
  await withCancellableProgress(vscode.l10n.t('Listing exported objects'), async (signal) => {
    for await (const object of staging.list(bucket, folder, signal)) found.push(object);
  });
  if (found.length > 0) return found;
  throw new AudienceError('not-found', `No objects in s3://${bucket}/${folder}`, {
    help: 'They were deleted or have expired.',
  });
}

async function confirmDeletion(
  run: RunRecord,
  found: readonly ObjectSummary[],
  connection: Connection,
): Promise<void> {
  const { bucket, folder, downloads } = run.export!;
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  const names = found.slice(0, 10).map(({ key }) => key.slice(folder.length));
  const more = found.length - names.length;
  await confirm(
    plural(found.length, 'Delete 1 exported object?', 'Delete {0} exported objects?'),
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Export'), nameOfRun(run)],
      [vscode.l10n.t('Folder'), `s3://${bucket}/${folder}`],
      [vscode.l10n.t('Size'), formatBytes(bytes)],
      [
        vscode.l10n.t('Objects'),
        [...names, ...(more > 0 ? [vscode.l10n.t('and {0} more', formatCount(more))] : [])].join(', '),
      ],
      [
        vscode.l10n.t('Downloaded'),
        downloads.length === 0 ? vscode.l10n.t('not yet: deleting is permanent') : downloads.at(-1)?.folder,
      ],
    ],
    [vscode.l10n.t('Delete')],
    'warning',
  );
}
