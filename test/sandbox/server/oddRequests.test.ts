import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import type { Random } from '../../support/random.ts';
import { seeded } from '../../support/random.ts';
import { send, signHeaders } from '../../support/signedRequest.ts';
import type { RawRequest, RawResponse } from '../../support/signedRequest.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_130);
const count = Number(process.env['FUZZ_RUNS'] ?? 800);

/** Names that every object has, and other things that programs stumble over. */
const words = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '', ' ', '.', '..', '%', '%00', '%zz', '%c3%28',
  '%2f', '%2e%2e', '*', '**', '\\', '"', "'", '<', '&', '\u0000', '\u202e', '😀', 'null', 'undefined', '-1', '0', '1e309', 'NaN',
  'a'.repeat(3000), '[]', '{}', 'true',
]; // prettier-ignore

const paths = [
  '/', '/v1', '/v1/apps', '/v1/apps/x', '/v1/apps/x/segments', '/v1/apps/x/segments/y/versions', '/v1/apps/x/endpoints/y',
  '/v1/apps/x/users/y', '/v1/apps/x/jobs/import', '/v1/apps/x/jobs/export/y', '/v1/apps/x/attributes/y', '/v1/tags/y', '/v1/apps/x/events',
  '/bucket', '/bucket/key', '/_sandbox/faults', '/_sandbox/other', '//', '/bucket//key/../x',
]; // prettier-ignore

const actions = [
  'GetCallerIdentity', 'AssumeRole', 'GetSessionToken', 'CreateRole', 'GetRole', 'PutRolePolicy', 'GetRolePolicy', 'GetUser',
  'SimulatePrincipalPolicy', 'CreatePolicy', 'GetPolicyVersion', 'ListRoles', 'AttachUserPolicy',
]; // prettier-ignore

const targets = [
  'CreateKey',
  'DescribeKey',
  'PutKeyPolicy',
  'CreateAlias',
  'EnableKey',
  'ListKeys',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
].map((name) => `TrentService.${name}`);

const members = [
  'KeyId', 'Policy', 'AliasName', 'TargetKeyId', 'Description', 'Name', 'SegmentGroups', 'Dimensions', 'Address', 'ChannelType',
  'Attributes', 'User', 'Metrics', 'Location', 'Format', 'S3Url', 'RoleArn', 'tags', 'Item', 'BatchItem', 'Blacklist', 'Events',
  'rules', 'jobs', 'fault', 'paceMs', 'Endpoint', 'PendingWindowInDays', 'KeySpec', 'Tags', '__proto__', 'constructor',
]; // prettier-ignore

const queries = [
  'list-type', 'max-keys', 'prefix', 'delimiter', 'continuation-token', 'uploads', 'uploadId', 'partNumber', 'delete', 'tagging',
  'lifecycle', 'policy', 'encryption', 'versioning', 'location', 'acl', 'page-size', 'token', 'tagKeys', 'Action', 'RoleName',
  'PolicyName', 'PolicyDocument', 'RoleArn', 'RoleSessionName', 'DurationSeconds', '__proto__', 'marker', 'encoding-type',
  'response-content-type', 'response-content-disposition', 'response-expires', 'versionId', 'attributes', 'versions', 'MaxItems', 'Marker',
  'PathPrefix', 'Path',
]; // prettier-ignore

const headers = [
  'x-amz-copy-source', 'x-amz-tagging', 'x-amz-storage-class', 'x-amz-server-side-encryption', 'x-amz-checksum-crc32', 'range',
  'if-match', 'if-modified-since', 'content-md5', 'x-amz-meta-__proto__', 'x-amz-expected-bucket-owner', 'content-type',
  'x-amz-sdk-checksum-algorithm', 'x-amz-decoded-content-length', 'x-amz-object-attributes',
  'x-amz-object-ownership', 'x-amz-acl', 'x-amz-copy-source-range', 'x-amz-metadata-directive', 'x-amz-mp-object-size',
]; // prettier-ignore

function json(random: Random, depth = 0): unknown {
  const kind = random.int(depth > 3 ? 4 : 6);
  if (kind === 0) return random.pick(words);
  if (kind === 1) return random.int(1000) - 500;
  if (kind === 2) return random.pick([null, true, false, 1e308, 0.5]);
  if (kind === 3)
    return random.pick(['IMPORT', 'CSV', 'JSON', 'EMAIL', 'ALL', 's3://bucket/key', '**', 'ABSOLUTE']);
  if (kind === 4) return Array.from({ length: random.int(3) }, () => json(random, depth + 1));
  const entries = Array.from({ length: random.int(4) }, () => {
    const name = random.chance(0.8) ? random.pick(members) : random.pick(words);
    return [name, json(random, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function oddRequest(random: Random): Required<Pick<RawRequest, 'service' | 'path'>> & RawRequest {
  const service = random.pick(['s3', 'mobiletargeting', 'sts', 'iam', 'kms'] as const);
  const word = (): string => encodeURIComponent(random.pick(words).replaceAll('\0', ''));
  const path = random
    .pick(paths)
    .split('/')
    .map((segment) => (segment !== 'v1' && segment !== '' && random.chance(0.3) ? word() : segment))
    .join('/');
  const pairs = Array.from({ length: random.int(4) }, () => [
    random.chance(0.9) ? random.pick(queries) : random.pick(words),
    random.pick([...words, ...actions]),
  ]);
  const isForm = service === 'sts' || service === 'iam';
  const fields: [string, string][] = [
    ['Action', random.chance(0.8) ? random.pick(actions) : random.pick(words)],
    ...Array.from({ length: random.int(5) }, (): [string, string] => [
      random.pick([
        'RoleName',
        'UserName',
        'PolicyName',
        'PolicyDocument',
        'PolicyArn',
        'AssumeRolePolicyDocument',
        'PolicySourceArn',
        'RoleArn',
        'RoleSessionName',
        'ActionNames.member.1',
        'VersionId',
        'DurationSeconds',
        '__proto__',
      ]),
      random.chance(0.3)
        ? JSON.stringify(json(random))
        : random.pick(['PinpointImport', 'sandbox', ...words]),
    ]),
  ];
  const form = new URLSearchParams(fields).toString(); // prettier-ignore
  const body = isForm
    ? form
    : random.pick([
        '',
        JSON.stringify(json(random)),
        JSON.stringify(Object.fromEntries(members.map((name) => [name, json(random)]))),
        '{',
        '[[[[',
        '<Delete><Object><Key>x</Key></Object></Delete>',
        '<a>&b;</a>',
        '\u0000\ufffd',
        '['.repeat(20_000),
      ]);
  const extra = Array.from({ length: random.int(3) }, () => [
    random.pick(headers),
    random.pick(words.filter((value) => /^[\x20-\x7e]*$/.test(value))),
  ]);
  return {
    service,
    path: isForm && random.chance(0.8) ? '/' : path,
    method:
      isForm && random.chance(0.7)
        ? 'POST'
        : random.pick(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']),
    query: Object.fromEntries(pairs) as Record<string, string>,
    headers: {
      ...(Object.fromEntries(extra) as Record<string, string>),
      ...(service === 'kms' && {
        'x-amz-target': random.chance(0.8)
          ? random.pick(targets)
          : random.pick(['', 'TrentService.__proto__', 'x']),
      }),
    },
    body,
    ...(random.chance(0.2) && {
      region: random.pick(words.filter((value) => /^[\x21-\x2e\x30-\x7e]+$/.test(value))),
    }),
  };
}

/** An answer of the service in its own form, which says nothing of the program behind it. */
function assertServiceShaped(answer: RawResponse, request: unknown): void {
  const what = `${JSON.stringify(request).slice(0, 2000)}\n${answer.status} ${answer.body.slice(0, 2000)}`;
  assert.ok(answer.status < 500 || answer.status === 501, what);
  assert.doesNotMatch(
    answer.body,
    /\bat .*(?:\.ts|\.js|node:)|TypeError|RangeError|is not a function|Cannot read/,
    what,
  );
  if (answer.status < 400 || answer.body === '') return;
  const isXml = /<Code>\w+<\/Code>/.test(answer.body);
  const isJson = answer.headers['x-amzn-errortype'] !== undefined || /"__type":"\w+"/.test(answer.body);
  assert.ok(isXml || isJson, what);
}

describe('Malformed requests to the sandbox', () => {
  let sandbox: TestSandbox;
  const defects: unknown[] = [];

  before(async () => {
    sandbox = await startTestSandbox({ onDefect: (error) => defects.push(error) });
  });
  after(() => sandbox.close());

  it('get a service error, never a stack trace', async () => {
    const random = seeded(seed);
    for (let at = 0; at < count; at++) {
      const request = oddRequest(random);
      const wire = signHeaders(sandbox.endpoint, sandbox, request);
      const target = random.chance(0.05)
        ? `${wire.target}${random.pick(['?', '?%', '?a=%zz', '#x'])}`
        : wire.target;
      const answer = await send(sandbox.endpoint, { ...wire, target });
      assertServiceShaped(answer, request);
      assert.deepEqual(defects, [], JSON.stringify(request).slice(0, 2000));
      if (request.path === '/_sandbox/faults') sandbox.faults.set({});
    }
  });

  it('get a service error if their credential is malformed', async () => {
    const random = seeded(seed);
    const headersOf = (scope: string, key: string): Record<string, string> => ({
      host: new URL(sandbox.endpoint).host,
      'x-amz-date': '20260131T120000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    });
    const plain = words.filter((word) => /^[\x21-\x7e]*$/.test(word));
    const scopes = plain.flatMap((word) => [
      `20260131/us-east-1/${word}/aws4_request`,
      `20260131/${word}/s3/aws4_request`,
      `${word}/us-east-1/iam/aws4_request`,
      word,
    ]);
    for (const scope of scopes) {
      for (const key of [sandbox.accessKeyId, '__proto__', 'constructor']) {
        const path = random.pick(['/', '/v1/apps', '/bucket/key', '/v1/apps/%zz']);
        const headers = headersOf(scope, key);
        const answer = await send(sandbox.endpoint, {
          method: 'GET',
          target: path,
          headers,
          body: Buffer.alloc(0),
        });
        assert.ok(answer.status >= 400, scope);
        assertServiceShaped(answer, { scope, key, path });
      }
    }
    assert.deepEqual(defects, []);
  });

  it("don't stop it if they aren't HTTP", async () => {
    const { port } = new URL(sandbox.endpoint);
    for (const text of [
      '\0\0\0',
      'GET',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ]) {
      const answer = await new Promise<string>((resolve) => {
        let received = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(text));
        socket.on('data', (chunk) => (received += chunk.toString('latin1')));
        socket.on('error', () => resolve(received));
        socket.on('close', () => resolve(received));
      });
      assert.doesNotMatch(answer, /^HTTP\/1\.1 (?:2|5)/);
    }
    assert.deepEqual(defects, []);
  });
});
