import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { appendFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import type { EndpointService } from '../../../src/aws/pinpoint/endpointService.ts';
import { AudienceError, type ErrorCode } from '../../../src/errors.ts';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import { noLog } from '../../../src/log.ts';
import { replaceFile } from '../../support/platform.ts';
import { JumpingClock } from './jumpingClock.ts';

/** A service that notes when it was asked for what, and fails as it is told: throttling cannot be timed with the real one. */
class NotingService {
  readonly clock = new JumpingClock();
  readonly calls: { readonly at: number; readonly op: string; readonly count: number }[] = [];
  readonly failures: (ErrorCode | undefined)[] = [];

  get connection(): Connection {
    const note = (op: string, count: number): Promise<void> => {
      this.calls.push({ at: this.clock.now(), op, count });
      const code = this.failures.shift();
      return code === undefined
        ? Promise.resolve()
        : Promise.reject(new AudienceError(code, `It says ${code}`));
    };
    const endpoints: Partial<EndpointService> = {
      updateEndpoints: (_project, items) => note('batch', items.length),
      updateEndpoint: () => note('update', 1),
      deleteEndpoint: (_project, Id) => note('delete', 1).then(() => ({ Id })),
    };
    return {
      identity: { account: '1', arn: 'arn:aws:iam::1:user/me', region: 'eu-west-1' },
      settings: {},
      endpoints,
    } as unknown as Connection;
  }

  /** Milliseconds between one call and the next. */
  get gaps(): readonly number[] {
    return this.calls.slice(1).map(({ at }, index) => at - this.calls[index]!.at);
  }
}

describe('The rates of bulk operations', () => {
  let folder: string;
  let service: NotingService;
  let bulk: Bulk;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-bulk-'));
    service = new NotingService();
    bulk = new Bulk({ folder: join(folder, 'bulk'), log: noLog, clock: service.clock });
  });

  afterEach(async () => {
    bulk.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function csv(count: number): Promise<string> {
    const path = join(folder, 'ids.csv');
    const rows = Array.from({ length: count }, (_, n) => `id-${n},NONE\n`);
    await writeFile(path, `Id,OptOut\n${rows.join('')}`);
    return path;
  }

  it('sends nothing of a file that differs from the confirmed one', async () => {
    const source = await csv(3);
    const { size: bytes, mtimeMs: modified } = await stat(source);
    const plan = { kind: 'delete-endpoints', projectId: 'p', source } as const;
    await writeFile(source, 'Id\nsomebody-else\n');
    for (const confirmed of [
      { bytes, modified },
      { bytes: (await stat(source)).size, modified },
      { bytes, modified: (await stat(source)).mtimeMs },
    ])
      await assert.rejects(bulk.start(service.connection, { ...plan, confirmed }, {}), { code: 'changed' });
    assert.deepEqual([service.calls, await bulk.list()], [[], []]);
    const { size, mtimeMs } = await stat(source);
    const confirmed = { bytes: size, modified: mtimeMs };
    assert.equal((await bulk.start(service.connection, { ...plan, confirmed }, {})).counts.done, 1);
  });

  it('sends nothing more of a file that is changed or replaced meanwhile', async () => {
    for (const change of [
      (source: string) => {
        appendFileSync(source, 'somebody-else,NONE\n');
        return true;
      },
      (source: string) => {
        copyFileSync(source, `${source}.new`);
        return replaceFile(`${source}.new`, source);
      },
    ]) {
      const source = await csv(5);
      service.calls.length = 0;
      const attempt = { isPossible: true };
      const onProgress = (done: number): void => {
        if (done === 2) attempt.isPossible = change(source);
      };
      const plan = { kind: 'delete-endpoints', projectId: 'p', source } as const;
      const stopped = await bulk.start(service.connection, plan, { onProgress });
      if (!attempt.isPossible) continue;
      assert.deepEqual([stopped.state, stopped.trouble?.code], ['paused', 'changed']);
      assert.equal(service.calls.length, 2);
    }
  });

  it('sends batches of 100, two per second', async () => {
    const source = await csv(450);
    const record = await bulk.start(
      service.connection,
      { kind: 'update-endpoints', projectId: 'p', source },
      {},
    );
    assert.equal(record.state, 'completed');
    assert.deepEqual(record.counts, { done: 450, absent: 0, failed: 0 });
    assert.deepEqual(
      service.calls.map(({ count }) => count),
      [100, 100, 100, 100, 50],
    );
    assert.deepEqual(service.gaps, [500, 500, 500, 500]);
  });

  it('deletes five per second', async () => {
    const source = await csv(11);
    await bulk.start(service.connection, { kind: 'delete-endpoints', projectId: 'p', source }, {});
    assert.equal(service.calls.length, 11);
    assert.deepEqual(new Set(service.gaps), new Set([200]));
  });

  it('shares the rate among simultaneous operations', async () => {
    const source = await csv(6);
    const plan = { kind: 'delete-endpoints', projectId: 'p', source } as const;
    const other = join(folder, 'other.csv');
    await writeFile(other, await readFile(source));
    await Promise.all([
      bulk.start(service.connection, plan, {}),
      bulk.start(service.connection, { ...plan, source: other }, {}),
    ]);
    assert.equal(service.calls.length, 12);
    assert.ok(service.calls.at(-1)!.at - service.calls[0]!.at >= 11 * 200);
  });

  it('sends the endpoints of a rejected batch one by one, ten per second, and reports an error for each line', async () => {
    const source = await csv(3);
    service.failures.push('bad-input', undefined, 'bad-input', undefined);
    const record = await bulk.start(
      service.connection,
      { kind: 'update-endpoints', projectId: 'p', source },
      {},
    );
    assert.deepEqual(record.counts, { done: 2, absent: 0, failed: 1 });
    assert.deepEqual(
      service.calls.map(({ op }) => op),
      ['batch', 'update', 'update', 'update'],
    );
    assert.deepEqual(service.gaps.slice(1), [100, 100]);
    assert.equal(
      await readFile(record.results!, 'utf8'),
      'Line,Id,Outcome,Message\n2,id-0,done,\n3,id-1,failed,It says bad-input\n4,id-2,done,\n',
    );
  });

  it('waits longer and longer while throttled, and repeats the same request', async () => {
    const source = await csv(1);
    service.failures.push('throttled', 'throttled', 'network');
    const record = await bulk.start(
      service.connection,
      { kind: 'update-endpoints', projectId: 'p', source },
      {},
    );
    assert.equal(record.state, 'completed');
    assert.deepEqual(service.gaps, [1000, 2000, 4000]);
  });

  it('pauses if it is throttled permanently or lacks permission, and resumes from there', async () => {
    const source = await csv(250);
    const plan = { kind: 'update-endpoints', projectId: 'p', source } as const;
    service.failures.push(undefined, ...Array.from({ length: 7 }, () => 'throttled' as const));
    const paused = await bulk.start(service.connection, plan, {});
    assert.equal(paused.state, 'paused');
    assert.equal(paused.trouble?.code, 'throttled');
    assert.equal(paused.counts.done, 100);
    service.failures.push('access-denied');
    assert.equal((await bulk.resume(service.connection, paused.id, {})).trouble?.code, 'access-denied');
    service.calls.length = 0;
    const done = await bulk.resume(service.connection, paused.id, {});
    assert.deepEqual([done.state, done.counts.done, done.trouble], ['completed', 250, undefined]);
    assert.deepEqual(
      service.calls.map(({ count }) => count),
      [100, 50],
    );
  });
});
