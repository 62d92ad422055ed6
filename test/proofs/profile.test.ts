import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { attributeOf } from '../../src/endpoints/model/attributes.ts';
import { standardError } from '../../src/endpoints/engine/host/distinctEstimate.ts';
import type { Validator } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { addUp, profileOf, type AttributeProfile, type Profile } from '../../src/endpoints/report/profile.ts';
import { nearLimit } from '../../src/endpoints/engine/host/statisticsReader.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { toCsv, toNdjson, validEndpoints, type Endpoint } from '../support/endpointFiles.ts';
import { seeded, type Random } from '../support/random.ts';
import { proof } from './seeds.ts';
import { recount, type Recount } from './recount.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const rounds = Math.max(10, Math.ceil(proof.files / 1000));

let folder = '';

/** They take longer to start than to read a small file. */
const validators = new Map<string, Validator>();

interface Way {
  readonly threads: number;
  readonly chunkBytes: number;
}

async function profile(
  text: string,
  type: FileType,
  way: Way = { threads: 1, chunkBytes: 1 << 20 },
): Promise<Profile> {
  const path = join(folder, `file.${type}`);
  writeFileSync(path, text);
  const key = `${way.threads} ${way.chunkBytes}`;
  const validator = validators.get(key) ?? createValidator({ workerFile, ...way });
  validators.set(key, validator);
  const { statistics } = await validator.file(path, { type, statistics: true });
  return profileOf(statistics!);
}

/** Compares everything that was counted with a count by other means. */
function assertSame({ records, attributes, users }: Profile, due: Recount, what: string): void {
  assert.equal(records, due.records, what);
  assert.deepEqual(attributes.map(({ path }) => path).sort(), [...due.attributes.keys()].sort(), what);
  for (const attribute of attributes) {
    const { path, filled, values, distinct, longest, near, over, limit, numbers, top } = attribute;
    const where = `${what}, ${path}`;
    const counted = due.attributes.get(path)!;
    const { byValue, lengths } = counted;
    assert.deepEqual({ filled, values }, { filled: counted.filled, values: counted.values }, where);
    // Numbers have no limit, and in JSON no one way to be written.
    if (attributeOf(path)!.type !== 'number')
      assert.equal(
        longest,
        lengths.reduce((most, length) => Math.max(most, length), 0),
        where,
      );
    const most = limit ?? Infinity;
    assert.equal(over, lengths.filter((length) => length > most).length, where);
    assert.equal(near, lengths.filter((length) => length <= most && length >= nearLimit(most)).length, where);
    if (byValue.size <= 1024) assert.deepEqual(distinct, { count: byValue.size, exact: true }, where);
    else assertNear(attribute, byValue.size, where);
    if (attributeOf(path)!.format === 'number') assertNumbers(numbers!, byValue, where);
    for (const { value, count } of top?.values ?? []) assert.equal(count, byValue.get(value), where);
    if (top !== undefined) {
      assert.equal(top.others, values - top.values.reduce((sum, { count }) => sum + count, 0), where);
    }
  }
  assert.deepEqual(
    new Map(
      users.byEndpoints.map((count, index) => [index + 1, count] as const).filter(([, count]) => count > 0),
    ),
    new Map([...due.users].sort(([a], [b]) => a - b)),
    what,
  );
  assert.equal(users.complete, true);
}

function assertNear({ distinct }: AttributeProfile, due: number, where: string): void {
  assert.equal(distinct.exact, false, where);
  const error = Math.abs(distinct.count - due) / due;
  assert.ok(error < 4 * standardError, `${where}: ${distinct.count} instead of ${due}`);
}

function assertNumbers(
  numbers: NonNullable<AttributeProfile['numbers']>,
  byValue: ReadonlyMap<string, number>,
  where: string,
): void {
  const all = [...byValue].map(([value, count]) => [Number(value), count] as const);
  const count = all.reduce((sum, [, count]) => sum + count, 0);
  const mean = all.reduce((sum, [value, count]) => sum + value * count, 0) / count;
  assert.equal(numbers.count, count, where);
  assert.equal(numbers.least, Math.min(...all.map(([value]) => value)), where);
  assert.equal(numbers.most, Math.max(...all.map(([value]) => value)), where);
  assert.ok(
    Math.abs(numbers.mean - mean) <= 1e-9 * Math.max(1, Math.abs(mean)),
    `${where}: ${numbers.mean} instead of ${mean}`,
  );
}

/** Up to fifteen digits with a sign and a dot, or not; now and then with a sign that no number has. */
function someNumber(random: Random): string {
  const signs = Array.from({ length: 1 + random.int(15) }, () => String(random.int(10)));
  if (random.int(3) > 0) signs.splice(random.int(signs.length), 0, '.');
  if (random.int(8) === 0) signs[random.int(signs.length)] = random.pick(odd);
  return `${random.pick(['', '', '-', '+'])}${signs.join('')}`.trim() || '0';
}

const odd = ['.', '-', '+', '/', ':', ';', 'x', '@', ' '];

describe('What is counted of a file', function () {
  this.timeout(300_000);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'profile-'));
  });
  after(async () => {
    for (const validator of validators.values()) await validator.dispose();
    validators.clear();
    rmSync(folder, { recursive: true });
  });

  it(`is what a simple counter says, of ${rounds} generated files in each format`, async () => {
    for (let seed = proof.seed; seed < proof.seed + rounds; seed++) {
      const random = seeded(seed);
      const endpoints = validEndpoints(random, { records: 1 + random.int(60), users: true });
      for (const type of ['csv', 'ndjson'] as const) {
        const { text } = type === 'csv' ? toCsv(endpoints, random) : toNdjson(endpoints, random);
        const way = { threads: 1 + random.int(2), chunkBytes: random.pick([50, 311, 2000]) };
        assertSame(await profile(text, type, way), recount(text, type), `PROOF_SEED=${seed} ${type}`);
      }
    }
  });

  for (const type of ['csv', 'ndjson'] as const) {
    it(`is the same of a large ${type} file, however many count and wherever it is cut`, async () => {
      const text = large(type);
      const due = recount(text, type);
      let first: Profile | undefined;
      for (const [threads, chunkBytes] of [
        [1, 1 << 22],
        [1, 1000],
        [2, 512 * 1024],
        [2, 777],
        [3, 150],
      ] as const) {
        const counted = await profile(text, type, { threads, chunkBytes });
        assertSame(counted, due, `${threads} threads, ${chunkBytes} bytes at a time`);
        first ??= counted;
        assert.deepEqual(counted, first);
      }
      const streamed = await ofStream(text, type);
      assert.deepEqual(streamed, first);
    });
  }

  it('tells values apart that are nearly the same, whatever their length', async () => {
    const random = seeded(proof.seed);
    const ends = ['', ' ', '\0', 'a', 'A', 'b', '""', 'é'];
    const alike = Array.from({ length: 40 }, (_, length) =>
      ends.map((end) => `"${'abcdefgh'.repeat(5).slice(0, length)}${end}"`),
    ).flat();
    // What would hash to 0 without further ado.
    alike.push(' z');
    const usual = alike.filter((_, index) => index % 23 === 0);
    const lines = Array.from({ length: 20_000 }, () => {
      const of = random.int(10) === 0 ? alike : usual;
      const few = random.pick(['ab', 'ab\0', 'ab\0\0', 'abab']);
      return `EMAIL,a@b.example,${random.pick(of)},${random.pick(of)},${random.pick(alike)},${few}`;
    });
    const header = 'ChannelType,Address,Attributes.A,Attributes.A,User.UserAttributes.B,Attributes.C';
    const csv = [header, ...lines, ''].join('\n');
    for (const way of [
      { threads: 1, chunkBytes: 1 << 20 },
      { threads: 2, chunkBytes: 5000 },
    ]) {
      assertSame(await profile(csv, 'csv', way), recount(csv, 'csv'), `${way.threads} threads`);
    }
  });

  it('estimates many distinct values with the error that is stated', async () => {
    const records = 200_000;
    const lines = Array.from(
      { length: records },
      (_, index) => `u${index},v${index % 3000},w${index % 1024},x${index % 1025}`,
    );
    const { attributes } = await profile(
      `Id,Attributes.A,Attributes.B,Attributes.C\n${lines.join('\n')}\n`,
      'csv',
      { threads: 2, chunkBytes: 1 << 18 },
    );
    const of = (path: string): AttributeProfile => attributes.find((attribute) => attribute.path === path)!;
    assertNear(of('Id'), records, 'Id');
    assertNear(of('Attributes.A'), 3000, 'A');
    assert.deepEqual(of('Attributes.B').distinct, { count: 1024, exact: true });
    assertNear(of('Attributes.C'), 1025, 'C');
  });

  it('says how many attributes it had no room for, and counts the others', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `Attributes.A${index}`);
    const row = names.map((_, index) => `v${index}`).join();
    for (const type of ['csv', 'ndjson'] as const) {
      const object = {
        Id: 'x',
        Attributes: Object.fromEntries(names.map((name) => [name.slice(11), ['v']])),
      };
      const text = type === 'csv' ? `Id,${names.join()}\nx,${row}\n` : `${JSON.stringify(object)}\n`;
      const { attributes, left } = await profile(text, type);
      assert.equal(attributes.length + left.count, 401, type);
      assert.ok(attributes.length > 250, type);
      assert.ok(attributes.every(({ filled }) => filled === 1));
    }
  });

  it('reads numbers to the last bit, however they are written, and nothing else as one', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `Metrics.M${index}`);
    const header = `ChannelType,Address,${names.join()}`;
    // The first few records are read with care; what is as long as they are, and comes later, all at once.
    const before = Array.from({ length: 20 }, () => `EMAIL,a@b.example${',00000000000000000'.repeat(200)}`);
    for (let seed = proof.seed; seed < proof.seed + rounds; seed++) {
      const random = seeded(seed);
      const values = names.map(() => someNumber(random));
      const csv = [header, ...before, `EMAIL,a@b.example,${values.join()}`, ''].join('\n');
      const { attributes } = await profile(csv, 'csv');
      const read = new Map(attributes.map(({ path, numbers }) => [path, numbers] as const));
      for (const [index, value] of values.entries()) {
        const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value);
        const due = isNumber ? Number(value) + 0 : 0;
        const { count, least, most } = read.get(names[index]!)!;
        const where = `PROOF_SEED=${seed} ${value}`;
        assert.equal(count, before.length + Number(isNumber), where);
        assert.equal(due < 0 ? least : most, due, where);
      }
    }
  });

  it('counts no values of unreadable records', async () => {
    const csv = await profile('Id,OptOut\na,NONE\nb\n"c,ALL\nd,ALL\n', 'csv');
    assert.equal(csv.records, 2);
    assert.deepEqual(
      csv.attributes.map(({ path, filled }) => [path, filled]),
      [
        ['Id', 2],
        ['OptOut', 2],
      ],
    );
    const ndjson = await profile(
      '{"Id":"a"}\n{"Id":"b"\n[]\n{"Id":"c","OptOut":7,"Attributes":{"A":"x"}}\n',
      'ndjson',
    );
    assert.equal(ndjson.records, 2);
    // Of the wrong type: there, but not looked into.
    assert.deepEqual(
      ndjson.attributes.map(({ path, filled, values }) => [path, filled, values]),
      [
        ['Id', 2, 2],
        ['OptOut', 1, 0],
        ['Attributes.A', 1, 0],
      ],
    );
  });

  it('is empty unless requested', async () => {
    const path = join(folder, 'plain.csv');
    writeFileSync(path, 'Id\na\n');
    const validator = createValidator({ workerFile, threads: 1 });
    const counted = await validator.file(path, { statistics: true });
    const plain = await validator.file(path);
    await validator.dispose();
    assert.equal(plain.statistics, undefined);
    assert.deepEqual({ ...counted, statistics: undefined }, { ...plain, statistics: undefined });
  });

  it('adds up over files, of different formats too', async () => {
    const validator = createValidator({ workerFile, threads: 2, chunkBytes: 1000 });
    const parts = [];
    const texts: string[] = [];
    for (const seed of [1, 2, 3]) {
      const endpoints = people(seed);
      const { text } = toNdjson(endpoints, seeded(seed));
      texts.push(text.endsWith('\n') ? text : `${text}\n`);
      const isCsv = seed === 2;
      const path = join(folder, `part${seed}.${isCsv ? 'csv' : 'ndjson'}`);
      writeFileSync(path, isCsv ? toCsv(endpoints, seeded(seed)).text : text);
      parts.push((await validator.file(path, { statistics: true })).statistics!);
    }
    await validator.dispose();
    const whole = await profile(texts.join(''), 'ndjson');
    const { users: _, ...counted } = profileOf(addUp(parts));
    const { users: __, ...due } = whole;
    assert.deepEqual(counted, due);
  });
});

describe('The values that a report names', function () {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'profile-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are no address and no Id, however many share it', async () => {
    const names = ['Owner', 'Phone', 'Uid', 'Hex', 'Since', 'Tier'];
    const values = ['ada@example.com', '+49 151 12345678', '30add7a9-e626-6611-0b44-788023d98cde', '30add7a9e62666110b44788023d98cde', '2026-01-31', 'gold']; // prettier-ignore
    const header = ['Address', 'ChannelType', ...names.map((name) => `Attributes.${name}`)].join();
    const rows = Array.from({ length: 40 }, (_, index) =>
      [`u${index}@example.com`, 'EMAIL', ...values].join(),
    );
    const { attributes } = await profile([header, ...rows, ''].join('\n'), 'csv');
    const named = attributes.flatMap(({ path, top }) =>
      path.startsWith('Attributes.') ? (top?.values ?? []).map(({ value }) => value) : [],
    );
    assert.deepEqual(named.sort(), ['2026-01-31', 'gold']);
  });

  it('are those that name nobody', async () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      [
        `jane${index}@example.com`,
        index === 0 ? 'jane@example.com' : 'EMAIL',
        index < 30 ? 'US' : 'jane@example.com',
        index < 36 ? 'gold' : 'Jane Doe',
        `Plan ${index}`,
        'Seattle',
        `u${index % 3}`,
      ].join(),
    );
    const header =
      'Address,ChannelType,Location.Country,Attributes.Tier,Attributes.Plan,Location.City,User.UserId';
    const { attributes } = await profile([header, ...rows, ''].join('\n'), 'csv');
    assert.deepEqual(
      attributes.map(({ path, top }) => [
        path,
        top?.values.map(({ value, count }) => `${value} ${count}`),
        top?.others,
      ]),
      [
        ['Address', undefined, undefined],
        ['ChannelType', ['EMAIL 39'], 1],
        ['Location.City', undefined, undefined],
        ['Location.Country', ['US 30'], 10],
        ['User.UserId', undefined, undefined],
        ['Attributes.Plan', undefined, undefined],
        // Fewer than five share the other one.
        ['Attributes.Tier', ['gold 36'], 4],
      ],
    );
  });
});

async function ofStream(text: string, type: FileType): Promise<Profile> {
  const validator = createValidator({ workerFile, threads: 1 });
  async function* blocks(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 5000) {
      await Promise.resolve();
      yield bytes.subarray(at, at + 5000);
    }
  }
  const { statistics } = await validator.stream(blocks(), { type, statistics: true });
  await validator.dispose();
  return profileOf(statistics!);
}

/** Some hundreds of endpoints with values that come again and again. */
function people(seed: number): Endpoint[] {
  const random = seeded(seed);
  const endpoints = validEndpoints(random, {
    records: 500,
    with: ['Location.Country', 'Demographic.Timezone', 'Attributes.Plan', 'Metrics.Visits', 'User.UserId'],
    users: true,
  });
  endpoints.forEach((endpoint, index) => {
    if (endpoint.has('Attributes.Plan'))
      endpoint.set('Attributes.Plan', [random.pick(['gold', 'a "b" c', 'é😀'])]);
    if (endpoint.has('Metrics.Visits'))
      endpoint.set('Metrics.Visits', [random.pick(['0', '-0', '1', '2.5', '-3e2', '12345678', '123456789'])]);
    endpoint.set('User.UserId', [`user ${seed} ${index % 90}`.replaceAll(' ', '-')]);
    if (endpoint.has('Id')) endpoint.set('Id', [`${random.pick(['Id', 'ID', 'id'])}-${index % 300}`]);
  });
  return endpoints;
}

/** Some thousands of records; in CSV some with line breaks in quoted values, which chunks begin in the middle of. */
function large(type: FileType): string {
  const random = seeded(proof.seed);
  const endpoints = [1, 2, 3, 4].flatMap((seed) => people(seed));
  for (const [index, endpoint] of endpoints.entries()) {
    endpoint.set('Attributes.Many', [`value ${index}`]);
    if (index % 7 === 0) endpoint.set('Attributes.Lines', [`one\ntwo "${index % 14}"\n\nthree`]);
  }
  return (type === 'csv' ? toCsv(endpoints, random) : toNdjson(endpoints, random)).text;
}
