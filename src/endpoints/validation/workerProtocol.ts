import type { FileValidatorOptions } from './fileValidator.ts';
import type { Finding } from '../rules/finding.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

/** Messages to a worker. It reads a file itself; a stream arrives in blocks. */
export type ToWorker =
  | { readonly kind: 'file'; readonly descriptor: number; readonly job: Job }
  | { readonly kind: 'stream'; readonly job: Job }
  | { readonly kind: 'block'; readonly block: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' };

export interface Job extends FileValidatorOptions {
  /** Bytes of the file; 0 for a stream. */
  readonly size: number;
  readonly chunkBytes: number;
}

/** Messages from a worker. `done` ends a job, even a stopped one; `taken` requests the next block of a stream, `spill` the temporary file. */
export type FromWorker =
  | { readonly kind: 'issues'; readonly issues: readonly Finding[] }
  | { readonly kind: 'taken' }
  | { readonly kind: 'spill' }
  | { readonly kind: 'done'; readonly counts: Counts | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why a worker failed: a system error while reading, a file that became shorter, or an internal error. */
export type Failure =
  | { readonly reason: 'system'; readonly code: string }
  | { readonly reason: 'shorter' }
  | { readonly reason: 'defect'; readonly stack: string };
