import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { CompletedPart } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AudienceError, cancelled, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';
import { withoutWriteGuard } from '../connection/writeGuard.ts';
import { mayHaveHappened } from '../connection/serviceErrors.ts';
import { allItems } from '../eachPage.ts';
import { checkBucketName, formatS3Url } from './s3Url.ts';
import type { BegunUpload, S3Location, StagedObject, UploadOptions } from './stagingService.ts';
import { UploadFile } from './uploadSource.ts';
import { sizeOfPart, UploadPace, defaultPart } from './uploadPace.ts';

/** After a lost response: delays in milliseconds between checks whether the request took effect. */
const checkDelays = [0, 250, 750];

/** Implements `StagingService.upload`. */
export async function uploadFile(
  clients: Clients,
  path: string,
  target: S3Location,
  options: UploadOptions,
): Promise<StagedObject> {
  checkBucketName(target.bucket);
  throwIfCancelled(options.signal);
  const file = await UploadFile.open(path);
  try {
    const upload = new Upload(clients, file, target, options);
    return file.bytes <= defaultPart ? await upload.inOneRequest() : await upload.inParts();
  } finally {
    await file.close();
  }
}

class Upload {
  readonly #clients: Clients;
  readonly #file: UploadFile;
  readonly #target: S3Location;
  readonly #options: UploadOptions;
  readonly #info: { readonly service: 'staging'; readonly doing: string };

  constructor(clients: Clients, file: UploadFile, target: S3Location, options: UploadOptions) {
    this.#clients = clients;
    this.#file = file;
    this.#target = target;
    this.#options = options;
    this.#info = { service: 'staging', doing: `upload ${basename(file.path)} to ${target.bucket}` };
  }

  async inOneRequest(): Promise<StagedObject> {
    const body = await this.#file.next(Buffer.alloc(this.#file.bytes));
    await this.#file.checkUnchanged();
    const checksum = crc32Of(body).toString('base64');
    const { signal, onProgress, journal } = this.#options;
    const earlier = journal?.again === true ? await this.#find(checksum) : undefined;
    if (earlier !== undefined) return this.#done(earlier);
    const command = new PutObjectCommand({
      ...this.#place(),
      ...this.#kind(),
      Body: body,
      ChecksumCRC32: checksum,
      IfNoneMatch: '*',
    });
    try {
      const { ETag: etag } = await this.#clients.s3Patient.send(command, sending(signal));
      throwIfCancelled(signal);
      onProgress?.(body.length, body.length);
      return this.#done(etag);
    } catch (error) {
      const failure = this.#clients.failure(error, this.#info);
      return await this.#resolveUncertain(failure, attemptsOf(error), checksum);
    }
  }

  async inParts(): Promise<StagedObject> {
    const { journal, signal } = this.#options;
    const earlier = journal?.begun;
    let begun: BegunUpload | undefined;
    let existing: Parts = new Map();
    if (journal?.again === true) {
      const found = earlier && (await this.#listParts(earlier.uploadId));
      if (found === undefined && earlier !== undefined) {
        const object = await this.#completedEarlier(earlier);
        if (object !== undefined) return object;
      }
      if (earlier !== undefined && found !== undefined && this.#isOf(earlier)) {
        begun = earlier;
        existing = found;
      } else if (earlier !== undefined) await this.#abort(earlier.uploadId);
    }
    begun ??= await this.#begin();
    let sent: Sent;
    try {
      sent = await this.#sendParts(begun, existing).catch(async (error: unknown) => {
        if (error !== partDiffers) throw error;
        // The existing parts are of another file.
        this.#file.rewind();
        await this.#abort(begun!.uploadId);
        begun = await this.#begin();
        return this.#sendParts(begun, new Map());
      });
      await this.#file.checkUnchanged();
      throwIfCancelled(signal);
    } catch (error) {
      if (journal === undefined) await this.#abort(begun.uploadId);
      throw error;
    }
    return this.#complete(begun.uploadId, sent);
  }

  /** True if size and modification time of the file are the same as at the start of the upload. */
  #isOf({ bytes, modified }: BegunUpload): boolean {
    return bytes === this.#file.bytes && Math.abs(modified - this.#file.modified) < 1;
  }

  /** The existing parts of an upload; `undefined` if it no longer exists or can't be listed. */
  async #listParts(uploadId: string): Promise<Parts | undefined> {
    const { signal } = this.#options;
    try {
      const parts = await allItems(async (marker: string | undefined) => {
        const input = { ...this.#place(), UploadId: uploadId, PartNumberMarker: marker };
        const page = await this.#clients.s3Patient.send(new ListPartsCommand(input), sending(signal));
        return {
          items: page.Parts ?? [],
          next: page.IsTruncated === true ? page.NextPartNumberMarker : undefined,
        };
      });
      return new Map(
        parts.flatMap(({ PartNumber, Size = 0, ETag, ChecksumCRC32 }) =>
          PartNumber === undefined ? [] : [[PartNumber, { PartNumber, Size, ETag, ChecksumCRC32 }]],
        ),
      );
    } catch (error) {
      if (error instanceof AudienceError) throw error;
      const failure = this.#clients.failure(error, this.#info);
      if (failure.service?.name === 'NoSuchUpload' || failure.code === 'access-denied') return undefined;
      throw failure;
    }
  }

  /** The object that an earlier attempt created from this file, if any. */
  async #completedEarlier({ sizes }: BegunUpload): Promise<StagedObject | undefined> {
    const { signal, onProgress } = this.#options;
    const buffer = Buffer.allocUnsafeSlow(Math.max(...sizes.map(({ bytes }) => bytes)));
    const checksums: Buffer[] = [];
    while (this.#file.left > 0) {
      throwIfCancelled(signal);
      const size = sizeOfPart(checksums.length + 1, sizes);
      checksums.push(crc32Of(await this.#file.next(buffer.subarray(0, size))));
    }
    const etag = await this.#find(compositeOf(checksums));
    if (etag === undefined) {
      this.#file.rewind();
      return undefined;
    }
    await this.#file.checkUnchanged();
    onProgress?.(this.#file.bytes, this.#file.bytes);
    return this.#done(etag);
  }

  /** Not cancellable: every upload's id must become known. */
  async #begin(): Promise<BegunUpload> {
    const command = new CreateMultipartUploadCommand({
      ...this.#place(),
      ...this.#kind(),
      ChecksumAlgorithm: 'CRC32',
    });
    const { journal } = this.#options;
    const { bytes, modified } = this.#file;
    let uploadId: string | undefined;
    try {
      const { UploadId, $metadata } = await this.#clients.s3Patient.send(command);
      uploadId = UploadId;
      if (uploadId === undefined) throw new AudienceError('service', 'S3 returned no upload id');
      // The response to an earlier attempt may have been lost, or its upload is of another file.
      if (($metadata.attempts ?? 1) > 1 || journal?.again === true) await this.#abortOthers(uploadId);
      const size = new UploadPace(() => 0).nextSize(1, bytes, []);
      const begun = { uploadId, bytes, modified, sizes: [{ first: 1, bytes: size }] };
      await journal?.write(begun);
      return begun;
    } catch (error) {
      const failure = this.#clients.failure(error, this.#info);
      const own = uploadId;
      // Of a process that was suspended before its request: the others are the new owner's.
      if (own !== undefined && failure.code === 'conflict') await withoutWriteGuard(() => this.#abort(own));
      else if (own !== undefined || mayHaveHappened(failure)) await this.#abortOthers(undefined);
      throw failure;
    }
  }

  /** Sends missing parts concurrently; reads the file in order. Throws `partDiffers` if an existing part isn't of this file. */
  async #sendParts(begun: BegunUpload, existing: Parts): Promise<Sent> {
    const { signal, onProgress, journal } = this.#options;
    const total = this.#file.bytes;
    const highest = Math.max(0, ...existing.keys());
    const stop = new AbortController();
    const stopped = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    const pace = new UploadPace(() => performance.now(), begun.sizes.at(-1)!.bytes);
    const free: Buffer[] = [];
    const active = new Set<Promise<void>>();
    const parts: CompletedPart[] = [];
    const checksums: Buffer[] = [];
    let sizes = begun.sizes;
    let acknowledged = 0;
    let failure: unknown;

    const acknowledge = (part: CompletedPart, bytes: number, buffer: Buffer): void => {
      parts[part.PartNumber! - 1] = part;
      acknowledged += bytes;
      free.push(buffer);
      onProgress?.(acknowledged, total);
    };
    const send = async (number: number, bytes: Buffer, checksum: Buffer, buffer: Buffer): Promise<void> => {
      const start = performance.now();
      const ChecksumCRC32 = checksum.toString('base64');
      const command = new UploadPartCommand({
        ...this.#place(),
        UploadId: begun.uploadId,
        PartNumber: number,
        Body: bytes,
        ChecksumCRC32,
      });
      if (this.#clients.isPrivate) leaveUnsigned(command);
      const { ETag, $metadata } = await this.#clients.ask(this.#info, ({ s3Patient }) =>
        s3Patient.send(command, sending(stopped)),
      );
      pace.arrived(bytes.length, performance.now() - start, $metadata.attempts ?? 1);
      acknowledge({ PartNumber: number, ETag, ChecksumCRC32 }, bytes.length, buffer);
    };
    const fail = (error: unknown): void => {
      failure ??= error;
      // If the upload resumes later, the requests in flight still count.
      if (journal === undefined) stop.abort();
    };
    const sizeOfNext = async (number: number): Promise<number> => {
      const current = sizeOfPart(number, sizes);
      // Existing parts keep the recorded sizes.
      const wanted = number > highest ? pace.nextSize(number, this.#file.left, sizes) : current;
      if (wanted === current) return current;
      sizes = [...sizes, { first: number, bytes: wanted }];
      await journal?.write({ ...begun, sizes });
      return wanted;
    };

    try {
      for (let number = 1; this.#file.left > 0 && failure === undefined; number += 1) {
        throwIfCancelled(stopped);
        const size = await sizeOfNext(number);
        const buffer = takeBuffer(free, Math.min(size, this.#file.left));
        const bytes = await this.#file.next(buffer.subarray(0, size));
        const checksum = crc32Of(bytes);
        checksums.push(checksum);
        const known = existing.get(number);
        if (known?.ChecksumCRC32 !== undefined) {
          if (known.Size !== bytes.length || known.ChecksumCRC32 !== checksum.toString('base64')) {
            throw partDiffers;
          }
          const { PartNumber, ETag, ChecksumCRC32 } = known;
          acknowledge({ PartNumber, ETag, ChecksumCRC32 }, bytes.length, buffer);
          continue;
        }
        const sent: Promise<void> = send(number, bytes, checksum, buffer)
          .catch(fail)
          .finally(() => active.delete(sent));
        active.add(sent);
        while (active.size >= pace.concurrency(size)) await Promise.race(active);
      }
    } catch (error) {
      fail(error);
    }
    await Promise.all(active);
    if (failure === partDiffers) throw partDiffers;
    if (failure !== undefined) throw this.#clients.failure(failure, this.#info);
    return { parts, checksum: compositeOf(checksums) };
  }

  /** Not cancellable: waits for the response, then rolls back. */
  async #complete(uploadId: string, { parts, checksum }: Sent): Promise<StagedObject> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#place(),
      UploadId: uploadId,
      MultipartUpload: { Parts: [...parts] },
      MpuObjectSize: this.#file.bytes,
      IfNoneMatch: '*',
    });
    const { signal, journal } = this.#options;
    try {
      const { ETag: etag } = await this.#clients.s3Patient.send(command);
      if (journal === undefined) throwIfCancelled(signal);
      return this.#done(etag);
    } catch (error) {
      const failure = this.#clients.failure(error, this.#info);
      try {
        return await this.#resolveUncertain(failure, attemptsOf(error), checksum);
      } catch (remaining) {
        if (journal === undefined) await this.#abort(uploadId);
        throw remaining;
      }
    }
  }

  /**
   * Handles an error of a request that creates the object, since any attempt may have taken effect. If so, the upload succeeded; after
   * a cancellation, the object is deleted.
   */
  async #resolveUncertain(failure: AudienceError, attempts: number, checksum: string): Promise<StagedObject> {
    const { signal, journal } = this.#options;
    const isRepeated = attempts > 1 || journal?.again === true;
    const isEcho = isRepeated && (failure.code === 'conflict' || failure.code === 'not-found');
    if (!isCancelled(failure) && !isEcho && !mayHaveHappened(failure)) throw failure;
    const isCancel = signal?.aborted === true;
    // The caller finds or deletes the object when it resumes.
    if (isCancel && journal !== undefined) throw cancelled();
    for (const pause of checkDelays) {
      await sleep(pause);
      const etag = await this.#find(checksum);
      if (etag === undefined) continue;
      if (!isCancel) return this.#done(etag);
      await this.#clients.ask(this.#info, ({ s3Patient }) =>
        s3Patient.send(new DeleteObjectCommand(this.#place())),
      );
      break;
    }
    throw isCancel ? cancelled() : failure;
  }

  /** The ETag of the object, if it exists and has the sent content. */
  async #find(checksum: string): Promise<string | undefined> {
    try {
      const head = await this.#clients.s3.send(
        new HeadObjectCommand({ ...this.#place(), ChecksumMode: 'ENABLED' }),
      );
      // Endpoints without checksums only allow comparing the size.
      const isOurs =
        head.ContentLength === this.#file.bytes &&
        (head.ChecksumCRC32 === undefined || head.ChecksumCRC32 === checksum);
      return isOurs ? (head.ETag ?? '') : undefined;
    } catch (error) {
      // Missing or unknown: rethrow the original error.
      this.#clients.failure(error, { service: 'staging', doing: 'find the object' });
      return undefined;
    }
  }

  async #abort(uploadId: string): Promise<void> {
    const info = { service: 'staging', doing: 'abort the incomplete upload' } as const;
    try {
      await this.#clients.s3Patient.send(
        new AbortMultipartUploadCommand({ ...this.#place(), UploadId: uploadId }),
      );
    } catch (error) {
      // `not-found` is a success. Otherwise, the run's cleanup or a lifecycle rule of the bucket aborts it later.
      this.#clients.failure(error, info);
    }
  }

  /** Aborts the incomplete uploads to this key except one. Only this caller uses the key. */
  async #abortOthers(known: string | undefined): Promise<void> {
    const { Bucket, Key } = this.#place();
    try {
      const { Uploads: uploads = [] } = await this.#clients.s3.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: Key }),
      );
      for (const upload of uploads) {
        if (upload.Key === Key && upload.UploadId !== undefined && upload.UploadId !== known) {
          await this.#abort(upload.UploadId);
        }
      }
    } catch (error) {
      this.#clients.failure(error, { service: 'staging', doing: 'find incomplete uploads' });
    }
  }

  #place(): { Bucket: string; Key: string } {
    return { Bucket: this.#target.bucket, Key: this.#target.key };
  }

  #kind() {
    const { contentType, kmsKeyId } = this.#options;
    return {
      ContentType: contentType,
      ...(kmsKeyId === undefined
        ? { ServerSideEncryption: 'AES256' as const }
        : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId }),
    };
  }

  #done(etag: string | undefined): StagedObject {
    return {
      url: formatS3Url(this.#target),
      bytes: this.#file.bytes,
      etag: etag ?? '',
      sha256: this.#file.sha256(),
    };
  }
}

/** Never shown to users: the upload starts over. */
const partDiffers = new Error('An existing part is of another file');

type Parts = Map<number, CompletedPart & { readonly Size: number }>;

interface Sent {
  readonly parts: readonly CompletedPart[];
  /** The object's composite CRC-32 (Amazon S3 user guide, checking object integrity). */
  readonly checksum: string;
}

/**
 * Excludes a part's bytes from the signature, as the AWS CLI does over TLS (Amazon S3 API reference, sig-v4-header-based-auth): the
 * signed checksum protects them, and hashing them again would cost more than sending them.
 */
function leaveUnsigned(command: UploadPartCommand): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> };
      request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'unsignedPayload' },
  );
}

/** A buffer of at least `bytes`; discards smaller ones. */
function takeBuffer(free: Buffer[], bytes: number): Buffer {
  for (let buffer = free.pop(); buffer !== undefined; buffer = free.pop()) {
    if (buffer.length >= bytes) return buffer;
  }
  return Buffer.allocUnsafeSlow(bytes);
}

function compositeOf(checksums: readonly Buffer[]): string {
  return `${crc32Of(Buffer.concat(checksums)).toString('base64')}-${checksums.length}`;
}

/** Big-endian, as S3 expects it (in Base64). */
function crc32Of(bytes: Uint8Array): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value;
}

function attemptsOf(error: unknown): number {
  if (!(error instanceof Error) || !('$metadata' in error)) return 1;
  return (error.$metadata as { readonly attempts?: number }).attempts ?? 1;
}
