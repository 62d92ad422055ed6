import type { TextChange } from '../../../src/endpoints/validation/documentValidator.ts';
import { fixText, type FixedTextOptions } from '../../../src/endpoints/transform/fixedText.ts';

/** A text with changes that do not overlap, as an editor makes them: lines end as the first one does. */
export function changed(text: string, changes: readonly TextChange[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const pieces: string[] = [];
  let at = 0;
  for (const { startLine, startCharacter, endLine, endCharacter, text: put } of changes) {
    const start = starts[startLine]! + startCharacter;
    if (start < at) throw new Error('Changes overlap, or are not in their order');
    pieces.push(text.slice(at, start), put.replaceAll(/\r?\n/g, eol));
    at = starts[endLine]! + endCharacter;
  }
  return pieces.join('') + text.slice(at);
}

/** A text with everything put right that the options say. */
export async function fixedText(options: FixedTextOptions): Promise<string> {
  return changed(options.text, (await fixText(options)).changes);
}
