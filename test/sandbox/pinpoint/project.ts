import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type {
  EndpointBatchItem,
  EndpointResponse,
  ExportJobRequest,
  ExportJobResponse,
  ImportJobRequest,
  ImportJobResponse,
  SegmentResponse,
  WriteSegmentRequest,
} from '@aws-sdk/client-pinpoint';
import {
  CreateAppCommand,
  CreateExportJobCommand,
  CreateImportJobCommand,
  CreateSegmentCommand,
  GetEndpointCommand,
  GetExportJobCommand,
  GetImportJobCommand,
  GetSegmentCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { TestSandbox } from '../../support/sandbox.ts';

type Clients = Pick<TestSandbox, 's3' | 'pinpoint'>;

export const role = 'arn:aws:iam::123456789012:role/Importer';

/** A project with a bucket of its own, and the everyday calls on them through the SDK. */
export class Project {
  readonly clients: Clients;
  readonly id: string;
  readonly bucket: string;

  constructor(clients: Clients, id: string, bucket: string) {
    this.clients = clients;
    this.id = id;
    this.bucket = bucket;
  }

  static async create(clients: Clients): Promise<Project> {
    const name = `test-${randomBytes(6).toString('hex')}`;
    const created = await clients.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: name } }),
    );
    await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
    return new Project(clients, created.ApplicationResponse!.Id!, name);
  }

  /** Puts an object into the bucket; resolves with its URL. */
  async stage(key: string, body: string | Buffer): Promise<string> {
    await this.clients.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body }));
    return `s3://${this.bucket}/${key}`;
  }

  async createImport(request: Partial<ImportJobRequest>): Promise<ImportJobResponse> {
    const { pinpoint } = this.clients;
    const ImportJobRequest = { Format: 'CSV', RoleArn: role, ...request } as ImportJobRequest;
    const created = await pinpoint.send(
      new CreateImportJobCommand({ ApplicationId: this.id, ImportJobRequest }),
    );
    return created.ImportJobResponse!;
  }

  getImport(jobId: string): Promise<ImportJobResponse> {
    const { pinpoint } = this.clients;
    return pinpoint
      .send(new GetImportJobCommand({ ApplicationId: this.id, JobId: jobId }))
      .then((answer) => answer.ImportJobResponse!);
  }

  /** Stages a text, imports it as CSV or, where it begins with `{`, as NDJSON, and waits for the end. */
  async import(text: string, request: Partial<ImportJobRequest> = {}): Promise<ImportJobResponse> {
    const key = `imports/${randomBytes(6).toString('hex')}`;
    const S3Url = await this.stage(key, text);
    const Format = text.startsWith('{') ? 'JSON' : 'CSV';
    const { Id } = await this.createImport({ Format, S3Url, ...request });
    return this.importEnded(Id!);
  }

  importEnded(jobId: string): Promise<ImportJobResponse> {
    return ended(() => this.getImport(jobId));
  }

  async createExport(request: Partial<ExportJobRequest> = {}): Promise<ExportJobResponse> {
    const { pinpoint } = this.clients;
    const ExportJobRequest = { RoleArn: role, S3UrlPrefix: `s3://${this.bucket}/exports/`, ...request };
    const created = await pinpoint.send(
      new CreateExportJobCommand({ ApplicationId: this.id, ExportJobRequest }),
    );
    return created.ExportJobResponse!;
  }

  exportEnded(jobId: string): Promise<ExportJobResponse> {
    const { pinpoint } = this.clients;
    return ended(() =>
      pinpoint
        .send(new GetExportJobCommand({ ApplicationId: this.id, JobId: jobId }))
        .then((answer) => answer.ExportJobResponse!),
    );
  }

  /** Exports and resolves with what the lines say. */
  async export(request: Partial<ExportJobRequest> = {}): Promise<EndpointResponse[]> {
    const folder = `exports/${randomBytes(6).toString('hex')}/`;
    const S3UrlPrefix = `s3://${this.bucket}/${folder}`;
    const { Id } = await this.createExport({ S3UrlPrefix, ...request });
    const job = await this.exportEnded(Id!);
    assert.equal(job.JobStatus, 'COMPLETED');
    const text = await this.unzipped(folder);
    return lines(text).map((line) => JSON.parse(line) as EndpointResponse);
  }

  /** Ids of an export, in order of the alphabet. */
  async exportedIds(request: Partial<ExportJobRequest> = {}): Promise<string[]> {
    return (await this.export(request)).map(({ Id }) => Id!).sort();
  }

  async keys(prefix: string): Promise<string[]> {
    const list = await this.clients.s3.send(
      new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }),
    );
    return (list.Contents ?? []).map(({ Key }) => Key!);
  }

  /** The text of all `.gz` objects below a prefix. */
  async unzipped(prefix: string): Promise<string> {
    const texts: string[] = [];
    for (const Key of await this.keys(prefix)) {
      assert.match(Key, /\.gz$/);
      const object = await this.clients.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      texts.push(gunzipSync(await object.Body!.transformToByteArray()).toString());
    }
    return texts.join('');
  }

  async put(...items: EndpointBatchItem[]): Promise<void> {
    await this.clients.pinpoint.send(
      new UpdateEndpointsBatchCommand({ ApplicationId: this.id, EndpointBatchRequest: { Item: items } }),
    );
  }

  async endpoint(id: string): Promise<EndpointResponse> {
    const { pinpoint } = this.clients;
    const answer = await pinpoint.send(new GetEndpointCommand({ ApplicationId: this.id, EndpointId: id }));
    return answer.EndpointResponse!;
  }

  async createSegment(request: WriteSegmentRequest): Promise<SegmentResponse> {
    const { pinpoint } = this.clients;
    const answer = await pinpoint.send(
      new CreateSegmentCommand({ ApplicationId: this.id, WriteSegmentRequest: request }),
    );
    return answer.SegmentResponse!;
  }

  async segment(id: string): Promise<SegmentResponse> {
    const { pinpoint } = this.clients;
    const answer = await pinpoint.send(new GetSegmentCommand({ ApplicationId: this.id, SegmentId: id }));
    return answer.SegmentResponse!;
  }
}

export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

async function ended<T extends { readonly JobStatus: string | undefined }>(
  get: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const job = await get();
    if (job.JobStatus === 'COMPLETED' || job.JobStatus === 'FAILED') return job;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
