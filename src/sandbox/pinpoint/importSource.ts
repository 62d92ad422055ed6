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

/** Object names by format: a job only imports objects of its format (API reference, ImportJobRequest). */
const formatNames: Record<Format, RegExp> = { CSV: /\.csv$/i, JSON: /\.(json|ndjson|jsonl)$/i };

/**
 * The objects that an import job reads: those whose key begins with the prefix. Other objects in a folder, such as `_SUCCESS` or
 * `README.txt`, are skipped: they are empty or don't start like the format.
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
  // A single object was named explicitly: it isn't skipped, but rejected with a reason.
  if (filled.length <= 1) return filled.length === 0 ? found : filled;
  const matching: ImportObject[] = [];
  for (const object of filled) {
    const isNamed = formatNames[format].test(object.key);
    if (isNamed || (await isOfFormat(format, await objects.open(place.bucket, object.key))))
      matching.push(object);
  }
  return matching.length === 0 ? filled : matching;
}

const urlOf = ({ bucket, prefix }: Place): string => `s3://${bucket}/${prefix}`;

/** Why a job without objects is rejected, or fails if they were deleted since. */
export const noFiles = (place: Place, format: Format): string =>
  `No ${format} files found at ${urlOf(place)}`;

/** The service's error for a file of another format (User guide, segments-troubleshooting). */
const badFormat =
  "The data we received didn't match the format we expected for the createImportJob operation. " +
  'Confirm that the information in your request is formatted properly, and then submit your request again.';

/**
 * Checks the objects to import when the job is created, as the service does: they must exist, not be too many or too large, and
 * the first must start like the format. Throws 400.
 */
export async function checkImportObjects(objects: ObjectStore, place: Place, format: Format): Promise<void> {
  const found = await listImportObjects(objects, place, format);
  const url = urlOf(place);
  if (found.length === 0) badRequest(noFiles(place, format));
  if (found.length > maxObjects) badRequest(`More than 10,000 files at ${url}`);
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxJobBytes) badRequest(`The files at ${url} exceed the maximum of 1 GB for an import job`);
  // Opens all of them: the role's permissions may differ by key.
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
