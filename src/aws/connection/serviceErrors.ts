import type { ErrorCode } from '../../errors.ts';
import { AudienceError, cancelled, isCancelled } from '../../errors.ts';
import type { ErrorFacts, ErrorRule, ServiceName } from './errorRules.ts';
import { errorRules, listsName } from './errorRules.ts';
import { inServiceWords } from './redaction.ts';
import { withoutRowContent } from './serviceText.ts';

/** A request to a service, as error messages describe it. */
export interface RequestInfo {
  readonly service: ServiceName;
  /** Completes "Could not …", such as "list the segments". */
  readonly doing: string;
  /** How the user signs in again, if known. */
  readonly signIn?: string | undefined;
  /** The request contains records, or identifies a person: only a service's own words are shown of the response's text. */
  readonly isAboutPeople?: boolean | undefined;
}

/** Pinpoint's announced end of support. AWS doesn't document how retired operations report it, so this checks the text. */
const saysRetired = /end of support|no longer (?:supported|available)|has been (?:retired|discontinued)/i;

const endOfSupport =
  'Amazon Pinpoint ended support for endpoints, segments and their jobs on October 30, 2026. ' +
  'Files can still be validated, and the sandbox still runs imports and exports.';

const neverSent = new Set(errorRules.flatMap((rule) => (rule.neverSent ? (rule.names ?? []) : [])));

/** Converts an error of a service or the network to a user-facing one, without row content. */
export function serviceError(error: unknown, info: RequestInfo): AudienceError {
  if (error instanceof AudienceError) return error;
  if (isCancelled(error)) return cancelled();
  const facts = factsOf(error);
  if (facts === undefined) {
    // A defect of ours: its text may quote a file.
    const kind = error instanceof Error ? error.name : `a thrown ${typeof error}`;
    return new AudienceError('internal', `Could not ${info.doing}: internal error (${kind})`, {
      cause: error,
    });
  }
  const rule = findRule(facts, info.service);
  const code = rule?.code ?? 'service';
  const reason = typeof rule?.reason === 'function' ? rule.reason(facts) : rule?.reason;
  const message = info.isAboutPeople
    ? inServiceWords(withoutRowContent(facts.message))
    : withoutRowContent(facts.message);
  const text = reason ?? (message.replace(/[…\s\p{P}]/gu, '') === '' ? facts.name : message);
  return new AudienceError(code, `Could not ${info.doing}: ${text}`, {
    help: helpFor(code, rule, info),
    cause: new SafeCause(facts.name, message),
    service: {
      name: facts.name,
      ...(facts.status !== undefined && { status: facts.status }),
      ...(facts.requestId !== undefined && { requestId: facts.requestId }),
      ...(facts.retryAfterMs !== undefined && { retryAfterMs: facts.retryAfterMs }),
    },
  });
}

/** True if the request may have taken effect despite the error. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof AudienceError)) return false;
  const { service } = error;
  if (error.code === 'network') return service === undefined || !neverSent.has(service.name);
  return error.code === 'service';
}

/** True if the service responded, so that the request is no longer in flight. */
export function wasAnswered(error: unknown): boolean {
  return error instanceof AudienceError && error.service?.status !== undefined;
}

/** Replaces the SDK's error as a cause: its text may quote a file, and its request contains headers. */
class SafeCause extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

function findRule(facts: ErrorFacts, service: ServiceName): ErrorRule | undefined {
  const { name, status } = facts;
  const candidates = errorRules.filter(({ only }) => only === undefined || only.includes(service));
  const isRejected = status !== undefined && status >= 400 && status < 500;
  if (service === 'audience' && isRejected && saysRetired.test(facts.message)) {
    return candidates.find(({ code }) => code === 'retired');
  }
  return (
    candidates.find((rule) => listsName(rule, name)) ??
    candidates.find(({ statuses }) => status !== undefined && statuses?.includes(status) === true)
  );
}

function helpFor(code: ErrorCode, rule: ErrorRule | undefined, info: RequestInfo): string | undefined {
  if (rule?.help !== undefined) return rule.help;
  if (code === 'credentials') return info.signIn ?? 'Renew the credentials of the profile, then try again.';
  if (code === 'retired') return endOfSupport;
  if (code === 'access-denied') {
    const help = 'Ask for the permission that the message names, or use another profile.';
    // AWS doesn't document how retired operations fail; this is one of the likely ways.
    return info.service === 'audience'
      ? `${help} AWS ended this service on October 30, 2026, which may also be the reason.`
      : help;
  }
  return undefined;
}

/** Services don't write longer messages for people. */
const maxText = 16 * 1024;

/** `undefined` if the error is neither a response nor a known error of the SDK or the network. */
function factsOf(error: unknown): ErrorFacts | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata: metadata, $response: response, code, Code } = error as Partial<SdkError>;
  const status = metadata?.httpStatusCode ?? response?.statusCode;
  const isKnown = (name: unknown): name is string =>
    typeof name === 'string' && errorRules.some((rule) => listsName(rule, name));
  const name = [code, Code, error.name].find(isKnown) ?? error.name;
  if (status === undefined && !isKnown(name) && metadata === undefined && typeof code !== 'string') {
    return undefined;
  }
  // A service may have answered anything.
  const text: unknown = error.message;
  return {
    name: nameOf(name === 'Error' && typeof code === 'string' ? code : name),
    status,
    requestId: /^[\w=+/-]{1,128}$/.exec(metadata?.requestId ?? '')?.[0],
    message: typeof text === 'string' ? text.slice(0, maxText) : '',
    bucketRegion: /^[a-z\d-]{1,32}$/.exec(response?.headers?.['x-amz-bucket-region'] ?? '')?.[0],
    retryAfterMs: retryAfterMs(response?.headers?.['retry-after'], response?.headers?.['date']),
  };
}

/** A hostile service may put anything into the name. */
function nameOf(name: string): string {
  return /^[A-Za-z][\w.]{0,63}$/.test(name) ? name : 'Error';
}

/** Reads Retry-After: seconds, or a date, relative to the service's own clock since ours may be wrong. At most an hour. */
function retryAfterMs(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), 60 * 60 * 1000);
}

/** Members of errors of the SDK and Node. */
interface SdkError {
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
  readonly code: unknown;
  readonly Code: unknown;
}
