import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import type { ServiceJob } from '../../../src/aws/pinpoint/audienceService.ts';
import { leftOf, nextDelay } from '../../../src/jobs/drive/polling.ts';
import { WakeSignal } from '../../../src/jobs/drive/wakeSignal.ts';
import { Pace, watchJob } from '../../../src/jobs/drive/watchJob.ts';
import { CrowdClock } from './crowdClock.ts';
import { JumpingClock } from './jumpingClock.ts';

const second = 1000;
const minute = 60 * second;

function job(status: string): ServiceJob {
  return { id: 'j', projectId: 'p', kind: 'import', status, created: '2026-11-22T12:00:00Z', failures: [] };
}

interface Course {
  readonly random?: () => number;
  readonly answer?: (calls: number, ageMs: number) => string;
  readonly visible?: boolean;
  /** Of the job when the watch begins; 0 by default. */
  readonly ageMs?: number;
  readonly atOnce?: boolean;
  /** How far the clock is put on, or back, at the third question. */
  readonly jumpMs?: number;
}

/** Watches a job that ends at `endMs`; each question takes 20 ms. */
async function watch(endMs: number, course: Course = {}) {
  const clock = new JumpingClock();
  const since = clock.now();
  const jumpMs = course.jumpMs ?? 0;
  const troubles: (string | undefined)[] = [];
  let calls = 0;
  const end = await watchJob({
    ask: () => {
      calls += 1;
      const age = clock.now() - since - (calls > 3 ? jumpMs : 0);
      clock.pass(20);
      if (calls === 3) clock.put(jumpMs);
      const status = course.answer?.(calls, age) ?? 'PROCESSING';
      return Promise.resolve(job(age >= endMs ? 'COMPLETED' : status));
    },
    ageMs: course.ageMs ?? 0,
    atOnce: course.atOnce ?? false,
    clock,
    random: course.random ?? Math.random,
    pace: new Pace(),
    waker: new WakeSignal(),
    isVisible: () => course.visible ?? true,
    stop: new AbortController().signal,
    onJob: () => Promise.resolve(),
    onTrouble: (trouble) => {
      troubles.push(trouble?.code);
      return Promise.resolve();
    },
  });
  return { calls, age: clock.now() - since - jumpMs, status: end.status, slept: clock.slept, troubles };
}

const randoms: readonly (readonly [string, () => number])[] = [
  ['the least', () => 0],
  ['the most', () => 1 - Number.EPSILON],
  ['any', Math.random],
];

describe('the polling schedule', () => {
  for (const [name, random] of randoms) {
    it(`polls at most 45 times for a job of 10 minutes and 65 times for one of an hour (jitter: ${name})`, async () => {
      const short = await watch(10 * minute, { random });
      const long = await watch(60 * minute, { random });
      assert.ok(short.calls <= 45, `${short.calls} calls`);
      assert.ok(long.calls <= 65, `${long.calls} calls`);
    });

    it(`notices at once that a job of hours had ended before it was adopted (jitter: ${name})`, async () => {
      const adopted = await watch(0, { random, ageMs: 3 * 60 * minute, atOnce: true });
      assert.deepEqual([adopted.calls, adopted.status, adopted.slept], [1, 'COMPLETED', []]);
    });

    it(`notices the end within 3 s or a tenth of the age (jitter: ${name})`, async () => {
      for (let endMs = 100; endMs < 3 * 60 * minute; endMs = Math.ceil(endMs * 1.07) + 1) {
        const { age } = await watch(endMs, { random });
        assert.ok(
          age - endMs <= Math.max(3 * second, endMs / 10),
          `a job of ${endMs} ms was seen to end at ${age}`,
        );
      }
    });
  }

  it('polls less often while no view is visible', async () => {
    const seen = await watch(10 * minute, { random: () => 0 });
    const unseen = await watch(10 * minute, { random: () => 0, visible: false });
    assert.ok(unseen.calls < seen.calls * 0.7, `${unseen.calls} against ${seen.calls} calls`);
  });

  it('never waits longer than five minutes', () => {
    for (const failures of [0, 3, 100]) {
      for (const throttles of [0, 3, 100]) {
        const delay = nextDelay({ ageMs: 1e9, failures, throttles, visible: false }, 0.999);
        assert.ok(delay <= 5 * minute && delay > 0, `${delay}`);
      }
    }
  });

  it('doubles its pauses while throttled, and spreads them', () => {
    const pause = (throttles: number, random: number) =>
      nextDelay({ ageMs: 0, failures: 0, throttles, visible: true }, random);
    assert.deepEqual(
      [1, 2, 3, 4].map((throttles) => pause(throttles, 0)),
      [2500, 5000, 10_000, 20_000],
    );
    assert.equal(pause(3, 0.5), 15_000);
  });
});

describe('watching a job', () => {
  const failing = (code: 'network' | 'throttled' | 'credentials' | 'not-found' | 'retired') => {
    throw new AudienceError(code, 'Could not read the import job');
  };

  it('continues through failed requests, and reports the problem until it is over', async () => {
    const { status, troubles } = await watch(5 * minute, {
      answer: (calls) => (calls >= 3 && calls <= 6 ? failing('network') : 'PROCESSING'),
    });
    assert.equal(status, 'COMPLETED');
    const told = troubles.filter((code) => code !== undefined);
    assert.deepEqual([...new Set(told)], ['network']);
    assert.equal(troubles.at(-1), undefined);
  });

  it("doesn't report a single failed request", async () => {
    const { troubles } = await watch(minute, {
      answer: (calls) => (calls === 4 ? failing('network') : 'PROCESSING'),
    });
    assert.ok(troubles.every((code) => code === undefined));
  });

  it('reports expired credentials at once, and continues when they are renewed', async () => {
    const { status, troubles } = await watch(minute, {
      answer: (calls) => (calls === 4 ? failing('credentials') : 'PROCESSING'),
    });
    assert.equal(status, 'COMPLETED');
    assert.ok(troubles.includes('credentials'));
  });

  it('slows down when throttled', async () => {
    const { slept } = await watch(10 * minute, {
      random: () => 0,
      answer: (calls) => (calls >= 5 && calls < 9 ? failing('throttled') : 'PROCESSING'),
    });
    assert.deepEqual(
      slept
        .slice(5, 9)
        .map(Math.round)
        .map((ms) => ms > 2400),
      [true, true, true, true],
    );
    assert.ok(slept[8]! > 2 * slept[5]!, slept.slice(4, 10).join(' '));
  });

  for (const [what, jumpMs] of [
    ['back', -60 * minute],
    ['on', 60 * minute],
  ] as const) {
    it(`continues if the clock is set ${what} by an hour, with neither a burst of requests nor a long pause`, async () => {
      const { calls, age } = await watch(10 * minute, { jumpMs });
      assert.ok(calls <= 45, `${calls} calls`);
      assert.ok(age <= 11 * minute, `seen to end at ${age}`);
    });
  }

  it('is paused no longer than the throttling lasts, even if the clock is set back', async () => {
    const { slept } = await watch(10 * minute, {
      jumpMs: -60 * minute,
      answer: (calls) => (calls === 3 ? failing('throttled') : 'PROCESSING'),
    });
    assert.ok(Math.max(...slept) <= 5 * minute, `${Math.max(...slept)} ms`);
  });

  for (const [code, status] of [
    ['throttled', 429],
    ['service', 503],
  ] as const) {
    it(`waits as long as the service asks for: ${code}`, async () => {
      const retryAfterMs = 400 * second;
      const { slept, status: last } = await watch(20 * minute, {
        answer: (calls) => {
          if (calls !== 4) return 'PROCESSING';
          throw new AudienceError(code, 'refused', { service: { name: 'X', status, retryAfterMs } });
        },
      });
      assert.equal(last, 'COMPLETED');
      assert.ok(Math.max(...slept) > 300 * second, `${Math.max(...slept)} ms`);
    });
  }

  it('treats an unknown status as running', async () => {
    const { status } = await watch(minute, { answer: () => 'SOMETHING_NEW' });
    assert.equal(status, 'COMPLETED');
  });

  for (const code of ['not-found', 'retired'] as const) {
    it(`accepts "${code}" after three consecutive responses, not after one`, async () => {
      const once = await watch(minute, { answer: (calls) => (calls === 4 ? failing(code) : 'PROCESSING') });
      assert.equal(once.status, 'COMPLETED');
      await assert.rejects(
        watch(60 * minute, { answer: (calls) => (calls >= 4 ? failing(code) : 'PROCESSING') }),
        {
          code,
        },
      );
    });
  }
});

describe('a pause after a refusal', () => {
  const pause = { from: 1000, until: 1000 + 50 * minute };

  it('lasts as long as the service asked for, also longer than ours', () => {
    assert.equal(leftOf(pause, 1000), 50 * minute);
    assert.equal(leftOf(pause, pause.until - 1), 1);
    assert.equal(leftOf(pause, pause.until), 0);
  });

  it('is over if the clock was set back to before it', () => {
    assert.equal(leftOf(pause, 999), 0);
  });
});

describe('watching several jobs', () => {
  interface Crowd {
    readonly clock: CrowdClock;
    readonly pace: Pace;
    readonly waker: WakeSignal;
    /** When each question was asked, by job. */
    readonly asked: number[][];
  }

  /** Watches a job that is asked for now and ends after `lastsMs`; resolves with when that was seen, after its end. */
  async function watchOne(
    { clock, pace, waker, asked }: Crowd,
    index: number,
    lastsMs: number,
    answer: () => void = () => undefined,
  ): Promise<number> {
    const since = clock.now();
    const own: number[] = [];
    asked[index] = own;
    await watchJob({
      ask: () => {
        own.push(clock.now());
        answer();
        return Promise.resolve(job(clock.now() - since >= lastsMs ? 'COMPLETED' : 'PROCESSING'));
      },
      ageMs: 0,
      atOnce: false,
      clock,
      random: Math.random,
      pace,
      waker,
      isVisible: () => true,
      stop: new AbortController().signal,
      onJob: () => Promise.resolve(),
      onTrouble: () => Promise.resolve(),
    });
    return clock.now() - since - lastsMs;
  }

  const crowd = (): Crowd => ({
    clock: new CrowdClock(),
    pace: new Pace(),
    waker: new WakeSignal(),
    asked: [],
  });

  it('costs no more per part than for a single job, and notices each end as soon', async () => {
    const group = crowd();
    const minutes = [10, 10, 10, 60, 60, 1];
    const late = await group.clock.run(
      Promise.all(minutes.map((lasts, index) => watchOne(group, index, lasts * minute))),
    );
    for (const [index, lasts] of minutes.entries()) {
      assert.ok(
        group.asked[index]!.length <= (lasts === 60 ? 65 : 45),
        `${group.asked[index]!.length} calls`,
      );
      assert.ok(late[index]! <= Math.max(3 * second, lasts * minute * 0.1), `${late[index]} ms late`);
    }
  });

  it('polls two at a time if two run at a time, each by its own age', async () => {
    const group = crowd();
    const waiting = [0, 1, 2, 3, 4, 5];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await watchOne(group, next, 10 * minute);
      }
    };
    await group.clock.run(Promise.all([lane(), lane()]));
    for (const calls of group.asked) assert.ok(calls.length <= 45, `${calls.length} calls`);
    const all = group.asked.flat();
    const whole = Math.max(...all) - Math.min(...all);
    assert.ok(all.length <= 6 * 45 && whole >= 30 * minute - 10 * second);
  });

  it('recovers if many were throttled together, and notices the end of each soon', async () => {
    const group = crowd();
    let second = 0;
    let inSecond = 0;
    // The service answers five questions a second.
    const answer = (): void => {
      const now = Math.floor(group.clock.now() / 1000);
      inSecond = now === second ? inSecond + 1 : 1;
      second = now;
      if (inSecond > 5) throw new AudienceError('throttled', 'Too many requests');
    };
    const late = await group.clock.run(
      Promise.all(Array.from({ length: 50 }, (_, index) => watchOne(group, index, 10_000, answer))),
    );
    assert.ok(Math.max(...late) <= 2 * minute, `${Math.max(...late)} ms late`);
  });

  it('pauses all of them if one is throttled, including woken ones', async () => {
    const group = crowd();
    const start = group.clock.now();
    let refused: number | undefined;
    const refuseOnce = (): void => {
      if (refused !== undefined || group.clock.now() - start < minute) return;
      refused = group.clock.now();
      // Somebody opens the view just then.
      void group.clock.sleep(500).then(() => group.waker.wake());
      throw new AudienceError('throttled', 'Too many requests');
    };
    await group.clock.run(
      Promise.all([0, 1, 2, 3].map((index) => watchOne(group, index, 5 * minute, refuseOnce))),
    );
    const next = Math.min(...group.asked.flat().filter((at) => at > refused!));
    assert.ok(next - refused! >= 2500, `asked again after ${next - refused!} ms`);
  });
});
