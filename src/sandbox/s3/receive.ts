import { ServiceError } from '../http/http.ts';
import type { SandboxRequest } from '../http/http.ts';
import type { Blobs } from './blobs.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { Digests, isChecksumAlgorithm } from './checksums.ts';
import { invalidRequest, notImplemented } from './s3Errors.ts';
import type { Blob } from './model.ts';
import { getOwn } from '../../ownMember.ts';

const maxBytes = 5 * 1024 ** 3;

export interface Received {
  readonly blob: Blob;
  /** Hex. */
  readonly md5: string;
  /** Base64, of the required algorithms and the client's own. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
}

type Sink = Pick<Blobs, 'write' | 'remove'>;

/** Discards the bytes, for callers that already have them. */
export const verifyingOnly: Sink = {
  async write(body) {
    let size = 0;
    for await (const chunk of body) size += chunk.length;
    return { id: '', size };
  },
  remove: () => undefined,
};

/** A checksum sent by the client, as a header or a trailer. */
interface ClientChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly header: string;
  /** `undefined` if it is in a trailer. */
  readonly value: string | undefined;
}

/**
 * Receives the body of a request and verifies its length, Content-MD5 and checksum.
 *
 * @param wanted algorithms to compute in addition to the client's
 * @throws ServiceError `BadDigest`, `IncompleteBody`, …; nothing is stored then
 */
export async function receive(
  request: SandboxRequest,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  wanted: readonly ChecksumAlgorithm[],
  sink: Sink,
): Promise<Received> {
  const client = readClientChecksum(request);
  const md5 = readMd5(request);
  const received = await storeStream(
    body,
    client === undefined ? wanted : [...wanted, client.algorithm],
    sink,
  );
  try {
    if (md5 !== undefined && md5 !== received.checksums.get('MD5')) {
      throw new ServiceError(
        400,
        'BadDigest',
        'The Content-MD5 you specified did not match what we received.',
      );
    }
    if (client !== undefined) verify(client, request, received.checksums.get(client.algorithm)!);
    return received;
  } catch (error) {
    sink.remove([received.blob]);
    throw error;
  }
}

/** Stores bytes without client checksums, such as those of a copy. */
export async function storeStream(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  wanted: readonly ChecksumAlgorithm[],
  sink: Sink,
): Promise<Received> {
  const digests = new Digests<ChecksumAlgorithm>(new Set([...wanted, 'MD5' as const]));
  const blob = await sink.write(digested(body, digests));
  const checksums = digests.values();
  return { blob, md5: Buffer.from(checksums.get('MD5')!, 'base64').toString('hex'), checksums };
}

/** The algorithm of the client's checksum. @throws ServiceError if the checksum headers contradict each other */
export function clientAlgorithm(request: SandboxRequest): ChecksumAlgorithm | undefined {
  return readClientChecksum(request)?.algorithm;
}

/** The algorithm that the client requests for a new object. @throws ServiceError if the sandbox doesn't support it */
export function requestedAlgorithm(request: SandboxRequest): ChecksumAlgorithm | undefined {
  const name = request.headers['x-amz-checksum-algorithm']?.toString().toUpperCase();
  if (name === undefined || isChecksumAlgorithm(name)) return name;
  throw notImplemented(`the checksum algorithm ${name}`);
}

/** Rejects bodies that are too large before they are sent. @throws ServiceError `EntityTooLarge`, `MissingContentLength` */
export function checkLength(request: SandboxRequest): void {
  const length = request.headers['x-amz-decoded-content-length'] ?? request.headers['content-length'];
  if (length === undefined) {
    throw new ServiceError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(length) > maxBytes) {
    throw new ServiceError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
}

async function* digested(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  digests: Digests<ChecksumAlgorithm>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    digests.update(chunk);
    yield chunk;
  }
}

function readClientChecksum(request: SandboxRequest): ClientChecksum | undefined {
  const announced = (request.headers['x-amz-trailer'] ?? '').toString().toLowerCase().split(',');
  const trailers = announced.map((name) => name.trim()).filter((name) => name.startsWith('x-amz-checksum-'));
  const headers = Object.keys(request.headers).filter(
    (name) =>
      name.startsWith('x-amz-checksum-') &&
      !['x-amz-checksum-algorithm', 'x-amz-checksum-type', 'x-amz-checksum-mode'].includes(name),
  );
  const [name, ...more] = [...headers, ...trailers];
  const asked = request.headers['x-amz-sdk-checksum-algorithm']?.toString().toUpperCase();
  if (more.length > 0) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  if (name === undefined) {
    if (asked === undefined || request.headers['content-md5'] !== undefined) return undefined;
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const algorithm = name.slice('x-amz-checksum-'.length).toUpperCase();
  if (!isChecksumAlgorithm(algorithm)) {
    throw notImplemented(`the checksum algorithm ${algorithm}`);
  }
  if (asked !== undefined && asked !== algorithm) {
    throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  }
  return { algorithm, header: name, value: getOwn(request.headers, name)?.toString() };
}

function verify(client: ClientChecksum, request: SandboxRequest, computed: string): void {
  const claimed = client.value ?? request.trailers.get(client.header);
  if (claimed === computed) return;
  const length = Buffer.from(computed, 'base64').length;
  if (claimed === undefined || Buffer.from(claimed, 'base64').length !== length) {
    throw invalidRequest(`Value for ${client.header} header is invalid.`);
  }
  throw new ServiceError(
    400,
    'BadDigest',
    `The ${client.algorithm} you specified did not match the calculated checksum.`,
  );
}

function readMd5(request: SandboxRequest): string | undefined {
  const md5 = request.headers['content-md5']?.toString();
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) {
    throw new ServiceError(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.', {
      'Content-MD5': md5,
    });
  }
  return md5;
}
