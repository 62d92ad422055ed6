import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './workerProtocol.ts';

/** Idle workers are terminated after this many milliseconds. */
const idleTime = 30_000;

/** A worker in use. */
export interface WorkerLease {
  send(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** Receives its messages until it is released; `undefined` if it exited. */
  onMessage: (message: FromWorker | undefined) => void;
  release(): void;
}

interface PooledWorker {
  readonly worker: Worker;
  lease: WorkerLease | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Worker threads that start when first needed, serve one caller each, and are kept for a while. Idle ones don't keep the
 * process alive.
 */
export class WorkerPool {
  readonly #file: string | URL;
  readonly #size: number;
  readonly #workers = new Set<PooledWorker>();
  readonly #waiting: ((lease: WorkerLease | undefined) => void)[] = [];
  #disposed = false;

  constructor(file: string | URL, size: number) {
    this.#file = file;
    this.#size = size;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  get size(): number {
    return this.#size;
  }

  /** Acquires a worker as soon as one is free: calls `take`, now or later; with `undefined` if the pool is disposed. The returned function cancels the request. */
  acquire(take: (lease: WorkerLease | undefined) => void): () => void {
    if (this.#disposed) {
      take(undefined);
      return () => undefined;
    }
    this.#waiting.push(take);
    this.#assign();
    return () => {
      const index = this.#waiting.indexOf(take);
      if (index >= 0) this.#waiting.splice(index, 1);
    };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const take of this.#waiting.splice(0)) take(undefined);
    await Promise.all([...this.#workers].map((pooled) => this.#end(pooled)));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const pooled =
        [...this.#workers].find(({ lease }) => lease === undefined) ??
        (this.#workers.size < this.#size ? this.#spawn() : undefined);
      if (pooled === undefined) return;
      clearTimeout(pooled.timer);
      const take = this.#waiting.shift()!;
      const lease: WorkerLease = {
        send: (message, transfer = []) => pooled.worker.postMessage(message, transfer),
        onMessage: () => undefined,
        release: () => {
          if (pooled.lease === lease) this.#release(pooled);
        },
      };
      pooled.lease = lease;
      pooled.worker.ref();
      take(lease);
    }
  }

  #spawn(): PooledWorker {
    const worker = new Worker(this.#file, {
      // Validation allocates little; without a limit, the heap of each thread grows nevertheless.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
      // A check's temporary file belongs to all of its workers: see spill.ts.
      trackUnmanagedFds: false,
    });
    const pooled: PooledWorker = { worker, lease: undefined, timer: undefined };
    this.#workers.add(pooled);
    worker.on('message', (message: FromWorker) => pooled.lease?.onMessage(message));
    const onEnd = (): void => {
      if (!this.#workers.delete(pooled)) return;
      pooled.lease?.onMessage(undefined);
      pooled.lease = undefined;
      if (!this.#disposed) this.#assign();
    };
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    return pooled;
  }

  #release(pooled: PooledWorker): void {
    pooled.lease = undefined;
    pooled.worker.unref();
    pooled.timer = setTimeout(() => void this.#end(pooled), idleTime).unref();
    if (!this.#disposed) this.#assign();
  }

  async #end(pooled: PooledWorker): Promise<void> {
    clearTimeout(pooled.timer);
    this.#workers.delete(pooled);
    const { lease } = pooled;
    pooled.lease = undefined;
    await pooled.worker.terminate();
    lease?.onMessage(undefined);
  }
}
