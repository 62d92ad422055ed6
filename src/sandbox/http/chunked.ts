import { createHash } from 'node:crypto';
import { ServiceError } from './http.ts';
import type { ChunkVerifier } from './signature.ts';

/** How the body of an `aws-chunked` request is framed (S3 API reference, sigv4-streaming and sigv4-streaming-trailers). */
interface Framing {
  /** Absent if neither chunks nor trailers are signed. */
  readonly verifier: ChunkVerifier | undefined;
  /** Names announced in `x-amz-trailer`, in lower case. */
  readonly trailerNames: readonly string[];
  /** `x-amz-decoded-content-length`: payload bytes without framing. */
  readonly length: number;
}

const maxLine = 16 * 1024;
const trailerSignature = 'x-amz-trailer-signature';

/**
 * Decodes `aws-chunked` framing: yields the payload as it arrives and verifies each chunk at its end.
 *
 * @param trailers receives the trailers
 * @throws ServiceError if the framing is broken, the length differs from the announced one, or a signature doesn't match
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  framing: Framing,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new Reader(source[Symbol.asyncIterator]());
  const { verifier } = framing;
  let received = 0;
  for (;;) {
    const { size, signature } = parseChunkHead(await reader.line());
    received += size;
    if (received > framing.length) throw incomplete();
    const hash = verifier === undefined ? undefined : createHash('sha256');
    for (let left = size; left > 0;) {
      const piece = await reader.some(left);
      left -= piece.length;
      hash?.update(piece);
      yield piece;
    }
    if (hash !== undefined) verifier?.chunk(hash.digest('hex'), signature);
    if (size === 0) break;
    if ((await reader.line()) !== '') throw incomplete();
  }
  if (received !== framing.length) throw incomplete();
  await readTrailers(reader, framing, trailers);
}

async function readTrailers(reader: Reader, framing: Framing, trailers: Map<string, string>): Promise<void> {
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size > 20)
      throw malformedTrailer('The request contained trailing data that was not well-formed.');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const signature = trailers.get(trailerSignature);
  trailers.delete(trailerSignature);
  const missing = framing.trailerNames.filter((name) => !trailers.has(name));
  const extra = [...trailers.keys()].filter((name) => !framing.trailerNames.includes(name));
  if (missing.length + extra.length > 0) {
    throw malformedTrailer(
      `The trailers are not those of x-amz-trailer: ${[...missing, ...extra].join(', ')}.`,
    );
  }
  if (framing.trailerNames.length > 0) {
    framing.verifier?.trailer([...trailers].map(([name, value]) => `${name}:${value}\n`).join(''), signature);
  }
}

function parseChunkHead(line: string): { size: number; signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null) throw incomplete();
  return { size: Number.parseInt(match[1]!, 16), signature: match[2] };
}

function incomplete(): ServiceError {
  return new ServiceError(
    400,
    'IncompleteBody',
    'The request body terminated unexpectedly, or its chunks are not what x-amz-decoded-content-length announced.',
  );
}

const malformedTrailer = (message: string): ServiceError =>
  new ServiceError(400, 'MalformedTrailerError', message);

/** Reads lines and byte ranges from a stream of buffers. */
class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** The next line without its CRLF; an empty one at the end of the body. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      if (this.#buffer.length > maxLine) throw incomplete();
      const next = await this.#next();
      if (next === undefined) {
        if (this.#buffer.length > 0) throw incomplete();
        return '';
      }
      this.#buffer = Buffer.concat([this.#buffer, next]);
    }
  }

  /** At least one and at most `limit` bytes. */
  async some(limit: number): Promise<Buffer> {
    if (this.#buffer.length === 0) {
      const next = await this.#next();
      if (next === undefined) throw incomplete();
      this.#buffer = next;
    }
    const piece = this.#buffer.subarray(0, limit);
    this.#buffer = this.#buffer.subarray(piece.length);
    return piece;
  }

  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      const result = await this.#source.next();
      if (result.done === true) return undefined;
      if (result.value.length > 0) return result.value;
    }
  }
}
