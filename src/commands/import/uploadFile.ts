import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import * as vscode from 'vscode';
import { cancelled } from '../../errors.ts';
import { legible } from '../../legible.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { checkBucketName, folderPrefix } from '../../aws/s3/s3Url.ts';
import type { StagedObject } from '../../aws/s3/stagingService.ts';
import { plainName } from '../../jobs/drive/stageFiles.ts';
import { totalsOf } from '../../host/fileChecks.ts';
import { formatOf, type LocalFile } from '../../host/files.ts';
import { baseName, formatBytes, formatCount } from '../../host/format.ts';
import { withCancellableProgress, withQuietProgress, type Report } from '../../host/progress.ts';
import { askOne } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { chooseFiles, saveBeforeSending } from '../prompts/chooseFiles.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import { commandIds } from '../../host/commandIds.ts';
import { namesOne, readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { bucketQuestion } from '../prompts/questions.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { outsideFact } from '../framework/unattended.ts';

type Services = Pick<CommandServices, 'session' | 'checks' | 'memory'>;
type Uploaded = Pick<StagedObject, 'url' | 'bytes' | 'etag'>;

export function uploadCommands(services: Services): Pick<CommandTable, typeof commandIds.uploadFile> {
  return { [commandIds.uploadFile]: (call) => uploadFile(call, services) };
}

/** Resolves with one staged object for one file, an array for a list. */
async function uploadFile(wanted: Invocation, services: Services): Promise<Uploaded | readonly Uploaded[]> {
  const options = readOptions(wanted, { bucket: 'string', prefix: 'string' });
  const { call, files } = await saveBeforeSending(wanted, await chooseFiles(wanted, vscode.l10n.t('Upload')));
  const connection = await requireConnection(services, call);
  const bucket = await chooseBucket(call, options.bucket, connection, services);
  const folder = stagingFolder(options.prefix ?? getSetting('staging.prefix'));
  await connection.staging.bucketRegion(bucket, { folder });
  if (call.isInteractive) await confirmUpload(files, `s3://${bucket}/${folder}`, connection, services);

  const staged = await withCancellableProgress(vscode.l10n.t('Uploading to {0}', bucket), (signal, report) =>
    uploadAll(connection, files, { bucket, folder }, signal, report),
  );
  if (!call.isProgrammatic) notifyUploaded(staged);
  const results = staged.map(({ url, bytes, etag }) => ({ url, bytes, etag }));
  return namesOne(call) ? results[0]! : results;
}

async function chooseBucket(
  call: Invocation,
  given: string | undefined,
  connection: Connection,
  { memory }: Services,
): Promise<string> {
  const known = given ?? getSetting('staging.bucket');
  if (known !== '') {
    checkBucketName(known);
    return known;
  }
  if (!call.isInteractive) {
    throw missing('a bucket', 'Pass the option bucket, or set pinpointAudience.staging.bucket.');
  }
  const bucket = await askOne(vscode.l10n.t('Upload to Staging Bucket'), (asker) =>
    asker.pick(bucketQuestion(connection, memory.get('bucket.last'))),
  );
  checkBucketName(bucket);
  await memory.set('bucket.last', bucket);
  return bucket;
}

async function confirmUpload(
  files: readonly LocalFile[],
  target: string,
  connection: Connection,
  { checks }: Services,
): Promise<void> {
  const results = await withQuietProgress(vscode.l10n.t('Validating before the upload'), (signal, report) =>
    checks.check(files, signal, report),
  );
  const { records, errors } = totalsOf(results);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const question =
    files.length === 1
      ? vscode.l10n.t('Upload {0} to the staging bucket?', baseName(files[0]!.path))
      : vscode.l10n.t('Upload {0} files to the staging bucket?', formatCount(files.length));
  await confirm(
    question,
    [
      ...whoAndWhere(connection),
      await outsideFact(files),
      [vscode.l10n.t('Folder'), target],
      [vscode.l10n.t('Size'), formatBytes(bytes)],
      [vscode.l10n.t('Records'), formatCount(records)],
      [vscode.l10n.t('Errors'), formatCount(errors)],
    ],
    [vscode.l10n.t('Upload')],
  );
}

/** Uploads all files or none: if one fails, the others are deleted. */
async function uploadAll(
  { staging }: Connection,
  files: readonly LocalFile[],
  { bucket, folder }: { bucket: string; folder: string },
  signal: AbortSignal,
  report: Report,
): Promise<readonly StagedObject[]> {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const staged: StagedObject[] = [];
  const keys: string[] = [];
  let before = 0;
  try {
    for (const [index, file] of files.entries()) {
      const extension = extname(file.path).toLowerCase();
      const name = getSetting('staging.sourceNames') ? `${index + 1}-${plainName(file.path)}` : index + 1;
      const key = `${folder}${name}${extension}`;
      const sent = (done: number): void =>
        report(before + done, total, `${formatBytes(before + done)} / ${formatBytes(total)}`);
      sent(0);
      const object = await staging.upload(
        file.path,
        { bucket, key },
        {
          contentType: formatOf(file.path) === 'CSV' ? 'text/csv' : 'application/x-ndjson',
          kmsKeyId: getSetting('staging.kmsKeyId') || undefined,
          signal,
          onProgress: sent,
        },
      );
      keys.push(key);
      staged.push(object);
      before += file.bytes;
    }
    return staged;
  } catch (error) {
    await staging.delete(keys.map((key) => ({ bucket, key })));
    throw signal.aborted ? cancelled() : error;
  }
}

/** A folder for this upload whose name can't be guessed and contains no file name. */
function stagingFolder(prefix: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${folderPrefix(prefix)}${date}/${randomUUID()}/`;
}

function notifyUploaded(staged: readonly StagedObject[]): void {
  const copy = vscode.l10n.t('Copy S3 URL');
  const text =
    staged.length === 1
      ? vscode.l10n.t('Uploaded to {0}', staged[0]!.url)
      : vscode.l10n.t('Uploaded {0} files.', formatCount(staged.length));
  void notify('info', text, copy).then((choice) => {
    if (choice === copy)
      void vscode.env.clipboard.writeText(staged.map(({ url }) => legible(url)).join('\n'));
  });
}
