import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/*
 * What tells files apart. The number of a file on NTFS has 64 bits and doesn't fit into a JavaScript number, in which two files
 * could have the same: so these take stats with `bigint: true` only.
 */

/** The same for all names of a file, and different for any other file. Of stats that were read by path, never by handle. */
export function fileIdentity({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${dev} ${ino}`;
}

/**
 * Another one if a file was written to, or another file has taken its name. Without `dev`: on Windows, some versions of Node.js give
 * one device two numbers, depending on whether they look at a path or a handle (libuv pull request 4698).
 */
export function fileStamp({ ino, size, mtimeNs }: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>): string {
  return `${ino} ${size} ${mtimeNs}`;
}

/** Paths without those of a file that an earlier path leads to, which may differ in case only, or be a link. */
export async function withoutRepeats(paths: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  const first: string[] = [];
  for (const path of paths) {
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    // A missing file is reported when it is read.
    const identity = stats === undefined ? path : fileIdentity(stats);
    if (!seen.has(identity)) first.push(path);
    seen.add(identity);
  }
  return first;
}
