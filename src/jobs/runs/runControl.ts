export interface RunControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number | undefined, what: string) => void) | undefined;
}
