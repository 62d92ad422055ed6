import type { Connection } from '../../aws/connection/connection.ts';
import type { ObjectSummary, S3Location, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError } from '../../errors.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { ImportRun, RunRecord } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';

/** The folders of runs end with a day and 128 random bits. Nothing outside of these is ever deleted. */
const ownFolder = /(^|\/)\d{4}-\d\d-\d\d\/[0-9a-f]{32}\/$/;

/** True if staged objects of a finished import may still be in the bucket. */
export function hasStaged(record: RunRecord): boolean {
  const { import: run } = record;
  if (run === undefined || !hasEnded(record) || run.isFromBucket === true) return false;
  return run.staged.length > 0 || run.leftovers === true;
}

/** The staged objects of an import that are in the bucket now. */
export function listStaged(staging: StagingService, run: ImportRun): AsyncIterable<ObjectSummary> {
  return staging.list(run.bucket, run.folder);
}

/** Deletes everything in the folder of a run, incomplete uploads included; resolves with the number of objects. */
export async function emptyFolder(
  staging: StagingService,
  run: Pick<ImportRun, 'bucket' | 'folder'>,
): Promise<number> {
  const { bucket, folder } = run;
  if (!ownFolder.test(folder)) {
    throw new AudienceError('internal', `Not the folder of a run: ${folder}`);
  }
  const objects: S3Location[] = [];
  for await (const { key } of staging.list(bucket, folder)) objects.push({ bucket, key });
  await staging.delete(objects);
  await staging.abortAllUploads(bucket, folder);
  return objects.length;
}

/** Deletes what a finished import staged; see `Runs.deleteStaged`. */
export function deleteStaged(record: RunRecord, connection: Connection): Promise<number> {
  if (!hasStaged(record)) {
    const isLive = !hasEnded(record);
    throw new AudienceError(
      'bad-input',
      isLive ? 'The import is still running, and reads what it staged' : 'This run has nothing in the bucket',
      { help: isLive ? 'Wait until it has ended.' : 'Choose an import that staged its files.' },
    );
  }
  if (connectionKeyOfRecord(record) !== connectionKeyOf(connection)) {
    throw new AudienceError('bad-input', 'The run belongs to another account, region or service URL', {
      help: `Connect to ${record.account} in ${record.region} first.`,
    });
  }
  return emptyFolder(connection.staging, record.import!);
}
