import * as vscode from 'vscode';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { formatOfKey, importableObjects } from '../../aws/s3/importableObjects.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import type { ObjectSummary } from '../../aws/s3/stagingService.ts';
import { jobLimits } from '../../jobs/runs/parts.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { totalsOf, type CheckedObject } from '../../host/fileChecks.ts';
import { formatBytes, formatCount, plural } from '../../host/format.ts';
import { withCancellableProgress, withQuietProgress } from '../../host/progress.ts';
import { askOne } from '../../host/prompts.ts';
import { confirm, whoAndWhere, type Fact } from '../prompts/confirm.ts';
import { rememberDestination, settled } from '../prompts/destination.ts';
import {
  promptForMissing,
  draftFrom,
  planOf,
  rememberName,
  segmentFact,
  type PlanWithoutFiles,
} from './importDraft.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { checkObjects } from '../bucket/checkObjects.ts';
import { chooseLocation, s3Text } from '../prompts/chooseLocation.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory' | 'validator'>;
type Format = 'CSV' | 'JSON';

/** True if a call of Import names objects in S3. */
export function namesS3(call: Invocation): boolean {
  const text = s3Text(call.args[0]);
  return typeof text === 'string' && /^s3:/i.test(text);
}

/**
 * Imports an object, or all below a folder, from a bucket. Nothing is uploaded or deleted.
 * Resolves with the run's record once the service has created the job.
 */
export async function importFromS3(call: Invocation, services: Services): Promise<RunRecord> {
  const options = readOptions(call, { format: 'string', validate: 'boolean' });
  const location = await chooseLocation(call, services);
  const connection = await requireConnection(services, call);
  const given = await draftFrom(call, connection, services);
  const title = vscode.l10n.t('Import {0}', formatS3Url(location));
  const { key, objects: all } = await withQuietProgress(vscode.l10n.t('Listing objects'), (signal) =>
    importableObjects(connection.staging, location, signal),
  );
  const format = await chooseFormat(call, options.format, all);
  const objects = all.filter((object) => formatOfKey(object.key) === format);
  const subject = { title, path: key.replace(/\/$/, '') || location.bucket, bucket: location.bucket };
  const draft = call.isInteractive
    ? await promptForMissing(given, subject, connection, services)
    : { ...given, bucket: location.bucket };
  const to = settled(draft, 'import');
  const plan = { ...planOf(draft, to, format), bucket: location.bucket, from: key };
  const check = (): Promise<readonly CheckedObject[]> =>
    withQuietProgress(vscode.l10n.t('Validating before the import'), (signal, report) =>
      checkObjects(connection, location.bucket, objects, services, signal, report),
    );
  let checked = options.validate === true ? await check() : undefined;
  if (call.isInteractive) {
    const validateFirst = vscode.l10n.t('Validate First');
    while ((await confirmImport(plan, key, objects, checked, connection, validateFirst)) === validateFirst)
      checked = await check();
  } else if (checked !== undefined && totalsOf(checked).errors > 0 && !draft.importAnyway) {
    throw new AudienceError(
      'bad-input',
      `Not imported: ${plural(totalsOf(checked).errors, '1 error', '{0} errors')} in S3`,
      {
        help: 'Fix the files and upload them again, or pass importAnyway: true.',
      },
    );
  }
  await rememberDestination(to, 'import', services);
  await rememberName(plan, subject.path, services);
  throwIfCancelled(call.signal);
  return withCancellableProgress(
    title,
    (signal) => services.runs.startImport(connection, { ...plan, files: [] }, { signal }),
    call.signal,
  );
}

/** A job reads one format; if there are files of both, it must be chosen. */
async function chooseFormat(
  call: Invocation,
  given: string | undefined,
  objects: readonly ObjectSummary[],
): Promise<Format> {
  const found = [...new Set(objects.map(({ key }) => formatOfKey(key)!))];
  const asked = given?.toUpperCase();
  const named = asked === 'NDJSON' ? 'JSON' : asked;
  if (named !== undefined) {
    const format = found.find((each) => each === named);
    if (format !== undefined) return format;
    throw new AudienceError('bad-input', `No ${given ?? ''} file found`, {
      help: `Pass one of ${found.join(', ')}.`,
    });
  }
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (!call.isInteractive) throw missing('a format', 'Pass the option format: CSV or JSON.');
  return askOne(vscode.l10n.t('Import from S3'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Format to import: a job reads only one'),
      choices: found.map((format) => ({
        label: format === 'CSV' ? 'CSV' : 'NDJSON',
        description: plural(
          objects.filter(({ key }) => formatOfKey(key) === format).length,
          '1 file',
          '{0} files',
        ),
        value: format,
      })),
    }),
  );
}

/** The one question before the job is created. The objects can be validated first. */
function confirmImport(
  plan: PlanWithoutFiles,
  key: string,
  objects: readonly ObjectSummary[],
  checked: readonly CheckedObject[] | undefined,
  connection: Connection,
  validateFirst: string,
): Promise<string> {
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const totals = checked && totalsOf(checked);
  const facts: readonly Fact[] = [
    ...whoAndWhere(connection),
    [vscode.l10n.t('Project'), `${plan.projectName ?? ''} (${plan.projectId})`],
    [vscode.l10n.t('Segment'), segmentFact(plan)],
    [vscode.l10n.t('From'), formatS3Url({ bucket: plan.bucket, key })],
    [vscode.l10n.t('Files'), `${formatCount(objects.length)} (${formatBytes(bytes)})`],
    [
      vscode.l10n.t('Caution'),
      bytes > jobLimits.bytes
        ? vscode.l10n.t(
            'exceeds the limit of {0} per import job: the import may fail',
            formatBytes(jobLimits.bytes),
          )
        : undefined,
    ],
    [vscode.l10n.t('Role'), plan.roleArn],
    [vscode.l10n.t('Records'), totals && formatCount(totals.records)],
    [vscode.l10n.t('Errors'), totals ? formatCount(totals.errors) : vscode.l10n.t('not validated')],
    [vscode.l10n.t('Warnings'), totals && formatCount(totals.warnings)],
  ];
  const proceed =
    totals !== undefined && totals.errors > 0 ? vscode.l10n.t('Import Anyway') : vscode.l10n.t('Import');
  return confirm(
    vscode.l10n.t('Import from S3 into {0}?', plan.projectName ?? plan.projectId),
    facts,
    checked === undefined ? [proceed, validateFirst] : [proceed],
    (totals?.errors ?? 0) > 0 || plan.segmentId !== undefined ? 'warning' : 'info',
  );
}
