import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { folderPrefix, formatS3Url, parseS3Url } from '../../../src/aws/s3/s3Url.ts';

describe('S3 URLs', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['s3://my-bucket/a/b.csv', 'my-bucket', 'a/b.csv'],
    ['s3://my-bucket/a/', 'my-bucket', 'a/'],
    ['s3://my-bucket', 'my-bucket', ''],
    ['s3://my-bucket/', 'my-bucket', ''],
    ['  s3://my.bucket-1/ä b/#?.csv ', 'my.bucket-1', 'ä b/#?.csv'],
    ['S3://Old_Bucket/x', 'Old_Bucket', 'x'],
    ['s3://my-bucket//double', 'my-bucket', '/double'],
  ];
  for (const [url, bucket, key] of good) {
    it(`are parsed: ${url.trim()}`, () => assert.deepEqual(parseS3Url(url), { bucket, key }));
  }

  for (const url of [
    '',
    's3:/a/b',
    's3://',
    's3:///key',
    'https://my-bucket.s3.amazonaws.com/a',
    's3://a',
    's3://-a-/x',
  ]) {
    it(`are rejected if they are invalid: ${url || '(empty)'}`, () => {
      assert.throws(() => parseS3Url(url), { name: 'AudienceError', code: 'bad-input' });
    });
  }

  it('are formatted as they were parsed', () => {
    const location = { bucket: 'my-bucket', key: 'ä b/c+d%20.csv' };
    assert.deepEqual(parseS3Url(formatS3Url(location)), location);
  });

  it('have folders with one trailing slash and no leading one', () => {
    assert.deepEqual(['', '/', 'a', '/a/', 'a//', ' a/b '].map(folderPrefix), [
      '',
      '',
      'a/',
      'a/',
      'a/',
      'a/b/',
    ]);
  });
});
