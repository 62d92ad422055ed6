import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { type Invocation, withArguments } from '../framework/invocation.ts';
import { importFile, type ImportServices } from '../import/importFile.ts';
import { importFromS3 } from '../import/importFromS3.ts';
import { startExport } from '../export/startExport.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { chooseRun } from './chooseRun.ts';

type Services = ImportServices & Pick<CommandServices, 'views'>;

/** Starts a finished run again with the same settings, after a confirmation. Resolves with the new run. */
export async function runAgain(call: Invocation, services: Services): Promise<RunRecord | BulkRecord> {
  const run = await chooseRun(call, services, vscode.l10n.t('Run Again'), hasEnded);
  const { account, region } = (await requireConnection(services, call)).identity;
  if (account !== run.account || region !== run.region) {
    throw new AudienceError(
      'bad-input',
      `This run used account ${run.account} in ${run.region}, but you are connected to ${account} in ${region}`,
      { help: 'Connect to that account, or start a new job here.' },
    );
  }
  const place = run.import ?? run.export;
  if (!place) {
    throw new AudienceError('bad-input', 'This job was started elsewhere', {
      help: 'Start the import or export here.',
    });
  }
  const common = {
    projectId: run.projectId,
    bucket: place.bucket,
    prefix: prefixOf(place.folder),
    roleArn: place.roleArn,
  };
  if (run.import) {
    const { files, format, segmentId, segmentName, defineSegment, registerEndpoints } = run.import;
    const settings = {
      ...common,
      registerEndpoints,
      defineSegment,
      ...(segmentId === undefined ? { segmentName } : { segmentId }),
      importAnyway: call.options['importAnyway'] === true,
    };
    const { bucket, folder, isFromBucket = false } = run.import;
    if (isFromBucket) {
      const args = [`s3://${bucket}/${folder}`];
      return importFromS3(withArguments(call, args, { ...settings, prefix: undefined, format }), services);
    }
    const uris = files.map(({ path }) => vscode.Uri.file(path));
    return importFile(withArguments(call, [uris], settings), services);
  }
  const { segmentId, segmentVersion } = run.export!;
  const options = { ...common, segmentId, version: segmentVersion };
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
