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

/** What happens to a matching request. */
export type Fault =
  /** Rejected with the service's throttling error, without effect. */
  | { readonly kind: 'throttle' }
  /** Rejected with the service's 5xx error, without effect. */
  | { readonly kind: 'server-error' }
  /** Rejected because of expired credentials, without effect. */
  | { readonly kind: 'expired-credentials' }
  /** Rejected with the service's access error, without effect. */
  | { readonly kind: 'access-denied' }
  /** Delayed by `delayMs`; both bodies are limited to `bytesPerSecond`. */
  | { readonly kind: 'slow'; readonly delayMs?: number; readonly bytesPerSecond?: number }
  /** The connection is cut before the request has an effect, or after `afterBytes` of its body. */
  | { readonly kind: 'cut-request'; readonly afterBytes?: number }
  /** The request takes effect, but the connection is cut after `afterBytes` of the response body (0: no response at all). */
  | { readonly kind: 'cut-answer'; readonly afterBytes?: number };

/** Which requests a fault applies to. Absent members match every request. */
export interface FaultRule {
  readonly service?: string;
  readonly method?: string;
  /** Matches the raw path; `*` matches within one segment, `**` anything. */
  readonly path?: string;
  /** Matching requests that pass before the first fault (default: 0). */
  readonly skip?: number;
  /** Matching requests that get the fault (default: 1); `null` for all until the faults are replaced. */
  readonly count?: number | null;
  readonly fault: Fault;
}

/** Makes the next `count` jobs (default: 1) fail halfway with a failed piece. */
interface JobFault {
  readonly type?: 'IMPORT' | 'EXPORT';
  readonly count?: number;
}

/** All faults that the sandbox can inject; absent ones are off. */
export interface FaultSettings {
  readonly rules?: readonly FaultRule[];
  readonly jobs?: readonly JobFault[];
  /** Rejects audience operations; GetApps and GetApp still work. */
  readonly retired?: boolean;
  /** What an import job with a SegmentId does to the segment's members (default: `replace`); AWS doesn't document which. */
  readonly segmentRefresh?: 'replace' | 'append';
  /** Overrides the sandbox's `paceMs`: milliseconds between two states of a job. Applies to running jobs, too. */
  readonly paceMs?: number;
  /** Overrides the number of import jobs that run at a time. */
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

/** For STS and IAM. */
const query: Refusals = {
  throttle: [400, 'Throttling', 'Rate exceeded'],
  'server-error': [500, 'InternalFailure', broken],
  'expired-credentials': [403, 'ExpiredToken', expired],
  'access-denied': [403, 'AccessDenied', denied],
};

/** The same errors, as each service reports them. */
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

const refusalsOf = (service: string): Refusals => getOwn(refusals, service) ?? refusals['mobiletargeting']!;

/** The service's 5xx error with another message. */
export function serverError(service: string, message: string): ServiceError {
  const [status, code] = refusalsOf(service)['server-error'];
  return new ServiceError(status, code, message);
}

/** Audience resources of an app (User guide, migrate: what stops after 2026-10-30). */
const audiencePath = /^\/v1\/apps\/[^/]+\/(segments|endpoints|users|jobs|attributes|settings)(\/|$)/;

/**
 * Injects faults, for tests. The gateway calls `before` for each verified request of every service, ahead of its handler.
 *
 * `PUT /_sandbox/faults`, authenticated like other requests, replaces all faults (`{}` turns them off); `GET` returns them. Faults
 * don't apply to this path.
 */
export class Faults {
  #settings: FaultSettings = {};
  #rules: LiveRule[] = [];
  #jobs: { type: JobFault['type']; left: number }[] = [];

  get settings(): FaultSettings {
    return this.#settings;
  }

  /** Replaces all faults. @throws ServiceError (400), without a change, if `settings` aren't valid `FaultSettings` */
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
   * Applies the fault of the first matching rule.
   *
   * @returns the request to handle, or `undefined` if the connection was cut
   * @throws ServiceError if the request is rejected
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
          throw new ServiceError(...refusalsOf(service)[fault.kind]);
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
      // AWS doesn't document status and code of retired operations; 410 is the sandbox's choice.
      throw new ServiceError(
        410,
        'GoneException',
        'Amazon Pinpoint ended support for endpoints, segments, campaigns, journeys and analytics on October 30, 2026. ' +
          "(Sandbox: AWS doesn't document the status and code of this answer.)",
      );
    }
    return request;
  }

  /** True if the job that starts now should fail. Uses up one failure. */
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

/** The request with its body piped through `step`, errors included. */
function through(request: SandboxRequest, step: Transform): SandboxRequest {
  pipeline(request.body, step, () => undefined);
  return { ...request, body: step };
}

/** Cuts the connection after `limit` bytes. */
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
      done(new Error('The connection was cut by a fault'));
    },
  });
}

/** Cuts the connection after `limit` bytes of the response body. */
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
    // Delayed so that the bytes above are sent first.
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

/** Limits the response body to `bytesPerSecond`. */
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
  if (name !== undefined) return `'${name}' must be ${forms[name as keyof typeof forms].description}.`;
  const { additionalProperty: unknown } = params as { readonly additionalProperty?: string };
  if (unknown === undefined) return 'The faults must be one JSON object.';
  return `Unknown fault '${unknown}'. Known: ${Object.keys(forms).join(', ')}.`;
}
