import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileType } from '../src/endpoints/model/fileType.ts';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');

/** Where data and bundles of the benchmark are kept, ignored by git. */
export const benchFolder = join(root, '.bench');

/** What build.ts makes. */
export const built = join(benchFolder, 'build');

export const sizes = ['10 MB', '100 MB', '1 GB', '4 GB'] as const;
export type Size = (typeof sizes)[number];

/** Records that make a file of about the size, or a little more. */
export const recordsOf: Readonly<Record<FileType, Readonly<Record<Size, number>>>> = {
  csv: { '10 MB': 60_000, '100 MB': 600_000, '1 GB': 6_200_000, '4 GB': 24_800_000 },
  ndjson: { '10 MB': 21_700, '100 MB': 217_000, '1 GB': 2_260_000, '4 GB': 9_040_000 },
};

export interface DataFile {
  readonly path: string;
  readonly type: FileType;
  readonly bytes: number;
  readonly records: number;
}

/** A file of seeded endpoints, made on first need. */
export async function dataFile(type: FileType, size: Size | { readonly records: number }): Promise<DataFile> {
  const records = typeof size === 'string' ? recordsOf[type][size] : size.records;
  const path = await made(`${records}.${type}`, 'generate.ts', [type, String(records)]);
  return { path, type, bytes: statSync(path).size, records };
}

/** The same endpoints as NDJSON, the members of each object in another order on every line and some of them left out. */
export async function unorderedFile(size: Size): Promise<DataFile> {
  const ordered = await dataFile('ndjson', size);
  const path = await made(`${ordered.records}.unordered.ndjson`, 'shuffle.ts', [ordered.path]);
  return { ...ordered, path, bytes: statSync(path).size };
}

/** A file in the benchmark's folder; where it is not there, a script is told to write it. */
async function made(name: string, script: string, args: readonly string[]): Promise<string> {
  const path = join(benchFolder, name);
  if (existsSync(path)) return path;
  await mkdir(benchFolder, { recursive: true });
  console.log(`Making ${name}`);
  const unfinished = `${path}.unfinished`;
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, script), ...args, unfinished], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`Could not make ${name}`);
  renameSync(unfinished, path);
  return path;
}
