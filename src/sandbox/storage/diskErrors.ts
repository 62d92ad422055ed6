import { diskReason } from '../../fileErrors.ts';

/** True if the system can't store data, which isn't a defect of the sandbox. */
export function isDiskError(error: unknown): error is Error {
  return diskReason(error) !== undefined;
}

export function diskMessage(error: Error): string {
  return `The sandbox can't store data: ${diskReason(error)}`;
}
