import * as vscode from 'vscode';
import { statfs } from 'node:fs/promises';
import { listEndpointIds, type EndpointIds } from '../../jobs/endpointIds.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { baseName, formatBytes, formatCount, plural } from '../../host/format.ts';
import { withCancellableProgress, type Report } from '../../host/progress.ts';
import { unzipLimit } from '../../host/settings.ts';
import { confirm } from '../prompts/confirm.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { notifyWithSteps, showInExplorerStep } from '../framework/nextSteps.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { openIfSmall } from '../framework/openIfSmall.ts';
import { chooseExport, chooseFolder, nameOfRun } from './chooseExport.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory'>;

/** Downloads and unzips an export. Resolves with the paths of the NDJSON files. */
export async function downloadExport(call: Invocation, services: Services): Promise<readonly string[]> {
  const { folder: given } = readOptions(call, { folder: 'string' });
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const folder = given ?? (await chooseFolder(call, run));
  const files = await withCancellableProgress(
    vscode.l10n.t('Downloading the export'),
    (signal, report) =>
      services.runs.download(connection, run.id, folder, {
        signal,
        ...downloadOptions(call, run, folder, report),
      }),
    call.signal,
  );
  if (!call.isProgrammatic) await showDownloads(files, folder);
  return files;
}

/** Progress, and the limit of what is unpacked, above which a person is asked. */
function downloadOptions(call: Invocation, run: RunRecord, folder: string, report: Report) {
  return {
    onProgress: (done: number, total: number | undefined, what: string) =>
      report(done, total, `${what} ${formatBytes(done)}`),
    limit: unzipLimit(),
    ...(call.isInteractive && { onLimit: (unzipped: number) => confirmLarge(run, folder, unzipped) }),
  };
}

/** A small export can unzip to more than the disk holds. */
async function confirmLarge(run: RunRecord, folder: string, unzipped: number): Promise<boolean> {
  const { free } = await statfs(folder).then(
    ({ bavail, bsize }) => ({ free: bavail * bsize }),
    () => ({ free: undefined }),
  );
  const proceed = vscode.l10n.t('Continue');
  return confirm(
    vscode.l10n.t('The export is larger than expected. Continue?'),
    [
      [vscode.l10n.t('Export'), nameOfRun(run)],
      [vscode.l10n.t('Unzipped so far'), formatBytes(unzipped)],
      [vscode.l10n.t('Free disk space'), free === undefined ? undefined : formatBytes(free)],
    ],
    [proceed],
  ).then((answer) => answer === proceed);
}

/** Writes the IDs of the exported endpoints to a file, one per line, and opens it. Resolves with its path and their count. */
export async function listExportedIds(call: Invocation, services: Services): Promise<EndpointIds> {
  const { folder: given } = readOptions(call, { folder: 'string' });
  const run = await chooseExport(call, services);
  const connection = await requireConnection(services, call);
  const folder = given ?? (await chooseFolder(call, run));
  const { bucket, folder: prefix } = run.export!;
  const ids = await withCancellableProgress(vscode.l10n.t('Listing endpoint IDs'), (signal, report) =>
    listEndpointIds(connection.staging, { bucket, prefix, name: nameOfRun(run) }, folder, {
      signal,
      ...downloadOptions(call, run, folder, report),
    }),
  );
  if (!call.isProgrammatic) {
    await openIfSmall([ids.path]);
    void notify(
      'info',
      plural(ids.count, 'Wrote 1 endpoint ID to {1}', 'Wrote {0} endpoint IDs to {1}', baseName(ids.path)),
    );
  }
  return ids;
}

/** Opens a single small file; a notification leads to the others. */
async function showDownloads(files: readonly string[], folder: string): Promise<void> {
  const [only] = files;
  await openIfSmall(files);
  const text =
    files.length === 1
      ? vscode.l10n.t('Downloaded to {0}', vscode.workspace.asRelativePath(only ?? folder))
      : vscode.l10n.t(
          'Downloaded {0} files to {1}',
          formatCount(files.length),
          vscode.workspace.asRelativePath(folder),
        );
  notifyWithSteps('info', text, [showInExplorerStep(vscode.Uri.file(only ?? folder))]);
}
