import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { createValidator } from '../../src/endpoints/validation/validator.ts';
import { toCsv, toNdjson, validEndpoints } from '../support/endpointFiles.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { defects } from './defects.ts';
import { validate } from './validateInProcess.ts';
import { mutation } from './mutations.ts';
import { proof } from './seeds.ts';

const workerFile = new URL('../../src/endpoints/validation/worker.ts', import.meta.url);
const rounds = Math.ceil(proof.files / 500);

describe('The workers', function () {
  this.timeout(300_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'proofs-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it(`agree with a single thread on ${rounds} files and streams`, async () => {
    const validator = createValidator({ workerFile, threads: 3, chunkBytes: 100 });
    for (let seed = proof.seed; seed < proof.seed + rounds; seed++) {
      const { type, bytes } = seed % 2 === 0 ? mutation(seed) : generated(seed);
      const expected = validate(bytes, type);
      const path = join(folder, 'small');
      writeFileSync(path, bytes);
      const options = { type, maxIssues: 10_000, maxIssuesPerCode: 1000 };
      for (const result of [
        await validator.file(path, options),
        await validator.stream(pieces(bytes, seeded(seed)), options),
      ]) {
        const { records, issues, errors, warnings, infos } = result;
        assert.deepEqual(
          { records, issues, totals: [errors, warnings, infos] },
          { records: expected.records, issues: expected.issues, totals: expected.totals },
          `PROOF_SEED=${seed}`,
        );
        assert.equal(result.bytes, bytes.length);
        assertCounts(result);
      }
    }
    await validator.dispose();
  });

  for (const type of ['csv', 'ndjson'] as const) {
    it(`agree on a large ${type} file, whatever their number and wherever it is cut`, async () => {
      const path = join(folder, `large.${type}`);
      writeFileSync(path, large(type));
      let first: ValidationResult | undefined;
      for (const [threads, chunkBytes] of [
        [1, 1 << 22],
        [1, 1000],
        [2, 512 * 1024],
        [2, 7777],
        [4, 64 * 1024],
        [4, 511],
      ] as const) {
        const validator = createValidator({ workerFile, threads, chunkBytes });
        const result = await validator.file(path, { maxIssues: 300, maxIssuesPerCode: 20 });
        await validator.dispose();
        first ??= result;
        assert.ok(result.truncated && result.errors > 1000, 'A file with more findings than are kept');
        assertCounts(result);
        assert.deepEqual(result, first, `${threads} threads, ${chunkBytes} bytes at a time`);
      }
    });
  }
});

function generated(seed: number): { readonly type: FileType; readonly bytes: Uint8Array } {
  const random = seeded(seed);
  const defect = random.pick(defects);
  const type = random.pick(defect.types);
  return { type, bytes: defect.make(random, type).wrong };
}

/** The bytes as a stream would bring them. */
async function* pieces(bytes: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.int(300);
    yield bytes.subarray(at, at + length);
    at += length;
    await Promise.resolve();
  }
}

/** Some thousands of records, a third of them with something wrong, with Ids, addresses and users that come again and again. */
function large(type: FileType): string {
  const random = seeded(proof.seed);
  const wrong = (path: string): string =>
    random.pick(
      path === 'Address' ? ['x', 'jane@example', '+0'] : ['UK', 'all', 'en-US', '${x}', 'yesterday'],
    );
  const endpoints = validEndpoints(random, {
    records: 6000,
    with: ['Id', 'User.UserId', 'OptOut', 'Location.Country', 'Demographic.Locale', 'EffectiveDate'],
  });
  for (const endpoint of endpoints) {
    if (random.chance(0.1)) endpoint.set('Id', [`again-${random.int(50)}`]);
    if (random.chance(0.3)) {
      const path = random.pick([
        'Address',
        'Id',
        'OptOut',
        'Location.Country',
        'Demographic.Locale',
        'EffectiveDate',
      ]);
      endpoint.set(path, [wrong(path)]);
    }
  }
  const { text } = type === 'csv' ? toCsv(endpoints, random) : toNdjson(endpoints, random);
  // Some lines aren't records at all.
  return text
    .split('\n')
    .map((line, index) => (index % 97 === 96 ? `${line.slice(0, 20)}"\n\n"${line.slice(20)}` : line))
    .join('\n');
}

function assertCounts({ counts, errors, warnings, infos, issues, truncated }: ValidationResult): void {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  assert.equal(all, errors + warnings + infos);
  assert.equal(truncated, issues.length < all);
}
