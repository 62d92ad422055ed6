import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import { root } from '../../tools/paths.ts';
import { awsCli, findAwsCli, pathForScripts } from '../support/awsCli.ts';
import type { AwsCli } from '../support/awsCli.ts';
import { temporaryFolder } from '../support/sandbox.ts';
import { startSandboxProcess } from '../support/sandboxProcess.ts';
import type { SandboxProcess } from '../support/sandboxProcess.ts';

interface Job {
  readonly Id: string;
  readonly JobStatus: string;
  readonly TotalProcessed?: number;
  readonly TotalFailures?: number;
  readonly Definition: { readonly SegmentId?: string };
}

type Endpoint = Record<string, unknown> & { readonly Id: string };

const roleArn = 'arn:aws:iam::123456789012:role/Pinpoint';
const bucket = 's3://cli-bucket';

describe('The AWS CLI with a sandbox', function () {
  // A call takes a second or two, most of it for Python to start.
  this.timeout(300_000);

  let folder: { path: string; remove(): Promise<void> } | undefined;
  let sandbox: SandboxProcess | undefined;
  let here = '';
  let aws: AwsCli;
  let app = '';

  before(async function () {
    const found = await findAwsCli();
    if ('missing' in found) {
      process.stderr.write(`Skipped: ${found.missing}\n`);
      this.skip();
    }
    folder = await temporaryFolder();
    here = folder.path;
    sandbox = await startSandboxProcess('--pace', '20');
    aws = awsCli(sandbox, found.version);
  });
  after(async () => {
    await sandbox?.end('SIGTERM');
    await folder?.remove();
  });

  it('does what the page about the sandbox says, as printed there', async () => {
    const page = await readFile(join(root, 'docs/sandbox.md'), 'utf8');
    const command = /`pinpoint-audience sandbox (.*?)`/.exec(page)![1]!;
    const sample = await startSandboxProcess(...command.split(' '));
    try {
      await writeFile(join(here, 'customers.csv'), 'ChannelType,Address\nEMAIL,new@example.com\n');
      const values = [sample.accessKeyId, sample.secretAccessKey];
      const commands = /```sh\n(.*?)```/s
        .exec(page)![1]!
        .replace('PORT', new URL(sample.endpoint).port)
        .replace(/…/g, () => `'${values.shift()!}'`);
      const setting = /`(aws configure set [^`]*s3v4)`/.exec(page)![1]!;
      const presigned = 'curl -sf "$(aws s3 presign s3://pinpoint-audience-sample/customers.csv)"';
      const shell = promisify(execFile)('sh', ['-ec', `${commands}\n${setting}\n${presigned}`], {
        cwd: here,
        // The page names the oldest versions that know AWS_ENDPOINT_URL; this one may be older.
        env: { PATH: await pathForScripts(here, sample.endpoint, aws.version), HOME: here, AWS_PAGER: '' },
      });
      const { stdout } = await shell;
      assert.match(stdout, /"ApplicationsResponse"/);
      assert.match(stdout, /EMAIL,new@example\.com\n$/);
    } finally {
      await sample.end('SIGTERM');
    }
  });

  it("reports the caller's identity", async () => {
    const { Account } = (await aws.json('sts', 'get-caller-identity')) as { Account: string };
    assert.equal(Account, '123456789012');
  });

  it('s3: creates a bucket, copies objects in and out, lists and removes them', async () => {
    const file = join(here, 'in put+1.txt');
    const content = Buffer.alloc(20_000_000, 'multipart above eight megabytes ');
    await writeFile(file, content);
    assert.match(await aws.text('s3', 'mb', bucket), /make_bucket: cli-bucket/);
    await aws.text('s3', 'cp', file, `${bucket}/a folder/in put+1.txt`);
    await aws.text('s3', 'cp', `${bucket}/a folder/in put+1.txt`, `${bucket}/copy`);
    assert.match(await aws.text('s3', 'ls'), /cli-bucket/);
    assert.match(await aws.text('s3', 'ls', bucket), /PRE a folder\/\n.*20000000 copy/);
    assert.match(await aws.text('s3', 'ls', '--recursive', bucket), /20000000 a folder\/in put\+1\.txt/);
    const back = join(here, 'back.txt');
    await aws.text('s3', 'cp', `${bucket}/copy`, back);
    assert.ok((await readFile(back)).equals(content));
    await aws.text('s3', 'rm', `${bucket}/copy`);
    await aws.text('s3', 'rm', '--recursive', bucket);
    assert.equal(await aws.text('s3', 'ls', '--recursive', bucket), '');
    await aws.text('s3', 'rb', bucket);
    await assert.rejects(aws.text('s3', 'ls', bucket), /NoSuchBucket/);
  });

  it('pinpoint: creates a project and reads, changes and deletes endpoints', async () => {
    const made = (await aws.json(
      'pinpoint',
      'create-app',
      '--create-application-request',
      'Name=From the CLI',
    )) as {
      ApplicationResponse: { Id: string; Name: string };
    };
    assert.equal(made.ApplicationResponse.Name, 'From the CLI');
    app = made.ApplicationResponse.Id;

    const batch = {
      Item: [{ Id: 'one', ChannelType: 'EMAIL', Address: 'one@example.com', Attributes: { a: ['b'] } }],
    };
    const request = ['--application-id', app, '--endpoint-batch-request', JSON.stringify(batch)];
    const accepted = (await aws.json('pinpoint', 'update-endpoints-batch', ...request)) as {
      MessageBody: { Message: string };
    };
    assert.equal(accepted.MessageBody.Message, 'Accepted');
    const one = ['--application-id', app, '--endpoint-id', 'one'];
    const { EndpointResponse } = (await aws.json('pinpoint', 'get-endpoint', ...one)) as {
      EndpointResponse: Endpoint;
    };
    assert.deepEqual(
      [EndpointResponse['Address'], EndpointResponse['Attributes'], EndpointResponse['ApplicationId']],
      ['one@example.com', { a: ['b'] }, app],
    );
    await aws.json('pinpoint', 'delete-endpoint', ...one);
    await assert.rejects(aws.json('pinpoint', 'get-endpoint', ...one), /NotFoundException/);
  });

  it('imports 3,500 endpoints and exports them unchanged', async () => {
    const endpoints = Array.from({ length: 3500 }, (_, number) => endpoint(number));
    const file = join(here, 'endpoints.json');
    await writeFile(file, endpoints.map((one) => `${JSON.stringify(one)}\n`).join(''));
    await aws.text('s3', 'mb', bucket);
    await aws.text('s3', 'cp', file, `${bucket}/in/endpoints.json`);

    const definition = {
      Format: 'JSON',
      RoleArn: roleArn,
      S3Url: `${bucket}/in/`,
      DefineSegment: true,
      RegisterEndpoints: true,
      SegmentName: 'All',
    };
    const created = (await aws.json(
      'pinpoint',
      'create-import-job',
      '--application-id',
      app,
      '--import-job-request',
      JSON.stringify(definition),
    )) as { ImportJobResponse: Job };
    const imported = await completed('import', created.ImportJobResponse.Id);
    assert.deepEqual([imported.TotalProcessed, imported.TotalFailures], [3500, 0]);

    const { SegmentsResponse } = (await aws.json('pinpoint', 'get-segments', '--application-id', app)) as {
      SegmentsResponse: { Item: { Id: string; Name: string; ImportDefinition: { Size: number } }[] };
    };
    assert.deepEqual(
      SegmentsResponse.Item.map(({ Id, Name, ImportDefinition }) => [Id, Name, ImportDefinition.Size]),
      [[created.ImportJobResponse.Definition.SegmentId, 'All', 3500]],
    );

    const exporting = (await aws.json(
      'pinpoint',
      'create-export-job',
      '--application-id',
      app,
      '--export-job-request',
      JSON.stringify({ RoleArn: roleArn, S3UrlPrefix: `${bucket}/out/` }),
    )) as { ExportJobResponse: Job };
    assert.equal((await completed('export', exporting.ExportJobResponse.Id)).TotalProcessed, 3500);

    const out = join(here, 'out');
    await mkdir(out);
    await aws.text('s3', 'cp', '--recursive', `${bucket}/out/`, out);
    const exported = await readExport(out);
    assert.equal(exported.length, 3500);
    const byId = new Map(exported.map((one) => [one.Id, one]));
    for (const one of endpoints) assert.deepEqual(sentMembers(byId.get(one.Id)), one);
  });

  async function completed(type: 'import' | 'export', id: string): Promise<Job> {
    const member = type === 'import' ? 'ImportJobResponse' : 'ExportJobResponse';
    for (let tries = 0; tries < 60; tries += 1) {
      const answer = (await aws.json(
        'pinpoint',
        `get-${type}-job`,
        '--application-id',
        app,
        '--job-id',
        id,
      )) as Record<string, Job>;
      const job = answer[member]!;
      if (job.JobStatus === 'COMPLETED') return job;
      assert.notEqual(job.JobStatus, 'FAILED');
      await sleep(100);
    }
    throw new Error(`The ${type} job did not end`);
  }

  async function readExport(out: string): Promise<Endpoint[]> {
    const found: Endpoint[] = [];
    for (const name of await readdir(out, { recursive: true })) {
      if (!name.endsWith('.gz')) continue;
      const text = gunzipSync(await readFile(join(out, name))).toString();
      found.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Endpoint),
      );
    }
    return found;
  }
});

/** The members that were sent, without those that only answers have. */
function sentMembers(exported: Record<string, unknown> = {}): unknown {
  const { ApplicationId, CohortId, CreationDate, EndpointStatus, RequestId, ...sent } = exported;
  assert.ok(
    ApplicationId !== undefined && CreationDate !== undefined && EndpointStatus === 'ACTIVE',
    String(CohortId),
  );
  assert.equal(RequestId, undefined);
  return sent;
}

/** An invented endpoint; with its number the shape changes too. */
function endpoint(number: number): Endpoint {
  const isSms = number % 3 === 0;
  // What is said of a user holds for all endpoints of that user.
  const user = Math.floor(number / 5);
  return {
    Id: `endpoint-${number}`,
    ChannelType: isSms ? 'SMS' : 'EMAIL',
    Address: isSms ? `+1555${String(number).padStart(7, '0')}` : `person.${number}@example.com`,
    OptOut: number % 10 === 0 ? 'ALL' : 'NONE',
    EffectiveDate: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString(),
    Attributes: { interests: ['sport', `club "${number % 40}"`, 'Zürich, ☃'].slice(0, 1 + (number % 3)) },
    ...(number % 2 === 0 ? { Metrics: { purchases: number / 4, balance: -1.5 } } : {}),
    Demographic: {
      Locale: 'de_CH',
      Timezone: 'Europe/Zurich',
      // Exports have it in lower case.
      Platform: 'ios',
      AppVersion: `1.${number % 9}`,
    },
    Location: {
      Country: 'CH',
      City: 'Genève',
      Latitude: (number % 900) / 10,
      Longitude: ((number % 1800) - 900) / 10,
    },
    User: { UserId: `user-${user}`, UserAttributes: { tier: [`t${user % 4}`] } },
  };
}
