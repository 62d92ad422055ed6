import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { CompletedPart, ListPartsCommandOutput } from '@aws-sdk/client-s3';
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
import { mayHaveHappened } from '../connection/serviceErrors.ts';
import { checkBucketName, formatS3Url } from './s3Url.ts';
import type { BegunUpload, S3Location, StagedObject, UploadOptions } from './stagingService.ts';
import { UploadFile } from './uploadSource.ts';
import { sizeOfPart, UploadPace, usualPart } from './uploadPace.ts';

/** When to look whether a request that was broken off was carried out after all, in milliseconds after the one before. */
const looks = [0, 250, 750];

/** Sends one file; see `StagingService.upload` for what holds afterwards. */
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
    return file.bytes <= usualPart ? await upload.inOneRequest() : await upload.inParts();
  } finally {
    await file.close();
  }
}

class Upload {
  readonly #clients: Clients;
  readonly #file: UploadFile;
  readonly #target: S3Location;
  readonly #options: UploadOptions;
  readonly #asked: { readonly service: 'staging'; readonly doing: string };

  constructor(clients: Clients, file: UploadFile, target: S3Location, options: UploadOptions) {
    this.#clients = clients;
    this.#file = file;
    this.#target = target;
    this.#options = options;
    this.#asked = { service: 'staging', doing: `upload ${basename(file.path)} to ${target.bucket}` };
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
      const failure = this.#clients.failure(error, this.#asked);
      return await this.#afterDoubt(failure, attemptsOf(error), checksum);
    }
  }

  async inParts(): Promise<StagedObject> {
    const { journal, signal } = this.#options;
    const earlier = journal?.begun;
    let begun: BegunUpload | undefined;
    let there: Parts = new Map();
    if (journal?.again === true) {
      const found = earlier && (await this.#listParts(earlier.uploadId));
      if (found === undefined && earlier !== undefined) {
        const object = await this.#completedEarlier(earlier);
        if (object !== undefined) return object;
      }
      if (earlier !== undefined && found !== undefined && this.#isOf(earlier)) {
        begun = earlier;
        there = found;
      } else if (earlier !== undefined) await this.#abandon(earlier.uploadId);
    }
    begun ??= await this.#begin();
    let sent: Sent;
    try {
      sent = await this.#sendParts(begun, there).catch(async (error: unknown) => {
        if (error !== partDiffers) throw error;
        // What was sent is of another file than this one.
        this.#file.rewind();
        await this.#abandon(begun!.uploadId);
        begun = await this.#begin();
        return this.#sendParts(begun, new Map());
      });
      await this.#file.checkUnchanged();
      throwIfCancelled(signal);
    } catch (error) {
      if (journal === undefined) await this.#abandon(begun.uploadId);
      throw error;
    }
    return this.#complete(begun.uploadId, sent);
  }

  /** True if the file is still the one that was begun with, as far as size and time tell. */
  #isOf({ bytes, modified }: BegunUpload): boolean {
    return bytes === this.#file.bytes && Math.abs(modified - this.#file.modified) < 1;
  }

  /** What is there of an upload; `undefined` if there is no such upload any more, or it may not be looked at. */
  async #listParts(uploadId: string): Promise<Parts | undefined> {
    const found: Parts = new Map();
    let marker: string | undefined;
    do {
      let page: ListPartsCommandOutput;
      try {
        const { signal } = this.#options;
        const wanted = { ...this.#place(), UploadId: uploadId, PartNumberMarker: marker };
        page = await this.#clients.s3Patient.send(new ListPartsCommand(wanted), sending(signal));
      } catch (error) {
        const failure = this.#clients.failure(error, this.#asked);
        if (failure.service?.name === 'NoSuchUpload' || failure.code === 'access-denied') return undefined;
        throw failure;
      }
      for (const { PartNumber, Size = 0, ETag, ChecksumCRC32 } of page.Parts ?? []) {
        if (PartNumber !== undefined) found.set(PartNumber, { PartNumber, Size, ETag, ChecksumCRC32 });
      }
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
    return found;
  }

  /** The object that an earlier attempt made of this very file, where there is one. */
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

  /** Not broken off by a cancel, so that there is never an upload whose id is not known. */
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
      if (uploadId === undefined) throw new AudienceError('service', 'S3 named no upload');
      // The answer to an earlier attempt may have been lost, or its upload is of another file.
      if (($metadata.attempts ?? 1) > 1 || journal?.again === true) await this.#abandonOthers(uploadId);
      const size = new UploadPace(() => 0).nextSize(1, bytes, []);
      const begun = { uploadId, bytes, modified, sizes: [{ first: 1, bytes: size }] };
      await journal?.write(begun);
      return begun;
    } catch (error) {
      const failure = this.#clients.failure(error, this.#asked);
      if (uploadId !== undefined || mayHaveHappened(failure)) await this.#abandonOthers(undefined);
      throw failure;
    }
  }

  /**
   * Sends the parts that are not there yet, several at a time; the file is read in its order.
   * Throws `partDiffers` where one that is there is not of this file.
   */
  async #sendParts(begun: BegunUpload, there: Parts): Promise<Sent> {
    const { signal, onProgress, journal } = this.#options;
    const total = this.#file.bytes;
    const highest = Math.max(0, ...there.keys());
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
      const { ETag, $metadata } = await this.#clients.ask(this.#asked, ({ s3Patient }) =>
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
      // What was written down holds for parts that were sent by it.
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
        const known = there.get(number);
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
        while (active.size >= pace.lanes(size)) await Promise.race(active);
      }
    } catch (error) {
      fail(error);
    }
    await Promise.all(active);
    if (failure === partDiffers) throw partDiffers;
    if (failure !== undefined) throw this.#clients.failure(failure, this.#asked);
    return { parts, checksum: compositeOf(checksums) };
  }

  /** Not broken off by a cancel: what was begun here is waited for, and then taken back. */
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
      const failure = this.#clients.failure(error, this.#asked);
      try {
        return await this.#afterDoubt(failure, attemptsOf(error), checksum);
      } catch (doubt) {
        if (journal === undefined) await this.#abandon(uploadId);
        throw doubt;
      }
    }
  }

  /**
   * After an error of a request that makes an object: an earlier attempt, or this one, may have been carried out anyway.
   * Then the object is a success, and after a cancel it is taken back.
   */
  async #afterDoubt(failure: AudienceError, attempts: number, checksum: string): Promise<StagedObject> {
    const { signal, journal } = this.#options;
    const isRepeated = attempts > 1 || journal?.again === true;
    const isEcho = isRepeated && (failure.code === 'conflict' || failure.code === 'not-found');
    if (!isCancelled(failure) && !isEcho && !mayHaveHappened(failure)) throw failure;
    const isCancel = signal?.aborted === true;
    // Then the caller resumes and finds the object, or deletes it.
    if (isCancel && journal !== undefined) throw cancelled();
    for (const pause of looks) {
      await sleep(pause);
      const etag = await this.#find(checksum);
      if (etag === undefined) continue;
      if (!isCancel) return this.#done(etag);
      await this.#clients.ask(this.#asked, ({ s3Patient }) =>
        s3Patient.send(new DeleteObjectCommand(this.#place())),
      );
      break;
    }
    throw isCancel ? cancelled() : failure;
  }

  /** The ETag of the object, where it is there and is what was sent. */
  async #find(checksum: string): Promise<string | undefined> {
    try {
      const head = await this.#clients.s3.send(
        new HeadObjectCommand({ ...this.#place(), ChecksumMode: 'ENABLED' }),
      );
      // Endpoints that keep no checksum leave the size.
      const isOurs =
        head.ContentLength === this.#file.bytes &&
        (head.ChecksumCRC32 === undefined || head.ChecksumCRC32 === checksum);
      return isOurs ? (head.ETag ?? '') : undefined;
    } catch (error) {
      // Missing or unknown: rethrow the original error.
      this.#clients.failure(error, { service: 'staging', doing: 'look for the object' });
      return undefined;
    }
  }

  async #abandon(uploadId: string): Promise<void> {
    const asked = { service: 'staging', doing: 'end the unfinished upload' } as const;
    try {
      await this.#clients.s3Patient.send(
        new AbortMultipartUploadCommand({ ...this.#place(), UploadId: uploadId }),
      );
    } catch (error) {
      // `not-found`: it is ended. Else the run's own clean-up, or a lifecycle rule of the bucket, has to do it.
      this.#clients.failure(error, asked);
    }
  }

  /** Ends the unfinished uploads to this key but one; the key is the caller's alone. */
  async #abandonOthers(known: string | undefined): Promise<void> {
    const { Bucket, Key } = this.#place();
    try {
      const { Uploads: uploads = [] } = await this.#clients.s3.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: Key }),
      );
      for (const upload of uploads) {
        if (upload.Key === Key && upload.UploadId !== undefined && upload.UploadId !== known) {
          await this.#abandon(upload.UploadId);
        }
      }
    } catch (error) {
      this.#clients.failure(error, { service: 'staging', doing: 'look for unfinished uploads' });
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

/** Never shown to users: the upload starts again. */
const partDiffers = new Error('A part that is there is of another file');

type Parts = Map<number, CompletedPart & { readonly Size: number }>;

interface Sent {
  readonly parts: readonly CompletedPart[];
  /** The object's CRC-32 as S3 makes it of the parts' (Amazon S3 user guide, checking object integrity: composite). */
  readonly checksum: string;
}

/**
 * Leaves the bytes of a part out of the signature, as the AWS CLI does over TLS (Amazon S3 API reference, sig-v4-header-based-auth):
 * their checksum is signed, and checked by the service, and hashing them once more would cost more than sending them.
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

/** One that holds so many bytes; those that are too small now are let go. */
function takeBuffer(free: Buffer[], bytes: number): Buffer {
  for (let buffer = free.pop(); buffer !== undefined; buffer = free.pop()) {
    if (buffer.length >= bytes) return buffer;
  }
  return Buffer.allocUnsafeSlow(bytes);
}

function compositeOf(checksums: readonly Buffer[]): string {
  return `${crc32Of(Buffer.concat(checksums)).toString('base64')}-${checksums.length}`;
}

/** Big-endian, as S3 takes it (in Base64). */
function crc32Of(bytes: Uint8Array): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value;
}

function attemptsOf(error: unknown): number {
  if (!(error instanceof Error) || !('$metadata' in error)) return 1;
  return (error.$metadata as { readonly attempts?: number }).attempts ?? 1;
}
