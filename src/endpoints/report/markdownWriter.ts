import { escaped, unseen } from '../../legible.ts';

/**
 * Writes a Markdown document whose texts are all shown as they are: none of them can be a link, an image, markup or a further line.
 * Editors make Markdown links work, also those that run commands, even in unrendered text.
 */
export class MarkdownWriter {
  readonly #lines: string[] = [];

  heading(level: 1 | 2 | 3, text: string): void {
    this.#lines.push(`${'#'.repeat(level)} ${plain(text)}`, '');
  }

  paragraph(text: string): void {
    // A list or an underline of a heading otherwise.
    this.#lines.push(plain(text).replace(/^(\d*)(?=[-+=.)])/, '$1\\'), '');
  }

  /** Columns after the first are aligned to the right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    this.#lines.push(
      rowOf(head),
      `| ${head.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`,
      ...rows.map(rowOf),
      '',
    );
  }

  get text(): string {
    return `${this.#lines.join('\n').trimEnd()}\n`;
  }
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(plain).join(' | ')} |`;
}

/** Text in one line, without markup. Addresses that some readers make links of get a space. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(unseen, escaped)
    .replace(/(?<=[a-z\d]:)(?=\/\/)/gi, ' ')
    .replace(/(?:mailto|xmpp|www)(?=[:.])/gi, '$& ')
    .replace(/[\\|<>[\]`*_#&~$@]/g, '\\$&')
    .replaceAll('](', ']\\(');
}
