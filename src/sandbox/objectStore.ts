import type { Readable } from 'node:stream';
import type { Actor } from './authority.ts';

/** The sandbox's object store as its Pinpoint half sees it. Errors carry the S3 code, such as `NoSuchBucket`. */
export interface ObjectStore {
  /** The region of a bucket; `undefined` if there is no such bucket. */
  regionOf(bucket: string): Promise<string | undefined>;
  /** `documents` are those that a bucket may have, such as `lifecycle`. Throws `BucketAlreadyOwnedByYou` if it exists. */
  createBucket(bucket: string, documents?: Readonly<Record<string, string>>): Promise<void>;
  /** All objects whose key begins with `prefix`, ordered by key. */
  list(bucket: string, prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  open(bucket: string, key: string): Promise<Readable>;
  /** Visible as a whole or not at all. */
  write(bucket: string, key: string, body: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
  /** Throws what `write` would. */
  checkWrite(bucket: string, key: string): Promise<void>;
  /** The same objects, with the permissions of an actor: calls may throw `AccessDenied` or errors of KMS. */
  as(actor: Actor): ObjectStore;
}
