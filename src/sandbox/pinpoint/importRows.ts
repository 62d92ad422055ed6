import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CsvError } from 'csv-parse';
import { parse } from 'csv-parse';
import { BadRow, CsvHeader, quoteCell } from './importHeader.ts';
import { jacksonError, quoteSource } from './jacksonError.ts';
import { lineBatches } from './splitLines.ts';
import { BadJson, refuseCompressed, UnreadableObject } from './unreadable.ts';

/** One record of an imported object. */
export interface Row {
  /** In the form of a parsed NDJSON line; absent if there is a `problem`. */
  readonly value?: unknown;
  readonly problem?: string;
  /** The record's text, to quote in a failure. */
  readonly source: () => string;
  /** Approximate number of bytes of the object read so far. */
  readonly bytes: number;
}

export type Format = 'CSV' | 'JSON';

/** Longer records are rejected: an endpoint has at most 15 KB. */
const maxRecordBytes = 1024 * 1024;

/** How much of an object is checked when the job is created. */
const sampleBytes = 1024 * 1024;

/** Reads the records of an object, in batches. Throws `UnreadableObject` if it can't continue. */
export function readRows(format: Format, body: Readable): AsyncGenerator<Iterable<Row>> {
  return format === 'CSV' ? csvRows(body) : jsonRows(body);
}

/** Whether an object starts like the format, to recognize other objects in a folder. */
export async function isOfFormat(format: Format, body: Readable): Promise<boolean> {
  try {
    for await (const batch of readRows(format, body)) {
      for (const { value, problem } of batch) {
        return (
          format === 'CSV' || (problem === undefined && typeof value === 'object' && !Array.isArray(value))
        );
      }
    }
    // A header alone is a valid CSV.
    return format === 'CSV';
  } catch (error) {
    if (error instanceof UnreadableObject) return false;
    throw error;
  }
}

/**
 * Checks the start of an object as the service does when a job is created: the header of a CSV, or the first MiB of NDJSON.
 *
 * @throws UnreadableObject if it isn't of the format, with Jackson's message for invalid JSON
 */
export async function checkStart(format: Format, body: Readable): Promise<void> {
  const sample: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sample.push(chunk);
    bytes += chunk.length;
    if (bytes >= sampleBytes) break;
  }
  const start = Buffer.concat(sample);
  refuseCompressed(start);
  if (format === 'CSV') {
    for await (const rows of csvRows(Readable.from([start]))) for (const _ of rows) return;
    return;
  }
  const cut = bytes >= sampleBytes ? start.lastIndexOf('\n') + 1 : start.length;
  const text = withoutMark(start.toString('utf8', 0, cut));
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    if (parseJson(line) === undefined) throw new BadJson(jacksonError(line, index + 1, text));
  });
  const first = text.split('\n').find((line) => line.trim() !== '');
  if (first === undefined) throw new UnreadableObject('The object is empty');
  if (!first.trimStart().startsWith('{')) throw new UnreadableObject('A line must be one JSON object');
}

async function* jsonRows(body: AsyncIterable<Buffer>): AsyncGenerator<Iterable<Row>> {
  let bytes = 0;
  function* rowsOf(lines: readonly Buffer[]): Generator<Row> {
    for (const line of lines) {
      if (bytes === 0) refuseCompressed(line);
      const text = bytes === 0 ? withoutMark(line.toString('utf8')) : line.toString('utf8');
      bytes += line.length + 1;
      if (text.trim() === '') continue;
      const source = (): string => quoteSource(text);
      if (line.length > maxRecordBytes) yield { problem: 'The line is too long', source, bytes };
      else if (!isUtf8(line)) yield { problem: "The line isn't valid UTF-8", source, bytes };
      else {
        const value = parseJson(text);
        if (value === undefined) yield { problem: jacksonError(text), source: () => '', bytes };
        else yield { value, source, bytes };
      }
    }
  }
  for await (const lines of lineBatches(body, maxRecordBytes)) yield rowsOf(lines);
}

/** `undefined` if it isn't JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function* csvRows(body: AsyncIterable<Buffer>): AsyncGenerator<Iterable<Row>> {
  const skipped: CsvError[] = [];
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    on_skip: (error) => {
      if (error === undefined) return;
      if (endsReading.includes(error.code)) throw new UnreadableObject(error.message);
      skipped.push(error);
    },
  });
  // The parser reports errors of the streams before it.
  pipeline(body, checkFirst, parser).catch(() => undefined);
  let header: CsvHeader | undefined;
  let bytes = 0;
  function* rowsOf(first: readonly string[]): Generator<Row> {
    // Takes all parsed records at once: awaiting each would cost more than parsing it.
    let next: readonly string[] | null = first;
    for (; next !== null; next = parser.read() as readonly string[] | null) {
      const cells = next;
      if (skipped.length > 0) yield* skippedRows(skipped, bytes);
      for (const cell of cells) bytes += cell.length + 1;
      if (header === undefined) header = new CsvHeader(cells);
      else yield* rowsOfRecord(header, cells, bytes);
    }
  }
  for await (const cells of parser as AsyncIterable<string[]>) yield rowsOf(cells);
  if (header === undefined) throw new UnreadableObject('The object has no header');
  yield skippedRows(skipped, bytes);
}

function* rowsOfRecord(header: CsvHeader, cells: readonly string[], bytes: number): Generator<Row> {
  const source = (): string => quoteSource(cells.map(quoteCell).join(','));
  try {
    for (const value of header.values(cells)) yield { value, source, bytes };
  } catch (error) {
    if (!(error instanceof BadRow)) throw error;
    yield { problem: error.message, source, bytes };
  }
}

async function* checkFirst(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of chunks) {
    if (first) refuseCompressed(chunk);
    first = false;
    yield chunk;
  }
}

/** After an unclosed quote the next record boundary is unknowable. */
const endsReading: readonly string[] = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE'];

function* skippedRows(skipped: CsvError[], bytes: number): Generator<Row> {
  for (const { message } of skipped.splice(0)) yield { problem: message, source: () => '', bytes };
}

/** Without a byte order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
