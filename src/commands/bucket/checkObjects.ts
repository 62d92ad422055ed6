import type { Connection } from '../../aws/connection/connection.ts';
import { formatOfKey } from '../../aws/s3/importableObjects.ts';
import { formatS3Url } from '../../aws/s3/s3Url.ts';
import type { ObjectSummary } from '../../aws/s3/stagingService.ts';
import type { CheckedObject } from '../../host/fileChecks.ts';
import { formatBytes } from '../../host/format.ts';
import { type Report } from '../../host/progress.ts';
import { getSetting } from '../../host/settings.ts';
import type { CommandServices } from '../framework/commandServices.ts';

/** Validates objects one after another, without a copy on disk. */
export async function checkObjects(
  { staging }: Connection,
  bucket: string,
  objects: readonly ObjectSummary[],
  { validator }: Pick<CommandServices, 'validator'>,
  signal: AbortSignal,
  report: Report,
): Promise<readonly CheckedObject[]> {
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  const checked: CheckedObject[] = [];
  let before = 0;
  for (const object of objects) {
    const result = await validator.stream(staging.read(bucket, object, signal), {
      type: formatOfKey(object.key) === 'CSV' ? 'csv' : 'ndjson',
      severity: getSetting('validation.severity'),
      maxIssues: getSetting('validation.maxIssues'),
      signal,
      onProgress: (done) =>
        report(before + done, total, `${formatBytes(before + done)} / ${formatBytes(total)}`),
    });
    before += object.size;
    checked.push({ url: formatS3Url({ bucket, key: object.key }), result, at: new Date() });
  }
  return checked;
}
