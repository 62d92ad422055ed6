import { ServiceError } from '../http/http.ts';
import type { XmlValue } from '../s3/xml.ts';
import type { IamState } from './iamState.ts';

/** The context of all operations. */
export interface IamContext {
  readonly state: IamState;
  readonly account: string;
  /** The owner of the sandbox's access key. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parameters of one call. */
export interface IamParameters {
  /** @throws ServiceError `ValidationError` if it is missing or empty */
  required(name: string): string;
  optional(name: string): string | undefined;
  list(name: string): readonly string[];
}

// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- an operation without a result returns nothing
export type Operation = (iam: IamContext, parameters: IamParameters) => XmlValue | void;

export function iamParameters(form: URLSearchParams): IamParameters {
  const optional = (name: string): string | undefined => form.get(name) ?? undefined;
  return {
    optional,
    required(name) {
      const value = optional(name);
      if (value === undefined || value === '')
        throw validationError(`1 validation error detected: ${name} must not be null`);
      return value;
    },
    list(name) {
      const values: string[] = [];
      for (let at = 1; form.has(`${name}.member.${at}`); at += 1)
        values.push(form.get(`${name}.member.${at}`)!);
      return values;
    },
  };
}

/** A complete list: the sandbox doesn't split them into pages. */
export function page(name: string, items: readonly XmlValue[]): XmlValue {
  return { [name]: { member: items }, IsTruncated: false };
}

export function validationError(message: string): ServiceError {
  return new ServiceError(400, 'ValidationError', message);
}
