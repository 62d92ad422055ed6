import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeChunked } from '../../../src/sandbox/http/chunked.ts';
import type { WireRequest } from '../../../src/sandbox/http/signature.ts';
import { ChunkVerifier, readClaim, verifyClaim } from '../../../src/sandbox/http/signature.ts';

/*
 * The examples that AWS publishes with their signatures: S3 API reference, sig-v4-header-based-auth, sigv4-query-string-auth,
 * sigv4-streaming and sigv4-streaming-trailers; and the Signature Version 4 test suite (get-vanilla).
 */
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const now = Date.parse('2013-05-24T00:00:00Z');
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function wire(method: string, target: string, headers: Record<string, string>): WireRequest {
  const [path = '', query = ''] = target.split('?');
  return {
    method,
    path,
    query,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  };
}

const authorization = (signedHeaders: string, signature: string): string =>
  'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
  `SignedHeaders=${signedHeaders},Signature=${signature}`;

function verify(request: WireRequest, payloadHash: string, at = now, key = secret): Buffer {
  const claim = readClaim(request, 's3');
  assert.ok(claim);
  return verifyClaim(claim, request, key, payloadHash, at);
}

describe('Signature Version 4', () => {
  const getObject = (signature: string): WireRequest =>
    wire('GET', '/test.txt', {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': emptyHash,
      'x-amz-date': '20130524T000000Z',
      authorization: authorization('host;range;x-amz-content-sha256;x-amz-date', signature),
    });
  const right = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

  it("verifies AWS's example of a GET with a range", () => {
    verify(getObject(right), emptyHash);
  });

  it("verifies AWS's example of a PUT", () => {
    const hash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
    const headers = {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': hash,
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      authorization: authorization(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    };
    verify(wire('PUT', '/test%24file.text', headers), hash);
    assert.throws(() => verify(wire('PUT', '/test%25file.text', headers), hash), {
      code: 'SignatureDoesNotMatch',
    });
  });

  for (const [target, signature] of [
    ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['/?prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ] as const) {
    it(`verifies AWS's example of GET ${target}`, () => {
      const request = wire('GET', target, {
        host: 'examplebucket.s3.amazonaws.com',
        'x-amz-content-sha256': emptyHash,
        'x-amz-date': '20130524T000000Z',
        authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
      });
      verify(request, emptyHash);
    });
  }

  it("verifies AWS's example of a presigned GET, until it expires", () => {
    const target =
      '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const request = wire('GET', target, { host: 'examplebucket.s3.amazonaws.com' });
    verify(request, 'UNSIGNED-PAYLOAD', now + 86_400_000);
    assert.throws(() => verify(request, 'UNSIGNED-PAYLOAD', now + 86_401_000), {
      code: 'AccessDenied',
      message: 'Request has expired',
    });
  });

  it('encodes the path again for other services than S3', () => {
    const request = wire('GET', '/', {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    });
    const at = Date.parse('2015-08-30T12:36:00Z');
    const testSuiteSecret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
    verify(request, emptyHash, at, testSuiteSecret);
    verify({ ...request, path: '/a/../' }, emptyHash, at, testSuiteSecret);
    assert.throws(() => verify({ ...request, path: '/%41' }, emptyHash, at, testSuiteSecret), {
      code: 'InvalidSignatureException',
    });
  });

  it('rejects any other signature', () => {
    for (const signature of [`0${right.slice(1)}`, right.slice(1), '', right.toUpperCase()]) {
      assert.throws(() => verify(getObject(signature), emptyHash), { code: 'SignatureDoesNotMatch' });
    }
  });

  it('rejects a request whose time is off by 15 minutes', () => {
    for (const off of [-901_000, 901_000]) {
      assert.throws(() => verify(getObject(right), emptyHash, now + off), {
        status: 403,
        code: 'RequestTimeTooSkewed',
      });
    }
    verify(getObject(right), emptyHash, now + 899_000);
  });

  it('refuses headers that should have been signed', () => {
    const request = getObject(right);
    const more: WireRequest = {
      ...request,
      headers: new Map([...request.headers, ['x-amz-acl', ['private']]]),
    };
    assert.throws(() => verify(more, emptyHash), { code: 'AccessDenied', message: /not signed: x-amz-acl/ });
  });

  for (const [what, header] of [
    ['no credential', 'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0'],
    ['no signature', 'AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws4_request, SignedHeaders=host'],
    ['no region', 'AWS4-HMAC-SHA256 Credential=A/20130524/s3/aws4_request, SignedHeaders=host, Signature=0'],
    ['nothing', 'AWS4-HMAC-SHA256 '],
  ] as const) {
    it(`refuses an authorization header with ${what}`, () => {
      const request = wire('GET', '/', {
        host: 'a',
        'x-amz-date': '20130524T000000Z',
        authorization: header,
      });
      assert.throws(() => readClaim(request, 's3'), { status: 400, code: 'AuthorizationHeaderMalformed' });
    });
  }

  it('refuses other kinds of signatures', () => {
    for (const header of ['AWS AKIA:sig', 'Basic YTpi', 'AWS4-ECDSA-P256-SHA256 Credential=…']) {
      assert.throws(() => readClaim(wire('GET', '/', { host: 'a', authorization: header }), 's3'), {
        code: 'InvalidRequest',
      });
    }
    assert.throws(() => readClaim(wire('GET', '/?AWSAccessKeyId=A&Signature=B', { host: 'a' }), 's3'), {
      code: 'InvalidRequest',
    });
  });
});

describe('Signed chunks', () => {
  const content = [Buffer.alloc(65_536, 'a'), Buffer.alloc(1024, 'a')];

  function seed(payloadHash: string, headers: Record<string, string>, signature: string): ChunkVerifier {
    const all: Record<string, string> = {
      'content-encoding': 'aws-chunked',
      host: 's3.amazonaws.com',
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': '20130524T000000Z',
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      ...headers,
    };
    const names = Object.keys(all).sort().join(';');
    const request = wire('PUT', '/examplebucket/chunkObject.txt', {
      ...all,
      authorization: authorization(names, signature),
    });
    const claim = readClaim(request, 's3');
    assert.ok(claim);
    return new ChunkVerifier(verifyClaim(claim, request, secret, payloadHash, now), claim);
  }

  function frame(signatures: readonly string[], tail: string): Buffer {
    const chunks = [...content, Buffer.alloc(0)].map((chunk, index) =>
      Buffer.concat([
        Buffer.from(`${chunk.length.toString(16)};chunk-signature=${signatures[index]!}\r\n`),
        chunk,
        Buffer.from(chunk.length > 0 ? '\r\n' : ''),
      ]),
    );
    return Buffer.concat([...chunks, Buffer.from(tail)]);
  }

  async function decode(
    body: Buffer,
    verifier: ChunkVerifier,
    trailerNames: string[],
    step: number,
  ): Promise<{ bytes: Buffer; trailers: Map<string, string> }> {
    const trailers = new Map<string, string>();
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < body.length; at += step)
        yield await Promise.resolve(body.subarray(at, at + step));
    };
    const chunks: Buffer[] = [];
    for await (const chunk of decodeChunked(pieces(), { verifier, trailerNames, length: 66_560 }, trailers)) {
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), trailers };
  }

  const plain = (): ChunkVerifier =>
    seed(
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      { 'content-length': '66824' },
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
  const plainSignatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ];

  it("verifies AWS's example, however it is chunked", async () => {
    for (const step of [1, 7, 65_536, 100_000]) {
      const { bytes } = await decode(frame(plainSignatures, '\r\n'), plain(), [], step);
      assert.ok(bytes.equals(Buffer.concat(content)));
    }
  });

  it("verifies AWS's example with a trailer", async () => {
    const verifier = seed(
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      { 'x-amz-trailer': 'x-amz-checksum-crc32c' },
      '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    );
    const body = frame(
      [
        'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
        '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
        '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      ],
      'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
        'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
    );
    const { bytes, trailers } = await decode(body, verifier, ['x-amz-checksum-crc32c'], 1000);
    assert.ok(bytes.equals(Buffer.concat(content)));
    assert.deepEqual([...trailers], [['x-amz-checksum-crc32c', 'sOO8/Q==']]);
  });

  it('refuses a chunk that was changed', async () => {
    const body = frame(plainSignatures, '\r\n');
    body[body.indexOf('\r\n') + 2] = 0x62;
    await assert.rejects(decode(body, plain(), [], 4096), { code: 'SignatureDoesNotMatch' });
  });

  it('refuses chunks in another order, without signature, or cut off', async () => {
    const [first = '', second = '', end = ''] = plainSignatures;
    await assert.rejects(decode(frame([second, first, end], '\r\n'), plain(), [], 4096), {
      code: 'SignatureDoesNotMatch',
    });
    const body = frame(plainSignatures, '\r\n').toString('latin1');
    const unsigned = Buffer.from(body.replaceAll(/;chunk-signature=[0-9a-f]+/g, ''), 'latin1');
    await assert.rejects(decode(unsigned, plain(), [], 4096), { code: 'SignatureDoesNotMatch' });
    const cut = Buffer.from(body.slice(0, 66_000), 'latin1');
    await assert.rejects(decode(cut, plain(), [], 4096), { code: 'IncompleteBody' });
  });
});
