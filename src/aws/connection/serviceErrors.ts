import { inServiceWords, withoutAddresses } from './redaction.ts';
import type { ErrorCode } from '../../errors.ts';
import { AudienceError, cancelled, isCancelled } from '../../errors.ts';

/**
 * Which of the services was asked; `audience` are the operations on segments, endpoints and jobs, `projects` the rest of Pinpoint,
 * `access` IAM and KMS.
 */
export type ServiceName = 'audience' | 'projects' | 'staging' | 'identity' | 'access';

export interface Asked {
  readonly service: ServiceName;
  /** Completes "Could not …", such as "list the segments". */
  readonly doing: string;
  /** How the user signs in anew, where it is known. */
  readonly signIn?: string | undefined;
  /** The request holds records, or names somebody: of the answer's text only a service's own words are shown. */
  readonly isAboutPeople?: boolean | undefined;
}

/** What can be known of an error of the SDK without reading its text. */
interface Facts {
  readonly name: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly message: string;
  /** The bucket's own region, where S3 told it. */
  readonly bucketRegion: string | undefined;
  readonly retryAfterMs: number | undefined;
}

interface Rule {
  readonly code: ErrorCode;
  readonly only?: readonly ServiceName[];
  /** Exception names of the services and the SDK, error codes of Node. */
  readonly names?: readonly string[];
  /** The request cannot have reached the service. */
  readonly neverSent?: true;
  /** HTTP statuses, for answers whose name is in no rule. */
  readonly statuses?: readonly number[];
  /** In place of the service's own text. */
  readonly reason?: string | ((facts: Facts) => string);
  readonly help?: string;
}

const pinpoint = ['audience', 'projects'] as const;

/** The first rule that knows the name, else the first that knows the status. */
const rules: readonly Rule[] = [
  // Credentials: sign in anew
  {
    code: 'credentials',
    names: [
      'ExpiredToken',
      'ExpiredTokenException',
      'TokenRefreshRequired',
      'RequestExpired',
      'UnauthorizedSSOTokenError',
    ],
    reason: 'the credentials have expired',
  },
  {
    code: 'credentials',
    names: ['CredentialsProviderError', 'TokenProviderError', 'ProviderError', 'UnauthorizedException'],
  },
  {
    code: 'credentials',
    names: [
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidToken',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'NotAuthorized',
    ],
    reason: 'the service does not know these credentials',
    help: 'Choose another profile, or renew the keys of this one.',
  },
  {
    code: 'credentials',
    names: [
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'IncompleteSignature',
      'IncompleteSignatureException',
    ],
    reason: 'the signature does not fit',
    help: 'Check the secret access key of the profile and the clock of this machine.',
  },
  {
    code: 'credentials',
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    reason: 'the clock of this machine is wrong',
    help: 'Set the clock of this machine.',
  },

  // Retired. AWS does not document what operations answer that it no longer serves: 410 and its name are what HTTP offers.
  {
    code: 'retired',
    only: ['audience'],
    names: ['GoneException', 'Gone', 'EndOfSupportException', 'ServiceRetiredException'],
    statuses: [410],
  },

  // Rights
  {
    code: 'access-denied',
    names: ['AccessDenied', 'AccessDeniedException', 'ForbiddenException', 'Forbidden', 'AllAccessDisabled'],
    statuses: [401, 403],
  },

  // Too often
  {
    code: 'throttled',
    names: [
      'TooManyRequestsException',
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
      'LimitExceededException',
    ],
    statuses: [429],
    reason: 'the service was asked too often',
    help: 'Wait a little, then try again.',
  },

  // Not there
  {
    code: 'not-found',
    only: ['staging'],
    // The second is what is left where the answer has no body, as to HeadBucket.
    names: ['NoSuchBucket', 'NotFound'],
    reason: 'there is no such bucket',
    help: 'Choose another bucket, or create this one.',
  },
  { code: 'not-found', names: ['NoSuchKey'], reason: 'there is no such object' },
  {
    code: 'not-found',
    only: pinpoint,
    names: ['NotFoundException'],
    reason: 'it does not exist in this account and region',
    help: 'Refresh, and check that the connection is to the right account and region.',
  },
  {
    code: 'not-found',
    only: ['access'],
    names: ['NoSuchEntity', 'NoSuchEntityException', 'NotFoundException'],
    reason: 'it does not exist in this account',
  },
  { code: 'not-found', statuses: [404], reason: 'it does not exist' },

  // Another region
  {
    code: 'bad-input',
    only: ['staging'],
    names: [
      'PermanentRedirect',
      'TemporaryRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
    ],
    statuses: [301, 307],
    reason: ({ bucketRegion }) => `the bucket is in another region${bucketRegion ? `: ${bucketRegion}` : ''}`,
    help: 'Choose a bucket in the region of the connection, or connect to the region of the bucket.',
  },

  // In the way
  {
    code: 'conflict',
    only: ['staging'],
    names: ['BucketAlreadyExists'],
    reason: 'a bucket of this name is somebody else’s, and names are unique in all of AWS',
    help: 'Choose another name.',
  },
  {
    code: 'conflict',
    names: ['BucketAlreadyOwnedByYou', 'EntityAlreadyExists', 'EntityAlreadyExistsException'],
    reason: 'it is there already',
  },
  {
    code: 'conflict',
    only: ['staging'],
    names: ['PreconditionFailed', 'ConditionalRequestConflict'],
    statuses: [409, 412],
    reason: 'there is an object of this name already, and nothing is overwritten',
    help: 'Choose another prefix.',
  },
  { code: 'conflict', names: ['ConflictException'], statuses: [409, 412] },

  // What was asked for cannot work
  {
    code: 'bad-input',
    names: ['KMS.DisabledException', 'KMS.KMSInvalidStateException', 'KMS.NotFoundException'],
    help: 'Check the KMS key in the settings: it has to exist in the region of the bucket and be enabled.',
  },
  {
    code: 'bad-input',
    names: ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
    reason: 'what arrived is not what was sent',
    help: 'Try again; if it persists, something between this machine and the service changes the data.',
  },
  {
    code: 'bad-input',
    names: ['EntityTooLarge', 'PayloadTooLargeException', 'RequestEntityTooLargeException'],
    statuses: [413],
    reason: 'it is larger than the service takes',
  },
  {
    code: 'bad-input',
    names: ['BadRequestException', 'MethodNotAllowedException', 'InvalidBucketName', 'InvalidArgument'],
    statuses: [400, 405, 422],
  },

  // The way to the service
  {
    code: 'network',
    names: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'],
    neverSent: true,
    reason: 'the name of the service cannot be resolved',
    help: 'Check the network, the region and the endpoint URL.',
  },
  {
    code: 'network',
    names: ['ECONNREFUSED'],
    neverSent: true,
    reason: 'nothing answers there',
    help: 'Check the endpoint URL, and that the sandbox runs where it is meant.',
  },
  {
    code: 'network',
    names: ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
    neverSent: true,
    reason: 'there is no way to the service',
    help: 'Check the network, VPN and proxy.',
  },
  {
    code: 'network',
    names: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'IncompleteBody'],
    reason: 'the connection broke off',
    help: 'Check the network, then try again.',
  },
  {
    code: 'network',
    names: ['TimeoutError', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'RequestTimeout', 'RequestTimeoutException'],
    reason: 'no answer came in time',
    help: 'Check the network, VPN and proxy, then try again.',
  },
  {
    code: 'network',
    names: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    neverSent: true,
    reason: ({ name }) => `the certificate of the service is not trusted (${name})`,
    help: 'Where a proxy inspects traffic, name its CA file in AWS_CA_BUNDLE, or in NODE_EXTRA_CA_CERTS before the editor starts.',
  },
  {
    code: 'network',
    names: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    neverSent: true,
    reason: 'the other side does not speak TLS',
    help: 'Check whether the endpoint URL begins with http:// or https://.',
  },
  {
    code: 'network',
    statuses: [407],
    reason: 'the proxy asks for a sign-in',
    help: 'Check the proxy settings.',
  },

  { code: 'service', names: ['SyntaxError'], reason: 'the answer is not one of the service' },
  {
    code: 'service',
    names: ['InternalServerErrorException', 'InternalError', 'InternalFailure', 'ServiceUnavailable'],
    statuses: [500, 502, 503, 504],
    reason: 'the service had an error of its own',
    help: 'Try again in a while.',
  },
];

/** The announced end of support; AWS does not document how its operations say so, hence the look at the text. */
const saysRetired = /end of support|no longer (?:supported|available)|has been (?:retired|discontinued)/i;

const endOfSupport =
  'Amazon Pinpoint ended support for endpoints, segments and their jobs on 30 October 2026. ' +
  'Files can still be validated, and the sandbox still runs imports and exports.';

/** Errors after which the request cannot have reached the service. */
const neverSent = new Set(rules.flatMap((rule) => (rule.neverSent ? (rule.names ?? []) : [])));

/** What a service or the way to it said, as the error that reaches people. Row content in the service's text is left out. */
export function serviceError(error: unknown, asked: Asked): AudienceError {
  if (error instanceof AudienceError) return error;
  if (isCancelled(error)) return cancelled();
  const facts = factsOf(error);
  if (facts === undefined) {
    // A defect of ours: its text may quote a file.
    const kind = error instanceof Error ? error.name : `a thrown ${typeof error}`;
    return new AudienceError('internal', `Could not ${asked.doing}: internal error (${kind})`, {
      cause: error,
    });
  }
  const rule = findRule(facts, asked.service);
  const code = rule?.code ?? 'service';
  const reason = typeof rule?.reason === 'function' ? rule.reason(facts) : rule?.reason;
  const message = asked.isAboutPeople
    ? inServiceWords(withoutRowContent(facts.message))
    : withoutRowContent(facts.message);
  const said = reason ?? (message.replace(/[…\s\p{P}]/gu, '') === '' ? facts.name : message);
  return new AudienceError(code, `Could not ${asked.doing}: ${said}`, {
    help: helpFor(code, rule, asked),
    cause: new SafeCause(facts.name, message),
    service: {
      name: facts.name,
      ...(facts.status !== undefined && { status: facts.status }),
      ...(facts.requestId !== undefined && { requestId: facts.requestId }),
      ...(facts.retryAfterMs !== undefined && { retryAfterMs: facts.retryAfterMs }),
    },
  });
}

/** True where the service may have done what it was asked for although `error` came back in place of an answer. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof AudienceError)) return false;
  const { service } = error;
  if (error.code === 'network') return service === undefined || !neverSent.has(service.name);
  return error.code === 'service';
}

/** True where the service answered at all, so that the request is no longer on its way. */
export function wasAnswered(error: unknown): boolean {
  return error instanceof AudienceError && error.service?.status !== undefined;
}

/**
 * A text of the service without what it quotes of a file. What a row can write, it can also write like the service: quotation marks,
 * positions, brackets. So of a text with a quotation only what is known from outside of it stays: how the text begins, and the
 * position at its very end. In other texts, values that look like an address are left out.
 */
export function withoutRowContent(message: string): string {
  const known = jacksonKinds.find((each) => message.startsWith(each));
  // A parser's text that was cut, or made without its source, still quotes a value.
  if (known === undefined && !message.includes('[Source:')) return withoutAddresses(message);
  const kind = known ?? 'A record could not be read';
  const position = /; line: (\d{1,10}), column: (\d{1,10})\]$/.exec(message.trimEnd());
  return position === null ? kind : `${kind} at line ${position[1]}, column ${position[2]}`;
}

/** How Jackson's texts begin, as far as no row has a part in it. */
const jacksonKinds: readonly string[] = [
  'Unexpected character',
  'Unexpected end-of-input',
  'Unexpected close marker',
  'Unrecognized token',
  'Unrecognized field',
  'Unrecognized character escape',
  'Illegal unquoted character',
  'Illegal character',
  'Invalid numeric value',
  'Invalid UTF-8',
  'Duplicate field',
  'Numeric value out of range',
  'Cannot deserialize value',
  'Cannot deserialize instance',
  'Cannot construct instance',
  'Cannot coerce',
  'Missing required creator property',
  'Trailing token',
  'No content to map due to end-of-input',
  'Document nesting depth exceeds the maximum allowed',
];

/** Stands for the SDK's error as a cause: its text may quote a file, and its request holds headers. */
class SafeCause extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

function findRule(facts: Facts, service: ServiceName): Rule | undefined {
  const fitting = rules.filter(({ only }) => only === undefined || only.includes(service));
  const byName = fitting.find(({ names }) => names?.includes(facts.name));
  const rule =
    byName ??
    fitting.find(({ statuses }) => facts.status !== undefined && statuses?.includes(facts.status) === true);
  const refused = facts.status !== undefined && facts.status >= 400 && facts.status < 500;
  if (service === 'audience' && refused && saysRetired.test(facts.message)) {
    return rules.find(({ code }) => code === 'retired');
  }
  return rule;
}

function helpFor(code: ErrorCode, rule: Rule | undefined, asked: Asked): string | undefined {
  if (rule?.help !== undefined) return rule.help;
  if (code === 'credentials') return asked.signIn ?? 'Renew the credentials of the profile, then try again.';
  if (code === 'retired') return endOfSupport;
  if (code === 'access-denied') {
    const ask = 'Ask for the permission that the message names, or use another profile.';
    // What a retired operation answers is not documented; a refusal is one of the likely forms.
    return asked.service === 'audience'
      ? `${ask} AWS ended this service on 30 October 2026: the refusal may also mean that.`
      : ask;
  }
  return undefined;
}

/** A longer text is none that a service writes for people. */
const maxText = 16 * 1024;

function factsOf(error: unknown): Facts | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata: metadata, $response: response, code, Code } = error as Partial<SdkError>;
  const status = metadata?.httpStatusCode ?? response?.statusCode;
  const known = (name: unknown): name is string =>
    typeof name === 'string' && rules.some(({ names }) => names?.includes(name) === true);
  const name = [code, Code, error.name].find(known) ?? error.name;
  // Neither answered nor of a known kind: a defect, not a service.
  if (status === undefined && !known(name) && metadata === undefined && typeof code !== 'string') {
    return undefined;
  }
  return {
    name: name === 'Error' && typeof code === 'string' ? code : name,
    status,
    requestId: metadata?.requestId,
    message: String(error.message).slice(0, maxText),
    bucketRegion: /^[a-z\d-]{1,32}$/.exec(response?.headers?.['x-amz-bucket-region'] ?? '')?.[0],
    retryAfterMs: retryAfterMs(response?.headers?.['retry-after'], response?.headers?.['date']),
  };
}

/** Seconds, or a date, which is compared with the service's own clock: ours may be wrong. No longer than an hour. */
function retryAfterMs(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), 60 * 60 * 1000);
}

/** The members that errors of the SDK and of Node have, some of them. */
interface SdkError {
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
  readonly code: unknown;
  readonly Code: unknown;
}
