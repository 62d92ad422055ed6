import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isBrokenGzip, unzip, UnzipBudget, type UnzipOptions } from '../../endpoints/transform/unzip.ts';
import { serviceError } from '../../aws/connection/serviceErrors.ts';
import type { ObjectSummary, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import { fileError, isSystemError } from '../../fileErrors.ts';
import { makeFolder, rename, rm } from '../../fileOperations.ts';
import { inWorkFolder, removeOwnFiles } from '../../ownFolders.ts';
import { outputFile, outputFolder } from '../../permissions.ts';
import { fileNameOf, noJournal, publishAll, type PublishJournal } from './publishFiles.ts';
import { countLines, LineCount } from './lineCount.ts';
import type { RunControl } from '../runs/runControl.ts';

const attempts = 3;

export interface ExportSource {
  readonly bucket: string;
  /** Where the export job wrote; every `.gz` object under it is a part (Developer guide, audience-data-export). */
  readonly prefix: string;
  /** Base name of the files: a segment or project. */
  readonly name: string;
}

/** The limit is for the unpacked bytes of all parts. */
export interface DownloadControl extends RunControl, UnzipOptions {
  /** Called with the number of records, before the files get their names. */
  readonly onRecords?: ((records: number) => void) | undefined;
}

/**
 * Downloads the parts of an export, unzips them into `folder` and resolves with the paths of the NDJSON files.
 * Files appear complete and all together, and none is overwritten. Object names don't affect file names.
 *
 * If the connection or the process fails, complete parts stay in a hidden folder inside `folder`, and the next download of the same
 * export into it resumes; after a cancellation or a disk error, nothing stays.
 * If `journal` survives the process, a crash at any moment still leads to one copy.
 */
export async function downloadExport(
  staging: StagingService,
  source: ExportSource,
  folder: string,
  control: DownloadControl,
  journal: PublishJournal = noJournal,
): Promise<readonly string[]> {
  if (await wasPublished(folder, source, journal)) {
    await countAll(journal.earlier, control);
    return journal.earlier;
  }
  const parts = await partsOf(staging, source, control.signal);
  const existed = await isThere(folder);
  const work = workPath(folder, source);
  try {
    await makeFolder(folder, outputFolder());
    return await inWorkFolder(work, async (anchor) => {
      try {
        const published = await fetchAll(staging, source, parts, { work: anchor, folder }, control, journal);
        await removeParts(anchor);
        await rmdir(work).catch(() => undefined);
        return published;
      } catch (error) {
        // If another window has taken over, the files are its own.
        await journal.check();
        if (!isWorthKeeping(error)) await removeParts(anchor);
        // Removes empty folders only, and the target only if this call created it.
        await rmdir(work).catch(() => undefined);
        if (!existed) await rmdir(folder).catch(() => undefined);
        throw error;
      }
    });
  } catch (error) {
    throw isSystemError(error) ? fileError(error, 'write to', folder) : error;
  }
}

/** The work folder of a download, and the target folder. */
interface Places {
  readonly work: string;
  readonly folder: string;
}

/** Downloads missing parts, then publishes all of them. */
async function fetchAll(
  staging: StagingService,
  source: ExportSource,
  parts: readonly ObjectSummary[],
  { work, folder }: Places,
  control: DownloadControl,
  journal: PublishJournal,
): Promise<readonly string[]> {
  const { signal, onProgress } = control;
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const budget = new UnzipBudget(source.name, control);
  let records = 0;
  const earlier = journal.earlier.length === parts.length ? journal.earlier : [];
  const unzipped: string[] = [];
  let done = 0;
  for (const [index, part] of parts.entries()) {
    throwIfCancelled(signal);
    const path = join(work, nameOf(part));
    const before = done;
    const what = parts.length === 1 ? source.name : `${source.name}: ${index + 1} of ${parts.length}`;
    const report = (bytes: number): void => {
      done = before + bytes;
      onProgress?.(done, total, what);
    };
    // A published part may no longer have its name in the work folder.
    const size = (await sizeOf(path)) ?? (await sizeOf(earlier[index]));
    if (size === undefined) {
      records += await fetchPart(staging, source.bucket, part, { path, folder }, signal, budget, report);
    } else {
      records += await countLines((await isThere(path)) ? path : earlier[index]!, signal);
      await budget.add(size);
      report(part.size);
    }
    unzipped.push(path);
  }
  throwIfCancelled(signal);
  control.onRecords?.(records);
  return publishAll(unzipped, folder, fileNameOf(source.name), journal);
}

/** The `.gz` objects of an export, in the order of the numbers in their keys. @throws AudienceError `not-found` if there are none */
export async function partsOf(
  staging: StagingService,
  source: Pick<ExportSource, 'bucket' | 'prefix'>,
  signal: AbortSignal | undefined,
): Promise<readonly ObjectSummary[]> {
  const parts: ObjectSummary[] = [];
  for await (const object of staging.list(source.bucket, source.prefix, signal)) {
    if (/\.gz$/i.test(object.key)) parts.push(object);
  }
  if (parts.length === 0) {
    throw new AudienceError('not-found', `Nothing to download in s3://${source.bucket}/${source.prefix}`, {
      help: 'An export without endpoints writes nothing. Otherwise its objects were deleted or have expired: export again.',
    });
  }
  return parts.sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
}

/** Errors of the connection or the service are transient; damaged data stays damaged. */
function isWorthKeeping(error: unknown): boolean {
  if (!(error instanceof AudienceError)) return false;
  const isOfService = error.code === 'service' && error.service !== undefined;
  return isOfService || ['network', 'credentials', 'throttled'].includes(error.code);
}

/** Removes the rest of an interrupted download into a folder. The caller makes sure that nothing resumes it. */
export function removeUnfinished(
  folder: string,
  source: Pick<ExportSource, 'bucket' | 'prefix'>,
): Promise<void> {
  return removeOwnFiles(workPath(folder, source), (name) => partName.test(name));
}

/** A part that is complete, or begun. */
const partName = /^[0-9a-f]{32}(-[0-9a-f]{8})?$/;

async function removeParts(work: string): Promise<void> {
  for (const name of await readdir(work))
    if (partName.test(name)) await rm(join(work, name), { force: true });
}

function workPath(folder: string, { bucket, prefix }: Pick<ExportSource, 'bucket' | 'prefix'>): string {
  const id = createHash('sha256').update(`${bucket}/${prefix}`).digest('hex').slice(0, 16);
  return join(folder, `.pinpoint-audience-${id}`);
}

async function countAll(paths: readonly string[], { onRecords, signal }: DownloadControl): Promise<void> {
  let records = 0;
  for (const path of paths) records += await countLines(path, signal);
  onRecords?.(records);
}

/** True if a download was interrupted between publishing its files and recording its end. */
async function wasPublished(
  folder: string,
  source: ExportSource,
  { earlier }: PublishJournal,
): Promise<boolean> {
  if (earlier.length === 0 || (await isThere(workPath(folder, source)))) return false;
  return (await Promise.all(earlier.map(sizeOf))).every((size) => size !== undefined);
}

/** The name of a complete part in the work folder, which depends on its content. */
function nameOf({ key, etag, size }: ObjectSummary): string {
  return createHash('sha256')
    .update(JSON.stringify([key, etag, size]))
    .digest('hex')
    .slice(0, 32);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** The size of a file; `undefined` for links and everything else. */
async function sizeOf(path: string | undefined): Promise<number | undefined> {
  const entry = path === undefined ? undefined : await lstat(path).catch(() => undefined);
  return entry?.isFile() === true ? entry.size : undefined;
}

/** Downloads one part, unzipped, verified and synced to disk; repeats it if the data is damaged. */
async function fetchPart(
  staging: StagingService,
  bucket: string,
  part: ObjectSummary,
  { path, folder }: { readonly path: string; readonly folder: string },
  signal: AbortSignal | undefined,
  budget: UnzipBudget,
  onBytes: (bytes: number) => void,
): Promise<number> {
  // Another window may download the same part.
  const unfinished = `${path}-${randomBytes(4).toString('hex')}`;
  for (let attempt = 1; ; attempt += 1) {
    const before = budget.bytes;
    const lines = new LineCount();
    try {
      const body = staging.read(bucket, part, signal);
      let received = 0;
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          received += chunk.length;
          onBytes(received);
          done(null, chunk);
        },
      });
      const file = createWriteStream(unfinished, { flags: 'wx', mode: outputFile(), flush: true });
      const options = signal === undefined ? [] : [{ signal }];
      // Unzipping checks the CRC and the length of each gzip member.
      await pipeline(body, count, (packed) => unzip(packed, budget), lines.stream, file, ...options);
      // Unzipping alone doesn't notice missing members at the end.
      if (received !== part.size) throw damaged(part, `${received} of ${part.size} bytes arrived`);
      await rename(unfinished, path);
      return lines.count;
    } catch (error) {
      budget.bytes = before;
      await rm(unfinished, { force: true });
      const failure = partError(error, part, folder);
      if (attempt === attempts || isCancelled(failure) || !isWorthAnother(failure)) throw failure;
    }
  }
}

/** Reading resumes after network errors by itself. */
function isWorthAnother({ code }: AudienceError): boolean {
  return code === 'service' || code === 'internal';
}

function partError(error: unknown, part: ObjectSummary, folder: string): AudienceError {
  if (error instanceof AudienceError) return error;
  if (error instanceof Error && !isCancelled(error)) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (isBrokenGzip(error)) return damaged(part, error.message);
    // A disk error; network errors have other system calls.
    if (['open', 'write', 'fsync', 'rename', 'close'].includes(syscall ?? ''))
      return fileError(error, 'write to', folder);
  }
  return serviceError(error, { service: 'staging', doing: 'download the export' });
}

function damaged(part: ObjectSummary, why: string): AudienceError {
  return new AudienceError('service', `A part of the export is damaged: ${part.key}: ${why}`, {
    help: 'Download again. If that fails, export again.',
  });
}
