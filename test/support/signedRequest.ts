import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Sandbox } from '../../src/sandbox/server.ts';

/** A request to be signed by hand: what no SDK would send can be sent too. Written apart from the sandbox's own verification. */
export interface RawRequest {
  readonly method?: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Decoded. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** What is signed in the place of the body's hash. */
  readonly payloadHash?: string;
  readonly service?: 's3' | 'mobiletargeting' | 'sts' | 'iam' | 'kms';
  readonly region?: string;
  readonly date?: Date;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Keys = Pick<Sandbox, 'accessKeyId' | 'secretAccessKey'> & { readonly sessionToken?: string };

/** What goes over the wire. */
interface Wire {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signature: string;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly timestamp: string;
}

/** Signs in the `Authorization` header. Everything in `headers` is signed. */
export function signHeaders(endpoint: string, keys: Keys, request: RawRequest): Wire {
  const service = request.service ?? 's3';
  const body = Buffer.from(request.body ?? '');
  const payloadHash = request.payloadHash ?? sha256(body);
  const timestamp = basic(request.date ?? new Date());
  const scope = `${timestamp.slice(0, 8)}/${request.region ?? 'us-east-1'}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    ...request.headers,
    'x-amz-date': timestamp,
    ...(service === 's3' ? { 'x-amz-content-sha256': payloadHash } : {}),
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const query = canonicalQuery(request.query ?? {});
  const canonical = [
    request.method ?? 'GET',
    canonicalPath(request.path, service),
    query,
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
  const signingKey = deriveKey(keys.secretAccessKey, scope);
  const signature = sign(signingKey, timestamp, scope, canonical);
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return {
    method: request.method ?? 'GET',
    target: request.path + (query === '' ? '' : `?${query}`),
    headers,
    body,
    signature,
    signingKey,
    scope,
    timestamp,
  };
}

/** Signs in the query, so that anybody with the address may send the request for `expires` seconds. */
export function presign(endpoint: string, keys: Keys, request: RawRequest, expires: number): string {
  const service = request.service ?? 's3';
  const timestamp = basic(request.date ?? new Date());
  const scope = `${timestamp.slice(0, 8)}/${request.region ?? 'us-east-1'}/${service}/aws4_request`;
  const headers: Record<string, string> = { host: new URL(endpoint).host, ...request.headers };
  const names = Object.keys(headers).sort();
  const query = canonicalQuery({
    ...request.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.accessKeyId}/${scope}`,
    'X-Amz-Date': timestamp,
    'X-Amz-Expires': String(expires),
    'X-Amz-SignedHeaders': names.join(';'),
    ...(keys.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': keys.sessionToken }),
  });
  const canonical = [
    request.method ?? 'GET',
    canonicalPath(request.path, service),
    query,
    ...names.map((name) => `${name}:${headers[name]!}`),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const signature = sign(deriveKey(keys.secretAccessKey, scope), timestamp, scope, canonical);
  return `${endpoint}${request.path}?${query}&X-Amz-Signature=${signature}`;
}

/** Frames a body as `aws-chunked` with a signature for each chunk, and for the trailers where there are any. */
export function signChunks(
  wire: Pick<Wire, 'signature' | 'signingKey' | 'scope' | 'timestamp'>,
  chunks: readonly Buffer[],
  trailers?: Readonly<Record<string, string>>,
): Buffer {
  let previous = wire.signature;
  const next = (kind: string, ...hashes: readonly string[]): string => {
    const text = [`AWS4-HMAC-SHA256-${kind}`, wire.timestamp, wire.scope, previous, ...hashes].join('\n');
    return (previous = createHmac('sha256', wire.signingKey).update(text).digest('hex'));
  };
  const framed = [...chunks, Buffer.alloc(0)].flatMap((chunk) => [
    `${chunk.length.toString(16)};chunk-signature=${next('PAYLOAD', sha256(''), sha256(chunk))}\r\n`,
    chunk,
    chunk.length > 0 ? '\r\n' : '',
  ]);
  if (trailers === undefined) return concat([...framed, '\r\n']);
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
  const signature = next('TRAILER', sha256(lines.map((line) => `${line}\n`).join('')));
  return concat([
    ...framed,
    ...lines.map((line) => `${line}\r\n`),
    `x-amz-trailer-signature:${signature}\r\n\r\n`,
  ]);
}

/** Frames a body as `aws-chunked` without signatures. */
export function frameChunks(chunks: readonly Buffer[], trailers: Readonly<Record<string, string>>): Buffer {
  return concat([
    ...chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']),
    '0\r\n',
    ...Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`),
    '\r\n',
  ]);
}

/** Sends what was signed. */
export function send(
  endpoint: string,
  wire: Pick<Wire, 'method' | 'target' | 'headers' | 'body'>,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': String(wire.body.length), ...wire.headers };
    const { hostname, port } = new URL(endpoint);
    const outgoing = httpRequest({
      hostname,
      port,
      method: wire.method,
      path: wire.target,
      headers,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.end(wire.body);
  });
}

/** Signs and sends. */
export function sendSigned(endpoint: string, keys: Keys, request: RawRequest): Promise<RawResponse> {
  return send(endpoint, signHeaders(endpoint, keys, request));
}

/** The code of an error, in whichever form a service wrote it. */
export function errorCode(response: RawResponse): string | undefined {
  const header = response.headers['x-amzn-errortype'];
  return /<Code>(.*?)<\/Code>/.exec(response.body)?.[1] ?? header?.toString().split(':')[0];
}

function canonicalPath(path: string, service: string): string {
  return service === 's3' ? path : path.split('/').map(encode).join('/');
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function deriveKey(secret: string, scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return key;
}

function sign(key: Buffer, timestamp: string, scope: string, canonical: string): string {
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  return createHmac('sha256', key).update(text).digest('hex');
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function basic(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function concat(parts: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}
