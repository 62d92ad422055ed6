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
import { notImplemented, sendS3Error, setS3Ids } from './s3Errors.ts';
import { listObjects, listObjectsV2, listUploads } from './listing.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart.ts';
import {
  deleteObject,
  deleteObjectTagging,
  deleteObjects,
  getObject,
  getObjectTagging,
  putObject,
  putObjectTagging,
} from './objectHandlers.ts';
import type { Operation, S3 } from './request.ts';
import { header, locate } from './request.ts';

/*
 * An S3 of our own, since none of the libraries there are would do (2026): s3rver 3.7.1 stores the framing of `aws-chunked`
 * bodies as content, fauxqs 2.4 holds every object in memory and drops lifecycle rules, and neither verifies the checksums that
 * today's SDKs send. The parts are small: operations by topic in this folder, over a journal of changes (store.ts) and files that
 * hold the bytes (blobs.ts).
 */

/** An operation and how it is recognised: method, what it is about, and the query parameter or header that names it. */
interface Route {
  readonly method: string;
  readonly about: 'service' | 'bucket' | 'object';
  /** Has to be in the query. */
  readonly query?: string;
  /** Has to be among the headers. */
  readonly header?: string;
  readonly operation: Operation;
}

/** The first that fits is taken. */
const routes: readonly Route[] = [
  { method: 'GET', about: 'service', operation: listBuckets },

  ...documentNames.flatMap((query): Route[] => [
    { method: 'GET', about: 'bucket', query, operation: getDocument(query) },
    { method: 'PUT', about: 'bucket', query, operation: putDocument(query) },
    { method: 'DELETE', about: 'bucket', query, operation: deleteDocument(query) },
  ]),
  { method: 'GET', about: 'bucket', query: 'policyStatus', operation: getPolicyStatus },
  { method: 'GET', about: 'bucket', query: 'location', operation: getBucketLocation },
  { method: 'GET', about: 'bucket', query: 'versioning', operation: getBucketVersioning },
  { method: 'PUT', about: 'bucket', query: 'versioning', operation: putBucketVersioning },
  { method: 'GET', about: 'bucket', query: 'uploads', operation: listUploads },
  { method: 'GET', about: 'bucket', query: 'list-type', operation: listObjectsV2 },
  { method: 'POST', about: 'bucket', query: 'delete', operation: deleteObjects },
  { method: 'GET', about: 'bucket', operation: listObjects },
  { method: 'HEAD', about: 'bucket', operation: headBucket },
  { method: 'PUT', about: 'bucket', operation: createBucket },
  { method: 'DELETE', about: 'bucket', operation: deleteBucket },

  { method: 'POST', about: 'object', query: 'uploads', operation: createUpload },
  { method: 'POST', about: 'object', query: 'uploadId', operation: completeUpload },
  {
    method: 'PUT',
    about: 'object',
    query: 'uploadId',
    header: 'x-amz-copy-source',
    operation: uploadPartCopy,
  },
  { method: 'PUT', about: 'object', query: 'uploadId', operation: uploadPart },
  { method: 'GET', about: 'object', query: 'uploadId', operation: listParts },
  { method: 'DELETE', about: 'object', query: 'uploadId', operation: abortUpload },
  { method: 'GET', about: 'object', query: 'tagging', operation: getObjectTagging },
  { method: 'PUT', about: 'object', query: 'tagging', operation: putObjectTagging },
  { method: 'DELETE', about: 'object', query: 'tagging', operation: deleteObjectTagging },
  { method: 'PUT', about: 'object', header: 'x-amz-copy-source', operation: copyObject },
  { method: 'PUT', about: 'object', operation: putObject },
  { method: 'GET', about: 'object', operation: getObject },
  { method: 'HEAD', about: 'object', operation: getObject },
  { method: 'DELETE', about: 'object', operation: deleteObject },
];

/** What S3 has besides: a request for one of these must not be taken for something else (S3 API reference, list of actions). */
const otherResources = [
  'abac', 'accelerate', 'acl', 'analytics', 'annotation', 'attributes', 'cors', 'intelligent-tiering', 'inventory',
  'legal-hold', 'logging', 'metadataConfiguration', 'metadataTable', 'metrics', 'notification', 'object-lock',
  'renameObject', 'replication', 'requestPayment', 'restore', 'retention', 'select', 'session', 'torrent', 'versions',
  'website',
]; // prettier-ignore

export function createS3(s3: S3): ServiceHandler {
  return {
    service: 's3',

    async handle(request: SandboxRequest, response: ServerResponse): Promise<void> {
      setS3Ids(response, request.id);
      const { bucket, key } = locate(request);
      const operation = findOperation(request, bucket === '' ? 'service' : key === '' ? 'bucket' : 'object');
      checkOwner(s3, request);
      await operation(s3, { ...request, bucket, key }, response);
    },

    sendError: sendS3Error,
  };
}

function findOperation(request: SandboxRequest, about: Route['about']): Operation {
  const { method, query, headers } = request;
  const route = routes.find(
    (candidate) =>
      candidate.method === method &&
      candidate.about === about &&
      (candidate.query === undefined || query.has(candidate.query)) &&
      (candidate.header === undefined || candidate.header in headers),
  );
  const other = otherResources.find((name) => query.has(name));
  if (other !== undefined) throw notImplemented(`${method} of '?${other}'`);
  if (route !== undefined) return route.operation;
  if (routes.some((candidate) => candidate.about === about && query.has(candidate.query ?? ''))) {
    throw notImplemented(`${method} of '?${query.toString()}'`);
  }
  throw new ServiceError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
  );
}

/** Everything here belongs to one account; a client that expects another has the wrong bucket. */
function checkOwner(s3: S3, request: SandboxRequest): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = header(request, name);
    if (expected !== undefined && expected !== s3.account) {
      throw new ServiceError(403, 'AccessDenied', `The bucket does not belong to account ${expected}.`);
    }
  }
}
