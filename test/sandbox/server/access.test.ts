import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetAppsCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { after, before, describe, it } from 'mocha';
import { pinpointClient, s3Client, startTestSandbox, stsClient } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { errorCode, presign, send, sendSigned, signHeaders } from '../../support/signedRequest.ts';
import type { RawRequest, RawResponse } from '../../support/signedRequest.ts';

/** One harmless request to each service. */
const requests = {
  s3: { service: 's3', path: '/' },
  mobiletargeting: { service: 'mobiletargeting', path: '/v1/apps' },
  sts: {
    service: 'sts',
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  },
} satisfies Record<string, RawRequest>;

describe('Access to the sandbox', () => {
  let sandbox: TestSandbox;
  /** How far the sandbox's clock has gone ahead. */
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  before(async () => {
    sandbox = await startTestSandbox({ now });
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'access' }));
    await sandbox.s3.send(new PutObjectCommand({ Bucket: 'access', Key: 'key with space', Body: 'content' }));
  });
  after(() => sandbox.close());

  const sendAs = (
    request: RawRequest,
    change: { id?: string; secret?: string; token?: string },
  ): Promise<RawResponse> =>
    sendSigned(
      sandbox.endpoint,
      {
        accessKeyId: change.id ?? sandbox.accessKeyId,
        secretAccessKey: change.secret ?? sandbox.secretAccessKey,
        ...(change.token === undefined ? {} : { sessionToken: change.token }),
      },
      request,
    );

  /** What each service answers, as [status, code], in the order of `requests`. */
  const expectations: readonly (readonly [
    what: string,
    send: (request: RawRequest) => Promise<RawResponse>,
    expected: Record<keyof typeof requests, readonly [number, string]>,
  ])[] = [
    [
      'without a signature',
      (request) => {
        const { headers, ...wire } = signHeaders(sandbox.endpoint, sandbox, request);
        const { authorization: _, ...unsigned } = headers;
        return send(sandbox.endpoint, { ...wire, headers: unsigned });
      },
      {
        s3: [403, 'AccessDenied'],
        mobiletargeting: [403, 'MissingAuthenticationTokenException'],
        sts: [403, 'MissingAuthenticationToken'],
      },
    ],
    [
      'with an unknown access key',
      (request) => sendAs(request, { id: 'AKIAIOSFODNN7EXAMPLE' }),
      {
        s3: [403, 'InvalidAccessKeyId'],
        mobiletargeting: [403, 'UnrecognizedClientException'],
        sts: [403, 'InvalidClientTokenId'],
      },
    ],
    [
      'with a wrong secret',
      (request) => sendAs(request, { secret: 'wrong' }),
      {
        s3: [403, 'SignatureDoesNotMatch'],
        mobiletargeting: [403, 'InvalidSignatureException'],
        sts: [403, 'SignatureDoesNotMatch'],
      },
    ],
    [
      'with a token that was never issued',
      (request) => sendAs(request, { token: 'bm90aGluZw.bm90aGluZw' }),
      {
        s3: [400, 'InvalidToken'],
        mobiletargeting: [403, 'UnrecognizedClientException'],
        sts: [403, 'InvalidClientTokenId'],
      },
    ],
    [
      'of a clock that is 16 minutes off',
      (request) => sendAs({ ...request, date: new Date(Date.now() - 16 * 60_000) }, {}),
      {
        s3: [403, 'RequestTimeTooSkewed'],
        mobiletargeting: [403, 'InvalidSignatureException'],
        sts: [403, 'SignatureDoesNotMatch'],
      },
    ],
    [
      'whose body was changed on the way',
      (request) => {
        const wire = signHeaders(sandbox.endpoint, sandbox, { ...request, method: 'PUT' });
        const target = request.service === 's3' ? '/access' : wire.target;
        const signed =
          request.service === 's3'
            ? signHeaders(sandbox.endpoint, sandbox, { ...request, method: 'PUT', path: target })
            : wire;
        return send(sandbox.endpoint, { ...signed, body: Buffer.from('changed') });
      },
      {
        s3: [400, 'XAmzContentSHA256Mismatch'],
        mobiletargeting: [403, 'InvalidSignatureException'],
        sts: [403, 'SignatureDoesNotMatch'],
      },
    ],
  ];

  for (const [what, sendIt, expected] of expectations) {
    for (const [service, request] of Object.entries(requests)) {
      it(`refuses a request to ${service} ${what}`, async () => {
        const answer = await sendIt(request);
        assert.deepEqual(
          [answer.status, errorCode(answer)],
          expected[service as keyof typeof requests],
          answer.body,
        );
      });
    }
  }

  it("returns errors in each service's format", async () => {
    const s3 = await sendAs(requests.s3, { secret: 'wrong' });
    assert.equal(s3.headers['content-type'], 'application/xml');
    assert.match(
      s3.body,
      /^<\?xml .*<Error><Code>SignatureDoesNotMatch<\/Code><Message>.+<\/Message>.*<RequestId>/s,
    );
    const pinpoint = await sendAs(requests.mobiletargeting, { secret: 'wrong' });
    assert.deepEqual(Object.keys(JSON.parse(pinpoint.body) as object), ['RequestID', 'Message']);
    const sts = await sendAs(requests.sts, { secret: 'wrong' });
    assert.match(sts.body, /<ErrorResponse .*<Type>Sender<\/Type><Code>SignatureDoesNotMatch<\/Code>/);
    await assert.rejects(s3Client({ ...sandbox, secretAccessKey: 'x' }).send(new ListBucketsCommand({})), {
      name: 'SignatureDoesNotMatch',
    });
    await assert.rejects(pinpointClient({ ...sandbox, secretAccessKey: 'x' }).send(new GetAppsCommand({})), {
      name: 'InvalidSignatureException',
    });
    await assert.rejects(
      stsClient({ ...sandbox, secretAccessKey: 'x' }).send(new GetCallerIdentityCommand({})),
      {
        name: 'SignatureDoesNotMatch',
      },
    );
  });

  it('answers a HEAD without a body', async () => {
    const answer = await sendAs({ method: 'HEAD', path: '/access' }, { secret: 'wrong' });
    assert.deepEqual([answer.status, answer.body], [403, '']);
  });

  it("requires the body's hash for S3", async () => {
    const wire = signHeaders(sandbox.endpoint, sandbox, requests.s3);
    const { 'x-amz-content-sha256': _, ...headers } = wire.headers;
    assert.equal(errorCode(await send(sandbox.endpoint, { ...wire, headers })), 'InvalidRequest');
    const odd = await sendAs({ ...requests.s3, payloadHash: 'SOMETHING' }, {});
    assert.equal(errorCode(odd), 'InvalidArgument');
  });

  it('lists its services', async () => {
    const answer = await sendAs({ path: '/', service: 'sqs' as 's3' }, {});
    assert.equal(answer.status, 501);
    assert.match(answer.body, /but not 'sqs'/);
  });

  describe('by a presigned address', () => {
    const path = '/access/key%20with%20space';

    it('reads and writes', async () => {
      const got = await fetch(presign(sandbox.endpoint, sandbox, { path }, 60));
      assert.deepEqual([got.status, await got.text()], [200, 'content']);
      const target = { method: 'PUT', path: '/access/presigned' };
      const put = await fetch(presign(sandbox.endpoint, sandbox, target, 60), {
        method: 'PUT',
        body: 'by anybody',
      });
      assert.equal(put.status, 200);
      const back = await fetch(presign(sandbox.endpoint, sandbox, { path: '/access/presigned' }, 60));
      assert.equal(await back.text(), 'by anybody');
    });

    it('does only what was signed', async () => {
      const url = presign(sandbox.endpoint, sandbox, { path }, 60);
      const attempts: readonly (readonly [string, RequestInit])[] = [
        [url, { method: 'DELETE' }],
        [url, { method: 'PUT', body: 'x' }],
        [url.replace('key%20with%20space', 'presigned'), {}],
        [`${url}&versionId=null`, {}],
        [url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'), {}],
      ];
      for (const [address, init] of attempts) {
        const answer = await fetch(address, init);
        assert.equal(answer.status, 403);
        assert.match(await answer.text(), /SignatureDoesNotMatch/);
      }
    });

    it('ends', async () => {
      const date = new Date(Date.now() - 61_000);
      const answer = await fetch(presign(sandbox.endpoint, sandbox, { path, date }, 60));
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/);
      const tooLong = await fetch(presign(sandbox.endpoint, sandbox, { path }, 604_801));
      assert.equal(tooLong.status, 400);
      assert.match(await tooLong.text(), /AuthorizationQueryParametersError/);
    });
  });

  describe('with session credentials', () => {
    const role = { RoleArn: 'arn:aws:iam::210987654321:role/team/Importer', RoleSessionName: 'session' };

    it('is that of the role, for every service, until they expire', async () => {
      const { Credentials, AssumedRoleUser } = await sandbox.sts.send(
        new AssumeRoleCommand({ ...role, DurationSeconds: 900 }),
      );
      assert.equal(AssumedRoleUser?.Arn, 'arn:aws:sts::210987654321:assumed-role/Importer/session');
      assert.ok(Credentials);
      assert.ok(Math.abs(Number(Credentials.Expiration) - (now() + 900_000)) < 10_000);
      const session = {
        ...sandbox,
        accessKeyId: Credentials.AccessKeyId ?? '',
        secretAccessKey: Credentials.SecretAccessKey ?? '',
        sessionToken: Credentials.SessionToken ?? '',
      };
      const identity = await stsClient(session).send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, AssumedRoleUser.Arn);
      assert.ok((await s3Client(session).send(new ListBucketsCommand({}))).Buckets);
      assert.ok((await pinpointClient(session).send(new GetAppsCommand({}))).ApplicationsResponse);
      const url = presign(sandbox.endpoint, session, { path: '/access/key%20with%20space' }, 60);
      assert.equal((await fetch(url)).status, 200);

      // The key without its token, and with another's.
      await assert.rejects(
        stsClient({ ...session, sessionToken: '' }).send(new GetCallerIdentityCommand({})),
        {
          name: 'InvalidClientTokenId',
        },
      );
      const forged = { ...session, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' };
      await assert.rejects(s3Client(forged).send(new ListBucketsCommand({})), { name: 'InvalidToken' });

      ahead += 880_000;
      // The requests' own clock goes on by the same time.
      const later = { date: new Date(now()) };
      assert.equal((await sendSigned(sandbox.endpoint, session, { ...requests.s3, ...later })).status, 200);
      ahead += 30_000;
      for (const [request, expected] of [
        [requests.s3, 'ExpiredToken'],
        [requests.mobiletargeting, 'ExpiredTokenException'],
        [requests.sts, 'ExpiredToken'],
      ] as const) {
        const refused = await sendSigned(sandbox.endpoint, session, { ...request, date: new Date(now()) });
        assert.equal(errorCode(refused), expected);
      }
      ahead = 0;
    });

    it('accepts an MFA code', async () => {
      const SerialNumber = 'arn:aws:iam::123456789012:mfa/user';
      await sandbox.sts.send(new AssumeRoleCommand({ ...role, SerialNumber, TokenCode: '123456' }));
      for (const TokenCode of [undefined, '12345', '000000', 'abcdef']) {
        await assert.rejects(sandbox.sts.send(new AssumeRoleCommand({ ...role, SerialNumber, TokenCode })), {
          name: 'AccessDenied',
          message: /MultiFactorAuthentication failed/,
        });
      }
    });

    it("keeps the user's identity after GetSessionToken", async () => {
      const { Credentials } = await sandbox.sts.send(new GetSessionTokenCommand({}));
      const identity = await stsClient({
        ...sandbox,
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      }).send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Arn, 'arn:aws:iam::123456789012:user/sandbox');
    });

    it('rejects invalid roles and durations', async () => {
      for (const change of [
        { RoleArn: 'arn:aws:iam::12:role/a' },
        { RoleArn: 'role-without-an-arn-form' },
        { RoleSessionName: 'two words' },
        { DurationSeconds: 899 },
        { DurationSeconds: 43_201 },
      ]) {
        await assert.rejects(sandbox.sts.send(new AssumeRoleCommand({ ...role, ...change })), {
          name: 'ValidationError',
        });
      }
    });
  });

  for (const host of [
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    'a@localhost',
    '',
  ]) {
    it(`refuses the host name '${host}'`, async () => {
      const wire = signHeaders(sandbox.endpoint, sandbox, { ...requests.s3, headers: { host } });
      const answer = await send(sandbox.endpoint, wire);
      assert.ok(answer.status === 403 || answer.status === 400);
      if (host !== '') assert.match(answer.body, /answers only to names of this machine/);
    });
  }

  for (const host of ['localhost', 'LOCALHOST:1234', '127.0.0.1', '127.0.0.2', '[::1]:80']) {
    it(`takes the host name '${host}'`, async () => {
      const answer = await sendAs({ ...requests.s3, headers: { host } }, {});
      assert.equal(answer.status, 200);
    });
  }

  it('reads the bucket from the host name', async () => {
    const answer = await sendAs(
      { path: '/key%20with%20space', headers: { host: 'access.localhost:9000' } },
      {},
    );
    assert.deepEqual([answer.status, answer.body], [200, 'content']);
  });

  it('accepts the credentials that it was started with', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a secret of our own' };
    const other = await startTestSandbox({ credentials });
    assert.deepEqual([other.accessKeyId, other.secretAccessKey], Object.values(credentials));
    assert.ok((await other.s3.send(new ListBucketsCommand({}))).Buckets);
    await other.close();
  });

  it('listens on 127.0.0.1 only', async function () {
    // Linux gives a port to another address of this machine only while nobody listens on all of them.
    if (process.platform !== 'linux') this.skip();
    const other = createServer().listen(Number(new URL(sandbox.endpoint).port), '127.0.0.2');
    await once(other, 'listening');
    other.close();
  });

  it('sends 100 Continue only after accepting the request', async () => {
    const { hostname, port } = new URL(sandbox.endpoint);
    const ask = async (secretAccessKey: string): Promise<string> => {
      const wire = signHeaders(
        sandbox.endpoint,
        { ...sandbox, secretAccessKey },
        { method: 'PUT', path: '/access/continued', headers: { 'content-length': '4' }, body: 'body' },
      );
      const socket = connect({ host: hostname, port: Number(port) });
      const lines = Object.entries({ ...wire.headers, expect: '100-continue' }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`PUT ${wire.target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.once('data', (first: Buffer) => {
        if (first.toString().startsWith('HTTP/1.1 100')) socket.write('body');
        setTimeout(() => socket.end(), 200);
      });
      return text(socket);
    };
    assert.match(await ask(sandbox.secretAccessKey), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    assert.match(await ask('wrong'), /^HTTP\/1\.1 403 Forbidden/);
  });

  it('responds to a rejected upload while it is still being sent', async () => {
    const wrong = { ...sandbox, secretAccessKey: 'wrong' };
    const request = { method: 'PUT', path: '/access/large', body: Buffer.alloc(20_000_000) };
    const answer = await sendSigned(sandbox.endpoint, wrong, request);
    assert.equal(errorCode(answer), 'SignatureDoesNotMatch');
  });

  it('rejects bodies too large for the service', async () => {
    const request: RawRequest = {
      service: 'mobiletargeting',
      method: 'POST',
      path: '/v1/apps',
      body: Buffer.alloc(10 * 1024 * 1024 + 1, ' '),
    };
    const answer = await sendSigned(sandbox.endpoint, sandbox, request);
    assert.equal(answer.status, 413);
  });
});
