import { createHash, randomBytes } from 'node:crypto';
import { actorOf, ServiceError } from '../http/http.ts';
import { useKey } from './access.ts';
import { readAll } from '../http/body.ts';
import { defaultEncryption } from './buckets.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import { checksumElement, checksumHeader, checksumTypes, combineChecksums } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { readCopySource } from './copy.ts';
import { invalidArgument, invalidRequest, sendEmpty } from './s3Errors.ts';
import type { Part, StoredObject, Upload } from './model.ts';
import { defaultAlgorithm } from './objectHandlers.ts';
import type { Received } from './receive.ts';
import { checkLength, clientAlgorithm, receive, requestedAlgorithm, storeStream } from './receive.ts';
import type { Operation, S3, S3Request } from './request.ts';
import { header, queryNumber, readSettings, setEncryption } from './request.ts';
import type { XmlNode } from './xml.ts';
import { children, malformedXml, parseXml, sendXml, textOf } from './xml.ts';

const minPartSize = 5 * 1024 * 1024;
const maxParts = 10_000;

export const createUpload: Operation = (s3, request, response) => {
  const bucket = s3.store.bucket(request.bucket);
  const requested = requestedAlgorithm(request);
  const algorithm = requested ?? defaultAlgorithm;
  const settings = readSettings(request, defaultEncryption(bucket));
  useKey(s3, actorOf(request), settings.encryption, 'kms:GenerateDataKey');
  const upload: Upload = {
    id: randomBytes(32).toString('base64url'),
    key: request.key,
    initiated: s3.now(),
    settings,
    checksumAlgorithm: algorithm,
    checksumType: readType(request, algorithm),
    checksumRequested: requested !== undefined,
  };
  s3.store.beginUpload(request.bucket, upload);
  setEncryption(response, upload.settings.encryption);
  if (upload.checksumRequested) {
    response.setHeader('x-amz-checksum-algorithm', algorithm);
    response.setHeader('x-amz-checksum-type', upload.checksumType);
  }
  sendXml(response, 200, 'InitiateMultipartUploadResult', {
    Bucket: request.bucket,
    Key: upload.key,
    UploadId: upload.id,
  });
};

function readType(request: S3Request, algorithm: ChecksumAlgorithm): ChecksumType {
  const allowed = checksumTypes(algorithm);
  const asked = header(request, 'x-amz-checksum-type')?.toUpperCase() ?? allowed[0];
  const type = allowed.find((candidate) => candidate === asked);
  if (type !== undefined) return type;
  throw invalidRequest(`The ${asked} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
}

export const uploadPart: Operation = async (s3, request, response) => {
  const { upload } = findUpload(s3, request);
  useKeyOf(s3, request, upload);
  const number = readPartNumber(request);
  checkLength(request);
  const algorithm = clientAlgorithm(request);
  if (upload.checksumRequested && algorithm !== undefined && algorithm !== upload.checksumAlgorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksumAlgorithm.toLowerCase()}, ` +
        `actual checksum Type: ${algorithm.toLowerCase()}`,
    );
  }
  const received = await receive(request, request.body, [upload.checksumAlgorithm], s3.store.blobs);
  const part = putPart(s3, request, upload, number, received);
  response.setHeader('ETag', `"${part.etag}"`);
  const answered = algorithm ?? upload.checksumAlgorithm;
  response.setHeader(checksumHeader(answered), received.checksums.get(answered)!);
  setEncryption(response, upload.settings.encryption);
  sendEmpty(response, 200);
};

export const uploadPartCopy: Operation = async (s3, request, response) => {
  const { upload } = findUpload(s3, request);
  useKeyOf(s3, request, upload);
  const number = readPartNumber(request);
  const { object } = readCopySource(s3, request);
  const { start, end } = readCopyRange(request, object);
  const bytes = s3.store.blobs.read(object.blobs, start, end);
  const received = await storeStream(bytes, [upload.checksumAlgorithm], s3.store.blobs);
  const part = putPart(s3, request, upload, number, received);
  setEncryption(response, upload.settings.encryption);
  sendXml(response, 200, 'CopyPartResult', {
    LastModified: new Date(part.modified).toISOString(),
    ETag: `"${part.etag}"`,
    [checksumElement(upload.checksumAlgorithm)]: part.checksum,
  });
};

function putPart(s3: S3, request: S3Request, upload: Upload, number: number, received: Received): Part {
  const { blob, md5, checksums } = received;
  const checksum = checksums.get(upload.checksumAlgorithm)!;
  const part: Part = { number, blob, etag: md5, modified: s3.now(), checksum };
  s3.store.putPart(request.bucket, upload, part);
  return part;
}

function readCopyRange(request: S3Request, source: StoredObject): { start: number; end: number } {
  const range = header(request, 'x-amz-copy-source-range');
  if (range === undefined) return { start: 0, end: source.size };
  const match = /^bytes=(\d+)-(\d+)$/.exec(range);
  if (match === null) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last',
      'x-amz-copy-source-range',
      range,
    );
  }
  const [start, end] = [Number(match[1]), Number(match[2]) + 1];
  if (start < end && end <= source.size) return { start, end };
  throw invalidArgument(
    `Range specified is not valid for source object of size: ${source.size}`,
    'x-amz-copy-source-range',
    range,
  );
}

export const abortUpload: Operation = (s3, request, response) => {
  s3.store.abortUpload(request.bucket, findUpload(s3, request).upload);
  sendEmpty(response, 204);
};

export const listParts: Operation = (s3, request, response) => {
  const { upload, parts } = findUpload(s3, request);
  const limit = queryNumber(request, 'max-parts', 1000, 1000);
  const marker = queryNumber(request, 'part-number-marker', 0, maxParts);
  const found = [...parts.values()]
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const page = found.slice(0, limit);
  const isTruncated = page.length < found.length;
  sendXml(response, 200, 'ListPartsResult', {
    Bucket: request.bucket,
    Key: upload.key,
    UploadId: upload.id,
    Initiator: { ID: s3.account },
    Owner: { ID: s3.account },
    StorageClass: upload.settings.storageClass,
    PartNumberMarker: marker,
    NextPartNumberMarker: isTruncated ? page.at(-1)?.number : undefined,
    MaxParts: limit,
    IsTruncated: isTruncated,
    ChecksumAlgorithm: upload.checksumAlgorithm,
    ChecksumType: upload.checksumType,
    Part: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modified).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.blob.size,
      [checksumElement(upload.checksumAlgorithm)]: part.checksum,
    })),
  });
};

export const completeUpload: Operation = async (s3, request, response) => {
  const root = parseXml(
    (await readAll(request.body as AsyncIterable<Buffer>)).toString(),
    'CompleteMultipartUpload',
  );
  const object = completedBefore(s3, request, root) ?? complete(s3, request, root);
  const { algorithm, type, value } = object.checksum;
  setEncryption(response, object.settings.encryption);
  sendXml(response, 200, 'CompleteMultipartUploadResult', {
    Location: `http://${request.headers.host ?? ''}/${request.bucket}/${encodeURIComponent(object.key)}`,
    Bucket: request.bucket,
    Key: object.key,
    ETag: `"${object.etag}"`,
    [checksumElement(algorithm)]: value,
    ChecksumType: type,
  });
};

/** The object, if this upload was already completed with these parts: a client that lost the response tries again. */
function completedBefore(s3: S3, request: S3Request, root: XmlNode): StoredObject | undefined {
  const object = s3.store.bucket(request.bucket).objects.get(request.key);
  if (object?.uploadId === undefined || object.uploadId !== request.query.get('uploadId')) return undefined;
  const etags = children(root, 'Part').map((part) => ({
    etag: (textOf(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  if (multipartEtag(etags) === object.etag) return object;
  throw invalidPart(object.uploadId);
}

function complete(s3: S3, request: S3Request, root: XmlNode): StoredObject {
  const { upload, parts: all } = findUpload(s3, request);
  useKeyOf(s3, request, upload);
  const parts = readParts(root, upload, all);
  const size = parts.reduce((sum, part) => sum + part.blob.size, 0);
  const value = combineChecksums(
    upload.checksumAlgorithm,
    upload.checksumType,
    parts.map((part) => ({ value: part.checksum, size: part.blob.size })),
  );
  checkWhole(request, upload, value, size);
  checkWrite(request, s3.store.bucket(request.bucket).objects.get(upload.key), upload.key);
  const object: StoredObject = {
    key: upload.key,
    blobs: parts.map((part) => part.blob),
    isMultipart: true,
    size,
    etag: multipartEtag(parts),
    modified: s3.now(),
    checksum: { algorithm: upload.checksumAlgorithm, type: upload.checksumType, value },
    settings: upload.settings,
    uploadId: upload.id,
  };
  s3.store.completeUpload(request.bucket, upload, object);
  return object;
}

function invalidPart(uploadId: string, details: Record<string, string | number> = {}): ServiceError {
  return new ServiceError(
    400,
    'InvalidPart',
    'One or more of the specified parts could not be found. The part may not have been uploaded, ' +
      "or the specified entity tag may not match the part's entity tag.",
    { UploadId: uploadId, ...details },
  );
}

/** The parts that the client names, checked against the uploaded ones. */
function readParts(root: XmlNode, upload: Upload, all: ReadonlyMap<number, Part>): readonly Part[] {
  const nodes = children(root, 'Part');
  if (nodes.length === 0 || nodes.length > maxParts) throw malformedXml();
  let last = 0;
  return nodes.map((node, index) => {
    const number = Number(textOf(node, 'PartNumber'));
    if (!Number.isInteger(number) || number < 1) throw malformedXml();
    if (number <= last) {
      throw new ServiceError(
        400,
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    last = number;
    const part = all.get(number);
    const etag = textOf(node, 'ETag')?.replaceAll('"', '');
    const checksum = textOf(node, checksumElement(upload.checksumAlgorithm));
    if (part?.etag !== etag || part === undefined || (checksum !== undefined && checksum !== part.checksum)) {
      throw invalidPart(upload.id, { PartNumber: number, ...(etag !== undefined && { ETag: etag }) });
    }
    if (checksum === undefined && upload.checksumRequested && upload.checksumType === 'COMPOSITE') {
      throw invalidRequest(
        `The upload was created using a ${upload.checksumAlgorithm.toLowerCase()} checksum. The complete request ` +
          `must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    if (index < nodes.length - 1 && part.blob.size < minPartSize) {
      throw new ServiceError(
        400,
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        { ProposedSize: part.blob.size, MinSizeAllowed: minPartSize, PartNumber: number, ETag: part.etag },
      );
    }
    return part;
  });
}

/** Checks the client's headers for the complete object. */
function checkWhole(request: S3Request, upload: Upload, checksum: string, size: number): void {
  const type = header(request, 'x-amz-checksum-type')?.toUpperCase();
  if (type !== undefined && type !== upload.checksumType) {
    throw invalidRequest(
      `The upload was created using the ${upload.checksumType} checksum mode. ` +
        `The complete request must use the same checksum mode.`,
    );
  }
  const claimed = header(request, checksumHeader(upload.checksumAlgorithm));
  if (claimed !== undefined && claimed !== checksum) {
    throw new ServiceError(
      400,
      'BadDigest',
      `The ${upload.checksumAlgorithm} you specified did not match the calculated checksum.`,
      { ExpectedDigest: claimed, CalculatedDigest: checksum },
    );
  }
  const claimedSize = header(request, 'x-amz-mp-object-size');
  if (claimedSize !== undefined && Number(claimedSize) !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${claimedSize} does not match what was computed: ${size}`,
    );
  }
}

function multipartEtag(parts: readonly Pick<Part, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function findUpload(s3: S3, request: S3Request): { upload: Upload; parts: Map<number, Part> } {
  return s3.store.upload(request.bucket, request.key, request.query.get('uploadId') ?? '');
}

/** S3 decrypts parts to add to an upload (S3 user guide, mpuoverview, permissions). @throws ServiceError if the key can't be used */
function useKeyOf(s3: S3, request: S3Request, { settings }: Upload): void {
  useKey(s3, actorOf(request), settings.encryption, 'kms:Decrypt');
}

function readPartNumber(request: S3Request): number {
  const asked = request.query.get('partNumber') ?? '';
  const number = Number(asked);
  if (Number.isInteger(number) && number >= 1 && number <= maxParts) return number;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${maxParts}, inclusive`,
    'partNumber',
    asked,
  );
}
