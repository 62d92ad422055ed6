import { ParsedLines } from '../../src/endpoints/editing/parsedLines.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';

/** The lines of a string. */
export function linesOf(text: string, type: FileType): ParsedLines {
  const lines = text.split(/\r?\n/);
  return new ParsedLines({
    type,
    count: lines.length,
    line: (index) => lines[index],
    lineEnd: /\r?\n/.exec(text)?.[0] ?? '\n',
  });
}
