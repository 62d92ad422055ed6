import { AudienceError } from '../../errors.ts';
import { JsonError } from './jsonText.ts';
import type { Encoding, Line } from './textLines.ts';
import type { Source } from './source.ts';

/** What to do with a JSON array, or with objects that span several lines. */
export const toLinesFirst = 'Convert the file to one object per line first, or validate and correct it.';

/** Runs a reader on one line of JSON and turns its `JsonError` into one with the position in the file. */
export function atLine<T>(source: Pick<Source, 'name'>, line: Line, encoding: Encoding, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const column = units(line.text.slice(0, error.offset), encoding) + 1;
    const isPretty = error.atEnd || line.text.trimStart().startsWith('[');
    throw invalidJson(source, line.number, column, error, isPretty ? toLinesFirst : undefined);
  }
}

/** The error for invalid JSON. */
export function invalidJson(
  source: Pick<Source, 'name'>,
  line: number,
  column: number,
  error: JsonError,
  help = 'Validate the file and correct it.',
): AudienceError {
  return new AudienceError(
    'bad-input',
    `Line ${line}, column ${column} of ${source.name} isn't valid JSON: ${error.message}`,
    { help, cause: error },
  );
}

/** The length in UTF-16 code units, in which editors count columns, after decoding as UTF-8. */
export function units(text: string, encoding: Encoding): number {
  return encoding === 'utf8' ? text.length : Buffer.from(text, 'latin1').toString('utf8').length;
}

/** True for an empty line of NDJSON. */
export function isBlank(line: Line): boolean {
  return /^[ \t\r]*$/.test(line.text);
}
