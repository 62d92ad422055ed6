import { ServiceError } from '../http/http.ts';
import type { ObjectStore } from '../objectStore.ts';
import type { Authority } from '../authority.ts';
import type { Call } from './router.ts';
import { badRequest } from './pinpointState.ts';

/** A location in S3: a bucket and a key prefix. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads `s3://bucket/prefix`. Throws 400. */
export function readPlace(url: string, name: string): Place {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url);
  if (match === null) badRequest(`${name} must have the form s3://bucket-name/folder-name/`);
  return { bucket: match[1]!, prefix: match[2] ?? '' };
}

/** @throws ServiceError 400 if there is no such bucket in the project's region */
export async function requireBucket(objects: ObjectStore, { bucket }: Place, region: string): Promise<void> {
  const found = await objects.regionOf(bucket);
  if (found === region) return;
  const why =
    found === undefined
      ? 'The specified bucket does not exist'
      : `PermanentRedirect: the bucket is in another region: ${found}`;
  badRequest(`Amazon Pinpoint can't access the Amazon S3 bucket ${bucket}: ${why}`);
}

const roleForm = /^arn:aws(?:-cn|-us-gov)?:iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]{1,64})$/;

type RoleProblem = 'not-assumable' | 'not-passable' | 'no-access';

/** Roles that never work, by part of their name: to test a client without creating a role. */
const brokenRoles: readonly (readonly [part: string, problem: RoleProblem])[] = [
  ['NotAssumable', 'not-assumable'],
  ['NotPassable', 'not-passable'],
  ['NoBucketAccess', 'no-access'],
];

/**
 * Causes as in the Developer guide, permissions-import-segment. AWS doesn't document status and text of the errors, only that IAM
 * denials are AccessDeniedException.
 */
const refusals: Readonly<Record<RoleProblem, (arn: string, principal: string) => never>> = {
  'not-assumable': (arn) =>
    badRequest(`Amazon Pinpoint can't assume the role ${arn}. Check the trust policy of the role.`),
  'not-passable': (arn, principal) => {
    throw new ServiceError(
      403,
      'AccessDeniedException',
      `User: ${principal} is not authorized to perform: iam:PassRole on resource: ${arn}`,
    );
  },
  'no-access': (arn) =>
    badRequest(`Amazon Pinpoint can't access the Amazon S3 bucket with the role ${arn}: Access Denied`),
};

/**
 * Checks the ARN and account of a job's role. A role known to IAM must trust Pinpoint; others work unless their name says
 * otherwise. The role's S3 permissions are checked when the job uses them.
 *
 * @throws ServiceError 400, or 403 if the caller may not pass the role
 */
export function checkRole(
  arn: string,
  account: string,
  projectArn: string,
  { actor, isInternal }: Pick<Call, 'actor' | 'isInternal'>,
  authority: Authority | undefined,
): void {
  const match = roleForm.exec(arn);
  if (match === null) badRequest(`RoleArn isn't the ARN of a role: ${arn}`);
  if (match[1] !== account) {
    badRequest(`Amazon Pinpoint can't assume the role ${arn}: it belongs to another account`);
  }
  const byName = brokenRoles.find(([part]) => match[2]!.includes(part))?.[1];
  const caller = isInternal ? undefined : actor;
  const found = byName ?? authority?.checkRole({ roleArn: arn, caller, projectArn }) ?? 'ok';
  if (found !== 'ok') refusals[found](arn, actor.arn);
}

/** Runs a check with a job's role. @throws ServiceError 400 if S3 rejects the role */
export async function asRole<T>(arn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code === 'BadRequestException') throw error;
    if (error.code === 'AccessDenied') return refusals['no-access'](arn, '');
    return badRequest(
      `Amazon Pinpoint can't access the Amazon S3 bucket with the role ${arn}: ${error.code}: ${error.message}`,
    );
  }
}
