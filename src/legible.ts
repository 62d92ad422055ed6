/*
 * Text from files, services and the file system is data wherever it is printed: terminals execute escape sequences, and build
 * logs execute lines such as `::error::…` (GitHub Actions) or `##vso[…]` (Azure Pipelines).
 */

/** Characters that are invisible or change how others are displayed: controls, bidirectional marks, tags, lone surrogates. */
export const unseen =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

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
