import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from './http.ts';
import { refuse } from './refusals.ts';

/** A request as received, before verification. */
export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  /** Still percent-encoded, without the question mark. */
  readonly query: string;
  /** Names in lower case; values of repeated headers in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** The signature that a request claims (AWS Signature Version 4), not yet verified. */
export interface Claim {
  readonly form: 'header' | 'query';
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** Such as `20260131T120000Z`. */
  readonly timestamp: string;
  /** Seconds for which a presigned URL is valid. */
  readonly expires: number | undefined;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

export interface Scope {
  /** Such as `20260131`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const maxSkewMs = 15 * 60 * 1000;
const maxPresignedSeconds = 7 * 24 * 60 * 60;

/**
 * Reads the claim in the `Authorization` header or the query.
 *
 * @param service whose error format to use if the request doesn't name its service
 * @returns `undefined` for an unsigned request
 * @throws ServiceError if the claim is malformed or doesn't use Signature Version 4
 */
export function readClaim(request: WireRequest, service: string): Claim | undefined {
  const header = request.headers.get('authorization')?.[0];
  if (header !== undefined) return readHeaderClaim(header, request, service);
  const query = new URLSearchParams(request.query);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return readQueryClaim(query, service);
  if (query.has('AWSAccessKeyId')) throw unsupported(service);
  return undefined;
}

function readHeaderClaim(header: string, request: WireRequest, service: string): Claim {
  const malformed = (why: string): ServiceError =>
    refuse(service, 'malformed', `The authorization header is malformed; ${why}.`);
  const space = header.indexOf(' ');
  if (header.slice(0, space) !== algorithm) throw unsupported(service);
  const fields = new Map(
    header
      .slice(space + 1)
      .split(',')
      .map((field) => field.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const credential = fields.get('Credential');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (credential === undefined) throw malformed('Credential is missing');
  if (signedHeaders === undefined) throw malformed('SignedHeaders is missing');
  if (signature === undefined) throw malformed('Signature is missing');
  const parsed = readCredential(credential);
  if (parsed === undefined)
    throw malformed("the Credential isn't of the form key/date/region/service/aws4_request");
  const timestamp = request.headers.get('x-amz-date')?.[0] ?? basicDate(request.headers.get('date')?.[0]);
  if (timestamp === undefined) throw malformed('there is neither an X-Amz-Date nor a Date header');
  return {
    form: 'header',
    ...parsed,
    timestamp,
    expires: undefined,
    signedHeaders: signedHeaders.split(';'),
    signature,
    sessionToken: request.headers.get('x-amz-security-token')?.[0],
  };
}

function readQueryClaim(query: URLSearchParams, service: string): Claim {
  const malformed = (why: string): ServiceError =>
    refuse(service, 'malformed-query', `Error parsing the query's authorization: ${why}.`);
  if (query.get('X-Amz-Algorithm') !== algorithm) throw unsupported(service);
  const read = (name: string): string => {
    const value = query.get(name);
    if (value === null) throw malformed(`${name} is missing`);
    return value;
  };
  const parsed = readCredential(read('X-Amz-Credential'));
  if (parsed === undefined)
    throw malformed("X-Amz-Credential isn't of the form key/date/region/service/aws4_request");
  // Only S3 requires an expiry; elsewhere, presigned requests are valid for five minutes.
  const expires = Number(query.get('X-Amz-Expires') ?? (service === 's3' ? read('X-Amz-Expires') : '300'));
  if (!Number.isInteger(expires) || expires < 0)
    throw malformed('X-Amz-Expires should be a number of seconds');
  if (expires > maxPresignedSeconds) {
    throw malformed('X-Amz-Expires must be less than a week (in seconds) that is 604800');
  }
  return {
    form: 'query',
    ...parsed,
    timestamp: read('X-Amz-Date'),
    expires,
    signedHeaders: read('X-Amz-SignedHeaders').split(';'),
    signature: read('X-Amz-Signature'),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
  };
}

function unsupported(service: string): ServiceError {
  return refuse(
    service,
    'unsupported',
    `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
  );
}

function readCredential(credential: string): Pick<Claim, 'accessKeyId' | 'scope'> | undefined {
  const parts = credential.split('/');
  const [date, region, service, end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (accessKeyId === '' || end !== 'aws4_request' || !date || !region || !service) return undefined;
  return { accessKeyId, scope: { date, region, service } };
}

/**
 * Verifies a claim: time, signed headers, and the signature over the canonical request.
 *
 * @param payloadHash as signed: the body's SHA-256 in hex, or a word such as `UNSIGNED-PAYLOAD`
 * @param now milliseconds since the epoch
 * @returns the key for the signatures of the body's chunks
 * @throws ServiceError in the format of the service in the claim's scope
 */
export function verifyClaim(
  claim: Claim,
  request: WireRequest,
  secretAccessKey: string,
  payloadHash: string,
  now: number,
): Buffer {
  const { service } = claim.scope;
  checkTime(claim, now);
  const signed = new Set(claim.signedHeaders);
  const unsigned = [...request.headers.keys()].filter(
    (name) => !signed.has(name) && (name === 'host' || (service === 's3' && name.startsWith('x-amz-'))),
  );
  if (unsigned.length > 0) {
    throw refuse(
      service,
      'unsigned-header',
      `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
    );
  }
  const canonical = [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(request.query),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers.get(name) ?? [])}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const key = signingKey(secretAccessKey, claim.scope);
  const stringToSign = [algorithm, claim.timestamp, scopeText(claim.scope), sha256(canonical)].join('\n');
  const expected = sign(key, stringToSign);
  if (!sameText(expected, claim.signature)) {
    throw refuse(
      service,
      'signature',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method.',
      {
        AWSAccessKeyId: claim.accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: claim.signature,
        StringToSignBytes: hexBytes(stringToSign),
        CanonicalRequest: canonical,
        CanonicalRequestBytes: hexBytes(canonical),
      },
    );
  }
  return key;
}

function checkTime(claim: Claim, now: number): void {
  const { service, date } = claim.scope;
  const time = parseTimestamp(claim.timestamp);
  const kind = claim.form === 'header' ? 'malformed' : 'malformed-query';
  if (time === undefined)
    throw refuse(service, kind, "The request's date isn't of the form yyyymmddThhmmssZ.");
  if (!claim.timestamp.startsWith(date)) {
    throw refuse(service, kind, `The scope's date ${date} isn't the request's date ${claim.timestamp}.`);
  }
  if (claim.expires === undefined ? Math.abs(now - time) > maxSkewMs : time - now > maxSkewMs) {
    throw refuse(
      service,
      'skewed',
      service === 's3'
        ? 'The difference between the request time and the current time is too large.'
        : `Signature expired: ${claim.timestamp} is not within 15 minutes of ${new Date(now).toISOString()}`,
      {
        RequestTime: claim.timestamp,
        ServerTime: isoSeconds(now),
        MaxAllowedSkewMilliseconds: maxSkewMs,
      },
    );
  }
  if (claim.expires !== undefined && now > time + claim.expires * 1000) {
    throw refuse(service, 'expired-request', 'Request has expired', {
      'X-Amz-Expires': claim.expires,
      Expires: isoSeconds(time + claim.expires * 1000),
      ServerTime: isoSeconds(now),
    });
  }
}

/** Verifies the signatures of an `aws-chunked` body. Each covers the previous one. */
export class ChunkVerifier {
  readonly #key: Buffer;
  readonly #claim: Claim;
  #previous: string;

  constructor(key: Buffer, claim: Claim) {
    this.#key = key;
    this.#claim = claim;
    this.#previous = claim.signature;
  }

  /** @throws ServiceError if the signature doesn't match the chunk's SHA-256 (hex) */
  chunk(contentHash: string, signature: string | undefined): void {
    this.#verify(`${algorithm}-PAYLOAD`, [sha256(''), contentHash], signature);
  }

  /** @param text each trailer as `name:value\n` */
  trailer(text: string, signature: string | undefined): void {
    this.#verify(`${algorithm}-TRAILER`, [sha256(text)], signature);
  }

  #verify(kind: string, hashes: readonly string[], signature: string | undefined): void {
    const { timestamp, scope } = this.#claim;
    const expected = sign(
      this.#key,
      [kind, timestamp, scopeText(scope), this.#previous, ...hashes].join('\n'),
    );
    if (signature === undefined || !sameText(expected, signature)) {
      throw refuse(scope.service, 'signature', 'The signature of a chunk of the body does not match.');
    }
    this.#previous = expected;
  }
}

/** S3 encodes a path once; other services resolve `.` and `..` and encode the sent path again. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path.split('/').map(decode).map(encode).join('/');
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const slash = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.map(encode).join('/')}${slash}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
      return [encode(decode(name.replaceAll('+', ' '))), encode(decode(value.replaceAll('+', ' ')))] as const;
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

function canonicalHeader(values: readonly string[]): string {
  return values.map((value) => headerText(value).trim().replaceAll(/ +/g, ' ')).join(',');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Node decodes headers as Latin-1; most clients write UTF-8. */
function headerText(value: string): string {
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey(secret: string, scope: Scope): Buffer {
  return [scope.date, scope.region, scope.service, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}

const scopeText = (scope: Scope): string => `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
const sign = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('hex');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** Without milliseconds, as S3 writes times in errors. */
const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, '');
const hexBytes = (text: string): string =>
  Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parseTimestamp(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function basicDate(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) return undefined;
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
