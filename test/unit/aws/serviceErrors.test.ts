import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'mocha';
import '../../../src/aws/connection/clients.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { AudienceError } from '../../../src/errors.ts';
import type { ServiceName } from '../../../src/aws/connection/errorRules.ts';
import { mayHaveHappened, serviceError, wasAnswered } from '../../../src/aws/connection/serviceErrors.ts';
import { withoutRowContent } from '../../../src/aws/connection/serviceText.ts';

/** As the SDK throws what a service answered. */
function answered(
  name: string,
  status: number,
  message = 'text',
  headers: Record<string, string> = {},
): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status, requestId: 'r-1' },
    $response: { statusCode: status, headers },
  });
}

/** As Node throws what happened on the way. */
function onTheWay(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

const map = (error: unknown, service: ServiceName = 'audience') =>
  serviceError(error, { service, doing: 'list the segments' });

describe('service errors', () => {
  const rows: readonly (readonly [string, number, ErrorCode, ServiceName?])[] = [
    ['BadRequestException', 400, 'bad-input'],
    ['ForbiddenException', 403, 'access-denied'],
    ['AccessDeniedException', 403, 'access-denied'],
    ['NotFoundException', 404, 'not-found'],
    ['MethodNotAllowedException', 405, 'bad-input'],
    ['ConflictException', 409, 'conflict'],
    ['PayloadTooLargeException', 413, 'bad-input'],
    ['TooManyRequestsException', 429, 'throttled'],
    ['InternalServerErrorException', 500, 'service'],
    ['ExpiredTokenException', 403, 'credentials'],
    ['UnrecognizedClientException', 403, 'credentials'],
    ['InvalidSignatureException', 403, 'credentials'],
    ['GoneException', 410, 'retired'],
    ['SomethingNew', 410, 'retired'],
    ['SomethingNew', 410, 'service', 'projects'],
    ['SomethingNew', 418, 'service'],
    ['UnknownError', 403, 'access-denied'],
    ['UnknownError', 503, 'service'],
    ['NoSuchBucket', 404, 'not-found', 'staging'],
    ['NoSuchKey', 404, 'not-found', 'staging'],
    ['NotFound', 404, 'not-found', 'staging'],
    ['AccessDenied', 403, 'access-denied', 'staging'],
    ['SlowDown', 503, 'throttled', 'staging'],
    ['PreconditionFailed', 412, 'conflict', 'staging'],
    ['PermanentRedirect', 301, 'bad-input', 'staging'],
    ['ExpiredToken', 400, 'credentials', 'staging'],
    ['InvalidAccessKeyId', 403, 'credentials', 'staging'],
    ['SignatureDoesNotMatch', 403, 'credentials', 'staging'],
    ['RequestTimeTooSkewed', 403, 'credentials', 'staging'],
    ['RequestTimeout', 400, 'network', 'staging'],
    ['KMS.NotFoundException', 400, 'bad-input', 'staging'],
    ['BadDigest', 400, 'bad-input', 'staging'],
    ['InvalidClientTokenId', 403, 'credentials', 'identity'],
  ];
  for (const [name, status, code, service = 'audience'] of rows) {
    it(`${name} (${status}, ${service}) is "${code}"`, () => {
      const error = map(answered(name, status), service);
      assert.equal(error.code, code);
      assert.deepEqual(error.service, { name, status, requestId: 'r-1' });
      assert.match(error.message, /^Could not list the segments: ./);
    });
  }

  it('hides names and request IDs of a form that AWS never uses', () => {
    const error = map(answered('Ada <ada@example.com> +4915112345678', 400, ''));
    assert.doesNotMatch(`${error.message} ${error.service?.name}`, /ada|4915/i);
    assert.equal(map(answered('BadRequestException', 400, '')).service?.name, 'BadRequestException');
  });

  it("uses the SDK's names of throttling and transient errors", () => {
    for (const name of ['ThrottlingException', 'BandwidthLimitExceeded', 'EC2ThrottledException'])
      assert.equal(map(answered(name, 400)).code, 'throttled', name);
    for (const name of ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException'])
      assert.match(map(answered(name, 400)).message, /timed out$/, name);
    for (const code of ['ECONNRESET', 'EPIPE'])
      assert.match(map(onTheWay(code)).message, /the connection was lost$/, code);
    // Not from the SDK's list of clock-skew errors, which has AccessDeniedException.
    assert.equal(map(answered('AccessDeniedException', 403)).code, 'access-denied');
  });

  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'CERT_HAS_EXPIRED', 'EPROTO']) {
    it(`${code} is "network", with a remedy`, () => {
      const error = map(onTheWay(code));
      assert.equal(error.code, 'network');
      assert.ok(error.help);
    });
  }

  it('missing credentials are "credentials", with how to sign in if that is known', () => {
    const error = Object.assign(new Error('Token is expired. To refresh …'), {
      name: 'CredentialsProviderError',
    });
    assert.equal(map(error).code, 'credentials');
    const asked = { service: 'identity', doing: 'sign in', signIn: 'aws sso login --profile work' } as const;
    assert.equal(serviceError(error, asked).help, 'aws sso login --profile work');
  });

  it('an error about the end of support is "retired", for audience operations only', () => {
    const refusal = answered('ForbiddenException', 403, 'Amazon Pinpoint reached end of support.');
    assert.equal(map(refusal).code, 'retired');
    assert.equal(map(refusal, 'projects').code, 'access-denied');
    assert.equal(map(answered('InternalServerErrorException', 500, 'no longer available')).code, 'service');
  });

  it('an invalid text or region is ignored', () => {
    const odd = Object.assign(answered('BadRequestException', 400), { message: { a: 1 } });
    assert.equal(map(odd).message, 'Could not list the segments: BadRequestException');
    const region = answered('PermanentRedirect', 301, 'x', { 'x-amz-bucket-region': 'us-east-1\u009b31m' });
    assert.doesNotMatch(map(region, 'staging').message, /us-east|\u009b/);
  });

  it('the region of a bucket in another region is named', () => {
    const elsewhere = answered('PermanentRedirect', 301, 'x', { 'x-amz-bucket-region': 'eu-west-1' });
    assert.match(map(elsewhere, 'staging').message, /in another region: eu-west-1$/);
  });

  it('a cancel stays a cancel, our own errors are unchanged, and an unexpected one is "internal"', () => {
    assert.equal(map(Object.assign(new Error('aborted'), { name: 'AbortError' })).code, 'cancelled');
    const own = new AudienceError('changed', 'x');
    assert.equal(map(own), own);
    const defect = map(new RangeError('planted is out of range'));
    assert.equal(defect.code, 'internal');
    assert.match(defect.message, /internal error \(RangeError\)$/);
  });

  it("a response that isn't the service's is reported as such", () => {
    const error = Object.assign(new SyntaxError('Unexpected token <'), { $response: { statusCode: 200 } });
    assert.equal(map(error).code, 'service');
    assert.match(map(error).message, /the response isn't valid/);
  });

  it('include whether the request may have been carried out', () => {
    const may = (error: Error) => mayHaveHappened(map(error));
    assert.deepEqual(
      ['ECONNRESET', 'ETIMEDOUT', 'EPIPE'].map((code) => may(onTheWay(code))),
      [true, true, true],
    );
    assert.deepEqual(
      ['ECONNREFUSED', 'ENOTFOUND'].map((code) => may(onTheWay(code))),
      [false, false],
    );
    assert.equal(may(answered('InternalServerErrorException', 500)), true);
    for (const [name, status] of [
      ['BadRequestException', 400],
      ['TooManyRequestsException', 429],
    ] as const) {
      assert.equal(may(answered(name, status)), false);
    }
    assert.equal(wasAnswered(map(answered('X', 500))), true);
    assert.equal(wasAnswered(map(onTheWay('ECONNRESET'))), false);
  });
});

describe('service texts', () => {
  const jackson =
    "Unexpected character ('I' (code 73)): was expecting double-quote to start field name\n at " +
    '[Source: (String)"{ Id: "planted@example.com", "Address": "+12065550100" }"; line: 3, column: 4]';

  it('keep line and column and lose what they quote of the file', () => {
    const text = withoutRowContent(jackson);
    assert.match(text, /line 3, column 4$/);
    assert.doesNotMatch(text, /planted|2065550100/);
  });

  it('lose values quoted elsewhere', () => {
    const text = withoutRowContent(
      'Cannot deserialize value of type `double` from String "planted@example.com": not a valid `double` value\n at [Source: (String)"x"; line: 1, column: 9]',
    );
    assert.doesNotMatch(text, /planted/);
    assert.equal(text, 'Cannot deserialize value at line 1, column 9');
  });

  it('lose values even if the text was truncated, or names no source', () => {
    for (const [text, left] of [
      [
        "Unrecognized token 'Planted': was expecting (JSON String, Number, Array, Object or",
        'Unrecognized token',
      ],
      ['Cannot deserialize value of type `double` from String "Ada Planted"', 'Cannot deserialize value'],
      [
        'Unrecognized field "Planted" (class Endpoint)\n at (Planted); line: 2, column: 7]',
        'Unrecognized field at line 2, column 7',
      ],
    ] as const)
      assert.equal(withoutRowContent(text), left);
  });

  it('lose all of a row that forges every delimiter of the text', () => {
    const secret = 'planted@example.com';
    const pieces = [
      '; line: 1, column: 2]',
      '"; line: 1, column: 2]',
      '[Source: (String)"',
      '"[truncated 12 chars]; line: 1, column: 2]',
      ']',
      '"',
      "'",
      '`',
      '\n at ',
      '(code 73)): was expecting ',
      '\\"',
      'arn:',
    ];
    for (const one of pieces) {
      for (const other of pieces) {
        const row = `${one}${secret}${other}${secret}${one}`;
        for (const text of [
          `Unexpected character ('I' (code 73)): was expecting a name\n at [Source: (String)"${row}"; line: 3, column: 4]`,
          `Unrecognized token '${row}': was expecting JSON\n at [Source: (String)"${row}"; line: 3, column: 4]`,
          `Cannot deserialize value from String "${row}": not valid (start marker at [Source: (String)"${row}"; line: 1, column: 1])\n at [Source: (String)"${row}"[truncated 9 chars]; line: 3, column: 4]`,
          `${row} at [Source: (String)"${row}"; line: 3, column: 4]`,
        ]) {
          const left = withoutRowContent(text);
          assert.doesNotMatch(left, /planted|example/, text);
          assert.match(left, / at line 3, column 4$/, text);
        }
        assert.doesNotMatch(withoutRowContent(`Bad at [Source: (String)"${row}`), /planted|example/);
      }
    }
  });

  it('lose addresses quoted without quotation marks, but not the rejected caller', () => {
    assert.equal(
      withoutRowContent('Address ana@example.com or (+12065550100) is bad'),
      'Address … or (…) is bad',
    );
    const refusal = 'User: arn:aws:sts::123456789012:assumed-role/a/ana@example.com is not authorized';
    assert.equal(withoutRowContent(refusal), refusal);
  });

  it('lose an unfinished quotation, too', () => {
    assert.doesNotMatch(withoutRowContent('Bad at [Source: (String)"planted@example.com'), /planted/);
  });

  it('are unchanged if nothing is quoted', () => {
    assert.equal(withoutRowContent('Resource "apps/x" not found'), 'Resource "apps/x" not found');
  });

  it('leave nothing of the file in the error, its cause and the log', () => {
    const error = map(answered('BadRequestException', 400, jackson));
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /planted|2065550100/);
  });
});
