import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PinpointClient } from '@aws-sdk/client-pinpoint';
import {
  CreateAppCommand,
  CreateImportJobCommand,
  GetEndpointCommand,
  GetImportJobCommand,
  UpdateEndpointCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { after, afterEach, before, describe, it } from 'mocha';
import { pinpointClient, s3Client, temporaryFolder } from '../../support/sandbox.ts';
import type { SandboxProcess } from '../../support/sandboxProcess.ts';
import { startBy } from '../../support/sandboxProcess.ts';

/** A limit for the size of files, in bytes, stands for the size of the disk: writes fail half-way, as on a full one. */
const limit = 300_000;
const role = 'arn:aws:iam::123456789012:role/PinpointImport';

describe('A full disk', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let isStarted = false;
  let sandbox: SandboxProcess;
  let pinpoint: PinpointClient;
  let s3: S3Client;
  let ApplicationId: string;

  const setLimit = (bytes: number | 'unlimited'): void => {
    execFileSync('prlimit', ['--pid', String(sandbox.child.pid), `--fsize=${bytes}:unlimited`]);
  };
  const start = async (): Promise<void> => {
    sandbox = await startBy(
      ['prlimit', '--fsize=unlimited:unlimited', process.execPath],
      ['--data', join(folder.path, 'data'), '--pace', '0'],
    );
    pinpoint = pinpointClient(sandbox, { maxAttempts: 1 });
    s3 = s3Client(sandbox, { maxAttempts: 1 });
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    for (const client of [pinpoint, s3]) client.destroy();
    await sandbox.end(signal);
  };
  /** Lines of an app's file of endpoints; throws if one isn't complete. */
  const lines = async (): Promise<{ readonly Id: string }[]> => {
    const file = join(folder.path, 'data', 'pinpoint', 'apps', ApplicationId, 'endpoints.log');
    const text = await readFile(file, 'utf8');
    assert.ok(text === '' || text.endsWith('\n'), 'The last line is incomplete');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { Id: string });
  };
  const note = 'x'.repeat(100);
  const put = (id: string, value = note): Promise<unknown> =>
    pinpoint.send(
      new UpdateEndpointCommand({
        ApplicationId,
        EndpointId: id,
        EndpointRequest: {
          ChannelType: 'EMAIL',
          Address: `${id}@example.com`,
          Attributes: { note: Array.from({ length: 20 }, () => value) },
        },
      }),
    );
  const isThere = async (id: string): Promise<boolean> =>
    pinpoint.send(new GetEndpointCommand({ ApplicationId, EndpointId: id })).then(
      () => true,
      (error: unknown) => {
        assert.equal((error as Error).name, 'NotFoundException');
        return false;
      },
    );
  const refusal = { name: 'InternalServerErrorException', message: /^The sandbox can't store data: the / };

  before(async function () {
    if (spawnSync('prlimit', ['--version']).error !== undefined) this.skip();
    folder = await temporaryFolder();
    await start();
    isStarted = true;
    const { ApplicationResponse: app } = await pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'full' } }),
    );
    ApplicationId = app!.Id!;
    await s3.send(new CreateBucketCommand({ Bucket: 'full-disk' }));
  });
  afterEach(() => setLimit('unlimited'));
  after(async () => {
    if (!isStarted) return;
    await stop('SIGKILL');
    await folder.remove();
  });

  it('rejects an endpoint clearly, keeps acknowledged data, and continues once there is space', async () => {
    setLimit(limit);
    const kept: string[] = [];
    let refused: string | undefined;
    for (let index = 0; refused === undefined; index++) {
      const id = `e${index}`;
      await put(id).then(
        () => kept.push(id),
        (error: unknown) => {
          assert.throws(() => {
            throw error;
          }, refusal);
          refused = id;
        },
      );
      assert.ok(index < 1000, 'The disk never gets full');
    }
    assert.ok(kept.length > 50);
    assert.deepEqual(
      (await lines()).map(({ Id }) => Id),
      kept,
    );
    assert.equal(await isThere(refused), false);
    assert.equal(await isThere(kept.at(-1)!), true);
    // A change of an existing endpoint is undone, too.
    await assert.rejects(put(kept[0]!, 'changed'), refusal);
    const { EndpointResponse: first } = await pinpoint.send(
      new GetEndpointCommand({ ApplicationId, EndpointId: kept[0]! }),
    );
    assert.equal(first!.Attributes!['note']![0], note);
    // And so is a batch, as a whole.
    const Item = Array.from({ length: 100 }, (_, index) => ({
      Id: `batch-${index}`,
      ChannelType: 'EMAIL' as const,
      Address: `batch-${index}@example.com`,
      Attributes: { note: [note] },
    }));
    const batch = new UpdateEndpointsBatchCommand({ ApplicationId, EndpointBatchRequest: { Item } });
    await assert.rejects(pinpoint.send(batch), refusal);
    assert.equal((await lines()).length, kept.length);
    assert.equal(await isThere('batch-0'), false);

    setLimit('unlimited');
    await put(refused);
    await pinpoint.send(batch);
    assert.deepEqual(
      (await lines()).slice(kept.length).map(({ Id }) => Id),
      [refused, ...Item.map(({ Id }) => Id)],
    );
    await stop('SIGKILL');
    await start();
    for (const id of [...kept, refused, 'batch-99']) assert.equal(await isThere(id), true, id);
  });

  it('fails an import with the reason, and the next one succeeds', async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, index) => `EMAIL,i${index}@example.com,i${index},${note}\n`,
    );
    await s3.send(
      new PutObjectCommand({
        Bucket: 'full-disk',
        Key: 'in.csv',
        Body: `ChannelType,Address,Id,Attributes.note\n${rows.join('')}`,
      }),
    );
    const run = async (
      whileRunning: () => Promise<unknown>,
    ): Promise<readonly [string, string | undefined]> => {
      const { ImportJobResponse: created } = await pinpoint.send(
        new CreateImportJobCommand({
          ApplicationId,
          ImportJobRequest: {
            Format: 'CSV',
            RoleArn: role,
            S3Url: 's3://full-disk/in.csv',
            DefineSegment: true,
            RegisterEndpoints: true,
          },
        }),
      );
      await whileRunning();
      for (;;) {
        const { ImportJobResponse: job } = await pinpoint.send(
          new GetImportJobCommand({ ApplicationId, JobId: created!.Id }),
        );
        if (job!.JobStatus === 'COMPLETED' || job!.JobStatus === 'FAILED')
          return [job!.JobStatus, job!.Failures?.[0]];
        await delay(50);
      }
    };
    setLimit(limit);
    const [status, failure] = await run(() => delay(0));
    assert.equal(status, 'FAILED');
    assert.match(failure!, /^The sandbox can't store data: /);
    await lines();
    setLimit('unlimited');
    assert.deepEqual(await run(() => delay(0)), ['COMPLETED', undefined]);
    assert.equal(await isThere('i2999'), true);
  });

  it('rejects an object clearly, leaves nothing, and accepts it once there is space', async () => {
    const object = { Bucket: 'full-disk', Key: 'large' };
    const upload = new PutObjectCommand({ ...object, Body: Buffer.alloc(2 * limit) });
    setLimit(limit);
    await assert.rejects(s3.send(upload), { name: 'InternalError', message: refusal.message });
    await assert.rejects(s3.send(new GetObjectCommand(object)), { name: 'NoSuchKey' });
    setLimit('unlimited');
    await s3.send(upload);
    const { ContentLength } = await s3.send(new HeadObjectCommand(object));
    assert.equal(ContentLength, 2 * limit);
  });
});
