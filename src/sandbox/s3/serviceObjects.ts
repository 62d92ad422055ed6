import type { ObjectStore } from '../objectStore.ts';
import { ServiceError } from '../http/http.ts';
import { defaultEncryption, newDocuments, usEast1 } from './buckets.ts';
import { listPage } from './listing.ts';
import { etagOf } from './objectHandlers.ts';
import { storeStream } from './receive.ts';
import type { S3 } from './request.ts';

const pageSize = 1000;
/** What AWS's SDKs send where nobody chose; services that write to S3 use them too. */
const algorithm = 'CRC32';

/** The door through which other services of the sandbox come to the objects. */
export function createObjectStore({ store, now }: S3): ObjectStore {
  return {
    hasBucket: (bucket) => Promise.resolve(store.find(bucket) !== undefined),

    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    async createBucket(name, documents = {}) {
      if (store.find(name) !== undefined) {
        throw new ServiceError(409, 'BucketAlreadyOwnedByYou', `The bucket ${name} is there already.`);
      }
      store.createBucket({ name, region: usEast1, created: now() }, { ...newDocuments, ...documents });
    },

    async *list(bucket, prefix) {
      let after: string | undefined = '';
      while (after !== undefined) {
        const query = { prefix, delimiter: '', after, limit: pageSize };
        const page = listPage(store.bucket(bucket).objects, query);
        for (const { key, size } of page.objects) yield { key, size };
        after = await Promise.resolve(page.next);
      }
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    async open(bucket, key) {
      const object = store.object(bucket, key);
      return store.blobs.read(object.blobs, 0, object.size);
    },

    async write(bucket, key, body, contentType) {
      const encryption = defaultEncryption(store.bucket(bucket));
      const received = await storeStream(body, [algorithm], store.blobs);
      store.put(bucket, {
        key,
        blobs: [received.blob],
        isMultipart: false,
        size: received.blob.size,
        etag: etagOf(received, encryption),
        modified: now(),
        checksum: {
          algorithm,
          type: 'FULL_OBJECT',
          value: received.checksums.get(algorithm)!,
        },
        settings: {
          headers: { 'content-type': contentType },
          metadata: {},
          encryption,
          storageClass: 'STANDARD',
          tags: {},
        },
      });
    },
  };
}
