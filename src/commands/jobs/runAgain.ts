import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { type Invocation, withArguments } from '../framework/invocation.ts';
import { importFile, type ImportServices } from '../import/importFile.ts';
import { importFromS3 } from '../import/importFromS3.ts';
import { startExport } from '../export/startExport.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { chooseRun } from './chooseRun.ts';

type Services = ImportServices & Pick<CommandServices, 'views'>;

/** Starts a finished run again with the same settings, after a confirmation. Resolves with the new run. */
export async function runAgain(call: Invocation, services: Services): Promise<RunRecord | BulkRecord> {
  const run = await chooseRun(call, services, vscode.l10n.t('Run Again'), hasEnded);
  checkConnection(run, await requireConnection(services, call));
  if (run.import) return importAgain(call, run, run.import, services);
  if (run.export) return exportAgain(call, run, run.export, services);
  throw new AudienceError('bad-input', 'This job was started elsewhere', {
    help: 'Start the import or export here.',
  });
}

function checkConnection(run: RunRecord, { identity: { account, region } }: Connection): void {
  if (account !== run.account || region !== run.region) {
    throw new AudienceError(
      'bad-input',
      `This run used account ${run.account} in ${run.region}, but you are connected to ${account} in ${region}`,
      { help: 'Connect to that account, or start a new job here.' },
    );
  }
}

function importAgain(
  call: Invocation,
  { projectId }: RunRecord,
  settings: NonNullable<RunRecord['import']>,
  services: Services,
): Promise<RunRecord | BulkRecord> {
  const { bucket, folder, files, format, segmentId, segmentName, isFromBucket = false } = settings;
  const { roleArn, registerEndpoints, defineSegment } = settings;
  const options = {
    projectId,
    bucket,
    roleArn,
    registerEndpoints,
    defineSegment,
    ...(segmentId === undefined ? { segmentName } : { segmentId }),
    importAnyway: call.options['importAnyway'] === true,
  };
  if (isFromBucket) {
    const url = `s3://${bucket}/${folder}`;
    return importFromS3(withArguments(call, [url], { ...options, format }), services);
  }
  const uris = files.map(({ path }) => vscode.Uri.file(path));
  return importFile(withArguments(call, [uris], { ...options, prefix: prefixOf(folder) }), services);
}

function exportAgain(
  call: Invocation,
  { projectId }: RunRecord,
  { bucket, folder, roleArn, segmentId, segmentVersion: version }: NonNullable<RunRecord['export']>,
  services: Services,
): Promise<RunRecord> {
  const options = { projectId, bucket, prefix: prefixOf(folder), roleArn, segmentId, version };
  const what = segmentId === undefined ? 'project' : 'segment';
  return startExport(withArguments(call, [], options), what, services);
}

/** The prefix in which a run created its folder, without the day and the random name. */
function prefixOf(folder: string): string {
  return folder
    .split('/')
    .slice(0, -3)
    .map((name) => `${name}/`)
    .join('');
}
