import type { FileType, Issue, SeverityOverrides } from './finding.ts';

/** What a worker is told. A file is read by the worker itself; of a stream it gets blocks. */
export type ToWorker =
  | { readonly kind: 'file'; readonly path: string; readonly job: Job }
  | { readonly kind: 'stream'; readonly job: Job }
  | { readonly kind: 'block'; readonly block: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' };

export interface Job {
  readonly type: FileType;
  readonly severity: SeverityOverrides;
  /** The most details of one code. */
  readonly cap: number;
  /** The beginning of the file: its header at least, or all of it. */
  readonly head: Uint8Array;
  readonly headIsAll: boolean;
  /** Bytes of the file; of a stream, 0. */
  readonly size: number;
  readonly stretchBytes: number;
  readonly state: SharedArrayBuffer;
  readonly memory: SharedArrayBuffer;
  /** The number of values to expect of each kind that is remembered. */
  readonly expectedRecords: number;
}

/** What a worker says. `done` ends a job, also one that was stopped; `taken` asks for the next block of a stream. */
export type FromWorker =
  | { readonly kind: 'issues'; readonly issues: readonly Issue[] }
  | { readonly kind: 'taken' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why a worker could not go on: what the system said to reading the file, that it became shorter, or a defect of ours. */
export type Failure =
  | { readonly reason: 'system'; readonly code: string }
  | { readonly reason: 'shorter' }
  | { readonly reason: 'defect'; readonly stack: string };
