import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { BegunUpload, StagedObject, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import type { ImportRun, SourceFile } from '../runs/runRecord.ts';
import type { RunControl } from '../runs/runControl.ts';

/** Files at a time that go in one request each; larger ones go one after the other, several parts at a time. */
const maxConcurrent = 4;
const small = 8 * 1024 * 1024;

const kinds = {
  CSV: { extension: 'csv', contentType: 'text/csv' },
  JSON: { extension: 'ndjson', contentType: 'application/x-ndjson' },
} as const;

/** Throws `changed` where a file is not the one that was looked at when the import was planned. */
export async function checkUnchanged({ path, bytes, modified }: SourceFile): Promise<void> {
  let entry;
  try {
    entry = await stat(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  if (entry.isFile() && entry.size === bytes && Math.abs(entry.mtimeMs - modified) < 1) return;
  throw new AudienceError('changed', `${basename(path)} has changed since it was looked at`, {
    help: 'Validate and import it again.',
  });
}

/** What is kept on disk of uploads in parts, by the index of the file. */
interface StagingJournal {
  /** True where an earlier attempt may have sent something. */
  readonly again: boolean;
  uploads(): Readonly<Record<string, BegunUpload>>;
  write(uploads: Readonly<Record<string, BegunUpload>>): Promise<void>;
}

/** True where the same upload may succeed later: then what was sent stays, and it goes on from there. */
export function isPassing(error: unknown): error is AudienceError {
  if (!(error instanceof AudienceError)) return false;
  if (error.code === 'service') return (error.service?.status ?? 0) >= 500;
  return error.code === 'network' || error.code === 'throttled' || error.code === 'credentials';
}

/** The last part of a key. Unless it is wanted, it tells nothing of the file; the number keeps two of the same name apart. */
function nameOf(index: number, run: Pick<ImportRun, 'files' | 'format' | 'sourceNames'>): string {
  const { extension } = kinds[run.format];
  if (run.sourceNames !== true) return `part-${index + 1}.${extension}`;
  return `${index + 1}-${plainName(run.files[index]!.path)}.${extension}`;
}

/** The name of a file without its extension, of characters that need no care in a key (Amazon S3 user guide, object-keys). */
export function plainName(path: string): string {
  return basename(path, extname(path))
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}!_.*'()-]+/gu, '-')
    .slice(0, 100);
}

/**
 * Uploads files of an import, under names that tell nothing of the files unless `sourceNames` says so: `folders` says which, by their indexes, and where to.
 * Resolves with the objects by the same indexes. After a failure some of them may be there, and some in part;
 * with the same journal the next call goes on from there.
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
      // The other maxConcurrent are cancelled because of this.
      failures.push(error instanceof Error ? error : new Error(String(error)));
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, sendInTurn));
  const [first] = failures;
  if (first !== undefined) throw first;
  for (const index of indexes) if (!staged.has(index)) await send(index);
  return staged;
}
