import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetAppsCommand, PinpointClient } from '@aws-sdk/client-pinpoint';
import { after, before, beforeEach, describe, it } from 'mocha';
import { withBoundedResponses } from '../../../src/aws/connection/boundedResponses.ts';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { serviceError } from '../../../src/aws/connection/serviceErrors.ts';
import { noLog } from '../../../src/log.ts';
import { withTemporaryFolder } from '../../support/environment.ts';
import { isWindows } from '../../support/platform.ts';
import { cli } from '../../support/sandboxProcess.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const region = 'us-east-1';
const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>' +
  '<Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>';

type Answer = (answer: ServerResponse, asked: IncomingMessage) => void;

const sends =
  (status: number, body: string): Answer =>
  (answer) =>
    answer.writeHead(status, { 'content-type': 'application/json' }).end(body);

const silent: Answer = () => undefined;

/** Sends without end, as fast as it is read. */
const endless: Answer = (answer) => {
  const piece = 'x'.repeat(256 * 1024);
  const more = (): void => {
    while (!answer.destroyed && answer.write(piece));
  };
  answer.on('drain', more);
  answer.write('{"a":"');
  more();
};

/** Sends a little every moment, so that no pause is long. */
const trickling: Answer = (answer) => {
  answer.write('{"a":"');
  const timer = setInterval(() => answer.write('x'), 20);
  answer.once('close', () => clearInterval(timer));
};

describe('A service with malformed responses', () => {
  let server: Server;
  let endpointUrl: string;
  let sts: Answer;
  let others: Answer;
  let open = 0;
  const connect = (signal?: AbortSignal): Promise<Connection> =>
    createConnections({ log: noLog }).connect({ credentials, region, endpointUrl }, signal);

  before(async () => {
    server = createServer((asked, answer) => {
      const isSts = asked.method === 'POST' && asked.url === '/';
      asked.resume().once('end', () => (isSts ? sts : others)(answer, asked));
    });
    server.on('connection', (socket) => {
      open += 1;
      socket.once('close', () => (open -= 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    sts = sends(200, identity);
    others = silent;
  });

  const asks: Readonly<Record<string, (connection: Connection) => Promise<unknown>>> = {
    projects: ({ audience }) => audience.listProjects({}),
    'a project': ({ audience }) => audience.getProject('p'.repeat(32)),
    endpoints: ({ endpoints }) => endpoints.getUser('p'.repeat(32), 'u'),
    buckets: ({ staging }) => staging.listBuckets(),
  };

  const odd: Readonly<Record<string, string>> = {
    'a message that is an object': '{"__proto__":{"toString":1},"Message":{"a":1}}',
    'a message that is a list': '{"message":[["a"]]}',
    'a message that is a number': '{"message":7,"__type":{"a":1}}',
    'a list': '[1,2]',
    null: 'null',
    'no JSON': '<html>',
  };
  for (const [what, body] of Object.entries(odd)) {
    it(`causes a service error, not an internal one, if it responds with ${what}`, async () => {
      const connection = await connect();
      for (const status of [400, 403, 404, 410, 418]) {
        others = sends(status, body);
        for (const [name, ask] of Object.entries(asks)) {
          await assert.rejects(ask(connection), (error: Error & { code?: string }) => {
            assert.ok(
              error.code !== undefined && error.code !== 'internal',
              `${name}, ${status}: ${String(error)}`,
            );
            return typeof error.message === 'string';
          });
        }
      }
    });
  }

  it('is aborted if its response is endless', async () => {
    const connection = await connect();
    others = endless;
    for (const [name, ask] of Object.entries(asks))
      await assert.rejects(ask(connection), { code: 'service', message: /too large$/ }, name);
    sts = endless;
    await assert.rejects(connect(), { code: 'service', message: /too large$/ });
  });

  it('is aborted if its response is too slow', async () => {
    others = trickling;
    const limits = { maxBytes: 1000, timeoutMs: 200 };
    const client = withBoundedResponses(
      new PinpointClient({ region, credentials, endpoint: endpointUrl, maxAttempts: 1 }),
      limits,
    );
    const error = await client.send(new GetAppsCommand({})).catch((thrown: unknown) => thrown);
    assert.equal(serviceError(error, { service: 'projects', doing: 'list' }).code, 'network');
  });

  it('leaves no connection open after a cancel', async () => {
    for (const answer of [silent, trickling]) {
      sts = answer;
      const before = open;
      const stop = new AbortController();
      const connecting = connect(stop.signal);
      while (open === before) await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, 100));
      stop.abort();
      await assert.rejects(connecting, { code: 'cancelled' });
      while (open > before) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  for (const [what, answers] of Object.entries({
    'nothing to the sign-in': () => (sts = silent),
    'without end to the sign-in': () => (sts = trickling),
    'nothing after the sign-in': () => (others = silent),
    'without end after the sign-in': () => (others = trickling),
  })) {
    it(`doesn't keep a command from ending on Ctrl-C if it responds ${what}`, async function () {
      // A signal of another process ends it at once there.
      if (isWindows) this.skip();
      answers();
      await withTemporaryFolder(async (folder) => {
        await writeFile(join(folder, 'people.csv'), 'ChannelType,Address\nEMAIL,a@example.com\n');
        const child = spawn(
          process.execPath,
          [
            ...[
              cli,
              'import',
              join(folder, 'people.csv'),
              '--project',
              'p'.repeat(32),
              '--segment-name',
              'S',
            ],
            ...['--bucket', 's3://staging-1/in/', '--role', 'arn:aws:iam::123456789012:role/R'],
            ...['--store', join(folder, 'store')],
          ],
          {
            stdio: ['ignore', 'pipe', 'pipe'],
            env: {
              PATH: process.env['PATH'],
              HOME: folder,
              AWS_ENDPOINT_URL: endpointUrl,
              AWS_REGION: region,
              AWS_ACCESS_KEY_ID: credentials.accessKeyId,
              AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            },
          },
        );
        try {
          const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
          const asked = once(server, 'request');
          await asked;
          await new Promise((resolve) => setTimeout(resolve, 1000));
          const start = performance.now();
          child.kill('SIGTERM');
          const [closed, , stderr] = await ended;
          const code = closed[0] as number | null;
          assert.equal(code, 130, stderr);
          assert.ok(performance.now() - start < 5000, `${Math.round(performance.now() - start)} ms`);
        } finally {
          child.kill('SIGKILL');
        }
      });
    });
  }
});
