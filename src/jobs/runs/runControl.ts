import type { Permit } from './guard.ts';

/** What a caller of a long operation controls. */
export interface RunControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number | undefined, what: string) => void) | undefined;
  /** Checked right before a run is started. If it throws, nothing is started. */
  readonly permit?: Permit | undefined;
}
