import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { isWindows } from '../../support/platform.ts';
import { s3Client } from '../../support/sandbox.ts';
import type { SandboxProcess } from '../../support/sandboxProcess.ts';
import { startSandboxProcess } from '../../support/sandboxProcess.ts';

const Bucket = 'memory';
const mib = 1024 * 1024;
const total = 320 * mib;
/** What the sandbox may need beyond what it needs when nothing happens. */
const allowed = 60 * mib;

describe('The memory of a sandbox', () => {
  let sandbox: SandboxProcess;
  let s3: S3Client;
  before(async function () {
    // Windows has no `ps`.
    if (isWindows) this.skip();
    sandbox = await startSandboxProcess();
    s3 = s3Client(sandbox, { responseChecksumValidation: 'WHEN_REQUIRED' });
    await s3.send(new CreateBucketCommand({ Bucket }));
    // The first objects make it load and compile what it needs.
    for (let number = 0; number < 50; number += 1) {
      await s3.send(new PutObjectCommand({ Bucket, Key: 'warm', Body: Buffer.alloc(100_000) }));
    }
  });
  after(async () => {
    if (isWindows) return;
    s3.destroy();
    await sandbox.end('SIGKILL');
  });

  const resident = (): number =>
    1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(sandbox.child.pid)], { encoding: 'utf8' }));

  /** The most memory that the sandbox had while `work` ran, over what it had before. */
  async function growth(work: Promise<unknown>): Promise<number> {
    const idle = resident();
    let most = idle;
    const end = new AbortController();
    const watch = (async () => {
      while (!end.signal.aborted) {
        most = Math.max(most, resident());
        await sleep(50);
      }
    })();
    await work.finally(() => {
      end.abort();
    });
    await watch;
    return most - idle;
  }

  const piece = Buffer.alloc(64 * 1024, 'endpoint');
  const stream = (size: number): Readable =>
    Readable.from(
      (function* (): Generator<Buffer> {
        for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left);
      })(),
      { objectMode: false },
    );

  async function upload(): Promise<void> {
    const Body = stream(total);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body, ContentLength: total }));
  }

  async function uploadParts(): Promise<void> {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const Parts: CompletedPart[] = [];
    const size = 16 * mib;
    const Body = Buffer.alloc(size, 'part');
    const numbers = Array.from({ length: total / size }, (_, index) => index + 1);
    const send = async (): Promise<void> => {
      for (let PartNumber = numbers.shift(); PartNumber !== undefined; PartNumber = numbers.shift()) {
        const { ETag, ChecksumCRC32 } = await s3.send(
          new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber, Body }),
        );
        Parts.push({ PartNumber, ETag, ChecksumCRC32 });
      }
    };
    await Promise.all([send(), send(), send(), send()]);
    Parts.sort((a, b) => a.PartNumber! - b.PartNumber!);
    await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts } }),
    );
  }

  async function download(Key: string): Promise<void> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const hash = createHash('md5');
    let size = 0;
    for await (const chunk of Body as Readable) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
      // A slow reader must not fill the sandbox's memory either.
      if (size % (32 * mib) < (chunk as Buffer).length) await sleep(20);
    }
    assert.equal(size, total);
  }

  for (const [what, work] of [
    ['an upload', upload],
    ['an upload in parts, four at a time', uploadParts],
    ['a download', () => download('large')],
    ['four downloads at a time', () => Promise.all(['large', 'parts', 'large', 'parts'].map(download))],
    ['a copy', () => s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/large` }))],
  ] as const) {
    it(`doesn't grow with the size of ${what}`, async () => {
      const more = await growth(work());
      assert.ok(more < allowed, `${Math.round(more / mib)} MiB more for ${total / mib} MiB`);
    });
  }
});
