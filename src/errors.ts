/**
 * The kind of error. Callers decide by this code, never by the text of a message.
 *
 * - `cancelled`: the user stopped it; not an error to show
 * - `bad-input`: the input can't work as it is
 * - `not-found`: a file, bucket, project, segment or job doesn't exist
 * - `changed`: a file changed while it was being read
 * - `access-denied`, `credentials`, `throttled`, `network`: as the names say
 * - `retired`: this account or region no longer serves audience operations
 * - `conflict`: it already exists, or something else changed it first
 * - `disk`: full, read-only, or a path that can't be written
 * - `service`: any other error of a service
 * - `internal`: a defect of ours
 */
export type ErrorCode =
  | 'cancelled'
  | 'bad-input'
  | 'not-found'
  | 'changed'
  | 'access-denied'
  | 'credentials'
  | 'throttled'
  | 'network'
  | 'retired'
  | 'conflict'
  | 'disk'
  | 'service'
  | 'internal';

export interface ErrorDetails {
  /** What the user can do next: one sentence. */
  readonly help?: string | undefined;
  readonly cause?: unknown;
  /** The service's response: exception name, HTTP status, request ID. */
  readonly service?:
    | {
        readonly name: string;
        readonly status?: number;
        readonly requestId?: string;
        /** How long to wait before the next request, in milliseconds (RFC 9110, Retry-After). */
        readonly retryAfterMs?: number;
      }
    | undefined;
}

/** The one error type that people see: `message` says what happened and why, `help` what to do next. */
export class AudienceError extends Error {
  override readonly name = 'AudienceError';
  readonly code: ErrorCode;
  readonly help: string | undefined;
  readonly service: ErrorDetails['service'];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.help = details.help;
    this.service = details.service;
  }
}

/** An error as people read it: what happened and what to do next, as sentences without the last period. */
export function errorText({
  message,
  help,
}: {
  readonly message: string;
  readonly help?: string | undefined;
}): string {
  return [message, help].filter(Boolean).join('. ');
}

/**
 * What people may read of any error: the text of ours. The text of another may quote a row, as a JSON parser's does, so only its
 * kind is shown; the log shows where it happened.
 */
export function reasonOf(error: unknown): string {
  return error instanceof AudienceError ? errorText(error) : `Internal error (${errorKind(error)})`;
}

/** The name and code of an error. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}

/** The kind and stack of an error, without its text. */
export function stackOf(error: unknown): string {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return [errorKind(error), ...frames].join('\n');
}

/** The error of an argument or document that can't work as it is: what is wrong, and what to do. */
export function badInput(message: string, help: string): AudienceError {
  return new AudienceError('bad-input', message, { help });
}

/** The error for whatever the user cancelled. */
export function cancelled(): AudienceError {
  return new AudienceError('cancelled', 'Cancelled');
}

/** True if the user cancelled (our error, or a platform's AbortError). */
export function isCancelled(error: unknown): boolean {
  if (error instanceof AudienceError) return error.code === 'cancelled';
  return error instanceof Error && error.name === 'AbortError';
}

/** Throws `cancelled()` once `signal` is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
