import * as vscode from 'vscode';
import type { CommandId } from '../host/commandIds.ts';

/** A read-only text with places to click. */
export interface Page {
  readonly text: string;
  readonly links: readonly vscode.DocumentLink[];
  /** What can be done, as lenses over lines: one click, and a command for the keyboard ("Show CodeLens Commands For Current Line"). */
  readonly actions: readonly PageAction[];
}

export interface PageAction {
  /** From 0. */
  readonly line: number;
  readonly title: string;
  readonly command: CommandId;
  readonly args: readonly unknown[];
}

/** A piece of a line that leads somewhere. */
export interface Link {
  readonly text: string;
  readonly target: vscode.Uri;
  readonly tooltip?: string;
}

export type Part = string | Link;

/** Writes a page line by line and keeps where its links are. Text is Markdown, so that headings fold and show in the outline. */
export class PageWriter {
  readonly #lines: string[] = [];
  readonly #links: vscode.DocumentLink[] = [];
  readonly #actions: PageAction[] = [];

  heading(level: 1 | 2 | 3, text: string): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.line();
    this.line(`${'#'.repeat(level)} ${text}`);
    this.line();
  }

  line(...parts: readonly Part[]): void {
    let text = '';
    for (const part of parts) {
      // One line stays one line, whatever a service or a file name holds.
      const piece = (typeof part === 'string' ? part : part.text).replace(/\s*[\r\n]+\s*/g, ' ');
      if (typeof part !== 'string') {
        const row = this.#lines.length;
        const link = new vscode.DocumentLink(
          new vscode.Range(row, text.length, row, text.length + piece.length),
          part.target,
        );
        if (part.tooltip !== undefined) link.tooltip = part.tooltip;
        this.#links.push(link);
      }
      text += piece;
    }
    this.#lines.push(text);
  }

  /** Puts an action over the line that is written next. */
  action(title: string, command: CommandId, ...args: readonly unknown[]): void {
    this.#actions.push({ line: this.#lines.length, title, command, args });
  }

  /** Names and values in two columns; rows without a value are left out. */
  table(rows: readonly (readonly [name: string, value: Part | undefined])[]): void {
    const filled = rows.filter(
      (row): row is readonly [string, Part] => row[1] !== undefined && row[1] !== '',
    );
    const width = Math.max(0, ...filled.map(([name]) => name.length));
    for (const [name, value] of filled) this.line(`- ${name.padEnd(width)}  `, value);
  }

  get page(): Page {
    return { text: `${this.#lines.join('\n')}\n`, links: this.#links, actions: this.#actions };
  }
}

/** A link that runs a command. */
export function commandLink(text: string, id: CommandId, ...args: readonly unknown[]): Link {
  return { text, target: vscode.Uri.parse(`command:${id}?${encodeURIComponent(JSON.stringify(args))}`) };
}

/** A link to a place in a file; line and column are 1-based. */
export function fileLink(text: string, file: vscode.Uri, line?: number, column = 1): Link {
  return { text, target: line === undefined ? file : file.with({ fragment: `L${line},${column}` }) };
}
