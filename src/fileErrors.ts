import { basename } from 'node:path';
import type { ErrorCode } from './errors.ts';
import { AudienceError } from './errors.ts';

const kinds: Readonly<Record<string, readonly [code: ErrorCode, reason: string, help?: string]>> = {
  ENOENT: ['not-found', 'it is not there'],
  ENOTDIR: ['not-found', 'a part of its path is not a folder'],
  EISDIR: ['bad-input', 'it is a folder', 'Choose a file.'],
  EACCES: ['disk', 'access is not permitted', 'Change its permissions, or choose another place.'],
  EPERM: ['disk', 'the system does not permit it', 'Change its permissions, or choose another place.'],
  EROFS: ['disk', 'the disk is read-only', 'Choose another place.'],
  ENOSPC: ['disk', 'the disk is full', 'Free some space, then try again.'],
  EDQUOT: ['disk', 'the disk quota is used up', 'Free some space, then try again.'],
  EFBIG: ['disk', 'it would be larger than the disk takes', 'Choose another place.'],
  EMFILE: ['disk', 'too many files are open', 'Close some programs, then try again.'],
  ENAMETOOLONG: ['bad-input', 'its name is too long', 'Choose a shorter name.'],
  EEXIST: ['conflict', 'it exists already', 'Choose another name.'],
};

/** What the file system said, as the error that reaches people. `doing` completes "Could not …", such as "read". */
export function fileError(error: unknown, doing: string, path: string): AudienceError {
  if (error instanceof AudienceError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [kind, reason, help] = kinds[code] ?? ['disk', code || String(error)];
  return new AudienceError(kind, `Could not ${doing} ${basename(path)}: ${reason}`, { help, cause: error });
}
