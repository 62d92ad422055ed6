import * as vscode from 'vscode';
import type { CommandId } from '../host/commandIds.ts';
import type { LinkedPlace, ResultDocument } from '../endpoints/transform/resultDocuments.ts';
import { inert, inertInDocument, visible } from '../host/inertText.ts';

/** A read-only text with links. */
export interface Page {
  readonly text: string;
  readonly links: readonly vscode.DocumentLink[];
  /** Shown as code lenses, which the keyboard reaches by "Show CodeLens Commands for Current Line". */
  readonly actions: readonly PageAction[];
  /** Its headings, for the outline and for folding. */
  readonly outline: readonly PageHeading[];
}

interface PageHeading {
  /** From 0. */
  readonly line: number;
  readonly level: 1 | 2 | 3;
  readonly title: string;
}

interface PageAction {
  /** From 0. */
  readonly line: number;
  readonly title: string;
  readonly command: CommandId;
  readonly args: readonly unknown[];
}

/** A part of a line that links somewhere. */
export interface Link {
  readonly text: string;
  readonly target: vscode.Uri;
  readonly tooltip?: string;
  /** The text is the address itself. */
  readonly isAddress?: boolean;
}

export type Part = string | Link;

/**
 * Writes a page line by line and collects its links. Text is shown as it is, in one line; only a `Link` can be followed.
 * The documents are plain text, since VS Code follows the links of Markdown itself.
 */
export class PageWriter {
  readonly #lines: string[] = [];
  readonly #links: vscode.DocumentLink[] = [];
  readonly #actions: PageAction[] = [];
  readonly #outline: PageHeading[] = [];

  heading(level: 1 | 2 | 3, text: string): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.line();
    this.#outline.push({ line: this.#lines.length, level, title: inertInDocument(text) });
    this.line(`${'#'.repeat(level)} ${text}`);
    this.line();
  }

  line(...parts: readonly Part[]): void {
    let text = '';
    for (const part of parts) {
      const piece = pieceOf(part);
      if (typeof part !== 'string') {
        const row = this.#lines.length;
        const link = new vscode.DocumentLink(
          new vscode.Range(row, text.length, row, text.length + piece.length),
          part.target,
        );
        if (part.tooltip !== undefined) link.tooltip = inert(part.tooltip);
        this.#links.push(link);
      }
      text += piece;
    }
    this.#lines.push(text);
  }

  /** Adds an action above the next line. */
  action(title: string, command: CommandId, ...args: readonly unknown[]): void {
    this.#actions.push({ line: this.#lines.length, title, command, args });
  }

  /** Names and values in two columns; rows without a value are omitted. */
  table(rows: readonly (readonly [name: string, value: Part | undefined])[]): void {
    const filled = rows.filter(
      (row): row is readonly [string, Part] => row[1] !== undefined && row[1] !== '',
    );
    const width = Math.max(0, ...filled.map(([name]) => name.length));
    for (const [name, value] of filled) this.line(`- ${name.padEnd(width)}  `, value);
  }

  get page(): Page {
    return {
      text: `${this.#lines.join('\n')}\n`,
      links: this.#links,
      actions: this.#actions,
      outline: this.#outline,
    };
  }
}

function pieceOf(part: Part): string {
  if (typeof part === 'string') return inertInDocument(part);
  return part.isAddress === true ? visible(part.text) : inertInDocument(part.text);
}

/** Writes documents of the core one after the other. */
export function pageOf(documents: readonly ResultDocument[]): Page {
  const page = new PageWriter();
  for (const document of documents) {
    for (const [index, line] of document.entries()) {
      const heading = headingIn(line);
      if (heading) page.heading(heading.level, heading.title);
      else if (line.length > 0 || !headingIn(document[index - 1]))
        page.line(...line.map((part) => (typeof part === 'string' ? part : placeLink(part))));
    }
  }
  return page.page;
}

/** A heading; the empty line below it is part of it. */
function headingIn(
  line: ResultDocument[number] | undefined,
): { readonly level: 1 | 2 | 3; readonly title: string } | undefined {
  const [only, ...others] = line ?? [];
  if (typeof only !== 'string' || others.length > 0) return undefined;
  const [, marks, title] = /^(#{1,3}) (.*)$/s.exec(only) ?? [];
  return marks === undefined || title === undefined ? undefined : { level: marks.length as 1 | 2 | 3, title };
}

function placeLink({ text, path, line }: LinkedPlace): Link {
  return fileLink(text, vscode.Uri.file(path), line);
}

/** A link that runs a command. */
export function commandLink(text: string, id: CommandId, ...args: readonly unknown[]): Link {
  return { text, target: vscode.Uri.parse(`command:${id}?${encodeURIComponent(JSON.stringify(args))}`) };
}

/** A link to a page of the web. */
export function webLink(url: string, text = url): Link {
  return { text, target: vscode.Uri.parse(url, true), tooltip: url, isAddress: text === url };
}

/** A link to a place in a file; line and column are 1-based. */
export function fileLink(text: string, file: vscode.Uri, line?: number, column = 1): Link {
  return { text, target: line === undefined ? file : file.with({ fragment: `L${line},${column}` }) };
}
