import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { CompletedPart, PutObjectCommandInput } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import type { Keys, RawRequest } from '../support/signedRequest.ts';
import { presign, sendSigned } from '../support/signedRequest.ts';

/* What S3 is documented to do. Each check names the tests of ceph/s3-tests (s3tests/functional/test_s3.py) that it re-expresses. */

type Check = readonly [what: string, foreign: string, run: () => Promise<unknown>];

const mib = 1024 * 1024;

describe('Conformance: S3', () => {
  let sandbox: TestSandbox;
  let Bucket = '';
  let number = 0;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    Bucket = `conformance-${(number += 1)}`;
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
  });

  const put = (Key: string, Body: string | Buffer = 'content', more: Partial<PutObjectCommandInput> = {}) =>
    sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = (Key: string, more: object = {}) =>
    sandbox.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  const text = async (Key: string, more: object = {}): Promise<string> =>
    (await (await get(Key, more)).Body?.transformToString()) ?? '';
  const head = (Key: string, more: object = {}) =>
    sandbox.s3.send(new HeadObjectCommand({ Bucket, Key, ...more }));
  const list = async (more: object = {}): Promise<string> => {
    const { Contents, CommonPrefixes } = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, ...more }));
    return [
      ...(Contents ?? []).map(({ Key }) => Key!),
      ...(CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
    ].join();
  };
  const listV1 = async (more: object = {}): Promise<string> => {
    const { Contents, CommonPrefixes } = await sandbox.s3.send(new ListObjectsCommand({ Bucket, ...more }));
    return [
      ...(Contents ?? []).map(({ Key }) => Key!),
      ...(CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
    ].join();
  };
  const fails = (work: Promise<unknown>, name: string): Promise<void> => assert.rejects(work, { name });
  const copy = (Key: string, source: string, more: object = {}) =>
    sandbox.s3.send(
      new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent(source)}`, ...more }),
    );
  const begin = async (Key: string, more: object = {}): Promise<string> =>
    (await sandbox.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
  const part = async (
    Key: string,
    UploadId: string,
    PartNumber: number,
    Body: Buffer,
  ): Promise<CompletedPart> => {
    const { ETag } = await sandbox.s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    );
    return { ETag: ETag!, PartNumber };
  };
  const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more: object = {}) =>
    sandbox.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
    );
  const big = Buffer.alloc(5 * mib, 'abcdefgh');
  const wire = (path: string, more: object = {}) => sendSigned(sandbox.endpoint, sandbox, { path, ...more });
  const create = (name: string): Promise<unknown> =>
    sandbox.s3.send(new CreateBucketCommand({ Bucket: name }));
  const keys = async (...names: string[]): Promise<void> => {
    await Promise.all(names.map((name) => put(name)));
  };
  const badName = async (name: string): Promise<void> => {
    const answer = await wire(`/${name}`, { method: 'PUT' });
    assert.match(answer.body, /<Code>InvalidBucketName<\/Code>/);
  };

  const checks: readonly Check[] = [
    [
      'a wrong version or ETag keeps an object from being deleted among others',
      'S3 API reference, DeleteObjects; test_delete_objects_version_if_match_*',
      async () => {
        for (const key of ['a', 'b', 'c', 'd']) await put(key, key);
        const { Deleted, Errors } = await sandbox.s3.send(
          new DeleteObjectsCommand({
            Bucket,
            Delete: {
              Objects: [
                { Key: 'a', VersionId: 'other' },
                { Key: 'b', ETag: '"other"' },
                { Key: 'c', VersionId: 'null' },
                { Key: 'd', ETag: `"${createHash('md5').update('d').digest('hex')}"` },
                { Key: 'none', ETag: '"other"' },
              ],
            },
          }),
        );
        assert.deepEqual(
          Errors?.map(({ Key, Code }) => [Key, Code]),
          [
            ['a', 'NoSuchVersion'],
            ['b', 'PreconditionFailed'],
            ['none', 'NoSuchKey'],
          ],
        );
        assert.deepEqual(
          Deleted?.map(({ Key }) => Key),
          ['c', 'd'],
        );
        assert.equal(await list(), 'a,b');
      },
    ],
    [
      'a version that does not exist is not found, whatever is asked of it',
      'S3 API reference, error codes',
      async () => {
        await put('key');
        const [version, Tagging] = [{ Bucket, Key: 'key', VersionId: 'other' }, { TagSet: [] }];
        await fails(get('key', { VersionId: 'other' }), 'NoSuchVersion');
        await fails(sandbox.s3.send(new GetObjectTaggingCommand(version)), 'NoSuchVersion');
        await fails(sandbox.s3.send(new PutObjectTaggingCommand({ ...version, Tagging })), 'NoSuchVersion');
        await fails(
          sandbox.s3.send(new GetObjectAttributesCommand({ ...version, ObjectAttributes: ['ETag'] })),
          'NoSuchVersion',
        );
      },
    ],
    [
      'a header that cannot be sent is refused, others are replaced',
      'test_object_raw_response_headers',
      async () => {
        await put('key');
        await fails(get('key', { ResponseContentType: 'a\nb' }), 'InvalidArgument');
        const { ContentDisposition } = await get('key', { ResponseContentDisposition: 'attachment' });
        assert.equal(ContentDisposition, 'attachment');
      },
    ],
    [
      'an error does not have the headers of the object',
      'S3 API reference, error responses',
      async () => {
        await put('key', 'x', { ContentEncoding: 'gzip', Metadata: { a: 'b' } });
        const { status, headers } = await sendSigned(sandbox.endpoint, sandbox, {
          service: 's3',
          path: `/${Bucket}/key`,
          headers: { 'if-match': '"other"' },
        });
        assert.equal(status, 412);
        assert.equal(headers['content-encoding'], undefined);
        assert.equal(headers['x-amz-meta-a'], undefined);
      },
    ],
    [
      'a bucket with ACLs, other owners or tags is not made',
      'S3 user guide, about-object-ownership; test_bucket_acl_*',
      async () => {
        const create = (more: object) =>
          sandbox.s3.send(new CreateBucketCommand({ Bucket: `${Bucket}-new`, ...more }));
        await fails(create({ ACL: 'public-read' }), 'InvalidBucketAclWithObjectOwnership');
        await fails(create({ ObjectOwnership: 'ObjectWriter' }), 'NotImplemented');
        const Tags = [{ Key: 'a', Value: 'b' }];
        await fails(create({ CreateBucketConfiguration: { Tags } }), 'NotImplemented');
        await create({ ACL: 'private', ObjectOwnership: 'BucketOwnerEnforced' });
      },
    ],
    // Keys and listings
    [
      'lists keys in the order of their bytes',
      'test_bucket_list_many',
      async () => {
        await keys('b', 'a', 'B', 'é', '😀', '\ufb01');
        assert.equal(await list(), 'B,a,b,é,\ufb01,😀');
      },
    ],
    [
      'folds by delimiter',
      'test_bucket_listv2_delimiter_basic',
      async () => {
        await keys('foo/bar', 'foo/bar/xyzzy', 'quux/thud', 'asdf');
        assert.equal(await list({ Delimiter: '/' }), 'asdf,foo/,quux/');
      },
    ],
    [
      'folds below a prefix',
      'test_bucket_list_delimiter_prefix',
      async () => {
        await keys('asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/thud');
        assert.equal(await list({ Delimiter: '/', Prefix: 'boo/' }), 'boo/bar,boo/baz/');
      },
    ],
    [
      'takes a prefix that ends with the delimiter',
      'test_bucket_listv2_delimiter_prefix_ends_with_delimiter',
      async () => {
        await keys('asdf/');
        assert.equal(await list({ Delimiter: '/', Prefix: 'asdf/' }), 'asdf/');
      },
    ],
    [
      'folds by any character',
      'test_bucket_list_delimiter_alt, test_bucket_list_delimiter_percentage, test_bucket_list_delimiter_whitespace',
      async () => {
        await keys('bar', 'b%r', 'b r', 'cab');
        assert.equal(await list({ Delimiter: 'a' }), 'b r,b%r,ba,ca');
        assert.equal(await list({ Delimiter: '%' }), 'b r,bar,cab,b%');
        assert.equal(await list({ Delimiter: ' ' }), 'b%r,bar,cab,b ');
      },
    ],
    [
      'folds by no delimiter',
      'test_bucket_list_delimiter_none, test_bucket_listv2_delimiter_not_exist',
      async () => {
        await keys('a/b', 'c');
        assert.equal(await list(), 'a/b,c');
        assert.equal(await list({ Delimiter: '#' }), 'a/b,c');
      },
    ],
    [
      'lists below a prefix',
      'test_bucket_listv2_prefix_basic, test_bucket_list_prefix_alt',
      async () => {
        await keys('foo/bar', 'foo/baz', 'quux');
        assert.equal(await list({ Prefix: 'foo/' }), 'foo/bar,foo/baz');
        assert.equal(await list({ Prefix: 'q' }), 'quux');
      },
    ],
    [
      'lists nothing below an unknown prefix',
      'test_bucket_listv2_prefix_not_exist',
      async () => {
        await keys('a');
        assert.equal(await list({ Prefix: 'd' }), '');
      },
    ],
    [
      'gives as many keys as are asked for',
      'test_bucket_listv2_maxkeys_one',
      async () => {
        await keys('a', 'b', 'c');
        const page = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
        assert.deepEqual([page.Contents?.length, page.IsTruncated, page.KeyCount], [1, true, 1]);
        assert.equal(await list({ StartAfter: 'a' }), 'b,c');
      },
    ],
    [
      'gives no key where none is asked for',
      'test_bucket_listv2_maxkeys_zero',
      async () => {
        await keys('a');
        const page = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
        assert.deepEqual([page.Contents, page.IsTruncated], [undefined, false]);
      },
    ],
    [
      'gives a thousand by default',
      'test_bucket_list_maxkeys_none',
      async () => {
        const { MaxKeys } = await sandbox.s3.send(new ListObjectsV2Command({ Bucket }));
        assert.equal(MaxKeys, 1000);
      },
    ],
    [
      'refuses a number that is none',
      'test_bucket_list_maxkeys_invalid',
      async () => {
        const answer = await wire(`/${Bucket}`, { query: { 'max-keys': 'blah' } });
        assert.match(answer.body, /<Code>InvalidArgument<\/Code>/);
      },
    ],
    [
      'continues by token',
      'test_bucket_listv2_continuationtoken',
      async () => {
        await keys('bar', 'baz', 'foo', 'quxx');
        const { NextContinuationToken } = await sandbox.s3.send(
          new ListObjectsV2Command({ Bucket, MaxKeys: 1 }),
        );
        assert.equal(await list({ ContinuationToken: NextContinuationToken }), 'baz,foo,quxx');
      },
    ],
    [
      'prefers the token to the start',
      'test_bucket_listv2_both_continuationtoken_startafter',
      async () => {
        await keys('bar', 'baz', 'foo', 'quxx');
        const { NextContinuationToken } = await sandbox.s3.send(
          new ListObjectsV2Command({ Bucket, MaxKeys: 1, StartAfter: 'bar' }),
        );
        assert.equal(await list({ ContinuationToken: NextContinuationToken, StartAfter: 'bar' }), 'foo,quxx');
      },
    ],
    [
      'starts after what is not there',
      'test_bucket_listv2_startafter_not_in_list, test_bucket_listv2_startafter_after_list',
      async () => {
        await keys('bar', 'foo');
        assert.equal(await list({ StartAfter: 'blah' }), 'foo');
        assert.equal(await list({ StartAfter: 'zzz' }), '');
      },
    ],
    [
      'starts after a marker',
      'test_bucket_list_marker_not_in_list, test_bucket_list_marker_after_list',
      async () => {
        await keys('bar', 'foo');
        assert.equal(await listV1({ Marker: 'blah' }), 'foo');
        assert.equal(await listV1({ Marker: 'zzz' }), '');
      },
    ],
    [
      'gives the next marker with a delimiter',
      'test_bucket_list_delimiter_prefix',
      async () => {
        await keys('a/1', 'b/1', 'c');
        const page = await sandbox.s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1, Delimiter: '/' }));
        assert.equal(page.NextMarker, 'a/');
        assert.equal(await listV1({ Delimiter: '/', Marker: 'a/' }), 'c,b/');
      },
    ],
    [
      'encodes keys where that is asked',
      'test_bucket_listv2_encoding_basic',
      async () => {
        await keys('foo+1/bar', 'asdf+b');
        assert.equal(await list({ EncodingType: 'url', Delimiter: '/' }), 'asdf%2Bb,foo%2B1/');
      },
    ],
    [
      'names the owner where that is asked',
      'test_bucket_listv2_fetchowner_notempty, test_bucket_listv2_fetchowner_empty',
      async () => {
        await keys('a');
        const owner = async (FetchOwner: boolean): Promise<unknown> =>
          (await sandbox.s3.send(new ListObjectsV2Command({ Bucket, FetchOwner }))).Contents?.[0]?.Owner?.ID;
        assert.deepEqual([await owner(true), await owner(false)], [sandbox.account, undefined]);
      },
    ],
    [
      'keeps keys whatever they look like',
      'test_bucket_create_special_key_names',
      async () => {
        for (const key of [
          ' ',
          '"',
          '$',
          '%',
          '&',
          "'",
          '<',
          '>',
          '_',
          '_ ',
          '_ _',
          '__',
          '../x',
          'a//b',
          '/',
          'ü\u0001',
        ])
          assert.equal((await put(key, key), await text(key)), key);
      },
    ],
    [
      'folds nothing that is special',
      'test_bucket_list_delimiter_not_skip_special',
      async () => {
        await keys('0/1', '0/2', '1999', '1999#', '1999+', '2000');
        assert.equal(await list({ Delimiter: '/' }), '1999,1999#,1999+,2000,0/');
      },
    ],
    [
      'lists versions',
      'S3 API reference, ListObjectVersions',
      async () => {
        await keys('a', 'b');
        const { Versions } = await sandbox.s3.send(new ListObjectVersionsCommand({ Bucket }));
        assert.deepEqual(
          Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
          [
            ['a', 'null', true],
            ['b', 'null', true],
          ],
        );
      },
    ],
    [
      'lists versions page by page',
      'S3 API reference, ListObjectVersions',
      async () => {
        await keys('a', 'b', 'c');
        const first = await sandbox.s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
        const next = await sandbox.s3.send(
          new ListObjectVersionsCommand({ Bucket, KeyMarker: first.NextKeyMarker }),
        );
        assert.deepEqual([first.IsTruncated, next.Versions?.map(({ Key }) => Key)], [true, ['c']]);
      },
    ],
    [
      'refuses keys over 1,024 bytes',
      'S3 user guide, object-keys',
      () => fails(put('k'.repeat(1025)), 'KeyTooLongError'),
    ],

    // Buckets
    ...[
      'a',
      'ab',
      '-abc',
      'abc-',
      'a..b',
      'a.-b',
      'a-.b',
      '192.168.5.123',
      'under_score',
      'Upper',
      'x'.repeat(64),
      'xn--abc',
    ].map((name): Check => [
      `refuses the bucket name ${name}`,
      'test_bucket_create_naming_bad_*, test_bucket_create_naming_dns_*',
      () => badName(name),
    ]),
    ...['a'.repeat(60) + '61x', '0abc', 'a.b-c'].map((name): Check => [
      `takes the bucket name ${name}`,
      'test_bucket_create_naming_good_*',
      () => create(name),
    ]),
    ['is created twice', 'test_bucket_create_exists', () => create(Bucket)],
    [
      'is not deleted with objects',
      'test_bucket_delete_nonempty',
      async () => {
        await keys('a');
        await fails(sandbox.s3.send(new DeleteBucketCommand({ Bucket })), 'BucketNotEmpty');
      },
    ],
    [
      'is not deleted where it is not there',
      'test_bucket_delete_notexist',
      () => fails(sandbox.s3.send(new DeleteBucketCommand({ Bucket: 'nothing-here' })), 'NoSuchBucket'),
    ],
    [
      'takes no object where it is not there',
      'test_object_write_to_nonexist_bucket',
      () =>
        fails(
          sandbox.s3.send(new PutObjectCommand({ Bucket: 'nothing-here', Key: 'a', Body: 'x' })),
          'NoSuchBucket',
        ),
    ],

    // Objects
    [
      'says which key is missing',
      'test_object_read_not_exist',
      async () => {
        const answer = await wire(`/${Bucket}/bar`);
        assert.match(answer.body, /<Code>NoSuchKey<\/Code>.*<Key>bar<\/Key>/);
      },
    ],
    [
      'says which bucket is missing',
      'S3 API reference, error responses',
      async () => {
        assert.match((await wire('/nothing-here/bar')).body, /<BucketName>nothing-here<\/BucketName>/);
      },
    ],
    [
      'has the MD5 as its ETag',
      'test_object_write_check_etag',
      async () => {
        const { ETag } = await put('a', 'bar');
        assert.equal(ETag, '"37b51d194a7513e45b56f6524f2d51f2"');
      },
    ],
    [
      'is written, read, updated, deleted',
      'test_object_write_read_update_read_delete',
      async () => {
        await put('a', 'bar');
        await put('a', 'soup');
        assert.equal(await text('a'), 'soup');
        await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
        await fails(get('a'), 'NoSuchKey');
      },
    ],
    [
      'may be empty',
      'test_object_head_zero_bytes',
      async () => {
        await put('a', '');
        assert.equal((await head('a')).ContentLength, 0);
      },
    ],
    [
      'keeps metadata',
      'test_object_set_get_metadata_none_to_good, test_object_metadata_replaced_on_put',
      async () => {
        await put('a', 'x', { Metadata: { meta1: 'bar' } });
        assert.deepEqual((await head('a')).Metadata, { meta1: 'bar' });
        await put('a', 'x');
        assert.deepEqual((await head('a')).Metadata, {});
      },
    ],
    [
      'keeps Cache-Control and Expires',
      'test_object_write_cache_control, test_object_write_expires',
      async () => {
        const Expires = new Date('2030-01-01T00:00:00Z');
        await put('a', 'x', { CacheControl: 'public, max-age=14400', Expires });
        const { CacheControl, ExpiresString } = await head('a');
        assert.deepEqual([CacheControl, ExpiresString], ['public, max-age=14400', Expires.toUTCString()]);
      },
    ],
    [
      'is deleted where it is not there',
      'test_multi_object_delete',
      async () => {
        const { $metadata } = await sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }));
        assert.equal($metadata.httpStatusCode, 204);
      },
    ],
    [
      'is deleted with others',
      'test_multi_object_delete',
      async () => {
        await keys('a', 'b', 'c');
        const Objects = ['a', 'b', 'nothing'].map((Key) => ({ Key }));
        const { Deleted } = await sandbox.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        assert.deepEqual([Deleted?.length, await list()], [3, 'c']);
      },
    ],
    [
      'is deleted with at most 1,000',
      'test_multi_object_delete_key_limit',
      () => {
        const Objects = Array.from({ length: 1001 }, (_, n) => ({ Key: `k${n}` }));
        return fails(
          sandbox.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })),
          'MalformedXML',
        );
      },
    ],
    [
      'is written through a signed URL',
      'test_object_raw_put_authenticated_expired',
      async () => {
        const target = presign(sandbox.endpoint, sandbox, { method: 'PUT', path: `/${Bucket}/signed` }, 60);
        const answer = await fetch(target, { method: 'PUT', body: 'x' });
        assert.deepEqual([answer.status, await text('signed')], [200, 'x']);
      },
    ],
    [
      'tells its attributes',
      'S3 API reference, GetObjectAttributes',
      async () => {
        await put('a', 'bar', { ChecksumAlgorithm: 'SHA256' });
        const { ETag, ObjectSize, StorageClass, Checksum } = await sandbox.s3.send(
          new GetObjectAttributesCommand({
            Bucket,
            Key: 'a',
            ObjectAttributes: ['ETag', 'ObjectSize', 'StorageClass', 'Checksum'],
          }),
        );
        assert.deepEqual(
          [ETag, ObjectSize, StorageClass, Checksum?.ChecksumSHA256],
          [
            '37b51d194a7513e45b56f6524f2d51f2',
            3,
            'STANDARD',
            createHash('sha256').update('bar').digest('base64'),
          ],
        );
      },
    ],
    [
      'has at most ten tags',
      'test_put_max_tags, test_put_excess_tags',
      async () => {
        const tags = (count: number) =>
          Array.from({ length: count }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
        await put('a');
        const tag = (count: number): Promise<unknown> =>
          sandbox.s3.send(
            new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: tags(count) } }),
          );
        await tag(10);
        await fails(tag(11), 'BadRequest');
        assert.equal(
          (await sandbox.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).TagSet?.length,
          10,
        );
      },
    ],
    [
      'has tags of at most 128 and 256 characters',
      'test_put_max_kvsize_tags, test_put_excess_key_tags, test_put_excess_val_tags',
      async () => {
        await put('a');
        const tag = (Key: string, Value: string): Promise<unknown> =>
          sandbox.s3.send(
            new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [{ Key, Value }] } }),
          );
        await tag('k'.repeat(128), 'v'.repeat(256));
        await fails(tag('k'.repeat(129), 'v'), 'InvalidTag');
        await fails(tag('k', 'v'.repeat(257)), 'InvalidTag');
        await fails(tag('aws:k', 'v'), 'InvalidTag');
      },
    ],
    [
      'is written with tags',
      'test_put_obj_with_tags',
      async () => {
        await put('a', 'x', { Tagging: 'foo=bar&bar' });
        const { TagSet } = await sandbox.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }));
        assert.deepEqual(TagSet, [
          { Key: 'foo', Value: 'bar' },
          { Key: 'bar', Value: '' },
        ]);
      },
    ],

    // Ranges
    ...(
      [
        ['bytes=4-7', 'test_ranged_request_response_code', 'bytes 4-7/11', 'cont'],
        ['bytes=4-', 'test_ranged_request_skip_leading_bytes_response_code', 'bytes 4-10/11', 'content'],
        ['bytes=-7', 'test_ranged_request_return_trailing_bytes_response_code', 'bytes 4-10/11', 'content'],
        ['bytes=0-999', 'test_ranged_big_request_response_code', 'bytes 0-10/11', 'testcontent'],
        [
          'bytes=-999',
          'test_ranged_request_return_trailing_bytes_response_code',
          'bytes 0-10/11',
          'testcontent',
        ],
      ] as const
    ).map(([Range, foreign, contentRange, expected]): Check => [
      `reads ${Range}`,
      foreign,
      async () => {
        await put('a', 'testcontent');
        const answer = await get('a', { Range });
        assert.deepEqual(
          [answer.ContentRange, answer.$metadata.httpStatusCode, await answer.Body?.transformToString()],
          [contentRange, 206, expected],
        );
      },
    ]),
    [
      'refuses a range beyond the end, with the size',
      'test_ranged_request_invalid_range',
      async () => {
        await put('a', 'testcontent');
        const answer = await wire(`/${Bucket}/a`, { headers: { range: 'bytes=40-50' } });
        assert.equal(answer.status, 416);
        assert.match(answer.body, /<ActualObjectSize>11<\/ActualObjectSize>/);
      },
    ],
    [
      'refuses a range of an empty object',
      'test_ranged_request_empty_object',
      async () => {
        await put('a', '');
        await fails(get('a', { Range: 'bytes=40-50' }), 'InvalidRange');
      },
    ],
    [
      'reads all for what is no range',
      'RFC 9110, 14.2',
      async () => {
        await put('a', 'testcontent');
        assert.equal(await text('a', { Range: 'lines=1-2' }), 'testcontent');
      },
    ],

    // Conditions
    [
      'If-Match holds',
      'test_get_object_ifmatch_good',
      async () => {
        const { ETag } = await put('a', 'bar');
        assert.equal(await text('a', { IfMatch: ETag }), 'bar');
      },
    ],
    [
      'If-Match fails',
      'test_get_object_ifmatch_failed',
      async () => {
        await put('a');
        await fails(get('a', { IfMatch: '"ABCORZ"' }), 'PreconditionFailed');
      },
    ],
    [
      'If-None-Match holds',
      'test_get_object_ifnonematch_good',
      async () => {
        const { ETag } = await put('a');
        await assert.rejects(
          get('a', { IfNoneMatch: ETag }),
          (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode === 304,
        );
      },
    ],
    [
      'If-None-Match fails',
      'test_get_object_ifnonematch_failed',
      async () => {
        await put('a', 'bar');
        assert.equal(await text('a', { IfNoneMatch: '"ABCORZ"' }), 'bar');
      },
    ],
    [
      'If-Modified-Since long ago',
      'test_get_object_ifmodifiedsince_good',
      async () => {
        await put('a', 'bar');
        assert.equal(await text('a', { IfModifiedSince: new Date('1994-10-29') }), 'bar');
      },
    ],
    [
      'If-Modified-Since then',
      'test_get_object_ifmodifiedsince_failed',
      async () => {
        await put('a');
        const { LastModified } = await head('a');
        await assert.rejects(
          get('a', { IfModifiedSince: LastModified }),
          (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode === 304,
        );
      },
    ],
    [
      'If-Unmodified-Since long ago',
      'test_get_object_ifunmodifiedsince_good',
      async () => {
        await put('a');
        await fails(get('a', { IfUnmodifiedSince: new Date('1994-10-29') }), 'PreconditionFailed');
      },
    ],
    [
      'If-Unmodified-Since in time',
      'test_get_object_ifunmodifiedsince_failed',
      async () => {
        await put('a', 'bar');
        assert.equal(await text('a', { IfUnmodifiedSince: new Date('2100-10-29') }), 'bar');
      },
    ],
    [
      'replaces only this',
      'test_put_object_ifmatch_good, test_put_object_ifmatch_failed',
      async () => {
        const { ETag } = await put('a', 'bar');
        await put('a', 'zar', { IfMatch: ETag });
        await fails(put('a', 'nar', { IfMatch: ETag }), 'PreconditionFailed');
        assert.equal(await text('a'), 'zar');
      },
    ],
    [
      'replaces nothing that is not there',
      'test_put_object_ifmatch_nonexisted_failed',
      () => fails(put('a', 'x', { IfMatch: '*' }), 'NoSuchKey'),
    ],
    [
      'writes only what is not there',
      'test_put_object_ifnonmatch_nonexisted_good, test_put_object_ifnonmatch_overwrite_existed_failed',
      async () => {
        await put('a', 'bar', { IfNoneMatch: '*' });
        await fails(put('a', 'zar', { IfNoneMatch: '*' }), 'PreconditionFailed');
        assert.equal(await text('a'), 'bar');
      },
    ],
    [
      'copies where the source matches',
      'test_copy_object_ifmatch_good, test_copy_object_ifmatch_failed',
      async () => {
        const { ETag } = await put('a', 'bar');
        await copy('b', 'a', { CopySourceIfMatch: ETag });
        await fails(copy('c', 'a', { CopySourceIfMatch: '"ABCORZ"' }), 'PreconditionFailed');
        assert.equal(await list(), 'a,b');
      },
    ],

    // Copies
    [
      'copies',
      'test_object_copy_same_bucket, test_object_copy_zero_size',
      async () => {
        await put('a', 'foo');
        await put('empty', '');
        await copy('b', 'a');
        await copy('c', 'empty');
        assert.deepEqual([await text('b'), await text('c')], ['foo', '']);
      },
    ],
    [
      'copies the content type',
      'test_object_copy_verify_contenttype',
      async () => {
        await put('a', 'foo', { ContentType: 'text/bla' });
        await copy('b', 'a');
        assert.equal((await head('b')).ContentType, 'text/bla');
      },
    ],
    [
      'copies nothing onto itself',
      'test_object_copy_to_itself',
      async () => {
        await put('a');
        await fails(copy('a', 'a'), 'InvalidRequest');
      },
    ],
    [
      'copies onto itself with other metadata',
      'test_object_copy_to_itself_with_metadata',
      async () => {
        await put('a', 'x');
        await copy('a', 'a', { Metadata: { foo: 'bar' }, MetadataDirective: 'REPLACE' });
        assert.deepEqual((await head('a')).Metadata, { foo: 'bar' });
      },
    ],
    [
      'keeps metadata',
      'test_object_copy_retaining_metadata',
      async () => {
        await put('a', 'x', { Metadata: { key1: 'value1' } });
        await copy('b', 'a');
        assert.deepEqual((await head('b')).Metadata, { key1: 'value1' });
      },
    ],
    [
      'replaces metadata',
      'test_object_copy_replacing_metadata',
      async () => {
        await put('a', 'x', { Metadata: { key1: 'value1' } });
        await copy('b', 'a', { Metadata: { key2: 'value2' }, MetadataDirective: 'REPLACE' });
        assert.deepEqual((await head('b')).Metadata, { key2: 'value2' });
      },
    ],
    [
      'finds no source',
      'test_object_copy_bucket_not_found, test_object_copy_key_not_found',
      async () => {
        await fails(copy('b', 'nothing'), 'NoSuchKey');
        await fails(copy('b', 'x', { CopySource: 'nothing-here/x' }), 'NoSuchBucket');
      },
    ],

    // Multipart
    [
      'takes no upload without parts',
      'test_multipart_upload_empty',
      async () => {
        const id = await begin('a');
        await fails(complete('a', id, []), 'MalformedXML');
      },
    ],
    [
      'takes a small upload',
      'test_multipart_upload_small',
      async () => {
        const id = await begin('a');
        await complete('a', id, [await part('a', id, 1, Buffer.from('1'))]);
        assert.equal((await head('a')).ContentLength, 1);
      },
    ],
    [
      'joins parts in their order',
      'test_multipart_upload, test_multipart_upload_contents',
      async () => {
        const id = await begin('a', { ContentType: 'text/bla', Metadata: { foo: 'bar' } });
        const [second, first] = [await part('a', id, 2, Buffer.from('end')), await part('a', id, 1, big)];
        await complete('a', id, [first, second]);
        const { ContentLength, ContentType, Metadata, ETag } = await head('a');
        assert.deepEqual(
          [ContentLength, ContentType, Metadata],
          [big.length + 3, 'text/bla', { foo: 'bar' }],
        );
        assert.match(ETag!, /-2"$/);
      },
    ],
    [
      'takes a part again',
      'test_multipart_upload_resend_part',
      async () => {
        const id = await begin('a');
        await part('a', id, 1, Buffer.from('old'));
        await complete('a', id, [await part('a', id, 1, Buffer.from('new'))]);
        assert.equal(await text('a'), 'new');
      },
    ],
    [
      'refuses parts under 5 MiB',
      'test_multipart_upload_size_too_small',
      async () => {
        const id = await begin('a');
        const parts = [await part('a', id, 1, Buffer.from('1')), await part('a', id, 2, Buffer.from('2'))];
        await fails(complete('a', id, parts), 'EntityTooSmall');
      },
    ],
    [
      'refuses a part that is missing',
      'test_multipart_upload_missing_part',
      async () => {
        const id = await begin('a');
        const { ETag } = await part('a', id, 1, Buffer.from('1'));
        await fails(complete('a', id, [{ ETag, PartNumber: 9999 }]), 'InvalidPart');
      },
    ],
    [
      'refuses a wrong ETag',
      'test_multipart_upload_incorrect_etag',
      async () => {
        const id = await begin('a');
        await part('a', id, 1, Buffer.from('1'));
        await fails(
          complete('a', id, [{ ETag: '"ffffffffffffffffffffffffffffffff"', PartNumber: 1 }]),
          'InvalidPart',
        );
      },
    ],
    [
      'refuses parts out of order',
      'S3 API reference, CompleteMultipartUpload',
      async () => {
        const id = await begin('a');
        const parts = [await part('a', id, 1, big), await part('a', id, 2, big)];
        await fails(complete('a', id, parts.toReversed()), 'InvalidPartOrder');
      },
    ],
    [
      'replaces an object',
      'test_multipart_upload_overwrite_existing_object',
      async () => {
        await put('a', 'old');
        const id = await begin('a');
        await complete('a', id, [await part('a', id, 1, Buffer.from('new'))]);
        assert.equal(await text('a'), 'new');
      },
    ],
    [
      'is aborted',
      'test_abort_multipart_upload',
      async () => {
        const id = await begin('a');
        await part('a', id, 1, big);
        await sandbox.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'a', UploadId: id }));
        await fails(
          sandbox.s3.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId: id })),
          'NoSuchUpload',
        );
        assert.equal(await list(), '');
      },
    ],
    [
      'aborts nothing that is not there',
      'test_abort_multipart_upload_not_found',
      () =>
        fails(
          sandbox.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'a', UploadId: 'nothing' })),
          'NoSuchUpload',
        ),
    ],
    [
      'lists uploads',
      'test_list_multipart_upload',
      async () => {
        const ids = [await begin('a'), await begin('b')];
        const { Uploads } = await sandbox.s3.send(new ListMultipartUploadsCommand({ Bucket }));
        assert.deepEqual(Uploads?.map(({ UploadId }) => UploadId).sort(), ids.sort());
      },
    ],
    [
      'reads a part',
      'test_multipart_get_part, test_non_multipart_get_part',
      async () => {
        const id = await begin('a');
        await complete('a', id, [await part('a', id, 1, big), await part('a', id, 2, Buffer.from('end'))]);
        assert.equal(await text('a', { PartNumber: 2 }), 'end');
        assert.equal((await head('a', { PartNumber: 1 })).PartsCount, 2);
        await fails(get('a', { PartNumber: 3 }), 'InvalidPartNumber');
      },
    ],
    [
      'copies parts',
      'test_multipart_copy_small, test_multipart_copy_without_range, test_multipart_copy_special_names',
      async () => {
        await put('__ ?&', 'testcontent');
        const id = await begin('a');
        const source = {
          Bucket,
          Key: 'a',
          UploadId: id,
          CopySource: `${Bucket}/${encodeURIComponent('__ ?&')}`,
        };
        const { CopyPartResult } = await sandbox.s3.send(
          new UploadPartCopyCommand({ ...source, PartNumber: 1, CopySourceRange: 'bytes=4-10' }),
        );
        await complete('a', id, [{ ETag: CopyPartResult!.ETag!, PartNumber: 1 }]);
        assert.equal(await text('a'), 'content');
      },
    ],
    [
      'copies no part beyond the end',
      'test_multipart_copy_invalid_range, test_multipart_copy_improper_range',
      async () => {
        await put('b', 'hello');
        const id = await begin('a');
        for (const CopySourceRange of ['bytes=0-21', '0-2', 'bytes=0', 'bytes=hello-world'])
          await fails(
            sandbox.s3.send(
              new UploadPartCopyCommand({
                Bucket,
                Key: 'a',
                UploadId: id,
                PartNumber: 1,
                CopySource: `${Bucket}/b`,
                CopySourceRange,
              }),
            ),
            'InvalidArgument',
          );
      },
    ],
    [
      'gives the same answer where its answer was lost',
      'test_multipart_upload_complete_without_create; botocore and aws-cli retries',
      async () => {
        const id = await begin('a');
        const parts = [await part('a', id, 1, Buffer.from('x'))];
        const [one, two] = [await complete('a', id, parts), await complete('a', id, parts)];
        assert.deepEqual(
          [one.ETag, one.Location, one.ChecksumCRC64NVME],
          [two.ETag, two.Location, two.ChecksumCRC64NVME],
        );
      },
    ],
    [
      'completes only where nothing is there',
      'test_multipart_put_current_object_if_none_match',
      async () => {
        await put('a');
        const id = await begin('a');
        const parts = [await part('a', id, 1, Buffer.from('x'))];
        await fails(complete('a', id, parts, { IfNoneMatch: '*' }), 'PreconditionFailed');
      },
    ],

    // Races
    [
      'a reader sees the whole old or the whole new',
      'test_atomic_read_1mb, test_atomic_read_8mb',
      async () => {
        await put('a', Buffer.alloc(2 * mib, 'A'));
        const { Body } = await get('a');
        await put('a', Buffer.alloc(2 * mib, 'B'));
        const old = await Body!.transformToString();
        assert.deepEqual([old.length, new Set(old)], [2 * mib, new Set('A')]);
      },
    ],
    [
      'of two writers one wins as a whole',
      'test_atomic_dual_write_1mb, test_atomic_dual_write_8mb',
      async () => {
        await Promise.all(['A', 'B', 'C'].map((letter) => put('a', Buffer.alloc(mib, letter))));
        const found = await text('a');
        assert.deepEqual([found.length, new Set(found).size], [mib, 1]);
      },
    ],
    [
      'of ten who write only what is not there, one does',
      'test_atomic_dual_conditional_write_1mb',
      async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 10 }, (_, n) => put('a', String(n), { IfNoneMatch: '*' })),
        );
        assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      },
    ],
    [
      'a bucket that goes takes no object any more',
      'test_atomic_write_bucket_gone, test_object_delete_key_bucket_gone',
      async () => {
        await sandbox.s3.send(new DeleteBucketCommand({ Bucket }));
        await fails(put('a'), 'NoSuchBucket');
        await fails(sandbox.s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' })), 'NoSuchBucket');
      },
    ],
    [
      'the part that ends last counts',
      'test_multipart_resend_first_finishes_last',
      async () => {
        const id = await begin('a');
        const [, second] = await Promise.all([
          part('a', id, 1, Buffer.alloc(mib, 'A')),
          part('a', id, 1, Buffer.from('B')),
        ]);
        const { Parts } = await sandbox.s3.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId: id }));
        await complete('a', id, [{ ETag: Parts![0]!.ETag!, PartNumber: 1 }]);
        assert.ok(['A', 'B'].includes((await text('a'))[0]!), second.ETag);
      },
    ],

    // Documents
    ...(
      [
        ['without a filter', { Expiration: { Days: 1 } }, 'MalformedXML'],
        [
          'with a filter and a prefix',
          { Filter: { Prefix: '' }, Prefix: '', Expiration: { Days: 1 } },
          'MalformedXML',
        ],
        ['without an action', { Filter: { Prefix: '' } }, 'InvalidRequest'],
        ['with zero days', { Filter: { Prefix: '' }, Expiration: { Days: 0 } }, 'InvalidArgument'],
        [
          'with days and a date',
          { Filter: { Prefix: '' }, Expiration: { Days: 1, Date: new Date('2030-01-01') } },
          'MalformedXML',
        ],
        [
          'with a date that is no midnight',
          { Filter: { Prefix: '' }, Expiration: { Date: new Date('2030-01-01T01:00:00Z') } },
          'InvalidArgument',
        ],
        [
          'with an Id of 256 characters',
          { ID: 'x'.repeat(256), Filter: { Prefix: '' }, Expiration: { Days: 1 } },
          'InvalidArgument',
        ],
      ] as const
    ).map(([what, rule, name]): Check => [
      `refuses a lifecycle rule ${what}`,
      'test_lifecycle_set_invalid_date, test_lifecycle_id_too_long, test_lifecycle_expiration_days0',
      () =>
        fails(
          sandbox.s3.send(
            new PutBucketLifecycleConfigurationCommand({
              Bucket,
              LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ...rule }] },
            }),
          ),
          name,
        ),
    ]),
    [
      'refuses two lifecycle rules with one Id',
      'test_lifecycle_same_id',
      () => {
        const rule = {
          ID: 'one',
          Status: 'Enabled',
          Filter: { Prefix: '' },
          Expiration: { Days: 1 },
        } as const;
        return fails(
          sandbox.s3.send(
            new PutBucketLifecycleConfigurationCommand({
              Bucket,
              LifecycleConfiguration: { Rules: [rule, rule] },
            }),
          ),
          'InvalidArgument',
        );
      },
    ],
  ];

  type Refusal = readonly [
    what: string,
    request: Omit<RawRequest, 'path'> & { readonly path?: string; readonly keys?: Partial<Keys> },
    code: string,
    details: Readonly<Record<string, RegExp>>,
  ];

  const refusals: readonly Refusal[] = [
    ...(
      [
        ['lifecycle', 'NoSuchLifecycleConfiguration'],
        ['policy', 'NoSuchBucketPolicy'],
        ['policyStatus', 'NoSuchBucketPolicy'],
        ['tagging', 'NoSuchTagSet'],
      ] as const
    ).map(([name, code]): Refusal => [
      `a missing document: ${name}`,
      { query: { [name]: '' } },
      code,
      { BucketName: /^conformance-\d+$/ },
    ]),
    ...(
      [
        ['max-keys', 'x'],
        ['encoding-type', 'x'],
        ['continuation-token', 'x'],
      ] as const
    ).map(([name, value]): Refusal => [
      `an argument: ${name}`,
      { query: { 'list-type': '2', [name]: value } },
      'InvalidArgument',
      { ArgumentName: new RegExp(`^${name}$`), ArgumentValue: /^x$/ },
    ]),
    ...(
      [
        ['x-amz-copy-source', 'nonsense'],
        ['x-amz-server-side-encryption', 'ROT13'],
        ['x-amz-server-side-encryption-aws-kms-key-id', 'a-key'],
      ] as const
    ).map(([name, value]): Refusal => [
      `a header: ${name}`,
      { method: 'PUT', path: '/key', headers: { [name]: value } },
      'InvalidArgument',
      { ArgumentName: new RegExp(`^${name}$`), ArgumentValue: new RegExp(`^${value}$`) },
    ]),
    [
      'a storage class',
      { method: 'PUT', path: '/key', headers: { 'x-amz-storage-class': 'WARM' } },
      'InvalidStorageClass',
      { StorageClassRequested: /^WARM$/ },
    ],
    [
      'a tag',
      { method: 'PUT', path: '/key', headers: { 'x-amz-tagging': 'aws:x=1' } },
      'InvalidTag',
      { TagKey: /^aws:x$/ },
    ],
    [
      'a Content-MD5',
      { method: 'PUT', path: '/key', headers: { 'content-md5': 'short' } },
      'InvalidDigest',
      { 'Content-MD5': /^short$/ },
    ],
    [
      'a signature',
      { keys: { secretAccessKey: 'wrong' } },
      'SignatureDoesNotMatch',
      {
        AWSAccessKeyId: /^\w+$/,
        StringToSign: /^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/,
        StringToSignBytes: /^41 57 53 34 /,
        SignatureProvided: /^[0-9a-f]{64}$/,
        CanonicalRequest: /^GET\n\/conformance-\d+\n/,
        CanonicalRequestBytes: /^47 45 54 0a /,
      },
    ],
    [
      'a key',
      { keys: { accessKeyId: 'AKIAWRONG' } },
      'InvalidAccessKeyId',
      { AWSAccessKeyId: /^AKIAWRONG$/ },
    ],
    [
      'a clock',
      { date: new Date(0) },
      'RequestTimeTooSkewed',
      {
        RequestTime: /^19700101T000000Z$/,
        ServerTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        MaxAllowedSkewMilliseconds: /^900000$/,
      },
    ],
  ];

  for (const [what, { path = '', keys, ...request }, code, details] of refusals) {
    it(`says what it refuses: ${what} [S3 API reference, Error responses]`, async () => {
      const { body } = await sendSigned(
        sandbox.endpoint,
        { ...sandbox, ...keys },
        { service: 's3', path: `/${Bucket}${path}`, ...request },
      );
      const elements = Object.entries({ Code: new RegExp(`^${code}$`), ...details });
      for (const [name, value] of elements) {
        const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]?.replaceAll('&#10;', '\n');
        assert.match(text ?? `no ${name} in ${body}`, value);
      }
      assert.match(body, /<Resource>[^<]+<\/Resource><RequestId>[^<]+<\/RequestId><HostId>/);
    });
  }

  /** Headers without an effect here would store, return or delete something else than the client asked for. */
  const otherHeaders: readonly (readonly [name: string, value: string, code: string])[] = [
    ['x-amz-object-lock-mode', 'GOVERNANCE', 'NotImplemented'],
    ['x-amz-object-lock-legal-hold', 'ON', 'NotImplemented'],
    ['x-amz-grant-read', 'id="1"', 'AccessControlListNotSupported'],
    ['x-amz-write-offset-bytes', '1', 'NotImplemented'],
    ['x-amz-server-side-encryption-context', 'e30=', 'NotImplemented'],
    ['x-amz-server-side-encryption-customer-algorithm', 'AES256', 'NotImplemented'],
    ['x-amz-if-match-size', '5', 'NotImplemented'],
  ];
  for (const [name, value, code] of otherHeaders) {
    for (const method of ['PUT', 'DELETE'] as const) {
      it(`doesn't ignore ${name} of ${method} [S3 API reference, PutObject and DeleteObject]`, async () => {
        await put('key', 'before');
        const { body } = await sendSigned(sandbox.endpoint, sandbox, {
          service: 's3',
          method,
          path: `/${Bucket}/key`,
          headers: { [name]: value },
          ...(method === 'PUT' && { body: 'after' }),
        });
        assert.match(body, new RegExp(`<Code>${code}</Code>`));
        assert.equal(await text('key'), 'before');
      });
    }
  }

  it("says that it doesn't serve forms [test_post_object_*]", async () => {
    const response = await fetch(`${sandbox.endpoint}/${Bucket}`, { method: 'POST', body: new FormData() });
    assert.equal(response.status, 501);
    assert.match(await response.text(), /<Code>NotImplemented<\/Code><Message>[^<]*forms/);
  });

  for (const [what, foreign, run] of checks) {
    it(`${what} [${foreign}]`, async () => {
      await run();
    });
  }
});
