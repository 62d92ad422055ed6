import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { AudienceError } from '../errors.ts';
import type { Clients } from './clients.ts';
import { sending } from './clients.ts';
import { uploadFile } from './s3Upload.ts';
import { checkBucketName, formatS3Url } from './s3Url.ts';
import type { ObjectSummary, S3Location, StagedObject, StagingService, UploadOptions } from './staging.ts';

/** The most keys that one DeleteObjects takes (Amazon S3 API reference). */
const keysPerDelete = 1000;

/** Amazon S3 behind the port. */
export class S3Staging implements StagingService {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async listBuckets(signal?: AbortSignal): Promise<readonly string[]> {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const token: string | undefined = next;
      const page = await this.#clients.ask({ service: 'staging', doing: 'list the buckets' }, ({ s3 }) =>
        s3.send(new ListBucketsCommand({ ContinuationToken: token }), sending(signal)),
      );
      names.push(...(page.Buckets ?? []).flatMap(({ Name }) => Name ?? []));
      next = page.ContinuationToken || undefined;
    } while (next !== undefined);
    return names;
  }

  async bucketRegion(bucket: string, signal?: AbortSignal): Promise<string> {
    checkBucketName(bucket);
    const asked = { service: 'staging', doing: `find the bucket ${bucket}` } as const;
    const options = sending(signal);
    try {
      const head = await this.#clients.s3.send(new HeadBucketCommand({ Bucket: bucket }), options);
      if (head.BucketRegion !== undefined) return head.BucketRegion;
    } catch (error) {
      const region = redirectedTo(error);
      if (region !== undefined) return region;
      throw this.#clients.failure(error, asked);
    }
    // Endpoints other than AWS's own may not tell it with HeadBucket.
    const { LocationConstraint: place } = await this.#clients.ask(asked, ({ s3 }) =>
      s3.send(new GetBucketLocationCommand({ Bucket: bucket }), options),
    );
    // Names from before regions had names (Amazon S3 API reference, GetBucketLocation).
    if (place === undefined) return 'us-east-1';
    return place === 'EU' ? 'eu-west-1' : place;
  }

  upload(file: string, target: S3Location, options: UploadOptions): Promise<StagedObject> {
    return uploadFile(this.#clients, file, target, options);
  }

  async *list(bucket: string, prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectSummary> {
    const asked = { service: 'staging', doing: `list the objects of ${bucket}` } as const;
    let next: string | undefined;
    do {
      const token: string | undefined = next;
      const page = await this.#clients.ask(asked, ({ s3 }) =>
        s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
          sending(signal),
        ),
      );
      for (const object of page.Contents ?? []) {
        yield {
          key: object.Key ?? '',
          size: object.Size ?? 0,
          etag: object.ETag ?? '',
          modified: object.LastModified?.toISOString() ?? '',
        };
      }
      next = page.NextContinuationToken || undefined;
    } while (next !== undefined);
  }

  async open({ bucket, key }: S3Location, signal?: AbortSignal): Promise<Readable> {
    const { Body: body } = await this.#clients.ask(
      { service: 'staging', doing: 'read the object' },
      ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), sending(signal)),
    );
    if (body instanceof Readable) return body;
    throw new AudienceError('internal', 'The SDK gave no stream');
  }

  async delete(locations: readonly S3Location[]): Promise<void> {
    for (const bucket of new Set(locations.map((location) => location.bucket))) {
      const group = locations.filter((location) => location.bucket === bucket);
      for (let at = 0; at < group.length; at += keysPerDelete) {
        await this.#deleteSome(bucket, group.slice(at, at + keysPerDelete));
      }
    }
  }

  async abandonUploads(bucket: string, prefix: string): Promise<number> {
    const asked = { service: 'staging', doing: `end the unfinished uploads to ${bucket}` } as const;
    let ended = 0;
    let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (next !== undefined) {
      const markers: { KeyMarker?: string; UploadIdMarker?: string } = next;
      const page = await this.#clients.ask(asked, ({ s3 }) =>
        s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...markers })),
      );
      for (const { Key, UploadId } of page.Uploads ?? []) {
        await this.#clients.ask(asked, ({ s3Patient }) =>
          s3Patient.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
        );
        ended += 1;
      }
      next =
        page.IsTruncated === true && page.NextKeyMarker !== undefined
          ? {
              KeyMarker: page.NextKeyMarker,
              ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
            }
          : undefined;
    }
    return ended;
  }

  async #deleteSome(bucket: string, locations: readonly S3Location[]): Promise<void> {
    const { Errors: errors = [] } = await this.#clients.ask(
      { service: 'staging', doing: `delete objects of ${bucket}` },
      ({ s3 }) =>
        s3.send(
          new DeleteObjectsCommand({
            Bucket: bucket,
            Delete: { Objects: locations.map(({ key }) => ({ Key: key })), Quiet: true },
          }),
        ),
    );
    const [first] = errors;
    if (first === undefined) return;
    throw new AudienceError(
      first.Code === 'AccessDenied' ? 'access-denied' : 'service',
      `Could not delete ${errors.length} of ${locations.length} objects, such as ` +
        `${formatS3Url({ bucket, key: first.Key ?? '' })}: ${first.Message ?? first.Code ?? 'no reason given'}`,
      { help: 'Delete them yourself, or let a lifecycle rule expire them.' },
    );
  }
}

/** The region that S3 names when a bucket is elsewhere; it does so in refusals, too. */
function redirectedTo(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('$response' in error)) return undefined;
  const { statusCode, headers } = error.$response as {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
  return statusCode === 301 || statusCode === 400 ? headers?.['x-amz-bucket-region'] : undefined;
}
