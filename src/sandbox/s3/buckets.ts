import { ServiceError } from '../http/http.ts';
import { requireOwnerEnforced } from './accessControl.ts';
import { invalidArgument, notImplemented, sendEmpty } from './s3Errors.ts';
import type { Encryption } from './model.ts';
import type { Operation } from './request.ts';
import { header, queryNumber, readBody } from './request.ts';
import type { Bucket } from './s3Store.ts';
import { buildXml, children, parseXml, sendXml, textOf } from './xml.ts';

const bucketName = /^(?!xn--)(?!(?:\d+\.){3}\d+$)(?!.*(?:\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const regionName = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
export const usEast1 = 'us-east-1';

/** Documents of a new bucket (S3 user guide, default encryption and block public access for new buckets). */
export const newDocuments = {
  encryption: buildXml('ServerSideEncryptionConfiguration', {
    Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
  }),
  publicAccessBlock: buildXml('PublicAccessBlockConfiguration', {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }),
  ownershipControls: buildXml('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
};

export const listBuckets: Operation = (s3, request, response) => {
  const { query } = request;
  const maxBuckets = queryNumber(request, 'max-buckets', 10_000, 10_000);
  const token = query.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString();
  const found = s3.store
    .buckets()
    .map(({ info }) => info)
    .filter(({ name, region }) => {
      const wanted = query.get('bucket-region') ?? region;
      return region === wanted && name.startsWith(query.get('prefix') ?? '') && name > after;
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = found.slice(0, maxBuckets);
  sendXml(response, 200, 'ListAllMyBucketsResult', {
    Owner: { ID: s3.account },
    Buckets: {
      Bucket: page.map(({ name, region, created }) => ({
        Name: name,
        CreationDate: new Date(created).toISOString(),
        BucketRegion: region,
      })),
    },
    ContinuationToken:
      page.length < found.length ? Buffer.from(page.at(-1)!.name).toString('base64url') : undefined,
    Prefix: query.get('prefix') ?? undefined,
  });
};

export const createBucket: Operation = async (s3, request, response) => {
  const { bucket: name } = request;
  if (!bucketName.test(name))
    throw new ServiceError(400, 'InvalidBucketName', 'The specified bucket is not valid.', {
      BucketName: name,
    });
  if (header(request, 'x-amz-bucket-object-lock-enabled') === 'true') throw notImplemented('Object Lock');
  const ownership = header(request, 'x-amz-object-ownership');
  if (ownership !== undefined) {
    requireOwnerEnforced(ownership, () =>
      invalidArgument('Invalid ObjectOwnership', 'x-amz-object-ownership', ownership),
    );
  }
  if ((header(request, 'x-amz-acl') ?? 'private') !== 'private') {
    throw new ServiceError(
      400,
      'InvalidBucketAclWithObjectOwnership',
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  }
  const body = await readBody(request);
  const root = body.length === 0 ? undefined : parseXml(body.toString(), 'CreateBucketConfiguration');
  const other = ['Bucket', 'Location', 'Tags'].find((name) => root && children(root, name).length > 0);
  if (other !== undefined) throw notImplemented(`${other} of CreateBucketConfiguration`);
  const asked = root && textOf(root, 'LocationConstraint');
  if (asked === undefined && request.region !== usEast1) {
    throw new ServiceError(
      400,
      'IllegalLocationConstraintException',
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    );
  }
  const region = asked === 'EU' ? 'eu-west-1' : (asked ?? usEast1);
  if (!regionName.test(region) || asked === usEast1) {
    throw new ServiceError(
      400,
      'InvalidLocationConstraint',
      'The specified location-constraint is not valid',
      { LocationConstraint: asked ?? '' },
    );
  }
  // The endpoint of us-east-1 creates buckets in all regions, other endpoints only in their own.
  if (request.region !== usEast1 && request.region !== region) {
    throw new ServiceError(
      400,
      'IllegalLocationConstraintException',
      `The ${region} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  const existing = s3.store.find(name);
  if (existing === undefined) s3.store.createBucket({ name, region, created: s3.now() }, newDocuments);
  // Only in us-east-1 does S3 succeed again.
  else if (request.region !== usEast1 || existing.info.region !== usEast1) {
    throw new ServiceError(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: name },
    );
  }
  response.setHeader('Location', `/${name}`);
  sendEmpty(response, 200);
};

export const headBucket: Operation = (s3, request, response) => {
  const { info } = s3.store.bucket(request.bucket);
  response.setHeader('x-amz-bucket-region', info.region);
  sendEmpty(response, 200);
};

export const deleteBucket: Operation = (s3, request, response) => {
  if (s3.store.bucket(request.bucket).objects.size > 0) {
    throw new ServiceError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
      BucketName: request.bucket,
    });
  }
  s3.store.deleteBucket(request.bucket);
  sendEmpty(response, 204);
};

export const getBucketLocation: Operation = (s3, request, response) => {
  const { region } = s3.store.bucket(request.bucket).info;
  sendXml(response, 200, 'LocationConstraint', region === usEast1 ? '' : region);
};

export const getBucketVersioning: Operation = (s3, request, response) => {
  const Status = s3.store.bucket(request.bucket).documents.get('versioning');
  sendXml(response, 200, 'VersioningConfiguration', Status === undefined ? '' : { Status });
};

export const putBucketVersioning: Operation = async (s3, request, response) => {
  s3.store.bucket(request.bucket);
  const root = parseXml((await readBody(request)).toString(), 'VersioningConfiguration');
  const status = textOf(root, 'Status');
  if (status === 'Enabled') throw notImplemented('versioning');
  s3.store.setDocument(request.bucket, 'versioning', status);
  sendEmpty(response, 200);
};

/** The encryption of objects without encryption headers. */
export function defaultEncryption(bucket: Bucket): Encryption {
  const document = bucket.documents.get('encryption');
  const standard: Encryption = { algorithm: 'AES256' };
  if (document === undefined) return standard;
  const [rule] = children(parseXml(document, 'ServerSideEncryptionConfiguration'), 'Rule');
  const [byDefault] = rule === undefined ? [] : children(rule, 'ApplyServerSideEncryptionByDefault');
  if (rule === undefined || byDefault === undefined) return standard;
  const algorithm = textOf(byDefault, 'SSEAlgorithm');
  if (algorithm === undefined) throw invalidArgument('SSEAlgorithm is missing');
  const keyId = textOf(byDefault, 'KMSMasterKeyID');
  const bucketKey = textOf(rule, 'BucketKeyEnabled') === 'true' && algorithm !== 'AES256';
  return { algorithm, ...(keyId === undefined ? {} : { keyId }), ...(bucketKey ? { bucketKey } : {}) };
}
