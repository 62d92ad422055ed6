import { AudienceError } from '../../errors.ts';
import type { S3Location } from './stagingService.ts';

/** Names of general purpose buckets (Amazon S3 user guide, bucketnamingrules); older ones in us-east-1 had looser rules. */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/** `s3://bucket/key` for Amazon Pinpoint: the key isn't percent-encoded. */
export function formatS3Url({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** Parses `s3://bucket`, `s3://bucket/` or `s3://bucket/key`; `bad-input` for other URLs. The key may be empty. */
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

/** @throws AudienceError `bad-input` for an invalid bucket name */
export function checkBucketName(bucket: string): void {
  if (bucketName.test(bucket)) return;
  throw new AudienceError('bad-input', `Not a bucket name: ${bucket || '(empty)'}`, {
    help: 'Choose an S3 bucket in this account and region.',
  });
}

/** A key prefix without leading slashes and with one trailing slash; empty stays empty. */
export function folderPrefix(prefix: string): string {
  const trimmed = prefix.trim().replace(/^\/+|(?<!\/)\/+$/g, '');
  return trimmed === '' ? '' : `${trimmed}/`;
}
