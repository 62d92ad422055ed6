import { actorOf, ServiceError } from '../http/http.ts';
import { authorize, requireReadable, useKey } from './access.ts';
import { defaultEncryption } from './buckets.ts';
import { checksumElement } from './checksums.ts';
import { checkCopySource } from './conditions.ts';
import { invalidArgument, invalidRequest, notImplemented } from './s3Errors.ts';
import type { ObjectSettings, StoredObject } from './model.ts';
import { newObject, putChecked } from './objectHandlers.ts';
import { requestedAlgorithm, storeStream } from './receive.ts';
import type { Operation, S3, S3Request } from './request.ts';
import { header, readEncryption, readSettings, setEncryption } from './request.ts';
import { sendXml } from './xml.ts';

const maxCopyBytes = 5 * 1024 ** 3;

export interface CopySource {
  readonly bucket: string;
  readonly object: StoredObject;
}

/** Reads `x-amz-copy-source` and checks its conditions. @throws ServiceError if the source doesn't exist or a condition fails */
export function readCopySource(s3: S3, request: S3Request): CopySource {
  const source = header(request, 'x-amz-copy-source') ?? '';
  const [path = '', query] = source.split(/\?(.*)/s, 2);
  const version = new URLSearchParams(query ?? '').get('versionId');
  if (version !== null && version !== 'null') throw notImplemented('versions of objects');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decodeSource(path));
  if (match === null)
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      source,
    );
  const [, bucket, key] = match;
  const actor = actorOf(request);
  authorize(s3, actor, 's3:GetObject', { bucket: bucket!, key: key! });
  const object = s3.store.object(bucket!, key!);
  requireReadable(object.settings.storageClass);
  useKey(s3, actor, object.settings.encryption, 'kms:Decrypt');
  checkCopySource(request, object);
  return { bucket: bucket!, object };
}

function decodeSource(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument('Copy Source is not URL-encoded', 'x-amz-copy-source', path);
  }
}

export const copyObject: Operation = async (s3, request, response) => {
  const source = readCopySource(s3, request);
  const { object } = source;
  if (object.size > maxCopyBytes) {
    throw invalidRequest(
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    );
  }
  const settings = copiedSettings(s3, request, source);
  useKey(s3, actorOf(request), settings.encryption, 'kms:GenerateDataKey');
  const algorithm = requestedAlgorithm(request) ?? object.checksum.algorithm;
  const bytes = s3.store.blobs.read(object.blobs, 0, object.size);
  const received = await storeStream(bytes, [algorithm], s3.store.blobs);
  const copy = newObject(request.key, received, algorithm, settings, s3.now());
  putChecked(s3, request, copy);
  setEncryption(response, settings.encryption);
  sendXml(response, 200, 'CopyObjectResult', {
    LastModified: new Date(copy.modified).toISOString(),
    ETag: `"${copy.etag}"`,
    [checksumElement(algorithm)]: copy.checksum.value,
    ChecksumType: copy.checksum.type,
  });
};

function copiedSettings(s3: S3, request: S3Request, source: CopySource): ObjectSettings {
  const bucket = s3.store.bucket(request.bucket);
  const given = readSettings(request, defaultEncryption(bucket));
  const replacesMetadata = readDirective(request, 'x-amz-metadata-directive');
  const replacesTags = readDirective(request, 'x-amz-tagging-directive');
  const changesNothing =
    source.bucket === request.bucket &&
    source.object.key === request.key &&
    !replacesMetadata &&
    !replacesTags &&
    readEncryption(request) === undefined &&
    header(request, 'x-amz-storage-class') === undefined;
  if (changesNothing) {
    throw new ServiceError(
      400,
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
        "object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const { headers, metadata, tags } = source.object.settings;
  return {
    ...given,
    ...(replacesMetadata ? {} : { headers, metadata }),
    ...(replacesTags ? {} : { tags }),
  };
}

/** True for `REPLACE`, false for `COPY`, the default. */
function readDirective(request: S3Request, name: string): boolean {
  const directive = header(request, name) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE')
    throw invalidArgument(`Unknown ${name}: ${directive}`, name, directive);
  return directive === 'REPLACE';
}
