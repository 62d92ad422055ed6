/*
 * Text from files, services and the file system is data wherever it is printed: terminals execute escape sequences, and build
 * logs execute lines such as `::error::…` (GitHub Actions) or `##vso[…]` (Azure Pipelines).
 */

/*
 * What a reader can't see is written as an escape: controls, lone surrogates, private use, format and default ignorable characters
 * (zero width, bidirectional, fillers, tags, variation selectors), and those that look like a space but aren't one. Spaces stay.
 *
 * Some of them are part of how a name is written, and stay where they belong: the joiners of emoji, and their selectors; joiners after
 * a virama, and the non-joiner between Arabic, Syriac or Mongolian letters; the variant of a Chinese character; number signs that
 * Unicode counts as format characters but that have ink.
 */

/** No script in use today stacks more on a letter. */
const maxMarks = 5;

const virama =
  '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u1039\\u103a\\u17d2]';
const joiningLetter = '(?=\\p{L})[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Nkoo}]';

/** Characters that belong where they are. */
const belonging: readonly string[] = [
  '(?<=\\p{Extended_Pictographic}[\\ufe0e\\ufe0f]?|\\p{Emoji_Modifier})\\u200d(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  `(?<=(?<!\\p{M}{${maxMarks}})${virama})[\\u200c\\u200d]`,
  `(?<=${joiningLetter})\\u200c(?=${joiningLetter})`,
  '(?<=\\p{Unified_Ideograph})[\\u{e0100}-\\u{e01ef}]',
  '[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}]',
];

const neverSeen = '[\\p{Cc}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}]';
const looksBlank = '[\\u2800\\ufffc\\u{13441}\\u{13442}\\u{1d159}]';
const ignorable = `(?!${belonging.join('|')})[\\p{Cf}\\p{Default_Ignorable_Code_Point}]`;
const tooManyMarks = `(?<=\\p{M}{${maxMarks}})\\p{M}`;

/** Characters that are invisible or change how others are displayed. */
export const unseen = new RegExp([neverSeen, looksBlank, ignorable, tooManyMarks].join('|'), 'gu');

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** GitHub Actions, Azure Pipelines and TeamCity look for these anywhere in a line. */
const commandInLine = /#(?=#[\w.-]*\[)/g;

/** Commands and headings at the start of a line, also after spaces: GitHub Actions, Travis CI, GitLab and Buildkite. */
const commandAtStart = /^(\s*)(?=::|travis_|section_(?:start|end):|---|\+\+\+|~~~|\^\^\^)(.)/u;

/** Text as one line in which every character can be seen, and nothing is a command to a terminal or a build log. */
export function legible(text: string): string {
  return text
    .replace(unseen, (character) => shortEscapes.get(character) ?? escaped(character))
    .replace(commandInLine, escaped)
    .replace(commandAtStart, (_, spaces: string, first: string) => spaces + escaped(first));
}

/** A value as JSON in which nothing is a command either. Parsed, it is the same value. */
export function legibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent)
    .replace(unseen, (character) => (character === '\n' ? character : codeUnits(character)))
    .replace(commandInLine, codeUnits);
}

/** A character as an escape, such as `\u202e`. */
export function escaped(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** Escaped as in JSON. */
function codeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
