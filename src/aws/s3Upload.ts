import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
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
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AudienceError, cancelled, isCancelled, throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import type { Clients } from './clients.ts';
import { sending } from './clients.ts';
import { mayHaveHappened } from './serviceErrors.ts';
import { checkBucketName, formatS3Url } from './s3Url.ts';
import type { S3Location, StagedObject, UploadOptions } from './staging.ts';

const mebibyte = 1024 * 1024;
/** Up to here a file goes in one request. */
const largestPut = 8 * mebibyte;
/** The most parts of an upload and the most bytes of an object (Amazon S3 user guide, qfacts). */
const mostParts = 10_000;
const largestObject = 5 * 1024 * 1024 * mebibyte;
/** What all parts on their way may hold together. */
const memory = 32 * mebibyte;
/** When to look whether a request that was broken off was carried out after all, in milliseconds after the one before. */
const looks = [0, 250, 750];

/** Bytes of each part but the last: 8 MiB, and more where there would be too many parts. */
export function partSizeFor(bytes: number): number {
  return Math.max(largestPut, Math.ceil(bytes / mostParts / mebibyte) * mebibyte);
}

/** Sends one file; see `StagingService.upload` for what holds afterwards. */
export async function uploadFile(
  clients: Clients,
  path: string,
  target: S3Location,
  options: UploadOptions,
): Promise<StagedObject> {
  checkBucketName(target.bucket);
  throwIfCancelled(options.signal);
  const file = await LocalFile.open(path);
  try {
    const upload = new Upload(clients, file, target, options);
    return file.bytes <= largestPut ? await upload.inOneRequest() : await upload.inParts();
  } finally {
    await file.close();
  }
}

/** A file that is read once, from its beginning to its end. */
class LocalFile {
  readonly path: string;
  readonly bytes: number;
  readonly #handle: FileHandle;
  readonly #stamp: string;
  readonly #sha256: Hash = createHash('sha256');
  #at = 0;

  static async open(path: string): Promise<LocalFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const entry = await handle.stat();
      if (!entry.isFile()) {
        throw new AudienceError('bad-input', `Could not read ${basename(path)}: it is no file`, {
          help: 'Choose a file.',
        });
      }
      if (entry.size > largestObject) {
        throw new AudienceError('bad-input', `${basename(path)} is larger than an object in S3 can be`);
      }
      return new LocalFile(path, handle, entry);
    } catch (error) {
      await handle?.close();
      throw fileError(error, 'read', path);
    }
  }

  private constructor(path: string, handle: FileHandle, entry: Stamped) {
    this.path = path;
    this.#handle = handle;
    this.bytes = entry.size;
    this.#stamp = stampOf(entry);
  }

  /** Hex SHA-256 of what was read. */
  sha256(): string {
    return this.#sha256.copy().digest('hex');
  }

  /** The next bytes, as many as `buffer` holds and the file still has; none at the end. */
  async next(buffer: Buffer): Promise<Buffer> {
    const wanted = Math.min(buffer.length, this.bytes - this.#at);
    let length = 0;
    while (length < wanted) {
      const { bytesRead } = await this.#handle
        .read(buffer, length, wanted - length, this.#at + length)
        .catch((error: unknown) => {
          throw fileError(error, 'read', this.path);
        });
      if (bytesRead === 0) throw this.#changed();
      length += bytesRead;
    }
    this.#at += length;
    const bytes = buffer.subarray(0, length);
    this.#sha256.update(bytes);
    return bytes;
  }

  /** Throws `changed` where the file is not the one that was opened, or was written to since. */
  async checkUnchanged(): Promise<void> {
    const entries = await Promise.all([this.#handle.stat(), stat(this.path)]).catch(() => {
      throw this.#changed();
    });
    if (entries.some((entry) => stampOf(entry) !== this.#stamp)) throw this.#changed();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #changed(): AudienceError {
    return new AudienceError('changed', `${basename(this.path)} changed while it was being read`, {
      help: 'Try again when nothing writes to it any more.',
    });
  }
}

interface Stamped {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

const stampOf = ({ ino, size, mtimeMs }: Stamped): string => `${ino} ${size} ${mtimeMs}`;

class Upload {
  readonly #clients: Clients;
  readonly #file: LocalFile;
  readonly #target: S3Location;
  readonly #options: UploadOptions;
  readonly #asked: { readonly service: 'staging'; readonly doing: string };

  constructor(clients: Clients, file: LocalFile, target: S3Location, options: UploadOptions) {
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
    const command = new PutObjectCommand({
      ...this.#place(),
      ...this.#kind(),
      Body: body,
      ChecksumCRC32: checksum,
      IfNoneMatch: '*',
    });
    const { signal, onProgress } = this.#options;
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
    const uploadId = await this.#begin();
    let sent: Sent;
    try {
      sent = await this.#sendParts(uploadId);
      await this.#file.checkUnchanged();
      throwIfCancelled(this.#options.signal);
    } catch (error) {
      await this.#abandon(uploadId);
      throw error;
    }
    return this.#complete(uploadId, sent);
  }

  /** Not broken off by a cancel, so that there is never an upload whose id is not known. */
  async #begin(): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#place(),
      ...this.#kind(),
      ChecksumAlgorithm: 'CRC32',
    });
    try {
      const { UploadId: uploadId, $metadata } = await this.#clients.s3Patient.send(command);
      if (uploadId === undefined) throw new AudienceError('service', 'S3 named no upload');
      // The answer to an earlier attempt may have been lost.
      if (($metadata.attempts ?? 1) > 1) await this.#abandonOthers(uploadId);
      return uploadId;
    } catch (error) {
      const failure = this.#clients.failure(error, this.#asked);
      if (mayHaveHappened(failure)) await this.#abandonOthers(undefined);
      throw failure;
    }
  }

  /** Several parts at a time; each holds a buffer of its own, and the file is read in its order. */
  async #sendParts(uploadId: string): Promise<Sent> {
    const { signal, onProgress } = this.#options;
    const size = partSizeFor(this.#file.bytes);
    const count = Math.ceil(this.#file.bytes / size);
    const stop = new AbortController();
    const stopped = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    const parts: CompletedPart[] = [];
    const checksums = Buffer.alloc(count * 4);
    let acknowledged = 0;
    let read = 0;
    let reading: Promise<unknown> = Promise.resolve();

    const readNext = async (buffer: Buffer): Promise<{ number: number; bytes: Buffer } | undefined> => {
      throwIfCancelled(stopped);
      if (read === count) return undefined;
      read += 1;
      const number = read;
      return { number, bytes: await this.#file.next(buffer) };
    };
    const sendInTurn = async (): Promise<void> => {
      const buffer = Buffer.allocUnsafeSlow(Math.min(size, this.#file.bytes));
      for (;;) {
        const next = reading.then(() => readNext(buffer));
        reading = next;
        const part = await next;
        if (part === undefined) return;
        const { number, bytes } = part;
        const checksum = crc32Of(bytes);
        checksum.copy(checksums, (number - 1) * 4);
        const ChecksumCRC32 = checksum.toString('base64');
        const { ETag } = await this.#clients.ask(this.#asked, ({ s3Patient }) =>
          s3Patient.send(
            new UploadPartCommand({
              ...this.#place(),
              UploadId: uploadId,
              PartNumber: number,
              Body: bytes,
              ChecksumCRC32,
            }),
            sending(stopped),
          ),
        );
        parts[number - 1] = { PartNumber: number, ETag, ChecksumCRC32 };
        acknowledged += bytes.length;
        onProgress?.(acknowledged, this.#file.bytes);
      }
    };

    const lanes = Math.min(count, Math.max(1, Math.floor(memory / size)));
    let failure: AudienceError | undefined;
    const stopOnFailure = async (): Promise<void> => {
      try {
        await sendInTurn();
      } catch (error) {
        // The others fail because of this one.
        failure ??= this.#clients.failure(error, this.#asked);
        stop.abort();
      }
    };
    await Promise.all(Array.from({ length: lanes }, stopOnFailure));
    if (failure !== undefined) throw failure;
    return { parts, checksum: `${crc32Of(checksums).toString('base64')}-${count}` };
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
    try {
      const { ETag: etag } = await this.#clients.s3Patient.send(command);
      throwIfCancelled(this.#options.signal);
      return this.#done(etag);
    } catch (error) {
      const failure = this.#clients.failure(error, this.#asked);
      try {
        return await this.#afterDoubt(failure, attemptsOf(error), checksum);
      } catch (doubt) {
        await this.#abandon(uploadId);
        throw doubt;
      }
    }
  }

  /**
   * After an error of a request that makes an object: an earlier attempt, or this one, may have been carried out all the same.
   * Then the object is a success, and after a cancel it is taken back.
   */
  async #afterDoubt(failure: AudienceError, attempts: number, checksum: string): Promise<StagedObject> {
    const isEcho = attempts > 1 && (failure.code === 'conflict' || failure.code === 'not-found');
    if (!isCancelled(failure) && !isEcho && !mayHaveHappened(failure)) throw failure;
    const isCancel = this.#options.signal?.aborted === true;
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
      // Not there, or not to be known; either way the first error is the one to tell.
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

interface Sent {
  readonly parts: readonly CompletedPart[];
  /** The object's CRC-32 as S3 makes it of the parts' (Amazon S3 user guide, checking object integrity: composite). */
  readonly checksum: string;
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
