import { withoutAddresses } from './redaction.ts';

/**
 * A service's text without quotes from a file. A row can imitate the service's text, with quotation marks, positions and brackets,
 * so only parts that a row can't control stay: how the text begins, and the position at its very end. Texts without a quote only
 * lose values that look like an address.
 */
export function withoutRowContent(message: string): string {
  const known = jacksonKinds.find((each) => message.startsWith(each));
  // A truncated parser error, or one without its source, still quotes a value.
  if (known === undefined && !message.includes('[Source:')) return withoutAddresses(message);
  const kind = known ?? 'A record could not be read';
  const position = /; line: (\d{1,10}), column: (\d{1,10})\]$/.exec(message.trimEnd());
  return position === null ? kind : `${kind} at line ${position[1]}, column ${position[2]}`;
}

/** The beginnings of Jackson's messages, up to the first part that quotes a row. */
const jacksonKinds: readonly string[] = [
  'Unexpected character',
  'Unexpected end-of-input',
  'Unexpected close marker',
  'Unrecognized token',
  'Unrecognized field',
  'Unrecognized character escape',
  'Illegal unquoted character',
  'Illegal character',
  'Invalid numeric value',
  'Invalid UTF-8',
  'Duplicate field',
  'Numeric value out of range',
  'Cannot deserialize value',
  'Cannot deserialize instance',
  'Cannot construct instance',
  'Cannot coerce',
  'Missing required creator property',
  'Trailing token',
  'No content to map due to end-of-input',
  'Document nesting depth exceeds the maximum allowed',
];
