import type { Place } from './place.ts';

/** A cell as it is written, quotes and all. */
export type Cell = string;

/** A CSV file before it is written. The first row is the header; a row without cells is an empty line. */
export interface CsvFile {
  readonly bom: boolean;
  readonly rows: readonly (readonly Cell[])[];
  readonly separator: string;
  readonly lineEnd: '\n' | '\r\n';
  readonly lastLineEnd: boolean;
}

/** A value between quotes, as RFC 4180 has it. */
export function quoted(value: string): Cell {
  return `"${value.replaceAll('"', '""')}"`;
}

/** True where a value has to be quoted. */
export function needsQuotes(value: string): boolean {
  return /[",\n\r]/.test(value);
}

/** What is in the file. */
export function csvText(file: CsvFile): string {
  const lines = file.rows.map((row) => row.join(file.separator));
  return `${file.bom ? '\uFEFF' : ''}${lines.join(file.lineEnd)}${file.lastLineEnd ? file.lineEnd : ''}`;
}

/** Where a cell is, with the quotes around it. Rows are taken to be lines; a byte order mark is no part of the text. */
export function cellPlace(file: CsvFile, row: number, column: number): Place {
  const cells = file.rows[row]!;
  let start = 1;
  for (let before = 0; before < column; before++) start += cells[before]!.length + file.separator.length;
  return { line: row + 1, column: start, endLine: row + 1, endColumn: start + cells[column]!.length };
}
