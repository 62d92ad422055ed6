import type { ObjectStore } from '../objectStore.ts';
import type { Format } from './importRows.ts';
import { checkStart, isOfFormat } from './importRows.ts';
import type { Place } from './jobPlaces.ts';
import { badRequest } from './pinpointState.ts';
import { BadJson, UnreadableObject } from './unreadable.ts';

/** Developer guide, quotas: files and size of an import job. */
const maxObjects = 10_000;
const maxJobBytes = 1024 ** 3;

export interface ImportObject {
  readonly key: string;
  readonly size: number;
}

/** Names of objects of each format: only objects of the job's format are imported (API reference, ImportJobRequest). */
const formatNames: Record<Format, RegExp> = { CSV: /\.csv$/i, JSON: /\.(json|ndjson|jsonl)$/i };

/**
 * What an import job reads: the objects whose key begins with the prefix, as keys are compared in S3. What is in a folder beside
 * the files, such as `_SUCCESS` or `README.txt`, is passed over: it is empty, or its beginning isn't of the format.
 */
export async function listImportObjects(
  objects: ObjectStore,
  place: Place,
  format: Format,
): Promise<ImportObject[]> {
  const otherNames = formatNames[format === 'CSV' ? 'JSON' : 'CSV'];
  const found: ImportObject[] = [];
  for await (const { key, size } of objects.list(place.bucket, place.prefix)) {
    const isFolder = key.endsWith('/') && size === 0;
    if (!isFolder && !otherNames.test(key)) found.push({ key, size });
    if (found.length > maxObjects) return found;
  }
  const filled = found.filter(({ size }) => size > 0);
  // Alone, an object is what was asked for, and refused with the reason.
  if (filled.length <= 1) return filled.length === 0 ? found : filled;
  const matching: ImportObject[] = [];
  for (const object of filled) {
    const isNamed = formatNames[format].test(object.key);
    if (isNamed || (await isOfFormat(format, await objects.open(place.bucket, object.key))))
      matching.push(object);
  }
  return matching.length === 0 ? filled : matching;
}

/** What the service says of a file that is not of the format (User guide, segments-troubleshooting). */
const badFormat =
  "The data we received didn't match the format we expected for the createImportJob operation. " +
  'Confirm that the information in your request is formatted properly, and then submit your request again.';

/**
 * Looks at what is to be imported when the job is created, as the service does: there has to be something, not too much, and
 * the first object has to begin as the format wants it. Throws 400.
 */
export async function checkImportObjects(objects: ObjectStore, place: Place, format: Format): Promise<void> {
  const found = await listImportObjects(objects, place, format);
  const url = `s3://${place.bucket}/${place.prefix}`;
  if (found.length === 0) badRequest(`There is no ${format} file at ${url}`);
  if (found.length > maxObjects) badRequest(`There are more than 10,000 files at ${url}`);
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxJobBytes) badRequest(`The files at ${url} exceed the maximum of 1 GB for an import job`);
  // All of them are opened: the role may be allowed one key and not another.
  const [first, ...others] = found.map(({ key }) => key);
  try {
    await checkStart(format, await objects.open(place.bucket, first!));
    for (const key of others) (await objects.open(place.bucket, key)).destroy();
  } catch (error) {
    if (error instanceof BadJson) badRequest(error.message);
    if (error instanceof UnreadableObject) badRequest(`${badFormat} (Sandbox: ${error.message}.)`);
    throw error;
  }
}
