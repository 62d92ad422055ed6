import type { Event } from '../events.ts';
import type { FoundFailures } from '../jobs/failures/findFailures.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';

/** Where the failures of imports are in the files that were sent, as pages and commands see it. */
export interface Failures {
  /** What is known; `undefined` while it is looked for, which the first question begins. Without failures it is known at once. */
  of(run: RunRecord): FoundFailures | undefined;
  /** Looks again: files may have changed since. */
  find(run: RunRecord, signal?: AbortSignal): Promise<FoundFailures>;
  /** Shows what was found in Problems, until the files are changed or the run is forgotten. */
  mark(run: RunRecord, found: FoundFailures): void;
  /** Fires with the id of a run once more is known of it. */
  readonly onDidChange: Event<string>;
}
