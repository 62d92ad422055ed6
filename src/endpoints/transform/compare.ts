import { responseOnly } from '../model/attributes.ts';
import type { FileType } from '../model/fileType.ts';
import type { Comparison, Identity, Terms } from './comparisonResult.ts';
import { Comparing } from './comparison.ts';
import { Notes } from './notes.ts';
import { readRecords } from './recordBatches.ts';
import { Source } from './source.ts';
import { whileUnchanged } from './transform.ts';

export interface CompareOptions {
  /** Path of the earlier file, CSV or NDJSON, also as gzip. */
  readonly before: string;
  readonly after: string;
  /** Derived from the file names by default. */
  readonly beforeType?: FileType | undefined;
  readonly afterType?: FileType | undefined;
  /** Default: `id` if each of the first 1000 records of both files has one, else `address`. */
  readonly by?: Identity | undefined;
  /** Dotted paths of attributes to ignore, in addition to those that `Comparison.ignored` explains. */
  readonly ignore?: readonly string[] | undefined;
  /** Maximum number of endpoints to list per kind; default 100. */
  readonly maxExamples?: number | undefined;
  /** Maximum unpacked size in bytes; default `defaultUnzipLimit`. */
  readonly unzipLimit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called regularly with the bytes read so far and the total, over all passes. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Bytes per read; default 64 KiB. */
  readonly chunkBytes?: number | undefined;
}

const sampleSize = 1000;

/**
 * Compares two endpoint files endpoint by endpoint, whatever their formats and the order of their records.
 *
 * Values are compared by meaning: numbers by value, several values of an attribute regardless of order; an empty cell,
 * `null` and an absent member are equal. Memory: about 30 bytes per endpoint of the earlier file and 15 per endpoint
 * that only the later file has. The earlier file is read twice.
 * Rejects with `bad-input`, `not-found`, `changed`, `disk` or `cancelled`.
 */
export async function compareFiles(options: CompareOptions): Promise<Comparison> {
  let done = 0;
  let total = 0;
  const { signal, chunkBytes, unzipLimit } = options;
  const onBytes = (bytes: number): void => {
    done += bytes;
    if (total > 0) options.onProgress?.(Math.min(done, total), total);
  };
  const shared = { signal, chunkBytes, unzipLimit, onBytes };
  const before = await Source.open(options.before, { type: options.beforeType, ...shared });
  try {
    const after = await Source.open(options.after, { type: options.afterType, ...shared });
    try {
      return await whileUnchanged([before, after], async () => {
        const samples = { before: await sample(before), after: await sample(after) };
        done = 0;
        total = 2 * before.size + after.size;
        const terms = termsOf(options, samples.before, samples.after);
        const result = await new Comparing(before, after, terms).run();
        // The last pass may end early.
        if (done < total) options.onProgress?.(total, total);
        return result;
      });
    } finally {
      await after.close();
    }
  } finally {
    await before.close();
  }
}

function termsOf(options: CompareOptions, before: Sample, after: Sample): Terms {
  const by = options.by ?? (before.allHaveId && after.allHaveId ? 'id' : 'address');
  const withExport = before.isExport !== after.isExport;
  const file = before.isExport ? after : before;
  return {
    by,
    ignored: new Set([
      ...(options.ignore ?? []),
      ...responseOnly.map(({ path }) => path),
      ...(by === 'address' ? ['Id'] : []),
      ...(withExport && !file.paths.has('EffectiveDate') ? ['EffectiveDate'] : []),
    ]),
    assumed: new Map(withExport ? [['OptOut', 'NONE']] : []),
    maxExamples: options.maxExamples ?? 100,
  };
}

/** Properties of a file's first records. */
interface Sample {
  readonly allHaveId: boolean;
  readonly isExport: boolean;
  readonly paths: ReadonlySet<string>;
}

async function sample(source: Source): Promise<Sample> {
  const paths = new Set<string>();
  let seen = 0;
  let withId = 0;
  for await (const records of readRecords(source, new Notes())) {
    for (const { values } of records) {
      if (++seen > sampleSize) break;
      if (values.has('Id')) withId++;
      for (const path of values.keys()) paths.add(path);
    }
    if (seen > sampleSize) break;
  }
  return {
    allHaveId: withId === Math.min(seen, sampleSize),
    isExport: responseOnly.some(({ path }) => paths.has(path)),
    paths,
  };
}
