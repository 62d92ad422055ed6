import assert from 'node:assert/strict';
import {
  CreateAppCommand,
  GetAppsCommand,
  GetExportJobsCommand,
  GetImportJobsCommand,
  GetSegmentsCommand,
} from '@aws-sdk/client-pinpoint';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { sampleBucket } from '../../../src/sandbox/sampleAudience.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { Project } from './project.ts';

describe('The sample of the sandbox', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const withSandbox = async (
    options: { sample: boolean; paceMs?: number },
    work: (sandbox: TestSandbox) => Promise<void>,
  ): Promise<void> => {
    const sandbox = await startTestSandbox({ dataDir: folder.path, ...options });
    try {
      await work(sandbox);
    } finally {
      await sandbox.close();
    }
  };
  const projects = async ({ pinpoint }: TestSandbox): Promise<(string | undefined)[]> => {
    const answer = await pinpoint.send(new GetAppsCommand({}));
    return answer.ApplicationsResponse!.Item!.map(({ Name }) => Name);
  };

  it('has a project with segments that have members, finished jobs and their files, whatever the pace', async () => {
    await withSandbox({ sample: true, paceMs: 60_000 }, async (sandbox) => {
      const { pinpoint, s3 } = sandbox;
      const [app] = (await pinpoint.send(new GetAppsCommand({}))).ApplicationsResponse!.Item!;
      assert.deepEqual([app?.Name, app?.tags], ['Sample Project', {}]);
      const ApplicationId = app!.Id;
      const segments = await pinpoint.send(new GetSegmentsCommand({ ApplicationId }));
      const kinds = segments.SegmentsResponse!.Item!.map(({ SegmentType }) => SegmentType);
      assert.deepEqual(kinds.sort(), ['DIMENSIONAL', 'DIMENSIONAL', 'IMPORT']);
      const imports = await pinpoint.send(new GetImportJobsCommand({ ApplicationId }));
      const exports = await pinpoint.send(new GetExportJobsCommand({ ApplicationId }));
      for (const jobs of [imports.ImportJobsResponse, exports.ExportJobsResponse]) {
        assert.deepEqual(
          jobs?.Item?.map(({ JobStatus, TotalProcessed, TotalFailures }) => [
            JobStatus,
            TotalProcessed,
            TotalFailures,
          ]),
          [['COMPLETED', 300, 0]],
        );
      }
      const objects = await s3.send(new ListObjectsV2Command({ Bucket: sampleBucket }));
      assert.deepEqual(
        objects.Contents?.map(({ Key }) => Key!.split('/')[0]),
        ['exports', 'imports'],
      );
      const project = new Project(sandbox, ApplicationId!, sampleBucket);
      sandbox.faults.set({ paceMs: 0 });
      for (const { Id, Name } of segments.SegmentsResponse!.Item!) {
        const members = await project.exportedIds({ SegmentId: Id });
        assert.ok(members.length > 5 && members.length <= 300, `${Name!} has ${members.length}`);
      }
    });
  });

  it('is created once, and not if there is a project already', async () => {
    await withSandbox({ sample: true }, async (sandbox) => {
      assert.deepEqual(await projects(sandbox), ['Sample Project']);
      await Project.create(sandbox);
    });
    await withSandbox({ sample: true }, async (sandbox) => {
      assert.equal((await projects(sandbox)).length, 2);
    });
    await withSandbox({ sample: false }, async (sandbox) => {
      assert.equal((await projects(sandbox)).length, 2);
    });
  });

  it('is created again if it was left incomplete', async () => {
    await withSandbox({ sample: false }, async ({ pinpoint }) => {
      const request = { Name: 'Sample Project', tags: { 'sample-unfinished': 'true' } };
      await pinpoint.send(new CreateAppCommand({ CreateApplicationRequest: request }));
    });
    await withSandbox({ sample: true }, async (sandbox) => {
      assert.deepEqual(await projects(sandbox), ['Sample Project']);
      const [app] = (await sandbox.pinpoint.send(new GetAppsCommand({}))).ApplicationsResponse!.Item!;
      const segments = await sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: app!.Id }));
      assert.equal(segments.SegmentsResponse?.Item?.length, 3);
    });
  });
});
