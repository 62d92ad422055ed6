import * as vscode from 'vscode';
import { inert } from './inertText.ts';

/**
 * Text as Markdown that shows it as it is, in one line. Punctuation becomes entities, so that it contains
 * no markup, no image and no address that becomes a link.
 */
function plain(text: string): string {
  return inert(text)
    .replace(/[!-/:-@[-`{-~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/\s+/g, ' ');
}

/** Texts as paragraphs; `undefined` ones are omitted. */
export function paragraphs(...texts: readonly (string | undefined)[]): vscode.MarkdownString {
  return new vscode.MarkdownString(
    texts
      .filter((text) => text !== undefined)
      .map(plain)
      .join('\n\n'),
  );
}

/** A title, and below it names with values; those without a value are omitted. */
export function facts(
  title: string,
  rows: readonly (readonly [name: string, value: string | undefined])[],
): vscode.MarkdownString {
  const lines = rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `- ${plain(name)}: ${plain(value ?? '')}`);
  return new vscode.MarkdownString([`**${plain(title)}**`, '', ...lines].join('\n'));
}

/** Markdown from our own tables, such as the help on attributes. Never contains text from elsewhere. */
export function ownMarkdown(markdown: string): vscode.MarkdownString {
  return new vscode.MarkdownString(markdown);
}

/** A hover with a heading that shows `title` as it is. */
export function hover(
  title: string,
  range: vscode.Range,
  ...contents: readonly vscode.MarkdownString[]
): vscode.Hover {
  return new vscode.Hover([new vscode.MarkdownString(`### ${plain(title)}`), ...contents], range);
}
