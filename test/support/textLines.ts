import type { Lines } from '../../src/endpoints/editing/fixes.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';

/** The lines of a string. */
export function linesOf(text: string, type: FileType): Lines {
  const lines = text.split(/\r?\n/);
  return {
    type,
    count: lines.length,
    line: (index) => lines[index],
    lineEnd: /\r?\n/.exec(text)?.[0] ?? '\n',
  };
}
