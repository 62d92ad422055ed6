import type { ErrorCode } from '../errors.ts';
import { AudienceError } from '../errors.ts';

/** The exit code after Ctrl-C, as in shells: 128 + SIGINT. */
export const stoppedCode = 130;

/** Errors of the service, the account or the network: the same command may succeed later. */
const outside: readonly ErrorCode[] = [
  'access-denied',
  'credentials',
  'throttled',
  'network',
  'retired',
  'service',
];

/**
 * The exit code of a command that ended with an error: 1 if the service, the account or the network is the cause, 2 if it is something on
 * this machine, such as arguments, files, disks or a defect of this program.
 */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof AudienceError)) return 2;
  if (error.code === 'cancelled') return stoppedCode;
  return error.service !== undefined || outside.includes(error.code) ? 1 : 2;
}
