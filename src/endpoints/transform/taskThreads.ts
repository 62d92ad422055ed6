import { Worker } from 'node:worker_threads';
import { AudienceError, cancelled } from '../../errors.ts';
import { permissions } from '../../permissions.ts';
import type { Assignment, FromTaskWorker } from './taskWorker.ts';
import type { TaskName, TaskOptions, TaskResult, Transforms } from './taskTable.ts';

/** Milliseconds for a cancelled task to respond. */
const patience = 5000;
/** The same on shutdown. */
const farewell = 1000;

/** Tasks that have nothing to clean up and are simply terminated. */
const writesNothing: ReadonlySet<TaskName> = new Set<TaskName>(['fixText', 'compare']);

/** Runs each task in its own worker thread, so that the calling thread stays free. */
export class TaskThreads implements Transforms {
  readonly #workerFile: string | URL;
  readonly #unzipLimit: () => number | undefined;
  readonly #running = new Set<Worker>();

  /** `workerFile`: `taskWorker.ts` or its bundle. */
  /** `unzipLimit`: maximum unpacked size in bytes. */
  constructor(workerFile: string | URL, unzipLimit?: () => number) {
    this.#workerFile = workerFile;
    this.#unzipLimit = unzipLimit ?? (() => undefined);
  }

  async run<T extends TaskName>(task: T, options: TaskOptions<T>): Promise<TaskResult<T>> {
    const { signal, onProgress, ...rest } = options as TaskOptions<T> & {
      readonly onProgress?: (done: number, total: number) => void;
    };
    if (signal?.aborted) throw cancelled();
    const workerData: Assignment = {
      task,
      permissions: permissions(),
      options: { unzipLimit: this.#unzipLimit(), ...rest },
    };
    const worker = new Worker(this.#workerFile, { workerData });
    this.#running.add(worker);
    // It may keep running after its answer to clean up.
    worker.once('exit', () => this.#running.delete(worker));
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      if (writesNothing.has(task)) {
        void worker.terminate();
        return;
      }
      worker.postMessage('cancel');
      // It responds at its next piece of a file. If not, it is terminated, and its files are removed later.
      timer = setTimeout(() => void worker.terminate(), patience);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<TaskResult<T>>((resolve, reject) => {
        worker.on('message', (message: FromTaskWorker) => {
          if (message.kind === 'progress') onProgress?.(message.done, message.total);
          else if (message.kind === 'done') resolve(message.result as TaskResult<T>);
          else reject(errorOf(message));
        });
        worker.once('error', (cause) => reject(defect(cause)));
        worker.once('exit', () =>
          reject(signal?.aborted ? cancelled() : defect(new Error('The worker exited'))),
        );
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Cancels running tasks and gives them a moment to clean up. */
  async dispose(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (worker) => {
        worker.postMessage('cancel');
        const timer = setTimeout(() => void worker.terminate(), farewell);
        await new Promise((resolve) => worker.once('exit', resolve));
        clearTimeout(timer);
      }),
    );
  }
}

function errorOf({ code, message, help, stack }: Extract<FromTaskWorker, { kind: 'failed' }>): AudienceError {
  const cause = Object.assign(new Error(message), { stack });
  return code === undefined ? defect(cause) : new AudienceError(code, message, { help, cause });
}

function defect(cause: unknown): AudienceError {
  return new AudienceError('internal', 'Internal error', {
    help: "Please report it, but don't attach the file.",
    cause,
  });
}
