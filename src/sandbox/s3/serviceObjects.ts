import type { Actor, ConditionKeys } from '../authority.ts';
import type { ObjectStore } from '../objectStore.ts';
import { authorize, requireReadable, useKey } from './access.ts';
import { applyLifecycle } from './lifecycle.ts';
import type { Encryption } from './model.ts';
import { ServiceError } from '../http/http.ts';
import { defaultEncryption, newDocuments, usEast1 } from './buckets.ts';
import { listPage } from './listing.ts';
import { newObject } from './objectHandlers.ts';
import { storeStream } from './receive.ts';
import type { S3 } from './request.ts';

const pageSize = 1000;
/** The default of AWS's SDKs. */
const algorithm = 'CRC32';

/**
 * The object store for other services of the sandbox.
 *
 * @param actor whose permissions apply; absent for the sandbox itself, which may do everything
 */
export function createObjectStore(s3: S3, actor?: Actor): ObjectStore {
  const { store, now } = s3;
  const requireAccess = (action: string, bucket: string, key: string, keys?: ConditionKeys): void => {
    store.bucket(bucket);
    applyLifecycle(s3, bucket);
    if (actor !== undefined) authorize(s3, actor, action, { bucket, key }, keys);
  };
  const checkWrite = (bucket: string, key: string): Encryption => {
    requireAccess('s3:PutObject', bucket, key);
    const encryption = defaultEncryption(store.bucket(bucket));
    if (actor !== undefined) useKey(s3, actor, encryption, 'kms:GenerateDataKey');
    return encryption;
  };
  return {
    as: (other) => createObjectStore(s3, other),

    regionOf: (bucket) => Promise.resolve(store.find(bucket)?.info.region),

    // eslint-disable-next-line @typescript-eslint/require-await -- errors must be rejections
    async createBucket(name, documents = {}) {
      if (store.find(name) !== undefined) {
        throw new ServiceError(409, 'BucketAlreadyOwnedByYou', `The bucket ${name} already exists.`);
      }
      store.createBucket({ name, region: usEast1, created: now() }, { ...newDocuments, ...documents });
    },

    async *list(bucket, prefix) {
      requireAccess('s3:ListBucket', bucket, '', { 's3:prefix': prefix, 's3:max-keys': String(pageSize) });
      let after: string | undefined = '';
      while (after !== undefined) {
        const query = { prefix, delimiter: '', after, limit: pageSize };
        const page = listPage(store.bucket(bucket).objects, query);
        for (const { key, size } of page.objects) yield { key, size };
        after = await Promise.resolve(page.next);
      }
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- errors must be rejections
    async open(bucket, key) {
      requireAccess('s3:GetObject', bucket, key);
      const object = store.object(bucket, key);
      requireReadable(object.settings.storageClass);
      if (actor !== undefined) useKey(s3, actor, object.settings.encryption, 'kms:Decrypt');
      return store.blobs.read(object.blobs, 0, object.size);
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- errors must be rejections
    async checkWrite(bucket, key) {
      checkWrite(bucket, key);
    },

    async write(bucket, key, body, contentType) {
      const encryption = checkWrite(bucket, key);
      const received = await storeStream(body, [algorithm], store.blobs);
      const settings = {
        headers: { 'content-type': contentType },
        metadata: {},
        encryption,
        storageClass: 'STANDARD',
        tags: {},
      };
      store.put(bucket, newObject(key, received, algorithm, settings, now()));
    },
  };
}
