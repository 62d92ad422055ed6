import type { Readable } from 'node:stream';
import type { Page, PageRequest } from '../pinpoint/audienceService.ts';

interface BucketLookup {
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The port to object storage: where files are staged for imports and where exports arrive. */
export interface StagingService {
  /** Names of the buckets that the identity may list. */
  listBuckets(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Resolves with the bucket's region; `not-found` if there is no such bucket, `access-denied` if it isn't ours. Whoever may list only
   * below `folder` passes it: S3 refuses to show them the bucket as such.
   */
  bucketRegion(bucket: string, options?: BucketLookup): Promise<string>;
  /**
   * Sends a file to `s3://bucket/key`, in parts above 8 MiB, checksums verified by the service. Never overwrites.
   * The key has to be the caller's alone: nobody else may be sending to it.
   * After a cancel or a failure there is neither an object nor an unfinished multipart upload, save with a `journal`.
   * `changed` if the file changes meanwhile.
   */
  upload(file: string, target: S3Location, options: UploadOptions): Promise<StagedObject>;
  /** All objects below a prefix, page by page as the service gives them. */
  list(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectSummary>;
  /** One page of what is right below a prefix, as folders and objects. `pageSize` is at most 1000. */
  browse(bucket: string, prefix: string, page: PageRequest): Promise<Page<FolderEntry>>;
  open(location: S3Location, signal?: AbortSignal): Promise<Readable>;
  /** The bytes of an object that was listed. Resumes if the connection breaks; `changed` if the object was replaced meanwhile. */
  read(bucket: string, object: ObjectSummary, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  delete(locations: readonly S3Location[]): Promise<void>;
  /** The unfinished multipart uploads to keys that begin with `prefix`: they are invisible, but cost money. */
  unfinishedUploads(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<UnfinishedUpload>;
  /** Ends unfinished uploads; those that have ended meanwhile are none to it. */
  endUploads(bucket: string, uploads: readonly UnfinishedUpload[]): Promise<void>;
  /** Ends the unfinished multipart uploads to keys that begin with `prefix`; resolves with how many there were. */
  abandonUploads(bucket: string, prefix: string): Promise<number>;
}

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

export interface UploadOptions {
  readonly contentType: string;
  /** SSE-KMS with this key; SSE-S3 where absent. */
  readonly kmsKeyId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that the service has acknowledged, and bytes in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Allows resuming after a failure: what was sent stays, and the caller resumes or deletes it. */
  readonly journal?: UploadJournal | undefined;
}

/** Remembers an upload in parts from one attempt to the next, also across processes. */
export interface UploadJournal {
  /** True if an earlier attempt may have sent something to this key. */
  readonly again: boolean;
  /** What the earlier attempt wrote down. */
  readonly begun: BegunUpload | undefined;
  /** Writes it down; the parts that it speaks of go when this has resolved. */
  write(begun: BegunUpload): Promise<void>;
}

/**
 * An upload in parts that was begun, and of which file. The service knows which parts are there, and their checksums:
 * they are compared with the file before it continues.
 */
export interface BegunUpload {
  readonly uploadId: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Sizes of the parts by their numbers, ascending. */
  readonly sizes: readonly PartSize[];
}

/** From the part with this number on, parts are of this size. */
export interface PartSize {
  readonly first: number;
  readonly bytes: number;
}

export interface StagedObject {
  /** `s3://bucket/key` */
  readonly url: string;
  readonly bytes: number;
  readonly etag: string;
  /** Hex SHA-256 of what was sent. */
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
