import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { built, root } from './data.ts';
import type { DataFile } from './data.ts';

/** What one process is asked to do: see child.ts. */
export type Task =
  | { readonly kind: 'contest'; readonly contestant: string; readonly file: DataFile }
  | { readonly kind: 'event-loop'; readonly file: DataFile; readonly threads: number }
  | { readonly kind: 'cancel'; readonly file: DataFile; readonly tiny: DataFile; readonly threads: number }
  | { readonly kind: 'typing'; readonly file: DataFile };

export interface Outcomes {
  /** One contestant on one file. */
  readonly contest: { readonly seconds: number; readonly cpuSeconds: number };
  /** Delays of the calling thread's event loop, in milliseconds: with nothing to do, and while the file is checked. */
  readonly 'event-loop': { readonly idleP99: number; readonly p99: number; readonly max: number };
  /** Milliseconds from the abort to the rejection, and from the abort until the workers have checked another, tiny file. */
  readonly cancel: { readonly rejected: readonly number[]; readonly free: readonly number[] };
  /** Milliseconds that the document needs to open, and for one keystroke by its place. */
  readonly typing: {
    readonly open: number;
    readonly keystrokes: Readonly<Record<'anywhere' | 'in an Id', readonly number[]>>;
    /** In the header of a CSV file. */
    readonly header?: readonly number[] | undefined;
  };
}

/** Runs a task in a process of its own, so that neither memory nor warmth is carried from one to the next. */
export async function measure<K extends Task['kind']>(
  task: Extract<Task, { kind: K }>,
): Promise<Outcomes[K] & { readonly peakBytes: number }> {
  const child = spawn(process.execPath, [join(built, 'child.mjs'), JSON.stringify(task)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [status]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (status !== 0) throw new Error(`Failed (${status}): ${JSON.stringify(task)}`);
  return JSON.parse(output) as Outcomes[K] & { readonly peakBytes: number };
}
