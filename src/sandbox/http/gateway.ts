import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { readAll, s3Payload, s3PayloadHash, wireBody } from './body.ts';
import type { Keyring } from '../sts/credentials.ts';
import type { Faults } from './faults.ts';
import { serverError } from './faults.ts';
import type { SandboxRequest, ServiceHandler } from './http.ts';
import { ServiceError } from './http.ts';
import { diskMessage, isDiskError } from '../storage/diskErrors.ts';
import { refuse } from './refusals.ts';
import type { Claim, WireRequest } from './signature.ts';
import { ChunkVerifier, readClaim, verifyClaim } from './signature.ts';

const maxDiscardMs = 10_000;

interface GatewayOptions {
  readonly services: readonly ServiceHandler[];
  readonly keyring: Keyring;
  readonly faults: Faults;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called with defects of the sandbox itself. */
  readonly onDefect: (error: unknown) => void;
  /** Milliseconds after which a stalled request body times out. */
  readonly bodyTimeoutMs: number;
}

/** Entry point of all services: finds the service that a request is signed for, verifies the request and passes it on. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #services: ReadonlyMap<string, ServiceHandler>;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((handler) => [handler.service, handler]));
  }

  /** Answers any request. Never rejects. */
  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = randomUUID();
    const wire = readWire(message);
    let handler = this.#handlerFor(guessService(wire));
    try {
      checkHost(message);
      const claim = readClaim(wire, handler.service);
      if (claim === undefined && isForm(message))
        throw new ServiceError(501, 'NotImplemented', "The sandbox's S3 doesn't support POST of HTML forms.");
      if (claim === undefined)
        throw refuse(handler.service, 'missing', 'Access Denied: the request is not signed.');
      handler = this.#handlerFor(claim.scope.service);
      const request = await this.#verify(id, claim, wire, message, response);
      if (request.rawPath.startsWith('/_sandbox/')) {
        await this.#control(request, response);
        return;
      }
      const passed = await this.#options.faults.before(handler.service, request, response);
      if (passed !== undefined) await handler.handle(passed, response);
    } catch (error) {
      this.#fail(handler, id, message, response, error);
    }
  }

  #handlerFor(service: string): ServiceHandler {
    const handler = this.#services.get(service);
    if (handler !== undefined) return handler;
    const known = [...this.#services.keys()].join(', ');
    const fallback = this.#services.values().next().value!;
    const error = new ServiceError(
      501,
      'NotImplemented',
      `The sandbox serves ${known}, but not '${service}'.`,
    );
    return { service, handle: () => Promise.reject(error), sendError: fallback.sendError.bind(fallback) };
  }

  async #verify(
    id: string,
    claim: Claim,
    wire: WireRequest,
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<SandboxRequest> {
    const { keyring, now } = this.#options;
    const { service, region } = claim.scope;
    const key = keyring.find(claim.accessKeyId, claim.sessionToken);
    if ('refused' in key) {
      const { refused } = key;
      throw refuse(service, refused, keyMessages[refused], keyDetails(refused, claim));
    }

    const source = withoutStalling(continued(message, response), this.#options.bodyTimeoutMs, service);
    const trailers = new Map<string, string>();
    let body: AsyncIterable<Buffer>;
    if (service === 's3') {
      const payloadHash = s3PayloadHash(wire, claim.form === 'query');
      const seed = verifyClaim(claim, wire, key.secretAccessKey, payloadHash, now());
      body = s3Payload(source, wire, payloadHash, new ChunkVerifier(seed, claim), trailers);
    } else {
      const bytes = await readAll(source);
      const payloadHash = createHash('sha256').update(bytes).digest('hex');
      verifyClaim(claim, wire, key.secretAccessKey, payloadHash, now());
      body = Readable.from(bytes.length === 0 ? [] : [bytes]) as AsyncIterable<Buffer>;
    }
    return {
      id,
      method: wire.method,
      rawPath: wire.path,
      query: new URLSearchParams(wire.query),
      headers: message.headers,
      body: body instanceof Readable ? body : Readable.from(body, { objectMode: false }),
      trailers,
      accessKeyId: claim.accessKeyId,
      principal: key.principal,
      region,
    };
  }

  /** `/_sandbox/faults`, for tests. */
  async #control(request: SandboxRequest, response: ServerResponse): Promise<void> {
    const { faults } = this.#options;
    if (request.rawPath !== '/_sandbox/faults')
      throw new ServiceError(404, 'NotFoundException', 'The only path here is /_sandbox/faults.');
    switch (request.method) {
      case 'GET':
        break;
      case 'PUT':
        faults.set(parseJson(await readAll(request.body as AsyncIterable<Buffer>)));
        break;
      case 'DELETE':
        faults.set({});
        break;
      default:
        throw new ServiceError(
          405,
          'MethodNotAllowedException',
          '/_sandbox/faults takes GET, PUT and DELETE.',
        );
    }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(faults.settings));
  }

  #fail(
    handler: ServiceHandler,
    id: string,
    message: IncomingMessage,
    response: ServerResponse,
    error: unknown,
  ): void {
    const clientIsGone = message.destroyed && !message.complete;
    const cause = isDiskError(error) ? serverError(handler.service, diskMessage(error)) : error;
    if (!(cause instanceof ServiceError) && !clientIsGone && !response.destroyed)
      this.#options.onDefect(cause);
    if (response.headersSent || response.destroyed) {
      // Headers are sent; destroy the socket so that the client sees a truncated response.
      response.destroy();
      return;
    }
    if (error instanceof StalledError) response.setHeader('Connection', 'close');
    else if (!message.complete) discardRest(message, response);
    handler.sendError(response, id, cause);
  }
}

const keyMessages = {
  'unknown-key': 'The access key ID you provided does not exist in this sandbox.',
  'invalid-token': 'The provided token is malformed or otherwise invalid.',
  'expired-token': 'The provided token has expired.',
};

/** Further elements of S3's error response. */
function keyDetails(refused: keyof typeof keyMessages, claim: Claim): ServiceError['details'] {
  return refused === 'unknown-key'
    ? { AWSAccessKeyId: claim.accessKeyId }
    : { 'Token-0': claim.sessionToken ?? '' };
}

function readWire(message: IncomingMessage): WireRequest {
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s, 2);
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const name = message.rawHeaders[at]!.toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [message.rawHeaders[at + 1]!]);
    else values.push(message.rawHeaders[at + 1]!);
  }
  return { method: message.method ?? 'GET', path, query, headers };
}

/** An upload by a browser (S3 API reference, POST Object): its signature is in the form. */
function isForm({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && headers['content-type']?.startsWith('multipart/form-data') === true;
}

/** Chooses the error format for requests that don't name their service. `v1` isn't a valid bucket name. */
function guessService(wire: WireRequest): string {
  if (/^\/v1(\/|$)/.test(wire.path)) return 'mobiletargeting';
  if (wire.headers.get('x-amz-target')?.[0]?.startsWith('TrentService.') === true) return 'kms';
  const type = wire.headers.get('content-type')?.[0] ?? '';
  return wire.path === '/' && type.startsWith('application/x-www-form-urlencoded') ? 'sts' : 's3';
}

/** Prevents DNS rebinding: a web page must not reach the sandbox by a host name that resolves to this machine. */
function checkHost(message: IncomingMessage): void {
  const host = message.headers.host ?? '';
  if (/^(([^@/\\]+\.)?(localhost|127\.0\.0\.1)|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)) return;
  throw new ServiceError(
    403,
    'AccessDenied',
    `The sandbox answers only to names of this machine (127.0.0.1, localhost), not to '${host}'.`,
  );
}

/** Slower clients time out: bytes that must arrive per body timeout. */
const minBytesInTime = 1024;

/**
 * Passes on a body, unless its client stalls or trickles (S3 API reference, error codes: RequestTimeout). Only counts the time
 * spent waiting for the client.
 */
async function* withoutStalling(
  source: AsyncGenerator<Buffer>,
  timeoutMs: number,
  service: string,
): AsyncGenerator<Buffer> {
  let [waited, bytes, isPending] = [0, 0, false];
  try {
    for (;;) {
      const asked = performance.now();
      isPending = true;
      const next = await inTime(source.next(), timeoutMs);
      if (next === undefined) throw stalled(service);
      isPending = false;
      if (next.done === true) return;
      waited += performance.now() - asked;
      bytes += next.value.length;
      if (waited >= timeoutMs) {
        if (bytes < minBytesInTime) throw stalled(service);
        [waited, bytes] = [0, 0];
      }
      yield next.value;
    }
  } finally {
    // A pending read can't be cancelled; it ends with the connection.
    if (!isPending) await source.return(undefined);
  }
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  // A late rejection has no listener.
  work.catch(() => undefined);
  let timer;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const stalledCode = { s3: [400, 'RequestTimeout'], other: [408, 'RequestTimeoutException'] } as const;

function stalled(service: string): ServiceError {
  const [status, code] = stalledCode[service === 's3' ? 's3' : 'other'];
  return new StalledError(
    status,
    code,
    'Your socket connection to the server was not read from or written to within the timeout period.',
  );
}

/** The rest of the body isn't waited for. */
class StalledError extends ServiceError {}

const continuing = new WeakSet<IncomingMessage>();

function waitsForContinue(message: IncomingMessage): boolean {
  return message.headers.expect?.toLowerCase() === '100-continue' && !continuing.has(message);
}

/** Sends `100 Continue` only once the body is needed. */
async function* continued(message: IncomingMessage, response: ServerResponse): AsyncGenerator<Buffer> {
  if (waitsForContinue(message)) {
    continuing.add(message);
    response.writeContinue();
  }
  yield* wireBody(message);
}

/**
 * Reads and discards the rest of a rejected body: a client that is still sending would otherwise see a broken connection instead
 * of the error. A client that waits for `100 Continue` isn't sending, but its connection can't be reused.
 */
function discardRest(message: IncomingMessage, response: ServerResponse): void {
  if (waitsForContinue(message)) {
    response.setHeader('Connection', 'close');
    return;
  }
  const timer = setTimeout(() => message.destroy(), maxDiscardMs);
  message.once('close', () => {
    clearTimeout(timer);
  });
  setImmediate(() => message.resume());
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ServiceError(400, 'BadRequestException', "The body isn't valid JSON.");
  }
}
