import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Actor } from '../authority.ts';

/** Who signed a request, as GetCallerIdentity returns it. */
export interface Principal {
  readonly arn: string;
  readonly userId: string;
}

/** A request with a verified signature. */
export interface SandboxRequest {
  readonly id: string;
  readonly method: string;
  /** Percent-encoded path without the query. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The payload without `aws-chunked` framing. It is verified as it is read: trust it only once it has ended. */
  readonly body: Readable;
  /** Trailers of an `aws-chunked` payload, names in lower case; complete once `body` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
  readonly accessKeyId: string;
  readonly principal: Principal;
  readonly region: string;
}

/** One service of the sandbox, chosen by the service name in the signature's scope. */
export interface ServiceHandler {
  /** `mobiletargeting`, `s3`, `sts`, `iam` or `kms`. */
  readonly service: string;
  /** Answers the request. The gateway passes errors to `sendError`. */
  handle(request: SandboxRequest, response: ServerResponse): Promise<void>;
  /** Sends an error in the service's own format, including signature errors (`SignatureDoesNotMatch`, …) and injected faults. */
  sendError(response: ServerResponse, requestId: string, error: unknown): void;
}

/** The sender of a request, as IAM policies see it. */
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

/** An error with the service's own code, sent as the service would. */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of S3's error response. */
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
