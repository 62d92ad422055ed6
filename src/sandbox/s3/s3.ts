import type { ServerResponse } from 'node:http';
import type { SandboxRequest, ServiceHandler } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './buckets.ts';
import { copyObject } from './copy.ts';
import {
  deleteDocument,
  documentNames,
  getDocument,
  getPolicyStatus,
  putDocument,
} from './bucketDocuments.ts';
import { aclNotSupported, notImplemented, sendS3Error, setS3Ids } from './s3Errors.ts';
import { authorizeRequest } from './access.ts';
import { getBucketAcl, getObjectAcl, putAcl } from './accessControl.ts';
import { applyLifecycle } from './lifecycle.ts';
import { listObjects, listObjectsV2, listUploads, listVersions } from './listing.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart.ts';
import {
  checkVersion,
  deleteObject,
  deleteObjectTagging,
  deleteObjects,
  getObject,
  getObjectAttributes,
  getObjectTagging,
  putObject,
  putObjectTagging,
} from './objectHandlers.ts';
import type { Operation, S3, S3Request } from './request.ts';
import { header, locate } from './request.ts';
import { getOwn } from '../../ownMember.ts';

/*
 * Our own S3, since no existing library suffices (2026): s3rver 3.7.1 stores the framing of `aws-chunked` bodies as content, fauxqs
 * 2.4 holds every object in memory and drops lifecycle rules, and neither verifies the checksums that current SDKs send. Operations
 * are grouped by topic in this folder, on top of a journal of changes (s3Store.ts) and files with the bytes (blobs.ts).
 */

/** An operation and how to recognize it: method, resource type, and a query parameter or header. */
interface Route {
  readonly method: string;
  readonly about: 'service' | 'bucket' | 'object';
  /** A required query parameter. */
  readonly query?: string;
  /** A required header. */
  readonly header?: string;
  /** The action that the caller must be allowed; if absent, the operation checks permissions itself. */
  readonly action?: string;
  readonly operation: Operation;
}

/** Actions on a bucket's documents, without `Get` or `Put`. */
const documentActions: Readonly<Record<string, string>> = {
  lifecycle: 'LifecycleConfiguration',
  encryption: 'EncryptionConfiguration',
  publicAccessBlock: 'BucketPublicAccessBlock',
  ownershipControls: 'BucketOwnershipControls',
  tagging: 'BucketTagging',
  policy: 'BucketPolicy',
};

/** Makes one-line routes for a resource type. */
const on =
  (about: Route['about']) =>
  (
    method: string,
    action: string | undefined,
    operation: Operation,
    query?: string,
    header?: string,
  ): Route => ({
    method,
    about,
    operation,
    ...(action !== undefined && { action: `s3:${action}` }),
    ...(query !== undefined && { query }),
    ...(header !== undefined && { header }),
  });
const service = on('service');
const bucket = on('bucket');
const object = on('object');

/** The first match wins. */
const routes: readonly Route[] = [
  service('GET', 'ListAllMyBuckets', listBuckets),

  ...documentNames.flatMap((name): Route[] => {
    const action = getOwn(documentActions, name)!;
    const remove = name === 'policy' ? 'DeleteBucketPolicy' : `Put${action}`;
    return [
      bucket('GET', `Get${action}`, getDocument(name), name),
      bucket('PUT', `Put${action}`, putDocument(name), name),
      bucket('DELETE', remove, deleteDocument(name), name),
    ];
  }),
  bucket('GET', 'GetBucketPolicyStatus', getPolicyStatus, 'policyStatus'),
  bucket('GET', 'GetBucketAcl', getBucketAcl, 'acl'),
  bucket('PUT', 'PutBucketAcl', putAcl, 'acl'),
  bucket('GET', 'GetBucketLocation', getBucketLocation, 'location'),
  bucket('GET', 'GetBucketVersioning', getBucketVersioning, 'versioning'),
  bucket('PUT', 'PutBucketVersioning', putBucketVersioning, 'versioning'),
  bucket('GET', 'ListBucketMultipartUploads', listUploads, 'uploads'),
  bucket('GET', 'ListBucketVersions', listVersions, 'versions'),
  bucket('GET', 'ListBucket', listObjectsV2, 'list-type'),
  bucket('POST', undefined, deleteObjects, 'delete'),
  bucket('GET', 'ListBucket', listObjects),
  bucket('HEAD', 'ListBucket', headBucket),
  bucket('PUT', 'CreateBucket', createBucket),
  bucket('DELETE', 'DeleteBucket', deleteBucket),

  object('POST', 'PutObject', createUpload, 'uploads'),
  object('POST', 'PutObject', completeUpload, 'uploadId'),
  object('PUT', 'PutObject', uploadPartCopy, 'uploadId', 'x-amz-copy-source'),
  object('PUT', 'PutObject', uploadPart, 'uploadId'),
  object('GET', 'ListMultipartUploadParts', listParts, 'uploadId'),
  object('DELETE', 'AbortMultipartUpload', abortUpload, 'uploadId'),
  object('GET', 'GetObjectAcl', getObjectAcl, 'acl'),
  object('PUT', 'PutObjectAcl', putAcl, 'acl'),
  object('GET', 'GetObjectTagging', getObjectTagging, 'tagging'),
  object('PUT', 'PutObjectTagging', putObjectTagging, 'tagging'),
  object('DELETE', 'DeleteObjectTagging', deleteObjectTagging, 'tagging'),
  object('GET', 'GetObjectAttributes', getObjectAttributes, 'attributes'),
  object('PUT', 'PutObject', copyObject, undefined, 'x-amz-copy-source'),
  object('PUT', 'PutObject', putObject),
  object('GET', 'GetObject', getObject),
  object('HEAD', 'GetObject', getObject),
  object('DELETE', 'DeleteObject', deleteObject),
];

/** Sub-resources that the sandbox doesn't serve: their requests must not match other routes (S3 API reference, list of actions). */
const otherResources = [
  'abac', 'accelerate', 'analytics', 'annotation', 'cors', 'intelligent-tiering', 'inventory',
  'legal-hold', 'logging', 'metadataConfiguration', 'metadataTable', 'metrics', 'notification', 'object-lock',
  'renameObject', 'replication', 'requestPayment', 'restore', 'retention', 'select', 'session', 'torrent',
  'website',
]; // prettier-ignore

/**
 * Headers that ask for something that the sandbox doesn't do (S3 API reference). Ignoring them would store, return or delete
 * something else than the client asked for.
 */
const otherHeaders: readonly (readonly [name: RegExp, refusal: () => ServiceError])[] = [
  [/^x-amz-(?:copy-source-)?server-side-encryption-customer-/, () => notImplemented('encryption with customer-provided keys (SSE-C)')],
  [/^x-amz-server-side-encryption-context$/, () => notImplemented('encryption contexts')],
  [/^x-amz-object-lock-/, () => notImplemented('Object Lock')],
  [/^x-amz-grant-/, aclNotSupported],
  [/^x-amz-write-offset-bytes$/, () => notImplemented('appending to objects')],
  [/^x-amz-if-match-/, () => notImplemented('conditions on size or time')],
]; // prettier-ignore

function refuseOtherHeaders({ headers }: SandboxRequest): void {
  for (const name of Object.keys(headers)) {
    const refusal = otherHeaders.find(([pattern]) => pattern.test(name))?.[1];
    if (refusal !== undefined) throw refusal();
  }
}

export function createS3(s3: S3): ServiceHandler {
  return {
    service: 's3',

    async handle(request: SandboxRequest, response: ServerResponse): Promise<void> {
      setS3Ids(response, request.id);
      const { bucket, key } = locate(request);
      const { operation, action } = findRoute(
        request,
        bucket === '' ? 'service' : key === '' ? 'bucket' : 'object',
      );
      checkOwner(s3, request);
      refuseOtherHeaders(request);
      const located = { ...request, bucket, key };
      applyLifecycle(s3, bucket);
      if (action !== undefined) authorizeRequest(s3, located, action);
      if (!anywhere.includes(operation)) requireRegion(s3, located, response);
      if (key !== '') checkVersion(request.query.get('versionId') ?? undefined);
      await operation(s3, located, response);
    },

    sendError: sendS3Error,
  };
}

/** Operations that work in every region. */
const anywhere: readonly Operation[] = [listBuckets, getBucketLocation, createBucket];

/** Buckets only respond in their own region, which the error names (S3 user guide, Redirects). */
function requireRegion(s3: S3, request: S3Request, response: ServerResponse): void {
  const region = s3.store.find(request.bucket)?.info.region;
  if (region === undefined || region === request.region) return;
  response.setHeader('x-amz-bucket-region', region);
  throw new ServiceError(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    { Endpoint: `s3.${region}.amazonaws.com`, Bucket: request.bucket },
  );
}

function findRoute(request: SandboxRequest, about: Route['about']): Route {
  const { method, query, headers } = request;
  const route = routes.find(
    (candidate) =>
      candidate.method === method &&
      candidate.about === about &&
      (candidate.query === undefined || query.has(candidate.query)) &&
      (candidate.header === undefined || Object.hasOwn(headers, candidate.header)),
  );
  const other = otherResources.find((name) => query.has(name));
  if (other !== undefined) throw notImplemented(`${method} of '?${other}'`);
  if (route !== undefined) return route;
  if (routes.some((candidate) => candidate.about === about && query.has(candidate.query ?? ''))) {
    throw notImplemented(`${method} of '?${query.toString()}'`);
  }
  throw new ServiceError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: method, ResourceType: about.toUpperCase() },
  );
}

/** The sandbox has one account; clients that expect another one are rejected. */
function checkOwner(s3: S3, request: SandboxRequest): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = header(request, name);
    if (expected !== undefined && expected !== s3.account) {
      throw new ServiceError(403, 'AccessDenied', `The bucket does not belong to account ${expected}.`);
    }
  }
}
