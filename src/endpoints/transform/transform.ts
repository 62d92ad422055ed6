import { basename, dirname, extname, resolve } from 'node:path';
import { AudienceError } from '../../errors.ts';
import type { FileType } from '../model/fileType.ts';
import type { Note } from './notes.ts';
import { Notes } from './notes.ts';
import type { OutputFile, OutputReport } from './output.ts';
import { writeOutputs } from './output.ts';
import { Source } from './source.ts';

/** Options of all transformations. Memory doesn't grow with the file, and the source is never written to. */
export interface TransformOptions {
  /** Path of the file. Gzip is unpacked. */
  readonly source: string;
  /** Derived from the file name by default: `.csv` (and `.csv.gz`) is CSV, everything else NDJSON. */
  readonly type?: FileType | undefined;
  /** Path of the file to write; default: next to the source, with a name for the kind of transformation. */
  readonly target?: string | undefined;
  /** If the target exists: reject with `conflict` (the default), or write to `name-2`, `name-3` and so on. */
  readonly onConflict?: 'fail' | 'number' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called regularly with the bytes read so far and the total, over all passes. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called with the error as soon as the transformation fails, before the cleanup. */
  readonly onGivenUp?: ((error: unknown) => void) | undefined;
  /** Bytes per read; default 64 KiB. */
  readonly chunkBytes?: number | undefined;
  /** Maximum unpacked size in bytes; default `defaultUnzipLimit`. */
  readonly unzipLimit?: number | undefined;
}

/** The result of a transformation. Holds no values of the file. */
export interface TransformReport {
  readonly kind: TransformKind;
  readonly source: string;
  readonly outputs: readonly OutputReport[];
  /** Records written to all outputs. */
  readonly records: number;
  /** Unpacked size of the source. */
  readonly bytesIn: number;
  /** Total size of the outputs. */
  readonly bytesOut: number;
  /** What was dropped, changed, or kept although imports don't accept it; empty if the content is the same. */
  readonly notes: readonly Note[];
}

export type TransformKind = 'convert' | 'fix' | 'make-importable' | 'split' | 'json-to-lines';

/** One kind of transformation. */
interface Transformation {
  readonly kind: TransformKind;
  /** How often the source is read, as far as known yet. */
  readonly passes: () => number;
  /** The default target path. */
  readonly target: string;
  /** The name of one output, for transformations with several. */
  readonly part?: (index: number, count: number) => string;
  readonly work: (run: Run) => Promise<void>;
}

/** Context of a transformation. */
export interface Run {
  readonly source: Source;
  readonly notes: Notes;
  /** Completes the current output and starts the next one. */
  readonly next: () => Promise<OutputFile>;
}

/**
 * Opens the source, transforms it, checks that the source didn't change, and names the outputs.
 * Rejects with `bad-input`, `not-found`, `conflict`, `changed`, `disk` or `cancelled`, and then leaves no files.
 */
export async function transform(
  options: TransformOptions,
  choose: (source: Source) => Transformation,
): Promise<TransformReport> {
  let done = 0;
  let passes = (): number => 0;
  const source = await Source.open(options.source, {
    type: options.type,
    signal: options.signal,
    chunkBytes: options.chunkBytes,
    unzipLimit: options.unzipLimit,
    onBytes: (bytes) => {
      done += bytes;
      const total = source.size * passes();
      // A pass that ends early or a growing file must not exceed 100 %.
      options.onProgress?.(Math.min(done, total), total);
    },
  });
  try {
    const transformation = choose(source);
    const { kind, target: byDefault, part, work } = transformation;
    passes = transformation.passes;
    const notes = new Notes();
    const target = resolve(options.target ?? byDefault);
    const extension = extname(target);
    const base = basename(target, extension);
    const { outputs } = await writeOutputs(
      {
        folder: dirname(target),
        name: (index, count, suffix) => `${base}${suffix}${part?.(index, count) ?? ''}${extension}`,
        onConflict: options.onConflict ?? 'fail',
        signal: options.signal,
        onGivenUp: options.onGivenUp,
      },
      async (next) => {
        await whileUnchanged([source], () => work({ source, notes, next }));
      },
    );
    if (source.hadByteOrderMark && kind !== 'fix') notes.add('byte-order-mark', 1);
    return {
      kind,
      source: options.source,
      outputs,
      records: outputs.reduce((sum, { records }) => sum + records, 0),
      bytesIn: source.contentBytes,
      bytesOut: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
      notes: notes.list(),
    };
  } finally {
    await source.close();
  }
}

/** Runs `work` on sources. Rejects with `changed` if one of them changed, even if `work` failed because of it. */
export async function whileUnchanged<T>(sources: readonly Source[], work: () => Promise<T>): Promise<T> {
  const check = async (): Promise<void> => {
    for (const source of sources) await source.assertUnchanged();
  };
  try {
    const result = await work();
    await check();
    return result;
  } catch (error) {
    if (error instanceof AudienceError && error.code === 'bad-input') await check();
    throw error;
  }
}

const ending = /(\.(?:csv|ndjson|jsonl|json))?(?:\.gz)?$/i;

/** The source's path without the endpoint file's extension and `.gz`, for output names. */
export function withoutExtension(path: string): string {
  return path.replace(ending, '');
}

/** The source's extension without `.gz`; by default that of its type. */
export function extensionOf(source: Source): string {
  return ending.exec(source.name)?.[1] ?? `.${source.type}`;
}

/** The error for a file without records. */
export function withoutRecords(source: Source): AudienceError {
  return new AudienceError('bad-input', `${source.name} has no records`, {
    help: 'Check that it is the right file, and that the program that wrote it finished.',
  });
}
