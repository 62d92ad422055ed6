import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { throwIfCancelled } from '../../errors.ts';
import { ClueSearch, readClue, type Clue, type Spot } from './failureClues.ts';
import type { ImportRun, RunRecord, SourceFile } from '../runs/runRecord.ts';

/** One text of the service, and the place in a file that it speaks of, where that was found. */
export interface FoundFailure {
  readonly text: string;
  readonly place?: (Spot & { readonly path: string }) | undefined;
}

export interface FoundFailures {
  readonly failures: readonly FoundFailure[];
  /** Files that are no longer as they were sent, so that lines may have moved. */
  readonly changed: readonly string[];
  /** Files that cannot be read any more. */
  readonly gone: readonly string[];
}

/** What the service says of single entries: the job's failures, else the refusal of a file that it could not read. */
export function failureTexts(record: RunRecord): readonly string[] {
  if (!record.import) return [];
  return (record.parts ?? [record]).flatMap(({ job, error }) => {
    if (job) return job.failures;
    return error && /\bline:?\s+\d+/i.test(error.message) ? [error.message] : [];
  });
}

/**
 * Finds the lines that the service's texts speak of in the files that were sent, reading each once, in chunks.
 *
 * @throws AudienceError `cancelled`; files that cannot be read are told of in the result
 */
export async function findFailures(
  run: ImportRun,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<FoundFailures> {
  const clues = texts.map(readClue);
  const places: FoundFailure['place'][] = texts.map(() => undefined);
  const changed: string[] = [];
  const gone: string[] = [];
  for (const [index, file] of run.files.entries()) {
    const url = run.staged[index]?.url;
    const isMeant = ({ object }: Clue): boolean =>
      object === undefined || !isStaged(run, object) || object === url;
    const meant = clues.flatMap((clue, clueIndex) =>
      places[clueIndex] === undefined && isMeant(clue) ? [clueIndex] : [],
    );
    const outcome = await searchFile(
      file,
      meant.map((clue) => clues[clue]!),
      signal,
    );
    if (outcome === 'gone') {
      gone.push(file.path);
      continue;
    }
    if (outcome.hasChanged) changed.push(file.path);
    meant.forEach((clueIndex, nth) => {
      const clue = clues[clueIndex]!;
      // A number alone says nothing where it is not known of which file.
      const isOnly = run.files.length === 1 || (clue.object !== undefined && clue.object === url);
      const spot = outcome.spots[nth] ?? (isOnly ? spotOf(clue) : undefined);
      if (spot) places[clueIndex] = { ...spot, path: file.path };
    });
  }
  return { failures: texts.map((text, index) => ({ text, place: places[index] })), changed, gone };
}

function isStaged({ staged }: ImportRun, url: string): boolean {
  return staged.some((object) => object.url === url);
}

/** The number of a line of the file itself; in a quotation it counts from there. */
function spotOf({ quote, line, column }: Clue): Spot | undefined {
  return quote || line === undefined ? undefined : { line, column, candidates: 1 };
}

/** The bytes that are read and looked at in one go: a millisecond's work or so. */
const chunkBytes = 256 * 1024;

async function searchFile(
  file: SourceFile,
  clues: readonly Clue[],
  signal: AbortSignal | undefined,
): Promise<{ spots: readonly (Spot | undefined)[]; hasChanged: boolean } | 'gone'> {
  throwIfCancelled(signal);
  const search = new ClueSearch(clues);
  try {
    const { size, mtimeMs } = await stat(file.path);
    let hasChanged = size !== file.bytes || mtimeMs !== file.modified;
    // Saved again, or copied, and perhaps the same all the same.
    const hash =
      hasChanged && size === file.bytes && file.sha256 !== undefined ? createHash('sha256') : undefined;
    if (search.isNeeded || hash) {
      for await (const chunk of createReadStream(file.path, {
        highWaterMark: chunkBytes,
      }) as AsyncIterable<Buffer>) {
        throwIfCancelled(signal);
        hash?.update(chunk);
        search.push(chunk);
      }
    }
    if (hash) hasChanged = hash.digest('hex') !== file.sha256;
    return { spots: search.end(), hasChanged };
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof Error && 'code' in error) return 'gone';
    throw error;
  }
}
