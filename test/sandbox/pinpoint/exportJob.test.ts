import assert from 'node:assert/strict';
import type { EndpointResponse, ExportJobRequest } from '@aws-sdk/client-pinpoint';
import {
  BadRequestException,
  DeleteEndpointCommand,
  DeleteSegmentCommand,
  GetExportJobsCommand,
  GetSegmentExportJobsCommand,
  NotFoundException,
} from '@aws-sdk/client-pinpoint';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { lines, Project, role } from './project.ts';

describe('Pinpoint export jobs', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    project = await Project.create(sandbox);
  });
  afterEach(() => {
    sandbox.faults.set({});
  });

  it('write gzip NDJSON below the prefix, members in the order of the service', async () => {
    await project.put({
      Id: 'a',
      ChannelType: 'EMAIL',
      Address: 'a@example.com',
      EffectiveDate: '2019-10-10T23:43:02.725Z',
      OptOut: 'NONE',
    });
    const created = await project.createExport({ S3UrlPrefix: `s3://${project.bucket}/2019/10` });
    assert.deepEqual(created.Definition, { RoleArn: role, S3UrlPrefix: `s3://${project.bucket}/2019/10` });
    const job = await project.exportEnded(created.Id!);
    assert.deepEqual(job, {
      ApplicationId: project.id,
      CreationDate: created.CreationDate,
      CompletionDate: job.CompletionDate,
      Definition: {},
      Id: created.Id,
      JobStatus: 'COMPLETED',
      Type: 'EXPORT',
      TotalPieces: 1,
      CompletedPieces: 1,
      FailedPieces: 0,
      TotalFailures: 0,
      TotalProcessed: 1,
    });
    assert.deepEqual(await project.keys('2019/10'), [`2019/10/${created.Id!}-0001.gz`]);
    const text = await project.unzipped('2019/10/');
    const { CreationDate } = await project.endpoint('a');
    assert.equal(
      text,
      '{"ChannelType":"EMAIL","Address":"a@example.com","EndpointStatus":"ACTIVE","OptOut":"NONE",' +
        `"EffectiveDate":"2019-10-10T23:43:02.725Z","ApplicationId":"${project.id}",` +
        `"Id":"a","CreationDate":"${CreationDate!}"}\n`,
    );
  });

  it('describe every endpoint as GetEndpoint does', async () => {
    await project.put(
      {
        Id: 'a',
        ChannelType: 'EMAIL',
        Address: 'a@example.com',
        Attributes: { x: ['1', '2'] },
        RequestId: 'r',
      },
      {
        Id: 'b',
        ChannelType: 'GCM',
        Address: 'token-of-device',
        Metrics: { m: -1.5 },
        User: { UserId: 'u' },
      },
      {
        Id: 'c',
        ChannelType: 'SMS',
        OptOut: 'ALL',
        Location: { City: 'Zürich 😀' },
        Demographic: { Make: 'Acme' },
      },
    );
    for (const line of await project.export()) {
      const { CohortId, RequestId, ...endpoint } = await project.endpoint(line.Id!);
      assert.match(CohortId!, /^\d\d?$/);
      assert.match(RequestId!, line.Id === 'a' ? /^r$/ : /^[0-9a-f-]{36}$/);
      assert.deepEqual(line, line.Id === 'a' ? { ...endpoint, RequestId } : endpoint);
    }
  });

  it('return what was imported, in a form that imports accept', async () => {
    const random = (index: number): string => String((index * 2654435761) % 1000);
    const rows = Array.from({ length: 3500 }, (_, index) => ({
      ChannelType: index % 3 === 0 ? 'SMS' : 'EMAIL',
      Id: `id-${index}`,
      Address: index % 3 === 0 ? `+1206555${String(index).padStart(4, '0')}` : `e${index}@example.com`,
      OptOut: index % 7 === 0 ? 'ALL' : 'NONE',
      EffectiveDate: '2026-01-02T03:04:05.678Z',
      Attributes: { plan: [random(index)], tags: ['a', `ä${index}`] },
      Metrics: { visits: index },
      User: { UserId: `u${index >> 1}`, UserAttributes: { group: [String(index >> 1)] } },
    }));
    const job = await project.import(rows.map((row) => JSON.stringify(row)).join('\n'));
    assert.deepEqual([job.JobStatus, job.TotalProcessed, job.TotalFailures], ['COMPLETED', 3500, 0]);
    const exported = await project.export();
    assert.deepEqual(exported.map(withoutResponse), rows);

    const copy = await Project.create(sandbox);
    const again = await copy.import(exported.map((line) => JSON.stringify(line)).join('\n'));
    assert.deepEqual([again.JobStatus, again.TotalProcessed, again.TotalFailures], ['COMPLETED', 3500, 0]);
    assert.deepEqual((await copy.export()).map(withoutResponse), rows);
  });

  it('omit deleted endpoints, and write an object even if nothing is left', async () => {
    await project.put({ Id: 'a', ChannelType: 'EMAIL', Address: 'a@example.com' });
    await sandbox.pinpoint.send(new DeleteEndpointCommand({ ApplicationId: project.id, EndpointId: 'a' }));
    const { Id } = await project.createExport();
    const job = await project.exportEnded(Id!);
    assert.deepEqual([job.JobStatus, job.TotalProcessed], ['COMPLETED', 0]);
    assert.equal((await project.keys('exports/')).length, 1);
    assert.deepEqual(lines(await project.unzipped('exports/')), []);
  });

  it('are listed for the project and for their segment', async () => {
    const segment = await project.createSegment({ Name: 's' });
    const whole = await project.createExport();
    const part = await project.createExport({ SegmentId: segment.Id, SegmentVersion: 1 });
    await project.exportEnded(part.Id!);
    await project.exportEnded(whole.Id!);
    const { pinpoint } = sandbox;
    const all = await pinpoint.send(new GetExportJobsCommand({ ApplicationId: project.id }));
    assert.deepEqual(
      all.ExportJobsResponse?.Item?.map(({ Id }) => Id),
      [part.Id, whole.Id],
    );
    const own = await pinpoint.send(
      new GetSegmentExportJobsCommand({ ApplicationId: project.id, SegmentId: segment.Id }),
    );
    assert.deepEqual(
      own.ExportJobsResponse?.Item?.map(({ Id }) => Id),
      [part.Id],
    );
  });

  it("are rejected if they can't work", async () => {
    const refused = (request: Partial<ExportJobRequest>, message: RegExp): Promise<void> =>
      assert.rejects(project.createExport(request), (error) => {
        assert.ok(error instanceof BadRequestException);
        assert.match(error.message, message);
        return true;
      });
    await refused({ S3UrlPrefix: 's3://there-is-no-such-bucket-here/' }, /bucket does not exist/);
    await refused({ S3UrlPrefix: 'exports/' }, /S3UrlPrefix must have the form/);
    await refused({ RoleArn: `${role}NotAssumable` }, /can't assume the role/);
    await refused({ SegmentVersion: 1 }, /only allowed with SegmentId/);
    await assert.rejects(project.createExport({ SegmentId: 'nowhere' }), NotFoundException);
    const segment = await project.createSegment({ Name: 's' });
    await assert.rejects(
      project.createExport({ SegmentId: segment.Id, SegmentVersion: 2 }),
      NotFoundException,
    );
  });

  it('fail if their segment is deleted before they start', async () => {
    const segment = await project.createSegment({ Name: 's' });
    sandbox.faults.set({ paceMs: 30 });
    const { Id } = await project.createExport({ SegmentId: segment.Id });
    await sandbox.pinpoint.send(
      new DeleteSegmentCommand({ ApplicationId: project.id, SegmentId: segment.Id }),
    );
    const job = await project.exportEnded(Id!);
    assert.equal(job.JobStatus, 'FAILED');
    assert.match(job.Failures![0]!, /no longer exists/);
    assert.deepEqual(await project.keys('exports/'), []);
  });
});

/** What an import may say of an endpoint. */
function withoutResponse(endpoint: EndpointResponse): object {
  const { ApplicationId, EndpointStatus, CreationDate, ...rest } = endpoint;
  assert.ok(ApplicationId !== undefined && CreationDate !== undefined);
  assert.equal(EndpointStatus, 'ACTIVE');
  return rest;
}
