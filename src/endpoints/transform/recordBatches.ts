import { CsvTable } from './csvRecords.ts';
import { JsonLines } from './jsonRecords.ts';
import { readLines } from './textLines.ts';
import type { Notes } from './notes.ts';
import type { EndpointRecord } from './endpointRecord.ts';
import type { Source } from './source.ts';

/**
 * The records of a CSV or NDJSON file in batches, each to be consumed before the next. `notes` collects what this form
 * can't express. Throws `bad-input` with the position for invalid JSON and unclosed quotes, and what `readLines` throws.
 */
export async function* readRecords(source: Source, notes: Notes): AsyncGenerator<Iterable<EndpointRecord>> {
  const table = source.type === 'csv' ? new CsvTable(source, notes) : new JsonLines(source, notes);
  for await (const lines of readLines(source, 'utf8')) yield table.take(lines);
  table.finish();
}
