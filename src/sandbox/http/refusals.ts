import { ServiceError } from './http.ts';

/** Why a signature is rejected. */
type RefusalKind = keyof typeof refusals;

type Refusal = readonly [status: number, code: string];

/** Status and code by reason and service. `other` are the JSON services, such as Pinpoint. */
const refusals = {
  missing: {
    s3: [403, 'AccessDenied'],
    sts: [403, 'MissingAuthenticationToken'],
    other: [403, 'MissingAuthenticationTokenException'],
  },
  malformed: {
    s3: [400, 'AuthorizationHeaderMalformed'],
    sts: [400, 'IncompleteSignature'],
    other: [400, 'IncompleteSignatureException'],
  },
  'malformed-query': {
    s3: [400, 'AuthorizationQueryParametersError'],
    sts: [400, 'IncompleteSignature'],
    other: [400, 'IncompleteSignatureException'],
  },
  unsupported: {
    s3: [400, 'InvalidRequest'],
    sts: [400, 'IncompleteSignature'],
    other: [400, 'IncompleteSignatureException'],
  },
  'unknown-key': {
    s3: [403, 'InvalidAccessKeyId'],
    sts: [403, 'InvalidClientTokenId'],
    other: [403, 'UnrecognizedClientException'],
  },
  'invalid-token': {
    s3: [400, 'InvalidToken'],
    sts: [403, 'InvalidClientTokenId'],
    other: [403, 'UnrecognizedClientException'],
  },
  'expired-token': {
    s3: [400, 'ExpiredToken'],
    sts: [403, 'ExpiredToken'],
    other: [403, 'ExpiredTokenException'],
  },
  signature: {
    s3: [403, 'SignatureDoesNotMatch'],
    sts: [403, 'SignatureDoesNotMatch'],
    other: [403, 'InvalidSignatureException'],
  },
  skewed: {
    s3: [403, 'RequestTimeTooSkewed'],
    sts: [403, 'SignatureDoesNotMatch'],
    other: [403, 'InvalidSignatureException'],
  },
  'expired-request': {
    s3: [403, 'AccessDenied'],
    sts: [403, 'SignatureDoesNotMatch'],
    other: [403, 'InvalidSignatureException'],
  },
  'unsigned-header': {
    s3: [403, 'AccessDenied'],
    sts: [403, 'SignatureDoesNotMatch'],
    other: [403, 'InvalidSignatureException'],
  },
} satisfies Record<string, Record<'s3' | 'sts' | 'other', Refusal>>;

/** The error format of a service; IAM uses the same protocol as STS. */
const forms: ReadonlyMap<string, 's3' | 'sts'> = new Map([
  ['s3', 's3'],
  ['sts', 'sts'],
  ['iam', 'sts'],
]);

/**
 * The error with which `service` rejects a signature.
 *
 * @param details further elements of S3's error response
 */
export function refuse(
  service: string,
  kind: RefusalKind,
  message: string,
  details?: ServiceError['details'],
): ServiceError {
  const [status, code] = refusals[kind][forms.get(service) ?? 'other'];
  return new ServiceError(status, code, message, details);
}
