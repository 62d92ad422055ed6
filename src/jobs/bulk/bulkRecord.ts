import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { RunTrouble } from '../runs/runRecord.ts';

/** What is done to each endpoint or user of a file. */
export type BulkKind = 'update-endpoints' | 'delete-endpoints' | 'delete-users';

/** Work on many endpoints, one by one or in batches. Kept as one small JSON file, with a journal beside it. */
export interface BulkRecord {
  readonly schema: 2;
  /** How often the operation changed hands; see `Guard`. 0 for what an earlier version of the extension wrote. */
  readonly epoch: number;
  readonly id: string;
  readonly kind: BulkKind;
  /** `paused`: by the user, by `trouble`, or by the end of the process; it goes on from where the journal ends. */
  readonly state: 'running' | 'paused' | 'completed';
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  readonly ended?: string | undefined;
  /** Who and where. Work only goes on by a connection of the same account, region and endpoint. */
  readonly identity: string;
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly source: { readonly path: string; readonly bytes: number; readonly modified: number };
  /** What every endpoint gets besides what the file says of it. */
  readonly change?: EndpointDefinition | undefined;
  readonly total: number;
  readonly counts: BulkCounts;
  /** What it stopped at. */
  readonly trouble?: RunTrouble | undefined;
  /** Path of the file that says what became of each line. */
  readonly results?: string | undefined;
  /** The name that it is about to be given. */
  readonly publishing?: readonly string[] | undefined;
  /** Copies of journals in which a line was damaged: of its records it isn't known what became of them, and they were sent again. */
  readonly damaged?: readonly string[] | undefined;
}

export interface BulkCounts {
  readonly done: number;
  /** It was not there, so there was nothing to delete. */
  readonly absent: number;
  readonly failed: number;
}

/** What became of one record of the file. */
export interface Outcome {
  readonly kind: 'done' | 'absent' | 'failed' | 'unknown';
  /** Why it failed. */
  readonly message?: string | undefined;
  /** A user's endpoints that were deleted. */
  readonly endpoints?: readonly { readonly id: string; readonly channel: string }[] | undefined;
}
