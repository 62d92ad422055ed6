import { partIndexes, runJob, type PartIndex } from './parts.ts';
import type { RunRecord } from './runRecord.ts';

/** An import job that waits its turn. */
interface Waiting {
  readonly id: string;
  readonly part: PartIndex;
  readonly since: number;
}

/** How the imports of one place stand. */
export interface QueueState {
  /** Jobs that are being started or run, as far as they are known here: those of this user and those that are watched. */
  readonly running: number;
  /** In the order in which they are to start. */
  readonly waiting: readonly Waiting[];
  /** The service refused one of them; none is started before then: milliseconds since 1970. */
  readonly notBefore: number;
}

/**
 * The imports among `records`, which are all of one account, region and endpoint: AWS counts running imports by account
 * (Developer guide, quotas: 10; audience-define-import: 2), and its quotas by region.
 */
export function queueStateOf(records: readonly RunRecord[]): QueueState {
  let running = 0;
  let notBefore = 0;
  const waiting: Waiting[] = [];
  for (const record of records) {
    if (record.kind !== 'import') continue;
    for (const part of partIndexes(record)) {
      const { state, queued = 0, retryAt = 0 } = runJob(record, part);
      if (state === 'starting' || state === 'running') running += 1;
      if (state !== 'queued') continue;
      waiting.push({ id: record.id, part, since: queued });
      notBefore = Math.max(notBefore, retryAt);
    }
  }
  waiting.sort((a, b) => a.since - b.since || compare(a.id, b.id) || (a.part ?? 0) - (b.part ?? 0));
  return { running, waiting, notBefore };
}

/** How many jobs start before the first of this run, and one more; `undefined` where it does not wait. */
export function positionIn({ waiting }: QueueState, id: string): number | undefined {
  const index = waiting.findIndex((entry) => entry.id === id);
  return index === -1 ? undefined : index + 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
