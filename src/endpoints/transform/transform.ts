import { basename, dirname, extname, resolve } from 'node:path';
import { AudienceError } from '../../errors.ts';
import type { FileType } from '../model/fileType.ts';
import type { Note } from './notes.ts';
import { Notes } from './notes.ts';
import type { OutputFile, OutputReport } from './output.ts';
import { writeOutputs } from './output.ts';
import { Source } from './source.ts';

/** What all transformations are told. Memory does not grow with the file, and the source is never written to. */
export interface TransformOptions {
  /** Path of the file. Where it is gzip, its content is taken. */
  readonly source: string;
  /** By the file name where absent: `.csv` (and `.csv.gz`) is CSV, everything else NDJSON. */
  readonly type?: FileType | undefined;
  /** Path of the file to write; by default a name that says what was done, next to the source. */
  readonly target?: string | undefined;
  /** Where that name is taken: reject with `conflict` (the default), or write to `name-2`, `name-3` and so on. */
  readonly onConflict?: 'fail' | 'number' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with bytes read so far and bytes in all, over all passes. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called with the error as soon as it is sure to fail, before what was written is removed. */
  readonly onGivenUp?: ((error: unknown) => void) | undefined;
  /** Bytes a read; default 64 KiB. */
  readonly chunkBytes?: number | undefined;
  /** The most bytes that a packed source may unpack to; `defaultUnzipLimit` if absent. */
  readonly unzipLimit?: number | undefined;
}

/** What a transformation did. Holds no value of the file. */
export interface TransformReport {
  readonly kind: TransformKind;
  readonly source: string;
  readonly outputs: readonly OutputReport[];
  /** Records written to all outputs. */
  readonly records: number;
  /** Bytes of the source's content, unpacked. */
  readonly bytesIn: number;
  /** Bytes of all outputs. */
  readonly bytesOut: number;
  /** What was dropped, changed or kept against the rules; empty where the output says the same as the source. */
  readonly notes: readonly Note[];
}

export type TransformKind = 'convert' | 'fix' | 'make-importable' | 'split' | 'json-to-lines';

/** One kind of transformation. */
interface Transformation {
  readonly kind: TransformKind;
  /** How often the source is read, as far as is known by now. */
  readonly passes: () => number;
  /** The path that is written to by default. */
  readonly target: string;
  /** The name of one of several outputs, where there may be several. */
  readonly part?: (index: number, count: number) => string;
  readonly work: (run: Run) => Promise<void>;
}

/** What a transformation works with. */
export interface Run {
  readonly source: Source;
  readonly notes: Notes;
  /** Begins the next output; the one before is complete. */
  readonly next: () => Promise<OutputFile>;
}

/**
 * Opens the source, runs one transformation over it, checks that the source stayed as it was, and names the outputs.
 * Rejects with `bad-input`, `not-found`, `conflict`, `changed`, `disk` or `cancelled`; nothing is left behind then.
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
      // A pass that ends early, or a file that grows, must not make it more than all.
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

/** Does what reads sources. Rejects with `changed` where one of them changed, also where what was read made no sense for that reason. */
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

/** The source's path without the ending of an endpoint file, and without `.gz`, for names of outputs. */
export function withoutExtension(path: string): string {
  return path.replace(ending, '');
}

/** The ending of the source's name, `.gz` left out; the usual one of its type where it has none. */
export function extensionOf(source: Source): string {
  return ending.exec(source.name)?.[1] ?? `.${source.type}`;
}

/** The error of a file that has no records, from which nothing can be made. */
export function withoutRecords(source: Source): AudienceError {
  return new AudienceError('bad-input', `${source.name} holds no records`, {
    help: 'Check that it is the right file, and that the program that wrote it finished.',
  });
}
