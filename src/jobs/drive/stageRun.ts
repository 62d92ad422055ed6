import type { StagedObject, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import type { Clock } from '../runs/clock.ts';
import { partIndexes, runJob } from '../runs/parts.ts';
import type { ImportRun, RunRecord } from '../runs/runRecord.ts';
import type { RunControl } from '../runs/runControl.ts';
import { backoff } from './polling.ts';
import { isPassing, stageFiles } from './stageFiles.ts';

export interface RunStaging {
  readonly staging: () => StagingService;
  /** The import as recorded on disk. */
  readonly run: () => ImportRun;
  /** Records multipart uploads. */
  readonly write: (uploads: ImportRun['uploads']) => Promise<void>;
  /** An earlier process or attempt may have uploaded some of it. */
  readonly isResumed: boolean;
  readonly onProgress: RunControl['onProgress'];
  readonly onTrouble: (trouble: AudienceError) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Cancels the upload. */
  readonly signal: AbortSignal;
  /** Ends a pause. */
  readonly woken: () => AbortSignal;
}

/**
 * Uploads the files of the parts of a run that aren't staged yet; resumes incomplete uploads of earlier attempts or processes, and
 * retries transient errors. Resolves with the updated import.
 *
 * @throws NotResumable if a file changed since its upload was interrupted
 */
export async function stageRun(record: RunRecord, about: RunStaging): Promise<ImportRun> {
  const { clock, random, signal } = about;
  const folders = foldersToFill(record);
  const journal = { uploads: () => about.run().uploads ?? {}, write: about.write };
  for (let failures = 0; ;) {
    const again = failures > 0 || about.isResumed;
    try {
      const control = { signal, onProgress: about.onProgress };
      const run = about.run();
      const staged = await stageFiles(about.staging(), run, folders, control, { ...journal, again });
      return withStaged(about.run(), staged);
    } catch (error) {
      throwIfCancelled(signal);
      if (about.isResumed && isOfTheFile(error)) throw notResumable(error);
      if (!isPassing(error)) throw error;
      failures += 1;
      await about.onTrouble(error);
      // Credentials that were renewed elsewhere work at once.
      const pause = error.code === 'credentials' && failures === 1 ? 0 : backoff(2000, failures, random());
      await clock.sleep(pause, signal, about.woken());
      throwIfCancelled(signal);
    }
  }
}

/** The folder of each file to upload, by its index. */
function foldersToFill(record: RunRecord): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  const { files, folder: whole } = record.import!;
  for (const part of partIndexes(record)) {
    if (runJob(record, part).state !== 'staging') continue;
    const { first, count, folder } =
      part === undefined ? { first: 0, count: files.length, folder: whole } : record.parts![part]!;
    for (let index = first; index < first + count; index += 1) folders.set(index, folder);
  }
  return folders;
}

function withStaged(run: ImportRun, objects: ReadonlyMap<number, StagedObject>): ImportRun {
  const files = [...run.files];
  const staged = [...run.staged];
  for (const [index, { url, bytes, etag, sha256 }] of objects) {
    files[index] = { ...files[index]!, sha256 };
    staged[index] = { url, bytes, etag };
  }
  return { ...run, files, staged, uploads: undefined };
}

/** An interrupted upload can't resume, because its file changed. */
export class NotResumable extends AudienceError {}

function isOfTheFile(error: unknown): error is AudienceError {
  const codes = ['changed', 'not-found', 'bad-input', 'disk'];
  return error instanceof AudienceError && error.service === undefined && codes.includes(error.code);
}

function notResumable({ code, message }: AudienceError): NotResumable {
  return new NotResumable(
    code,
    `The upload was interrupted when its window or process ended, and can't resume. Nothing was imported. ${message}`,
    { help: 'Validate and import again.' },
  );
}
