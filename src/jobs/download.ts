import { createWriteStream } from 'node:fs';
import { link, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { serviceError } from '../aws/serviceErrors.ts';
import type { ObjectSummary, StagingService } from '../aws/staging.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import type { RunControl } from './runs.ts';

const attempts = 3;

export interface ExportSource {
  readonly bucket: string;
  /** Where the export job wrote; every `.gz` object below it is a part (Developer guide, audience-data-export). */
  readonly prefix: string;
  /** What the files are named after: a segment, a project. */
  readonly name: string;
}

/**
 * Fetches the parts of an export, unzips them into `folder` and resolves with the paths of the NDJSON files.
 * Files appear whole and all together, and none is overwritten; after a failure or a cancel there is none.
 * No name of an object becomes a name of a file.
 */
export async function downloadExport(
  staging: StagingService,
  source: ExportSource,
  folder: string,
  control: RunControl,
): Promise<readonly string[]> {
  const { signal, onProgress } = control;
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
  parts.sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const work = await workFolder(folder);
  try {
    const unzipped: string[] = [];
    let done = 0;
    for (const [index, part] of parts.entries()) {
      const path = join(work, String(index + 1));
      const before = done;
      const what = parts.length === 1 ? source.name : `${source.name}: ${index + 1} of ${parts.length}`;
      await fetchPart(staging, source.bucket, part, path, signal, (bytes) => {
        done = before + bytes;
        onProgress?.(done, total, what);
      });
      unzipped.push(path);
    }
    throwIfCancelled(signal);
    return await place(unzipped, folder, fileNameOf(source.name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function workFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await mkdtemp(join(folder, '.pinpoint-audience-'));
  } catch (error) {
    throw fileError(error, 'write to', folder);
  }
}

/** One part, unzipped and synced to disk; begun anew where the connection breaks or the data is damaged. */
async function fetchPart(
  staging: StagingService,
  bucket: string,
  part: ObjectSummary,
  path: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const body = await staging.open({ bucket, key: part.key }, signal);
      let received = 0;
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          received += chunk.length;
          onBytes(received);
          done(null, chunk);
        },
      });
      const file = createWriteStream(path, { flags: 'w', flush: true });
      await pipeline(body, count, createGunzip(), file, ...(signal === undefined ? [] : [{ signal }]));
      // Unzipping alone does not notice where whole members are missing at the end.
      if (received !== part.size) throw damaged(part, `${received} of ${part.size} bytes arrived`);
      return;
    } catch (error) {
      const failure = partError(error, part, path);
      if (attempt === attempts || isCancelled(failure) || !isWorthAnother(failure)) throw failure;
    }
  }
}

function isWorthAnother({ code }: AudienceError): boolean {
  return code === 'network' || code === 'service' || code === 'internal';
}

function partError(error: unknown, part: ObjectSummary, path: string): AudienceError {
  if (error instanceof AudienceError) return error;
  if (error instanceof Error && !isCancelled(error)) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') === true) return damaged(part, error.message);
    // Of the disk; those of the network name another call.
    if (syscall === 'open' || syscall === 'write' || syscall === 'fsync')
      return fileError(error, 'write', path);
  }
  return serviceError(error, { service: 'staging', doing: 'download the export' });
}

function damaged(part: ObjectSummary, why: string): AudienceError {
  return new AudienceError('service', `A part of the export is damaged: ${part.key}: ${why}`, {
    help: 'Download again; if it stays, export again.',
  });
}

/** Gives the finished files their names, all or none. */
async function place(files: readonly string[], folder: string, name: string): Promise<readonly string[]> {
  const placed: string[] = [];
  try {
    for (const [index, file] of files.entries()) {
      const base = files.length === 1 ? name : `${name}-${index + 1}`;
      placed.push(await placeOne(file, folder, base));
    }
    return placed;
  } catch (error) {
    for (const path of placed) await rm(path, { force: true });
    throw fileError(error, 'write to', folder);
  }
}

async function placeOne(file: string, folder: string, base: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${base}${number === 1 ? '' : ` (${number})`}.ndjson`);
    try {
      await moveWithoutOverwriting(file, path);
      return path;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** A link is refused where the name is taken, a rename is not; where there are no links, an empty file keeps the name. */
async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    const placeholder = await open(to, 'wx');
    await placeholder.close();
    await rename(from, to);
  }
}

/** A name that every file system takes, made of one that a person gave. */
export function fileNameOf(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, '-')
    .replace(/^[\s.-]+|[\s.-]+$/g, '')
    .slice(0, 80)
    .trimEnd();
  if (plain === '') return 'export';
  // Names of devices on Windows, also with an ending.
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `_${plain}` : plain;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
