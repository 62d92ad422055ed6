import type { ServerResponse } from 'node:http';
import { Transform, pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorObject } from 'ajv';
import { faultsSchema } from './faultsSchema.ts';
import { isFaultSettings } from './faultsValidator.ts';
import type { SandboxRequest } from './http.ts';
import { ServiceError } from './http.ts';
import { pathGlob } from './pathGlob.ts';
import { getOwn } from '../../ownMember.ts';

/** What happens to a request that a rule matches. */
export type Fault =
  /** Refused as the service refuses when it is asked too often; nothing is done. */
  | { readonly kind: 'throttle' }
  /** Refused with the service's 5xx; nothing is done. */
  | { readonly kind: 'server-error' }
  /** Refused as credentials that have expired; nothing is done. */
  | { readonly kind: 'expired-credentials' }
  /** Refused as what the caller may not do; nothing is done. */
  | { readonly kind: 'access-denied' }
  /** Handled `delayMs` later; request and answer then pass no faster than `bytesPerSecond`. */
  | { readonly kind: 'slow'; readonly delayMs?: number; readonly bytesPerSecond?: number }
  /** The connection breaks before anything is done, or where so many bytes of an upload's body have arrived. */
  | { readonly kind: 'cut-request'; readonly afterBytes?: number }
  /** The request is carried out, but the connection breaks after so many bytes of the answer's body (0: nothing arrives). */
  | { readonly kind: 'cut-answer'; readonly afterBytes?: number };

/** Which requests a fault is for. What is absent matches everything. */
export interface FaultRule {
  readonly service?: string;
  readonly method?: string;
  /** Of the path as sent; `*` stands for anything within one segment, `**` for anything. */
  readonly path?: string;
  /** Matching requests that pass before the fault begins; 0 where absent. */
  readonly skip?: number;
  /** Matching requests that get the fault; 1 where absent, `null` for all until the faults are set anew. */
  readonly count?: number | null;
  readonly fault: Fault;
}

/** Makes the next `count` jobs (1 where absent) fail half-way, as a piece that could not be processed. */
interface JobFault {
  readonly type?: 'IMPORT' | 'EXPORT';
  readonly count?: number;
}

/** Everything that can be asked of the sandbox; what is absent is off. */
export interface FaultSettings {
  readonly rules?: readonly FaultRule[];
  readonly jobs?: readonly JobFault[];
  /** Audience operations are refused while GetApps and GetApp work. */
  readonly retired?: boolean;
  /** What an import job with a SegmentId does to the segment's members; AWS does not document which. `replace` where absent. */
  readonly segmentRefresh?: 'replace' | 'append';
  /** Overrides the pace that the sandbox was started with: milliseconds between two states of a job. */
  readonly paceMs?: number;
  /** Overrides how many import jobs of an account run at a time. */
  readonly importConcurrency?: number;
}

interface LiveRule {
  readonly rule: FaultRule;
  readonly matchesPath: (path: string) => boolean;
  skip: number;
  left: number;
}

type Refusal = readonly [status: number, code: string, message: string];

const throttled = 'Too many requests. Please slow down.';
const broken = 'An internal error occurred. Please try again.';
const expired = 'The security token included in the request is expired.';
const denied = 'You are not authorized to perform this operation.';

type Refusals = Record<'throttle' | 'server-error' | 'expired-credentials' | 'access-denied', Refusal>;

/** Of STS and IAM. */
const query: Refusals = {
  throttle: [400, 'Throttling', 'Rate exceeded'],
  'server-error': [500, 'InternalFailure', broken],
  'expired-credentials': [403, 'ExpiredToken', expired],
  'access-denied': [403, 'AccessDenied', denied],
};

/** Each service's own way to say the same thing. */
const refusals: Readonly<Record<string, Refusals>> = {
  mobiletargeting: {
    throttle: [429, 'TooManyRequestsException', throttled],
    'server-error': [500, 'InternalServerErrorException', broken],
    'expired-credentials': [403, 'ExpiredTokenException', expired],
    'access-denied': [403, 'AccessDeniedException', denied],
  },
  s3: {
    throttle: [503, 'SlowDown', 'Please reduce your request rate.'],
    'server-error': [500, 'InternalError', broken],
    'expired-credentials': [400, 'ExpiredToken', 'The provided token has expired.'],
    'access-denied': [403, 'AccessDenied', 'Access Denied'],
  },
  sts: query,
  iam: query,
  kms: {
    throttle: [400, 'ThrottlingException', 'Rate exceeded'],
    'server-error': [500, 'KMSInternalException', broken],
    'expired-credentials': [400, 'ExpiredTokenException', expired],
    'access-denied': [400, 'AccessDeniedException', denied],
  },
};

/** Resources of an app that are audience data or belong to it (User guide, migrate: what stops after 2026-10-30). */
const audiencePath = /^\/v1\/apps\/[^/]+\/(segments|endpoints|users|jobs|attributes|settings)(\/|$)/;

/**
 * Faults on request, for tests. The server holds one registry for all services:
 *
 * - it calls `before` with the handler's service name for each verified request, ahead of the handler, and passes on the request that comes back;
 *   what `before` throws goes to the handler's `sendError`;
 * - `PUT /_sandbox/faults`, authenticated like the rest, hands its parsed JSON to `set`, which replaces all that was asked before
 *   (`{}` turns everything off); `GET /_sandbox/faults` answers `settings`. Those paths themselves have no faults.
 */
export class Faults {
  #settings: FaultSettings = {};
  #rules: LiveRule[] = [];
  #jobs: { type: JobFault['type']; left: number }[] = [];

  get settings(): FaultSettings {
    return this.#settings;
  }

  /** Replaces all faults. Throws a 400 `ServiceError` where `settings` is not of the form `FaultSettings`; then nothing changes. */
  set(settings: unknown): void {
    const checked = readSettings(settings);
    this.#settings = checked;
    this.#rules = (checked.rules ?? []).map((rule) => ({
      rule,
      matchesPath: pathGlob(rule.path ?? '**'),
      skip: rule.skip ?? 0,
      left: rule.count === null ? Number.POSITIVE_INFINITY : (rule.count ?? 1),
    }));
    this.#jobs = (checked.jobs ?? []).map((job) => ({ type: job.type, left: job.count ?? 1 }));
  }

  /**
   * Applies what was asked for to a request, the first matching rule only.
   *
   * @returns the request to handle, or `undefined` where the connection was cut and nothing is to be done
   * @throws ServiceError where the request is to be refused
   */
  async before(
    service: string,
    request: SandboxRequest,
    response: ServerResponse,
  ): Promise<SandboxRequest | undefined> {
    const fault = this.#take(service, request);
    if (fault !== undefined) {
      switch (fault.kind) {
        case 'throttle':
        case 'server-error':
        case 'expired-credentials':
        case 'access-denied': {
          const refusal = (getOwn(refusals, service) ?? refusals['mobiletargeting']!)[fault.kind];
          throw new ServiceError(...refusal);
        }
        case 'cut-request':
          if ((fault.afterBytes ?? 0) > 0) {
            request = through(request, cuttingStream(fault.afterBytes!, response));
            break;
          }
          response.socket?.destroy();
          return undefined;
        case 'cut-answer':
          cutAfter(response, fault.afterBytes ?? 0);
          break;
        case 'slow':
          if (fault.delayMs !== undefined) await sleep(fault.delayMs);
          if (fault.bytesPerSecond !== undefined) {
            slowDown(response, fault.bytesPerSecond);
            request = through(request, slowStream(fault.bytesPerSecond));
          }
          break;
      }
    }
    if (
      this.#settings.retired === true &&
      service === 'mobiletargeting' &&
      audiencePath.test(request.rawPath)
    ) {
      // AWS documents neither status nor code for what it no longer serves; 410 is the sandbox's choice.
      throw new ServiceError(
        410,
        'GoneException',
        'Amazon Pinpoint ended support for endpoints, segments, campaigns, journeys and analytics on October 30, 2026. ' +
          '(Sandbox: AWS does not document the status and code of this answer.)',
      );
    }
    return request;
  }

  /** True where the job that begins now is to fail; counts it. */
  takeJobFailure(type: 'IMPORT' | 'EXPORT'): boolean {
    const fault = this.#jobs.find((candidate) => candidate.left > 0 && (candidate.type ?? type) === type);
    if (fault === undefined) return false;
    fault.left -= 1;
    return true;
  }

  #take(service: string, request: SandboxRequest): Fault | undefined {
    for (const live of this.#rules) {
      const { rule } = live;
      if (live.left <= 0) continue;
      if (rule.service !== undefined && rule.service !== service) continue;
      if (rule.method !== undefined && rule.method !== request.method) continue;
      if (!live.matchesPath(request.rawPath)) continue;
      if (live.skip > 0) {
        live.skip -= 1;
        continue;
      }
      live.left -= 1;
      return rule.fault;
    }
    return undefined;
  }
}

/** The request with its body led through `step`; what goes wrong on the way goes wrong at the end too. */
function through(request: SandboxRequest, step: Transform): SandboxRequest {
  pipeline(request.body, step, () => undefined);
  return { ...request, body: step };
}

/** Breaks the connection once `limit` bytes have passed. */
function cuttingStream(limit: number, response: ServerResponse): Transform {
  let left = limit;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left > 0) {
        done(null, chunk);
        return;
      }
      response.destroy();
      done(new Error('The connection was cut, as asked'));
    },
  });
}

/** Lets `limit` bytes of the answer's body out, then breaks the connection. */
function cutAfter(response: ServerResponse, limit: number): void {
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  let left = limit;
  const pass = (chunk: unknown): void => {
    const bytes = toBytes(chunk);
    if (bytes.length < left) {
      left -= bytes.length;
      write(bytes);
      return;
    }
    if (left > 0) write(bytes.subarray(0, left));
    // Not at once: what was let out has to leave first.
    setTimeout(() => response.destroy(), left > 0 ? 50 : 0);
    left = 0;
  };
  response.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    if (!response.destroyed) pass(chunk);
    callBack(rest);
    return true;
  };
  response.end = (chunk?: unknown): ServerResponse => {
    if (chunk !== undefined && typeof chunk !== 'function') pass(chunk);
    setTimeout(() => response.destroy(), 50);
    return response;
  };
}

/** Makes the answer's body leave no faster than `bytesPerSecond`. */
function slowDown(response: ServerResponse, bytesPerSecond: number): void {
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  const end = response.end.bind(response) as () => ServerResponse;
  const slow = slowStream(bytesPerSecond);
  slow.on('data', (chunk: Buffer) => void write(chunk));
  slow.on('end', () => void end());
  slow.on('drain', () => void response.emit('drain'));
  response.on('close', () => slow.destroy());
  response.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const more = slow.write(toBytes(chunk));
    callBack(rest);
    return more;
  };
  response.end = (chunk?: unknown): ServerResponse => {
    if (chunk !== undefined && typeof chunk !== 'function') slow.write(toBytes(chunk));
    slow.end();
    return response;
  };
}

function slowStream(bytesPerSecond: number): Transform {
  const step = Math.max(1, Math.round(bytesPerSecond / 20));
  return new Transform({
    highWaterMark: step,
    transform(chunk: Buffer, _encoding, done) {
      const pass = async (): Promise<void> => {
        for (let at = 0; at < chunk.length && !this.destroyed; at += step) {
          const piece = chunk.subarray(at, at + step);
          await sleep((piece.length / bytesPerSecond) * 1000);
          this.push(piece);
        }
      };
      pass().then(() => {
        done();
      }, done);
    },
  });
}

function toBytes(chunk: unknown): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);
}

/** Calls the callback that `write` and `end` take as their last argument. */
function callBack(rest: readonly unknown[]): void {
  const done = rest.at(-1);
  if (typeof done === 'function') setImmediate(done as () => void);
}

function readSettings(settings: unknown): FaultSettings {
  if (isFaultSettings(settings)) return settings as FaultSettings;
  const [error] = isFaultSettings.errors!;
  throw new ServiceError(400, 'BadRequestException', problemOf(error!));
}

function problemOf({ instancePath, params }: ErrorObject): string {
  const forms = faultsSchema.properties;
  const [, name] = instancePath.split('/', 2);
  if (name !== undefined) return `'${name}' has to be ${forms[name as keyof typeof forms].description}.`;
  const { additionalProperty: unknown } = params as { readonly additionalProperty?: string };
  if (unknown === undefined) return 'The faults have to be one JSON object.';
  return `Unknown fault '${unknown}'. Known: ${Object.keys(forms).join(', ')}.`;
}
