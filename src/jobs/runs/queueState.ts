import { partIndexes, runJob, type PartIndex } from './parts.ts';
import type { RunRecord } from './runRecord.ts';

/** A queued import job. */
interface Waiting {
  readonly id: string;
  readonly part: PartIndex;
  readonly since: number;
}

/** The imports of one account and region. */
export interface QueueState {
  /** Number of starting and running jobs: those of this user and watched ones. Others are unknown here. */
  readonly running: number;
  /** In start order. */
  readonly waiting: readonly Waiting[];
  /** No start meanwhile, because the service refused one: milliseconds since 1970. */
  readonly pause: { readonly from: number; readonly until: number };
}

/**
 * The imports among `records`, which all have the same connection key: AWS counts running imports by account
 * (Developer guide, quotas: 10; audience-define-import: 2), and its quotas by region.
 */
export function queueStateOf(records: readonly RunRecord[]): QueueState {
  let running = 0;
  let pause = { from: 0, until: 0 };
  const waiting: Waiting[] = [];
  for (const record of records) {
    if (record.kind !== 'import') continue;
    for (const part of partIndexes(record)) {
      const { state, queued = 0, retryAt = 0 } = runJob(record, part);
      if (state === 'starting' || state === 'running') running += 1;
      if (state !== 'queued') continue;
      waiting.push({ id: record.id, part, since: queued });
      if (retryAt > pause.until) pause = { from: queued, until: retryAt };
    }
  }
  waiting.sort((a, b) => a.since - b.since || compare(a.id, b.id) || (a.part ?? 0) - (b.part ?? 0));
  return { running, waiting, pause };
}

/** Position of a run in the queue, from 1; `undefined` if it isn't queued. */
export function positionIn({ waiting }: QueueState, id: string): number | undefined {
  const index = waiting.findIndex((entry) => entry.id === id);
  return index === -1 ? undefined : index + 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
