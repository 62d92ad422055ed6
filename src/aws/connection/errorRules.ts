import type { ErrorCode } from '../../errors.ts';
import { isThrottlingName, isTransientCode, isTransientName } from './retryLists.ts';

/**
 * The service that was called. `audience`: operations on segments, endpoints and jobs; `projects`: the rest of Pinpoint; `access`:
 * IAM and KMS.
 */
export type ServiceName = 'audience' | 'projects' | 'staging' | 'identity' | 'access';

/** The facts of an SDK error that don't depend on its message. */
export interface ErrorFacts {
  /** The exception's name, or Node's error code. */
  readonly name: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly message: string;
  /** The bucket's region, if S3 returned it. */
  readonly bucketRegion: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** What an error means. A rule matches by name or, for unknown names, by status. */
export interface ErrorRule {
  readonly code: ErrorCode;
  readonly only?: readonly ServiceName[];
  /** Exception names of the services and the SDK, error codes of Node. */
  readonly names?: readonly string[];
  /** Further names, from the SDK's own lists. */
  readonly sdkNames?: (name: string) => boolean;
  /** The request can't have reached the service. */
  readonly neverSent?: true;
  readonly statuses?: readonly number[];
  /** Replaces the service's own text. */
  readonly reason?: string | ((facts: ErrorFacts) => string);
  readonly help?: string;
}

const pinpoint = ['audience', 'projects'] as const;

const credentials: readonly ErrorRule[] = [
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
    reason: 'unknown credentials',
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
    reason: "the signature doesn't match",
    help: 'Check the secret access key of the profile and the clock of this machine.',
  },
  {
    code: 'credentials',
    // The SDK's list of clock-skew errors also has names that usually mean something else, such as AccessDeniedException.
    names: ['RequestTimeTooSkewed', 'RequestInTheFuture'],
    reason: 'the clock of this machine is wrong',
    help: 'Set the clock of this machine.',
  },
];

const permissions: readonly ErrorRule[] = [
  {
    // AWS doesn't document how retired operations fail: 410 and its name are HTTP's way.
    code: 'retired',
    only: ['audience'],
    names: ['GoneException', 'Gone', 'EndOfSupportException', 'ServiceRetiredException'],
    statuses: [410],
  },
  {
    code: 'access-denied',
    names: ['AccessDenied', 'AccessDeniedException', 'ForbiddenException', 'Forbidden', 'AllAccessDisabled'],
    statuses: [401, 403],
  },
  {
    code: 'throttled',
    sdkNames: isThrottlingName,
    statuses: [429],
    reason: 'too many requests',
    help: 'Wait a little, then try again.',
  },
];

const missing: readonly ErrorRule[] = [
  {
    code: 'not-found',
    only: ['staging'],
    // `NotFound` is the SDK's name for a 404 without a body, as of HeadBucket.
    names: ['NoSuchBucket', 'NotFound'],
    reason: "the bucket doesn't exist",
    help: 'Choose another bucket, or create this one.',
  },
  { code: 'not-found', names: ['NoSuchKey'], reason: "the object doesn't exist" },
  {
    code: 'not-found',
    only: pinpoint,
    names: ['NotFoundException'],
    reason: "it doesn't exist in this account and region",
    help: 'Refresh, and check that the connection is to the right account and region.',
  },
  {
    code: 'not-found',
    only: ['access'],
    names: ['NoSuchEntity', 'NoSuchEntityException', 'NotFoundException'],
    reason: "it doesn't exist in this account",
  },
  { code: 'not-found', statuses: [404], reason: "it doesn't exist" },
];

const conflicts: readonly ErrorRule[] = [
  {
    code: 'conflict',
    only: ['staging'],
    names: ['BucketAlreadyExists'],
    reason: 'another account owns a bucket with this name, and names are unique in all of AWS',
    help: 'Choose another name.',
  },
  {
    code: 'conflict',
    names: ['BucketAlreadyOwnedByYou', 'EntityAlreadyExists', 'EntityAlreadyExistsException'],
    reason: 'it already exists',
  },
  {
    code: 'conflict',
    only: ['staging'],
    names: ['PreconditionFailed', 'ConditionalRequestConflict'],
    statuses: [409, 412],
    reason: "an object with this name already exists, and objects aren't overwritten",
    help: 'Choose another prefix.',
  },
  { code: 'conflict', names: ['ConflictException'], statuses: [409, 412] },
];

const badInput: readonly ErrorRule[] = [
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
  {
    code: 'bad-input',
    names: ['KMS.DisabledException', 'KMS.KMSInvalidStateException', 'KMS.NotFoundException'],
    help: "Check the KMS key in the settings: it must exist in the bucket's region and be enabled.",
  },
  {
    code: 'bad-input',
    names: ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
    reason: 'the data changed in transit',
    help: 'Try again. If it persists, check what is between this machine and the service, such as a proxy.',
  },
  {
    code: 'bad-input',
    names: ['EntityTooLarge', 'PayloadTooLargeException', 'RequestEntityTooLargeException'],
    statuses: [413],
    reason: 'it exceeds the maximum size of the service',
  },
  {
    code: 'bad-input',
    names: ['BadRequestException', 'MethodNotAllowedException', 'InvalidBucketName', 'InvalidArgument'],
    statuses: [400, 405, 422],
  },
];

const network: readonly ErrorRule[] = [
  {
    code: 'network',
    names: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'],
    neverSent: true,
    reason: "the service's host name can't be resolved",
    help: 'Check the network, the region and the service URL.',
  },
  {
    code: 'network',
    names: ['ECONNREFUSED'],
    neverSent: true,
    reason: 'connection refused',
    help: 'Check the service URL, and that the sandbox is running if it is one.',
  },
  {
    code: 'network',
    names: ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
    neverSent: true,
    reason: 'the service is unreachable',
    help: 'Check the network, VPN and proxy.',
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
    reason: ({ name }) => `the service's certificate isn't trusted (${name})`,
    help: 'If a proxy inspects traffic, set AWS_CA_BUNDLE to its CA file, or NODE_EXTRA_CA_CERTS before the editor starts.',
  },
  {
    code: 'network',
    names: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    neverSent: true,
    reason: "the service doesn't use TLS",
    help: 'Check whether the service URL begins with http:// or https://.',
  },
  {
    code: 'network',
    statuses: [407],
    reason: 'the proxy requires a sign-in',
    help: 'Check the proxy settings.',
  },
  {
    code: 'network',
    names: ['ETIMEDOUT', 'ESOCKETTIMEDOUT'],
    sdkNames: isTransientName,
    reason: 'timed out',
    help: 'Check the network, VPN and proxy, then try again.',
  },
  {
    code: 'network',
    names: ['ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'IncompleteBody'],
    sdkNames: isTransientCode,
    reason: 'the connection was lost',
    help: 'Check the network, then try again.',
  },
];

/** Checked in order. */
export const errorRules: readonly ErrorRule[] = [
  ...credentials,
  ...permissions,
  ...missing,
  ...conflicts,
  ...badInput,
  ...network,
  {
    code: 'service',
    names: ['SyntaxError', 'InvalidResponse'],
    reason: "the response isn't valid",
    help: 'Check the service URL that you are connected to.',
  },
  {
    code: 'service',
    names: ['ResponseTooLarge'],
    reason: 'the response is too large',
    help: 'Check the service URL that you are connected to.',
  },
  {
    code: 'service',
    names: ['InternalServerErrorException', 'InternalError', 'InternalFailure', 'ServiceUnavailable'],
    statuses: [500, 502, 503, 504],
    reason: 'internal error of the service',
    help: 'Try again in a while.',
  },
];

/** Whether a rule lists a name, itself or by the SDK's lists. */
export function listsName({ names, sdkNames }: ErrorRule, name: string): boolean {
  return names?.includes(name) === true || sdkNames?.(name) === true;
}
