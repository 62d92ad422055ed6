import type { Actor, ConditionKeys } from '../authority.ts';
import { actorOf, ServiceError } from '../http/http.ts';
import type { Encryption } from './model.ts';
import type { S3, S3Request } from './request.ts';
import { header } from './request.ts';

/** A bucket or an object. */
export interface Place {
  readonly bucket: string;
  /** Empty or absent for the bucket itself. */
  readonly key?: string;
}

/** Bucket policies don't apply to these: on AWS, the root user can always remove a policy that locks everybody out. */
const beyondPolicy = ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'];

/** @throws ServiceError 403 if IAM policies or the bucket policy don't allow it */
export function authorize(
  s3: S3,
  actor: Actor,
  action: string,
  place: Place | undefined,
  keys: ConditionKeys = {},
): void {
  s3.authority.authorize(accessTo(s3, actor, action, place, keys));
}

export function isAllowed(
  s3: S3,
  actor: Actor,
  action: string,
  place: Place,
  keys: ConditionKeys = {},
): boolean {
  return s3.authority.isAllowed(accessTo(s3, actor, action, place, keys));
}

function accessTo(
  s3: S3,
  actor: Actor,
  action: string,
  place: Place | undefined,
  keys: ConditionKeys,
): Parameters<S3['authority']['authorize']>[0] {
  const bucket = place && s3.store.find(place.bucket);
  const object = place?.key === undefined ? undefined : bucket?.objects.get(place.key);
  const tags = Object.entries(object?.settings.tags ?? {});
  return {
    actor,
    action,
    resource: place === undefined ? '*' : arnOf(place),
    resourcePolicy: beyondPolicy.includes(action) ? undefined : bucket?.documents.get('policy'),
    keys: {
      's3:ResourceAccount': s3.account,
      ...Object.fromEntries(tags.map(([name, value]) => [`s3:ExistingObjectTag/${name}`, value])),
      ...keys,
    },
  };
}

function arnOf({ bucket, key = '' }: Place): string {
  return `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`;
}

/** Checks the permissions of a request's sender. */
export function authorizeRequest(s3: S3, request: S3Request, action: string): void {
  const { bucket, key } = request;
  authorize(s3, actorOf(request), action, bucket === '' ? undefined : { bucket, key }, keysOf(request));
}

/** Headers and parameters that are condition keys (service authorization reference, Amazon S3). */
const headerKeys = [
  'x-amz-acl',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  'if-match',
  'if-none-match',
];
const queryKeys = {
  prefix: 'prefix',
  delimiter: 'delimiter',
  'max-keys': 'max-keys',
  versionId: 'VersionId',
};

function keysOf(request: S3Request): ConditionKeys {
  const { query } = request;
  const tags = new URLSearchParams(header(request, 'x-amz-tagging') ?? '');
  const isPresigned = query.has('X-Amz-Signature');
  return {
    ...Object.fromEntries(headerKeys.map((name) => [`s3:${name}`, header(request, name)])),
    ...Object.fromEntries(
      Object.entries(queryKeys).map(([name, key]) => [`s3:${key}`, query.get(name) ?? undefined]),
    ),
    ...Object.fromEntries([...tags].map(([name, value]) => [`s3:RequestObjectTag/${name}`, value])),
    's3:RequestObjectTagKeys': tags.size === 0 ? undefined : [...tags.keys()],
    's3:authType': isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
  };
}

/** @throws ServiceError if the actor can't use an object's KMS key */
export function useKey(
  s3: S3,
  actor: Actor,
  { keyId }: Encryption,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
): void {
  if (keyId !== undefined) s3.keys.use(keyId, action, actor);
}

/** Archived objects can't be read: the sandbox doesn't serve RestoreObject. */
export function requireReadable(storageClass: string): void {
  if (storageClass !== 'GLACIER' && storageClass !== 'DEEP_ARCHIVE') return;
  throw new ServiceError(
    403,
    'InvalidObjectState',
    "The operation is not valid for the object's storage class",
    { StorageClass: storageClass },
  );
}
