import assert from 'node:assert/strict';
import {
  CreateAppCommand,
  GetAppCommand,
  GetAppsCommand,
  GetSegmentsCommand,
  InternalServerErrorException,
  PinpointServiceException,
  TooManyRequestsException,
  UpdateApplicationSettingsCommand,
} from '@aws-sdk/client-pinpoint';
import { GetObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FaultSettings } from '../../../src/sandbox/http/faults.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { sendSigned } from '../../support/signedRequest.ts';
import { Project } from './project.ts';

describe('Faults of the sandbox', () => {
  let sandbox: TestSandbox;
  let project: Project;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    project = await Project.create(sandbox);
  });
  afterEach(() => sandbox.close());

  const apps = (): Promise<unknown> => sandbox.pinpoint.send(new GetAppsCommand({}));
  const set = async (faults: FaultSettings): Promise<void> => {
    const response = await sendSigned(sandbox.endpoint, sandbox, {
      service: 'mobiletargeting',
      method: 'PUT',
      path: '/_sandbox/faults',
      body: JSON.stringify(faults),
    });
    assert.equal(response.status, 200, response.body);
  };
  const named = (name: string, status: number) => (error: unknown) => {
    assert.ok(
      error instanceof PinpointServiceException || error instanceof S3ServiceException,
      String(error),
    );
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status]);
    return true;
  };

  it('throttle the next matching requests, after those that pass', async () => {
    await set({
      rules: [
        {
          service: 'mobiletargeting',
          method: 'GET',
          path: '/v1/apps',
          skip: 1,
          count: 2,
          fault: { kind: 'throttle' },
        },
      ],
    });
    await apps();
    await sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: project.id }));
    await assert.rejects(apps(), TooManyRequestsException);
    await assert.rejects(apps(), TooManyRequestsException);
    await apps();
  });

  it('match paths by pattern', async () => {
    await set({ rules: [{ path: '/v1/apps/*/segments', count: null, fault: { kind: 'server-error' } }] });
    const segments = (): Promise<unknown> =>
      sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: project.id }));
    await apps();
    await assert.rejects(segments(), InternalServerErrorException);
    await assert.rejects(segments(), InternalServerErrorException);
    await set({});
    await segments();
  });

  it("use each service's error format", async () => {
    const put = (): Promise<unknown> => project.stage('k', 'body');
    await set({ rules: [{ service: 's3', fault: { kind: 'throttle' } }] });
    await assert.rejects(put(), named('SlowDown', 503));
    await set({ rules: [{ count: null, fault: { kind: 'expired-credentials' } }] });
    await assert.rejects(apps(), named('ExpiredTokenException', 403));
    await assert.rejects(put(), named('ExpiredToken', 400));
    await assert.rejects(sandbox.sts.send(new GetCallerIdentityCommand({})), {
      name: 'ExpiredToken',
    });
  });

  it('cut the connection before or after the operation', async () => {
    const create = (Name: string): Promise<unknown> =>
      sandbox.pinpoint.send(new CreateAppCommand({ CreateApplicationRequest: { Name } }));
    const names = async (): Promise<(string | undefined)[]> => {
      const answer = await sandbox.pinpoint.send(new GetAppsCommand({}));
      return answer.ApplicationsResponse!.Item!.map(({ Name }) => Name);
    };
    await set({ rules: [{ method: 'POST', fault: { kind: 'cut-request' } }] });
    await assert.rejects(create('lost'), /ECONNRESET|socket hang up/);
    await set({ rules: [{ method: 'POST', fault: { kind: 'cut-answer' } }] });
    await assert.rejects(create('done'), /ECONNRESET|socket hang up/);
    const all = await names();
    assert.equal(all.includes('lost'), false);
    assert.equal(all.includes('done'), true);
  });

  it('cut the body of a response halfway', async () => {
    await project.stage('k', Buffer.alloc(300_000, 'x'));
    await set({
      rules: [{ service: 's3', method: 'GET', fault: { kind: 'cut-answer', afterBytes: 100_000 } }],
    });
    const object = await sandbox.s3.send(new GetObjectCommand({ Bucket: project.bucket, Key: 'k' }));
    let bytes = 0;
    await assert.rejects(async () => {
      for await (const chunk of object.Body as AsyncIterable<Buffer>) bytes += chunk.length;
    });
    assert.equal(bytes, 100_000);
  });

  it('slow down requests and responses', async () => {
    const body = Buffer.alloc(40_000, 'x');
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    await set({ rules: [{ fault: { kind: 'slow', delayMs: 150 } }] });
    assert.ok((await timed(apps)) >= 145);
    const slow = { service: 's3', fault: { kind: 'slow', bytesPerSecond: 100_000 } } as const;
    await set({ rules: [{ ...slow, count: 2 }] });
    const upload = new PutObjectCommand({ Bucket: project.bucket, Key: 'k', Body: body });
    assert.ok((await timed(() => sandbox.s3.send(upload))) >= 380);
    let received: Uint8Array | undefined;
    const download = async (): Promise<void> => {
      const object = await sandbox.s3.send(new GetObjectCommand({ Bucket: project.bucket, Key: 'k' }));
      received = await object.Body!.transformToByteArray();
    };
    assert.ok((await timed(download)) >= 380);
    assert.deepEqual(Buffer.from(received!), body);
  });

  it('retire audience operations while projects can be listed', async () => {
    await set({ retired: true });
    await apps();
    await sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: project.id }));
    const S3Url = await project.stage('in/a.csv', 'ChannelType,Address\nEMAIL,a@example.com\n');
    for (const refused of [
      () => sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: project.id })),
      () =>
        sandbox.pinpoint.send(
          new UpdateApplicationSettingsCommand({
            ApplicationId: project.id,
            WriteApplicationSettingsRequest: {},
          }),
        ),
      () => project.createImport({ S3Url }),
      () => project.createExport(),
      () => project.endpoint('a'),
      () => project.put({ Id: 'a' }),
    ]) {
      await assert.rejects(refused, named('GoneException', 410));
    }
  });

  it('make jobs fail halfway', async () => {
    await set({ jobs: [{ type: 'IMPORT' }, { type: 'EXPORT' }] });
    const rows = Array.from({ length: 2000 }, (_, index) => `EMAIL,e${index}@example.com,e${index}\n`);
    const csv = `ChannelType,Address,Id\n${rows.join('')}`;
    const job = await project.import(csv, { DefineSegment: true });
    assert.deepEqual([job.JobStatus, job.FailedPieces, job.CompletedPieces], ['FAILED', 1, 0]);
    assert.ok(job.TotalProcessed! > 500 && job.TotalProcessed! < 1500, String(job.TotalProcessed));
    assert.match(job.Failures![0]!, /an injected fault/);
    await assert.rejects(project.segment(job.Definition!.SegmentId!));
    const { Id } = await project.createExport();
    const failed = await project.exportEnded(Id!);
    assert.deepEqual([failed.JobStatus, failed.FailedPieces], ['FAILED', 1]);
    assert.deepEqual(await project.keys('exports/'), []);
    assert.equal((await project.export()).length, job.TotalProcessed);
    assert.equal((await project.import(csv)).JobStatus, 'COMPLETED');
  });

  it('are rejected as a whole if one is invalid', async () => {
    await set({ retired: true });
    const rules = /'rules' must be a list of /;
    const cases: readonly (readonly [object, RegExp])[] = [
      [[], /must be one JSON object/],
      [{ retired: 'yes' }, /'retired' must be true or false/],
      [{ unknown: true }, /Unknown fault 'unknown'. Known: rules, jobs, /],
      [{ rules: [{ fault: { kind: 'explode' } }] }, rules],
      [{ rules: [{ path: '/v1' }] }, rules],
      [{ rules: [{ fault: { kind: 'throttle', ms: 1 } }] }, rules],
      [{ rules: [{ fault: { kind: 'slow', bytesPerSecond: 0 } }] }, rules],
      [{ rules: [{ count: 'all', fault: { kind: 'throttle' } }] }, rules],
      [{ jobs: [{ type: 'DELETE' }] }, /'jobs' must be a list of /],
      [{ paceMs: -1 }, /'paceMs' must be a whole number of milliseconds/],
      [{ segmentRefresh: 'keep' }, /'segmentRefresh' must be "replace" or "append"/],
      [{ importConcurrency: 0 }, /'importConcurrency' must be a whole number above 0/],
    ];
    for (const [wrong, message] of cases) {
      const response = await sendSigned(sandbox.endpoint, sandbox, {
        service: 'mobiletargeting',
        method: 'PUT',
        path: '/_sandbox/faults',
        body: JSON.stringify(wrong),
      });
      assert.equal(response.status, 400, JSON.stringify(wrong));
      assert.match((JSON.parse(response.body) as { Message: string }).Message, message);
    }
    assert.deepEqual(sandbox.faults.settings, { retired: true });
  });

  it('require credentials', async () => {
    const stranger = { accessKeyId: sandbox.accessKeyId, secretAccessKey: 'x'.repeat(40) };
    const response = await sendSigned(sandbox.endpoint, stranger, {
      service: 'mobiletargeting',
      method: 'PUT',
      path: '/_sandbox/faults',
      body: '{"retired":true}',
    });
    assert.equal(response.status, 403);
    assert.deepEqual(sandbox.faults.settings, {});
  });
});
