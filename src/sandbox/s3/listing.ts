import { invalidArgument } from './s3Errors.ts';
import type { KeyIndex } from './keys.ts';
import { compareKeys } from './keys.ts';
import type { StoredObject } from './model.ts';
import type { Operation, S3, S3Request } from './request.ts';
import { queryNumber } from './request.ts';
import type { XmlValue } from './xml.ts';
import { sendXml } from './xml.ts';

const maxKeys = 1000;

export interface ListQuery {
  readonly prefix: string;
  /** Groups keys that contain it after the prefix into common prefixes; empty for none. */
  readonly delimiter: string;
  /** Lists only keys and common prefixes after this one. */
  readonly after: string;
  readonly limit: number;
}

export interface Page {
  readonly objects: readonly StoredObject[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix of the page, if there are more pages. */
  readonly next: string | undefined;
}

/** One page of a listing. The cost depends on the page, not on the bucket. */
export function listPage(index: KeyIndex<StoredObject>, query: ListQuery): Page {
  const { prefix, delimiter, after, limit } = query;
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  let position = compareKeys(after, prefix) >= 0 ? index.after(after) : index.from(prefix);
  for (;;) {
    const key = index.at(position);
    if (key?.startsWith(prefix) !== true) return { objects, prefixes, next: undefined };
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const folded = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    // `after` may be a common prefix of the previous page.
    const isNew = folded !== after;
    if (isNew && objects.length + prefixes.length >= limit) return { objects, prefixes, next: last };
    if (folded === undefined) objects.push(index.get(key)!);
    else if (isNew) prefixes.push(folded);
    last = folded ?? key;
    position = folded === undefined ? position + 1 : index.afterPrefix(folded);
  }
}

export const listObjectsV2: Operation = (s3, request, response) => {
  const { query } = request;
  const startAfter = query.get('start-after') ?? '';
  const token = query.get('continuation-token');
  const encode = encoder(request);
  const list = readList(request, token === null ? startAfter : readToken(token));
  const page = listPage(s3.store.bucket(request.bucket).objects, list);
  sendXml(response, 200, 'ListBucketResult', {
    Name: request.bucket,
    Prefix: encode(list.prefix),
    Delimiter: optional(list.delimiter, encode),
    MaxKeys: list.limit,
    EncodingType: query.get('encoding-type') ?? undefined,
    KeyCount: page.objects.length + page.prefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.next === undefined ? undefined : writeToken(page.next),
    StartAfter: optional(startAfter, encode),
    ...pageXml(s3, page, encode, query.get('fetch-owner') === 'true'),
  });
};

/** ListObjects, the first version. */
export const listObjects: Operation = (s3, request, response) => {
  const { query } = request;
  const encode = encoder(request);
  const list = readList(request, query.get('marker') ?? '');
  const page = listPage(s3.store.bucket(request.bucket).objects, list);
  sendXml(response, 200, 'ListBucketResult', {
    Name: request.bucket,
    Prefix: encode(list.prefix),
    Marker: encode(list.after),
    // Without a delimiter, clients continue from the last key.
    NextMarker: page.next === undefined || list.delimiter === '' ? undefined : encode(page.next),
    Delimiter: optional(list.delimiter, encode),
    MaxKeys: list.limit,
    EncodingType: query.get('encoding-type') ?? undefined,
    IsTruncated: page.next !== undefined,
    ...pageXml(s3, page, encode, true),
  });
};

/** ListObjectVersions: without versioning, each object has one version, called `null`. */
export const listVersions: Operation = (s3, request, response) => {
  const { query } = request;
  const encode = encoder(request);
  const list = readList(request, query.get('key-marker') ?? '');
  const page = listPage(s3.store.bucket(request.bucket).objects, list);
  sendXml(response, 200, 'ListVersionsResult', {
    Name: request.bucket,
    Prefix: encode(list.prefix),
    KeyMarker: encode(list.after),
    VersionIdMarker: query.get('version-id-marker') ?? '',
    NextKeyMarker: page.next === undefined ? undefined : encode(page.next),
    NextVersionIdMarker: page.next === undefined ? undefined : 'null',
    Delimiter: optional(list.delimiter, encode),
    MaxKeys: list.limit,
    EncodingType: query.get('encoding-type') ?? undefined,
    IsTruncated: page.next !== undefined,
    Version: page.objects.map((object) => ({
      Key: encode(object.key),
      VersionId: 'null',
      IsLatest: true,
      LastModified: new Date(object.modified).toISOString(),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum.algorithm,
      ChecksumType: object.checksum.type,
      Size: object.size,
      Owner: { ID: s3.account },
      StorageClass: object.settings.storageClass,
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
};

/** ListMultipartUploads. */
export const listUploads: Operation = (s3, request, response) => {
  const { query } = request;
  const encode = encoder(request);
  const limit = queryNumber(request, 'max-uploads', maxKeys, maxKeys);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  if (delimiter !== '')
    throw invalidArgument("The sandbox's ListMultipartUploads doesn't support a delimiter.");
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const found = [...s3.store.bucket(request.bucket).uploads.values()]
    .map(({ upload }) => upload)
    .filter(({ key, id }) => {
      if (!key.startsWith(prefix)) return false;
      const order = compareKeys(key, keyMarker);
      return keyMarker === '' || order > 0 || (order === 0 && idMarker !== '' && id > idMarker);
    })
    .sort((a, b) => compareKeys(a.key, b.key) || (a.id < b.id ? -1 : 1));
  const page = found.slice(0, limit);
  const isTruncated = page.length < found.length;
  sendXml(response, 200, 'ListMultipartUploadsResult', {
    Bucket: request.bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: isTruncated ? encode(page.at(-1)?.key ?? '') : undefined,
    NextUploadIdMarker: isTruncated ? (page.at(-1)?.id ?? '') : undefined,
    Prefix: encode(prefix),
    EncodingType: query.get('encoding-type') ?? undefined,
    MaxUploads: limit,
    IsTruncated: isTruncated,
    Upload: page.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: { ID: s3.account },
      Owner: { ID: s3.account },
      StorageClass: upload.settings.storageClass,
      Initiated: new Date(upload.initiated).toISOString(),
      ChecksumAlgorithm: upload.checksumAlgorithm,
      ChecksumType: upload.checksumType,
    })),
  });
};

function readList(request: S3Request, after: string): ListQuery {
  return {
    prefix: request.query.get('prefix') ?? '',
    delimiter: request.query.get('delimiter') ?? '',
    after,
    limit: queryNumber(request, 'max-keys', maxKeys, maxKeys),
  };
}

function pageXml(
  s3: S3,
  page: Page,
  encode: (key: string) => string,
  withOwner: boolean,
): { [name: string]: XmlValue } {
  return {
    Contents: page.objects.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modified).toISOString(),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum.algorithm,
      ChecksumType: object.checksum.type,
      Size: object.size,
      StorageClass: object.settings.storageClass,
      Owner: withOwner ? { ID: s3.account } : undefined,
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

/** Encodes keys for the response: `encoding-type=url` is for keys that XML can't represent. */
function encoder(request: S3Request): (key: string) => string {
  const type = request.query.get('encoding-type');
  if (type === null) return (key) => key;
  if (type !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  // S3 encodes as forms do, except for slashes.
  return (key) => new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');
}

const optional = (text: string, encode: (key: string) => string): string | undefined =>
  text === '' ? undefined : encode(text);

const writeToken = (key: string): string => Buffer.from(`1${key}`).toString('base64');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('1'))
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return text.slice(1);
}
