import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksums.ts';

/** A file of the blob store. */
export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** What a client says of an object when it is made, and gets back with it. */
export interface ObjectSettings {
  /** Content-Type, Cache-Control, … by header name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
  readonly storageClass: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Encryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly algorithm: string;
  readonly keyId?: string;
  readonly bucketKey?: boolean;
}

export interface StoredObject {
  readonly key: string;
  /** One for each part of a multipart upload, in order; else exactly one. */
  readonly blobs: readonly Blob[];
  readonly isMultipart: boolean;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly modified: number;
  readonly checksum: Checksum;
  readonly settings: ObjectSettings;
  /** The multipart upload that it came of: a client whose answer was lost completes it again. */
  readonly uploadId?: string;
}

export interface Part {
  readonly number: number;
  readonly blob: Blob;
  /** Hex MD5, without quotes. */
  readonly etag: string;
  readonly modified: number;
  /** Base64, by the upload's algorithm. */
  readonly checksum: string;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly settings: ObjectSettings;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  /** False where the client asked for no algorithm, and S3 chose. */
  readonly checksumAsked: boolean;
}

export interface BucketInfo {
  readonly name: string;
  readonly region: string;
  readonly created: number;
}

/** Lower-case header name of what is kept of an object as it was sent. */
export const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
] as const;
