import { namedFileType } from '../../endpoints/model/fileType.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { formatS3Url } from './s3Url.ts';
import type { ObjectSummary, S3Location, StagingService } from './stagingService.ts';

/** Developer guide, quotas: files per import job. */
const maxObjects = 10_000;

/** The format of an object by name; import jobs choose objects by name, too (API reference, ImportJobRequest: Format). */
export function formatOfKey(key: string): 'CSV' | 'JSON' | undefined {
  const type = namedFileType(key);
  return type && ({ csv: 'CSV', ndjson: 'JSON' } as const)[type];
}

export function isImportable(key: string): boolean {
  return formatOfKey(key) !== undefined;
}

/**
 * The objects that an import of this URL would read: the object itself, or those in this folder. A key without a trailing slash
 * that isn't an object counts as a folder, so that `data` doesn't include `data-old/`.
 *
 * @throws AudienceError `not-found` if there are none; `bad-input` if there are too many for a job
 */
export async function importableObjects(
  staging: StagingService,
  { bucket, key }: S3Location,
  signal?: AbortSignal,
): Promise<{ readonly key: string; readonly objects: readonly ObjectSummary[] }> {
  if (key !== '' && !key.endsWith('/')) {
    // The exact key is listed first.
    for await (const object of staging.list(bucket, key, signal)) {
      if (object.key === key) return { key, objects: [object] };
      break;
    }
  }
  const folder = key === '' || key.endsWith('/') ? key : `${key}/`;
  const objects: ObjectSummary[] = [];
  for await (const object of staging.list(bucket, folder, signal)) {
    throwIfCancelled(signal);
    if (isImportable(object.key)) objects.push(object);
    if (objects.length > maxObjects) {
      throw new AudienceError('bad-input', `This folder contains more than ${maxObjects} files`, {
        help: 'Choose a subfolder.',
      });
    }
  }
  if (objects.length > 0) return { key: folder, objects };
  throw new AudienceError('not-found', `No endpoint files found at ${formatS3Url({ bucket, key })}`, {
    help: 'Endpoint files end in .csv, .ndjson, .jsonl or .json.',
  });
}
