import { closeSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Issue } from '../rules/finding.ts';
import type { Failure, FromWorker, Job, ToWorker } from './workerProtocol.ts';
import { ShorterThanBefore, StreamRun, judgeStretches } from './chunks.ts';

/*
 * The entry of a worker thread: judges one file or stream at a time, as the calling thread says.
 */

const port = parentPort!;
let stream: StreamRun | undefined;

function say(message: FromWorker): void {
  port.postMessage(message);
}

function report(issues: readonly Issue[]): void {
  if (issues.length > 0) say({ kind: 'issues', issues });
}

function judgeFile(path: string, job: Job): void {
  const descriptor = openSync(path, 'r');
  try {
    say({ kind: 'done', counts: judgeStretches(descriptor, job, report) });
  } finally {
    closeSync(descriptor);
  }
}

function handle(message: ToWorker): void {
  switch (message.kind) {
    case 'file':
      judgeFile(message.path, message.job);
      break;
    case 'stream':
      stream = new StreamRun(message.job, report);
      break;
    case 'block':
      stream?.add(message.block);
      say({ kind: 'taken' });
      break;
    case 'end':
      say({ kind: 'done', counts: stream?.end() });
      stream = undefined;
      break;
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ShorterThanBefore) return { reason: 'shorter' };
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return { reason: 'system', code: String(error.code) };
  }
  return { reason: 'defect', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

port.on('message', (message: ToWorker) => {
  try {
    handle(message);
  } catch (error) {
    stream = undefined;
    say({ kind: 'failed', failure: failureOf(error) });
  }
});
