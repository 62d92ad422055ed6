import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { signHeaders } from '../../support/signedRequest.ts';
import type { RawRequest } from '../../support/signedRequest.ts';

const clientTimeoutMs = 400;

describe('A client that keeps the sandbox waiting', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await startTestSandbox({ clientTimeoutMs });
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'slow' }));
  });
  after(() => sandbox.close());

  /** Sends pieces with a pause before each; resolves with the answer and when the connection was closed. */
  async function talk(
    pieces: readonly (string | Buffer)[],
    pauseMs: number,
  ): Promise<{ answer: string; ms: number }> {
    const socket: Socket = connect(Number(new URL(sandbox.endpoint).port), '127.0.0.1');
    await once(socket, 'connect');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    const started = performance.now();
    const closed = once(socket, 'close').then(() => performance.now() - started);
    for (const piece of pieces) {
      await sleep(pauseMs);
      if (!socket.writable) break;
      socket.write(piece);
    }
    const ms = await Promise.race([closed, sleep(10_000).then(() => assert.fail('never closed'))]);
    return { answer, ms };
  }

  const head = (request: RawRequest, length: number): string => {
    const { method, target, headers } = signHeaders(sandbox.endpoint, sandbox, request);
    const lines = Object.entries({ ...headers, 'content-length': String(length), connection: 'close' });
    return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  };
  const put = { method: 'PUT', path: '/slow/key', payloadHash: 'UNSIGNED-PAYLOAD' } as const;

  it('with the headers is disconnected', async () => {
    for (const text of ['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half']) {
      const { answer, ms } = await talk([text], 0);
      assert.match(answer, /^HTTP\/1\.1 408/, JSON.stringify(text));
      assert.ok(ms < clientTimeoutMs * 5, String(ms));
    }
  });

  it("with the body gets the service's error", async () => {
    for (const [request, expected] of [
      [put, /^HTTP\/1\.1 400.*<Code>RequestTimeout<\/Code>/s],
      [
        { method: 'POST', path: '/v1/apps', service: 'mobiletargeting' },
        /^HTTP\/1\.1 408.*RequestTimeoutException/s,
      ],
      [{ method: 'POST', path: '/', service: 'iam' }, /^HTTP\/1\.1 408.*<Code>RequestTimeoutException/s],
    ] as const) {
      const { answer, ms } = await talk([head(request, 100_000), 'half'], 0);
      assert.match(answer, expected);
      assert.ok(ms < clientTimeoutMs * 5, String(ms));
    }
  });

  it('byte by byte is disconnected, too', async () => {
    const { answer } = await talk([head(put, 100_000), ...Array<string>(100).fill('x')], 30);
    assert.match(answer, /<Code>RequestTimeout<\/Code>/);
    await assert.rejects(sandbox.s3.send(new GetObjectCommand({ Bucket: 'slow', Key: 'key' })), {
      name: 'NoSuchKey',
    });
  });

  it('is tolerated if it is only slow', async () => {
    const pieces = Array<Buffer>(30).fill(Buffer.alloc(1000));
    const { answer } = await talk([head(put, 30_000), ...pieces], 50);
    assert.match(answer, /^HTTP\/1\.1 200/);
    const object = await sandbox.s3.send(new GetObjectCommand({ Bucket: 'slow', Key: 'key' }));
    assert.equal(object.ContentLength, 30_000);
    await sandbox.s3.send(new PutObjectCommand({ Bucket: 'slow', Key: 'other', Body: 'x' }));
  });
});
