import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { noLog } from '../../../src/log.ts';

const project = 'p'.repeat(32);
const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>' +
  '<Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>';

const definition = { Format: 'CSV', RoleArn: 'arn', S3Url: 's3://b/k', SegmentId: 's', SegmentName: 'S' };
const job = {
  ApplicationId: project,
  CompletedPieces: 1,
  CompletionDate: '2026-01-01T00:00:01Z',
  CreationDate: '2026-01-01T00:00:00Z',
  Definition: definition,
  FailedPieces: 0,
  Failures: ['a'],
  Id: 'j',
  JobStatus: 'COMPLETED',
  TotalFailures: 0,
  TotalPieces: 1,
  TotalProcessed: 1,
  Type: 'IMPORT',
};
const exportJob = {
  ...job,
  Definition: { RoleArn: 'arn', S3UrlPrefix: 's3://b/k', SegmentId: 's', SegmentVersion: 1 },
};
const segment = {
  ApplicationId: project,
  Arn: 'arn',
  CreationDate: '2026-01-01T00:00:00Z',
  Id: 's',
  ImportDefinition: {
    ChannelCounts: { EMAIL: 1 },
    Format: 'CSV',
    RoleArn: 'arn',
    S3Url: 's3://b/k',
    Size: 1,
  },
  LastModifiedDate: '2026-01-01T00:00:00Z',
  Name: 'S',
  SegmentType: 'IMPORT',
  Version: 1,
  tags: { a: 'b' },
};
const endpoint = {
  Address: 'a',
  Attributes: { a: ['b'] },
  ChannelType: 'EMAIL',
  Demographic: { Make: 'm' },
  Id: 'e',
  Location: { City: 'c', Latitude: 1 },
  Metrics: { m: 1 },
  OptOut: 'NONE',
  User: { UserAttributes: { a: ['b'] }, UserId: 'u' },
};
const app = { Arn: 'arn', Id: project, Name: 'P' };
const page = (item: unknown): unknown => ({ Item: [item], NextToken: 'next' });

/** Each request of the ports to Pinpoint, with an answer as AWS documents it. */
const requests: Readonly<
  Record<string, readonly [answer: unknown, ask: (to: Connection) => Promise<unknown>]>
> = {
  listProjects: [page(app), ({ audience }) => audience.listProjects({})],
  getProject: [app, ({ audience }) => audience.getProject(project)],
  listSegments: [page(segment), ({ audience }) => audience.listSegments(project, {})],
  getSegment: [segment, ({ audience }) => audience.getSegment(project, 's')],
  readSegment: [segment, ({ segments }) => segments.readSegment(project, 's')],
  listImports: [page(job), ({ audience }) => audience.listJobs('import', project, {})],
  listExports: [page(exportJob), ({ audience }) => audience.listJobs('export', project, {})],
  getImport: [job, ({ audience }) => audience.getJob('import', project, 'j')],
  getExport: [exportJob, ({ audience }) => audience.getJob('export', project, 'j')],
  createImport: [
    job,
    ({ audience }) =>
      audience.createImportJob(project, {
        format: 'CSV',
        s3Url: 's3://b/k',
        roleArn: 'arn',
        defineSegment: true,
        registerEndpoints: true,
        segmentName: 'S',
      }),
  ],
  createExport: [
    exportJob,
    ({ audience }) => audience.createExportJob(project, { s3UrlPrefix: 's3://b/k', roleArn: 'arn' }),
  ],
  getEndpoint: [endpoint, ({ endpoints }) => endpoints.getEndpoint(project, 'e')],
  getUser: [{ Item: [endpoint] }, ({ endpoints }) => endpoints.getUser(project, 'u')],
  deleteUser: [{ Item: [endpoint] }, ({ endpoints }) => endpoints.deleteUser(project, 'u')],
  deleteEndpoint: [endpoint, ({ endpoints }) => endpoints.deleteEndpoint(project, 'e')],
  removeAttributes: [
    { ApplicationId: project, AttributeType: 'endpoint-custom-attributes', Attributes: ['a'] },
    ({ endpoints }) => endpoints.removeAttributes(project, 'Attributes', ['a']),
  ],
};

const oddValues: readonly unknown[] = [5, 'x', true, { a: 1 }, [{ a: 1 }], [5], [null]];

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Copies of a value, each with one member, at any depth, replaced by a value of another type. */
function* replaced(value: unknown, path = ''): Generator<readonly [path: string, value: unknown]> {
  for (const odd of oddValues)
    // A list in place of an object is read as an object without members, which is one of AWS's forms.
    if (kindOf(odd) !== kindOf(value) && !(kindOf(odd) === 'list' && kindOf(value) === 'object'))
      yield [`${path} = ${JSON.stringify(odd)}`, odd];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    for (const [place, changed] of replaced(member, `${path}/${name}`)) {
      const copy: unknown = structuredClone(value);
      (copy as Record<string, unknown>)[name] = changed;
      yield [place, copy];
    }
  }
}

describe('A response whose members have the wrong type', () => {
  let server: Server;
  let connection: Connection;
  let body = '';
  let headers: Readonly<Record<string, string>> = {};

  before(async () => {
    server = createServer((asked, answer) => {
      const isSts = asked.method === 'POST' && asked.url === '/';
      asked.resume().once('end', () => answer.writeHead(200, headers).end(isSts ? identity : body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    connection = await createConnections({ log: noLog }).connect({
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      region: 'us-east-1',
      endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  for (const [name, [good, ask]] of Object.entries(requests)) {
    it(`is a service error: ${name}`, async () => {
      body = JSON.stringify(good);
      await ask(connection);
      let tried = 0;
      const accepted: string[] = [];
      for (const [place, answer] of replaced(good)) {
        tried += 1;
        body = JSON.stringify(answer);
        const outcome = await ask(connection).then(
          () => 'accepted',
          (error: unknown) => (error as { code?: string }).code,
        );
        if (outcome !== 'service') accepted.push(`${place}: ${outcome}`);
      }
      assert.deepEqual(accepted, []);
      assert.ok(tried > 5);
    });
  }

  it('is rejected if a count is negative or an ID is missing', async () => {
    for (const [name, change] of Object.entries({
      getImport: { TotalFailures: -5 },
      getExport: { TotalProcessed: -1 },
      getSegment: { Version: -1 },
      createImport: { Id: '' },
      getProject: { Id: '' },
      getEndpoint: { Id: '' },
    })) {
      const [good, ask] = requests[name]!;
      body = JSON.stringify({ ...(good as object), ...change });
      await assert.rejects(ask(connection), { code: 'service' }, name);
    }
  });

  it("about objects that weren't deleted shows no address, and has a bounded length", async () => {
    const text = 'for ada.lovelace@example.com +4915112345678 ';
    body =
      '<DeleteResult><Error><Key>ada.lovelace@example.com</Key><Code>Other</Code>' +
      `<Message>${text.repeat(50_000)}</Message></Error></DeleteResult>`;
    await assert.rejects(connection.staging.delete([{ bucket: 'bbb', key: 'k' }]), (error: Error) => {
      assert.match(error.message, /^Could not delete 1 of 1 objects, such as s3:\/\/bbb\/k: for …/);
      assert.doesNotMatch(error.message, /ada|4915/);
      return error.message.length < 5000;
    });
  });

  it('about a bucket names no malformed region', async () => {
    body = '';
    headers = { 'x-amz-bucket-region': 'ada.lovelace@example.com' };
    await assert.rejects(connection.staging.bucketRegion('bbb'), { code: 'service' });
  });
});
