import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { readAll, s3Payload, s3PayloadHash, wireBody } from './body.ts';
import type { Keyring } from '../sts/credentials.ts';
import type { Faults } from './faults.ts';
import type { SandboxRequest, ServiceHandler } from './http.ts';
import { ServiceError } from './http.ts';
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
  /** Told of defects of the sandbox itself. */
  readonly onDefect: (error: unknown) => void;
  /** Milliseconds that a client may keep its body back. */
  readonly bodyTimeoutMs: number;
}

/** The one door for all services: finds the service that a request is signed for, verifies it, and hands it over. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #services: ReadonlyMap<string, ServiceHandler>;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((handler) => [handler.service, handler]));
  }

  /** Answers a request, whatever it is. Never rejects. */
  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = randomUUID();
    const wire = readWire(message);
    let handler = this.#handlerFor(guessService(wire));
    try {
      checkHost(message);
      const claim = readClaim(wire, handler.service);
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
      `The sandbox serves ${known}; there is no '${service}' here.`,
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
    if ('refused' in key) throw refuse(service, key.refused, keyMessages[key.refused]);

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

  /** `/_sandbox/faults`: what tests ask of the sandbox. */
  async #control(request: SandboxRequest, response: ServerResponse): Promise<void> {
    const { faults } = this.#options;
    if (request.rawPath !== '/_sandbox/faults')
      throw new ServiceError(404, 'NotFoundException', 'There is only /_sandbox/faults.');
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
    if (!(error instanceof ServiceError) && !clientIsGone && !response.destroyed)
      this.#options.onDefect(error);
    if (response.headersSent || response.destroyed) {
      // Half an answer can only be broken off; the client sees that it is not whole.
      response.destroy();
      return;
    }
    if (error instanceof StalledError) response.setHeader('Connection', 'close');
    else if (!message.complete) discardRest(message, response);
    handler.sendError(response, id, error);
  }
}

const keyMessages = {
  'unknown-key': 'The access key ID you provided does not exist in this sandbox.',
  'invalid-token': 'The provided token is malformed or otherwise invalid.',
  'expired-token': 'The provided token has expired.',
};

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

/** For the form of an error where a request does not say which service it is for. No bucket can be called `v1`. */
function guessService(wire: WireRequest): string {
  if (/^\/v1(\/|$)/.test(wire.path)) return 'mobiletargeting';
  if (wire.headers.get('x-amz-target')?.[0]?.startsWith('TrentService.') === true) return 'kms';
  const type = wire.headers.get('content-type')?.[0] ?? '';
  return wire.path === '/' && type.startsWith('application/x-www-form-urlencoded') ? 'sts' : 's3';
}

/** A page in a browser must not reach the sandbox under a name of its own that resolves to this machine (DNS rebinding). */
function checkHost(message: IncomingMessage): void {
  const host = message.headers.host ?? '';
  if (/^(([^@/\\]+\.)?(localhost|127\.0\.0\.1)|\[::1\])(:\d+)?$/i.test(host)) return;
  throw new ServiceError(
    403,
    'AccessDenied',
    `The sandbox answers only to names of this machine (127.0.0.1, localhost), not to '${host}'.`,
  );
}

/** In the time that a client may keep its body back, so many bytes have to come. */
const minBytesInTime = 1024;

/**
 * Passes on a body, unless its client stalls or trickles (S3 API reference, error codes: RequestTimeout). Time in which nobody
 * asks for more of the body isn't counted.
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
    // What still waits for a client can't be ended from here; it ends with the connection.
    if (!isPending) await source.return(undefined);
  }
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  // Of what comes too late nobody hears.
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

const toldToContinue = new WeakSet<IncomingMessage>();

function waitsForContinue(message: IncomingMessage): boolean {
  return message.headers.expect?.toLowerCase() === '100-continue' && !toldToContinue.has(message);
}

/** A client that waits for `100 Continue` gets it only once its request was accepted so far that the body is read. */
async function* continued(message: IncomingMessage, response: ServerResponse): AsyncGenerator<Buffer> {
  if (waitsForContinue(message)) {
    toldToContinue.add(message);
    response.writeContinue();
  }
  yield* wireBody(message);
}

/**
 * What is left of a refused body is read and thrown away: a client that is still sending would otherwise see a broken
 * connection in the place of the error. One that waits for `100 Continue` sends nothing any more, but may not go on here.
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
    throw new ServiceError(400, 'BadRequestException', 'The body is not JSON.');
  }
}
