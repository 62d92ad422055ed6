import type { Clock } from '../../../src/jobs/runs/clock.ts';
import { systemClock } from '../../../src/jobs/runs/clock.ts';

/** How much faster time passes, so that pauses of a minute and a half can be tested. */
const speed = 50;

/** The same in each process that is told the same start. */
export function fastClock(start: number): Clock {
  return {
    now: () => start + (Date.now() - start) * speed,
    elapsed: () => performance.now() * speed,
    sleep: (ms, ...signals) => systemClock.sleep(ms / speed, ...signals),
  };
}
