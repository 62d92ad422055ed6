import * as vscode from 'vscode';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { BulkRecord } from '../../jobs/bulk/bulkRecord.ts';
import { jobLimits } from '../../jobs/runs/parts.ts';
import type { RunRecord, SourceFile } from '../../jobs/runs/runRecord.ts';
import { totalsOf, type CheckedFile } from '../../host/fileChecks.ts';
import { formatOf, localFile, type LocalFile } from '../../host/files.ts';
import { baseName, formatBytes, formatCount, plural } from '../../host/format.ts';
import { withCancellableProgress, withQuietProgress } from '../../host/progress.ts';
import { chooseFiles, saveBeforeSending } from '../prompts/chooseFiles.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { rememberDestination, settled } from '../prompts/destination.ts';
import { commandIds } from '../../host/commandIds.ts';
import {
  promptForMissing,
  draftFrom,
  planOf,
  rememberName,
  segmentFact,
  type PlanWithoutFiles,
} from './importDraft.ts';
import { importFromS3, namesS3 } from './importFromS3.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import { allowed, outsideFact } from '../framework/unattended.ts';
import { splitForImport } from '../transform/transformFiles.ts';
import { updateFromFile } from '../audience/bulkCommands.ts';
import type { BulkServices } from '../audience/runBulk.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

export type ImportServices = BulkServices &
  Pick<CommandServices, 'session' | 'runs' | 'checks' | 'memory' | 'validator' | 'transforms'>;
type Services = ImportServices;
type Ids = Pick<typeof commandIds, 'importFile' | 'importFromS3'>;

export function importCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.importFile]: (call) =>
      namesS3(call) ? importFromS3(call, services) : importFile(call, services),
    [commandIds.importFromS3]: (call) => importFromS3(call, services),
  };
}

/**
 * Validates the files, prompts for what is missing, confirms once, stages, and creates the job.
 * Resolves with the run's record once the service has created the job.
 */
export async function importFile(wanted: Invocation, services: Services): Promise<RunRecord | BulkRecord> {
  const { call, files: chosen } = await saveBeforeSending(
    wanted,
    await chooseFiles(wanted, vscode.l10n.t('Import')),
  );
  const format = oneFormat(chosen);
  const files = await splitLargeFiles(call, chosen, services);
  const connection = await requireConnection(services, call);
  const given = await draftFrom(call, connection, services);
  const isSmall = files.length === 1 && files[0]!.bytes <= directBytes;
  const subject = { title: importTitle(files), path: files[0]!.path, isSmall };

  // Validation runs while the person answers.
  const checking = startCheck(files, services);
  try {
    const draft = call.isInteractive ? await promptForMissing(given, subject, connection, services) : given;
    if (draft.outcome === 'direct') {
      checking.stop();
      return await updateFromFile(call, { connection, project: draft.project!, file: files[0]! }, services);
    }
    const to = settled(draft, 'import');
    const plan = planOf(draft, to, format);
    const bucketRegion = await connection.staging.bucketRegion(plan.bucket, { folder: plan.prefix });
    const checked = await checking.results;
    const { errors } = totalsOf(checked);
    if (call.isInteractive) await confirmImport(plan, checked, bucketRegion, connection);
    else if (errors > 0 && !draft.importAnyway) throw errorsFound(checked);
    await rememberDestination(to, 'import', services);
    await rememberName(plan, subject.path, services);
    throwIfCancelled(call.signal);
    return await withCancellableProgress(
      importTitle(files),
      (signal, report) =>
        services.runs.startImport(
          connection,
          { ...plan, files: checked.map(sourceOf) },
          {
            signal,
            onProgress: (done, total, what) =>
              report(done, total, total ? `${what} ${formatBytes(done)} / ${formatBytes(total)}` : what),
          },
        ),
      call.signal,
    );
  } catch (error) {
    checking.stop();
    throw error;
  }
}

/** Offers to split files that are too large for one job; the parts are written beside them and imported in one run. */
async function splitLargeFiles(
  call: Invocation,
  files: readonly LocalFile[],
  services: Services,
): Promise<readonly LocalFile[]> {
  const large = files.filter(({ bytes }) => bytes > jobLimits.bytes);
  if (large.length === 0) return files;
  const { split: wanted } = readOptions(call, { split: 'boolean' });
  if (wanted === false || (wanted === undefined && !call.isInteractive)) return files;
  const split = vscode.l10n.t('Split and Import');
  const names = large.map(({ path }) => baseName(path)).join(', ');
  if (wanted === undefined) {
    const answer = await confirm(
      vscode.l10n.t('{0}: too large for one import job', names),
      [
        [vscode.l10n.t('Limit'), formatBytes(jobLimits.bytes)],
        [vscode.l10n.t('Size'), large.map(({ bytes }) => formatBytes(bytes)).join(', ')],
        [vscode.l10n.t('Split'), vscode.l10n.t('parts are written beside the file, and imported in one run')],
      ],
      [split, vscode.l10n.t('Import Without Splitting')],
    );
    if (answer !== split) return files;
  }
  if (wanted === true) await allowed(call, commandIds.splitFile);
  const parts: LocalFile[] = [];
  for (const file of files) {
    if (!large.includes(file)) {
      parts.push(file);
      continue;
    }
    for (const path of await splitForImport(file, services, call.signal))
      parts.push(await localFile(vscode.Uri.file(path)));
  }
  return parts;
}

/** A few thousand endpoints, which take less than a minute without an import job. */
const directBytes = 1_000_000;

/** A job reads one format, chosen by the files' names (user guide, segments-importing). */
function oneFormat(files: readonly LocalFile[]): 'CSV' | 'JSON' {
  const [first, ...others] = new Set(files.map((file) => formatOf(file.path)));
  if (first !== undefined && others.length === 0) return first;
  throw new AudienceError('bad-input', "An import can't mix CSV and NDJSON files", {
    help: 'Import the CSV files and the NDJSON files separately.',
  });
}

function startCheck(
  files: readonly LocalFile[],
  { checks }: Services,
): { readonly results: Promise<readonly CheckedFile[]>; stop(): void } {
  const controller = new AbortController();
  const results = withQuietProgress(vscode.l10n.t('Validating before the import'), (signal, report) =>
    checks.check(files, AbortSignal.any([signal, controller.signal]), report),
  );
  results.catch(() => undefined); // handled when awaited, unless the person cancels first
  return { results, stop: () => controller.abort() };
}

/** The one question before anything is written: identity, destination, files, and the number of errors. */
async function confirmImport(
  plan: PlanWithoutFiles,
  checked: readonly CheckedFile[],
  bucketRegion: string,
  connection: Connection,
): Promise<void> {
  const { records, errors, warnings } = totalsOf(checked);
  const files = checked.map(({ file }) => file);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const { region } = connection.identity;
  const proceed = errors > 0 ? vscode.l10n.t('Import Anyway') : vscode.l10n.t('Import');
  const showProblems = vscode.l10n.t('Show Problems');
  const into = plan.projectName ?? plan.projectId;
  const question =
    errors > 0
      ? plural(
          errors,
          '1 error found. Import into {1} anyway?',
          '{0} errors found. Import into {1} anyway?',
          into,
        )
      : plural(records, 'Import 1 record into {1}?', 'Import {0} records into {1}?', into);
  const answer = await confirm(
    question,
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), `${plan.projectName ?? ''} (${plan.projectId})`],
      [vscode.l10n.t('Segment'), segmentFact(plan)],
      [vscode.l10n.t('Bucket'), `s3://${plan.bucket}/${plan.prefix}`],
      [
        vscode.l10n.t('Caution'),
        bucketRegion === region
          ? undefined
          : vscode.l10n.t(
              'the bucket is in {0}, the project in {1}: the import may fail',
              bucketRegion,
              region,
            ),
      ],
      [vscode.l10n.t('Role'), plan.roleArn],
      [
        vscode.l10n.t('Files'),
        `${files.map((file) => baseName(file.path)).join(', ')} (${formatBytes(bytes)})`,
      ],
      await outsideFact(files),
      [vscode.l10n.t('Records'), formatCount(records)],
      [vscode.l10n.t('Errors'), formatCount(errors)],
      [vscode.l10n.t('Warnings'), formatCount(warnings)],
    ],
    errors > 0 ? [showProblems, proceed] : [proceed],
    errors > 0 || plan.segmentId !== undefined ? 'warning' : 'info',
  );
  if (answer === proceed) return;
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  throw new vscode.CancellationError();
}

function errorsFound(checked: readonly CheckedFile[]): AudienceError {
  const { errors } = totalsOf(checked);
  const names = checked.filter(({ result }) => result.errors > 0).map(({ file }) => baseName(file.path));
  return new AudienceError(
    'bad-input',
    `Not imported: ${plural(errors, '1 error', '{0} errors')} in ${names.join(', ')}`,
    {
      help: 'Fix the errors in Problems, or pass importAnyway: true.',
    },
  );
}

function sourceOf({ file, result }: CheckedFile): SourceFile {
  return {
    path: file.path,
    bytes: file.bytes,
    modified: file.modified,
    records: result.records,
    errors: result.errors,
  };
}

function importTitle(files: readonly LocalFile[]): string {
  return files.length === 1
    ? vscode.l10n.t('Import {0}', baseName(files[0]!.path))
    : vscode.l10n.t('Import {0} files', formatCount(files.length));
}
