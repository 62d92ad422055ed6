import { throwIfCancelled } from '../../errors.ts';
import type { TextChange } from '../validation/documentValidator.ts';
import type { FileType } from '../model/fileType.ts';
import { FixRecords, type Fixed, type FixOptions, type LeftColumns } from './fixRecords.ts';

export interface FixedTextOptions extends FixOptions {
  readonly text: string;
  readonly type: FileType;
  readonly signal?: AbortSignal | undefined;
}

/** The changes that turn an editor's text into its fixed copy. */
export interface FixedText {
  /** In positions of the original text, sorted and without overlaps. */
  readonly changes: readonly TextChange[];
  readonly fixed: readonly Fixed[];
  readonly left?: LeftColumns;
}

/** Maximum number of changes passed to an editor; beyond it, neighbors are merged. */
const maxChanges = 2000;

/** Small, so that an inexact change covers little text around it. */
const chunkBytes = 8 * 1024;

/** Applies the fixes of `writeFixedCopy` to text. Rejects with `cancelled`, and with `bad-input` if it can't be read as records. */
export async function fixText({ text, type, signal, ...options }: FixedTextOptions): Promise<FixedText> {
  const bytes = Buffer.from(text);
  const records = new FixRecords(type, options);
  const changes: TextChange[] = [];
  const after: Buffer[] = [];
  let line = 0;
  for await (const piece of records.pieces({ name: 'The text', chunks: () => chunksOf(bytes, signal) })) {
    const lines = linesOf(piece.before);
    const edits = piece.edits ?? differences(lines, linesOf(piece.after));
    for (const edit of edits) {
      changes.push({ ...edit, startLine: edit.startLine + line, endLine: edit.endLine + line });
    }
    line += lines.length - 1;
    if (records.isRewritten) after.push(piece.after);
  }
  const whole = text.split(/\r\n|\r|\n/);
  const { fixed, left } = records;
  return {
    changes: records.isRewritten
      ? [{ ...all(whole), text: Buffer.concat(after).toString() }]
      : fewer(changes, whole),
    fixed,
    ...(left && { left }),
  };
}

async function* chunksOf(bytes: Buffer, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // Let a cancel request through.
    if (at % (32 * chunkBytes) === 0) await new Promise(setImmediate);
    throwIfCancelled(signal);
    yield bytes.subarray(at, at + chunkBytes);
  }
}

/** Without line endings: an editor writes its own. */
function linesOf(bytes: Buffer): string[] {
  return bytes.toString().split(/\r\n|\r|\n/);
}

type Span = Omit<TextChange, 'text'>;

function all(lines: readonly string[]): Span {
  return { startLine: 0, startCharacter: 0, endLine: lines.length - 1, endCharacter: lines.at(-1)!.length };
}

/** Changes line by line if the counts are equal, else one change from the first to the last line that differs. */
function differences(before: readonly string[], after: readonly string[]): TextChange[] {
  if (before.length === after.length) {
    return before.flatMap((old, index) => {
      const text = after[index]!;
      return old === text
        ? []
        : [{ startLine: index, startCharacter: 0, endLine: index, endCharacter: old.length, text }];
    });
  }
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter - 1 && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - 1 - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const last = before.length - 1 - end;
  return [
    {
      startLine: start,
      startCharacter: 0,
      endLine: last,
      endCharacter: before[last]!.length,
      text: after.slice(start, after.length - end).join('\n'),
    },
  ];
}

/** Merges changes, with the text between them, down to `maxChanges`. */
function fewer(changes: readonly TextChange[], lines: readonly string[]): readonly TextChange[] {
  const size = Math.ceil(changes.length / maxChanges);
  if (size <= 1) return changes;
  return Array.from({ length: Math.ceil(changes.length / size) }, (_, index) => {
    const group = changes.slice(index * size, (index + 1) * size);
    const [first, last] = [group[0]!, group.at(-1)!];
    const text = group.map((change, at) => {
      const next = group[at + 1];
      return next === undefined ? change.text : change.text + between(lines, change, next);
    });
    const { startLine, startCharacter } = first;
    const { endLine, endCharacter } = last;
    return { startLine, startCharacter, endLine, endCharacter, text: text.join('') };
  });
}

/** The text between a change and the next one. */
function between(lines: readonly string[], { endLine, endCharacter }: Span, next: Span): string {
  if (endLine === next.startLine) return lines[endLine]!.slice(endCharacter, next.startCharacter);
  return [
    lines[endLine]!.slice(endCharacter),
    ...lines.slice(endLine + 1, next.startLine),
    lines[next.startLine]!.slice(0, next.startCharacter),
  ].join('\n');
}
