import type { Clock } from '../../../src/jobs/runs/clock.ts';
import { systemClock } from '../../../src/jobs/runs/clock.ts';

/** The same in each process that is told the same start. At the usual speed, pauses of a minute and a half can be tested. */
export function fastClock(start: number, speed = 50): Clock {
  return {
    now: () => start + (Date.now() - start) * speed,
    elapsed: () => performance.now() * speed,
    sleep: (ms, ...signals) => systemClock.sleep(ms / speed, ...signals),
  };
}
