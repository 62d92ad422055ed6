import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isBrokenGzip, unzip, UnzipBudget, type UnzipOptions } from '../../endpoints/transform/unzip.ts';
import { serviceError } from '../../aws/connection/serviceErrors.ts';
import type { ObjectSummary, StagingService } from '../../aws/s3/stagingService.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import { fileError, isSystemError } from '../../fileErrors.ts';
import { rename, rm } from '../../fileOperations.ts';
import { inWorkFolder, removeOwnFiles } from '../../ownFolders.ts';
import { outputFile, outputFolder } from '../../permissions.ts';
import { fileNameOf, noJournal, place, type PublishJournal } from './publishFiles.ts';
import { countLines, LineCount } from './lineCount.ts';
import type { RunControl } from '../runs/runControl.ts';

const attempts = 3;

export interface ExportSource {
  readonly bucket: string;
  /** Where the export job wrote; every `.gz` object below it is a part (Developer guide, audience-data-export). */
  readonly prefix: string;
  /** What the files are named after: a segment, a project. */
  readonly name: string;
}

/** The limit is on the unpacked bytes of all parts. */
export interface DownloadControl extends RunControl, UnzipOptions {
  /** Called with the number of records, before the files get their names. */
  readonly onRecords?: ((records: number) => void) | undefined;
}

/**
 * Fetches the parts of an export, unzips them into `folder` and resolves with the paths of the NDJSON files.
 * Files appear whole and all together, and none is overwritten. No name of an object becomes a name of a file.
 *
 * Where the connection or the process breaks, the parts that are complete stay in a hidden folder inside `folder`, and the next
 * download of the same export into it goes on from there; after a cancel, or trouble with the disk, nothing stays.
 * Where `memory` outlives the process, a crash at any moment leads to one copy.
 */
export async function downloadExport(
  staging: StagingService,
  source: ExportSource,
  folder: string,
  control: DownloadControl,
  memory: PublishJournal = noJournal,
): Promise<readonly string[]> {
  if (await wasPlaced(folder, source, memory)) {
    await countAll(memory.earlier, control);
    return memory.earlier;
  }
  const parts = await partsOf(staging, source, control.signal);
  const existed = await isThere(folder);
  const work = workPath(folder, source);
  try {
    await mkdir(folder, { recursive: true, mode: outputFolder() });
    return await inWorkFolder(work, async (anchor) => {
      try {
        const placed = await fetchAll(staging, source, parts, { work: anchor, folder }, control, memory);
        await removeParts(anchor);
        await rmdir(work).catch(() => undefined);
        return placed;
      } catch (error) {
        // What another window took over is its own.
        await memory.check();
        if (!isWorthKeeping(error)) await removeParts(anchor);
        // Only what is empty, and of the folder itself only what we made.
        await rmdir(work).catch(() => undefined);
        if (!existed) await rmdir(folder).catch(() => undefined);
        throw error;
      }
    });
  } catch (error) {
    throw isSystemError(error) ? fileError(error, 'write to', folder) : error;
  }
}

/** Where a download works, and where its files are to be. */
interface Places {
  readonly work: string;
  readonly folder: string;
}

/** Fetches the parts that aren't there yet, and publishes all of them. */
async function fetchAll(
  staging: StagingService,
  source: ExportSource,
  parts: readonly ObjectSummary[],
  { work, folder }: Places,
  control: DownloadControl,
  memory: PublishJournal,
): Promise<readonly string[]> {
  const { signal, onProgress } = control;
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const budget = new UnzipBudget(source.name, control);
  let records = 0;
  const earlier = memory.earlier.length === parts.length ? memory.earlier : [];
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
    // One that has got its name already may have lost the other.
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
  return place(unzipped, folder, fileNameOf(source.name), memory);
}

/** The `.gz` objects of an export, in the order of the numbers in their keys. @throws AudienceError `not-found` where there is none */
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
    throw new AudienceError(
      'not-found',
      `There is nothing to download in s3://${source.bucket}/${source.prefix}`,
      {
        help: 'An export of no endpoints writes nothing; else its objects were deleted or have expired. Export again.',
      },
    );
  }
  return parts.sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
}

/** A broken connection, or a service that refuses for now, passes; data that is damaged stays so. */
function isWorthKeeping(error: unknown): boolean {
  if (!(error instanceof AudienceError)) return false;
  const isOfService = error.code === 'service' && error.service !== undefined;
  return isOfService || ['network', 'credentials', 'throttled'].includes(error.code);
}

/** Removes what an interrupted download into a folder left, for whoever knows that nobody continues it. */
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

/** True where a download was broken off between its last step and the note of its end. */
async function wasPlaced(
  folder: string,
  source: ExportSource,
  { earlier }: PublishJournal,
): Promise<boolean> {
  if (earlier.length === 0 || (await isThere(workPath(folder, source)))) return false;
  return (await Promise.all(earlier.map(sizeOf))).every((size) => size !== undefined);
}

/** The name of a complete part: of another content it is another. */
function nameOf({ key, etag, size }: ObjectSummary): string {
  return createHash('sha256')
    .update(JSON.stringify([key, etag, size]))
    .digest('hex')
    .slice(0, 32);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Of a file; a link isn't one, wherever it leads. */
async function sizeOf(path: string | undefined): Promise<number | undefined> {
  const entry = path === undefined ? undefined : await lstat(path).catch(() => undefined);
  return entry?.isFile() === true ? entry.size : undefined;
}

/** One part, unzipped, verified and synced to disk; begun anew where the data is damaged. */
async function fetchPart(
  staging: StagingService,
  bucket: string,
  part: ObjectSummary,
  { path, folder }: { readonly path: string; readonly folder: string },
  signal: AbortSignal | undefined,
  budget: UnzipBudget,
  onBytes: (bytes: number) => void,
): Promise<number> {
  // Another window may fetch the same part.
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
      // The CRC and the length of each gzip member are checked on the way.
      await pipeline(body, count, (packed) => unzip(packed, budget), lines.stream, file, ...options);
      // Unzipping alone does not notice where whole members are missing at the end.
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

/** A broken connection was taken up by the reading itself. */
function isWorthAnother({ code }: AudienceError): boolean {
  return code === 'service' || code === 'internal';
}

function partError(error: unknown, part: ObjectSummary, folder: string): AudienceError {
  if (error instanceof AudienceError) return error;
  if (error instanceof Error && !isCancelled(error)) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (isBrokenGzip(error)) return damaged(part, error.message);
    // Of the disk; those of the network name another call.
    if (['open', 'write', 'fsync', 'rename', 'close'].includes(syscall ?? ''))
      return fileError(error, 'write to', folder);
  }
  return serviceError(error, { service: 'staging', doing: 'download the export' });
}

function damaged(part: ObjectSummary, why: string): AudienceError {
  return new AudienceError('service', `A part of the export is damaged: ${part.key}: ${why}`, {
    help: 'Download again; if it stays, export again.',
  });
}
