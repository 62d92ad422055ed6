import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StagingService } from '../aws/s3/stagingService.ts';
import { serviceError } from '../aws/connection/serviceErrors.ts';
import { isBrokenGzip, unzip, UnzipBudget } from '../endpoints/transform/unzip.ts';
import { AudienceError, throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import { makeFolder, rm } from '../fileOperations.ts';
import { outputFile, outputFolder } from '../permissions.ts';
import { partsOf, type DownloadControl, type ExportSource } from './download/downloadExport.ts';
import { fileNameOf, publishOne } from './download/publishFiles.ts';

export interface EndpointIds {
  readonly path: string;
  readonly count: number;
}

/** An endpoint has at most 15 KB (Developer guide, quotas); a longer line isn't one. */
const maxLineLength = 16 * 1024 * 1024;

/**
 * Writes the ids of all endpoints of an export to a file in `folder`, one per line: the service has no operation that lists
 * endpoints (Developer guide, audience-data-export). Nothing else of the endpoints is written to disk.
 * The file appears complete or not at all, and never overwrites another.
 *
 * @throws AudienceError `not-found` if there is no export, `service` if one of its lines isn't an endpoint, `disk`, `cancelled`
 */
export async function listEndpointIds(
  staging: StagingService,
  source: ExportSource,
  folder: string,
  { signal, onProgress, limit, onLimit }: DownloadControl,
): Promise<EndpointIds> {
  const parts = await partsOf(staging, source, signal);
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const unfinished = join(folder, `.pinpoint-audience-${randomBytes(8).toString('hex')}`);
  const budget = new UnzipBudget(source.name, { limit, onLimit });
  let count = 0;
  let done = 0;
  async function* ids(): AsyncGenerator<string> {
    for (const part of parts) {
      const read = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of staging.read(source.bucket, part, signal)) {
          done += chunk.length;
          onProgress?.(done, total, source.name);
          yield chunk;
        }
      };
      for await (const batch of idsIn(read(), part.key, budget)) {
        throwIfCancelled(signal);
        count += batch.length;
        yield batch.map((id) => `${id}\n`).join('');
      }
    }
  }
  try {
    await makeFolder(folder, outputFolder());
    await pipeline(ids, createWriteStream(unfinished, { flags: 'wx', flush: true, mode: outputFile() }));
    return { path: await publishOne(unfinished, folder, `${fileNameOf(source.name)}-ids`, '.txt'), count };
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof AudienceError) throw error;
    if (isBrokenGzip(error)) throw notAnEndpoint(source.prefix);
    const { syscall } = error as NodeJS.ErrnoException;
    if (['open', 'write', 'fsync', 'link', 'rename', 'mkdir'].includes(syscall ?? ''))
      throw fileError(error, 'write to', folder);
    throw serviceError(error, { service: 'staging', doing: 'read the export' });
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function* idsIn(
  body: AsyncIterable<Uint8Array>,
  key: string,
  budget: UnzipBudget,
): AsyncGenerator<readonly string[]> {
  let rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of unzip(body, budget)) {
    const end = chunk.lastIndexOf(0x0a) + 1;
    rest.push(end === 0 ? chunk : chunk.subarray(0, end));
    bytes += rest.at(-1)!.length;
    if (end > 0) {
      yield idsOf(Buffer.concat(rest), key);
      rest = [chunk.subarray(end)];
      bytes = chunk.length - end;
    }
    if (bytes > maxLineLength) throw notAnEndpoint(key);
  }
  yield idsOf(Buffer.concat(rest), key);
}

function idsOf(lines: Buffer, key: string): readonly string[] {
  return textOf(lines, key)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const id = idOf(line);
      if (id === undefined) throw notAnEndpoint(key);
      if (id !== id.trim() || /[\r\n]/.test(id) || /\p{Surrogate}/u.test(id)) throw notALine(key);
      return id;
    });
}

/** Text that isn't UTF-8 would be changed, and with it the Ids. */
function textOf(lines: Buffer, key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(lines);
  } catch {
    throw notAnEndpoint(key);
  }
}

function idOf(line: string): string | undefined {
  try {
    const { Id: id } = JSON.parse(line) as { readonly Id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

/** A list with such an Id would name other endpoints. */
function notALine(key: string): AudienceError {
  return new AudienceError('service', `The export has an Id that can't be a line of a list: ${key}`, {
    help: 'Line breaks, spaces around an Id or half a character would name other endpoints. Download the export instead.',
  });
}

function notAnEndpoint(key: string): AudienceError {
  return new AudienceError('service', `The export has a line that isn't an endpoint: ${key}`, {
    help: 'Download the export to inspect it, or export again.',
  });
}
