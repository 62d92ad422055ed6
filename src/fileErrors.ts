import { statSync } from 'node:fs';
import { basename, dirname, resolve, win32 } from 'node:path';
import type { ErrorCode } from './errors.ts';
import { AudienceError, errorKind } from './errors.ts';
import { getOwn } from './ownMember.ts';

type Kind = readonly [code: ErrorCode, reason: string, help?: string];

const inFile: Kind = ['not-found', "part of its path isn't a folder"];

const kinds: Readonly<Record<string, Kind>> = {
  ENOENT: ['not-found', "it doesn't exist"],
  ENOTDIR: inFile,
  EISDIR: ['bad-input', 'it is a folder', 'Select a file.'],
  EACCES: ['disk', 'permission denied', 'Change its permissions, or use another folder.'],
  EPERM: ['disk', "the operation isn't permitted", 'Change its permissions, or use another folder.'],
  EBUSY: ['disk', 'another program is using it', 'Close it there, for example in Excel, then try again.'],
  EROFS: ['disk', 'the disk is read-only', 'Use another folder.'],
  ENOSPC: ['disk', 'the disk is full', 'Free up some space, then try again.'],
  EDQUOT: ['disk', 'the disk quota is exceeded', 'Free up some space, then try again.'],
  EFBIG: ['disk', 'the file would be too large for this disk', 'Use another folder.'],
  EIO: ['disk', 'the disk has an error', 'Use another disk.'],
  EMFILE: ['disk', 'too many files are open', 'Close some programs, then try again.'],
  ENFILE: ['disk', 'too many files are open', 'Close some programs, then try again.'],
  ENAMETOOLONG: ['bad-input', 'its name is too long', 'Use a shorter name.'],
  EEXIST: ['conflict', 'it already exists', 'Use another name.'],
};

/** Windows refuses with one error what is forbidden and what another program has open, and libuv has no name for many others. */
const inUseOrForbidden: Kind = [
  'disk',
  'permission denied, or another program is using it',
  'Close it in other programs, for example Excel, or check its permissions; then try again.',
];
const windowsKinds: typeof kinds = {
  ...kinds,
  EACCES: inUseOrForbidden,
  EPERM: inUseOrForbidden,
  UNKNOWN: [
    'disk',
    'Windows gives no reason',
    'If it is in OneDrive or another cloud folder, select "Always keep on this device" there; then try again.',
  ],
};
const impossibleName: Kind = [
  'bad-input',
  'Windows has no such names',
  "Use a name without < > : \" | ? *, tab or line break that doesn't end in a period or a space and isn't a device such as CON.",
];
const impossibleCharacter = /[<>:"|?*\p{Cc}]/u;
const deviceName = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)\s*(\.|$)/i;

/** True if Windows takes a file name for that of a device, also with an extension. */
export function isDeviceName(name: string): boolean {
  return deviceName.test(name);
}

/**
 * Checks the name of a file to write. Node.js can create files on Windows that no other program can open or remove: their names end
 * with a period or a space, or are those of devices. After a colon, it writes to a hidden part of another file.
 *
 * @throws AudienceError `bad-input` if Windows has no such names
 */
export function checkNewName(path: string, platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'win32') return;
  const name = win32.basename(path);
  const isPossible = !impossibleCharacter.test(name) && !/[. ]$/.test(name) && !isDeviceName(name);
  if (!isPossible) throw errorOf(impossibleName, 'write', name);
}

/** True for an error of the system with one of these codes, such as `ENOENT`. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** True for an error of a call to the system, with a code such as `ENOENT`. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Why the system can't store data, such as "the disk is full"; `undefined` for other errors. */
export function diskReason(error: unknown): string | undefined {
  const [code, reason] = (isSystemError(error) && getOwn(kinds, error.code)) || [];
  return code === 'disk' ? reason : undefined;
}

/** A file system error as people see it. `doing` completes "Could not …", such as "read". */
export function fileError(
  error: unknown,
  doing: string,
  path: string,
  platform: NodeJS.Platform = process.platform,
): AudienceError {
  if (error instanceof AudienceError) return error;
  return errorOf(kindOf(error, path, platform === 'win32'), doing, path, error);
}

function errorOf([code, reason, help]: Kind, doing: string, path: string, cause?: unknown): AudienceError {
  return new AudienceError(code, `Could not ${doing} ${basename(path)}: ${reason}`, { help, cause });
}

function kindOf(error: unknown, path: string, isWindows: boolean): Kind {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const kind = getOwn(isWindows ? windowsKinds : kinds, code) ?? ['disk', code || errorKind(error)];
  if (!isWindows || code !== 'ENOENT') return kind;
  // Windows reports these as ENOENT, too.
  if (impossibleCharacter.test(basename(path))) return impossibleName;
  const named =
    error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : path;
  return leadsThroughFile(named) ? inFile : kind;
}

function leadsThroughFile(path: string): boolean {
  for (let at = dirname(resolve(path)); at !== dirname(at); at = dirname(at)) {
    const entry = statOf(at);
    if (entry !== undefined) return !entry.isDirectory();
  }
  return false;
}

function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Below a file there is nothing; what can't be looked at isn't blamed.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
