import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { CsvRecord } from './csvReader.ts';
import { csvRecords } from './csvReader.ts';
import { BadRow, CsvHeader } from './importHeader.ts';
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
  function* rowsOf(lines: Iterable<Buffer>): Generator<Row> {
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
  let header: CsvHeader | undefined;
  let bytes = 0;
  function* rowsOf(records: Iterable<CsvRecord>): Generator<Row> {
    for (const record of records) {
      bytes += record.text.length + 1;
      if (header !== undefined) yield* rowsOfRecord(header, record, bytes);
      else if (record.problem !== undefined) throw new UnreadableObject(`${record.problem} in the header`);
      else header = new CsvHeader(record.cells);
    }
  }
  for await (const records of csvRecords(uncompressed(body), maxRecordBytes)) yield rowsOf(records);
  if (header === undefined) throw new UnreadableObject('The object has no header');
}

function* rowsOfRecord(header: CsvHeader, record: CsvRecord, bytes: number): Generator<Row> {
  const source = (): string => quoteSource(record.text);
  if (record.problem !== undefined) {
    yield { problem: record.problem, source, bytes };
    return;
  }
  try {
    for (const value of header.values(record)) yield { value, source, bytes };
  } catch (error) {
    if (!(error instanceof BadRow)) throw error;
    yield { problem: error.message, source, bytes };
  }
}

/** @throws UnreadableObject if the first bytes are those of a compressed file */
async function* uncompressed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) refuseCompressed(chunk);
    isFirst = false;
    yield chunk;
  }
}

/** Without a byte order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
