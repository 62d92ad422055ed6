import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { KeyIndex, compareKeys } from '../../../src/sandbox/s3/keys.ts';
import { listPage } from '../../../src/sandbox/s3/listing.ts';
import type { StoredObject } from '../../../src/sandbox/s3/model.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { errorCode, sendSigned } from '../../support/signedRequest.ts';

const Bucket = 'listing';

describe('S3 listings', () => {
  let sandbox: TestSandbox;
  const keys = ['a/', 'a/1', 'a/2/x', 'a/2/y', 'a0', 'b', 'b/1', 'c d+e&<f>/ü', '\ud83d\ude00', '\uffee'];
  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of keys) await sandbox.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  });
  after(() => sandbox.close());

  /** Everything of a listing, in pages of `MaxKeys`. */
  async function list(
    more: Partial<ListObjectsV2CommandInput>,
  ): Promise<{ keys: string[]; prefixes: string[] }> {
    const found = { keys: [] as string[], prefixes: [] as string[] };
    let ContinuationToken: string | undefined;
    do {
      const page = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken, ...more }));
      found.keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
      assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
      assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  for (const MaxKeys of [1, 2, 3, 1000]) {
    it(`are in byte order, in pages of ${MaxKeys}`, async () => {
      assert.deepEqual(await list({ MaxKeys }), { keys: byBytes, prefixes: [] });
    });

    it(`group by a delimiter, in pages of ${MaxKeys}`, async () => {
      assert.deepEqual(await list({ MaxKeys, Delimiter: '/' }), {
        keys: ['a0', 'b', '\uffee', '\ud83d\ude00'],
        prefixes: ['a/', 'b/', 'c d+e&<f>/'],
      });
      assert.deepEqual(await list({ MaxKeys, Delimiter: '/', Prefix: 'a/' }), {
        keys: ['a/', 'a/1'],
        prefixes: ['a/2/'],
      });
      assert.deepEqual(await list({ MaxKeys, Delimiter: '/2/' }), {
        keys: byBytes.filter((key) => !key.startsWith('a/2/')),
        prefixes: ['a/2/'],
      });
    });
  }

  it('start after a key, and within a prefix', async () => {
    assert.deepEqual((await list({ StartAfter: 'b' })).keys, byBytes.slice(byBytes.indexOf('b') + 1));
    assert.deepEqual((await list({ StartAfter: 'a/1', Prefix: 'a/' })).keys, ['a/2/x', 'a/2/y']);
    assert.deepEqual((await list({ Prefix: 'none' })).keys, []);
    assert.deepEqual((await list({ Prefix: 'a/', StartAfter: 'zzz' })).keys, []);
  });

  it('can be empty', async () => {
    const page = await sandbox.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    assert.deepEqual([page.KeyCount, page.IsTruncated], [0, false]);
  });

  it('describe each object', async () => {
    const { Contents } = await sandbox.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'b', FetchOwner: true }),
    );
    const [object] = Contents ?? [];
    assert.deepEqual(
      [object?.ETag, object?.Size, object?.StorageClass, object?.ChecksumAlgorithm, object?.Owner?.ID],
      ['"9dd4e461268c8034f5c8564e155c67a6"', 1, 'STANDARD', ['CRC32'], sandbox.account],
    );
  });

  it('are URL-encoded on request', async () => {
    const { Contents, Prefix } = await sandbox.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'c d+', EncodingType: 'url' }),
    );
    assert.equal(Prefix, 'c+d%2B');
    assert.equal(Contents?.[0]?.Key, 'c+d%2Be%26%3Cf%3E/%C3%BC');
  });

  it('continue by marker in version 1', async () => {
    const seen: string[] = [];
    let Marker: string | undefined;
    for (;;) {
      const page = await sandbox.s3.send(
        new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 1, Marker }),
      );
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
      if (page.IsTruncated !== true) break;
      Marker = page.NextMarker;
    }
    assert.deepEqual(seen, ['a/', 'a0', 'b', 'b/', 'c d+e&<f>/', '\uffee', '\ud83d\ude00']);
    const plain = await sandbox.s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }));
    assert.equal(plain.NextMarker, undefined);
  });

  for (const query of [
    { 'list-type': '2', 'max-keys': 'many' },
    { 'list-type': '2', 'max-keys': '-1' },
    { 'list-type': '2', 'encoding-type': 'base64' },
    { 'list-type': '2', 'continuation-token': 'odd' },
  ]) {
    it(`reject ${JSON.stringify(query)}`, async () => {
      const request = { path: `/${Bucket}`, query: query as unknown as Record<string, string> };
      const answer = await sendSigned(sandbox.endpoint, sandbox, request);
      assert.deepEqual([answer.status, errorCode(answer)], [400, 'InvalidArgument']);
    });
  }
});

describe('The index of keys', () => {
  it('orders as UTF-8 does', () => {
    const samples = [
      '',
      'a',
      'aa',
      'b',
      'é',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\ud800\udc00',
      '\udbff\udfff',
      'a\uffff',
      'a\ud800\udc00',
    ];
    for (const a of samples) {
      for (const b of samples) {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        assert.equal(Math.sign(compareKeys(a, b)), expected, JSON.stringify([a, b]));
      }
    }
  });

  it('lists a page out of 100,000 keys in no time', () => {
    const index = new KeyIndex<StoredObject>();
    const object = {} as StoredObject;
    for (let number = 0; number < 100_000; number += 1) {
      const shuffled = String((number * 7919) % 100_000).padStart(5, '0');
      index.set(`folder-${shuffled.slice(0, 2)}/${shuffled}`, object);
    }
    const query = { prefix: '', delimiter: '', after: '', limit: 1000 };
    listPage(index, query);
    const begun = performance.now();
    let after: string | undefined = '';
    let pages = 0;
    while (after !== undefined) {
      after = listPage(index, { ...query, after }).next;
      pages += 1;
    }
    assert.equal(pages, 100);
    assert.equal(listPage(index, { ...query, delimiter: '/' }).prefixes.length, 100);
    index.set('folder-50/new', object);
    index.delete('folder-50/50000');
    assert.equal(index.at(index.after('folder-50/49999')), 'folder-50/50001');
    assert.equal(index.at(index.after('folder-50/50999')), 'folder-50/new');
    assert.ok(performance.now() - begun < 1000);
  });
});
