import { parentPort, workerData } from 'node:worker_threads';
import { AudienceError, isCancelled, type ErrorCode, errorKind, stackOf } from '../../errors.ts';
import { setPermissions, type Permissions } from '../../permissions.ts';
import { tasks, type TaskName, type Tasks } from './taskTable.ts';

/*
 * The entry point of a worker thread that runs one task. It posts progress and the result; on `cancel` it responds at
 * once and cleans up afterwards.
 */

/** The worker's input. */
export interface Assignment {
  readonly task: TaskName;
  readonly permissions: Permissions;
  readonly options: Readonly<Record<string, unknown>>;
}

export type FromTaskWorker =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      /** Absent for internal errors. */
      readonly code?: ErrorCode;
      readonly message: string;
      readonly help?: string | undefined;
      readonly stack?: string | undefined;
    };

/** Minimum interval between progress messages in milliseconds: an editor shows no more. */
const progressTime = 100;

const port = parentPort!;
const post = (message: FromTaskWorker): void => port.postMessage(message);

function failureOf(error: unknown): FromTaskWorker {
  if (error instanceof AudienceError) {
    return { kind: 'failed', code: error.code, message: error.message, help: error.help, stack: error.stack };
  }
  return {
    kind: 'failed',
    message: errorKind(error),
    stack: stackOf(error),
  };
}

async function work({ task, options, permissions }: Assignment): Promise<void> {
  setPermissions(permissions);
  const controller = new AbortController();
  port.once('message', () => controller.abort());
  let notified = 0;
  const onProgress = (done: number, total: number): void => {
    const now = performance.now();
    if (now - notified < progressTime) return;
    notified = now;
    post({ kind: 'progress', done, total });
  };
  let isGivenUp = false;
  const giveUp = (error: unknown): void => {
    if (!isGivenUp) post(failureOf(error));
    isGivenUp = true;
  };
  // A cancel doesn't wait for the cleanup. An error does, so that no files are left when it is reported.
  const onGivenUp = (error: unknown): void => {
    if (isCancelled(error)) giveUp(error);
  };
  // `TaskThreads.run` checked that the options match the task.
  const run = tasks[task] as (options: unknown) => ReturnType<Tasks[TaskName]>;
  try {
    post({
      kind: 'done',
      result: await run({ ...options, signal: controller.signal, onProgress, onGivenUp }),
    });
  } catch (error) {
    giveUp(error);
  } finally {
    port.close();
  }
}

await work(workerData as Assignment);
