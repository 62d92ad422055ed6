import type { BigIntStats } from 'node:fs';

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
