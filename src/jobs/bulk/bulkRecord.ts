import type { EndpointDefinition } from '../../endpoints/model/endpointDefinition.ts';
import type { RunTrouble } from '../runs/runRecord.ts';

/** What is done to each endpoint or user of a file. */
export type BulkKind = 'update-endpoints' | 'delete-endpoints' | 'delete-users';

/** An operation on many endpoints, one by one or in batches. Stored as a small JSON file next to a journal. */
export interface BulkRecord {
  readonly schema: 2;
  /** Incremented with each change of owner; see `Guard`. 0 if an earlier version of the extension wrote it. */
  readonly epoch: number;
  readonly id: string;
  readonly kind: BulkKind;
  /** `paused` by the user, by `trouble`, or by the end of the process; continues where the journal ends. */
  readonly state: 'running' | 'paused' | 'completed';
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  readonly ended?: string | undefined;
  /** Only connections with the same account, region and service continue the operation. */
  readonly identity: string;
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly source: { readonly path: string; readonly bytes: number; readonly modified: number };
  /** Members that every endpoint gets in addition to those of the file. */
  readonly change?: EndpointDefinition | undefined;
  readonly total: number;
  readonly counts: BulkCounts;
  /** Why it stopped. */
  readonly trouble?: RunTrouble | undefined;
  /** Path of the file with the outcome of each line. */
  readonly results?: string | undefined;
  /** The path that the results file is about to get. */
  readonly publishing?: readonly string[] | undefined;
  /** Copies of damaged journals. The outcome of some of their records is unknown, so these were sent again. */
  readonly damaged?: readonly string[] | undefined;
}

export interface BulkCounts {
  readonly done: number;
  /** It didn't exist, so there was nothing to delete. */
  readonly absent: number;
  readonly failed: number;
}

/** The outcome of one record of the file. */
export interface Outcome {
  readonly kind: 'done' | 'absent' | 'failed' | 'unknown';
  /** Why it failed. */
  readonly message?: string | undefined;
  /** A user's endpoints that were deleted. */
  readonly endpoints?: readonly { readonly id: string; readonly channel: string }[] | undefined;
}
