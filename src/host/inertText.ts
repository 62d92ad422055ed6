import { escaped, unseen } from '../legible.ts';

/*
 * Text from files, services and the file system is data wherever the window shows it. VS Code makes links of
 * `[label](command:…)` in notifications, progress titles and quick inputs, icons of `$(name)` in labels, and links of
 * `http://`, `https://` and `file://` in documents, the log and terminals. A space at the start of each prevents that.
 */

/** Maximum length of a text in a message. Notifications show 1000 characters. */
const maxLength = 1000;

/** Maximum length of a line in a document: longer than any that a person reads. */
const maxLineLength = 10_000;

/** Text in one line, with invisible characters as escapes, such as `\u202e`. Changes nothing else. */
export function visible(text: string): string {
  // A pattern that includes the spaces before a break would take minutes for a megabyte of spaces.
  const [first = '', ...others] = text.split(/[\r\n\u2028\u2029]\s*/);
  return [first, ...others]
    .map((line, index) => (index < others.length ? line.trimEnd() : line))
    .join(' ')
    .replaceAll('\t', ' ')
    .replace(unseen, escaped);
}

/** Text for labels and messages: one line of bounded length, in which the window finds neither links nor icons. */
export function inert(text: string, limit = maxLength): string {
  return bounded(visible(text), limit).replaceAll('](', '] (').replaceAll('$(', '$ (');
}

/** Text for documents, the log and terminals, which turn addresses into links. */
export function inertInDocument(text: string): string {
  return inert(text, maxLineLength).replace(/(?<=https?:|file:)(?=\/\/)/gi, ' ');
}

/** A line of a task's terminal. Escape sequences, line breaks and addresses in the text have no effect. */
export function terminalLine(text: string): string {
  return `${inertInDocument(text)}\r\n`;
}

function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // Not between two surrogates of one character.
  return `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * An error with inert texts, for errors that VS Code shows itself: it reports a command's rejection in a notification.
 */
export function inertError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? inert(error) : error;
  for (const name of ['message', 'help'] as const) {
    const text: unknown = (error as { readonly help?: unknown; readonly message: unknown })[name];
    if (typeof text === 'string' && inert(text) !== text)
      Object.defineProperty(error, name, { value: inert(text), configurable: true });
  }
  return error;
}
