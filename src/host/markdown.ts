import * as vscode from 'vscode';

/** Text as Markdown that shows it as it is. Unlike `appendText`, it leaves blanks alone, so that lines break between words. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$&]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Texts one below the other; absent ones are left out. */
export function paragraphs(...texts: readonly (string | undefined)[]): vscode.MarkdownString {
  return new vscode.MarkdownString(
    texts
      .filter((text) => text !== undefined)
      .map(plain)
      .join('\n\n'),
  );
}

/** A title, and names with values below it; those without a value are left out. */
export function facts(
  title: string,
  rows: readonly (readonly [name: string, value: string | undefined])[],
): vscode.MarkdownString {
  const lines = rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `- ${plain(name)}: ${plain(value ?? '')}`);
  return new vscode.MarkdownString([`**${plain(title)}**`, '', ...lines].join('\n'));
}
