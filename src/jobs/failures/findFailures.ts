import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../errors.ts';
import { chunksOf, withRegularFile } from '../../regularFile.ts';
import { ClueSearch, readClue, type Clue, type Spot } from './failureClues.ts';
import type { ImportRun, RunRecord, SourceFile } from '../runs/runRecord.ts';

/** One text of the service and its position in a file, if found. */
export interface FoundFailure {
  readonly text: string;
  readonly place?: (Spot & { readonly path: string }) | undefined;
}

export interface FoundFailures {
  readonly failures: readonly FoundFailure[];
  /** Files that changed after the import, so that lines may have moved. */
  readonly changed: readonly string[];
  /** Files that can no longer be read. */
  readonly gone: readonly string[];
}

/** The service's texts about single entries: the job's failures, else its error about an unreadable file. */
export function failureTexts(record: RunRecord): readonly string[] {
  if (!record.import) return [];
  return (record.parts ?? [record]).flatMap(({ job, error }) => {
    if (job) return job.failures;
    return error && /\bline:?\s+\d+/i.test(error.message) ? [error.message] : [];
  });
}

/**
 * Finds the lines that the service's texts refer to in the imported files, reading each once, in chunks.
 *
 * @throws AudienceError `cancelled`; files that can't be read are listed in the result
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
      // A line number is useless if the file is unknown.
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

/** A line number in the file itself; a quotation counts from its own start. */
function spotOf({ quote, line, column }: Clue): Spot | undefined {
  return quote || line === undefined ? undefined : { line, column, candidates: 1 };
}

/** Bytes searched per chunk: about a millisecond of work. */
const chunkBytes = 256 * 1024;

async function searchFile(
  file: SourceFile,
  clues: readonly Clue[],
  signal: AbortSignal | undefined,
): Promise<{ spots: readonly (Spot | undefined)[]; hasChanged: boolean } | 'gone'> {
  throwIfCancelled(signal);
  const search = new ClueSearch(clues);
  try {
    return await withRegularFile(file.path, async (handle) => {
      const { size, mtimeMs } = await handle.stat();
      let hasChanged = size !== file.bytes || mtimeMs !== file.modified;
      // Saved again or copied, but possibly unchanged.
      const hash =
        hasChanged && size === file.bytes && file.sha256 !== undefined ? createHash('sha256') : undefined;
      if (search.isNeeded || hash) {
        for await (const chunk of chunksOf(handle, { chunkBytes, signal })) {
          hash?.update(chunk);
          search.push(chunk);
        }
      }
      if (hash) hasChanged = hash.digest('hex') !== file.sha256;
      return { spots: search.end(), hasChanged };
    });
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof Error && 'code' in error) return 'gone';
    throw error;
  }
}
