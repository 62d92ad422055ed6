import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { BegunUpload, StagedObject, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError, throwIfCancelled, errorKind } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import type { ImportRun, SourceFile } from '../runs/runRecord.ts';
import type { RunControl } from '../runs/runControl.ts';

/** Maximum number of concurrent small files, each in one request. Larger files follow one by one, several parts at a time. */
const maxConcurrent = 4;
const small = 8 * 1024 * 1024;

const kinds = {
  CSV: { extension: 'csv', contentType: 'text/csv' },
  JSON: { extension: 'ndjson', contentType: 'application/x-ndjson' },
} as const;

/** Throws `changed` if a file changed after the import was planned. */
export async function checkUnchanged({ path, bytes, modified }: SourceFile): Promise<void> {
  let entry;
  try {
    entry = await stat(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  if (entry.isFile() && entry.size === bytes && Math.abs(entry.mtimeMs - modified) < 1) return;
  throw new AudienceError('changed', `${basename(path)} changed after it was validated`, {
    help: 'Validate and import it again.',
  });
}

/** The record of multipart uploads on disk, by the index of the file. */
interface StagingJournal {
  /** True if an earlier attempt may have uploaded something. */
  readonly again: boolean;
  uploads(): Readonly<Record<string, BegunUpload>>;
  write(uploads: Readonly<Record<string, BegunUpload>>): Promise<void>;
}

/** True if the same upload may succeed later. Then what was uploaded stays, and the upload resumes. */
export function isPassing(error: unknown): error is AudienceError {
  if (!(error instanceof AudienceError)) return false;
  if (error.code === 'service') return (error.service?.status ?? 0) >= 500;
  return error.code === 'network' || error.code === 'throttled' || error.code === 'credentials';
}

/** The last part of a key. By default it reveals nothing about the file; the number keeps files of the same name apart. */
function nameOf(index: number, run: Pick<ImportRun, 'files' | 'format' | 'sourceNames'>): string {
  const { extension } = kinds[run.format];
  if (run.sourceNames !== true) return `part-${index + 1}.${extension}`;
  return `${index + 1}-${plainName(run.files[index]!.path)}.${extension}`;
}

/** The name of a file without its extension, reduced to characters that are safe in a key (Amazon S3 user guide, object-keys). */
export function plainName(path: string): string {
  return basename(path, extname(path))
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}!_.*'()-]+/gu, '-')
    .slice(0, 100);
}

/**
 * Uploads files of an import, under names that reveal nothing about the files unless `sourceNames` is set. Resolves with the objects
 * by index. After a failure, some objects may exist, some in part; with the same journal, the next call resumes.
 *
 * @param folders the target folder of each file to upload, by the index of the file
 */
export async function stageFiles(
  staging: StagingService,
  run: Pick<ImportRun, 'files' | 'format' | 'bucket' | 'kmsKeyId' | 'sourceNames'>,
  folders: ReadonlyMap<number, string>,
  control: RunControl,
  journal: StagingJournal,
): Promise<ReadonlyMap<number, StagedObject>> {
  const { files, bucket, kmsKeyId } = run;
  const { contentType } = kinds[run.format];
  const indexes = [...folders.keys()];
  const total = indexes.reduce((sum, index) => sum + files[index]!.bytes, 0);
  const done = files.map(() => 0);
  let sent = 0;
  const staged = new Map<number, StagedObject>();
  const stop = new AbortController();
  const signal = control.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, control.signal]);

  const send = async (index: number): Promise<void> => {
    throwIfCancelled(signal);
    const file = files[index]!;
    await checkUnchanged(file);
    const key = `${folders.get(index)!}${nameOf(index, run)}`;
    const object = await staging.upload(
      file.path,
      { bucket, key },
      {
        contentType,
        kmsKeyId,
        signal,
        onProgress: (bytes) => {
          sent += bytes - done[index]!;
          done[index] = bytes;
          control.onProgress?.(sent, total, basename(file.path));
        },
        journal: {
          again: journal.again,
          begun: journal.uploads()[index],
          write: (begun) => journal.write({ ...journal.uploads(), [index]: begun }),
        },
      },
    );
    staged.set(index, object);
  };

  const waiting = indexes.filter((index) => files[index]!.bytes <= small);
  const failures: Error[] = [];
  const sendInTurn = async (): Promise<void> => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await send(next);
    } catch (error) {
      // This cancels the other uploads, whose errors don't count.
      failures.push(error instanceof Error ? error : new Error(errorKind(error)));
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, sendInTurn));
  const [first] = failures;
  if (first !== undefined) throw first;
  for (const index of indexes) if (!staged.has(index)) await send(index);
  return staged;
}
