import type { ServerResponse } from 'node:http';
import type { Authority } from '../authority.ts';
import { readAll } from '../http/body.ts';
import type { SandboxRequest } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import { aclNotSupported, invalidArgument } from './s3Errors.ts';
import type { Encryption, ObjectSettings } from './model.ts';
import { encryptionAlgorithms, keptHeaders } from './model.ts';
import type { DataKeys } from '../kms/kms.ts';
import { receive, verifyingOnly } from './receive.ts';
import type { Store } from './s3Store.ts';
import { children, parseXml, textOf } from './xml.ts';
import type { XmlNode } from './xml.ts';
import { getOwn, setOwn } from '../../ownMember.ts';

/** A request to S3 with its bucket and key. */
export interface S3Request extends SandboxRequest {
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

/** The context of all operations. */
export interface S3 {
  readonly store: Store;
  readonly account: string;
  readonly authority: Authority;
  readonly keys: DataKeys;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type Operation = (s3: S3, request: S3Request, response: ServerResponse) => Promise<void> | void;

const maxDocument = 8 * 1024 * 1024;
const maxKeyBytes = 1024;
const maxMetadataBytes = 2048;

/** Reads bucket and key from the path (`/bucket/key`), or the bucket from the host name (`bucket.localhost`). */
export function locate(request: SandboxRequest): { bucket: string; key: string } {
  const host = /^(.+)\.(?:localhost|127\.0\.0\.1)(?::\d+)?$/i.exec(request.headers.host ?? '');
  const path = request.rawPath.slice(1);
  const slash = path.indexOf('/');
  const [rawBucket, rawKey] =
    host !== null ? [host[1]!, path] : slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
  const bucket = decodeURIComponent(rawBucket);
  const key = decodeURIComponent(rawKey);
  checkKey(key);
  return { bucket, key };
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > maxKeyBytes)
    throw new ServiceError(400, 'KeyTooLongError', 'Your key is too long', {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: maxKeyBytes,
    });
}

/** A header in Latin-1, so that sending it back gives the same bytes. */
export function header(request: SandboxRequest, name: string): string | undefined {
  return getOwn(request.headers, name)?.toString();
}

/** An integer in the query, at most `max`; `fallback` if it is absent. */
export function queryNumber(request: SandboxRequest, name: string, fallback: number, max: number): number {
  const text = request.query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2_147_483_647) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  return Math.min(value, max);
}

/** Reads and verifies the XML document of a request. */
export async function readDocument(
  request: S3Request,
  name: string,
): Promise<{ xml: string; root: XmlNode }> {
  const xml = (await readBody(request)).toString();
  return { xml, root: parseXml(xml, name) };
}

/** Reads and verifies a small body. */
export async function readBody(request: S3Request): Promise<Buffer> {
  const bytes = await readAll(request.body as AsyncIterable<Buffer>, maxDocument);
  await receive(request, [bytes], [], verifyingOnly);
  return bytes;
}

/** The settings of an object to create. @throws ServiceError if they are invalid or unsupported */
export function readSettings(request: S3Request, defaultEncryption: Encryption): ObjectSettings {
  const acl = header(request, 'x-amz-acl');
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control') {
    throw aclNotSupported();
  }
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of keptHeaders) {
    const value = header(request, name);
    if (value !== undefined) headers[name] = name === 'content-encoding' ? withoutFraming(value) : value;
  }
  if (headers['content-encoding'] === '') delete headers['content-encoding'];
  return {
    headers,
    metadata: readMetadata(request),
    encryption: readEncryption(request) ?? defaultEncryption,
    storageClass: readStorageClass(request),
    tags: readTagHeader(header(request, 'x-amz-tagging') ?? ''),
  };
}

/** S3 user guide, storage-class-intro. */
const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

function readStorageClass(request: SandboxRequest): string {
  const asked = header(request, 'x-amz-storage-class') ?? 'STANDARD';
  if (storageClasses.includes(asked)) return asked;
  throw new ServiceError(400, 'InvalidStorageClass', 'The storage class you specified is not valid', {
    StorageClassRequested: asked,
  });
}

export function readMetadata(request: SandboxRequest): Record<string, string> {
  const prefix = 'x-amz-meta-';
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const name of Object.keys(request.headers)) {
    if (!name.startsWith(prefix)) continue;
    const value = header(request, name) ?? '';
    setOwn(metadata, name.slice(prefix.length), value);
    bytes += name.length - prefix.length + value.length;
  }
  if (bytes > maxMetadataBytes) {
    throw new ServiceError(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      { Size: bytes, MaxSizeAllowed: maxMetadataBytes },
    );
  }
  return metadata;
}

/** The encryption requested in the headers. */
export function readEncryption(request: SandboxRequest): Encryption | undefined {
  const algorithm = header(request, 'x-amz-server-side-encryption');
  const keyId = header(request, 'x-amz-server-side-encryption-aws-kms-key-id');
  if (algorithm === undefined) {
    if (keyId === undefined) return undefined;
    throw invalidArgument(
      'A KMS key was given without x-amz-server-side-encryption: aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id',
      keyId,
    );
  }
  if (!encryptionAlgorithms.includes(algorithm)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if (algorithm === 'AES256') {
    if (keyId !== undefined)
      throw invalidArgument(
        'A KMS key goes with the encryption method aws:kms only',
        'x-amz-server-side-encryption-aws-kms-key-id',
        keyId,
      );
    return { algorithm };
  }
  const bucketKey = header(request, 'x-amz-server-side-encryption-bucket-key-enabled') === 'true';
  return { algorithm, ...(keyId === undefined ? {} : { keyId }), ...(bucketKey ? { bucketKey } : {}) };
}

export function setEncryption(response: ServerResponse, { algorithm, keyId, bucketKey }: Encryption): void {
  response.setHeader('x-amz-server-side-encryption', algorithm);
  if (keyId !== undefined) response.setHeader('x-amz-server-side-encryption-aws-kms-key-id', keyId);
  if (bucketKey === true) response.setHeader('x-amz-server-side-encryption-bucket-key-enabled', 'true');
}

function readTagHeader(text: string): Record<string, string> {
  return checkTags([...new URLSearchParams(text)]);
}

/** @throws ServiceError `InvalidTag` for too many or too long tags, duplicates, or names reserved for AWS (S3 API reference, Tag) */
function checkTags(pairs: readonly (readonly [string, string])[], maxTags = 10): Record<string, string> {
  const invalid = (message: string, name?: string): ServiceError =>
    new ServiceError(400, 'InvalidTag', message, name === undefined ? {} : { TagKey: name });
  if (pairs.length > maxTags) {
    if (maxTags > 10) throw invalid(`Bucket tag count cannot be greater than ${maxTags}`);
    throw new ServiceError(400, 'BadRequest', `Object tags cannot be greater than ${maxTags}`);
  }
  for (const [name, value] of pairs) {
    if (name === '' || name.length > 128 || !tagCharacters.test(name))
      throw invalid('The TagKey you have provided is invalid', name);
    if (value.length > 256 || !tagCharacters.test(value))
      throw invalid('The TagValue you have provided is invalid', name);
    if (/^aws:/i.test(name)) throw invalid('System tags cannot be added/updated by requester', name);
  }
  const repeated = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) < index);
  if (repeated !== undefined) throw invalid('Cannot provide multiple Tags with the same key', repeated[0]);
  return Object.fromEntries(pairs);
}

/** The tags of a `TagSet` in a document. */
export function readTagSet(root: XmlNode, maxTags?: number): Record<string, string> {
  const tags = children(root, 'TagSet').flatMap((set) => children(set, 'Tag'));
  return checkTags(
    tags.map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const),
    maxTags,
  );
}

const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** `aws-chunked` describes the transfer, not the object. */
function withoutFraming(encoding: string): string {
  return encoding
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked')
    .join(',');
}
