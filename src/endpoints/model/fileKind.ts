import { limits } from './attributes.ts';
import type { Text } from './byteText.ts';
import type { FileType } from './fileType.ts';
import type { HeadFindings } from '../validation/findingList.ts';
import { messageOf, type RuleCode } from '../rules/ruleTable.ts';

/** Signatures of compressed files. */
const compressed: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Byte order marks other than UTF-8. The longer ones come first: UTF-16LE starts like UTF-32LE. */
const otherMarks: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['UTF-32LE', [0xff, 0xfe, 0x00, 0x00]],
  ['UTF-32BE', [0x00, 0x00, 0xfe, 0xff]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];

/** NUL patterns in the first four bytes of text without a mark that starts with a letter, quote or bracket. */
const otherPatterns: readonly (readonly [name: string, nuls: string])[] = [
  ['UTF-32LE', '.000'],
  ['UTF-32BE', '000.'],
  ['UTF-16LE', '.0.0'],
  ['UTF-16BE', '0.0.'],
];

const utf8Mark = [0xef, 0xbb, 0xbf] as const;

type Bytes = Pick<Text, 'bytes' | 'end'>;

function startsWith(text: Bytes, bytes: readonly number[]): boolean {
  return text.end >= bytes.length && bytes.every((byte, index) => text.bytes[index] === byte);
}

/** The start of the text: after a UTF-8 byte order mark, or 0. */
export function textStart(text: Text): number {
  return startsWith(text, utf8Mark) ? utf8Mark.length : 0;
}

/** The format of a file that isn't UTF-8 text: compressed, or another encoding. */
interface OtherFormat {
  readonly kind: 'compressed' | 'encoding';
  readonly name: string;
}

/** Detects a format other than UTF-8 text from the first bytes of a file, at least six if it has as many. */
export function otherFormatOf(bytes: Uint8Array): OtherFormat | undefined {
  return otherFormat({ bytes, end: bytes.length });
}

function otherFormat(text: Bytes): OtherFormat | undefined {
  const packed = compressed.find(([, bytes]) => startsWith(text, bytes));
  if (packed !== undefined) return { kind: 'compressed', name: packed[0] };
  const encoding = otherEncoding(text);
  return encoding === undefined ? undefined : { kind: 'encoding', name: encoding };
}

function otherEncoding(text: Bytes): string | undefined {
  const mark = otherMarks.find(([, bytes]) => startsWith(text, bytes));
  if (mark !== undefined) return mark[0];
  if (text.end < 4) return undefined;
  const nuls = [...text.bytes.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : '.')).join('');
  return otherPatterns.find(([, pattern]) => pattern === nuls)?.[0];
}

/**
 * Validates a file as a whole from its start. `text` is the entire file if `whole`, else at least its first line.
 * False if it can't be read as records.
 */
export function validateFileKind(text: Text, type: FileType, whole: boolean, found: HeadFindings): boolean {
  const add = (code: RuleCode, at: number, word = '', variant?: string): void =>
    found.add(code, 1, at, at, at, messageOf(code, { word }, variant));
  const start = textStart(text);
  const other = otherFormat(text);
  if (other !== undefined) {
    if (other.kind === 'compressed') add('file-compressed', 0, other.name);
    else add('file-encoding', 0, other.name, 'other');
    return false;
  }
  // Editors don't show the mark, so the finding has a position but no width.
  if (start > 0) add('file-bom', start);
  if (start === text.end) {
    add('file-empty', start, '', 'file');
    return false;
  }
  if (type === 'ndjson' && isSpread(text, start, whole)) {
    let first = start;
    while (text.bytes[first]! <= 0x20) first++;
    const variant = text.bytes[first] === 0x5b ? 'array' : 'spread';
    found.add('file-json-array', 1, start, first, first + 1, messageOf('file-json-array', {}, variant));
    return false;
  }
  return true;
}

/** Reports a size over the limit of an import job. `bytes` may be just what is known so far. */
export function validateSize(bytes: number, found: HeadFindings): void {
  if (bytes < limits.fileBytesWarning) return;
  found.add(
    'file-too-large',
    1,
    0,
    0,
    0,
    messageOf('file-too-large', { number: bytes }),
    bytes > limits.fileBytes ? 'error' : 'warning',
  );
}

/** The start of an array of endpoints, as opposed to a log line: `[INFO] …`. */
const arrayStart = /^\[\s*(?:$|[[{"\]])/;

/**
 * True for one JSON array, and for objects that span several lines. False if the first line is complete JSON (unless it is
 * an array and the entire text), or is truncated but followed by a line that starts a new object.
 */
function isSpread(text: Text, start: number, whole: boolean): boolean {
  const lines = text
    .string(start, text.end)
    .split('\n')
    .map((line) => line.trim());
  if (!whole) lines.pop();
  const [first = '', second] = lines.filter((line) => line !== '');
  const hasLongStart = !whole && lines.every((line) => line === '');
  if (hasLongStart) return arrayStart.test(text.string(start, text.end).trimStart());
  if (!/^[[{]/.test(first)) return false;
  if (isJson(first)) return first.startsWith('[') && second === undefined && whole;
  if (first.startsWith('[')) return arrayStart.test(first);
  return /[{[,]$/.test(first) && second !== undefined && !second.startsWith('{');
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** The offset of the first byte that isn't UTF-8, or -1. Slow: use it only for bytes known to be invalid. */
export function firstNotUtf8(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length =
      lead >= 0xc2 && lead <= 0xdf ? 2 : (lead & 0xf0) === 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length === 0 || at + length > end) return at;
    const second = bytes[at + 1]!;
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) return at;
    for (let index = 2; index < length; index++) if ((bytes[at + index]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return -1;
}
