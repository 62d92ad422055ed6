import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../fileErrors.ts';
import { fileIdentity } from '../../fileIdentity.ts';
import { rm } from '../../fileOperations.ts';
import { publishFile, syncFolder } from '../../publishFile.ts';

/** What outlives a crash of the names that files are about to be given, so that they are not given others afterwards. */
export interface PublishJournal {
  /** The paths that were written down before, and may have been given already; empty where there are none. */
  readonly earlier: readonly string[];
  /** Resolves once the paths are written down. None of the files has its name before. Throws `conflict` as `check` does. */
  write(paths: readonly string[]): Promise<void>;
  /** Throws `conflict` if somebody else has taken over, and may have published the files: then nothing of theirs is touched. */
  check(): Promise<void>;
}

export const noJournal: PublishJournal = {
  earlier: [],
  write: () => Promise.resolve(),
  check: () => Promise.resolve(),
};

/**
 * Gives finished files names in `folder`, all or none, and overwrites nothing. Resolves with their paths.
 * Files that an earlier call had placed before it was broken off stay where they are.
 */
export async function place(
  files: readonly string[],
  folder: string,
  name: string,
  memory: PublishJournal,
  extension = '.ndjson',
): Promise<readonly string[]> {
  const placed = new Set<string>();
  try {
    let paths = memory.earlier.length === files.length ? memory.earlier : [];
    for (;;) {
      const chosen: string[] = [];
      for (const [index, file] of files.entries()) {
        const earlier = paths[index];
        if (earlier !== undefined) await dropPlaceholder(file, earlier);
        if (earlier !== undefined && (await isPlaced(file, earlier))) placed.add(earlier);
        const isGood = earlier !== undefined && (placed.has(earlier) || !(await isThere(earlier)));
        const base = files.length === 1 ? name : `${name}-${index + 1}`;
        chosen.push(isGood ? earlier : await freePath(folder, base, extension));
      }
      paths = chosen;
      await memory.write(paths);
      if (await moveAll(files, paths, placed)) {
        await syncFolder(folder);
        return paths;
      }
    }
  } catch (error) {
    await memory.check();
    for (const path of placed) await rm(path, { force: true });
    await memory.write([]).catch(() => undefined);
    throw fileError(error, 'write to', folder);
  }
}

/** Gives a finished file a name that is free, with a number where it has to. Resolves with its path. */
export async function publishOne(
  file: string,
  folder: string,
  base: string,
  ending: string,
): Promise<string> {
  for (;;) {
    const path = await freePath(folder, base, ending);
    if (await moveWithoutOverwriting(file, path)) return path;
  }
}

/** False where a name was taken meanwhile. */
async function moveAll(
  files: readonly string[],
  paths: readonly string[],
  placed: Set<string>,
): Promise<boolean> {
  for (const [index, path] of paths.entries()) {
    if (placed.has(path)) continue;
    if (!(await moveWithoutOverwriting(files[index]!, path))) return false;
    placed.add(path);
  }
  return true;
}

/** The empty file that kept a name when the process ended. */
async function dropPlaceholder(file: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([file, path].map((each) => lstat(each).catch(() => undefined)));
  if (from !== undefined && from.size > 0 && to?.isFile() === true && to.size === 0)
    await rm(path, { force: true });
}

/** True where `path` is another name of the file, or the only one that it still has. */
async function isPlaced(file: string, path: string): Promise<boolean> {
  const [from, to] = await Promise.all([file, path].map((each) => identityOf(each)));
  return to !== undefined && (from === undefined || from === to);
}

async function identityOf(path: string): Promise<string | undefined> {
  // A link is what it is itself: one that leads nowhere takes the name as well.
  const entry = await lstat(path, { bigint: true }).catch(() => undefined);
  return entry && fileIdentity(entry);
}

async function freePath(folder: string, base: string, ending: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${base}${number === 1 ? '' : ` (${number})`}${ending}`);
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
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Bytes of a name, so that a number and an ending fit into the 255 that file systems take. */
const maxNameLength = 200;

/** A name that every file system takes, made of one that a person gave. */
export function fileNameOf(name: string): string {
  let plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, '-')
    .slice(0, 80);
  while (Buffer.byteLength(plain) > maxNameLength) plain = plain.slice(0, -1);
  // Half of a character may be left at the end.
  plain = plain.replace(/[\uD800-\uDBFF]$/, '').replace(/^[\s.-]+|[\s.-]+$/g, '');
  if (plain === '') return 'export';
  // Names of devices on Windows, also with an ending.
  return /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])\s*(\.|$)/i.test(plain) ? `_${plain}` : plain;
}
