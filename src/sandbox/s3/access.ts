import type { Actor, ConditionKeys } from '../authority.ts';
import { actorOf, ServiceError } from '../http/http.ts';
import type { Encryption } from './model.ts';
import type { S3, S3Request } from './request.ts';
import { header } from './request.ts';

/** What of a bucket is asked for; all buckets if it is absent. */
export interface Place {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key?: string;
}

/** A bucket policy can't keep its own removal from those whom IAM allows it: in an account the root user may always do that. */
const beyondPolicy = ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'];

/** @throws ServiceError 403 if policies of IAM or of the bucket don't allow it */
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

/** Holds the sender of a request to what policies say of it. */
export function authorizeRequest(s3: S3, request: S3Request, action: string): void {
  const { bucket, key } = request;
  authorize(s3, actorOf(request), action, bucket === '' ? undefined : { bucket, key }, keysOf(request));
}

/** Headers and parameters that policies may ask for (service authorization reference, Amazon S3, condition keys). */
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

/** @throws ServiceError if the key of an object's encryption can't be used */
export function useKey(
  s3: S3,
  actor: Actor,
  { keyId }: Encryption,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
): void {
  if (keyId !== undefined) s3.keys.use(keyId, action, actor);
}

/** Archived objects can't be read until they are restored, which the sandbox has no operation for. */
export function requireReadable(storageClass: string): void {
  if (storageClass !== 'GLACIER' && storageClass !== 'DEEP_ARCHIVE') return;
  throw new ServiceError(
    403,
    'InvalidObjectState',
    "The operation is not valid for the object's storage class",
    { StorageClass: storageClass },
  );
}
