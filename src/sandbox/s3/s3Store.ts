import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from '../../permissions.ts';
import { ServiceError } from '../http/http.ts';
import { Journal } from '../storage/stateJournal.ts';
import { Blobs } from './blobs.ts';
import { KeyIndex } from './keys.ts';
import type { Blob, BucketInfo, ObjectSettings, Part, StoredObject, Upload } from './model.ts';

/** A bucket and its content. Read-only except for the store. */
export interface Bucket {
  readonly info: BucketInfo;
  readonly objects: KeyIndex<StoredObject>;
  readonly uploads: Map<string, { readonly upload: Upload; readonly parts: Map<number, Part> }>;
  /** By sub-resource, such as `lifecycle`. */
  readonly documents: Map<string, string>;
}

/** An atomic change. */
type Change =
  | { readonly do: 'create-bucket'; readonly info: BucketInfo; readonly documents: Record<string, string> }
  | { readonly do: 'delete-bucket'; readonly bucket: string }
  | {
      readonly do: 'set-document';
      readonly bucket: string;
      readonly name: string;
      readonly text: string | null;
    }
  /** With `upload`, completes that upload. */
  | { readonly do: 'put'; readonly bucket: string; readonly object: StoredObject; readonly upload?: string }
  | { readonly do: 'delete'; readonly bucket: string; readonly key: string }
  | { readonly do: 'begin-upload'; readonly bucket: string; readonly upload: Upload }
  | { readonly do: 'put-part'; readonly bucket: string; readonly upload: string; readonly part: Part }
  | { readonly do: 'abort-upload'; readonly bucket: string; readonly upload: string };

/** On start, the store compacts its journal if it has this many times the necessary entries. */
const slack = 3;
const minLength = 1000;

/**
 * All buckets: state in memory, bytes in blobs. Changes are in a journal before they are visible. Checks only the consistency of
 * the state; the operations implement S3's rules.
 */
export class Store {
  readonly blobs: Blobs;
  readonly #buckets = new Map<string, Bucket>();
  readonly #journal: Journal<Change>;
  #isLoading = true;

  /** @param dir used by this process only */
  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: privateFolder });
    this.blobs = new Blobs(join(dir, 'blobs'));
    this.#journal = Journal.open<Change>(join(dir, 'journal.ndjson'), (change) => {
      this.#apply(change);
    });
    this.#isLoading = false;
    this.blobs.keepOnly(this.#blobIds());
    const changes = [...this.#changes()];
    if (this.#journal.length > minLength + slack * changes.length) this.#journal.rewrite(changes);
  }

  buckets(): readonly Bucket[] {
    return [...this.#buckets.values()];
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** @throws ServiceError `NoSuchBucket` */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist', {
        BucketName: name,
      });
    }
    return bucket;
  }

  /** @throws ServiceError `NoSuchKey` */
  object(bucket: string, key: string): StoredObject {
    const object = this.bucket(bucket).objects.get(key);
    if (object === undefined) throw noSuchKey(key);
    return object;
  }

  /** @throws ServiceError `NoSuchUpload` */
  upload(bucket: string, key: string, id: string): { upload: Upload; parts: Map<number, Part> } {
    const found = this.bucket(bucket).uploads.get(id);
    if (found?.upload.key !== key) {
      throw new ServiceError(
        404,
        'NoSuchUpload',
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
        { UploadId: id },
      );
    }
    return found;
  }

  createBucket(info: BucketInfo, documents: Record<string, string>): void {
    this.#commit({ do: 'create-bucket', info, documents });
  }

  deleteBucket(bucket: string): void {
    this.#commit({ do: 'delete-bucket', bucket });
  }

  /** @param text `undefined` deletes it */
  setDocument(bucket: string, name: string, text: string | undefined): void {
    this.bucket(bucket);
    this.#commit({ do: 'set-document', bucket, name, text: text ?? null });
  }

  /** Owns the object's blobs from now on, even if it throws. */
  put(bucket: string, object: StoredObject): void {
    try {
      this.bucket(bucket);
      this.#commit({ do: 'put', bucket, object });
    } catch (error) {
      this.blobs.remove(object.blobs);
      throw error;
    }
  }

  /** Changes the settings of an object. */
  update(bucket: string, key: string, settings: ObjectSettings): void {
    this.#commit({ do: 'put', bucket, object: { ...this.object(bucket, key), settings } });
  }

  delete(bucket: string, key: string): void {
    if (this.bucket(bucket).objects.get(key) !== undefined) this.#commit({ do: 'delete', bucket, key });
  }

  beginUpload(bucket: string, upload: Upload): void {
    this.bucket(bucket);
    this.#commit({ do: 'begin-upload', bucket, upload });
  }

  /** Owns the part's blob from now on, even if it throws. */
  putPart(bucket: string, { key, id }: Upload, part: Part): void {
    try {
      this.upload(bucket, key, id);
      this.#commit({ do: 'put-part', bucket, upload: id, part });
    } catch (error) {
      this.blobs.remove([part.blob]);
      throw error;
    }
  }

  /** Creates the object from parts of the upload; deletes the upload and its other parts. */
  completeUpload(bucket: string, { key, id }: Upload, object: StoredObject): void {
    this.upload(bucket, key, id);
    this.#commit({ do: 'put', bucket, object, upload: id });
  }

  abortUpload(bucket: string, { key, id }: Upload): void {
    this.upload(bucket, key, id);
    this.#commit({ do: 'abort-upload', bucket, upload: id });
  }

  close(): void {
    this.#journal.close();
  }

  #commit(change: Change): void {
    this.#journal.append(change);
    this.#apply(change);
  }

  #apply(change: Change): void {
    if (change.do === 'create-bucket') {
      const { info, documents } = change;
      this.#buckets.set(info.name, {
        info,
        objects: new KeyIndex(),
        uploads: new Map(),
        documents: new Map(Object.entries(documents)),
      });
      return;
    }
    const bucket = this.bucket(change.bucket);
    switch (change.do) {
      case 'delete-bucket':
        for (const id of [...bucket.uploads.keys()]) this.#endUpload(bucket, id, []);
        this.#buckets.delete(change.bucket);
        break;
      case 'set-document':
        if (change.text === null) bucket.documents.delete(change.name);
        else bucket.documents.set(change.name, change.text);
        break;
      case 'put':
        if (change.upload !== undefined) this.#endUpload(bucket, change.upload, change.object.blobs);
        this.#discard(bucket.objects.get(change.object.key)?.blobs, change.object.blobs);
        bucket.objects.set(change.object.key, change.object);
        break;
      case 'delete':
        this.#discard(bucket.objects.get(change.key)?.blobs);
        bucket.objects.delete(change.key);
        break;
      case 'begin-upload':
        bucket.uploads.set(change.upload.id, { upload: change.upload, parts: new Map() });
        break;
      case 'put-part': {
        const { parts } = bucket.uploads.get(change.upload)!;
        const replaced = parts.get(change.part.number);
        if (replaced !== undefined) this.#discard([replaced.blob]);
        parts.set(change.part.number, change.part);
        break;
      }
      case 'abort-upload':
        this.#endUpload(bucket, change.upload, []);
        break;
    }
  }

  #endUpload(bucket: Bucket, id: string, kept: readonly Blob[]): void {
    const parts = [...bucket.uploads.get(id)!.parts.values()];
    this.#discard(
      parts.map((part) => part.blob),
      kept,
    );
    bucket.uploads.delete(id);
  }

  /** Deletes nothing while the journal is loading; unreferenced blobs are deleted afterwards. */
  #discard(blobs: readonly Blob[] = [], kept: readonly Blob[] = []): void {
    if (this.#isLoading) return;
    const keptIds = new Set(kept.map((blob) => blob.id));
    this.blobs.remove(blobs.filter((blob) => !keptIds.has(blob.id)));
  }

  /** The minimal changes that lead to this state. */
  *#changes(): Generator<Change> {
    for (const { info, objects, uploads, documents } of this.#buckets.values()) {
      const bucket = info.name;
      yield { do: 'create-bucket', info, documents: Object.fromEntries(documents) };
      for (const object of objects.values()) yield { do: 'put', bucket, object };
      for (const { upload, parts } of uploads.values()) {
        yield { do: 'begin-upload', bucket, upload };
        for (const part of parts.values()) yield { do: 'put-part', bucket, upload: upload.id, part };
      }
    }
  }

  #blobIds(): Set<string> {
    const ids = new Set<string>();
    for (const { objects, uploads } of this.#buckets.values()) {
      for (const { blobs } of objects.values()) for (const { id } of blobs) ids.add(id);
      for (const { parts } of uploads.values()) for (const { blob } of parts.values()) ids.add(blob.id);
    }
    return ids;
  }
}

export function noSuchKey(key: string): ServiceError {
  return new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}
