import { namedFileType } from '../../endpoints/model/fileType.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { formatS3Url } from './s3Url.ts';
import type { ObjectSummary, S3Location, StagingService } from './stagingService.ts';

/** The most objects that one import job takes (Developer guide, quotas). */
const mostObjects = 10_000;

/** The format of an object by its name, as an import job chooses by names, too (API reference, ImportJobRequest: Format). */
export function formatOfKey(key: string): 'CSV' | 'JSON' | undefined {
  const type = namedFileType(key);
  return type && ({ csv: 'CSV', ndjson: 'JSON' } as const)[type];
}

export function isImportable(key: string): boolean {
  return formatOfKey(key) !== undefined;
}

/**
 * The objects that an import of this URL would read: the object of this key, else those below it as a folder.
 * Without a slash at the end a key that is no object is taken for a folder, so that `data` does not mean `data-old/`, too.
 *
 * @throws AudienceError `not-found` where there is none; `bad-input` where there are more than a job takes
 */
export async function importableObjects(
  staging: StagingService,
  { bucket, key }: S3Location,
  signal?: AbortSignal,
): Promise<{ readonly key: string; readonly objects: readonly ObjectSummary[] }> {
  if (key !== '' && !key.endsWith('/')) {
    // The shortest of the keys that begin so comes first.
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
    if (objects.length > mostObjects) {
      throw new AudienceError('bad-input', `There are more than ${mostObjects} files in this folder`, {
        help: 'Choose a folder below it.',
      });
    }
  }
  if (objects.length > 0) return { key: folder, objects };
  throw new AudienceError('not-found', `There is no endpoint file at ${formatS3Url({ bucket, key })}`, {
    help: 'Endpoint files end in .csv, .ndjson, .jsonl or .json.',
  });
}
