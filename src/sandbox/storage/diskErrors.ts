import { hasErrno } from '../../fileErrors.ts';

/** True if the disk is full, read-only or broken, rather than the sandbox. */
export function isDiskError(error: unknown): error is Error {
  return hasErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM');
}
