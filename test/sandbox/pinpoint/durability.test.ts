import assert from 'node:assert/strict';
import { readFile, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetAppsCommand,
  GetExportJobsCommand,
  GetImportJobsCommand,
  ListTagsForResourceCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { pinpointClient, s3Client, temporaryFolder } from '../../support/sandbox.ts';
import type { SandboxProcess } from '../../support/sandboxProcess.ts';
import { startSandboxProcess } from '../../support/sandboxProcess.ts';
import { Project } from './project.ts';

/** A sandbox in a process of its own, as it is started from the command line. */
class KillableSandbox {
  readonly clients: Pick<TestSandbox, 's3' | 'pinpoint'>;
  readonly #process: SandboxProcess;

  private constructor(process: SandboxProcess) {
    this.#process = process;
    this.clients = { s3: s3Client(process), pinpoint: pinpointClient(process) };
  }

  static async start(dataDir: string, paceMs: number): Promise<KillableSandbox> {
    return new KillableSandbox(await startSandboxProcess('--data', dataDir, '--pace', String(paceMs)));
  }

  async kill(): Promise<void> {
    await this.#process.end('SIGKILL');
    this.clients.pinpoint.destroy();
    this.clients.s3.destroy();
  }
}

describe('Pinpoint state after SIGKILL', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: KillableSandbox;
  let project: Project;
  beforeEach(async () => {
    folder = await temporaryFolder();
    sandbox = await KillableSandbox.start(folder.path, 0);
    project = await Project.create(sandbox.clients);
  });
  afterEach(async () => {
    await sandbox.kill();
    await folder.remove();
  });

  const restart = async (paceMs = 0): Promise<void> => {
    await sandbox.kill();
    sandbox = await KillableSandbox.start(folder.path, paceMs);
    project = new Project(sandbox.clients, project.id, project.bucket);
  };

  it('keeps everything acknowledged', async () => {
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      let stopped = false;
      const write = async (worker: number): Promise<void> => {
        for (let index = 0; !stopped; index++) {
          const id = `w${worker}-${index % 20}`;
          const address = `${id}-${round}-${index}@example.com`;
          await sandbox.clients.pinpoint.send(
            new UpdateEndpointCommand({
              ApplicationId: project.id,
              EndpointId: id,
              EndpointRequest: { ChannelType: 'EMAIL', Address: address },
            }),
          );
          acknowledged.set(id, address);
        }
      };
      const writers = [0, 1, 2].map((worker) => write(worker).catch(() => undefined));
      await sleep(100 + 70 * round);
      // On a busy machine the first answers take longer than that.
      while (acknowledged.size === 0) await sleep(10);
      await sandbox.kill();
      stopped = true;
      await Promise.all(writers);
      sandbox = await KillableSandbox.start(folder.path, 0);
      project = new Project(sandbox.clients, project.id, project.bucket);
      for (const [id, address] of acknowledged) {
        const kept = (await project.endpoint(id)).Address!;
        // A write that was under way may have got through without its answer.
        const isLater = Number(kept.split(/[-@]/)[3]) > Number(address.split(/[-@]/)[3]);
        assert.ok(kept === address || isLater, `${id} has ${kept}, acknowledged was ${address}`);
        acknowledged.set(id, kept);
      }
    }
  });

  it('keeps apps, segments and tags', async () => {
    const segment = await project.createSegment({ Name: 's', tags: { a: 'b' } });
    await restart();
    assert.deepEqual(await project.segment(segment.Id!), segment);
    const apps = await sandbox.clients.pinpoint.send(new GetAppsCommand({}));
    assert.deepEqual(
      apps.ApplicationsResponse?.Item?.map(({ Id }) => Id),
      [project.id],
    );
    const tags = await sandbox.clients.pinpoint.send(
      new ListTagsForResourceCommand({ ResourceArn: segment.Arn }),
    );
    assert.deepEqual(tags.TagsModel?.tags, { a: 'b' });
  });

  for (const pace of [0, 40]) {
    it(`resumes running jobs without repeating effects, at a pace of ${pace} ms`, async () => {
      await restart(pace);
      const rows = Array.from(
        { length: 5000 },
        (_, index) => `EMAIL,e${index}@example.com,u${index >> 1},${index}\n`,
      );
      const csv = `ChannelType,Address,User.UserId,Metrics.rank\n${rows.join('')}`;
      const S3Url = await project.stage('in/many.csv', csv);
      const { Id, Definition } = await project.createImport({ S3Url, DefineSegment: true });
      for (let kill = 0; kill < 3; kill++) {
        await sleep(30 + 35 * kill);
        await restart(pace);
      }
      const job = await project.importEnded(Id!);
      assert.deepEqual([job.JobStatus, job.TotalProcessed, job.TotalFailures], ['COMPLETED', 5000, 0]);
      const jobs = await sandbox.clients.pinpoint.send(
        new GetImportJobsCommand({ ApplicationId: project.id }),
      );
      assert.equal(jobs.ImportJobsResponse?.Item?.length, 1);
      const segment = await project.segment(Definition!.SegmentId!);
      assert.deepEqual([segment.Version, segment.ImportDefinition?.Size], [1, 5000]);

      const { Id: exportId } = await project.createExport({ SegmentId: segment.Id });
      for (let kill = 0; kill < 1; kill++) {
        await sleep(20 + 30 * kill);
        await restart(pace);
      }
      assert.equal((await project.exportEnded(exportId!)).JobStatus, 'COMPLETED');
      const exports = await sandbox.clients.pinpoint.send(
        new GetExportJobsCommand({ ApplicationId: project.id }),
      );
      assert.equal(exports.ExportJobsResponse?.Item?.length, 1);
      assert.equal((await project.keys('exports/')).length, 1);
      const ranks = (await project.unzipped('exports/'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { Metrics: { rank: number } }).Metrics.rank);
      assert.deepEqual(
        ranks,
        rows.map((_, index) => index),
      );
    });
  }

  it('ignores a truncated last line', async () => {
    await project.put({ Id: 'a', ChannelType: 'EMAIL', Address: 'a@example.com' });
    await project.put({ Id: 'b', ChannelType: 'EMAIL', Address: 'b@example.com' });
    const segment = await project.createSegment({ Name: 's' });
    await project.createSegment({ Name: 'lost' });
    await sandbox.kill();
    const files = await readdir(folder.path, { recursive: true });
    for (const name of ['endpoints.log', 'state.jsonl']) {
      const file = join(
        folder.path,
        files.find((found) => found.endsWith(name))!,
      );
      await truncate(file, (await readFile(file)).length - 5);
    }
    await restart();
    assert.equal((await project.endpoint('a')).Address, 'a@example.com');
    await assert.rejects(project.endpoint('b'));
    assert.equal((await project.segment(segment.Id!)).Name, 's');
    await project.put({ Id: 'c', ChannelType: 'EMAIL', Address: 'c@example.com' });
    await restart();
    assert.deepEqual(await project.exportedIds(), ['a', 'c']);
  });
});
