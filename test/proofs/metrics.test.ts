import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { addUp, profileOf, type AttributeProfile } from '../../src/endpoints/report/profile.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { seeded } from '../support/random.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);

/** A number as an exact fraction: `units` times 2^-1074. */
function exact(number: number): bigint {
  const bits = new DataView(Float64Array.of(number).buffer).getBigUint64(0, true);
  const exponent = (bits >> 52n) & 0x7ffn;
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n);
  const units = mantissa << (exponent === 0n ? 0n : exponent - 1n);
  return bits >> 63n === 0n ? units : -units;
}

const distance = (one: bigint, other: bigint): bigint => (one > other ? one - other : other - one);

/** The numbers next to one. */
function neighbors(number: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigInt64(0);
  return [bits - 1n, bits + 1n].map((each) => {
    view.setBigInt64(0, each);
    return view.getFloat64(0);
  });
}

describe('The numbers of a metric', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function numbersOf(
    values: readonly string[],
    type: FileType,
    threads = 1,
    chunkBytes = 1 << 20,
  ): Promise<NonNullable<AttributeProfile['numbers']>> {
    const path = join(folder, `file.${type}`);
    const rows = values.map((value, index) =>
      type === 'csv' ? `${index},${value}` : `{"Id":"${index}","Metrics":{"M":${value}}}`,
    );
    writeFileSync(path, [...(type === 'csv' ? ['Id,Metrics.M'] : []), ...rows, ''].join('\n'));
    const validator = createValidator({ workerFile, threads, chunkBytes });
    const { statistics } = await validator.file(path, { statistics: true });
    await validator.dispose();
    return profileOf(addUp([statistics!])).attributes.find(({ path }) => path === 'Metrics.M')!.numbers!;
  }

  it('have extremes with all of their digits', async () => {
    for (const type of ['csv', 'ndjson'] as const) {
      const close = ['9007199254740993', '9007199254740992', '-12345678901234567', '-12345678901234566.9'];
      const { least, exactLeast, most, exactMost } = await numbersOf([...close, '5', '-7.5'], type);
      assert.deepEqual([exactLeast, exactMost], ['-12345678901234567', '9007199254740993']);
      assert.deepEqual([least, most], [-12345678901234567, 9007199254740992]);
      const large = await numbersOf(['1.7976931348623157e308', '5e-324', '-1.0e308', '0.1'], type);
      assert.deepEqual([large.least, large.most], [-1e308, Number.MAX_VALUE]);
      assert.deepEqual([large.exactLeast, large.exactMost], [undefined, undefined]);
      const small = await numbersOf(
        ['0.30000000000000004', '0.30000000000000003', '0.30000000000000005'],
        type,
      );
      assert.deepEqual([small.exactLeast, small.exactMost], ['0.30000000000000003', '0.30000000000000005']);
    }
  });

  it('have a mean that neither overflows nor loses small ones beside large ones', async () => {
    for (const type of ['csv', 'ndjson'] as const) {
      assert.equal((await numbersOf(Array<string>(50).fill('1.7e308'), type)).mean, 1.7e308);
      assert.equal((await numbersOf(['1e308', '3', '-1e308'], type)).mean, 1);
      assert.equal((await numbersOf(Array<string>(3).fill('5e-324'), type)).mean, 5e-324);
      assert.equal((await numbersOf(['0.1', '0.2', '-0.3'], type)).mean < 1e-16, true);
    }
  });

  it('are the same with any number of threads, with a mean that is rounded once', async () => {
    const random = seeded(7);
    const values = Array.from({ length: 4000 }, () => {
      const digits = Array.from({ length: 1 + random.int(18) }, () => random.int(10)).join('');
      const exponent = random.chance(0.2) ? `e${random.int(600) - 300}` : '';
      return `${random.chance(0.4) ? '-' : ''}${random.int(10)}.${digits}${exponent}`;
    });
    const first = await numbersOf(values, 'csv');
    for (const [threads, chunkBytes] of [
      [1, 4096],
      [2, 4096],
      [3, 1000],
      [8, 5000],
    ] as const) {
      assert.deepEqual(await numbersOf(values, 'csv', threads, chunkBytes), first);
    }
    assert.deepEqual(await numbersOf([...values].reverse(), 'ndjson', 2, 3000), first);
    const sum = values.reduce((total, value) => total + exact(Number(value)), 0n);
    const error = (mean: number): bigint => distance(exact(mean) * BigInt(values.length), sum);
    for (const other of neighbors(first.mean)) assert.ok(error(first.mean) <= error(other));
    assert.equal(first.least, Math.min(...values.map(Number)));
    assert.equal(first.most, Math.max(...values.map(Number)));
  });
});
