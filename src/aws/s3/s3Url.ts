import { AudienceError } from '../../errors.ts';
import type { S3Location } from './stagingService.ts';

/** Names of general purpose buckets (Amazon S3 user guide, bucketnamingrules); older ones in us-east-1 had looser rules. */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/** `s3://bucket/key`, as Amazon Pinpoint takes it: the key as it is, without percent-encoding. */
export function formatS3Url({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** Reads `s3://bucket`, `s3://bucket/` or `s3://bucket/key`; `bad-input` for everything else. The key may be empty. */
export function parseS3Url(url: string): S3Location {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/is.exec(url.trim());
  const bucket = match?.[1] ?? '';
  if (!bucketName.test(bucket)) {
    throw new AudienceError('bad-input', `Not an S3 URL: ${url}`, {
      help: 'Write it as s3://bucket/folder/.',
    });
  }
  return { bucket, key: match?.[2] ?? '' };
}

/** `bad-input` where no bucket can have this name. */
export function checkBucketName(bucket: string): void {
  if (bucketName.test(bucket)) return;
  throw new AudienceError('bad-input', `Not a bucket name: ${bucket || '(empty)'}`, {
    help: 'Choose an S3 bucket in this account and region.',
  });
}

/** A prefix as keys begin: no slash in front, one at the end; empty stays empty. */
export function folderPrefix(prefix: string): string {
  const trimmed = prefix.trim().replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `${trimmed}/`;
}
