import { basename } from 'node:path';
import type { ErrorCode } from './errors.ts';
import { AudienceError } from './errors.ts';
import { getOwn } from './ownMember.ts';

const kinds: Readonly<Record<string, readonly [code: ErrorCode, reason: string, help?: string]>> = {
  ENOENT: ['not-found', "it doesn't exist"],
  ENOTDIR: ['not-found', "part of its path isn't a folder"],
  EISDIR: ['bad-input', 'it is a folder', 'Select a file.'],
  EACCES: ['disk', 'permission denied', 'Change its permissions, or use another folder.'],
  EPERM: ['disk', "the operation isn't permitted", 'Change its permissions, or use another folder.'],
  EROFS: ['disk', 'the disk is read-only', 'Use another folder.'],
  ENOSPC: ['disk', 'the disk is full', 'Free up some space, then try again.'],
  EDQUOT: ['disk', 'the disk quota is exceeded', 'Free up some space, then try again.'],
  EFBIG: ['disk', 'it would be too large for this disk', 'Use another folder.'],
  EMFILE: ['disk', 'too many files are open', 'Close some programs, then try again.'],
  ENAMETOOLONG: ['bad-input', 'its name is too long', 'Use a shorter name.'],
  EEXIST: ['conflict', 'it already exists', 'Use another name.'],
};

/** True for an error of the system with one of these codes, such as `ENOENT`. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** True for an error of a call to the system, with a code such as `ENOENT`. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** A file system error as people see it. `doing` completes "Could not …", such as "read". */
export function fileError(error: unknown, doing: string, path: string): AudienceError {
  if (error instanceof AudienceError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [kind, reason, help] = getOwn(kinds, code) ?? ['disk', code || String(error)];
  return new AudienceError(kind, `Could not ${doing} ${basename(path)}: ${reason}`, { help, cause: error });
}
