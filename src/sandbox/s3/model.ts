import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksums.ts';

/** A file in the blob store. */
export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** Properties of an object that a client sets on creation and reads later. */
export interface ObjectSettings {
  /** Content-Type, Cache-Control, … by header name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
  readonly storageClass: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const encryptionAlgorithms: readonly string[] = ['AES256', 'aws:kms', 'aws:kms:dsse'];

export interface Encryption {
  /** One of `encryptionAlgorithms`. */
  readonly algorithm: string;
  readonly keyId?: string;
  readonly bucketKey?: boolean;
}

export interface StoredObject {
  readonly key: string;
  /** One per part of a multipart upload, in order; otherwise exactly one. */
  readonly blobs: readonly Blob[];
  readonly isMultipart: boolean;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch, like all times here. */
  readonly modified: number;
  readonly checksum: Checksum;
  readonly settings: ObjectSettings;
  /** The multipart upload that created it: a client that lost the response completes it again. */
  readonly uploadId?: string;
}

export interface Part {
  readonly number: number;
  readonly blob: Blob;
  /** MD5 in hex, without quotes. */
  readonly etag: string;
  readonly modified: number;
  /** Base64, with the upload's algorithm. */
  readonly checksum: string;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly settings: ObjectSettings;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  /** False if the client requested no algorithm. */
  readonly checksumRequested: boolean;
}

export interface BucketInfo {
  readonly name: string;
  readonly region: string;
  readonly created: number;
}

/** Headers that are stored with an object as sent; names in lower case. */
export const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
] as const;
