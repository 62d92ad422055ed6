import type { Connection } from '../../aws/connection/connection.ts';
import type { ObjectSummary, S3Location, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError } from '../../errors.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { ImportRun, RunRecord } from '../runs/runRecord.ts';
import { hasEnded } from '../runs/runRecord.ts';

/** How the folders of runs end: day and 128 random bits. Nothing below another folder is ever deleted. */
const ownFolder = /(^|\/)\d{4}-\d\d-\d\d\/[0-9a-f]{32}\/$/;

/** True where something of an ended import may be in the bucket that we put there. */
export function hasStaged(record: RunRecord): boolean {
  const { import: run } = record;
  if (run === undefined || !hasEnded(record) || run.isFromBucket === true) return false;
  return run.staged.length > 0 || run.leftovers === true;
}

/** What an import staged, as it is in the bucket now. */
export function listStaged(staging: StagingService, run: ImportRun): AsyncIterable<ObjectSummary> {
  return staging.list(run.bucket, run.folder);
}

/** Deletes everything in the folder of a run, unfinished uploads included; resolves with how many objects there were. */
export async function emptyFolder(
  staging: StagingService,
  run: Pick<ImportRun, 'bucket' | 'folder'>,
): Promise<number> {
  const { bucket, folder } = run;
  if (!ownFolder.test(folder)) {
    throw new AudienceError('internal', `Not a folder that a run made: ${folder}`);
  }
  const objects: S3Location[] = [];
  for await (const { key } of staging.list(bucket, folder)) objects.push({ bucket, key });
  await staging.delete(objects);
  await staging.abandonUploads(bucket, folder);
  return objects.length;
}

/** Deletes what an ended import staged; see `Runs.deleteStaged`. */
export function deleteStaged(record: RunRecord, connection: Connection): Promise<number> {
  if (!hasStaged(record)) {
    const isLive = !hasEnded(record);
    throw new AudienceError(
      'bad-input',
      isLive ? 'The import still goes on, and reads what it staged' : 'This run has nothing in the bucket',
      { help: isLive ? 'Wait until it has ended.' : 'Choose an import that staged its files.' },
    );
  }
  if (connectionKeyOfRecord(record) !== connectionKeyOf(connection)) {
    throw new AudienceError('bad-input', 'The run is of another account, region or endpoint', {
      help: `Connect to ${record.account} in ${record.region} first.`,
    });
  }
  return emptyFolder(connection.staging, record.import!);
}
