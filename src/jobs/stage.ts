import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { StagedObject, StagingService } from '../aws/staging.ts';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import type { ImportPlan, RunControl } from './runs.ts';
import type { SourceFile } from './record.ts';

/** Files at a time that go in one request each; larger ones go one after the other, several parts at a time. */
const lanes = 4;
const small = 8 * 1024 * 1024;

const kinds = {
  CSV: { ending: 'csv', contentType: 'text/csv' },
  JSON: { ending: 'ndjson', contentType: 'application/x-ndjson' },
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

/**
 * Uploads the files of an import into its folder, under names that tell nothing of the files.
 * Resolves with the objects in the order of the files; after a failure some of them may be there.
 */
export async function stageFiles(
  staging: StagingService,
  plan: Pick<ImportPlan, 'files' | 'format' | 'bucket' | 'kmsKeyId'>,
  folder: string,
  control: RunControl,
): Promise<readonly StagedObject[]> {
  const { ending, contentType } = kinds[plan.format];
  const total = plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const done = plan.files.map(() => 0);
  let sent = 0;
  const staged: StagedObject[] = [];
  const stop = new AbortController();
  const signal = control.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, control.signal]);

  const send = async (index: number): Promise<void> => {
    throwIfCancelled(signal);
    const file = plan.files[index]!;
    await checkUnchanged(file);
    const key = `${folder}part-${index + 1}.${ending}`;
    staged[index] = await staging.upload(
      file.path,
      { bucket: plan.bucket, key },
      {
        contentType,
        kmsKeyId: plan.kmsKeyId,
        signal,
        onProgress: (bytes) => {
          sent += bytes - done[index]!;
          done[index] = bytes;
          control.onProgress?.(sent, total, basename(file.path));
        },
      },
    );
  };

  const indexes = [...plan.files.keys()];
  const waiting = indexes.filter((index) => plan.files[index]!.bytes <= small);
  const failures: Error[] = [];
  const sendInTurn = async (): Promise<void> => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await send(next);
    } catch (error) {
      // The other lanes are cancelled because of this.
      failures.push(error instanceof Error ? error : new Error(String(error)));
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: lanes }, sendInTurn));
  const [first] = failures;
  if (first !== undefined) throw first;
  for (const index of indexes) if (staged[index] === undefined) await send(index);
  return staged;
}
