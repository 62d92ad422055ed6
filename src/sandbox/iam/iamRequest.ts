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

/** A list, in pages of `MaxItems` if the client wants them. */
export function page(name: string, items: readonly XmlValue[], parameters: IamParameters): XmlValue {
  const limit = Number(parameters.optional('MaxItems') ?? items.length);
  const start = Number(parameters.optional('Marker') ?? 0);
  if (!Number.isInteger(limit) || limit < 0 || !Number.isInteger(start) || start < 0 || start > items.length)
    throw validationError('MaxItems or Marker is invalid');
  const end = start + limit;
  const isTruncated = end < items.length;
  return {
    [name]: { member: items.slice(start, end) },
    IsTruncated: isTruncated,
    Marker: isTruncated ? String(end) : undefined,
  };
}

/** Parameters that would change what is allowed, and that no operation here evaluates (IAM API reference). */
const otherParameters = [
  'PermissionsBoundary',
  'PermissionsBoundaryPolicyInputList',
  'PolicyInputList',
  'ResourceHandlingOption',
  'ResourceOwner',
  'ResourcePolicy',
  'Tags',
];

/** @throws ServiceError `ValidationError` for parameters that the sandbox would ignore */
export function refuseOtherParameters(form: URLSearchParams): void {
  const other = otherParameters.find((name) =>
    [...form.keys()].some((given) => given === name || given.startsWith(`${name}.member.`)),
  );
  const isOwnDuration = (form.get('MaxSessionDuration') ?? '3600') === '3600';
  const refused = other ?? (isOwnDuration ? undefined : 'MaxSessionDuration other than 3600');
  if (refused !== undefined) throw validationError(`The sandbox's IAM doesn't support ${refused}.`);
}

/** The path of a role or policy (IAM API reference, CreateRole). @throws ServiceError `ValidationError` */
export function pathOf(parameters: IamParameters): string {
  const path = parameters.optional('Path') ?? '/';
  if (path.length <= 512 && /^\/(?:[\x21-\x7f]+\/)?$/.test(path)) return path;
  throw validationError(`The specified value for path is invalid: ${path}`);
}

/** The name of a policy (IAM API reference, PutRolePolicy). @throws ServiceError `ValidationError` */
export function policyNameOf(parameters: IamParameters): string {
  const name = parameters.required('PolicyName');
  if (/^[\w+=,.@-]{1,128}$/.test(name)) return name;
  throw validationError(`The specified value for policyName is invalid: ${name}`);
}

export function validationError(message: string): ServiceError {
  return new ServiceError(400, 'ValidationError', message);
}
