import { AudienceError } from '../../errors.ts';
import { JsonError } from './jsonText.ts';
import type { Encoding, Line } from './textLines.ts';
import type { Source } from './source.ts';

/** The way out for a JSON array, and for objects that are spread over several lines. */
export const toLinesFirst =
  'Turn the file into one object a line first, or validate it and correct it there.';

/** Does what reads a line of JSON; what is wrong with it becomes an error with the place. */
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

/** The error of JSON that is none. */
export function invalidJson(
  source: Pick<Source, 'name'>,
  line: number,
  column: number,
  error: JsonError,
  help = 'Validate the file, and correct it there.',
): AudienceError {
  return new AudienceError(
    'bad-input',
    `Line ${line}, column ${column} of ${source.name} is no valid JSON: ${error.message}`,
    { help, cause: error },
  );
}

/** How many UTF-16 code units a text has once it is read as UTF-8: how editors count columns. */
export function units(text: string, encoding: Encoding): number {
  return encoding === 'utf8' ? text.length : Buffer.from(text, 'latin1').toString('utf8').length;
}

/** True for an empty line of NDJSON. */
export function isBlank(line: Line): boolean {
  return /^[ \t\r]*$/.test(line.text);
}
