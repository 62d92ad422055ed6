import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'mocha';
import type { Finding, ValidationResult } from '../../src/endpoints/rules/finding.ts';
import { temporaryPrefix } from '../../src/endpoints/transform/temporaryFolders.ts';
import { DocumentValidator } from '../../src/endpoints/validation/documentValidator.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { seeded, type Random } from '../support/random.ts';
import { truthOf, type AcrossTruth, type Row } from './acrossOracle.ts';
import { proof } from './seeds.ts';
import { bytesToCompare } from './validateInProcess.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const header = 'ChannelType,Id,Address,User.UserId\n';
const codes = {
  ids: 'id-duplicate',
  addresses: 'address-duplicate',
  users: 'too-many-endpoints-per-user',
} as const;
const all = { type: 'csv', maxIssues: 1_000_000, maxIssuesPerCode: 1_000_000 } as const;
/** So little that nearly everything is spilled. */
const tiny = 1;

/** Ways in which values of a file can be spread. */
const shapes: Readonly<Record<string, (random: Random, index: number, records: number) => Row>> = {
  'all different': (_, index) => row(`id-${index}`, `address-${index}`, `user-${index}`),
  'sorted, each twice': (_, index) => row(`id-${index >> 1}`, `address-${index >> 1}`, `user-${index >> 1}`),
  'one Id, one address, one user': () => row('id', 'address', 'user'),
  'few users': (_, index) => row(`id-${index}`, `address-${index}`, `user-${index % 100}`),
  'the first again at the end': (_, index, records) =>
    row(`id-${index % (records - 1)}`, `address-${index % (records - 1)}`, `user-${index % (records - 1)}`),
  'Ids in any case, some with other letters': (random, index) =>
    row(random.pick(['Ä', 'ä', 'a', 'A', 'İ']) + String(index >> 2), `address-${index}`, ''),
  'endpoints that move between users': (random, index) =>
    row(`id-${random.int(1 + (index >> 2))}`, `address-${random.int(50_000)}`, `user-${random.int(40)}`),
  'skewed, with holes': (random) => {
    const skewed = (): number => Math.floor(2 ** (16 * random.fraction()));
    return {
      id: random.chance(0.7) ? `id-${skewed()}` : '',
      channel: random.pick(['CUSTOM', 'BAIDU']),
      address: random.chance(0.7) ? `address-${skewed()}` : '',
      user: random.chance(0.7) ? `user-${skewed()}` : '',
    };
  },
};

function row(id: string, address: string, user: string): Row {
  return { id, channel: 'CUSTOM', address, user };
}

function linesOf(rows: readonly Row[]): string[] {
  return rows.map(({ channel, id, address, user }) => `${channel},${id},${address},${user}`);
}

/** A file in blocks, each value of which is there a number of times, far apart. */
function* manyRows(records: number, times: number): Generator<Uint8Array> {
  let text = header;
  for (let index = 0; index < records; index++) {
    const value = index % (records / times);
    text += `CUSTOM,id-${value},address-${value},user-${value}\n`;
    if (text.length < 60_000) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** The findings that the truth asks for: each at its value, and with the line that it repeats. */
function expectedIssues(rows: readonly Row[], truth: AcrossTruth): string[] {
  const found: [line: number, column: number, text: string][] = [];
  for (const kind of ['ids', 'addresses', 'users'] as const) {
    for (const [index, first] of truth[kind]) {
      const { channel, id, address, user } = rows[index]!;
      const [start, value] =
        kind === 'ids'
          ? [channel.length + 1, id]
          : kind === 'addresses'
            ? [channel.length + id.length + 2, address]
            : [channel.length + id.length + address.length + 3, user];
      const column = start + 1;
      found.push([
        index + 2,
        column,
        `${index + 2}:${column}-${column + value.length} ${codes[kind]} line ${first + 2}`,
      ]);
    }
  }
  return found.sort((one, other) => one[0] - other[0] || one[1] - other[1]).map(([, , text]) => text);
}

/** Numbers of an Id, an address and a user, for files of any size; -1 for none. */
const numbered: Readonly<
  Record<
    string,
    (random: Random, index: number, records: number) => [id: number, address: number, user: number]
  >
> = {
  'all different, but for the last': (_, index, records) => {
    const number = index === records - 1 ? 0 : index;
    return [number, index, index];
  },
  'sorted, each twice, with 20 endpoints for each user': (_, index) => [
    index >> 1,
    index >> 1,
    Math.floor(index / 20),
  ],
  'skewed, with holes': (random, _, records) => {
    const skewed = (): number =>
      random.chance(0.3) ? -1 : Math.floor(2 ** (Math.log2(records) * random.fraction()));
    return [skewed(), skewed(), skewed()];
  },
  'few users, and endpoints that move between them': (random, index, records) => [
    random.int(records),
    -1,
    index % 1000,
  ],
};

/** Writes a file of them in blocks. */
function writeNumbered(path: string, ids: Int32Array, addresses: Int32Array, users: Int32Array): void {
  const file = openSync(path, 'w');
  let text = header;
  const cell = (name: string, number: number): string => (number < 0 ? '' : `${name}-${number}`);
  for (let index = 0; index < ids.length; index++) {
    text += `CUSTOM,${cell('id', ids[index]!)},${cell('a', addresses[index]!)},${cell('u', users[index]!)}\n`;
    if (text.length < 1 << 20 && index < ids.length - 1) continue;
    writeSync(file, text);
    text = '';
  }
  closeSync(file);
}

/** What the rules count, by arrays with a place for each number. It shares nothing with the product. */
function countsOf(ids: Int32Array, addresses: Int32Array, users: Int32Array): number[] {
  const records = ids.length;
  const max = records + 1;
  const firstOfId = new Int32Array(max).fill(-1);
  const firstOfAddress = new Int32Array(max).fill(-1);
  // By the number of the Id, or of the address of an endpoint without one.
  const userOfId = new Int32Array(max).fill(-1);
  const userOfAddress = new Int32Array(max).fill(-1);
  const fromOfId = new Int32Array(max);
  const fromOfAddress = new Int32Array(max);
  let sameIds = 0;
  let sameAddresses = 0;
  for (let index = 0; index < records; index++) {
    const [id, address, user] = [ids[index]!, addresses[index]!, users[index]!];
    if (id >= 0) {
      if (firstOfId[id]! >= 0) sameIds++;
      else firstOfId[id] = index;
    }
    if (address >= 0) {
      const first = firstOfAddress[address]!;
      if (first < 0) firstOfAddress[address] = index;
      else if (id < 0 || ids[first] !== id) sameAddresses++;
    }
    if (user < 0 || (id < 0 && address < 0)) continue;
    const [userOf, fromOf, key] =
      id >= 0 ? [userOfId, fromOfId, id] : [userOfAddress, fromOfAddress, address];
    if (userOf[key] !== user) fromOf[key] = index;
    userOf[key] = user;
  }
  const endpoints = new Int32Array(max);
  let tooMany = 0;
  for (let index = 0; index < records; index++) {
    const [id, address, user] = [ids[index]!, addresses[index]!, users[index]!];
    if (user < 0) continue;
    const from = id >= 0 ? fromOfId[id]! : address >= 0 ? fromOfAddress[address]! : index;
    if (from === index && ++endpoints[user]! > 15) tooMany++;
  }
  return [sameIds, sameAddresses, tooMany];
}

const across: ReadonlySet<string> = new Set(Object.values(codes));

function foundIn(issues: readonly Finding[]): string[] {
  return issues
    .filter(({ code }) => across.has(code))
    .map(({ line, column, endLine, endColumn, code, message }) => {
      assert.equal(line, endLine);
      return `${line}:${column}-${endColumn} ${code} ${/line \d+/.exec(message)?.[0] ?? ''}`;
    });
}

describe('Rules across records', function () {
  this.timeout(300_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'across-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [shape, make] of Object.entries(shapes)) {
    it(`agree with plain maps of whole values, however a file is read: ${shape}`, async () => {
      const random = seeded(proof.seed);
      const records = 4000;
      const rows = Array.from({ length: records }, (_, index) => make(random, index, records));
      const text = header + linesOf(rows).join('\n') + '\n';
      const expected = expectedIssues(rows, truthOf(rows));
      const path = join(folder, 'file.csv');
      writeFileSync(path, text);
      let first: ValidationResult | undefined;
      const compare = (way: string, result: ValidationResult): void => {
        assert.deepEqual(foundIn(result.issues), expected, way);
        first ??= result;
        assert.deepEqual(result, first, way);
      };
      for (const [threads, chunkBytes, memoryBytes] of [
        [1, 1 << 20, undefined],
        [2, 9000, tiny],
        [3, 2000, undefined],
        [8, 4096, tiny],
      ] as const) {
        const validator = createValidator({
          workerFile,
          threads,
          chunkBytes,
          memoryBytes: () => memoryBytes,
        });
        const way = `${threads} threads, ${chunkBytes} bytes at a time, memory ${memoryBytes}`;
        compare(`path, ${way}`, await validator.file(path, all));
        if (threads <= 2) {
          compare(`stream, ${way}`, await validator.stream(Readable.from([Buffer.from(text)]), all));
          const zipped = Readable.from([gzipSync(text)]).pipe(createGunzip());
          compare(`.gz, ${way}`, await validator.stream(zipped, all));
        }
        await validator.dispose();
      }
      const { maxIssues, maxIssuesPerCode } = all;
      const document = new DocumentValidator(text, {
        type: 'csv',
        maxIssues,
        maxIssuesPerCode,
        sectionLines: 100,
      });
      // Documents don't report bytes.
      compare('document', { ...document.result(), bytes: first!.bytes });
    });
  }

  it('mark the range of a value after line breaks, quotes and multi-byte characters', async () => {
    const text = `ChannelType,Attributes.A,Id,Address\nCUSTOM,é😀,x,y\nCUSTOM,"a\nbé😀","x","y😀"\nCUSTOM,é😀,x,y😀\n`;
    const validator = createValidator({ workerFile, threads: 1 });
    const { issues } = await validator.stream(Readable.from([Buffer.from(text)]), all);
    await validator.dispose();
    const document = new DocumentValidator(text, { type: 'csv', maxIssues: 100, maxIssuesPerCode: 100 });
    for (const found of [issues, document.result().issues]) {
      const places = found
        .filter(({ code }) => code === 'id-duplicate')
        .map(({ line, column, endLine, endColumn }) => [line, column, endLine, endColumn]);
      assert.deepEqual(places, [
        [4, 7, 4, 10],
        [5, 12, 5, 13],
      ]);
    }
  });

  it("mark the range of a value after bytes that aren't UTF-8, as a decoder counts them", async () => {
    const bytes = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef];
    const leads = [0x41, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe5, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff];
    const more = [...bytes, 0xf0, 0xf4, 0xf5, 0xff];
    const rows = leads.flatMap((lead) =>
      more.flatMap((second) => [
        [lead, second],
        ...more.map((third) => [lead, second, third]),
        ...[0x80, 0xbf, 0xc0].map((fourth) => [lead, second, 0x80, fourth]),
      ]),
    );
    const lines = rows.map((row) => Buffer.concat([Buffer.from(row), Buffer.from(',x,CUSTOM\n')]));
    const file = Buffer.concat([Buffer.from('Attributes.A,Id,ChannelType\n'), ...lines]);
    const validator = createValidator({ workerFile, threads: 1 });
    const { issues } = await validator.stream(Readable.from([file]), all);
    await validator.dispose();
    const columns = issues.filter(({ code }) => code === 'id-duplicate').map(({ column }) => column);
    const decoder = new TextDecoder();
    const expected = rows.map((row) => decoder.decode(Buffer.from([...row, 0x2c])).length + 1);
    assert.deepEqual(columns, expected.slice(1));
  });

  it('find 1,185 of 1,200 endpoints of one user, whatever the first 64 KiB look like', async () => {
    // A start without users once made the memory for users too small.
    let text = 'Id,Address,ChannelType,User.UserId\n';
    while (text.length < 66_000) text += `${text.length % 10},,,\n`;
    for (let index = 0; index < 1200; index++) text += `ident-${index},address-${index},CUSTOM,user\n`;
    const path = join(folder, 'head.csv');
    writeFileSync(path, text);
    const validator = createValidator({ workerFile, threads: 2 });
    const { counts, errors } = await validator.file(path);
    await validator.dispose();
    assert.deepEqual([counts['too-many-endpoints-per-user'], errors], [1185, 1185]);
  });

  it('report an incomplete check first if spilling is forbidden, whatever the settings', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => row(`id-${index}`, 'a', `user-${index}`));
    const path = join(folder, 'large.csv');
    writeFileSync(path, header + linesOf(rows).join('\n'));
    const validator = createValidator({
      workerFile,
      threads: 2,
      memoryBytes: () => tiny,
      spill: () => false,
    });
    const severity = { 'check-incomplete': 'off' } as const;
    const result = await validator.file(path, { severity, maxIssues: 3 });
    const none = await validator.file(path, { severity, maxIssues: 0 });
    await validator.dispose();
    for (const { issues, counts, errors } of [result, none]) {
      assert.equal(issues[0]?.code, 'check-incomplete');
      assert.equal(issues[0].severity, 'error');
      assert.equal(counts['check-incomplete'], 1);
      assert.ok(errors >= 1);
    }
    assert.equal(result.issues.length, 4);
  });

  for (const [what, times] of [
    ['is different', 1],
    ['is there twice', 2],
    ['is there twenty times', 20],
  ] as const) {
    it(`take at most 64 bytes per record, comparing included, if every value ${what}`, () => {
      const records = 2_000_000;
      const bytes = bytesToCompare(manyRows(records, times), 'csv');
      assert.ok(bytes <= 64 * records, `${bytes / records} bytes per record`);
      // The hashes alone take more than this, so it was measured.
      assert.ok(bytes > 48 * records, `${bytes / records} bytes per record`);
    });
  }

  for (const [shape, numbersOf] of Object.entries(numbered)) {
    it(`count the same as arrays of numbers do, in ${proof.records} records: ${shape}`, async function () {
      this.timeout(1_800_000);
      const records = proof.records;
      const random = seeded(proof.seed);
      const ids = new Int32Array(records);
      const addresses = new Int32Array(records);
      const users = new Int32Array(records);
      for (let index = 0; index < records; index++) {
        [ids[index], addresses[index], users[index]] = numbersOf(random, index, records);
      }
      const path = join(folder, 'numbered.csv');
      writeNumbered(path, ids, addresses, users);
      const expected = countsOf(ids, addresses, users);
      for (const [threads, memoryBytes] of [
        [2, undefined],
        [4, 64 * 2 ** 20],
      ] as const) {
        const validator = createValidator({ workerFile, threads, memoryBytes: () => memoryBytes });
        const { counts } = await validator.file(path, { maxIssues: 0 });
        await validator.dispose();
        const found = Object.values(codes).map((code) => counts[code] ?? 0);
        assert.deepEqual(found, expected, `${threads} threads, memory ${memoryBytes}`);
      }
      rmSync(path);
    });
  }

  it('compare records that are far apart', async () => {
    // More records without a value between two with one than the distance of two entries can express.
    const gap = 40_000;
    const lines = Array.from({ length: 4 * gap }, (_, index) =>
      index % gap === 7 ? `CUSTOM,Twin,address-${index},u` : `CUSTOM,,address-${index},`,
    );
    const path = join(folder, 'far.csv');
    writeFileSync(path, header + lines.join('\n') + '\n');
    for (const [threads, memoryBytes] of [
      [1, undefined],
      [2, tiny],
    ] as const) {
      const validator = createValidator({ workerFile, threads, memoryBytes: () => memoryBytes });
      const { issues } = await validator.file(path, all);
      await validator.dispose();
      assert.deepEqual(
        foundIn(issues),
        [1, 2, 3].map((times) => `${times * gap + 9}:8-12 id-duplicate line 9`),
      );
    }
  });

  it('leave nothing of what they spilled', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => row(`id-${index}`, 'a', `user-${index}`));
    const path = join(folder, 'large.csv');
    writeFileSync(path, header + linesOf(rows).join('\n'));
    const validator = createValidator({ workerFile, threads: 2, memoryBytes: () => tiny });
    await validator.file(path);
    await validator.dispose();
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(temporaryPrefix()));
    assert.deepEqual(left, []);
  });
});
