import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { _Object as S3Object } from '@aws-sdk/client-s3';
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
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';
import { isRegionName } from '../connection/callerIdentity.ts';
import { withoutAddresses } from '../connection/redaction.ts';
import { uploadFile } from './s3Upload.ts';
import { checkBucketName, formatS3Url } from './s3Url.ts';
import { allItems, eachPage } from '../eachPage.ts';
import type { Page, PageRequest } from '../pinpoint/audienceService.ts';
import type {
  FolderEntry,
  ObjectSummary,
  S3Location,
  StagedObject,
  StagingService,
  UnfinishedUpload,
  UploadOptions,
} from './stagingService.ts';

/** The limit of DeleteObjects (Amazon S3 API reference). */
const keysPerDelete = 1000;
/** Maximum consecutive connections without a single byte before reading an object fails. */
const maxEmptyReads = 5;

/** Implements the port with Amazon S3. */
export class S3Staging implements StagingService {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  listBuckets(signal?: AbortSignal): Promise<readonly string[]> {
    return allItems(async (token: string | undefined) => {
      const page = await this.#clients.ask({ service: 'staging', doing: 'list the buckets' }, ({ s3 }) =>
        s3.send(new ListBucketsCommand({ ContinuationToken: token }), sending(signal)),
      );
      return { items: (page.Buckets ?? []).flatMap(({ Name }) => Name ?? []), next: page.ContinuationToken };
    });
  }

  async bucketRegion(
    bucket: string,
    { folder, signal }: Parameters<StagingService['bucketRegion']>[1] = {},
  ): Promise<string> {
    checkBucketName(bucket);
    const info = { service: 'staging', doing: `find the bucket ${bucket}` } as const;
    const options = sending(signal);
    try {
      const head = await this.#clients.s3.send(new HeadBucketCommand({ Bucket: bucket }), options);
      if (head.BucketRegion !== undefined) return checkRegion(head.BucketRegion);
    } catch (error) {
      const region = redirectedTo(error);
      if (region !== undefined) return region;
      const failure = this.#clients.failure(error, info);
      if (folder === undefined || failure.code !== 'access-denied') throw failure;
      // S3 only lists buckets in their own region.
      await this.list(bucket, folder, signal).next();
      return this.#clients.s3.config.region();
    }
    // HeadBucket of other endpoints than AWS's own may lack the region.
    const { LocationConstraint: place } = await this.#clients.ask(info, ({ s3 }) =>
      s3.send(new GetBucketLocationCommand({ Bucket: bucket }), options),
    );
    // Old names (Amazon S3 API reference, GetBucketLocation).
    if (place === undefined) return 'us-east-1';
    return place === 'EU' ? 'eu-west-1' : checkRegion(place);
  }

  upload(file: string, target: S3Location, options: UploadOptions): Promise<StagedObject> {
    return uploadFile(this.#clients, file, target, options);
  }

  async *list(bucket: string, prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectSummary> {
    const info = { service: 'staging', doing: `list the objects of ${bucket}` } as const;
    const pages = eachPage(async (token: string | undefined) => {
      const page = await this.#clients.ask(info, ({ s3 }) =>
        s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
          sending(signal),
        ),
      );
      return { items: (page.Contents ?? []).map(summaryOf), next: page.NextContinuationToken };
    });
    for await (const items of pages) yield* items;
  }

  async open({ bucket, key }: S3Location, signal?: AbortSignal): Promise<Readable> {
    const { Body: body } = await this.#clients.ask(
      { service: 'staging', doing: 'read the object' },
      ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), sending(signal)),
    );
    if (body instanceof Readable) return body;
    throw new AudienceError('internal', 'The SDK returned no stream');
  }

  async *read(bucket: string, object: ObjectSummary, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { key, size, etag } = object;
    const info = { service: 'staging', doing: `read ${formatS3Url({ bucket, key })}` } as const;
    let at = 0;
    for (let failures = 0; at < size;) {
      const before = at;
      try {
        const { Body: body } = await this.#clients.ask(info, ({ s3 }) =>
          s3.send(
            new GetObjectCommand({
              Bucket: bucket,
              Key: key,
              ...(etag !== '' && { IfMatch: etag }),
              ...(at > 0 && { Range: `bytes=${at}-` }),
            }),
            sending(signal),
          ),
        );
        for await (const block of body as AsyncIterable<Uint8Array>) {
          at += block.length;
          yield block;
        }
        if (at < size) throw Object.assign(new Error('The response ended early'), { code: 'ECONNRESET' });
      } catch (error) {
        throwIfCancelled(signal);
        const failure = this.#clients.failure(error, info);
        if (['PreconditionFailed', 'InvalidRange'].includes(failure.service?.name ?? '')) {
          throw new AudienceError(
            'changed',
            `${formatS3Url({ bucket, key })} changed while it was being read`,
            {
              help: 'Try again when no other program is writing to it.',
            },
          );
        }
        failures = at > before ? 1 : failures + 1;
        if (failure.code !== 'network' || failures > maxEmptyReads) throw failure;
        await sleep(200 * failures, undefined, { signal }).catch(() => throwIfCancelled(signal));
      }
    }
  }

  async browse(bucket: string, prefix: string, page: PageRequest): Promise<Page<FolderEntry>> {
    const answer = await this.#clients.ask(
      { service: 'staging', doing: `list the objects of ${bucket}` },
      ({ s3 }) =>
        s3.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            Delimiter: '/',
            ContinuationToken: page.token,
            MaxKeys: page.pageSize,
          }),
          sending(page.signal),
        ),
    );
    const folders = (answer.CommonPrefixes ?? []).flatMap(({ Prefix: folder }) =>
      folder === undefined ? [] : [{ folder }],
    );
    // Consoles create an empty object for a folder.
    const objects = (answer.Contents ?? []).filter(({ Key }) => Key !== prefix);
    return {
      items: [...folders, ...objects.map((object) => ({ object: summaryOf(object) }))],
      nextToken: answer.NextContinuationToken || undefined,
    };
  }

  async delete(locations: readonly S3Location[]): Promise<void> {
    for (const bucket of new Set(locations.map((location) => location.bucket))) {
      const group = locations.filter((location) => location.bucket === bucket);
      for (let at = 0; at < group.length; at += keysPerDelete) {
        await this.#deleteSome(bucket, group.slice(at, at + keysPerDelete));
      }
    }
  }

  async *unfinishedUploads(
    bucket: string,
    prefix: string,
    signal?: AbortSignal,
  ): AsyncGenerator<UnfinishedUpload> {
    const info = { service: 'staging', doing: `list the incomplete uploads to ${bucket}` } as const;
    const pages = eachPage(async (markers: { KeyMarker?: string; UploadIdMarker?: string } = {}) => {
      const page = await this.#clients.ask(info, ({ s3 }) =>
        s3.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
          sending(signal),
        ),
      );
      const items = (page.Uploads ?? []).flatMap(({ Key: key, UploadId: uploadId, Initiated: begun }) =>
        key === undefined || uploadId === undefined
          ? []
          : [{ key, uploadId, begun: begun?.toISOString() ?? '' }],
      );
      if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return { items, next: undefined };
      return {
        items,
        next: {
          KeyMarker: page.NextKeyMarker,
          ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
        },
      };
    });
    for await (const items of pages) yield* items;
  }

  async abortUploads(bucket: string, uploads: readonly UnfinishedUpload[]): Promise<void> {
    const info = { service: 'staging', doing: `abort the incomplete uploads to ${bucket}` } as const;
    for (const { key, uploadId } of uploads) {
      try {
        await this.#clients.ask(info, ({ s3Patient }) =>
          s3Patient.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })),
        );
      } catch (error) {
        if (!(error instanceof AudienceError) || error.service?.name !== 'NoSuchUpload') throw error;
      }
    }
  }

  async abortAllUploads(bucket: string, prefix: string): Promise<number> {
    const uploads: UnfinishedUpload[] = [];
    for await (const upload of this.unfinishedUploads(bucket, prefix)) uploads.push(upload);
    await this.abortUploads(bucket, uploads);
    return uploads.length;
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
    const failed = locations.find(({ key }) => key === first.Key) ?? locations[0]!;
    throw new AudienceError(
      first.Code === 'AccessDenied' ? 'access-denied' : 'service',
      `Could not delete ${errors.length} of ${locations.length} objects, such as ` +
        `${formatS3Url({ bucket, key: failed.key })}: ${withoutAddresses(first.Message ?? '') || 'no reason given'}`,
      { help: 'Delete them manually, or with a lifecycle rule.' },
    );
  }
}

function summaryOf({ Key, Size, ETag, LastModified }: S3Object): ObjectSummary {
  return { key: Key ?? '', size: Size ?? 0, etag: ETag ?? '', modified: LastModified?.toISOString() ?? '' };
}

/** The region that S3's error names if a bucket is in another region. */
function redirectedTo(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('$response' in error)) return undefined;
  const { statusCode, headers } = error.$response as {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
  const region = statusCode === 301 || statusCode === 400 ? headers?.['x-amz-bucket-region'] : undefined;
  return region === undefined ? undefined : checkRegion(region);
}

/** A region becomes part of questions and messages. */
function checkRegion(region: string): string {
  if (isRegionName(region)) return region;
  throw new AudienceError('service', "The service didn't return the region of the bucket", {
    help: 'Check the service URL that you are connected to.',
  });
}
