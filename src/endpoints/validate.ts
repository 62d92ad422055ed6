import { AudienceError } from '../errors.ts';
import type { Validator } from './finding.ts';

/** Where the worker's code is, and how many workers at most: by default one a core, four at most. */
export interface ValidatorOptions {
  readonly workerFile: string | URL;
  readonly threads?: number | undefined;
}

/** Makes a validator. Its workers start when they are first needed and do not keep the process alive. */
export function createValidator(options: ValidatorOptions): Validator {
  throw new AudienceError('internal', `Not there yet: ${String(options.workerFile)}`);
}
