import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { actorOf, ServiceError } from '../http/http.ts';
import { authorizeRequest, isAllowed, requireReadable, useKey } from './access.ts';
import { defaultEncryption } from './buckets.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { checksumElement, checksumHeader } from './checksums.ts';
import { checkWrite, isNotModified, requireMatch } from './conditions.ts';
import { invalidArgument, invalidRequest, notImplemented, sendEmpty } from './s3Errors.ts';
import type { ObjectSettings, StoredObject } from './model.ts';
import type { Received } from './receive.ts';
import { checkLength, clientAlgorithm, receive } from './receive.ts';
import type { Operation, S3, S3Request } from './request.ts';
import { header, readDocument, readSettings, readTagSet, setEncryption } from './request.ts';
import { noSuchKey } from './s3Store.ts';
import type { XmlValue } from './xml.ts';
import { children, sendXml, textOf } from './xml.ts';

/** S3 stores this checksum if the client sends none. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME';

export const putObject: Operation = async (s3, request, response) => {
  const bucket = s3.store.bucket(request.bucket);
  checkLength(request);
  const settings = readSettings(request, defaultEncryption(bucket));
  useKey(s3, actorOf(request), settings.encryption, 'kms:GenerateDataKey');
  const algorithm = clientAlgorithm(request) ?? defaultAlgorithm;
  // Fail early, before the body is sent; checked again when the object is stored.
  checkWrite(request, bucket.objects.get(request.key), request.key);
  const received = await receive(request, request.body, [algorithm], s3.store.blobs);
  const object = newObject(request.key, received, algorithm, settings, s3.now());
  putChecked(s3, request, object);
  setWritten(response, object);
  sendEmpty(response, 200);
};

/** Stores the object unless a condition of the request fails by now. */
export function putChecked(s3: S3, request: S3Request, object: StoredObject): void {
  try {
    checkWrite(request, s3.store.bucket(request.bucket).objects.get(object.key), object.key);
  } catch (error) {
    s3.store.blobs.remove(object.blobs);
    throw error;
  }
  s3.store.put(request.bucket, object);
}

/** An object that was received as a whole. @param modified milliseconds since the epoch */
export function newObject(
  key: string,
  { blob, md5, checksums }: Received,
  algorithm: ChecksumAlgorithm,
  settings: ObjectSettings,
  modified: number,
): StoredObject {
  return {
    key,
    blobs: [blob],
    isMultipart: false,
    size: blob.size,
    // With KMS, S3's ETag isn't the MD5 but an opaque value.
    etag: settings.encryption.algorithm === 'AES256' ? md5 : randomBytes(16).toString('hex'),
    modified,
    checksum: { algorithm, type: 'FULL_OBJECT', value: checksums.get(algorithm)! },
    settings,
  };
}

/** Sets the response headers of a write. */
function setWritten(response: ServerResponse, object: StoredObject): void {
  response.setHeader('ETag', `"${object.etag}"`);
  setEncryption(response, object.settings.encryption);
  setChecksum(response, object);
}

function setChecksum(response: ServerResponse, { checksum }: StoredObject): void {
  response.setHeader(checksumHeader(checksum.algorithm), checksum.value);
  response.setHeader('x-amz-checksum-type', checksum.type);
}

/** GetObject and HeadObject. */
export const getObject: Operation = async (s3, request, response) => {
  const object = findObject(s3, request);
  if (request.method === 'GET') {
    requireReadable(object.settings.storageClass);
    useKey(s3, actorOf(request), object.settings.encryption, 'kms:Decrypt');
  }
  const slice = readSlice(request, object);
  // Errors must not carry the object's headers, such as its encoding.
  const isKnown = isNotModified(request, object);
  const overrides = readOverrides(request);
  setRead(request, response, object, overrides);
  if (isKnown) {
    sendEmpty(response, 304);
    return;
  }
  const { start, end } = slice ?? { start: 0, end: object.size };
  response.setHeader('Content-Length', end - start);
  if (slice !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${object.size}`);
  else if (header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') setChecksum(response, object);
  response.writeHead(slice === undefined ? 200 : 206);
  if (request.method === 'HEAD') response.end();
  else await pipeline(s3.store.blobs.read(object.blobs, start, end), response);
};

/** Only callers who may list the bucket learn that an object doesn't exist (S3 API reference, GetObject, permissions). */
function findObject(s3: S3, request: S3Request): StoredObject {
  const { bucket, key } = request;
  const object = s3.store.bucket(bucket).objects.get(key);
  if (object !== undefined) return object;
  if (isAllowed(s3, actorOf(request), 's3:ListBucket', { bucket })) throw noSuchKey(key);
  throw new ServiceError(403, 'AccessDenied', 'Access Denied');
}

const attributeNames = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

export const getObjectAttributes: Operation = (s3, request, response) => {
  authorizeRequest(s3, request, 's3:GetObject');
  const object = findObject(s3, request);
  const asked = (header(request, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !attributeNames.includes(name));
  if (unknown !== undefined)
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
  const { etag, checksum, settings, size, blobs, isMultipart, modified } = object;
  const all: Readonly<Record<string, XmlValue>> = {
    ETag: etag,
    Checksum: { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type },
    ObjectParts: isMultipart ? { PartsCount: blobs.length } : undefined,
    StorageClass: settings.storageClass,
    ObjectSize: size,
  };
  response.setHeader('Last-Modified', new Date(modified).toUTCString());
  const found = Object.entries(all).filter(([name]) => asked.includes(name));
  sendXml(response, 200, 'GetObjectAttributesOutput', Object.fromEntries(found));
};

/** Headers that the query replaces, such as `response-content-type`. @throws ServiceError for line breaks and the like */
function readOverrides({ query }: S3Request): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  for (const [name, value] of query) {
    const match = /^response-(cache-control|content-(?:disposition|encoding|language|type)|expires)$/.exec(
      name,
    );
    if (match === null) continue;
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
      throw invalidArgument('Header value cannot be represented using ISO-8859-1.', name, value);
    overrides.set(match[1]!, Buffer.from(value).toString('latin1'));
  }
  return overrides;
}

function setRead(
  request: S3Request,
  response: ServerResponse,
  object: StoredObject,
  overrides: ReadonlyMap<string, string>,
): void {
  const { headers, metadata, encryption, storageClass, tags } = object.settings;
  for (const [name, value] of [...Object.entries(headers), ...overrides]) response.setHeader(name, value);
  for (const [name, value] of Object.entries(metadata)) response.setHeader(`x-amz-meta-${name}`, value);
  setEncryption(response, encryption);
  if (storageClass !== 'STANDARD') response.setHeader('x-amz-storage-class', storageClass);
  const tagCount = Object.keys(tags).length;
  if (tagCount > 0) response.setHeader('x-amz-tagging-count', tagCount);
  if (request.query.has('partNumber') && object.isMultipart) {
    response.setHeader('x-amz-mp-parts-count', object.blobs.length);
  }
  response.setHeader('ETag', `"${object.etag}"`);
  response.setHeader('Last-Modified', new Date(object.modified).toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
}

/** The requested bytes; `undefined` for all. @throws ServiceError `InvalidRange`, `InvalidPartNumber` */
function readSlice(request: S3Request, object: StoredObject): { start: number; end: number } | undefined {
  const range = /^bytes=(\d*)-(\d*)$/.exec(header(request, 'range') ?? '');
  const partNumber = request.query.get('partNumber');
  if (partNumber !== null) {
    if (range !== null)
      throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
    return partSlice(Number(partNumber), object);
  }
  // S3 ignores malformed and multiple ranges.
  if (range === null || (range[1] === '' && range[2] === '')) return undefined;
  const [first, last] = [range[1]!, range[2]!];
  const start = first === '' ? Math.max(0, object.size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? object.size : Math.min(Number(last) + 1, object.size);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= object.size || (first === '' && Number(last) === 0)) {
    throw new ServiceError(416, 'InvalidRange', 'The requested range is not satisfiable', {
      RangeRequested: range[0],
      ActualObjectSize: object.size,
    });
  }
  return { start, end };
}

function partSlice(number: number, object: StoredObject): { start: number; end: number } | undefined {
  if (!Number.isInteger(number) || number < 1)
    throw invalidArgument('partNumber must be a positive integer', 'partNumber', number);
  const blob = object.blobs[number - 1];
  if (blob === undefined) {
    throw new ServiceError(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      ActualPartCount: object.blobs.length,
      PartNumberRequested: number,
    });
  }
  const start = object.blobs.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return object.size === 0 ? undefined : { start, end: start + blob.size };
}

export const deleteObject: Operation = (s3, request, response) => {
  const bucket = s3.store.bucket(request.bucket);
  checkWrite(request, bucket.objects.get(request.key), request.key);
  s3.store.delete(request.bucket, request.key);
  sendEmpty(response, 204);
};

/** DeleteObjects: up to 1000 keys at once. */
export const deleteObjects: Operation = async (s3, request, response) => {
  s3.store.bucket(request.bucket);
  if (request.headers['content-md5'] === undefined && clientAlgorithm(request) === undefined) {
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const { root } = await readDocument(request, 'Delete');
  const named = children(root, 'Object');
  if (
    named.length === 0 ||
    named.length > 1000 ||
    named.some((object) => (textOf(object, 'Key') ?? '') === '')
  ) {
    throw new ServiceError(400, 'MalformedXML', 'The document must name 1 to 1000 keys.');
  }
  if (
    named.some(
      (object) => textOf(object, 'Size') !== undefined || textOf(object, 'LastModifiedTime') !== undefined,
    )
  )
    throw notImplemented('deletion by size or time');
  const Deleted: XmlValue[] = [];
  const Error: XmlValue[] = [];
  for (const object of named) {
    const Key = textOf(object, 'Key')!;
    const VersionId = textOf(object, 'VersionId');
    try {
      deleteNamed(s3, request, Key, VersionId, textOf(object, 'ETag'));
      Deleted.push({ Key, VersionId });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Error.push({ Key, VersionId, Code: error.code, Message: error.message });
    }
  }
  const quiet = textOf(root, 'Quiet') === 'true';
  sendXml(response, 200, 'DeleteResult', { Deleted: quiet ? [] : Deleted, Error });
};

/** Deletes one of several objects. @throws ServiceError if that isn't allowed, or the version or ETag is another */
function deleteNamed(
  s3: S3,
  request: S3Request,
  key: string,
  version: string | undefined,
  etag: string | undefined,
): void {
  const { bucket } = request;
  if (!isAllowed(s3, actorOf(request), 's3:DeleteObject', { bucket, key }))
    throw new ServiceError(403, 'AccessDenied', 'Access Denied');
  checkVersion(version);
  if (etag !== undefined) requireMatch(etag, s3.store.bucket(bucket).objects.get(key), key);
  s3.store.delete(bucket, key);
}

/** Without versioning, an object's only version is called `null`. @throws ServiceError `NoSuchVersion` for another */
export function checkVersion(version: string | undefined): void {
  if (version === undefined || version === 'null') return;
  throw new ServiceError(404, 'NoSuchVersion', 'The specified version does not exist.');
}

export const getObjectTagging: Operation = (s3, request, response) => {
  const { settings } = s3.store.object(request.bucket, request.key);
  const Tag = Object.entries(settings.tags).map(([Key, Value]) => ({ Key, Value }));
  sendXml(response, 200, 'Tagging', { TagSet: { Tag } });
};

export const putObjectTagging: Operation = async (s3, request, response) => {
  const { root } = await readDocument(request, 'Tagging');
  setTags(s3, request, readTagSet(root));
  sendEmpty(response, 200);
};

export const deleteObjectTagging: Operation = (s3, request, response) => {
  setTags(s3, request, {});
  sendEmpty(response, 204);
};

function setTags(s3: S3, request: S3Request, tags: Record<string, string>): void {
  const { settings } = s3.store.object(request.bucket, request.key);
  s3.store.update(request.bucket, request.key, { ...settings, tags });
}
