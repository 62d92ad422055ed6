import * as vscode from 'vscode';
import { AudienceError, reasonOf } from '../../errors.ts';
import { folderPrefix, formatS3Url, parseS3Url } from '../../aws/s3/s3Url.ts';
import type { S3Location } from '../../aws/s3/stagingService.ts';
import { askOne } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';

/** The S3 location to act on: the node clicked, the URL passed, or one that is typed. */
export async function chooseLocation(
  call: Invocation,
  { memory }: Pick<CommandServices, 'memory'>,
): Promise<S3Location> {
  const target = call.targets.find(({ kind }) => kind === 'object' || kind === 'folder');
  if (target?.kind === 'object') return { bucket: target.bucket, key: target.object.key };
  if (target?.kind === 'folder') return { bucket: target.bucket, key: target.prefix };
  const given = call.args.length > 0 ? textOf({ ...call, args: [s3Text(call.args[0])] }) : undefined;
  if (given !== undefined) return parseS3Url(given);
  if (!call.isInteractive) throw missing('an object', 'Pass its s3:// URL.');
  const bucket = getSetting('staging.bucket') || (memory.get('bucket.last') ?? '');
  const url = await askOne(vscode.l10n.t('S3 Location'), (asker) =>
    asker.input({
      prompt: vscode.l10n.t('URL of an object, or of a folder with a trailing slash'),
      placeholder: 's3://bucket/folder/',
      value:
        bucket === '' ? 's3://' : formatS3Url({ bucket, key: folderPrefix(getSetting('staging.prefix')) }),
      check: (text) => {
        try {
          parseS3Url(text);
          return undefined;
        } catch (error) {
          return error instanceof AudienceError ? error.message : reasonOf(error);
        }
      },
    }),
  );
  return parseS3Url(url);
}

/** Programs may pass an `s3://` URL as text or as a `vscode.Uri`. */
export function s3Text(value: unknown): unknown {
  if (!(value instanceof vscode.Uri) || value.scheme !== 's3') return value;
  return `s3://${value.authority}${value.path}`;
}
