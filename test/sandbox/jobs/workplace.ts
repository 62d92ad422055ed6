import { mkdir, writeFile } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { CreateAppCommand, GetExportJobsCommand, GetImportJobsCommand } from '@aws-sdk/client-pinpoint';
import type { ExportJobResponse, ImportJobResponse } from '@aws-sdk/client-pinpoint';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import type { AudienceService } from '../../../src/aws/pinpoint/audienceService.ts';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import type { Clock } from '../../../src/jobs/runs/clock.ts';
import type { SourceFile } from '../../../src/jobs/runs/runRecord.ts';
import type { ExportPlan, ImportPlan, Runs } from '../../../src/jobs/runs/runs.ts';
import type { RunsOptions } from '../../../src/jobs/runs/runsService.ts';
import { createRuns } from '../../../src/jobs/runs/runsService.ts';
import type { Log } from '../../../src/log.ts';
import type { SandboxOptions } from '../../../src/sandbox/server.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { connectTo } from '../aws/connected.ts';
import { fastClock } from './fastClock.ts';

/** A sandbox with a project and a bucket, a connection to it, and a folder for files and records. */
export class Workplace {
  readonly sandbox: TestSandbox;
  readonly connection: Connection;
  readonly folder: string;
  readonly projectId: string;
  readonly bucket = 'staging';
  readonly roleArn: string;
  readonly log: string[];
  /** Of its clock. */
  readonly start: number;
  readonly clock: Clock;
  readonly #remove: () => Promise<void>;
  readonly #runs: Runs[] = [];

  static async open(options: SandboxOptions = {}): Promise<Workplace> {
    const start = Date.now();
    // Its clock is the machine's: nothing compares its times with ours, and signatures stay valid on a slow machine.
    const sandbox = await startTestSandbox({ paceMs: 5, ...options });
    const place = await temporaryFolder();
    const log: string[] = [];
    const connection = await connectTo(sandbox, logTo(log));
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'staging' }));
    const { ApplicationResponse: app } = await sandbox.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'Shop: Spring' } }),
    );
    return new Workplace(sandbox, connection, place, app!.Id!, log, start);
  }

  private constructor(
    sandbox: TestSandbox,
    connection: Connection,
    place: { readonly path: string; remove(): Promise<void> },
    projectId: string,
    log: string[],
    start: number,
  ) {
    this.start = start;
    this.clock = fastClock(start);
    this.sandbox = sandbox;
    this.connection = connection;
    this.folder = place.path;
    this.#remove = () => place.remove();
    this.projectId = projectId;
    this.roleArn = `arn:aws:iam::${sandbox.account}:role/Import`;
    this.log = log;
  }

  /** The environment of a command that is to use this sandbox, and nothing of the person who runs the tests. */
  get environment(): NodeJS.ProcessEnv {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.sandbox;
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /** A window of the editor: runs over the records of this workplace. */
  window(options: Partial<RunsOptions> = {}): Runs {
    const folder = join(this.folder, 'runs');
    const runs = createRuns({
      folder,
      clock: this.clock,
      leaseTtlMs: 1000,
      log: logTo(this.log),
      ...options,
    });
    this.#runs.push(runs);
    return runs;
  }

  async file(name: string, text: string): Promise<SourceFile> {
    const path = join(this.folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
    const { size: bytes, mtimeMs: modified } = await stat(path);
    return { path, bytes, modified };
  }

  /** A CSV file of so many endpoints. */
  csv(name: string, endpoints: number): Promise<SourceFile> {
    const rows = Array.from(
      { length: endpoints },
      (_, n) => `EMAIL,planted${n}@example.com,id-${name}-${n}\n`,
    );
    return this.file(name, `ChannelType,Address,Id\n${rows.join('')}`);
  }

  importPlan(files: readonly SourceFile[], change: Partial<ImportPlan> = {}): ImportPlan {
    return {
      projectId: this.projectId,
      projectName: 'Shop: Spring',
      files,
      format: 'CSV',
      bucket: this.bucket,
      prefix: 'imports',
      roleArn: this.roleArn,
      defineSegment: true,
      registerEndpoints: true,
      segmentName: 'People',
      ...change,
    };
  }

  exportPlan(change: Partial<ExportPlan> = {}): ExportPlan {
    return {
      projectId: this.projectId,
      projectName: 'Shop: Spring',
      bucket: this.bucket,
      prefix: 'exports',
      roleArn: this.roleArn,
      ...change,
    };
  }

  /** So many times 9 MB, so that it goes in parts, in rows as long as they may be. */
  largeCsv(name: string, times = 1): Promise<SourceFile> {
    const names = Array.from({ length: 10 }, (_, n) => `Attributes.a${n}`).join();
    const values = Array.from({ length: 10 }, (_, n) => String(n).repeat(100)).join();
    const rows = Array.from(
      { length: times * 8500 },
      (_, n) => `EMAIL,planted${n}@example.com,id-${name}-${n},${values}\n`,
    );
    return this.file(name, `ChannelType,Address,Id,${names}\n${rows.join('')}`);
  }

  async keys(prefix = ''): Promise<readonly string[]> {
    const { Contents: objects = [] } = await this.sandbox.s3.send(
      new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }),
    );
    return objects.map(({ Key }) => Key!);
  }

  async unfinishedUploads(): Promise<number> {
    const { Uploads: uploads = [] } = await this.sandbox.s3.send(
      new ListMultipartUploadsCommand({ Bucket: this.bucket }),
    );
    return uploads.length;
  }

  /** Parts that are there of uploads that are not completed. */
  async partsOfUnfinished(): Promise<number> {
    const { s3 } = this.sandbox;
    const { Uploads: uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    const listed = uploads.map(({ Key, UploadId }) =>
      s3.send(new ListPartsCommand({ Bucket: this.bucket, Key, UploadId })),
    );
    return (await Promise.all(listed)).reduce((sum, { Parts: parts = [] }) => sum + parts.length, 0);
  }

  async object(key: string): Promise<Buffer> {
    const { Body: body } = await this.sandbox.s3.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: key }),
    );
    return buffer(body as NodeJS.ReadableStream);
  }

  async importJobs(): Promise<readonly ImportJobResponse[]> {
    const { ImportJobsResponse: jobs } = await this.sandbox.pinpoint.send(
      new GetImportJobsCommand({ ApplicationId: this.projectId, PageSize: '100' }),
    );
    return jobs!.Item!;
  }

  async exportJobs(): Promise<readonly ExportJobResponse[]> {
    const { ExportJobsResponse: jobs } = await this.sandbox.pinpoint.send(
      new GetExportJobsCommand({ ApplicationId: this.projectId, PageSize: '100' }),
    );
    return jobs!.Item!;
  }

  /** The connection, and how often each of its audience operations was asked for. */
  counted(): { connection: Connection; counts: Map<keyof AudienceService, number> } {
    const counts = new Map<keyof AudienceService, number>();
    const audience = new Proxy(this.connection.audience, {
      get: (service, name: keyof AudienceService) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return (service[name] as (...given: unknown[]) => unknown).bind(service);
      },
    });
    return { connection: { ...this.connection, audience }, counts };
  }

  async close(): Promise<void> {
    for (const runs of this.#runs) runs.dispose();
    await this.sandbox.close();
    await this.#remove();
  }
}

function logTo(lines: string[]): Log {
  const keep = (message: string, error?: unknown): void => void lines.push(`${message} ${inspect(error)}`);
  return { debug: keep, info: keep, warn: keep, error: keep };
}
