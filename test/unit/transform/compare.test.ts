import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import type { CompareOptions } from '../../../src/endpoints/transform/compare.ts';
import type { Comparison } from '../../../src/endpoints/transform/comparisonResult.ts';
import { compareFiles } from '../../../src/endpoints/transform/compare.ts';
import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import { comparisonDocument } from '../../../src/endpoints/transform/resultDocuments.ts';
import { gzipped, inFolder, textOfDocument } from './files.ts';

type Content = readonly [name: string, content: string | Uint8Array];

function compared(
  before: Content,
  after: Content,
  options: Partial<CompareOptions> = {},
): Promise<Comparison> {
  return inFolder(async (folder) =>
    compareFiles({
      before: await folder.write(`before-${before[0]}`, before[1]),
      after: await folder.write(`after-${after[0]}`, after[1]),
      ...options,
    }),
  );
}

const ndjson = (...lines: readonly object[]): Content => [
  'a.ndjson',
  lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
];
const countsOf = ({ added, removed, changed, unchanged }: Comparison): readonly number[] => [
  added,
  removed,
  changed,
  unchanged,
];

describe('comparison of audiences', () => {
  it('finds what was added, removed and changed, and in which attributes', async () => {
    const result = await compared(
      ['a.csv', 'Id,Address,Attributes.a,Attributes.a\n1,a,x,y\n2,b,,\n3,c,z,\n4,d,,\n'],
      ['a.csv', 'Address,Id,User.UserId,Attributes.a\nb,2,,\nC,3,u,\na,1,,x\ne,5,,\n'],
    );
    assert.equal(result.by, 'id');
    assert.deepEqual(countsOf(result), [1, 1, 2, 1]);
    assert.deepEqual(result.attributes, [
      { path: 'Attributes.a', added: 0, removed: 1, changed: 1 },
      { path: 'Address', added: 0, removed: 0, changed: 1 },
      { path: 'User.UserId', added: 1, removed: 0, changed: 0 },
    ]);
    assert.equal(result.attributesOf, 2);
    assert.deepEqual(result.examples, {
      added: [{ key: '5', line: 5 }],
      removed: [{ key: '4', line: 5 }],
      changed: [
        {
          key: '3',
          lineBefore: 4,
          lineAfter: 3,
          differences: [
            { path: 'Address', before: ['c'], after: ['C'] },
            { path: 'Attributes.a', before: ['z'], after: [] },
            { path: 'User.UserId', before: [], after: ['u'] },
          ],
        },
        {
          key: '1',
          lineBefore: 2,
          lineAfter: 4,
          differences: [{ path: 'Attributes.a', before: ['x', 'y'], after: ['x'] }],
        },
      ],
    });
  });

  it('recognizes the same value in another form', async () => {
    const result = await compared(
      [
        'a.csv',
        '\uFEFF"Id",Address,Attributes.i,Attributes.i,Metrics.m,Location.Latitude\r\nA1,"a,b",y,x,+1.50,1e1\r\n',
      ],
      ndjson({
        Location: { Latitude: 10.0 },
        Metrics: { m: 1.5 },
        Attributes: { i: ['x', 'y'], none: [] },
        Address: 'a,b',
        Id: 'a1',
        OptOut: null,
        User: {},
      }),
    );
    assert.deepEqual(countsOf(result), [0, 0, 0, 1]);
  });

  it('finds no difference between a file and its conversion, in either order', async () => {
    await inFolder(async (folder) => {
      const rows = Array.from({ length: 500 }, (_, index) =>
        [
          `${index}`,
          `"a ""${index % 7}"", b"`,
          index % 3 ? `${index}.50` : '',
          `+${index}`,
          'é',
          index % 2 ? 'x' : '',
        ].join(),
      );
      const header = 'Id,Address,Location.Latitude,Metrics.m,Attributes.a,Attributes.a';
      const csv = await folder.write('a.csv', [header, ...rows].join('\r\n'));
      const { outputs } = await convertFile({ source: csv });
      const converted = outputs[0]!.path;
      assert.deepEqual(countsOf(await compareFiles({ before: csv, after: converted })), [0, 0, 0, 500]);
      assert.deepEqual(countsOf(await compareFiles({ before: converted, after: csv })), [0, 0, 0, 500]);
    });
  });

  it('distinguishes numbers by their last digit, and texts by every character', async () => {
    const result = await compared(
      [
        'a.ndjson',
        '{"Id":"1","Metrics":{"m":12345678901234567890}}\n{"Id":"2","Attributes":{"a":["1.0"]}}\n',
      ],
      ['a.ndjson', '{"Id":"1","Metrics":{"m":12345678901234567891}}\n{"Id":"2","Attributes":{"a":["1"]}}\n'],
    );
    assert.deepEqual(countsOf(result), [0, 0, 2, 0]);
  });

  it('distinguishes where values end and which attribute they belong to', async () => {
    const result = await compared(
      ndjson(
        { Id: '1', Attributes: { a: ['x', 'yz'] } },
        { Id: '2', Attributes: { a: ['x'], b: ['y'] } },
        { Id: '3', Attributes: { a: ['x', 'x'] } },
      ),
      ndjson(
        { Id: '1', Attributes: { a: ['xy', 'z'] } },
        { Id: '2', Attributes: { a: ['y'], b: ['x'] } },
        { Id: '3', Attributes: { a: ['x'] } },
      ),
    );
    assert.deepEqual(countsOf(result), [0, 0, 3, 0]);
  });

  it('compares a file with its export: what the service adds makes no difference', async () => {
    const exported = (id: string, optOut: string): string =>
      `{"ChannelType":"EMAIL","Address":"${id}@example.com","EndpointStatus":"ACTIVE","OptOut":"${optOut}","EffectiveDate":"2020-01-01T00:00:00Z","User":{},"ApplicationId":"1","Id":"${id}","CohortId":"1","CreationDate":"2020-01-01T00:00:00Z"}\n`;
    const file: Content = [
      'a.csv',
      'ChannelType,Address,Id,OptOut\nEMAIL,a@example.com,a,\nEMAIL,b@example.com,b,NONE\nEMAIL,c@example.com,c,\n',
    ];
    const packed: Content = [
      'a.gz',
      gzipped(exported('b', 'NONE'), exported('a', 'NONE') + exported('c', 'ALL')),
    ];
    const result = await compared(file, packed);
    assert.deepEqual(countsOf(result), [0, 0, 1, 2]);
    assert.deepEqual(result.attributes, [{ path: 'OptOut', added: 1, removed: 0, changed: 0 }]);
    assert.deepEqual(result.ignored, [
      'ApplicationId',
      'CohortId',
      'CreationDate',
      'EffectiveDate',
      'EndpointStatus',
    ]);
    assert.deepEqual(result.assumed, [{ path: 'OptOut', value: 'NONE' }]);
    assert.deepEqual(countsOf(await compared(packed, file)), [0, 0, 1, 2]);
    const exports = await compared(packed, packed);
    assert.deepEqual(exports.assumed, []);
    assert.equal(exports.ignored.includes('EffectiveDate'), false);
  });

  it('compares by channel and address if records have no Id, or as requested', async () => {
    const before = ndjson(
      { ChannelType: 'EMAIL', Address: 'a' },
      { ChannelType: 'SMS', Address: 'a', Id: '9' },
      { ChannelType: 'EMAIL' },
    );
    const after = ndjson(
      { ChannelType: 'SMS', Address: 'a', Id: '1' },
      { ChannelType: 'EMAIL', Address: 'A', Id: '2' },
    );
    const result = await compared(before, after);
    assert.equal(result.by, 'address');
    assert.deepEqual(countsOf(result), [1, 1, 0, 1]);
    assert.deepEqual(result.before.withoutKey, { count: 1, lines: [3] });
    assert.deepEqual(result.examples.added, [{ key: 'EMAIL A', line: 2 }]);
    const byId = await compared(before, after, { by: 'id' });
    assert.deepEqual(countsOf(byId), [2, 1, 0, 0]);
    assert.deepEqual(byId.before.withoutKey, { count: 2, lines: [1, 3] });
  });

  it('ignores attributes on request', async () => {
    const result = await compared(ndjson({ Id: '1', Address: 'a' }), ndjson({ Id: '1', Address: 'b' }), {
      ignore: ['Address'],
    });
    assert.deepEqual(countsOf(result), [0, 0, 0, 1]);
    assert.ok(result.ignored.includes('Address'));
  });

  it('counts the last record of an endpoint, and lists the repeated ones', async () => {
    const before = ndjson({ Id: 'a', Address: '1' }, { Id: 'b' }, { Id: 'A', Address: '2' }, { Id: 'c' });
    const after = ndjson(
      { Id: 'a', Address: '1' },
      { Id: 'd' },
      { Id: 'A', Address: '2' },
      { Id: 'c' },
      { Id: 'C', Address: 'x' },
      { Id: 'D' },
    );
    const result = await compared(before, after);
    assert.deepEqual(countsOf(result), [1, 1, 1, 1]);
    assert.deepEqual(result.before.duplicates, { count: 1, lines: [3] });
    assert.deepEqual(result.after.duplicates, { count: 3, lines: [3, 5, 6] });
    assert.deepEqual(
      result.examples.changed.map(({ key, lineBefore, lineAfter }) => [key, lineBefore, lineAfter]),
      [['C', 4, 5]],
    );
    assert.deepEqual(result.examples.removed, [{ key: 'b', line: 2 }]);
  });

  it('lists up to the maximum, and counts all', async () => {
    const many = (from: number, to: number, address: string): Content =>
      ndjson(
        ...Array.from({ length: to - from }, (_, index) => ({ Id: String(from + index), Address: address })),
      );
    const result = await compared(many(0, 60, 'a'), many(20, 90, 'b'), { maxExamples: 7 });
    assert.deepEqual(countsOf(result), [30, 20, 40, 0]);
    assert.equal(result.attributes[0]!.changed, 40);
    const { added, removed, changed } = result.examples;
    assert.deepEqual([added.length, removed.length, changed.length], [7, 7, 7]);
    assert.equal(changed[0]!.key, '20');
  });

  it('compares empty files', async () => {
    const empty: Content = ['a.ndjson', ''];
    assert.deepEqual(countsOf(await compared(empty, ndjson({ Id: '1' }))), [1, 0, 0, 0]);
    assert.deepEqual(countsOf(await compared(ndjson({ Id: '1' }), empty)), [0, 1, 0, 0]);
    assert.deepEqual(countsOf(await compared(empty, empty)), [0, 0, 0, 0]);
  });

  it('rejects files without a common key', async () => {
    const users = ndjson({ User: { UserId: 'u' } });
    await assert.rejects(
      compared(users, users),
      (error) =>
        error instanceof AudienceError &&
        error.code === 'bad-input' &&
        /No record of before-a\.ndjson has a ChannelType/.test(error.message),
    );
    await assert.rejects(
      compared(ndjson({ ChannelType: 'SMS', Address: '1' }), users, { by: 'id' }),
      /has an Id/,
    );
    await assert.rejects(
      compared(users, ['a.ndjson', '{"Id":"1"\n']),
      /Line 1, column 10 of after-a\.ndjson/,
    );
  });

  it('stops when cancelled, and if a file changes', async () => {
    const many = ndjson(...Array.from({ length: 20_000 }, (_, index) => ({ Id: String(index) })));
    const controller = new AbortController();
    await assert.rejects(
      compared(many, many, { signal: controller.signal, onProgress: () => controller.abort() }),
      (error) => error instanceof AudienceError && error.code === 'cancelled',
    );
    await inFolder(async (folder) => {
      const before = await folder.write('before.ndjson', many[1]);
      const after = await folder.write('after.ndjson', many[1]);
      let changed: Promise<void> | undefined;
      const onProgress = (): void => void (changed ??= appendFile(after, '{"Id":"x"}\n'));
      await assert.rejects(
        compareFiles({ before, after, onProgress }),
        (error) => error instanceof AudienceError && error.code === 'changed',
      );
      await changed;
    });
  });

  it('reports progress over all passes', async () => {
    const seen: (readonly [number, number])[] = [];
    const one = ndjson(...Array.from({ length: 2000 }, (_, index) => ({ Id: String(index) })));
    const other = ndjson({ Id: '1', Address: 'x' });
    await compared(one, other, { chunkBytes: 5000, onProgress: (done, total) => seen.push([done, total]) });
    const total = 2 * one[1].length + other[1].length;
    assert.ok(seen.every(([done, all], index) => all === total && done > (seen[index - 1]?.[0] ?? 0)));
    assert.equal(seen[seen.length - 1]![0], total);
  });

  it('has the same counts as a naive comparison in memory', async function () {
    const value = fc.constantFrom('x', 'y', 'X', '', 'a,"b"', '🎈');
    const record = fc.record(
      {
        Id: fc.constantFrom('1', '2', '3', 'a', 'A', 'b', 'B', 'c', 'd', 'e'),
        Address: value,
        Attributes: fc.dictionary(
          fc.constantFrom('p', 'q'),
          fc.array(
            value.filter((text) => text !== ''),
            { maxLength: 3 },
          ),
        ),
        Metrics: fc.record({ m: fc.constantFrom(1, 1.5, -2) }, { requiredKeys: [] }),
        EndpointStatus: fc.constantFrom('ACTIVE', 'INACTIVE'),
      },
      { requiredKeys: ['Id'] },
    );
    type Endpoint = typeof record extends fc.Arbitrary<infer T> ? T : never;
    /** All that an endpoint says, attribute by attribute. */
    const flat = ({ Address, Attributes = {}, Metrics = {} }: Endpoint): ReadonlyMap<string, string> =>
      new Map(
        [
          ['Address', [Address ?? ''].filter((text) => text !== '')] as const,
          ['Metrics.m', [Metrics.m ?? []].flat()] as const,
          ...Object.entries(Attributes).map(
            ([name, list]) => [`Attributes.${name}`, [...list].sort()] as const,
          ),
        ]
          .filter(([, list]) => list.length > 0)
          .map(([path, list]) => [path, JSON.stringify(list)]),
      );
    const byId = (list: readonly Endpoint[]): ReadonlyMap<string, ReadonlyMap<string, string>> =>
      new Map(list.map((endpoint) => [endpoint.Id.toLowerCase(), flat(endpoint)]));

    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 12 }),
        fc.array(record, { maxLength: 12 }),
        fc.constantFrom(100, 1 << 18),
        async (before, after, chunkBytes) => {
          const result = await compared(ndjson(...before), ndjson(...after), { chunkBytes });
          const [old, now] = [byId(before), byId(after)];
          const both = [...old.keys()].filter((id) => now.has(id));
          const attributes = new Map<string, { added: number; removed: number; changed: number }>();
          let changed = 0;
          for (const id of both) {
            const [a, b] = [old.get(id)!, now.get(id)!];
            const paths = [...new Set([...a.keys(), ...b.keys()])].filter(
              (path) => a.get(path) !== b.get(path),
            );
            if (paths.length > 0) changed++;
            for (const path of paths) {
              const counts = attributes.get(path) ?? { added: 0, removed: 0, changed: 0 };
              counts[!a.has(path) ? 'added' : !b.has(path) ? 'removed' : 'changed']++;
              attributes.set(path, counts);
            }
          }
          assert.deepEqual(countsOf(result), [
            [...now.keys()].filter((id) => !old.has(id)).length,
            [...old.keys()].filter((id) => !now.has(id)).length,
            changed,
            both.length - changed,
          ]);
          assert.deepEqual(
            new Map(result.attributes.map(({ path, ...counts }) => [path, counts])),
            attributes,
          );
          assert.equal(result.before.duplicates.count, before.length - old.size);
          assert.equal(result.after.duplicates.count, after.length - now.size);
          for (const { differences } of result.examples.changed) assert.ok(differences.length > 0);
          assert.equal(result.examples.changed.length, changed);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('distinguishes a hundred thousand endpoints', async function () {
    const lines = (from: number, to: number): Content => [
      'a.csv',
      `Id,Address\n${Array.from({ length: to - from }, (_, index) => `${from + index},${(from + index) % 7}\n`).join('')}`,
    ];
    const result = await compared(lines(0, 100_000), lines(30_000, 150_000));
    assert.deepEqual(countsOf(result), [50_000, 30_000, 0, 70_000]);
  });

  it("makes a document with links to lines that don't come from file content", async () => {
    const result = await compared(
      ndjson({ Id: 'gone|`x`', Address: 'a' }, { Id: '1', Address: '<b>' }),
      ndjson({ Id: 'new', Address: 'a' }, { Id: '1', Address: '# c\n| d' }),
    );
    const page = textOfDocument(comparisonDocument(result));
    assert.match(page, /\| added \| 1 \|\n\| removed \| 1 \|\n\| changed \| 1 \|\n\| unchanged \| 0 \|/);
    assert.match(page, /\| "Address" \| 0 \| 0 \| 1 \|/);
    assert.match(page, /\| \[1\]\([^)]*before-a\.ndjson#1\) \| "gone\|`x`" \|/);
    assert.match(page, /\| \[2\]\(.*#2\) → \[2\]\(.*#2\) \| "1" \| "Address" \| "<b>" \| "# c\\n\| d" \|/);
    assert.match(page, /Ignored attributes: "ApplicationId"/);
  });
});
