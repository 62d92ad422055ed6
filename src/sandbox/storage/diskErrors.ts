import { hasErrno } from '../../fileErrors.ts';

const reasons = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  EFBIG: 'the file would be too large',
  EROFS: 'the disk is read-only',
  EIO: 'the disk has an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
} as const;

type DiskError = Error & { readonly code: keyof typeof reasons };

/** True if the system can't store data, which isn't a defect of the sandbox. */
export function isDiskError(error: unknown): error is DiskError {
  return hasErrno(error, ...Object.keys(reasons));
}

export function diskMessage({ code }: DiskError): string {
  return `The sandbox can't store data: ${reasons[code]}`;
}
