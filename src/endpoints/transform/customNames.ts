import { customName, familyOf } from '../model/attributes.ts';
import { Notes } from './notes.ts';
import { readRecords } from './recordBatches.ts';
import { Source, type SourceOptions } from './source.ts';

/** The name of a custom attribute, and how many records of a file have it. */
export interface NameCount {
  readonly family: 'Attributes' | 'Metrics' | 'User.UserAttributes';
  readonly name: string;
  readonly records: number;
}

/**
 * Counts the custom attribute names in files, the most frequent first. AWS advises this for projects with too many names
 * ("export the segment and count the names"). Rejects like `readRecords`.
 */
export async function countNames(
  paths: readonly string[],
  options: Pick<SourceOptions, 'signal' | 'unzipLimit'> = {},
): Promise<readonly NameCount[]> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const source = await Source.open(path, options);
    try {
      for await (const records of readRecords(source, new Notes())) {
        for (const { values } of records) {
          for (const name of values.keys()) if (familyOf(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      }
    } finally {
      await source.close();
    }
  }
  return [...counts]
    .map(([path, records]) => ({
      family: familyOf(path)!.path.slice(0, -2) as NameCount['family'],
      name: customName(path)!,
      records,
    }))
    .sort((a, b) => b.records - a.records || a.name.localeCompare(b.name));
}
