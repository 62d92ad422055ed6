import { inertInDocument } from './inertText.ts';

/** A line of a task's terminal: no escape sequence, line break or address in it comes from the text. */
export function terminalLine(text: string): string {
  return `${inertInDocument(text)}\r\n`;
}
