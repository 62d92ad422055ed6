import type { Event } from '../events.ts';
import type { FoundFailures } from '../jobs/failures/findFailures.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';

/** The lines of import failures in the files that were sent. */
export interface Failures {
  /** The known lines; `undefined` while they are searched, which the first call starts. */
  of(run: RunRecord): FoundFailures | undefined;
  /** Searches again, since files may have changed. */
  find(run: RunRecord, signal?: AbortSignal): Promise<FoundFailures>;
  /** Shows failures in Problems until the files change or the run is forgotten. */
  mark(run: RunRecord, found: FoundFailures): void;
  /** Fires with the ID of a run when its lines were found. */
  readonly onDidChange: Event<string>;
}
