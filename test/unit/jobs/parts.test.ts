import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { queueStateOf, positionIn } from '../../../src/jobs/runs/queueState.ts';
import { failuresKeptMs, hasOldFailures, withoutFailures } from '../../../src/jobs/failures/failureExpiry.ts';
import { divide, jobLimits, withJob, withJobsIn } from '../../../src/jobs/runs/parts.ts';
import type { RunPart, RunRecord, RunState } from '../../../src/jobs/runs/runRecord.ts';
import { hasEnded, jobsOf } from '../../../src/jobs/runs/runRecord.ts';
import { importRecord, partedRecord } from './records.ts';

describe('the parts of a run', () => {
  const sizes = (...bytes: readonly number[]): { bytes: number }[] => bytes.map((each) => ({ bytes: each }));

  it("are as few as the order of the files and AWS's job limits allow", () => {
    assert.deepEqual(jobLimits, { bytes: 1_000_000_000, files: 10_000 });
    assert.deepEqual(divide(sizes(600_000_000, 400_000_000), jobLimits), [{ first: 0, count: 2 }]);
    assert.deepEqual(divide(sizes(600_000_000, 400_000_001), jobLimits), [
      { first: 0, count: 1 },
      { first: 1, count: 1 },
    ]);
    assert.deepEqual(divide(sizes(...Array<number>(10_001).fill(1)), jobLimits), [
      { first: 0, count: 10_000 },
      { first: 10_000, count: 1 },
    ]);
  });

  it('contain each file once, in order, and never exceed the limit unless a single file does', () => {
    const limits = { bytes: 100, files: 4 };
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (bytes) => {
        const files = sizes(...bytes);
        const shares = divide(files, limits);
        assert.deepEqual(
          shares.flatMap(({ first, count }) => [...files.keys()].slice(first, first + count)),
          [...files.keys()],
        );
        for (const { first, count } of shares) {
          const sum = bytes.slice(first, first + count).reduce((all, each) => all + each, 0);
          assert.ok(count <= limits.files && (sum <= limits.bytes || count === 1));
        }
      }),
    );
  });

  it("determine the run's status", () => {
    const cases: readonly (readonly [readonly RunState[], RunState])[] = [
      [['staging', 'staging'], 'staging'],
      [['queued', 'queued'], 'queued'],
      [['running', 'queued'], 'running'],
      [['completed', 'starting', 'queued'], 'starting'],
      [['completed', 'queued', 'failed'], 'queued'],
      [['completed', 'failed', 'cancelled'], 'failed'],
      [['completed', 'cancelled'], 'cancelled'],
      [['completed', 'completed'], 'completed'],
    ];
    for (const [states, expected] of cases) {
      const start = partedRecord('a', states.length);
      const record = states.reduce((next, state, part) => withJob(next, part, { state }), start);
      assert.equal(record.state, expected, states.join());
      assert.equal(
        hasEnded(record),
        states.every((state) => hasEnded({ state })),
      );
    }
  });

  it('report how many failed, and why the first one did', () => {
    const error = { code: 'service', message: 'No.', help: 'Look.' } as const;
    const one = withJob(partedRecord('a', 3), 1, { state: 'failed', error });
    assert.match(one.error!.message, /^Part 2 of 3 failed: No\.$/);
    assert.match(one.error!.help!, /^Look\. Retry repeats only the parts that failed\.$/);
    const two = withJob(one, 2, { state: 'failed', error: { ...error, message: 'Neither.' } });
    assert.match(two.error!.message, /^2 of 3 parts failed; the first: No\.$/);
    assert.equal(withJobsIn(two, 'failed', { state: 'queued', error: undefined }).error, undefined);
  });
});

describe('the import queue', () => {
  const queued = (id: string, since: number, change: Partial<RunRecord> = {}): RunRecord =>
    importRecord(id, { state: 'queued', job: undefined, queued: since, ...change });

  it('is ordered by time, then in a way that is the same in all windows', () => {
    const records = [
      queued('c', 2),
      queued('b', 1),
      queued('a', 2),
      importRecord('r'),
      importRecord('x', { state: 'completed' }),
    ];
    const line = queueStateOf(records);
    assert.deepEqual(
      line.waiting.map(({ id }) => id),
      ['b', 'a', 'c'],
    );
    assert.deepEqual(queueStateOf([...records].reverse()).waiting, line.waiting);
    assert.equal(line.running, 1);
    assert.deepEqual(
      ['a', 'b', 'c', 'r', 'z'].map((id) => positionIn(line, id)),
      [2, 1, 3, undefined, undefined],
    );
  });

  it('counts each part, including those of others, but no exports', () => {
    const parted = withJob(withJob(partedRecord('p', 4), 0, { state: 'running' }), 1, { state: 'starting' });
    const waiting = withJob(withJob(parted, 2, { state: 'queued', queued: 5 }), 3, {
      state: 'queued',
      queued: 5,
    });
    const watched = importRecord('w', { watched: true, import: undefined });
    const line = queueStateOf([waiting, watched, importRecord('e', { kind: 'export' })]);
    assert.equal(line.running, 3);
    assert.deepEqual(
      line.waiting.map(({ part }) => part),
      [2, 3],
    );
  });

  it('waits as a whole if the service rejected one of them', () => {
    assert.equal(queueStateOf([queued('a', 1, { retryAt: 77 }), queued('b', 2)]).pause.until, 77);
  });
});

describe('the texts of failed entries, which quote rows', () => {
  const ended = '2026-11-01T00:00:00.000Z';
  const later = Date.parse(ended) + failuresKeptMs;
  const job = { ...importRecord('a').job!, failures: ['planted@example.com'], totalFailures: 3 };

  it('are dropped from the record a week after its end, but the counts are kept', () => {
    const record = importRecord('a', { state: 'completed', ended, job });
    assert.equal(hasOldFailures(record, later), false);
    assert.equal(hasOldFailures(record, later + 1), true);
    const dropped = { ...record, ...withoutFailures(record) };
    assert.doesNotMatch(JSON.stringify(dropped), /planted/);
    assert.deepEqual([dropped.job?.totalFailures, hasOldFailures(dropped, later + 1)], [3, false]);
  });

  it('are dropped from the error of the run and its parts as well, but our own texts are kept', () => {
    const error = {
      code: 'bad-input',
      message: 'Could not start: planted@example.com',
      help: 'Validate.',
    } as const;
    const [part] = partedRecord('a', 1).parts!;
    const parts = [{ ...part!, state: 'failed', error } as const];
    const record: RunRecord = { ...partedRecord('a', 1), state: 'failed', ended, error, parts };
    assert.equal(hasOldFailures(record, later), false);
    assert.ok(hasOldFailures(record, later + 1));
    const dropped = { ...record, ...withoutFailures(record) };
    assert.doesNotMatch(JSON.stringify(dropped), /planted/);
    assert.deepEqual([dropped.error?.code, dropped.error?.help], ['bad-input', 'Validate.']);
    assert.equal(hasOldFailures(dropped, later + 1), false);
  });

  it("are dropped from errors with any code, even those that don't usually quote the service", () => {
    for (const code of [
      'access-denied',
      'conflict',
      'not-found',
      'retired',
      'service',
      'internal',
    ] as const) {
      const error = { code, message: 'Could not start: planted@example.com' };
      const record: RunRecord = { ...importRecord('a'), job: undefined, state: 'failed', ended, error };
      assert.ok(hasOldFailures(record, later + 1), code);
      assert.deepEqual(withoutFailures(record).error, {
        code,
        message: 'Failed. The reason was deleted after a week',
      });
    }
  });

  it('are dropped from each part', () => {
    const parts: readonly RunPart[] = partedRecord('a', 2).parts!.map((part) => ({
      ...part,
      state: 'completed',
      job,
    }));
    const record: RunRecord = { ...partedRecord('a', 2), state: 'completed', ended, parts };
    assert.ok(hasOldFailures(record, later + 1));
    assert.deepEqual(
      jobsOf({ ...record, ...withoutFailures(record) }).map(({ failures }) => failures),
      [[], []],
    );
  });

  it('are kept while the run continues', () => {
    assert.equal(hasOldFailures(importRecord('a', { job }), later * 2), false);
  });
});
