import type { Finding } from '../../src/endpoints/rules/finding.ts';

/** A range: lines and columns are 1-based, columns count UTF-16 code units, the end is exclusive. */
export type Place = Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>;

/** A part of one line. */
export function inLine(line: number, column: number, length: number): Place {
  return { line, column, endLine: line, endColumn: column + length };
}

/** A part of another part: `start` and `end` count from where that one begins. */
export function within(place: Place, start: number, end: number): Place {
  return inLine(place.line, place.column + start, end - start);
}
