import { inertInDocument } from './inertText.ts';

/** A line of a task's terminal. Escape sequences, line breaks and addresses in the text have no effect. */
export function terminalLine(text: string): string {
  return `${inertInDocument(text)}\r\n`;
}
