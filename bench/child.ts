import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '../src/errors.ts';
import { peakMemory } from '../tools/peakMemory.ts';
import { contestants, workerFile } from './contestants.ts';
import type { DataFile } from './data.ts';
import type { Outcomes, Task } from './measure.ts';

const task = JSON.parse(process.argv[2]!) as Task;
const outcome = await run(task);
process.stdout.write(JSON.stringify({ ...outcome, peakBytes: peakMemory() }));
process.exit(0);

function run(task: Task): Promise<Outcomes[Task['kind']]> {
  switch (task.kind) {
    case 'contest':
      return contest(task.contestant, task.file);
    case 'event-loop':
      return eventLoop(task.file, task.threads);
    case 'cancel':
      return cancel(task.file, task.tiny, task.threads);
    case 'typing':
      return typing(task.file);
  }
}

async function contest(id: string, file: DataFile): Promise<Outcomes['contest']> {
  const contestant = contestants[id]!;
  const run = await contestant.load();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const records = await run(file.path, file.type);
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  if (records !== file.records)
    throw new Error(`${contestant.name} found ${records} records instead of ${file.records} in ${file.path}`);
  return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

async function eventLoop(file: DataFile, threads: number): Promise<Outcomes['event-loop']> {
  const { createValidator } = await import('../src/endpoints/validation/validator.ts');
  const validator = createValidator({ workerFile, threads });
  const milliseconds = (nanoseconds: number): number => nanoseconds / 1e6;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await delay(2000);
  const idleP99 = milliseconds(delays.percentile(99));
  delays.reset();
  await validator.file(file.path, { type: file.type, onProgress: () => undefined });
  delays.disable();
  await validator.dispose();
  return { idleP99, p99: milliseconds(delays.percentile(99)), max: milliseconds(delays.max) };
}

async function cancel(file: DataFile, tiny: DataFile, threads: number): Promise<Outcomes['cancel']> {
  const { createValidator } = await import('../src/endpoints/validation/validator.ts');
  const validator = createValidator({ workerFile, threads });
  await validator.file(tiny.path, { type: tiny.type });
  const rejected: number[] = [];
  const free: number[] = [];
  for (let round = 0; round < 10; round++) {
    const stop = new AbortController();
    const check = validator.file(file.path, { type: file.type, signal: stop.signal });
    const stopped = check.then(
      () => Promise.reject(new Error('The check ended before it was cancelled; take a larger file')),
      (error: unknown) => {
        // Not by class: the validator is a bundle with its own class.
        if ((error as { readonly code?: ErrorCode }).code !== 'cancelled') throw error;
      },
    );
    // At a different moment each time, in the first fifth of a second per gigabyte.
    await Promise.race([delay(5 + (round * file.bytes) / 5e7), stopped]);
    const start = performance.now();
    stop.abort();
    await stopped;
    rejected.push(performance.now() - start);
    await validator.file(tiny.path, { type: tiny.type });
    free.push(performance.now() - start);
  }
  await validator.dispose();
  return { rejected, free };
}

async function typing(file: DataFile): Promise<Outcomes['typing']> {
  const { DocumentValidator } = await import('../src/endpoints/validation/documentValidator.ts');
  const text = await readFile(file.path, 'utf8');
  const lines = text.split('\n');
  const opening = performance.now();
  const document = new DocumentValidator(text, { type: file.type });
  document.result();
  const open = performance.now() - opening;

  /** Typed at a place of a line, and undone. */
  const typeAndUndo = (line: number, character: number): number[] =>
    [false, true].map((isUndo) => {
      const change = { startLine: line, startCharacter: character, endLine: line };
      const start = performance.now();
      document.update([
        isUndo
          ? { ...change, endCharacter: character + 1, text: '' }
          : { ...change, endCharacter: character, text: 'x' },
      ]);
      document.result();
      return performance.now() - start;
    });
  // Lines all over the document.
  const places = Array.from({ length: 50 }, (_, index) => 1 + ((index * 7919 * 13) % (lines.length - 2)));
  const keystrokes = {
    anywhere: places.flatMap((line) => typeAndUndo(line, Math.floor(lines[line]!.length / 2))),
    'in an Id': places.flatMap((line) => typeAndUndo(line, lines[line]!.search(/\be-\d/) + 2)),
  };
  if (file.type === 'ndjson') return { open, keystrokes };
  return { open, keystrokes, header: places.slice(0, 5).flatMap(() => typeAndUndo(0, 3)) };
}
