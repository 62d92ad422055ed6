import type { Readable } from 'node:stream';
import type { Page, PageRequest } from '../pinpoint/audienceService.ts';

interface BucketLookup {
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The port to object storage for staged files and exports. */
export interface StagingService {
  /** Names of the account's buckets. */
  listBuckets(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Resolves with the bucket's region; `not-found` if the bucket doesn't exist, `access-denied` if it isn't ours. Pass `folder` if the
   * caller may only list that folder: S3 then denies access to the bucket itself.
   */
  bucketRegion(bucket: string, options?: BucketLookup): Promise<string>;
  /**
   * Uploads a file to `s3://bucket/key`, in parts above 8 MiB; the service verifies checksums. Never overwrites. Only one caller may
   * use the key. Without a `journal`, a cancellation or failure leaves neither an object nor an incomplete multipart upload.
   * `changed` if the file changes during the upload.
   */
  upload(file: string, target: S3Location, options: UploadOptions): Promise<StagedObject>;
  /** All objects with a prefix, fetched page by page. */
  list(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectSummary>;
  /** One page of the folders and objects directly below a prefix. `pageSize` is at most 1000. */
  browse(bucket: string, prefix: string, page: PageRequest): Promise<Page<FolderEntry>>;
  open(location: S3Location, signal?: AbortSignal): Promise<Readable>;
  /** The bytes of a listed object. Resumes if the connection breaks; `changed` if the object was replaced. */
  read(bucket: string, object: ObjectSummary, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  delete(locations: readonly S3Location[]): Promise<void>;
  /** Incomplete multipart uploads to keys that begin with `prefix`: they are invisible, but cost money. */
  unfinishedUploads(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<UnfinishedUpload>;
  /** Aborts uploads; already-finished ones are ignored. */
  abortUploads(bucket: string, uploads: readonly UnfinishedUpload[]): Promise<void>;
  /** Aborts all incomplete uploads to keys that begin with `prefix`; resolves with their number. */
  abortAllUploads(bucket: string, prefix: string): Promise<number>;
}

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

export interface UploadOptions {
  readonly contentType: string;
  /** SSE-KMS with this key; SSE-S3 if absent. */
  readonly kmsKeyId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Acknowledged bytes and total bytes. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Allows resuming after a failure: sent parts stay, and the caller resumes or deletes the upload. */
  readonly journal?: UploadJournal | undefined;
}

/** Records a multipart upload between attempts, also across processes. */
export interface UploadJournal {
  /** True if an earlier attempt may have uploaded to this key. */
  readonly again: boolean;
  /** The record of the earlier attempt. */
  readonly begun: BegunUpload | undefined;
  /** Stores the record. Its parts are sent once this has resolved. */
  write(begun: BegunUpload): Promise<void>;
}

/**
 * A started multipart upload and its file. The service lists existing parts and their checksums, which are compared with the file
 * before the upload continues.
 */
export interface BegunUpload {
  readonly uploadId: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Part sizes by part number, ascending. */
  readonly sizes: readonly PartSize[];
}

/** The size of the part `first` and later ones. */
export interface PartSize {
  readonly first: number;
  readonly bytes: number;
}

export interface StagedObject {
  /** `s3://bucket/key` */
  readonly url: string;
  readonly bytes: number;
  readonly etag: string;
  /** Hex SHA-256 of the sent bytes. */
  readonly sha256: string;
}

/** A prefix that ends with a slash, or an object. */
export type FolderEntry = { readonly folder: string } | { readonly object: ObjectSummary };

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** ISO 8601. */
  readonly begun: string;
}

export interface ObjectSummary {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** ISO 8601. */
  readonly modified: string;
}
