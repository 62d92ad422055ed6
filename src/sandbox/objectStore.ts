import type { Readable } from 'node:stream';
import type { Actor } from './authority.ts';

/** The object store as the sandbox's Pinpoint sees it. Errors have S3's code, such as `NoSuchBucket`. */
export interface ObjectStore {
  /** The region of a bucket; `undefined` if the bucket doesn't exist. */
  regionOf(bucket: string): Promise<string | undefined>;
  /** `documents` by sub-resource, such as `lifecycle`. Throws `BucketAlreadyOwnedByYou` if the bucket exists. */
  createBucket(bucket: string, documents?: Readonly<Record<string, string>>): Promise<void>;
  /** All objects whose key begins with `prefix`, ordered by key. */
  list(bucket: string, prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  open(bucket: string, key: string): Promise<Readable>;
  /** Atomic: the object appears complete or not at all. */
  write(bucket: string, key: string, body: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
  /** Throws the errors that `write` would throw. */
  checkWrite(bucket: string, key: string): Promise<void>;
  /** The same objects with the permissions of an actor: calls may throw `AccessDenied` or KMS errors. */
  as(actor: Actor): ObjectStore;
}
