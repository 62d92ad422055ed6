import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { createValidator } from '../../../src/endpoints/validation/validator.ts';
import { workerFile } from './validateContent.ts';

const cancelled = { code: 'cancelled' };

describe('A validator that ends', function () {
  let folder = '';
  let large = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lifetime-'));
    large = join(folder, 'large.csv');
    writeFileSync(
      large,
      `Id,OptOut\n${Array.from({ length: 200_000 }, (_, index) => `${index},ALL\n`).join('')}`,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it('cancels all checks, even those that wait for a worker', async () => {
    const validator = createValidator({ workerFile, threads: 1 });
    const checks = [
      ...Array.from({ length: 5 }, () => validator.file(large)),
      validator.stream(new PassThrough().end('Id\n1\n'), { type: 'csv' }),
    ];
    const outcomes = Promise.allSettled(checks);
    await delay(20);
    await validator.dispose();
    for (const outcome of await outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal((outcome.reason as { code: string }).code, cancelled.code);
    }
  });

  it('gives the worker of a cancelled stream to the next check, although its source is idle', async () => {
    const validator = createValidator({ workerFile, threads: 1 });
    for (let round = 0; round < 3; round++) {
      const source = new PassThrough();
      source.write(`Id\n${'1\n'.repeat(400_000)}`);
      const controller = new AbortController();
      const check = validator.stream(source, { type: 'csv', signal: controller.signal });
      await delay(100);
      controller.abort();
      await assert.rejects(check, cancelled);
      assert.equal((await validator.file(large)).records, 200_000);
    }
    await validator.dispose();
  });

  it('closes temporary files in this thread, whenever its workers are terminated', async function () {
    if (process.platform !== 'linux') this.skip();
    const spills = (): string[] =>
      readdirSync('/proc/self/fd').filter((name) => {
        try {
          return readlinkSync(`/proc/self/fd/${name}`).includes('.pinpoint-audience-');
        } catch {
          return false;
        }
      });
    let seen = 0;
    for (let round = 0; round < 6; round++) {
      const validator = createValidator({ workerFile, threads: 2, memoryBytes: () => 1 });
      const over = new AbortController();
      const check = validator
        .file(large)
        .catch(() => undefined)
        .finally(() => over.abort());
      while (!over.signal.aborted && spills().length === 0) await delay(1);
      seen += spills().length;
      await delay(5 * round);
      await validator.dispose();
      await check;
      assert.deepEqual(spills(), []);
    }
    assert.ok(seen > 0, 'no check spilled');
  });
});
