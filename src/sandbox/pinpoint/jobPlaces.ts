import { ServiceError } from '../http/http.ts';
import type { ObjectStore } from '../objectStore.ts';
import type { Authority } from '../authority.ts';
import type { Call } from './router.ts';
import { badRequest } from './pinpointState.ts';

/** A place in S3: a bucket, and what the keys begin with. */
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

/** Roles that do not work, by a part of their name: for trying how a client takes it, without making a role. */
const brokenRoles: readonly (readonly [part: string, trouble: RoleProblem])[] = [
  ['NotAssumable', 'not-assumable'],
  ['NotPassable', 'not-passable'],
  ['NoBucketAccess', 'no-access'],
];

/**
 * The causes are those of the Developer guide, permissions-import-segment; status and text of the service's answers are not
 * documented, only that IAM denials are AccessDeniedException.
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
 * Checks the role of a job: its form, its account, and that it works: one that IAM knows has to admit Pinpoint, others work unless
 * their name says otherwise. What it may do in S3 shows when the job does it.
 *
 * @throws ServiceError 400, or 403 if the caller may not pass the role on
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

/** Does what a job does when it is created. @throws ServiceError 400 where S3 refuses it to the role */
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
