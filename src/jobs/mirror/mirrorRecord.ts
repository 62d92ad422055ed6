import type { RunTrouble } from '../runs/runRecord.ts';

/** How the audience and the segment differed: before the run, by what it was compared with, or after it, by an export. */
export interface MirrorCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/**
 * - `mirrored`: an export of the segment shows exactly the members of the files, with what the files say of them; besides at most
 *   companions, which no import can keep out
 * - `appended`: members that the files do not have any more are still there: the service added instead of replacing
 * - `different`: members are missing or differ, as where the import had failures
 * - `failed`: an import or export did not complete
 */
export type MirrorOutcome = 'mirrored' | 'appended' | 'different' | 'failed';

/** The last run of a mirror. Kept as one small JSON file. */
export interface MirrorRecord {
  readonly schema: 2;
  /** How often the mirror changed hands; see `Guard`. 0 for what an earlier version of the extension wrote. */
  readonly epoch: number;
  readonly id: string;
  readonly name: string;
  /** `running` is written before the import is asked for: what is found so was broken off, and the last state is not to be trusted. */
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
  /** What the export showed afterwards: `removed` are members that the files do not have. */
  readonly after?: MirrorCounts | undefined;
  /** Members besides, that are other endpoints of users whom the files list. */
  readonly companions?: number | undefined;
  readonly importRunId?: string | undefined;
  readonly trouble?: RunTrouble | undefined;
}
