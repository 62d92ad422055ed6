import * as vscode from 'vscode';
import { isNamedNdjson, namedFileType } from '../endpoints/model/fileType.ts';
import {
  csvPlace,
  isEndpointHeader,
  isEndpointLine,
  jsonPlace,
  type Place,
} from '../endpoints/editing/cursor.ts';

/*
 * Which open documents are endpoint files. Decided by name, never by language: VS Code has no language for CSV,
 * and each extension that adds one names it differently.
 */
const csvPattern = '**/*.[cC][sS][vV]';
const ndjsonPattern = '**/*.{[nN][dD][jJ][sS][oO][nN],[jJ][sS][oO][nN][lL]}';

/** Documents that may be endpoint files; `positionAt` and `isEndpointFile` decide by their content. */
export const endpointFiles: readonly vscode.DocumentFilter[] = [
  { pattern: csvPattern },
  { pattern: ndjsonPattern },
];

/** Also includes files that may be endpoint files once they are validated on request. */
export const validatedFiles: readonly vscode.DocumentFilter[] = [
  ...endpointFiles,
  { pattern: '**/*.[jJ][sS][oO][nN]' },
];

export function isCsv(document: vscode.TextDocument): boolean {
  return namedFileType(document.uri.path) === 'csv';
}

/** True for NDJSON files, and for CSV files with a header of an endpoint file. */
export function isEndpointFile(document: vscode.TextDocument): boolean {
  if (!isCsv(document) && !isNamedNdjson(document.uri.path)) return false;
  return !isCsv(document) || isEndpointHeader(document.lineAt(0).text);
}

/** True if the header or the first record proves it, so that the file may be changed without a specific request. */
export function isSurelyEndpointFile(document: vscode.TextDocument): boolean {
  if (!isEndpointFile(document)) return false;
  if (isCsv(document)) return true;
  for (let line = 0; line < document.lineCount; line++) {
    const { text, isEmptyOrWhitespace } = document.lineAt(line);
    if (!isEmptyOrWhitespace) return isEndpointLine(text);
  }
  return false;
}

/** What is at a position, with its range; `undefined` in other files and outside of records. */
export function positionAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): { readonly place: Place; readonly range: vscode.Range } | undefined {
  const line = document.lineAt(position.line).text;
  const header = isCsv(document) ? document.lineAt(0).text : undefined;
  if (header !== undefined && position.line > 0 && !isEndpointHeader(header)) return undefined;
  const place =
    header === undefined
      ? jsonPlace(line, position.character)
      : csvPlace(header, line, position.line === 0, position.character);
  if (!place) return undefined;
  return { place, range: new vscode.Range(position.line, place.start, position.line, place.end) };
}
