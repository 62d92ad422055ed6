import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, hasErrno, isDeviceName } from '../../fileErrors.ts';
import { fileIdentity } from '../../fileIdentity.ts';
import { rm } from '../../fileOperations.ts';
import { publishFile, syncFolder } from '../../publishFile.ts';

/** Records the names that files are about to get, so that they get the same names after a crash. */
export interface PublishJournal {
  /** The paths that were recorded before; files may have them already. Empty if there are none. */
  readonly earlier: readonly string[];
  /** Resolves once the paths are recorded. No file gets its name before. Throws `conflict` as `check` does. */
  write(paths: readonly string[]): Promise<void>;
  /** Throws `conflict` if another process has taken over. It may have published the files, so they are left alone. */
  check(): Promise<void>;
}

export const noJournal: PublishJournal = {
  earlier: [],
  write: () => Promise.resolve(),
  check: () => Promise.resolve(),
};

/**
 * Gives finished files their names in `folder`, all or none, without overwriting. Resolves with their paths.
 * Files that an interrupted earlier call published keep their names.
 */
export async function publishAll(
  files: readonly string[],
  folder: string,
  name: string,
  journal: PublishJournal,
  extension = '.ndjson',
): Promise<readonly string[]> {
  const published = new Set<string>();
  try {
    let paths = journal.earlier.length === files.length ? journal.earlier : [];
    for (;;) {
      const chosen: string[] = [];
      for (const [index, file] of files.entries()) {
        const earlier = paths[index];
        if (earlier !== undefined) await dropPlaceholder(file, earlier);
        if (earlier !== undefined && (await isPublishedAs(file, earlier))) published.add(earlier);
        const isGood = earlier !== undefined && (published.has(earlier) || !(await isThere(earlier)));
        const base = files.length === 1 ? name : `${name}-${index + 1}`;
        chosen.push(isGood ? earlier : await freePath(folder, base, extension));
      }
      paths = chosen;
      await journal.write(paths);
      if (await moveAll(files, paths, published)) {
        await syncFolder(folder);
        return paths;
      }
    }
  } catch (error) {
    await journal.check();
    for (const path of published) await rm(path, { force: true });
    await journal.write([]).catch(() => undefined);
    throw fileError(error, 'write to', folder);
  }
}

/** Gives a finished file a free name, numbered if needed. Resolves with its path. */
export async function publishOne(
  file: string,
  folder: string,
  base: string,
  extension: string,
): Promise<string> {
  for (;;) {
    const path = await freePath(folder, base, extension);
    if (await moveWithoutOverwriting(file, path)) return path;
  }
}

/** False if a name was taken meanwhile. */
async function moveAll(
  files: readonly string[],
  paths: readonly string[],
  published: Set<string>,
): Promise<boolean> {
  for (const [index, path] of paths.entries()) {
    if (published.has(path)) continue;
    if (!(await moveWithoutOverwriting(files[index]!, path))) return false;
    published.add(path);
  }
  return true;
}

/** Removes the empty file that an interrupted process used to reserve a name. */
async function dropPlaceholder(file: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([file, path].map((each) => lstat(each).catch(() => undefined)));
  if (from !== undefined && from.size > 0 && to?.isFile() === true && to.size === 0)
    await rm(path, { force: true });
}

/** True if `path` is another name of the file, or its only remaining one. */
async function isPublishedAs(file: string, path: string): Promise<boolean> {
  const [from, to] = await Promise.all([file, path].map((each) => identityOf(each)));
  return to !== undefined && (from === undefined || from === to);
}

async function identityOf(path: string): Promise<string | undefined> {
  // Don't follow links: a dangling one takes the name as well.
  const entry = await lstat(path, { bigint: true }).catch(() => undefined);
  return entry && fileIdentity(entry);
}

async function freePath(folder: string, base: string, extension: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${base}${number === 1 ? '' : ` (${number})`}${extension}`);
    if (!(await isThere(path))) return path;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await identityOf(path)) !== undefined;
}

/** False if the name is taken. */
async function moveWithoutOverwriting(from: string, to: string): Promise<boolean> {
  try {
    await publishFile(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Maximum bytes of a name, so that a number and an extension fit into the 255 of file systems. */
const maxNameLength = 200;

/** A file name that is valid on every file system, derived from `name`. */
export function fileNameOf(name: string): string {
  let plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, '-')
    .slice(0, 80);
  while (Buffer.byteLength(plain) > maxNameLength) plain = plain.slice(0, -1);
  // Half of a surrogate pair may be left at the end.
  plain = plain.replace(/[\uD800-\uDBFF]$/, '').replace(/^[\s.-]+|(?<![\s.-])[\s.-]+$/g, '');
  if (plain === '') return 'export';
  return isDeviceName(plain) ? `_${plain}` : plain;
}
