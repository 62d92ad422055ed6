import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Actor } from '../authority.ts';

/** Who signed a request, as GetCallerIdentity answers it. */
export interface Principal {
  readonly arn: string;
  readonly userId: string;
}

/** A request whose signature was verified. */
export interface SandboxRequest {
  readonly id: string;
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /**
   * The payload itself: `aws-chunked` framing is taken off, and what was signed of it is verified while it is read,
   * so it is to be trusted only once it has ended.
   */
  readonly body: Readable;
  /** What followed an `aws-chunked` payload, names in lower case; complete once `body` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
  readonly accessKeyId: string;
  readonly principal: Principal;
  readonly region: string;
}

/** One service of the sandbox, chosen by the service name in the signature's scope. */
export interface ServiceHandler {
  /** `mobiletargeting`, `s3`, `sts`, `iam` or `kms`. */
  readonly service: string;
  /** Answers the request. What it throws is answered by `sendError`. */
  handle(request: SandboxRequest, response: ServerResponse): Promise<void>;
  /** Writes an error in the service's own form; also for refused signatures (`SignatureDoesNotMatch`, …) and asked-for faults. */
  sendError(response: ServerResponse, requestId: string, error: unknown): void;
}

/** Who sent a request, as the policies of IAM see it. */
export function actorOf({ principal, region, headers }: SandboxRequest): Actor {
  return {
    arn: principal.arn,
    region,
    keys: {
      'aws:SourceIp': '127.0.0.1',
      'aws:UserAgent': headers['user-agent'],
      'aws:userid': principal.userId,
    },
  };
}

/** An error with the service's own code, answered as the service would. */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;
  /** What S3 adds to its answer, by element. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}
