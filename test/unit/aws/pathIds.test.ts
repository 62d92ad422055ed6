import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PinpointClient } from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import type { Clients } from '../../../src/aws/connection/clients.ts';
import { PinpointAudience } from '../../../src/aws/pinpoint/pinpointAudience.ts';
import { PinpointEndpoints } from '../../../src/aws/pinpoint/pinpointEndpoints.ts';
import { PinpointSegments } from '../../../src/aws/pinpoint/pinpointSegments.ts';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Arguments of methods that don't begin with Ids; `ids` are filled in. */
const others: Readonly<Record<string, (...ids: readonly string[]) => readonly unknown[]>> = {
  listProjects: () => [{}],
  listSegments: (project) => [project, {}],
  listJobs: (project) => ['import', project, {}],
  getJob: (project, job) => ['export', project, job],
  createImportJob: (project) => [project, { segmentId: 'b' }],
  createExportJob: (project) => [project, { segmentId: 'b' }],
  updateEndpoints: (project) => [project, []],
  removeAttributes: (project) => [project, 'Attributes', ['x']],
  createSegment: (project) => [project, {}],
  listVersions: (project, segment) => [project, segment, {}],
  listImportJobs: (project, segment) => [project, segment, {}],
  readSegment: (project, segment) => [project, segment, 1],
};

describe('Ids in the paths of requests', () => {
  const paths: string[] = [];
  let server: Server;
  let pinpoint: PinpointClient;

  before(async () => {
    server = createServer((request, response) => {
      paths.push(request.url!);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    pinpoint = new PinpointClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
  });
  after(() => {
    pinpoint.destroy();
    server.close();
  });

  for (const Port of [PinpointAudience, PinpointEndpoints, PinpointSegments]) {
    const names = Object.getOwnPropertyNames(Port.prototype).filter((name) => name !== 'constructor');
    for (const name of names) {
      it(`never turn a request into one for something else: ${Port.name}.${name}`, async () => {
        const clients = {
          ask: (_: unknown, send: (to: object) => Promise<unknown>) =>
            send({ pinpoint, pinpointOnce: pinpoint }),
        } as unknown as Clients;
        const port = new Port(clients) as unknown as Readonly<Record<string, Method>>;
        const send = (...ids: readonly string[]): Promise<unknown> =>
          // Only requests matter, and the responses of this server have no content.
          port[name]!(...(others[name]?.(...ids) ?? ids)).catch(() => undefined);
        paths.length = 0;
        for (const id of ['', ' ', '.', '..', '../x', '%2e%2e', 'a/..', '..\\']) {
          await send(id, 'b');
          await send('a', id);
        }
        for (const path of paths) {
          const { pathname } = new URL(path, 'http://localhost');
          assert.equal(path.split('?')[0], pathname, `would be taken as ${pathname}`);
          assert.ok(!pathname.includes('//'), path);
        }
        await send('a', 'b');
        assert.ok(paths.length > 0, 'never sends a request');
      });
    }
  }
});
