import { stackOf } from '../../errors.ts';
import { parentPort } from 'node:worker_threads';
import { isSystemError } from '../../fileErrors.ts';
import type { Finding } from '../rules/finding.ts';
import type { Failure, FromWorker, ToWorker } from './workerProtocol.ts';
import { ShorterThanBefore, StreamRun, validateChunks } from './chunks.ts';

/*
 * The entry point of a worker thread, which validates one file or stream at a time.
 */

const port = parentPort!;
let stream: StreamRun | undefined;

function post(message: FromWorker): void {
  port.postMessage(message);
}

function report(issues: readonly Finding[]): void {
  if (issues.length > 0) post({ kind: 'issues', issues });
}

/** The calling thread opens and closes the spill file: a worker can end at any time. */
function openSpill(): void {
  post({ kind: 'spill' });
}

function handle(message: ToWorker): void {
  switch (message.kind) {
    case 'file':
      post({ kind: 'done', counts: validateChunks(message.descriptor, message.job, report, openSpill) });
      break;
    case 'stream':
      stream = new StreamRun(message.job, report, openSpill);
      break;
    case 'block':
      stream?.add(message.block);
      post({ kind: 'taken' });
      break;
    case 'end':
      post({ kind: 'done', counts: stream?.end() });
      stream = undefined;
      break;
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ShorterThanBefore) return { reason: 'shorter' };
  if (isSystemError(error)) return { reason: 'system', code: error.code };
  return { reason: 'defect', stack: stackOf(error) };
}

port.on('message', (message: ToWorker) => {
  try {
    handle(message);
  } catch (error) {
    stream = undefined;
    post({ kind: 'failed', failure: failureOf(error) });
  }
});
