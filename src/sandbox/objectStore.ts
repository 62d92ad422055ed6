import type { Readable } from 'node:stream';

/** The sandbox's object store as its Pinpoint half sees it. Errors carry the S3 code, such as `NoSuchBucket`. */
export interface ObjectStore {
  hasBucket(bucket: string): Promise<boolean>;
  /** `documents` are those that a bucket may have, such as `lifecycle`. Throws `BucketAlreadyOwnedByYou` where it is there. */
  createBucket(bucket: string, documents?: Readonly<Record<string, string>>): Promise<void>;
  /** All objects whose key begins with `prefix`, ordered by key. */
  list(bucket: string, prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  open(bucket: string, key: string): Promise<Readable>;
  /** Visible as a whole or not at all. */
  write(bucket: string, key: string, body: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
}
