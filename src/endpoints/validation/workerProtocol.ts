import type { FileValidatorOptions } from './fileValidator.ts';
import type { Finding } from '../rules/finding.ts';
import type { Counts } from '../engine/host/statisticsReader.ts';

/** What a worker is told. A file is read by the worker itself; of a stream it gets blocks. */
export type ToWorker =
  | { readonly kind: 'file'; readonly descriptor: number; readonly job: Job }
  | { readonly kind: 'stream'; readonly job: Job }
  | { readonly kind: 'block'; readonly block: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' };

export interface Job extends FileValidatorOptions {
  /** Bytes of the file; of a stream, 0. */
  readonly size: number;
  readonly chunkBytes: number;
}

/** What a worker says. `done` ends a job, also one that was stopped; `taken` asks for the next block of a stream. */
export type FromWorker =
  | { readonly kind: 'issues'; readonly issues: readonly Finding[] }
  | { readonly kind: 'taken' }
  | { readonly kind: 'done'; readonly counts: Counts | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why a worker could not go on: what the system said to reading the file, that it became shorter, or a defect of ours. */
export type Failure =
  | { readonly reason: 'system'; readonly code: string }
  | { readonly reason: 'shorter' }
  | { readonly reason: 'defect'; readonly stack: string };
