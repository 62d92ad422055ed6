import { isUtf8 } from 'node:buffer';
import { AudienceError } from '../../errors.ts';
import type { Source } from './source.ts';

/** One line of a file. */
export interface Line {
  /** 1-based. */
  readonly number: number;
  /** Without its line feed, but including a carriage return. */
  readonly text: string;
  /** False if the file ends without a line feed. */
  readonly ended: boolean;
}

/**
 * How lines are decoded: `utf8` as text, `latin1` as one character per byte, so that writing them as `latin1` restores
 * the bytes. The characters that structure CSV and JSON are the same in both.
 */
export type Encoding = 'utf8' | 'latin1';

/** Maximum length of a line and of a record: a thousand times the limit of an endpoint. */
export const maxRecordBytes = 16 * 1024 * 1024;

const lineFeed = 10;

/**
 * The lines of a file in batches, one per piece read from disk, each to be consumed before the next.
 * Throws `bad-input` for a line over `maxRecordBytes` and, with `utf8`, for one that isn't UTF-8.
 */
export async function* readLines(source: Source, encoding: Encoding): AsyncGenerator<Iterable<Line>> {
  let number = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;

  const cut = function* (region: Buffer): Generator<Line> {
    if (encoding === 'utf8' && !isUtf8(region)) throw notUtf8(source, region, number);
    for (let start = 0; start < region.length;) {
      const at = region.indexOf(lineFeed, start);
      const end = at < 0 ? region.length : at;
      yield { number: number++, text: region.toString(encoding, start, end), ended: at >= 0 };
      start = end + 1;
    }
  };

  for await (const chunk of source.chunks()) {
    const whole = chunk.lastIndexOf(lineFeed) + 1;
    if (whole > 0) {
      const region = chunk.subarray(0, whole);
      yield cut(rest.length === 0 ? region : Buffer.concat([...rest, region]));
      rest = [];
      restBytes = 0;
    }
    if (whole < chunk.length) rest.push(chunk.subarray(whole));
    restBytes += chunk.length - whole;
    if (restBytes > maxRecordBytes) throw tooLong(source, number);
  }
  if (restBytes > 0) yield cut(Buffer.concat(rest));
}

/** The error for a record that is too long. */
export function tooLong(source: Pick<Source, 'name'>, line: number): AudienceError {
  return new AudienceError(
    'bad-input',
    `The record in line ${line} of ${source.name} is longer than ${maxRecordBytes / 1024 / 1024} MiB`,
    { help: 'Check that it has LF or CRLF line endings and that every quote is closed.' },
  );
}

function notUtf8(source: Source, region: Buffer, first: number): AudienceError {
  let line = first;
  let start = 0;
  for (;;) {
    const end = region.indexOf(lineFeed, start);
    if (end < 0 || !isUtf8(region.subarray(start, end))) break;
    start = end + 1;
    line++;
  }
  return new AudienceError('bad-input', `Line ${line} of ${source.name} isn't valid UTF-8`, {
    help: 'Save the file as UTF-8.',
  });
}
