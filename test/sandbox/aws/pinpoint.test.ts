import assert from 'node:assert/strict';
import { CreateAppCommand, CreateSegmentCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import type { AudienceService, Page, ServiceJob } from '../../../src/aws/pinpoint/audienceService.ts';
import { isTerminal } from '../../../src/aws/pinpoint/audienceService.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { connectTo } from './connected.ts';

describe('Amazon Pinpoint behind the port', () => {
  let sandbox: TestSandbox;
  let audience: AudienceService;
  let projectId: string;
  let roleArn: string;

  before(async () => {
    sandbox = await startTestSandbox();
    ({ audience } = await connectTo(sandbox));
    roleArn = `arn:aws:iam::${sandbox.account}:role/Import`;
    for (const Name of ['One', 'Two', 'Three']) {
      const { ApplicationResponse: app } = await sandbox.pinpoint.send(
        new CreateAppCommand({ CreateApplicationRequest: { Name } }),
      );
      projectId = app!.Id!;
    }
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'staging' }));
    const rows = 'ChannelType,Address,Id\nEMAIL,a@example.com,1\nEMAIL,b@example.com,2\n';
    await sandbox.s3.send(new PutObjectCommand({ Bucket: 'staging', Key: 'in/part-1.csv', Body: rows }));
  });
  afterEach(() => sandbox.faults.set({}));
  after(() => sandbox.close());

  const imports = {
    format: 'CSV',
    s3Url: 's3://staging/in/',
    defineSegment: true,
    registerEndpoints: true,
  } as const;

  async function ended(job: ServiceJob): Promise<ServiceJob> {
    for (;;) {
      const now = await audience.getJob(job.kind, projectId, job.id);
      if (isTerminal(now.status)) return now;
    }
  }

  it('lists everything across pages', async () => {
    const names: string[] = [];
    let page: Page<{ name: string }> = { items: [], nextToken: undefined };
    do {
      page = await audience.listProjects({ pageSize: 1, token: page.nextToken });
      assert.ok(page.items.length <= 1);
      names.push(...page.items.map(({ name }) => name));
    } while (page.nextToken !== undefined);
    assert.deepEqual(names.sort(), ['One', 'Three', 'Two']);
    assert.equal((await audience.getProject(projectId)).name, 'Three');
  });

  it('imports, and reports the job and the segment', async () => {
    const created = await audience.createImportJob(projectId, { ...imports, roleArn, segmentName: 'People' });
    assert.equal(created.kind, 'import');
    assert.equal(created.projectId, projectId);
    assert.ok(created.segmentId);
    const job = await ended(created);
    assert.deepEqual(
      [
        job.status,
        job.s3Url,
        job.segmentName,
        job.format,
        job.totalProcessed,
        job.totalFailures,
        job.failures,
      ],
      ['COMPLETED', 's3://staging/in/', 'People', 'CSV', 2, 0, []],
    );
    assert.ok(Date.parse(job.created) <= Date.parse(job.completed!));
    const segment = await audience.getSegment(projectId, created.segmentId);
    assert.equal(segment.kind, 'imported');
    assert.deepEqual(segment.imported, {
      format: 'CSV',
      s3Url: 's3://staging/in/',
      roleArn,
      size: 2,
      channelCounts: { EMAIL: 2 },
    });
    assert.ok((await audience.listJobs('import', projectId, {})).items.some(({ id }) => id === created.id));
    assert.deepEqual((await audience.listJobs('export', projectId, {})).items, []);
  });

  it('exports, and learns the location only from the first response', async () => {
    const created = await audience.createExportJob(projectId, { s3UrlPrefix: 's3://staging/out/', roleArn });
    assert.equal(created.s3Url, 's3://staging/out/');
    const job = await ended(created);
    assert.deepEqual([job.status, job.s3Url], ['COMPLETED', undefined]);
  });

  it('distinguishes dynamic from imported segments', async () => {
    const { SegmentResponse: made } = await sandbox.pinpoint.send(
      new CreateSegmentCommand({
        ApplicationId: projectId,
        WriteSegmentRequest: { Name: 'All', Dimensions: {} },
      }),
    );
    const { items } = await audience.listSegments(projectId, {});
    const segment = items.find(({ id }) => id === made!.Id);
    assert.deepEqual([segment?.kind, segment?.name, segment?.imported], ['dynamic', 'All', undefined]);
  });

  const refusals: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['a project that is gone', () => audience.listSegments('gone', {}), 'not-found'],
    ['no project', () => audience.listSegments('', {}), 'bad-input'],
    ['a job that is not there', () => audience.getJob('import', projectId, 'gone'), 'not-found'],
    ['a bucket that is not there', () => audience.createImportJob(projectId, { ...imports, roleArn, s3Url: 's3://not-there/x/' }), 'bad-input'],
    ['a role that cannot be passed', () => audience.createImportJob(projectId, { ...imports, roleArn: `${roleArn}NotPassable` }), 'access-denied'],
    ['a role that cannot be assumed', () => audience.createImportJob(projectId, { ...imports, roleArn: `${roleArn}NotAssumable` }), 'bad-input'],
  ]; // prettier-ignore
  for (const [what, ask, code] of refusals) {
    it(`refuses ${what}`, () => assert.rejects(ask(), { name: 'AudienceError', code }));
  }

  it('retries what is safe to retry, and never creates a job twice', async () => {
    const cut = { service: 'mobiletargeting', fault: { kind: 'cut-request' } } as const;
    sandbox.faults.set({ rules: [{ ...cut, method: 'GET' }] });
    await audience.listSegments(projectId, {});
    sandbox.faults.set({ rules: [{ ...cut, method: 'POST' }] });
    await assert.rejects(audience.createImportJob(projectId, { ...imports, roleArn }), { code: 'network' });
    sandbox.faults.set({ rules: [{ ...cut, method: 'GET' }] });
    await assert.rejects(audience.getJob('import', projectId, 'x'), { code: 'network' });
  });

  it('recognizes each part of a retired service', async () => {
    sandbox.faults.set({ retired: true });
    assert.equal((await audience.listProjects({})).items.length, 3);
    assert.equal((await audience.getProject(projectId)).name, 'Three');
    await assert.rejects(audience.listSegments(projectId, {}), { code: 'retired', help: /October 30, 2026/ });
    await assert.rejects(audience.listJobs('export', projectId, {}), { code: 'retired' });
    await assert.rejects(audience.createImportJob(projectId, { ...imports, roleArn }), { code: 'retired' });
  });

  it('reports line and column of invalid JSON, and nothing of the line', async () => {
    const Body = '{"ChannelType":"EMAIL","Address":"a@example.com"}\n{ Address: "planted@example.com" }\n';
    await sandbox.s3.send(new PutObjectCommand({ Bucket: 'staging', Key: 'bad/part-1.json', Body }));
    const request = { ...imports, roleArn, format: 'JSON', s3Url: 's3://staging/bad/' } as const;
    await assert.rejects(audience.createImportJob(projectId, request), (error: Error) => {
      assert.match(error.message, /line \d+, column \d+/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, /planted/);
      return true;
    });
  });

  it('can be cancelled', async () => {
    sandbox.faults.set({ rules: [{ count: null, fault: { kind: 'slow', delayMs: 5000 } }] });
    const cancel = new AbortController();
    const asked = audience.listSegments(projectId, { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 50);
    await assert.rejects(asked, { code: 'cancelled' });
  });
});
