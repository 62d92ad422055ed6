import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CreateAppCommand, CreateImportJobCommand, GetAppsCommand } from '@aws-sdk/client-pinpoint';
import { GetImportJobCommand, PinpointClient } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { benchFolder, dataFile } from './data.ts';

/**
 * The sandbox's imports: endpoints per second of CPU time, as CSV and as NDJSON, and the waiting time of other requests
 * meanwhile. `node bench/sandboxImports.ts [--records 1000000]`.
 */
const { values } = parseArgs({ options: { records: { type: 'string', default: '1000000' } } });
const records = Number(values.records);
const goal = 50_000;

interface Started {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

for (const type of ['csv', 'ndjson'] as const) {
  const file = await dataFile(type, { records });
  const dataDir = join(benchFolder, `sandbox-imports-${type}`);
  await rm(dataDir, { recursive: true, force: true });
  const child = fork(join(import.meta.dirname, 'sandboxChild.ts'), [dataDir]);
  const [{ endpoint, region, ...credentials }] = (await once(child, 'message')) as [Started];
  const cpuSeconds = async (): Promise<number> => {
    child.send('cpu');
    const [answer] = (await once(child, 'message')) as [{ cpuSeconds: number }];
    return answer.cpuSeconds;
  };
  const config = { endpoint, region, credentials };
  const s3 = new S3Client(config);
  const pinpoint = new PinpointClient(config);
  const Key = `endpoints.${type}`;
  await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await s3.send(
    new PutObjectCommand({
      Bucket: 'bench',
      Key,
      Body: createReadStream(file.path),
      ContentLength: file.bytes,
    }),
  );
  const app = await pinpoint.send(new CreateAppCommand({ CreateApplicationRequest: { Name: 'bench' } }));
  const ApplicationId = app.ApplicationResponse!.Id!;

  const before = await cpuSeconds();
  const started = performance.now();
  const created = await pinpoint.send(
    new CreateImportJobCommand({
      ApplicationId,
      ImportJobRequest: {
        Format: type === 'csv' ? 'CSV' : 'JSON',
        RoleArn: 'arn:aws:iam::123456789012:role/PinpointImport',
        S3Url: `s3://bench/${Key}`,
        DefineSegment: true,
      },
    }),
  );
  const waits: number[] = [];
  for (;;) {
    const asked = performance.now();
    await pinpoint.send(new GetAppsCommand({}));
    waits.push(performance.now() - asked);
    const { ImportJobResponse: job } = await pinpoint.send(
      new GetImportJobCommand({ ApplicationId, JobId: created.ImportJobResponse!.Id }),
    );
    if (job!.JobStatus === 'FAILED' || (job!.TotalFailures ?? 0) > 0)
      throw new Error(`The import failed: ${job!.Failures?.[0] ?? ''}`);
    if (job!.JobStatus === 'COMPLETED') break;
    await delay(20);
  }
  const seconds = (performance.now() - started) / 1000;
  const cpu = (await cpuSeconds()) - before;
  waits.sort((one, other) => one - other);
  const at = (share: number): string => waits[Math.floor((waits.length - 1) * share)]!.toFixed(0);
  const rate = records / cpu;
  console.log(
    `${type}: ${records} endpoints in ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU: ${rate.toFixed(0)} a CPU second ` +
      `(goal: ${goal}, ${(rate / goal).toFixed(2)} times); GetApps meanwhile ${at(0.5)} ms, 99 % within ${at(0.99)} ms`,
  );
  child.disconnect();
  await once(child, 'exit');
  await rm(dataDir, { recursive: true, force: true });
}
