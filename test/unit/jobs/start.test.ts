import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ServiceJob } from '../../../src/aws/pinpoint/audienceService.ts';
import { AudienceError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { Found } from '../../../src/jobs/drive/startJob.ts';
import { startJob } from '../../../src/jobs/drive/startJob.ts';
import { WakeSignal } from '../../../src/jobs/drive/wakeSignal.ts';
import { JumpingClock } from './jumpingClock.ts';

const created: ServiceJob = {
  id: 'j1',
  projectId: 'p',
  kind: 'import',
  status: 'CREATED',
  created: '',
  failures: [],
};

const lost = () => new AudienceError('network', 'broke off', { service: { name: 'ECONNRESET' } });
const broken = () =>
  new AudienceError('service', 'own error', { service: { name: 'InternalError', status: 500 } });
const refused = (code: ErrorCode, status = 400) =>
  new AudienceError(code, 'refused', { service: { name: 'X', status } });

/** A service that answers each request to create as the script says, and lists what `listed` holds. */
function course(
  script: readonly (Error | 'ok')[],
  options: { isAsked?: boolean; cancel?: AbortSignal; onRemember?: () => void } = {},
) {
  const clock = new JumpingClock();
  const listed: ServiceJob[] = [];
  const found: Found[] = [];
  const remembered: boolean[] = [];
  const troubles: (ErrorCode | undefined)[] = [];
  const state = { creates: 0, finds: 0, onFind: (): void => undefined };
  const run = startJob({
    prepare: () => Promise.resolve(),
    create: (lastly) => {
      try {
        lastly();
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      const next = script[state.creates] ?? 'ok';
      state.creates += 1;
      assert.equal(remembered.at(-1), true, 'it is on disk before the service is asked');
      return next === 'ok' ? Promise.resolve(created) : Promise.reject(next);
    },
    find: () => {
      state.finds += 1;
      state.onFind();
      return Promise.resolve(found.shift() ?? listed[0]);
    },
    remember: (isAsked) => {
      remembered.push(isAsked);
      if (isAsked) options.onRemember?.();
      return Promise.resolve();
    },
    isAsked: options.isAsked === true,
    clock,
    random: () => 0.5,
    waker: new WakeSignal(),
    stop: new AbortController().signal,
    cancel: options.cancel,
    onTrouble: (trouble) => {
      troubles.push(trouble?.code);
      return Promise.resolve();
    },
  });
  return { run, clock, listed, found, remembered, troubles, state };
}

describe('starting a job', () => {
  it('sends one request if there is a response', async () => {
    const { run, state } = course(['ok']);
    assert.deepEqual(await run, { job: created, adopted: false });
    assert.deepEqual([state.creates, state.finds], [1, 0]);
  });

  it('adopts the job if the response was lost', async () => {
    const { run, listed, state } = course([lost()]);
    listed.push(created);
    assert.deepEqual(await run, { job: created, adopted: true });
    assert.equal(state.creates, 1);
  });

  it('adopts a job that is listed late', async () => {
    const { run, listed, state } = course([lost()]);
    state.onFind = () => {
      if (state.finds === 5) listed.push(created);
    };
    assert.equal((await run).adopted, true);
    assert.equal(state.creates, 1);
  });

  it('retries only once the lost request can no longer arrive', async () => {
    const { run, clock, state } = course([lost(), 'ok']);
    const start = clock.now();
    assert.equal((await run).adopted, false);
    assert.equal(state.creates, 2);
    assert.ok(clock.now() - start >= 90_000, `${clock.now() - start} ms`);
    assert.ok(state.finds >= 5);
  });

  it('retries sooner if the service did respond', async () => {
    const { run, clock } = course([broken(), 'ok']);
    const start = clock.now();
    await run;
    const waited = clock.now() - start;
    assert.ok(waited >= 10_000 && waited < 15_000, `${waited} ms`);
  });

  it('gives up after three requests without a response', async () => {
    const { run, state } = course([lost(), lost(), lost()]);
    await assert.rejects(run, { code: 'network' });
    assert.equal(state.creates, 3);
  });

  it("first looks, long enough by its own clock, for the job of an earlier process's request", async () => {
    const { run, state, clock } = course([], { isAsked: true });
    const start = clock.now();
    await run;
    assert.deepEqual([clock.now() - start, state.creates], [90_000, 1]);
  });

  it('sends nothing while a listed job may be this one', async () => {
    const { run, clock, found, state } = course([lost()]);
    found.push(...Array.from({ length: 40 }, () => 'undecided' as const), created);
    const start = clock.now();
    assert.equal((await run).adopted, true);
    assert.equal(state.creates, 1);
    assert.ok(clock.now() - start > 200_000, `${clock.now() - start} ms`);
  });

  it('records the request again before sending if it hung in between', async () => {
    let times = 0;
    const { run, state, remembered, clock } = course(['ok'], {
      onRemember: () => {
        times += 1;
        if (times === 1) clock.pass(20_000);
      },
    });
    assert.equal((await run).adopted, false);
    assert.equal(state.creates, 1);
    assert.deepEqual(remembered, [true, false, true]);
  });

  it('waits for the network as long as necessary', async () => {
    const refusedConnection = () =>
      new AudienceError('network', 'nothing answers', { service: { name: 'ECONNREFUSED' } });
    const { run, state, remembered, troubles } = course([
      ...Array.from({ length: 30 }, refusedConnection),
      'ok',
    ]);
    assert.equal((await run).adopted, false);
    assert.deepEqual([state.creates, state.finds], [31, 0]);
    assert.ok(troubles.every((code) => code === 'network'));
    assert.equal(remembered.at(-1), true);
  });

  it("respects the service's requested delay", async () => {
    const throttled = new AudienceError('throttled', 'refused', {
      service: { name: 'X', status: 429, retryAfterMs: 77_000 },
    });
    const { run, clock } = course([throttled, 'ok']);
    const start = clock.now();
    await run;
    assert.ok(clock.now() - start >= 77_000, `${clock.now() - start} ms`);
  });

  for (const code of ['bad-input', 'access-denied', 'not-found', 'retired'] as const) {
    it(`doesn't retry after a rejection: ${code}`, async () => {
      const { run, state, remembered } = course([refused(code)]);
      await assert.rejects(run, { code });
      assert.equal(state.creates, 1);
      assert.equal(remembered.at(-1), false, 'it is certain that there is no job');
    });
  }

  it('retries after a temporary rejection: too many requests, expired credentials', async () => {
    const { run, state, troubles } = course([refused('throttled', 429), refused('credentials', 403), 'ok']);
    assert.equal((await run).adopted, false);
    assert.deepEqual([state.creates, state.finds], [3, 0]);
    assert.deepEqual(troubles, ['throttled', 'credentials']);
  });

  it('can be cancelled as long as there is certainly no job', async () => {
    const cancel = new AbortController();
    const { run, state, remembered } = course([refused('throttled', 429), 'ok'], { cancel: cancel.signal });
    cancel.abort();
    await assert.rejects(run, { code: 'cancelled' });
    assert.equal(remembered.at(-1) ?? false, false);
    assert.ok(state.creates <= 1);
  });

  it("can't be cancelled while there may be a job", async () => {
    const cancel = new AbortController();
    const { run, listed, state } = course([lost()], { cancel: cancel.signal });
    state.onFind = () => {
      cancel.abort();
      if (state.finds === 3) listed.push(created);
    };
    assert.equal((await run).adopted, true);
  });
});
