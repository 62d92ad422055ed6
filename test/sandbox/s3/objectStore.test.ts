import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Authority } from '../../../src/sandbox/authority.ts';
import { ServiceError } from '../../../src/sandbox/http/http.ts';
import type { ObjectStore } from '../../../src/sandbox/objectStore.ts';
import { createObjectStore } from '../../../src/sandbox/s3/serviceObjects.ts';
import { Store } from '../../../src/sandbox/s3/s3Store.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

describe('The object store for other services', () => {
  let folder: { path: string; remove(): Promise<void> };
  let store: Store;
  let objects: ObjectStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = new Store(folder.path);
    const authority: Authority = {
      isAllowed: ({ action }) => action === 's3:ListBucket',
      authorize: (access) => {
        if (!authority.isAllowed(access)) throw new ServiceError(403, 'AccessDenied', 'Access Denied');
      },
      checkRole: () => 'ok',
    };
    const keys = { use: () => undefined };
    objects = createObjectStore({ store, account: '123456789012', now: () => 0, authority, keys });
    await objects.createBucket('bucket');
  });
  afterEach(async () => {
    store.close();
    await folder.remove();
  });

  async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }
  const read = async (key: string): Promise<string> =>
    (await buffer(await objects.open('bucket', key))).toString();
  const blobs = async (): Promise<number> => (await readdir(join(folder.path, 'blobs'))).length;

  it('writes, reads and replaces objects', async () => {
    await objects.write('bucket', 'a', bytes('one', ' ', 'two'), 'text/plain');
    assert.equal(await read('a'), 'one two');
    await objects.write('bucket', 'a', bytes(), 'text/plain');
    assert.equal(await read('a'), '');
    assert.equal(await blobs(), 1);
  });

  it('lists any number by prefix in key order', async () => {
    const { headers, ...rest } = { headers: {}, metadata: {}, encryption: { algorithm: 'AES256' } };
    for (let number = 0; number < 2500; number += 1) {
      store.put('bucket', {
        key: `in/${String((number * 7) % 2500).padStart(4, '0')}`,
        blobs: [],
        isMultipart: false,
        size: number,
        etag: 'x',
        modified: 0,
        checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'x' },
        settings: { ...rest, headers, storageClass: 'STANDARD', tags: {} },
      });
    }
    await objects.write('bucket', 'other', bytes('x'), 'text/plain');
    const keys: string[] = [];
    for await (const { key } of objects.list('bucket', 'in/')) keys.push(key);
    assert.deepEqual(
      keys,
      Array.from({ length: 2500 }, (_, number) => `in/${String(number).padStart(4, '0')}`),
    );
  });

  it('has each object completely or not at all', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield* bytes('half');
      throw new Error('the other half is missing');
    };
    await assert.rejects(objects.write('bucket', 'a', failing(), 'text/plain'), /other half/);
    await assert.rejects(objects.open('bucket', 'a'), { code: 'NoSuchKey' });
    assert.equal(await blobs(), 0);
    // Nor where the bucket goes away meanwhile.
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      store.deleteBucket('bucket');
      yield* bytes('x');
    };
    await assert.rejects(objects.write('bucket', 'a', slow(), 'text/plain'), { code: 'NoSuchBucket' });
    assert.equal(await blobs(), 0);
  });

  it('checks permissions for each call', async () => {
    await objects.write('bucket', 'a', bytes('x'), 'text/plain');
    const theirs = objects.as({ arn: 'arn:aws:iam::123456789012:role/r', region: 'us-east-1' });
    for await (const { key } of theirs.list('bucket', '')) assert.equal(key, 'a');
    await assert.rejects(theirs.open('bucket', 'a'), { code: 'AccessDenied' });
    await assert.rejects(theirs.checkWrite('bucket', 'b'), { code: 'AccessDenied' });
    await assert.rejects(theirs.write('bucket', 'b', bytes('x'), 'text/plain'), { code: 'AccessDenied' });
    assert.equal(await blobs(), 1);
  });

  it("reports missing objects with S3's error codes", async () => {
    assert.equal(await objects.regionOf('bucket'), 'us-east-1');
    assert.equal(await objects.regionOf('missing'), undefined);
    await assert.rejects(objects.open('missing', 'a'), { code: 'NoSuchBucket' });
    await assert.rejects(objects.write('missing', 'a', bytes('x'), 'text/plain'), { code: 'NoSuchBucket' });
    await assert.rejects(
      async () => {
        for await (const object of objects.list('missing', '')) assert.fail(object.key);
      },
      { code: 'NoSuchBucket' },
    );
    await assert.rejects(objects.createBucket('bucket'), { code: 'BucketAlreadyOwnedByYou' });
  });
});
