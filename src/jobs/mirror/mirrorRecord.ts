import type { RunTrouble } from '../runs/runRecord.ts';

/** How files and segment differ: before the run compared with a state or export, after it with an export. */
export interface MirrorCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/**
 * - `mirrored`: an export of the segment has exactly the members of the files, with their content; and at most other endpoints of
 *   the same users, which no import can exclude
 * - `appended`: the segment still has members that the files no longer have: the service added instead of replacing
 * - `different`: members are missing or differ, for example because the import had failures
 * - `failed`: an import or export didn't complete
 */
export type MirrorOutcome = 'mirrored' | 'appended' | 'different' | 'failed';

/** The last run of a mirror. Stored as a small JSON file. */
export interface MirrorRecord {
  readonly schema: 2;
  /** Incremented with each change of owner; see `Guard`. 0 if an earlier version of the extension wrote it. */
  readonly epoch: number;
  readonly id: string;
  readonly name: string;
  /** `running` is written before the import starts. Without a living process it means that the run was interrupted and the last state is invalid. */
  readonly state: 'running' | 'done';
  /** ISO 8601. */
  readonly started: string;
  readonly ended?: string | undefined;
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  readonly projectId: string;
  readonly segmentId?: string | undefined;
  readonly members: number;
  readonly before: MirrorCounts;
  readonly outcome?: MirrorOutcome | undefined;
  /** The comparison with an export afterwards: `removed` are members that the files don't have. */
  readonly after?: MirrorCounts | undefined;
  /** Further members: other endpoints of users in the files. */
  readonly companions?: number | undefined;
  readonly importRunId?: string | undefined;
  readonly trouble?: RunTrouble | undefined;
}
