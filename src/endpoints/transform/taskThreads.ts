import { Worker } from 'node:worker_threads';
import { AudienceError, cancelled } from '../../errors.ts';
import { permissions } from '../../permissions.ts';
import type { Assignment, FromTaskWorker } from './taskWorker.ts';
import type { TaskName, TaskOptions, TaskResult, Transforms } from './taskTable.ts';

/** Milliseconds that a task has to answer after it was cancelled. */
const patience = 5000;
/** The same when everything ends. */
const farewell = 1000;

/** Tasks that have nothing to tidy up: they are simply ended. */
const writesNothing: ReadonlySet<TaskName> = new Set<TaskName>(['fixText', 'compare']);

/** Does each task in a worker thread of its own, so that the calling thread is free meanwhile. */
export class TaskThreads implements Transforms {
  readonly #workerFile: string | URL;
  readonly #unzipLimit: () => number | undefined;
  readonly #running = new Set<Worker>();

  /** `workerFile`: where `taskWorker.ts` is, or what was built of it. */
  /** `unzipLimit`: the most bytes that a packed file may unpack to. */
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
    // It may live on after its answer, to tidy up.
    worker.once('exit', () => this.#running.delete(worker));
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      if (writesNothing.has(task)) {
        void worker.terminate();
        return;
      }
      worker.postMessage('cancel');
      // It answers at its next piece of a file; one that does not is ended, and what it leaves is found later.
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
          reject(signal?.aborted ? cancelled() : defect(new Error('The worker ended'))),
        );
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends whatever is still running, and gives it a moment to tidy up. */
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
  return new AudienceError('internal', 'The work ended early because of a defect of this program', {
    help: 'Please report it, without the file.',
    cause,
  });
}
