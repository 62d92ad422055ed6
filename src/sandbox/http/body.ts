import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeChunked } from './chunked.ts';
import { ServiceError } from './http.ts';
import type { ChunkVerifier, WireRequest } from './signature.ts';
import { getOwn } from '../../ownMember.ts';

/** Bodies of all services but S3 are buffered: verifying the signature needs their hash. */
const maxBuffered = 10 * 1024 * 1024;

/** Reads a whole body. @throws ServiceError (413) if it is longer than `limit` bytes */
export async function readAll(body: AsyncIterable<Buffer>, limit: number = maxBuffered): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) {
      throw new ServiceError(
        413,
        'RequestEntityTooLargeException',
        `The body is longer than ${limit} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The bytes of a request. If reading stops early, the connection stays open for the error response. */
export function wireBody(message: IncomingMessage): AsyncIterable<Buffer> {
  return message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

const hexHash = /^[0-9a-f]{64}$/;

/**
 * The payload hash of an S3 request as the client signed it: a SHA-256 or a word such as `UNSIGNED-PAYLOAD`.
 *
 * @throws ServiceError if it is missing or unknown
 */
export function s3PayloadHash(request: WireRequest, presigned: boolean): string {
  const hash =
    request.headers.get('x-amz-content-sha256')?.[0] ??
    new URLSearchParams(request.query).get('X-Amz-Content-Sha256') ??
    (presigned ? 'UNSIGNED-PAYLOAD' : undefined);
  if (hash === undefined) {
    throw new ServiceError(
      400,
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  if (!hexHash.test(hash) && hash !== 'UNSIGNED-PAYLOAD' && !Object.hasOwn(streamingForms, hash)) {
    throw new ServiceError(
      400,
      'InvalidArgument',
      `x-amz-content-sha256 must be a SHA-256 in hex or one of UNSIGNED-PAYLOAD, ${Object.keys(streamingForms).join(', ')}.`,
    );
  }
  return hash;
}

const streamingForms: Record<string, { readonly signed: boolean; readonly trailers: boolean }> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailers: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailers: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailers: true },
};

/**
 * The payload of an S3 request, verified against `payloadHash` as it is read.
 *
 * @param trailers receives the trailers of an `aws-chunked` body
 */
export function s3Payload(
  source: AsyncIterable<Buffer>,
  request: WireRequest,
  payloadHash: string,
  verifier: ChunkVerifier,
  trailers: Map<string, string>,
): AsyncIterable<Buffer> {
  if (payloadHash === 'UNSIGNED-PAYLOAD') return source;
  const form = getOwn(streamingForms, payloadHash);
  if (form === undefined) return withHash(source, payloadHash);
  const length = Number(request.headers.get('x-amz-decoded-content-length')?.[0] ?? NaN);
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new ServiceError(
      411,
      'MissingContentLength',
      'You must provide the x-amz-decoded-content-length HTTP header.',
    );
  }
  const announced = request.headers.get('x-amz-trailer') ?? [];
  const framing = {
    verifier: form.signed ? verifier : undefined,
    trailerNames: form.trailers
      ? announced.flatMap((names) => names.split(',')).map((name) => name.trim().toLowerCase())
      : [],
    length,
  };
  return decodeChunked(source, framing, trailers);
}

async function* withHash(source: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== expected) {
    throw new ServiceError(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
}
