import type { CompareOptions } from './compare.ts';
import type { Comparison } from './comparisonResult.ts';
import type { FixedCopyOptions, FixedCopyReport } from './fixedCopy.ts';
import type { FixedText, FixedTextOptions } from './fixedText.ts';
import type { SplitOptions } from './split.ts';
import type { TransformOptions, TransformReport } from './transform.ts';

/** Long-running tasks on files or text, by name, with options and result. */
export interface Tasks {
  readonly convert: (options: TransformOptions) => Promise<TransformReport>;
  readonly jsonToLines: (options: TransformOptions) => Promise<TransformReport>;
  readonly makeImportable: (options: TransformOptions) => Promise<TransformReport>;
  readonly split: (options: SplitOptions) => Promise<TransformReport>;
  readonly fixedCopy: (options: FixedCopyOptions) => Promise<FixedCopyReport>;
  readonly fixText: (options: FixedTextOptions) => Promise<FixedText>;
  readonly compare: (options: CompareOptions) => Promise<Comparison>;
}

export type TaskName = keyof Tasks;
export type TaskOptions<T extends TaskName> = Parameters<Tasks[T]>[0];
export type TaskResult<T extends TaskName> = Awaited<ReturnType<Tasks[T]>>;

/** Runs long tasks on this thread or another; `signal` and `onProgress` work in both cases. */
export interface Transforms {
  /** Rejects like the task. */
  run<T extends TaskName>(task: T, options: TaskOptions<T>): Promise<TaskResult<T>>;
}

/** The implementations; their code is loaded on first use. */
export const tasks: Tasks = {
  convert: async (options) => (await import('./convert.ts')).convertFile(options),
  jsonToLines: async (options) => (await import('./jsonLines.ts')).jsonToLines(options),
  makeImportable: async (options) => (await import('./makeImportable.ts')).makeImportable(options),
  split: async (options) => (await import('./split.ts')).splitFile(options),
  fixedCopy: async (options) => (await import('./fixedCopy.ts')).writeFixedCopy(options),
  fixText: async (options) => (await import('./fixedText.ts')).fixText(options),
  compare: async (options) => (await import('./compare.ts')).compareFiles(options),
};
